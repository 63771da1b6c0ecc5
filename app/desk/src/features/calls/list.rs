//! The list of calls, by days.

use api::calls::CallQuery;
use api::desk::{CallStatus, CallSummary};
use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use leptos::web_sys;
use wasm_bindgen::JsCast;

use super::chips::{duration, glance, glance_chips, lasted_ms};
use super::days::{Days, Line, Lines};
use super::filters::{NothingMatches, SearchedTo, more_label};
use super::reasons;
use crate::data::{Desk, Load, Trouble};
use crate::kit::{BLOCK, Rows, near};
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
            <Trouble
                desk
                failure=desk.calls.trouble
                again=Callback::new(move |()| desk.load_calls())
            />
            <p class="sb-hidden" role="status">{move || warned(desk)}</p>
            <Table desk />
        }
        .into_any(),
    }
}

/// What people are warned of in the call that has just changed, for those who cannot see its chip.
fn warned(desk: Desk) -> Option<String> {
    desk.calls.changed.with(|call| {
        let call = call.as_ref()?;
        let warning = call.warning.as_ref()?;
        call.status
            .is_live()
            .then(|| desk.texts().other_side(call) + ": " + warning)
    })
}

#[component]
fn Table(desk: Desk) -> impl IntoView {
    let table = NodeRef::<html::Table>::new();
    keep_focus(desk, table);
    let lines = lines(desk);
    let count = Memo::new(move |_| lines.with(|lines| lines.count));
    let empty = Memo::new(move |_| count.get() == 0);
    // With the head; nobody knows it yet while there are more pages.
    let rows = move || match desk.calls.more.get() {
        Some(_) => "-1".to_owned(),
        None => (count.get() + 1).to_string(),
    };
    let draw = Callback::new(move |from| {
        let part = Memo::new(move |_| {
            desk.calls.order.track();
            lines.with(|lines| desk.calls.read(|calls| lines.part(from, BLOCK, calls)))
        });
        let line = move |nth: ReadSignal<usize>, line: Line| {
            // After the head, and from one on.
            let row = Signal::derive(move || from + nth.get() + 2);
            match line {
                Line::Live => {
                    view! { <Heading row text=move || desk.texts().live().to_owned() /> }.into_any()
                }
                Line::Day(day, at) => {
                    view! { <Heading row text=move || in_words(desk, &day, at) /> }.into_any()
                }
                Line::Call(id) => {
                    let call = untrack(|| desk.calls.get(&id));
                    call.map(|call| view! { <Row desk row call /> }).into_any()
                }
            }
        };
        view! { <ForEnumerate each=move || part.get() key=Line::key children=line /> }.into_any()
    });
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
                aria-rowcount=rows
                node_ref=table
                on:keydown=move |event| move_focus(desk, table, &event)
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
                <Rows count at=came_from(desk, lines) columns=5 draw />
            </table>
            <LoadMore desk />
        }
        .into_any()
    }
}

/// The lines of the list.
fn lines(desk: Desk) -> Memo<Lines> {
    let known = StoredValue::new((String::new(), Days::default()));
    Memo::new(move |_| {
        desk.calls.order.track();
        let timezone = desk.timezone();
        let lines = known.try_update_value(|(of, days)| {
            if *of != timezone {
                *days = Days::default();
                of.clone_from(&timezone);
            }
            let day = |at| format::day(at, &timezone);
            desk.calls.read(|calls| Lines::of(calls, days, day))
        });
        lines.unwrap_or_default()
    })
}

