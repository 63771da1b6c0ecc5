//! The bookings that are to stand in linked calendars, and what became of each.

use api::linked_calendars::{CalendarWrite, CalendarWriteState};
use leptos::prelude::*;
use serde_json::json;

use crate::data::api_client;
use crate::data::{Desk, Errand, LoadMore, Pages, Status};
use crate::kit::{Cell, Empty, Table};
use crate::words::format::{self, Precision};
use crate::words::linked_calendars::Texts;
use browser::ui::http::escape;
use browser::ui::time;

/// What all rows share.
#[derive(Clone, Copy)]
struct Shared {
    desk: Desk,
    pages: Pages<CalendarWrite>,
    errand: Errand,
}

impl Shared {
    fn texts(self) -> Texts {
        Texts::of(self.desk.lang.get())
    }
}

/// The list, the bookings made last first.
#[component]
pub(super) fn Writes(desk: Desk) -> impl IntoView {
    let shared = Shared {
        desk,
        pages: Pages::from(desk, "/api/desk/calendar/writes"),
        errand: Errand::new(),
    };
    let list = move || {
        let writes = shared.pages.items.get()?;
        if writes.is_empty() {
            return Some(
                view! {
                    <Empty
                        title=move || shared.texts().empty()
                        hint=move || shared.texts().empty_hint()
                    />
                }
                .into_any(),
            );
        }
        let rows = writes.into_iter().map(|write| row(shared, write));
        let rows = rows.collect_view();
        let columns = move || {
            let texts = shared.texts();
            vec![texts.when(), texts.what(), texts.state(), texts.why(), ""]
        };
        Some(
            view! {
                <Table label=move || shared.texts().writes() columns=columns>
                    {rows}
                </Table>
            }
            .into_any(),
        )
    };
    view! {
        <h2>{move || shared.texts().writes()}</h2>
        <div class="sb-actions">
            <button type="button" class="sb-button" on:click=move |_| shared.pages.reload()>
                {move || shared.texts().refresh()}
            </button>
        </div>
        <Status desk errand=shared.errand done=Signal::stored("") />
        {list}
        <LoadMore desk pages=shared.pages />
    }
}

fn row(shared: Shared, write: CalendarWrite) -> impl IntoView {
    let at = write.starts_at;
    let when = move || {
        let desk = shared.desk;
        format::date(at, desk.lang.get(), &desk.timezone(), Precision::Short)
    };
    let state = write.state;
    let named = move || {
        let texts = shared.texts();
        match state {
            CalendarWriteState::Written => texts.written(),
            CalendarWriteState::Removed => texts.removed(),
            CalendarWriteState::Parked => texts.parked(),
            CalendarWriteState::Waiting | CalendarWriteState::Unknown => texts.waiting(),
        }
    };
    let path = format!("/api/desk/calendar/writes/{}/replay", escape(&write.id));
    let path = StoredValue::new(path);
    let replay = move |_| {
        let path = path.get_value();
        let about = shared.errand.about(&path);
        let work = async move { api_client::post::<()>(&path, &json!({})).await };
        about.run(shared.desk, work, move |()| shared.pages.reload());
    };
    let again = (state == CalendarWriteState::Parked).then(|| {
        view! {
            <button type="button" class="sb-button sb-button-small" on:click=replay>
                {move || shared.texts().replay()}
            </button>
        }
    });
    view! {
        <tr role="row">
            <Cell column=move || shared.texts().when()>
                <time datetime=time::machine_date(at)>{when}</time>
            </Cell>
            <Cell column=move || shared.texts().what()>
                {write.service} " · " {write.reference}
            </Cell>
            <Cell column=move || shared.texts().state()>{named}</Cell>
            <Cell column=move || shared.texts().why()>{write.reason}</Cell>
            <Cell column="">{again}</Cell>
        </tr>
    }
}
