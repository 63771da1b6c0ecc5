//! What comes in from the side over the page, and goes again on Escape or a press beside it:
//! the browser's own popover, whose button says whether it is open.

use leptos::prelude::*;
use wasm_bindgen::JsValue;

use super::icon::{Icon, icon};
use super::words;
use browser::ui::web;

/// A drawer; a button of which `popovertarget` is its id opens it, or [`show`].
#[component]
pub(crate) fn Drawer(
    /// Unique on the page.
    id: &'static str,
    /// What is in it.
    #[prop(into)]
    label: Signal<&'static str>,
    children: Children,
) -> impl IntoView {
    let kit = words();
    view! {
        <div id=id class="sb-drawer" popover="auto" role="dialog" aria-label=move || label.get()>
            <div class="sb-drawer-head">
                <h2>{label}</h2>
                <button
                    type="button"
                    class="sb-button sb-button-quiet"
                    autofocus
                    popovertarget=id
                    popovertargetaction="hide"
                    aria-label=move || kit.get().close()
                >
                    {icon(Icon::Close)}
                </button>
            </div>
            {children()}
        </div>
    }
}

/// Puts a popover away, if it is open.
pub(crate) fn put_away(popover: &JsValue) {
    // An old browser has none, and shows it where it stands.
    let _ = web::call(popover, "hidePopover", &JsValue::UNDEFINED);
}

/// Opens the drawer with this id.
pub(crate) fn show(id: &str) {
    if let Some(drawer) = document().get_element_by_id(id) {
        // As above.
        let _ = web::call(&drawer, "showPopover", &JsValue::UNDEFINED);
    }
}

/// Puts the drawer with this id away.
pub(crate) fn hide(id: &str) {
    if let Some(drawer) = document().get_element_by_id(id) {
        put_away(&drawer);
    }
}
