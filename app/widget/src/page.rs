//! The panel's markup and how it is changed.
//!
//! The markup is plain HTML with ids, and what changes is set by hand: a
//! handful of texts and attributes. As a Leptos component this bundle weighed
//! 97 KB (wasm, brotli); like this it is 52, and a visitor waits for those
//! bytes before the call begins.

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlElement, HtmlSelectElement};

use browser::call::devices::Device;
use browser::ui::json;
use browser::ui::web::{Listener, call, document};

const MARKUP: &str = include_str!("panel.html");

/// Puts the markup into the page.
pub(super) fn insert() {
    if let Some(body) = document().body() {
        // Fails only for malformed markup, which this is not.
        let _ = body.insert_adjacent_html("beforeend", MARKUP);
    }
}

/// An element of the markup.
fn element(id: &str) -> Option<Element> {
    document().get_element_by_id(id)
}

/// An element of the markup, as what it is in HTML.
pub(super) fn html(id: &str) -> Option<HtmlElement> {
    Some(element(id)?.unchecked_into())
}

/// Shows this text, if it is another than before: a live region is not made to
/// say the same again.
pub(super) fn set_text(id: &str, text: &str) {
    if let Some(element) = element(id)
        && element.text_content().as_deref() != Some(text)
    {
        element.set_text_content(Some(text));
    }
}

/// Sets an attribute, if that changes it; `None` removes it.
pub(super) fn set_attribute(id: &str, name: &str, value: Option<&str>) {
    let Some(element) = element(id) else { return };
    if element.get_attribute(name).as_deref() == value {
        return;
    }
    // Both fail only for names that are no attribute.
    let _ = match value {
        Some(value) => element.set_attribute(name, value),
        None => element.remove_attribute(name),
    };
}

/// Shows or hides an element.
pub(super) fn show(id: &str, shown: bool) {
    set_attribute(id, "hidden", if shown { None } else { Some("") });
}

/// Whether an element is shown.
pub(super) fn is_shown(id: &str) -> bool {
    element(id).is_some_and(|element| !element.has_attribute("hidden"))
}

/// Gives an element the keyboard. The page around us stays where it is.
pub(super) fn focus(id: &str) {
    if let Some(element) = html(id) {
        let options = json::object(&[("preventScroll", JsValue::TRUE)]);
        // Fails only for elements that are not shown.
        let _ = call(&element, "focus", &options);
    }
}

/// Writes the texts of every element that names one (`data-t`), and of every
/// one that names a label (`data-t-label`).
pub(super) fn translate(text: impl Fn(&str) -> String) {
    for (attribute, is_label) in [("data-t", false), ("data-t-label", true)] {
        let mut selector = String::from("[");
        selector.push_str(attribute);
        selector.push(']');
        let Ok(found) = document().query_selector_all(&selector) else {
            continue;
        };
        for index in 0..found.length() {
            let Some(node) = found.get(index) else { break };
            let element: Element = node.unchecked_into();
            let text = text(&element.get_attribute(attribute).unwrap_or_default());
            if is_label {
                // Fails only for names that are no attribute.
                let _ = element.set_attribute("aria-label", &text);
            } else {
                element.set_text_content(Some(&text));
            }
        }
    }
}

/// Loads a module of ours, or tells that it did not come.
pub(super) fn load_module(address: &str, mut failed: impl FnMut() + 'static) {
    let (Some(body), Ok(script)) = (document().body(), document().create_element("script")) else {
        return;
    };
    let _ = script.set_attribute("type", "module");
    let _ = script.set_attribute("src", address);
    std::mem::forget(Listener::new(&script, "error", move |_| failed()));
    // Fails only when an element would contain itself.
    let _ = body.append_child(&script);
}

/// Says on the page which language it is in, and which way it runs.
pub(super) fn speak(language: &str, direction: &str) {
    if let Some(root) = document().document_element() {
        let _ = root.set_attribute("lang", language);
        let _ = root.set_attribute("dir", direction);
    }
}

/// Acts on an event, for as long as the page lives.
pub(super) fn on(id: &str, event: &'static str, mut act: impl FnMut() + 'static) {
    if let Some(element) = element(id) {
        std::mem::forget(Listener::new(&element, event, move |_| act()));
    }
}

/// What is chosen in a list.
pub(super) fn chosen(id: &str) -> String {
    let select = element(id).map(|element| element.unchecked_into::<HtmlSelectElement>());
    select.map(|select| select.value()).unwrap_or_default()
}

/// Fills a list of devices. The browser's own entry "default" stands for the
/// device in use when nothing was chosen.
pub(super) fn fill(id: &str, devices: &[Device], used: &str, default: &str, unnamed: &str) {
    let Some(select) = element(id) else { return };
    select.set_text_content(None);
    for device in devices {
        let Ok(option) = document().create_element("option") else {
            return;
        };
        let is_default = device.id == "default";
        let name = match device.label.as_str() {
            "" if is_default => default,
            "" => unnamed,
            label => label,
        };
        option.set_text_content(Some(name));
        let _ = option.set_attribute("value", &device.id);
        if device.id == used || (used.is_empty() && is_default) {
            let _ = option.set_attribute("selected", "");
        }
        // Fails only when an element would contain itself.
        let _ = select.append_child(&option);
    }
}
