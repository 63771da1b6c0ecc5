//! The trail of who did what, newest first.

mod deeds;

use api::desk::AuditEntry;
use leptos::prelude::*;

pub(crate) use crate::words::audit::Texts;

use crate::data::Desk;
use crate::data::{LoadMore, Pages};
use crate::kit::{Cell, Empty, Table};
use crate::words::format::{self, Precision};
use crate::words::sections::Texts as Sections;
use browser::ui::time;

/// The trail.
#[component]
pub(crate) fn Page(desk: Desk) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let pages = Pages::<AuditEntry>::from(desk, "/api/desk/audit");
    let list = move || {
        let Some(entries) = pages.items.get() else {
            return pages.coming(3);
        };
        if entries.is_empty() {
            return view! {
                <Empty title=move || texts().empty() hint=move || texts().empty_hint() />
            }
            .into_any();
        }
        let rows = entries
            .into_iter()
            .map(|entry| row(desk, entry))
            .collect_view();
        let columns = move || {
            let texts = texts();
            vec![texts.when(), texts.who(), texts.what(), texts.from()]
        };
        view! {
            <Table label=move || Sections::of(desk.lang.get()).audit() columns=columns>
                {rows}
            </Table>
        }
        .into_any()
    };
    view! {
        <p class="sb-hint">{move || texts().hint()}</p>
        {list}
        <LoadMore desk pages />
    }
}

fn row(desk: Desk, entry: AuditEntry) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let at = entry.at;
    let when = move |precision| format::date(at, desk.lang.get(), &desk.timezone(), precision);
    let ip = entry.remote_ip.clone();
    let entry = StoredValue::new(entry);
    let who = move || entry.with_value(|entry| deeds::who(entry, desk.lang.get()));
    let what = move || entry.with_value(|entry| deeds::what(entry, desk.lang.get()));
    view! {
        <tr role="row">
            <Cell column=move || texts().when()>
                <time datetime=time::machine_date(at)>
                    {move || when(Precision::Short)}
                </time>
            </Cell>
            <Cell column=move || texts().who()>{who}</Cell>
            <Cell column=move || texts().what()>{what}</Cell>
            <Cell column=move || texts().from()>
                <span class="sb-id">{ip}</span>
            </Cell>
        </tr>
    }
}
