//! The words the widget shows: one JSON file for each language (`app/texts`),
//! of which a visitor downloads one. The host page may replace any of them.

use std::cell::RefCell;

use js_sys::Object;
use wasm_bindgen::{JsCast, JsValue};

use crate::ui::json;
use crate::ui::web::{Request, text};

/// What went wrong and what to do about it, as names of texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Advice {
    /// What went wrong, in a few words.
    pub(super) what: &'static str,
    /// The next step.
    pub(super) next: &'static str,
}

/// The words of the language in use.
#[derive(Debug, Default)]
pub(super) struct Texts {
    /// As downloaded: an object of strings.
    words: RefCell<JsValue>,
    /// What the host page puts in their place.
    own: RefCell<JsValue>,
}

impl Texts {
    /// The words of this name; its name where the language lacks it, which the
    /// build does not let happen.
    pub(super) fn get(&self, name: &str) -> String {
        json::string(&self.own.borrow(), name)
            .or_else(|| json::string(&self.words.borrow(), name))
            .unwrap_or_else(|| name.to_owned())
    }

    /// Speaks the language of this file.
    pub(super) async fn fetch(&self, address: &str) {
        let request = Request {
            method: "GET",
            url: address,
            token: None,
            body: None,
            keepalive: false,
        };
        // The page asked for this file before; a cache has it.
        if let Ok(response) = request.send_cached().await
            && let Ok(body) = text(&response).await
            && let Some(words) = json::parse(&body)
        {
            self.words.replace(words);
        }
    }

    /// Lets the host page's words come first.
    pub(super) fn replace(&self, own: JsValue) {
        self.own.replace(own);
    }

    /// All of them, for our other scripts.
    pub(super) fn all(&self) -> JsValue {
        let all = Object::new();
        for part in [&self.words, &self.own] {
            if let Some(part) = part.borrow().dyn_ref::<Object>() {
                Object::assign(&all, part);
            }
        }
        all.into()
    }
}
