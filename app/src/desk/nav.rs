//! The browser's history: going to a page without loading it anew.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsValue;

use super::route::Route;

/// The page the address bar names.
pub(super) fn current() -> Route {
    Route::parse(&location().pathname().unwrap_or_default())
}

/// Keeps `route` in step with the back and forward buttons.
pub(super) fn follow_history(route: RwSignal<Route>) {
    let handle = window_event_listener(ev::popstate, move |_| route.set(current()));
    on_cleanup(move || handle.remove());
}

/// Opens a page and remembers where we came from.
pub(super) fn go(route: RwSignal<Route>, to: Route) {
    let path = to.path();
    if let Ok(history) = window().history() {
        // Refused only when a page does this hundreds of times a second.
        let _ = history.push_state_with_url(&JsValue::NULL, "", Some(&path));
    }
    route.set(to);
    window().scroll_to_with_x_and_y(0.0, 0.0);
}

/// Whether a click asks for this tab: no modifier, main button.
pub(super) fn is_plain(click: &ev::MouseEvent) -> bool {
    click.button() == 0
        && !(click.meta_key() || click.ctrl_key() || click.shift_key() || click.alt_key())
}

/// A link to a page of the desk. It is a real link: it can be opened in
/// another tab, copied and bookmarked.
#[component]
pub(super) fn Link(
    /// Where the desk keeps its page.
    route: RwSignal<Route>,
    /// Where it leads.
    to: Route,
    /// How it looks.
    #[prop(optional)]
    class: &'static str,
    children: Children,
) -> impl IntoView {
    let path = to.path();
    let here = to.clone();
    let current = move || (route.get() == here).then_some("page");
    let follow = move |click: ev::MouseEvent| {
        if is_plain(&click) {
            click.prevent_default();
            go(route, to.clone());
        }
    };
    view! {
        <a class=class href=path aria-current=current on:click=follow>
            {children()}
        </a>
    }
}
