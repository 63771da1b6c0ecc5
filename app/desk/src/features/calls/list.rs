//! The list of calls, by days.

use api::calls::CallQuery;
use api::desk::{CallStatus, CallSummary};
use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use leptos::web_sys;

use super::chips::{duration, lasted_ms, notice, notice_chip};
use super::days::{Dated, Line, by_day};
use super::filters::{NothingMatches, SearchedTo, more_label};
use super::reasons;
use crate::data::{Desk, Load};
use crate::nav;
use crate::route::Route;
use crate::words::format::{self, Precision};
use browser::ui::dom;
use browser::ui::time;

/// The list itself, or why there is none.
#[component]
pub(crate) fn CallList(desk: Desk) -> impl IntoView {
    // The table is drawn once and then changes in place.
    let first = Memo::new(move |_| desk.calls.first.get());
    move || match first.get() {
        Load::Loading => view! { <Skeleton desk /> }.into_any(),
        Load::Failed(failure) => view! {
            <div class="sb-blank">
                <p role="alert">{move || desk.texts().failure(&failure)}</p>
                <button type="button" class="sb-button" on:click=move |_| desk.load_calls()>
                    {move || desk.texts().retry()}
                </button>
            </div>
        }
        .into_any(),
        Load::Done => view! {
            <Trouble desk />
            <Table desk />
        }
        .into_any(),
    }
}

/// Says that the rows could not be loaded anew, and why.
#[component]
fn Trouble(desk: Desk) -> impl IntoView {
    let told = move || {
        let failure = desk.calls.trouble.get()?;
        Some(view! {
            <p class="sb-problem">
                <span>{move || desk.texts().failure(&failure)}</span>
                <button
                    type="button"
                    class="sb-button sb-button-small"
                    on:click=move |_| desk.load_calls()
                >
                    {move || desk.texts().retry()}
                </button>
            </p>
        })
    };
    view! { <div role="alert">{told}</div> }
}

#[component]
fn Table(desk: Desk) -> impl IntoView {
    let table = NodeRef::<html::Table>::new();
    keep_focus(desk, table);
    let empty = Memo::new(move |_| desk.calls.order.with(Vec::is_empty));
    let lines = lines(desk);
    let draw = move |line: Line| match line {
        Line::Live => view! { <Heading text=move || desk.texts().live().to_owned() /> }.into_any(),
        Line::Day(day, at) => {
            view! { <Heading text=move || in_words(desk, &day, at) /> }.into_any()
        }
        Line::Call(id) => {
            let call = desk.calls.cell(&id);
            call.map(|call| view! { <Row desk id call /> }).into_any()
        }
    };
    let filtered = Memo::new(move |_| !desk.filter.with(CallQuery::is_empty));
    move || {
        if empty.get() && filtered.get() {
            return view! {
                <NothingMatches desk />
                <LoadMore desk />
            }
            .into_any();
        }
        if empty.get() {
            return view! {
                <div class="sb-blank">
                    <p class="sb-blank-title">{move || desk.texts().no_calls()}</p>
                    <p>{move || desk.texts().no_calls_hint()}</p>
                </div>
            }
            .into_any();
        }
        // The roles repeat what the elements mean, because on a narrow screen
        // rows are drawn as cards, which makes browsers forget the table.
        view! {
            <table
                class="sb-calls"
                class:sb-stale=desk.calls.stale
                role="table"
                aria-busy=move || desk.calls.stale.get().to_string()
                aria-label=move || desk.texts().calls()
                node_ref=table
                on:keydown=move |event| move_focus(&event)
            >
                <thead role="rowgroup">
                    <tr role="row">
                        {[
                            |desk: Desk| desk.texts().caller(),
                            |desk: Desk| desk.texts().status(),
                            |desk: Desk| desk.texts().agent(),
                            |desk: Desk| desk.texts().duration(),
                            |desk: Desk| desk.texts().started(),
                        ]
                            .map(|name| {
                                view! { <th role="columnheader" scope="col">{move || name(desk)}</th> }
                            })
                            .into_iter()
                            .collect_view()}
                    </tr>
                </thead>
                <tbody role="rowgroup">
                    <For each=move || lines.get() key=Line::key children=draw />
                </tbody>
            </table>
            <LoadMore desk />
        }
        .into_any()
    }
}

