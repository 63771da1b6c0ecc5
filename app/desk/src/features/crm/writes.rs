//! What was to be written into the CRM, and what became of it.

use api::crm::{CrmWrite, CrmWriteState};
use leptos::prelude::*;
use serde_json::json;

use super::Texts;
use crate::data::api_client;
use crate::data::{Desk, Errand, LoadMore, Pages, Status};
use crate::kit::{Cell, Empty, Table};
use crate::nav::Link;
use crate::route::Route;
use crate::words::format::{self, Precision};
use browser::ui::time;

/// What all rows share.
#[derive(Clone, Copy)]
struct Shared {
    desk: Desk,
    pages: Pages<CrmWrite>,
    errand: Errand,
}

impl Shared {
    fn texts(self) -> Texts {
        Texts::of(self.desk.lang.get())
    }
}

/// The list, the newest first.
#[component]
pub(super) fn Writes(desk: Desk) -> impl IntoView {
    let shared = Shared {
        desk,
        pages: Pages::from(desk, "/api/desk/crm/writes"),
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
        let rows = writes
            .into_iter()
            .map(|write| row(shared, write))
            .collect_view();
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

fn row(shared: Shared, write: CrmWrite) -> impl IntoView {
    let at = write.created_at;
    let when = move || {
        let desk = shared.desk;
        format::date(at, desk.lang.get(), &desk.timezone(), Precision::Short)
    };
    let what = match write.call_id {
        Some(id) => view! {
            <Link route=shared.desk.route to=Route::Call(id)>
                {move || shared.texts().call()}
            </Link>
        }
        .into_any(),
        None => view! { {move || shared.texts().contact()} }.into_any(),
    };
    let record = write.record_url.map(|url| {
        view! {
            " · "
            <a href=url target="_blank" rel="noopener noreferrer">
                {move || shared.texts().record()}
            </a>
        }
    });
    let state = write.state;
    let named = move || {
        let texts = shared.texts();
        match state {
            CrmWriteState::Written => texts.written(),
            CrmWriteState::Skipped => texts.skipped(),
            CrmWriteState::Parked => texts.parked(),
            CrmWriteState::Waiting | CrmWriteState::Unknown => texts.waiting(),
        }
    };
    let path = StoredValue::new(format!("/api/desk/crm/writes/{}/replay", write.id));
    let replay = move |_| {
        let path = path.get_value();
        let about = shared.errand.about(&path);
        let work = async move { api_client::post::<()>(&path, &json!({})).await };
        about.run(shared.desk, work, move |()| shared.pages.reload());
    };
    let again = matches!(state, CrmWriteState::Parked | CrmWriteState::Skipped).then(|| {
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
            <Cell column=move || shared.texts().what()>{what} {record}</Cell>
            <Cell column=move || shared.texts().state()>{named}</Cell>
            <Cell column=move || shared.texts().why()>{write.reason}</Cell>
            <Cell column="">{again}</Cell>
        </tr>
    }
}