/// The line to which the keyboard is to return.
fn came_from(desk: Desk, lines: Memo<Lines>) -> usize {
    let id = desk.calls.focus.get_value();
    let place = |id: String| {
        desk.calls
            .read(|all| all.iter().position(|call| call.id == id))
    };
    let place = id.and_then(place).unwrap_or_default();
    lines.with_untracked(|lines| lines.line(place))
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
fn Heading(row: Signal<usize>, #[prop(into)] text: Signal<String>) -> impl IntoView {
    view! {
        <tr role="row" class="sb-day" aria-rowindex=move || row.get()>
            <th role="rowheader" scope="rowgroup" colspan="5">
                {text}
            </th>
        </tr>
    }
}

#[component]
fn Row(desk: Desk, row: Signal<usize>, call: CallSummary) -> impl IntoView {
    let id = call.id.clone();
    let its = id.clone();
    let call = Memo::new(move |before: Option<&CallSummary>| {
        // One that leaves stays as it was until it is gone.
        let now = desk.calls.get(&its);
        now.or_else(|| before.cloned())
            .unwrap_or_else(|| call.clone())
    });
    let link = NodeRef::<html::A>::new();
    let its = id.clone();
    link.on_load(move |link| {
        if desk.calls.focus.with_value(|wanted| *wanted == Some(its)) {
            desk.calls.focus.set_value(None);
            // Once it stands where it belongs.
            request_animation_frame(move || dom::focus(&link));
        }
    });
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
    let glance = Memo::new(move |_| call.with(glance));
    // On the telephone, who called whom.
    let way = move || {
        call.with(|call| match call.direction.as_deref() {
            Some("outbound") => "\u{2197} ",
            Some("inbound") => "\u{2199} ",
            _ => "",
        })
    };
    view! {
        <tr
            role="row"
            aria-rowindex=move || row.get()
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
                <a href=path data-call=link_id node_ref=link on:click=open>
                    <span aria-hidden="true">{way}</span>
                    {move || call.with(|call| desk.texts().other_side(call))}
                    <span class="sb-hidden">", " {move || when(Precision::Short)}</span>
                </a>
                <span class="sb-call-about">{about}</span>
            </td>
            <td role="cell" class="sb-call-notice">{move || glance_chips(desk, glance.get())}</td>
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
        // Whoever scrolls on goes on reading. A search that found little is not gone on with
        // unless somebody says so.
        let goes_on = state == Load::Done && untrack(|| desk.calls.searched_to.get()).is_none();
        let below = NodeRef::<html::Div>::new();
        below.on_load(move |below| {
            near(&below, move |is_near, _| {
                if is_near && goes_on {
                    desk.load_more();
                }
            });
        });
        let loading = state == Load::Loading;
        let problem = match state {
            Load::Failed(failure) => Some(view! {
                <p class="sb-problem" role="alert">{move || desk.texts().failure(&failure)}</p>
            }),
            _ => None,
        };
        Some(view! {
            <div class="sb-more" node_ref=below>
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
fn move_focus(desk: Desk, table: NodeRef<html::Table>, event: &ev::KeyboardEvent) {
    let links = table.get_untracked().and_then(|table| {
        let links = table.query_selector_all("a[data-call]").ok()?;
        Some((table, links))
    });
    let Some((table, links)) = links else { return };
    let link = |nth| links.item(nth).and_then(|it| it.dyn_into().ok());
    let focused = document().active_element();
    let Some(here) = (0..links.length()).find(|nth| link(*nth) == focused) else {
        return;
    };
    let target = match event.key().as_str() {
        "ArrowDown" => link(here + 1),
        "ArrowUp" => here.checked_sub(1).and_then(link),
        key @ ("Home" | "End") => {
            let end = if key == "Home" {
                <[_]>::first
            } else {
                <[_]>::last
            };
            let id = desk
                .calls
                .read(|calls| end(calls).map(|call| call.id.clone()));
            let target = id.as_ref().and_then(|id| link_of(&table, id));
            if target.is_none() {
                // It is drawn once it is near, and takes the focus then.
                desk.calls.focus.set_value(id);
                table.scroll_into_view_with_bool(key == "Home");
            }
            target
        }
        _ => return,
    };
    event.prevent_default();
    if let Some(target) = target {
        dom::focus(&target);
    }
}

fn link_of(table: &web_sys::Element, id: &str) -> Option<web_sys::Element> {
    let link = table.query_selector(&format!("a[data-call=\"{id}\"]"));
    link.ok().flatten()
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
            if let (true, Some(link)) = (lost, link_of(&table, &id)) {
                dom::focus(&link);
            }
        });
    });
}
