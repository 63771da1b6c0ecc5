//! The conversation with the launcher in the host page and with our own later
//! scripts (`before.js`): objects of the form `{switchboard: 1, type, …}`.
//!
//! Who may frame the panel is decided by the browser (`frame-ancestors` made
//! from the key's origins), so whoever is the parent may open and close it.
//! Messages of any other window are ignored. The parent is never told a secret;
//! what opens a call goes to our own scripts alone ([`Host::whisper`]).

use std::cell::Cell;

use wasm_bindgen::JsValue;
use web_sys::Window;

use browser::call::session::Phase;
use browser::ui::json;
use browser::ui::web::{Listener, call, window};

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asker {
    /// The host page.
    Parent,
    /// Our own scripts in the panel's page.
    Ourselves,
}

/// The window around the panel, if there is one.
#[derive(Debug)]
pub(super) struct Host {
    window: Option<Window>,
    /// What everybody was told last.
    told: Cell<Option<(Phase, bool)>>,
}

impl Host {
    /// Finds the window around the panel.
    pub(super) fn find() -> Self {
        let window = window();
        let parent = window.parent().ok().flatten();
        let parent = parent.filter(|parent| **parent != *window);
        Self {
            window: parent,
            told: Cell::new(None),
        }
    }

    /// Whether there is one.
    pub(super) fn exists(&self) -> bool {
        self.window.is_some()
    }

    /// Hears what is asked for (the message's `type`, and the message), for as
    /// long as the page lives.
    pub(super) fn listen(&self, mut hear: impl FnMut(Asker, &str, &JsValue) + 'static) {
        let parent = self.window.clone();
        let here = window();
        let listener = Listener::new(&window(), "message", move |event| {
            let source = json::get(&event, "source");
            let asker = match &parent {
                Some(parent) if source == ****parent => Asker::Parent,
                _ if source == ***here => Asker::Ourselves,
                _ => return,
            };
            let data = json::get(&event, "data");
            if json::number(&data, "switchboard") == Some(1.0)
                && let Some(kind) = json::string(&data, "type")
            {
                hear(asker, &kind, &data);
            }
        });
        // The panel and its page end together.
        std::mem::forget(listener);
    }

    /// Where the call stands. Says nothing twice, and returns whether the phase
    /// was news. `more` says what else there is to know about it.
    pub(super) fn say_phase(&self, phase: Phase, muted: bool, more: &[(&str, JsValue)]) -> bool {
        let before = self.told.replace(Some((phase, muted)));
        if before == Some((phase, muted)) {
            return false;
        }
        let reason = match phase {
            Phase::Ended(reason) => JsValue::from_str(reason.name()),
            _ => JsValue::UNDEFINED,
        };
        let fault = matches!(phase, Phase::Ended(reason) if reason.is_fault());
        let mut members = vec![
            ("state", JsValue::from_str(phase.name())),
            ("reason", reason),
            ("fault", JsValue::from_bool(fault)),
            ("muted", JsValue::from_bool(muted)),
        ];
        members.extend_from_slice(more);
        self.say("state", &members);
        before.is_none_or(|(before, _)| before != phase)
    }

    /// Tells the host page, and our own scripts.
    pub(super) fn say(&self, kind: &str, more: &[(&str, JsValue)]) {
        let message = self.whisper(kind, more);
        if let Some(parent) = &self.window {
            // Fails only for messages that cannot be copied; these can.
            let _ = parent.post_message(&message, "*");
        }
    }

    /// Tells our own scripts, if they are here by now.
    pub(super) fn whisper(&self, kind: &str, more: &[(&str, JsValue)]) -> JsValue {
        let message = json::object(more);
        json::set(&message, "switchboard", &JsValue::from_f64(1.0));
        json::set(&message, "type", &JsValue::from_str(kind));
        // Fails while they are not.
        let _ = call(&window(), "switchboard", &message);
        message
    }
}
