//! The webhook inbox: what Retell posted, what became of it, and having it
//! worked on again; and asking Retell for calls that were missed.

mod detail;
mod list;
mod missed;
mod words;

use leptos::prelude::*;

pub(crate) use crate::words::inbox::Texts;

use crate::data::Desk;
use crate::nav;
use crate::route::Section;

/// The list, or one entry of it.
#[component]
pub(crate) fn Page(desk: Desk) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let open = nav::open_in(desk.route, Section::Inbox);
    // Kept while an entry is looked at, filters and all.
    let shown = move || {
        if open.with(Option::is_some) {
            "none"
        } else {
            "contents"
        }
    };
    let one = move || {
        let back = Callback::new(move |()| nav::open(desk.route, Section::Inbox, None));
        open.get()
            .map(|id| view! { <detail::Detail desk id back /> })
    };
    view! {
        {one}
        <div style:display=shown>
            <p class="sb-hint">{move || texts().hint()}</p>
            <missed::Missed desk />
            <list::List desk open />
        </div>
    }
}
