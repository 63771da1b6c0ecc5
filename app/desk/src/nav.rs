//! The browser's history: going to a page without loading it anew.

use api::calls::CallQuery;
use leptos::ev;
use leptos::prelude::*;
use leptos::web_sys::{Element, UrlSearchParams};
use wasm_bindgen::{JsCast, JsValue};

use crate::route::{Route, Section};
use crate::texts::Texts;
use crate::unsaved;
use browser::ui::http::escape;
use browser::ui::web;

/// The page the address bar names.
pub(crate) fn current() -> Route {
    Route::parse(&location().pathname().unwrap_or_default())
}

/// What the address bar asks of the call list.
pub(crate) fn current_filter() -> CallQuery {
    let mut filter = CallQuery::default();
    if current() != Route::Calls {
        return filter;
    }
    let search = location().search().unwrap_or_default();
    if let Ok(parameters) = UrlSearchParams::new_with_str(&search) {
        for name in CallQuery::NAMES.iter().chain(&CallQuery::DEEPER) {
            if let Some(value) = parameters.get(name) {
                filter.set(name, &value);
            }
        }
    }
    filter
}

/// What the address bar says under a name after the question mark.
pub(crate) fn asked(name: &str) -> Option<String> {
    let search = location().search().unwrap_or_default();
    UrlSearchParams::new_with_str(&search).ok()?.get(name)
}

/// What an answer of the server left in the address bar to be told, by its slug
/// as in `api::problem::slug`. It is taken out: loading the page anew does not
/// tell it again.
pub(crate) fn take_problem() -> Option<String> {
    let search = location().search().unwrap_or_default();
    let parameters = UrlSearchParams::new_with_str(&search).ok()?;
    let problem = parameters.get("problem")?;
    parameters.delete("problem");
    let rest = String::from(parameters.to_string());
    let mark = if rest.is_empty() { "" } else { "?" };
    let path = location().pathname().unwrap_or_default();
    replace(&format!("{path}{mark}{rest}"));
    Some(problem)
}

/// The page and what is asked of it, as the address bar says.
pub(crate) fn current_address() -> String {
    let location = location();
    location.pathname().unwrap_or_default() + &location.search().unwrap_or_default()
}

/// The address of the call list, filtered.
pub(crate) fn calls_address(filter: &CallQuery) -> String {
    Route::Calls.path() + &query(filter)
}

/// What follows an address to ask for calls that pass a filter: nothing, or
/// from the question mark on.
pub(crate) fn query(filter: &CallQuery) -> String {
    let mut text = String::new();
    for (name, value) in filter.pairs() {
        text.push(if text.is_empty() { '?' } else { '&' });
        text.push_str(name);
        text.push('=');
        text.push_str(&escape(&value));
    }
    text
}

/// Keeps `route` in step with the back and forward buttons.
pub(crate) fn follow_history(route: RwSignal<Route>) {
    let handle = window_event_listener(ev::popstate, move |_| {
        if unsaved::may_leave() {
            route.set(current());
        } else {
            remember(&route.with_untracked(Route::path));
        }
    });
    on_cleanup(move || handle.remove());
}

/// What is open in a section of the settings, as the address says.
pub(crate) fn open_in(route: RwSignal<Route>, section: Section) -> Memo<Option<String>> {
    Memo::new(move |_| route.with(|route| route.open_in(section).map(str::to_owned)))
}

/// Opens something in a section, or with nothing closes it; the page stays where it is.
pub(crate) fn open(route: RwSignal<Route>, section: Section, id: Option<String>) {
    let to = match id {
        Some(id) => Route::Within(section, id),
        None => Route::Settings(section),
    };
    remember(&to.path());
    route.set(to);
}

/// Opens a page and remembers where we came from, unless something would be lost.
pub(crate) fn go(route: RwSignal<Route>, to: Route) {
    let address = to.path();
    go_to(route, to, &address);
}

/// The same, where the page is told more than its path says.
pub(crate) fn go_to(route: RwSignal<Route>, to: Route, address: &str) {
    if !unsaved::may_leave() {
        return;
    }
    remember(address);
    route.set(to);
    window().scroll_to_with_x_and_y(0.0, 0.0);
}

