//! What is shown when the program cannot go on: a panic leaves a picture of the desk on which
//! nothing answers any more.

use std::panic;

use crate::words::Lang;
use browser::ui::{dom, web};

/// Has a panic say so to the person in front of it, too.
pub(super) fn watch() {
    panic::set_hook(Box::new(|panic| {
        console_error_panic_hook::hook(panic);
        show();
    }));
}

/// Puts "something broke" over everything, with a way to begin again. It needs nothing of the
/// program: neither words that were loaded nor anything to be called.
pub(super) fn show() {
    let language = Lang::of_page().language();
    let layer = dom::element("div", "sb-broken");
    dom::attribute(&layer, "role", "alert");
    let card = dom::child(&layer, "div", "sb-card");
    dom::text(&dom::child(&card, "p", ""), language.broken);
    let again = dom::child(&card, "a", "sb-button sb-button-primary");
    dom::text(&again, language.load_again);
    let location = web::window().location();
    let address = location.pathname().unwrap_or_default() + &location.search().unwrap_or_default();
    dom::attribute(&again, "href", &address);
    if let Some(body) = dom::document().body() {
        // Fails only if the layer contained the page.
        let _ = body.append_child(&layer);
        dom::focus(&again);
    }
}
