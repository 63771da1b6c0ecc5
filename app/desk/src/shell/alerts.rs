//! What Retell's alert rules say, above every page for those who set the
//! business up or watch over it.

mod shown;

pub(crate) use shown::Shown;

use leptos::prelude::*;
use std::time::Duration;

use super::counts::Listed;
use super::parts;
use crate::data::{Desk, Loaded};
use crate::role::Role;

/// Where they are.
const PATH: &str = "/api/desk/alerts";
/// How often the alerts are looked for: a rule at Retell looks every minutes at
/// the earliest.
const EVERY: Duration = Duration::from_secs(60);

/// The alerts nobody has dismissed.
#[component]
pub(crate) fn Alerts(desk: Desk) -> impl IntoView {
    let may_see = Memo::new(move |_| desk.role() >= Role::Supervisor);
    move || may_see.get().then(|| view! { <Notices desk /> })
}

#[component]
fn Notices(desk: Desk) -> impl IntoView {
    // What they say is read by who draws them.
    let alerts = Loaded::<Listed>::from(desk, PATH);
    // Nobody reads them in a tab that is out of sight; and to ask would keep its session alive.
    let look = move || {
        if desk.awake.get_untracked() {
            alerts.reload();
        }
    };
    Effect::new(move |slept: Option<bool>| {
        let is_awake = desk.awake.get();
        if is_awake && slept == Some(true) {
            alerts.reload();
        }
        !is_awake
    });
    if let Ok(ticking) = set_interval_with_handle(look, EVERY) {
        on_cleanup(move || ticking.clear());
    }
    let any = Memo::new(move |_| match alerts.value.get() {
        Some(Ok(list)) => !list.items.is_empty(),
        _ => false,
    });
    let shown = move || any.get().then(|| parts::alerts(desk));
    // There before anything is told, so that it is heard; hidden while what draws it is on its way.
    view! { <div class="sb-keys" role="status">{shown}</div> }
}
