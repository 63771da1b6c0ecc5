//! The other panels of this website: in other tabs, or elsewhere on the page.
//!
//! A visitor has one microphone and holds one conversation. Panels tell each
//! other in a word who is on a call, over a `BroadcastChannel`; browsers keep
//! the channels of different websites apart, also of those we are embedded in.

use std::cell::Cell;
use std::rc::Rc;

use wasm_bindgen::JsValue;
use web_sys::BroadcastChannel;

use browser::ui::json;
use browser::ui::web::Listener;

/// What panels tell each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    /// Is anybody on a call?
    Who,
    /// I am.
    Here,
    /// I am no more.
    Gone,
    /// Hang up: the visitor calls from here.
    End,
    /// Come forward: the visitor goes on over there.
    Show,
}

const WORDS: [(Word, &str); 5] = [
    (Word::Who, "who"),
    (Word::Here, "here"),
    (Word::Gone, "gone"),
    (Word::End, "end"),
    (Word::Show, "show"),
];

/// The way to the other panels.
#[derive(Debug)]
pub(super) struct Tabs {
    /// Absent where the browser has none; then every panel is alone.
    channel: Option<BroadcastChannel>,
    /// Whether one of them is on a call.
    elsewhere: Rc<Cell<bool>>,
}

impl Tabs {
    /// Joins them.
    pub(super) fn join() -> Self {
        Self {
            channel: BroadcastChannel::new("switchboard").ok(),
            elsewhere: Rc::default(),
        }
    }

    /// Whether one of them is on a call.
    pub(super) fn elsewhere(&self) -> bool {
        self.elsewhere.get()
    }

    /// Tells them.
    pub(super) fn say(&self, word: Word) {
        if word == Word::End {
            self.elsewhere.set(false);
        }
        if let Some(channel) = &self.channel
            && let Some((_, text)) = WORDS.iter().find(|(it, _)| *it == word)
        {
            // Fails only for what cannot be copied, and on a closed channel.
            let _ = channel.post_message(&JsValue::from_str(text));
        }
    }

    /// Hears them for as long as the page lives, and asks who is on a call.
    pub(super) fn listen(&self, hear: impl Fn(Word) + 'static) {
        let Some(channel) = &self.channel else { return };
        let (elsewhere, ask) = (self.elsewhere.clone(), channel.clone());
        let listener = Listener::new(channel, "message", move |event| {
            let text = json::string(&event, "data");
            let word = WORDS.iter().find(|(_, it)| Some(*it) == text.as_deref());
            let Some((word, _)) = word else { return };
            match word {
                Word::Here => elsewhere.set(true),
                Word::Gone => {
                    elsewhere.set(false);
                    // There may be a third.
                    let _ = ask.post_message(&JsValue::from_str("who"));
                }
                _ => hear(*word),
            }
        });
        // The panel and its page end together.
        std::mem::forget(listener);
        self.say(Word::Who);
    }
}
