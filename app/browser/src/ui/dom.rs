//! The page without a framework, for what changes many times a second.

use wasm_bindgen::{JsCast, UnwrapThrowExt};
use web_sys::{Document, Element, Text};

/// The page.
///
/// # Panics
/// Outside a browser tab.
#[must_use]
pub fn document() -> Document {
    web_sys::window()
        .and_then(|window| window.document())
        .expect_throw("the bundles run in pages")
}

/// A new element. `tag` is a literal, so it is a valid name.
#[must_use]
pub fn element(tag: &str, class: &str) -> Element {
    let element = document()
        .create_element(tag)
        .expect_throw("a literal names an element");
    element.set_class_name(class);
    element
}

/// A new element inside another, at its end.
pub fn child(parent: &Element, tag: &str, class: &str) -> Element {
    let element = element(tag, class);
    append(parent, &element);
    element
}

/// A new piece of text inside an element, at its end.
pub fn text(parent: &Element, words: &str) -> Text {
    let text = document().create_text_node(words);
    append(parent, &text);
    text
}

/// Sets an attribute. `name` is a literal, so it is a valid name.
pub fn attribute(element: &Element, name: &str, value: &str) {
    // Fails only for what is no name.
    let _ = element.set_attribute(name, value);
}

/// Shows or hides an element.
pub fn show(element: &Element, shown: bool) {
    // As above.
    let _ = if shown {
        element.remove_attribute("hidden")
    } else {
        element.set_attribute("hidden", "")
    };
}

/// Moves the keyboard's focus to an element.
pub fn focus(element: &Element) {
    if let Some(element) = element.dyn_ref::<web_sys::HtmlElement>() {
        // What cannot take the focus leaves it where it is.
        let _ = element.focus();
    }
}

fn append(parent: &Element, child: &web_sys::Node) {
    // Fails only if `child` contained `parent`; it has just been made.
    let _ = parent.append_child(child);
}
