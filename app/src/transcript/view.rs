//! The transcript on the page.
//!
//! The list is a `log` that does not announce itself: its words grow many
//! times a second. What is announced are finished utterances, once each, by a
//! live region out of sight.

use leptos::html;
use leptos::prelude::*;
use leptos::web_sys;
use wasm_bindgen::JsCast;

use super::feed::{Feed, Screen};
use super::model::{Finished, Row, Speaker, utterance};
use crate::ui::icon::{Icon, icon};
use crate::ui::time;

/// Within how many pixels of the end a reader counts as being there.
const NEAR_END_PX: i32 = 48;
/// How many announcements the live region keeps.
const ANNOUNCEMENTS: u32 = 5;

/// The words a transcript shows besides its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TranscriptTexts {
    /// The list's name: "Transcript".
    pub label: &'static str,
    /// Shown while nothing was said.
    pub empty: &'static str,
    /// Brings a reader who scrolled up back to the newest.
    pub jump_to_latest: &'static str,
    /// The agent's name.
    pub agent: String,
    /// The visitor, as the reader calls them.
    pub user: &'static str,
    /// The person the call was transferred to.
    pub transfer_target: &'static str,
    /// Before the key the caller pressed.
    pub key_pressed: &'static str,
    /// Before a text message.
    pub text_message: &'static str,
}

impl TranscriptTexts {
    fn speaker(&self, speaker: Speaker) -> String {
        match speaker {
            Speaker::Agent => self.agent.clone(),
            Speaker::User => self.user.to_owned(),
            Speaker::TransferTarget => self.transfer_target.to_owned(),
        }
    }
}

/// Draws the rows that are no utterance; `None` for those it leaves to the
/// transcript itself (keys and text messages).
pub type DrawOther = fn(RwSignal<Row>) -> Option<AnyView>;

/// A transcript that follows the call.
#[component]
pub fn Transcript(
    /// Where the items come from.
    feed: Feed,
    /// The words around them, in the reader's language.
    texts: TranscriptTexts,
    /// How staff-only rows look.
    #[prop(optional, into)]
    other: Option<DrawOther>,
    /// Called with a row's time (ms) when its time is clicked; without it,
    /// times are plain text.
    #[prop(optional, into)]
    on_seek: Option<UnsyncCallback<i64>>,
) -> impl IntoView {
    let log = NodeRef::<html::Div>::new();
    let list = NodeRef::<html::Ul>::new();
    let region = NodeRef::<html::Div>::new();
    let following = RwSignal::new(true);
    let follow = Follow {
        log,
        following,
        last_top: StoredValue::new(0),
        queued: StoredValue::new(false),
    };

    let (label, empty, jump_to_latest) = (texts.label, texts.empty, texts.jump_to_latest);
    list.on_load(move |element| {
        let Some(owner) = Owner::current() else {
            return;
        };
        let seekable = on_seek.is_some();
        let (names, notes) = (texts.clone(), texts);
        feed.attach(Screen {
            owner,
            list: element.into(),
            draw: Box::new(move |row| draw(row, &notes, other, seekable)),
            changed: Box::new(move || follow.rows_changed()),
            announce: Box::new(move |finished| announce(region, &names, finished)),
            rows: Vec::new(),
        });
    });
    on_cleanup(move || feed.detach());

    // One listener for the times of all rows.
    let clicked = move |event: web_sys::MouseEvent| {
        let ms = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
            .and_then(|element| element.closest("[data-ms]").ok().flatten())
            .and_then(|element| element.get_attribute("data-ms"))
            .and_then(|ms| ms.parse().ok());
        if let (Some(ms), Some(on_seek)) = (ms, &on_seek) {
            on_seek.run(ms);
        }
    };

    view! {
        <div class="sb-transcript">
            <div
                class="sb-log"
                role="log"
                aria-live="off"
                aria-label=label
                tabindex="0"
                node_ref=log
                on:scroll=move |_| follow.scrolled()
                on:click=clicked
            >
                <ul class="sb-rows" role="list" node_ref=list></ul>
                <p class="sb-empty" hidden=move || !feed.is_empty()>
                    {empty}
                </p>
            </div>
            <button
                type="button"
                class="sb-button sb-jump"
                hidden=move || following.get()
                on:click=move |_| follow.jump()
            >
                {icon(Icon::Down)}
                {jump_to_latest}
            </button>
            <div class="sb-hidden" aria-live="polite" node_ref=region></div>
        </div>
    }
}

