//! The conversation with the launcher in the host page, by `postMessage`.
//!
//! Who may frame the panel is decided by the browser (`frame-ancestors` made
//! from the key's origins), so whoever is the parent may open and close it.
//! Messages of any other window are ignored, and nothing secret is ever sent.

use std::cell::Cell;

use wasm_bindgen::JsValue;
use web_sys::Window;

use crate::call::session::Phase;
use crate::ui::json;
use crate::ui::web::{Listener, window};

/// What the launcher asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ask {
    /// The panel was opened, to start a call at once if `start`.
    Open {
        /// Whether the visitor asked for a call.
        start: bool,
        /// The title the host page wants.
        title: Option<String>,
    },
    /// The panel was closed.
    Close,
}

/// The window around the panel, if there is one.
#[derive(Debug)]
pub(super) struct Host {
    window: Option<Window>,
    /// What it was told last.
    told: Cell<Option<Phase>>,
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

    /// Hears what the launcher asks for, for as long as the page lives.
    pub(super) fn listen(&self, mut hear: impl FnMut(Ask) + 'static) {
        let Some(parent) = self.window.clone() else {
            return;
        };
        let listener = Listener::new(&window(), "message", move |event| {
            let of_parent = json::get(&event, "source") == ***parent;
            let data = json::get(&event, "data");
            if !of_parent || json::number(&data, "switchboard") != Some(1.0) {
                return;
            }
            match json::string(&data, "type").as_deref() {
                Some("open") => hear(Ask::Open {
                    start: json::boolean(&data, "start") == Some(true),
                    title: json::string(&data, "title").filter(|title| !title.is_empty()),
                }),
                Some("close") => hear(Ask::Close),
                _ => {}
            }
        });
        // The panel and its page end together.
        std::mem::forget(listener);
    }

    /// The panel can hear now.
    pub(super) fn say_ready(&self) {
        self.say("ready", &[]);
    }

    /// The visitor wants the panel out of the way.
    pub(super) fn say_close(&self) {
        self.say("close", &[]);
    }

    /// Where the call stands. Says nothing twice, and returns whether it was news.
    pub(super) fn say_phase(&self, phase: Phase) -> bool {
        if self.told.replace(Some(phase)) == Some(phase) {
            return false;
        }
        let reason = match phase {
            Phase::Ended(reason) => JsValue::from_str(reason.name()),
            _ => JsValue::UNDEFINED,
        };
        self.say(
            "state",
            &[
                ("state", JsValue::from_str(phase.name())),
                ("reason", reason),
            ],
        );
        true
    }

    fn say(&self, kind: &str, more: &[(&str, JsValue)]) {
        let Some(parent) = &self.window else { return };
        let message = json::object(more);
        json::set(&message, "switchboard", &JsValue::from_f64(1.0));
        json::set(&message, "type", &JsValue::from_str(kind));
        // Fails only for messages that cannot be copied; these can.
        let _ = parent.post_message(&message, "*");
    }
}
