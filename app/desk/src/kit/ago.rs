//! How long ago something was, in words that stay true.

use leptos::prelude::*;

use super::{Clock, language};
use crate::words::ago::ago;
use browser::ui::time;

const MINUTE_MS: i64 = 60_000;

/// A moment by how long ago it was; the moment itself is its title.
#[component]
pub(crate) fn Ago(
    /// When it was (Unix ms).
    at: i64,
    /// The same as a date.
    #[prop(into)]
    when: Signal<String>,
) -> impl IntoView {
    let (lang, clock) = (language(), use_context::<Clock>());
    // It says no less than minutes, and is told anew with each.
    let minute = Memo::new(move |_| {
        let now = clock.map_or_else(time::now, |Clock(now)| now.get());
        now - (now - at).rem_euclid(MINUTE_MS)
    });
    view! {
        <time datetime=time::machine_date(at) title=when>
            {move || ago(at, minute.get(), lang.get())}
        </time>
    }
}
