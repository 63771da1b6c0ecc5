//! The alerts there are: what each says, and a way to dismiss it. Few desks have one, so that it
//! is loaded with the first.

use api::inbox::{AlertList, AlertNotice};
use leptos::prelude::*;

use super::PATH;
use crate::data::{Desk, Errand, Loaded, Status, api_client};
use crate::words::alerts::Texts;
use crate::words::format::{self, Precision};
use browser::ui::http::escape;

/// Draws them.
#[component]
pub(crate) fn Shown(desk: Desk) -> impl IntoView {
    let alerts = Loaded::<AlertList>::from(desk, PATH);
    let texts = move || Texts::of(desk.lang.get());
    let errand = Errand::new();
    // Answers that say the same draw nothing anew.
    let items = Memo::new(move |_| match alerts.value.get() {
        Some(Ok(list)) => list.items,
        _ => Vec::new(),
    });
    let notices = move || {
        items
            .get()
            .into_iter()
            .map(|alert| notice(desk, alert, alerts, errand))
            .collect_view()
    };
    view! {
        <section class="sb-alerts" aria-label=move || texts().title()>
            <ul>{notices}</ul>
            <Status desk errand done=Signal::stored("") />
        </section>
    }
}

fn notice(
    desk: Desk,
    alert: AlertNotice,
    alerts: Loaded<AlertList>,
    errand: Errand,
) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let at = alert.resolved_at.unwrap_or(alert.triggered_at);
    let is_over = alert.resolved_at.is_some();
    let class = if is_over {
        "sb-alert"
    } else {
        "sb-alert sb-alert-open"
    };
    let when = move || format::date(at, desk.lang.get(), &desk.timezone(), Precision::Short);
    let state = move || {
        if is_over {
            texts().over(&when())
        } else {
            texts().fired(&when())
        }
    };
    let measured = match (&alert.value, &alert.threshold) {
        (Some(value), Some(threshold)) => Some(format!("{}: {value} / {threshold}", alert.metric)),
        _ => Some(alert.metric.clone()).filter(|metric| !metric.is_empty()),
    };
    let name = alert.name.clone();
    let label = move || texts().dismiss_named(&name);
    let id = alert.id;
    let dismiss = move |_| {
        let path = format!("{PATH}/{}/dismiss", escape(&id));
        let about = errand.about(&path);
        let nothing = serde_json::Value::Null;
        let work = async move { api_client::post::<()>(&path, &nothing).await };
        about.run(desk, work, move |()| alerts.reload());
    };
    view! {
        <li class=class>
            <span>
                <strong>{alert.name}</strong>
                " "
                {state}
                " "
                <span class="sb-hint">{measured}</span>
            </span>
            <button
                type="button"
                class="sb-button sb-button-small"
                aria-label=label
                on:click=dismiss
            >
                {move || texts().dismiss()}
            </button>
        </li>
    }
}
