//! What the panel page and its address tell the widget.

use wasm_bindgen::JsValue;
use web_sys::UrlSearchParams;

use browser::call::mint::{CALLS, Page};
use browser::ui::json;
use browser::ui::web::{document, window};

/// Where the server puts [`api::public::PanelConfig`].
const ELEMENT: &str = "switchboard-config";

/// What the widget needs to know about the page it is in.
#[derive(Debug, Clone)]
pub(super) struct Config {
    /// What calls are minted with.
    pub(super) page: Page,
    /// The business's name for its agent.
    pub(super) title: String,
    /// All of it, for our other scripts.
    pub(super) all: JsValue,
}

impl Config {
    /// Reads the page. Without a config the panel still shows; the first call
    /// then says what is wrong.
    pub(super) fn of_page() -> Self {
        let all = document()
            .get_element_by_id(ELEMENT)
            .and_then(|element| element.text_content())
            .and_then(|text| json::parse(&text))
            .unwrap_or(JsValue::UNDEFINED);
        let text = |name| json::string(&all, name);
        Self {
            page: Page {
                mints: CALLS,
                always: json::object(&[
                    ("key", JsValue::from_str(&text("key").unwrap_or_default())),
                    ("nonce", json::get(&all, "nonce")),
                    // The key's first one otherwise.
                    (
                        "agent_id",
                        query("agent").map_or(JsValue::UNDEFINED, JsValue::from),
                    ),
                    ("wait", JsValue::TRUE),
                ]),
            },
            title: text("title").unwrap_or_default(),
            all,
        }
    }

    /// The address of a language's texts (BCP 47), if there are any: of those
    /// shown first (`texts`), or of those that come `later`.
    pub(super) fn texts(&self, part: &str, tag: &str) -> Option<String> {
        let primary = tag.split(['-', '_']).next()?.to_ascii_lowercase();
        json::string(&json::get(&self.all, part), &primary)
    }

    /// The address of a later file of ours.
    pub(super) fn address(&self, name: &str) -> Option<String> {
        json::string(&self.all, name)
    }
}

/// A parameter of the page's address, if it is there and not empty.
fn query(name: &str) -> Option<String> {
    let search = window().location().search().ok()?;
    let parameters = UrlSearchParams::new_with_str(&search).ok()?;
    parameters.get(name).filter(|value| !value.is_empty())
}
