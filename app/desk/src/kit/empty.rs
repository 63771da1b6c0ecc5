//! A list with nothing in it.

use leptos::prelude::*;

/// Says that there is nothing, and what to do about it.
#[component]
pub(crate) fn Empty(
    #[prop(into)] title: Signal<&'static str>,
    #[prop(into)] hint: Signal<&'static str>,
) -> impl IntoView {
    view! {
        <div class="sb-card sb-blank">
            <p class="sb-blank-title">{title}</p>
            <p>{hint}</p>
        </div>
    }
}
