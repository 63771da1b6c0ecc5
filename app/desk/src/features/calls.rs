//! Calls: the list of them, a page for each ([`call_page`]), and talking with an agent oneself.

pub(crate) mod call_page;
mod chips;
mod days;
mod dial;
mod export;
mod filters;
mod headset;
mod list;
pub(crate) mod more_filters;
mod reasons;
mod telephone;
pub(crate) mod test_call;
mod transcript;
mod variables;

use leptos::prelude::*;

use crate::data::Desk;
use crate::nav::title;
use filters::FilterBar;
pub(crate) use filters::Later;
pub(crate) use list::CallList;

/// The calls, live ones on top; it keeps itself up to date.
#[component]
pub(crate) fn CallsPage(
    desk: Desk,
    /// The filters that are loaded when they are needed.
    later: Later,
) -> impl IntoView {
    Effect::new(move || document().set_title(&title(desk.texts().calls(), desk.texts())));
    view! {
        <section class="sb-page sb-calls-page" aria-labelledby="calls-title">
            <h1 id="calls-title">{move || desk.texts().calls()}</h1>
            <FilterBar desk later />
            <CallList desk />
        </section>
    }
}