/// The lines of the list.
fn lines(desk: Desk) -> Memo<Vec<Line>> {
    // A call's day stays what it is: only a change of the order asks for days anew.
    let dated = Memo::new(move |_| {
        let timezone = desk.timezone();
        let dated = |id: String| {
            let at = desk.calls.cell(&id)?.with_untracked(|call| call.created_at);
            let day = format::day(at, &timezone);
            Some(Dated { id, day, at })
        };
        desk.calls
            .order
            .get()
            .into_iter()
            .filter_map(dated)
            .collect::<Vec<_>>()
    });
    let goes_on = move |call: &Dated| {
        let cell = desk.calls.cell(&call.id);
        cell.is_some_and(|call| call.with(|call| call.status.is_live()))
    };
    Memo::new(move |_| dated.with(|calls| by_day(calls, goes_on)))
}

/// A day as people call it, of which `at` is a moment (Unix ms).
fn in_words(desk: Desk, day: &str, at: i64) -> String {
    /// How long a day is (ms), give or take an hour.
    const DAY_MS: i64 = 86_400_000;
    let timezone = desk.timezone();
    desk.today.with(|today| {
        if day == today {
            return desk.texts().today().to_owned();
        }
        if format::day(at + DAY_MS, &timezone) == *today {
            return desk.texts().yesterday().to_owned();
        }
        format::date(at, desk.lang.get(), &timezone, Precision::Day)
    })
}

/// Stands above the calls of a day.
#[component]
fn Heading(#[prop(into)] text: Signal<String>) -> impl IntoView {
    view! {
        <tr role="row" class="sb-day">
            <th role="rowheader" scope="rowgroup" colspan="5">
                {text}
            </th>
        </tr>
    }
}

#[component]
fn Row(desk: Desk, id: String, call: ArcRwSignal<CallSummary>) -> impl IntoView {
    let call = RwSignal::from(call);
    let to = Route::Call(id.clone());
    let path = to.path();
    let link_id = id.clone();
    let row_path = path.clone();
    let open = move |click: ev::MouseEvent| {
        if nav::is_plain(&click) {
            click.prevent_default();
            desk.calls.focus.set_value(Some(id.clone()));
            nav::go(desk.route, to.clone());
        }
    };
    // The row does what its link does. No link lies over it: its text can be
    // selected, and Safari places nothing within a row.
    let open_row = {
        let open = open.clone();
        move |click: ev::MouseEvent| {
            if !nav::is_for_row(&click) {
                return;
            }
            if nav::is_plain(&click) {
                open(click);
            } else if click.button() < 2 {
                nav::open_tab(&row_path);
            }
        }
    };
    let open_row_beside = open_row.clone();
    let when = move |precision| {
        let at = call.with(|call| call.started_at.unwrap_or(call.created_at));
        format::date(at, desk.lang.get(), &desk.timezone(), precision)
    };
    let machine_when =
        move || time::machine_date(call.with(|call| call.started_at.unwrap_or(call.created_at)));
    let agent = move || {
        call.with(|call| {
            call.agent_name
                .clone()
                .unwrap_or_else(|| call.agent_id.clone())
        })
    };
    let lasted = move || duration(call.with(|call| lasted_ms(call, || desk.now.get())));
    // What it was about; why it came to nothing, where it did.
    let about = Memo::new(move |_| {
        call.with(|call| {
            if !matches!(call.status, CallStatus::NotConnected | CallStatus::Error) {
                return call.about.clone();
            }
            let reason = call.disconnection_reason.as_deref()?;
            Some(reasons::in_words(reason, desk.lang.get()))
        })
    });
    let notice = Memo::new(move |_| call.with(notice));
    view! {
        <tr
            role="row"
            class:sb-call-plain=move || about.with(Option::is_none)
            on:click=open_row
            on:auxclick=open_row_beside
            on:mousedown=|press| {
                if press.button() == 1 {
                    // Windows would scroll on instead.
                    press.prevent_default();
                }
            }
        >
            <td role="cell" class="sb-call-who">
                <a href=path data-call=link_id on:click=open>
                    {move || call.with(|call| desk.texts().other_side(call))}
                    <span class="sb-hidden">", " {move || when(Precision::Short)}</span>
                </a>
                <span class="sb-call-about">{about}</span>
            </td>
            <td role="cell" class="sb-call-notice">{move || notice_chip(desk, notice.get())}</td>
            <td role="cell" class="sb-call-agent">{agent}</td>
            <td role="cell" class="sb-call-lasted">{lasted}</td>
            <td role="cell" class="sb-call-when">
                <time datetime=machine_when>
                    {move || when(Precision::Time)}
                </time>
            </td>
        </tr>
    }
}

