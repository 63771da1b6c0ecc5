//! The webhook inbox: what Retell posted, what became of it, and having it
//! worked on again; and asking Retell for calls that were missed.

mod detail;
mod list;
mod missed;
mod texts;
mod words;

use leptos::prelude::*;

pub(crate) use texts::Texts;

use crate::data::Desk;

/// The list, or one delivery of it.
#[component]
pub(crate) fn Page(desk: Desk) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let open = RwSignal::new(None::<String>);
    // Kept while a delivery is looked at, filters and all.
    let shown = move || {
        if open.with(Option::is_some) {
            "none"
        } else {
            "contents"
        }
    };
    let one = move || {
        open.get().map(
            |id| view! { <detail::Detail desk id back=Callback::new(move |()| open.set(None)) /> },
        )
    };
    view! {
        {one}
        <div style:display=shown>
            <p class="sb-hint">{move || texts().hint}</p>
            <missed::Missed desk />
            <list::List desk open />
        </div>
    }
}
