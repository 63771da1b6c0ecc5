//! The notifications of an endpoint, what each carried, and sending them again.

use api::notify::{Notification, NotificationAttempt, NotificationDetail, ReplayFailed, Replayed};
use leptos::prelude::*;
use serde_json::json;

use super::{Shared, words};
use crate::data::api_client;
use crate::data::{Errand, LoadMore, Loaded, Loading, Pages, Status};
use crate::kit::{Button, ButtonSize, Cell, Empty, Table};
use crate::words::format::{self, Precision};
use browser::ui::time;

/// How far back failed notifications are sent again (ms): a week, more than any is
/// repeated by itself.
const BACK_MS: f64 = 7.0 * 24.0 * 60.0 * 60.0 * 1000.0;

/// The log.
#[component]
pub(super) fn Log(
    shared: Shared,
    /// The endpoint's address.
    path: String,
    /// Whether it is switched off; then nothing can be sent.
    is_off: bool,
) -> impl IntoView {
    let desk = shared.desk;
    let pages = Pages::<Notification>::from(desk, &format!("{path}/notifications"));
    let path = StoredValue::new(path);
    let open = RwSignal::new(None::<String>);
    let errand = Errand::new();
    let replay_failed = move |()| {
        let path = format!("{}/replay-failed", path.get_value());
        let since = (js_sys::Date::now() - BACK_MS) as i64;
        let work =
            async move { api_client::post::<Replayed>(&path, &ReplayFailed { since }).await };
        errand.run(desk, work, move |_| pages.reload());
    };
    let list = move || {
        let Some(items) = pages.items.get() else {
            return pages.coming(3);
        };
        if items.is_empty() {
            return view! {
                <Empty
                    title=move || shared.texts().log_empty()
                    hint=move || shared.texts().log_empty_hint()
                />
            }
            .into_any();
        }
        let rows = items
            .into_iter()
            .map(|notification| row(shared, open, notification))
            .collect_view();
        let columns = move || {
            let texts = shared.texts();
            vec![
                texts.when(),
                texts.event(),
                texts.state(),
                texts.attempts(),
                texts.answer(),
                texts.details(),
            ]
        };
        view! {
            <Table label=move || shared.texts().log() columns=columns numbers=&[3]>
                {rows}
            </Table>
        }
        .into_any()
    };
    let detail = move || {
        let notification = open.get()?;
        let path = format!("{}/notifications/{notification}", path.get_value());
        Some(view! { <Detail shared path notification pages is_off /> })
    };
    view! {
        <section class="sb-sent-log" aria-label=move || shared.texts().log()>
            <div class="sb-actions">
                <Button size=ButtonSize::Small press=move |()| pages.reload()>
                    {move || shared.texts().refresh()}
                </Button>
                <Button
                    size=ButtonSize::Small
                    disabled=is_off
                    busy=move || errand.is_busy()
                    press=replay_failed
                >
                    {move || shared.texts().replay_failed()}
                </Button>
            </div>
            <Status desk errand done=move || shared.texts().replayed() words />
            {list}
            <LoadMore desk pages />
            {detail}
        </section>
    }
}

fn row(
    shared: Shared,
    open: RwSignal<Option<String>>,
    notification: Notification,
) -> impl IntoView {
    let desk = shared.desk;
    let at = notification.created_at;
    let when = move |precision| format::date(at, desk.lang.get(), &desk.timezone(), precision);
    let answer = match (notification.last_status, notification.last_error) {
        (Some(status), _) => status.to_string(),
        (None, error) => error.unwrap_or_default(),
    };
    let state = notification.state;
    let named = move || {
        let texts = shared.texts();
        match state.as_str() {
            "delivered" => texts.delivered(),
            "failed" => texts.failed(),
            _ => texts.pending(),
        }
    };
    let id = notification.id;
    view! {
        <tr role="row">
            <Cell column=move || shared.texts().when()>
                <time datetime=time::machine_date(at)>
                    {move || when(Precision::Short)}
                </time>
            </Cell>
            <Cell column=move || shared.texts().event()>{notification.event_type}</Cell>
            <Cell column=move || shared.texts().state()>{named}</Cell>
            <Cell column=move || shared.texts().attempts() number=true>{notification.attempts}</Cell>
            <Cell column=move || shared.texts().answer()>{answer}</Cell>
            <Cell column="">
                <Button size=ButtonSize::Small press=move |()| open.set(Some(id.clone()))>
                    {move || shared.texts().details()}
                </Button>
            </Cell>
        </tr>
    }
}

/// A notification: its attempts and its body.
#[component]
fn Detail(
    shared: Shared,
    path: String,
    notification: String,
    pages: Pages<Notification>,
    is_off: bool,
) -> impl IntoView {
    let desk = shared.desk;
    let loaded = Loaded::<NotificationDetail>::from(desk, path.as_str());
    let path = StoredValue::new(path);
    let errand = Errand::new();
    let replay = move |()| {
        let path = format!("{}/replay", path.get_value());
        let about = errand.about(&path);
        let work = async move { api_client::post::<()>(&path, &json!({})).await };
        about.run(desk, work, move |()| {
            pages.reload();
            loaded.reload();
        });
    };
    let draw = move |detail: NotificationDetail| {
        let body = serde_json::to_string_pretty(&detail.body).unwrap_or_default();
        let tried = detail
            .tried
            .into_iter()
            .map(|attempt| tried(shared, attempt))
            .collect_view();
        view! {
            <h3>{move || shared.texts().attempts()}</h3>
            <ol class="sb-attempts">{tried}</ol>
            <h3>{move || shared.texts().body()}</h3>
            <pre class="sb-code" tabindex="0">{body}</pre>
        }
    };
    view! {
        <div class="sb-sent">
            <p class="sb-id">{notification}</p>
            <div class="sb-actions">
                <Button
                    size=ButtonSize::Small
                    disabled=is_off
                    busy=move || errand.is_busy()
                    press=replay
                >
                    {move || shared.texts().replay()}
                </Button>
            </div>
            <Status desk errand done=move || shared.texts().replayed() words />
            <Loading desk loaded draw />
        </div>
    }
}

fn tried(shared: Shared, attempt: NotificationAttempt) -> impl IntoView {
    let desk = shared.desk;
    let at = attempt.at;
    let when = move || format::date(at, desk.lang.get(), &desk.timezone(), Precision::Full);
    let answer = match (attempt.status, attempt.error) {
        (Some(status), _) => status.to_string(),
        (None, error) => error.unwrap_or_default(),
    };
    let ms = attempt.duration_ms as f64;
    let took = move || format!(" ({})", format::milliseconds(ms, desk.lang.get()));
    let said = attempt.response.filter(|text| !text.is_empty());
    view! {
        <li value=attempt.number.to_string()>
            <time datetime=time::machine_date(at)>{when}</time>
            ": " <strong>{answer}</strong> {took}
            {said.map(|text| view! { <pre class="sb-code" tabindex="0">{text}</pre> })}
        </li>
    }
}