#[component]
fn LoadMore(desk: Desk) -> impl IntoView {
    move || {
        let state = desk.calls.more.get()?;
        let loading = state == Load::Loading;
        let problem = match state {
            Load::Failed(failure) => Some(view! {
                <p class="sb-problem" role="alert">{move || desk.texts().failure(&failure)}</p>
            }),
            _ => None,
        };
        Some(view! {
            <div class="sb-more">
                <SearchedTo desk />
                {problem}
                <button
                    type="button"
                    class="sb-button"
                    aria-busy=loading.to_string()
                    on:click=move |_| desk.load_more()
                >
                    {move || more_label(desk)}
                </button>
            </div>
        })
    }
}

/// Grey bars where rows will be.
#[component]
fn Skeleton(desk: Desk) -> impl IntoView {
    view! {
        <div class="sb-coming" aria-busy="true">
            <p class="sb-hidden" role="status">{move || desk.texts().loading()}</p>
            {(0..6).map(|_| view! { <div class="sb-skeleton"></div> }).collect_view()}
        </div>
    }
}

/// Up and down go from row to row, Home and End to the first and the last.
fn move_focus(event: &ev::KeyboardEvent) {
    let Some(link) = document().active_element() else {
        return;
    };
    let Some(row) = link.closest("tr").ok().flatten() else {
        return;
    };
    type Step = fn(&web_sys::Element) -> Option<web_sys::Element>;
    let (next, previous): (Step, Step) = (
        |row| row.next_element_sibling(),
        |row| row.previous_element_sibling(),
    );
    let rows = row.parent_element();
    let (mut target, step) = match event.key().as_str() {
        "ArrowDown" => (next(&row), next),
        "ArrowUp" => (previous(&row), previous),
        "Home" => (rows.and_then(|rows| rows.first_element_child()), next),
        "End" => (rows.and_then(|rows| rows.last_element_child()), previous),
        _ => return,
    };
    event.prevent_default();
    // Over the headings.
    while let Some(row) = target {
        if focus_row(&row) {
            return;
        }
        target = step(&row);
    }
}

/// Whether there was something to take the focus.
fn focus_row(row: &web_sys::Element) -> bool {
    let link = row.query_selector("a[data-call]").ok().flatten();
    if let Some(link) = &link {
        dom::focus(link);
    }
    link.is_some()
}

/// A row that moves while it has the focus keeps it; and who comes back from a
/// call's page finds the focus where it was.
fn keep_focus(desk: Desk, table: NodeRef<html::Table>) {
    Effect::new(move || {
        desk.calls.order.track();
        let Some(table) = table.get() else { return };
        let Some(id) = desk.calls.focus.get_value() else {
            return;
        };
        desk.calls.focus.set_value(None);
        request_animation_frame(move || {
            let lost = document()
                .active_element()
                .is_none_or(|element| element.tag_name() == "BODY");
            let link = table
                .query_selector(&format!("a[data-call=\"{id}\"]"))
                .ok()
                .flatten();
            if let (true, Some(link)) = (lost, link) {
                dom::focus(&link);
            }
        });
    });
}