fn draw(
    row: RwSignal<Row>,
    texts: &TranscriptTexts,
    other: Option<DrawOther>,
    seekable: bool,
) -> AnyView {
    let first = row.get_untracked().item;
    if let Some((speaker, _)) = utterance(&first.kind) {
        let content = move || {
            row.with(|row| {
                utterance(&row.item.kind).map_or_else(String::new, |(_, words)| words.to_owned())
            })
        };
        let class = match speaker {
            Speaker::Agent => "sb-row sb-row-agent",
            Speaker::User => "sb-row sb-row-user",
            Speaker::TransferTarget => "sb-row sb-row-other",
        };
        return view! {
            <li class=class>
                <p class="sb-row-head">
                    <span class="sb-row-name">{texts.speaker(speaker)}</span>
                    " "
                    {moment(first.time_ms, seekable)}
                </p>
                <p class="sb-row-text">{content}</p>
            </li>
        }
        .into_any();
    }
    if let Some(view) = other.and_then(|other| other(row)) {
        return view;
    }
    let (lead, content) = match first.kind {
        api::live::ItemKind::Dtmf { digit } => (texts.key_pressed, digit),
        api::live::ItemKind::Sms { content } => (texts.text_message, content),
        _ => ("", String::new()),
    };
    view! {
        <li class="sb-row sb-row-note">
            {lead} " " <span class="sb-row-value">{content}</span>
        </li>
    }
    .into_any()
}

/// A row's time, as a button when the recording can be played from there.
fn moment(time_ms: i64, seekable: bool) -> AnyView {
    let text = time::duration(time_ms);
    if seekable {
        view! {
            <button type="button" class="sb-row-time" data-ms=time_ms.to_string()>
                {text}
            </button>
        }
        .into_any()
    } else {
        view! { <span class="sb-row-time">{text}</span> }.into_any()
    }
}

fn announce(region: NodeRef<html::Div>, texts: &TranscriptTexts, finished: &Finished) {
    let Some(region) = region.get_untracked() else {
        return;
    };
    let mut text = texts.speaker(finished.speaker);
    text.push_str(": ");
    text.push_str(&finished.text);
    let Ok(line) = document().create_element("p") else {
        return;
    };
    line.set_text_content(Some(&text));
    // Fails only if the region held the line's own parent.
    let _ = region.append_child(&line);
    if region.child_element_count() > ANNOUNCEMENTS
        && let Some(oldest) = region.first_element_child()
    {
        oldest.remove();
    }
}

/// Keeps the newest in sight until the reader scrolls up.
#[derive(Clone, Copy)]
struct Follow {
    log: NodeRef<html::Div>,
    following: RwSignal<bool>,
    last_top: StoredValue<i32>,
    queued: StoredValue<bool>,
}

impl Follow {
    /// Goes to the end, once per frame however many rows changed.
    fn rows_changed(self) {
        if !self.following.get_untracked() || self.queued.get_value() {
            return;
        }
        self.queued.set_value(true);
        request_animation_frame(move || {
            self.queued.try_set_value(false);
            if self.following.try_get_untracked() == Some(true) {
                self.to_end();
            }
        });
    }

    fn to_end(self) {
        if let Some(log) = self.log.try_get_untracked().flatten() {
            // More than any height; the browser stops at the end.
            log.set_scroll_top(i32::MAX);
        }
    }

    /// Only moving up stops the following: growing rows move the end away from
    /// a reader who did nothing.
    fn scrolled(self) {
        let Some(log) = self.log.get_untracked() else {
            return;
        };
        let top = log.scroll_top();
        let at_end = log.scroll_height() - top - log.client_height() <= NEAR_END_PX;
        let following =
            at_end || (self.following.get_untracked() && top >= self.last_top.get_value());
        self.last_top.set_value(top);
        if following != self.following.get_untracked() {
            self.following.set(following);
        }
    }

    fn jump(self) {
        self.following.set(true);
        self.to_end();
        if let Some(log) = self.log.get_untracked() {
            // The button goes away; keyboard users stay where the words are.
            let _ = log.focus();
        }
    }
}