/// Puts an address into the address bar, and the one before into the history.
pub(crate) fn remember(address: &str) {
    if let Ok(history) = window().history() {
        // Refused only when a page does this hundreds of times a second.
        let _ = history.push_state_with_url(&JsValue::NULL, "", Some(address));
    }
}

/// Where the reader talks with this agent (its id at Retell) themselves.
pub(crate) fn talk_address(agent_id: &str) -> String {
    format!("{}?agent={}", Route::new_call().path(), escape(agent_id))
}

/// Where an agent is had call a number; this one (its id at Retell), unless another is chosen.
pub(crate) fn dial_address(number: &str, agent_id: Option<&str>) -> String {
    let number = escape(number);
    let agent = agent_id.map_or_else(String::new, |id| format!("&agent={}", escape(id)));
    format!("{}?to={number}{agent}", Route::new_call().path())
}

/// Where a contact with this number is added.
pub(crate) fn new_contact_address(number: &str) -> String {
    format!("{}?new={}", Route::Contacts.path(), escape(number))
}

/// Where a call-back to this number is entered.
pub(crate) fn new_callback_address(number: &str) -> String {
    format!("{}?new={}", Route::Callbacks.path(), escape(number))
}

/// Where an appointment is booked for whoever is called so and has this number, in a call.
pub(crate) fn new_booking_address(name: &str, number: &str, call_id: &str) -> String {
    format!(
        "{}?new={}&name={}&call={}",
        Route::Calendar.path(),
        escape(number),
        escape(name),
        escape(call_id)
    )
}

/// Where a booking stands in the calendar, on its day.
pub(crate) fn booking_address(id: &str, day: &str) -> String {
    format!(
        "{}?day={day}&booking={}",
        Route::Calendar.path(),
        escape(id)
    )
}

/// Where an admin finds what there is of a person by this number or address, and erases it.
pub(crate) fn person_address(person: &str) -> String {
    let path = Route::Settings(Section::Privacy).path();
    format!("{path}?person={}", escape(person))
}

/// Puts an address into the address bar in place of the one there.
pub(crate) fn replace(address: &str) {
    if let Ok(history) = window().history() {
        // Refused only when a page does this hundreds of times a second.
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(address));
    }
}

/// Whether a click on a row is for the row itself: the links in it do as they
/// always do, and who has just selected text wants the text.
pub(crate) fn is_for_row(click: &ev::MouseEvent) -> bool {
    let link = click
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok())
        .and_then(|target| target.closest("a").ok().flatten());
    link.is_none() && !web::is_selecting()
}

/// Opens a page in a tab of its own.
pub(crate) fn open_tab(path: &str) {
    // Without one where the browser is told to open none.
    let _ = window().open_with_url_and_target_and_features(path, "_blank", "noopener");
}

/// Whether a click asks for this tab: no modifier, main button.
pub(crate) fn is_plain(click: &ev::MouseEvent) -> bool {
    click.button() == 0
        && !(click.meta_key() || click.ctrl_key() || click.shift_key() || click.alt_key())
}

/// A link to a page of the desk. It is a real link: it can be opened in
/// another tab, copied and bookmarked.
#[component]
pub(crate) fn Link(
    /// Where the desk keeps its page.
    route: RwSignal<Route>,
    /// Where it leads.
    to: Route,
    /// Its address, where the page is told more than its path says.
    #[prop(optional, into)]
    address: Option<String>,
    /// How it looks.
    #[prop(optional)]
    class: &'static str,
    children: Children,
) -> impl IntoView {
    let address = address.unwrap_or_else(|| to.path());
    let (path, here) = (address.clone(), to.clone());
    let current = move || match route.get().page() {
        page if page == here => Some("page"),
        // A call is one of the calls.
        Route::Call(_) if here == Route::Calls => Some("true"),
        Route::Contact(_) if here == Route::Contacts => Some("true"),
        _ => None,
    };
    let follow = move |click: ev::MouseEvent| {
        if is_plain(&click) {
            click.prevent_default();
            go_to(route, to.clone(), &address);
        }
    };
    view! {
        <a class=class href=path aria-current=current on:click=follow>
            {children()}
        </a>
    }
}

/// What a browser tab is called.
pub(crate) fn title(page: &str, texts: Texts) -> String {
    format!("{page} · {}", texts.product())
}
