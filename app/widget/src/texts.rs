//! The words the widget shows: one JSON file for each language (`app/widget/texts`),
//! of which a visitor downloads one. The host page may replace any of them.

use std::cell::RefCell;

use js_sys::Object;
use wasm_bindgen::{JsCast, JsValue};

use browser::ui::json;
use browser::ui::web::download;

/// What went wrong and what to do about it, as names of texts.
#[derive(Debug)]
pub(super) struct Advice {
    /// What went wrong, in a few words.
    pub(super) what: String,
    /// The next step.
    pub(super) next: String,
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
        self.find(name).unwrap_or_else(|| name.to_owned())
    }

    /// The words of this name, if they are here: of those that come later, too.
    pub(super) fn find(&self, name: &str) -> Option<String> {
        let later = ["later.", name].concat();
        [name, &later].into_iter().find_map(|name| {
            json::string(&self.own.borrow(), name)
                .or_else(|| json::string(&self.words.borrow(), name))
        })
    }

    /// Speaks the language of this file.
    pub(super) async fn fetch(&self, address: &str) {
        if let Some(words) = download(address).await {
            self.words.replace(words);
        }
    }

    /// Knows the words of this file, too.
    pub(super) async fn add(&self, address: &str) {
        if let Some(words) = download(address).await
            && let Some(all) = self.words.borrow().dyn_ref::<Object>()
            && let Some(words) = words.dyn_ref::<Object>()
        {
            Object::assign(all, words);
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
