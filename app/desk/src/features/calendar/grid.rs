//! The bookings in columns: a day each of the week, or of one day somebody's each. Where there
//! is no room for columns they are lists, one below the other.

use api::calendar::{Booking, BookingState, StaffList};
use leptos::prelude::*;

use super::drag::{Mover, refocus};
use super::place::{Placed, hours, place};
use super::{Open, Shared, Whom};
use crate::kit::Day;
use crate::kit::icon::{Icon, icon};
use crate::words::format::Precision;
use browser::ui::time::duration;

/// What leads a booking somewhere else.
const KEYS: &str = "Shift+ArrowUp Shift+ArrowDown Shift+ArrowLeft Shift+ArrowRight";

/// What a column is of.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Column {
    pub(super) day: Day,
    /// Whose; everybody's when absent.
    pub(super) staff: Option<Whose>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Whose {
    /// Nobody's in particular when absent.
    pub(super) id: Option<String>,
    pub(super) name: String,
}

impl Column {
    fn key(&self) -> (Day, Option<String>) {
        let staff = self.staff.as_ref();
        (self.day, staff.map(|it| it.id.clone().unwrap_or_default()))
    }

    fn has(&self, booking: &Booking) -> bool {
        self.staff
            .as_ref()
            .is_none_or(|it| it.id == booking.staff_id)
    }
}

/// The columns with their bookings.
#[component]
pub(super) fn Grid(shared: Shared) -> impl IntoView {
    let standing = Memo::new(move |_| shared.standing());
    let columns = Memo::new(move |_| {
        let days = shared.days();
        let [day] = days.as_slice() else {
            let column = |day| Column { day, staff: None };
            return days.into_iter().map(column).collect();
        };
        let staff = match shared.staff.value.get() {
            Some(Ok(list)) => list,
            _ => StaffList { items: Vec::new() },
        };
        of_staff(*day, &staff, &standing.get(), shared)
    });
    let placed = Memo::new(move |_| {
        standing.with(|all| {
            let walls: Vec<_> = all.iter().map(|it| shared.wall(it.starts_at)).collect();
            let of = |column: &Column| {
                let its = all.iter().zip(&walls);
                let its = its.filter(|(it, wall)| wall.day == column.day && column.has(it));
                place(its.map(|(it, wall)| (it.clone(), wall.minutes)))
            };
            columns.with(|columns| columns.iter().map(of).collect::<Vec<_>>())
        })
    });
    let span = Memo::new(move |_| placed.with(|all| hours(all.iter().flatten())));
    let clock = move || {
        let (first, last) = span.get();
        let midnight = shared.begins(shared.day.get());
        // The day the clock changes has other hours; what is written beside them has not.
        let written = move |hour: i64| {
            let at = midnight + hour * 3_600_000;
            let shift = hour * 60 - shared.wall(at).minutes;
            shared.written(at + shift * 60_000, Precision::Time)
        };
        (first..last)
            .map(|hour| view! { <span>{written(hour)}</span> })
            .collect_view()
    };
    let draw = move |(nth, column): (ReadSignal<usize>, Column)| {
        let placed = Memo::new(move |_| placed.with(|all| all.get(nth.get()).cloned()));
        let placed = Signal::derive(move || placed.get().unwrap_or_default());
        view! { <Lane shared column placed nth columns span /> }
    };
    view! {
        <div
            class="sb-calendar"
            class:sb-calendar-week=move || shared.week.get()
            style=("--first", move || (span.get().0 * 60).to_string())
            style=("--hours", move || (span.get().1 - span.get().0).to_string())
            style=("--columns", move || columns.with(Vec::len).to_string())
        >
            <div class="sb-calendar-clock" aria-hidden="true">
                {clock}
            </div>
            <ForEnumerate
                each=move || columns.get()
                key=Column::key
                children=move |nth, column| draw((nth, column))
            />
        </div>
    }
}

/// The columns of a day: a member of staff each, and those whom what is booked is with
/// besides; one, where there is no staff.
fn of_staff(day: Day, staff: &StaffList, booked: &[Booking], shared: Shared) -> Vec<Column> {
    let active = staff.items.iter().filter(|it| it.details.active);
    let mut all: Vec<Whose> = active
        .map(|it| Whose {
            id: Some(it.id.clone()),
            name: it.details.name.clone(),
        })
        .collect();
    if all.is_empty() {
        return vec![Column { day, staff: None }];
    }
    for booking in booked {
        if all.iter().all(|it| it.id != booking.staff_id) {
            let nobody = || shared.texts().anybody().to_owned();
            all.push(Whose {
                id: booking.staff_id.clone(),
                name: booking.staff.clone().unwrap_or_else(nobody),
            });
        }
    }
    let column = |staff| Column {
        day,
        staff: Some(staff),
    };
    all.into_iter().map(column).collect()
}

/// A column: its heading and what is booked in it.
#[component]
fn Lane(
    shared: Shared,
    column: Column,
    placed: Signal<Vec<Placed>>,
    /// Which of the columns it is.
    nth: ReadSignal<usize>,
    columns: Memo<Vec<Column>>,
    /// From which hour to which the columns go.
    span: Memo<(i64, i64)>,
) -> impl IntoView {
    let Column { day, staff } = column;
    let noon = shared.begins(day) + 12 * 3_600_000;
    let name = {
        let staff = staff.clone().map(|it| it.name);
        move || match &staff {
            Some(name) => name.clone(),
            None => shared.written(noon, Precision::Weekday),
        }
    };
    let whole = {
        let staff = staff.map(|it| it.name);
        move || {
            let date = shared.written(noon, Precision::Day);
            match &staff {
                Some(name) => format!("{name}, {date}"),
                None => date,
            }
        }
    };
    let add = move || {
        shared
            .texts()
            .book_on(&shared.written(noon, Precision::Day))
    };
    let is_over = move || day < shared.today();
    view! {
        <section
            class="sb-calendar-column"
            class:sb-calendar-today=move || day == shared.today()
            aria-label=whole
        >
            <div class="sb-calendar-name">
                <h2>{name}</h2>
                {move || {
                    (!is_over())
                        .then(|| {
                            view! {
                                <button
                                    type="button"
                                    class="sb-button sb-button-quiet"
                                    aria-label=add
                                    on:click=move |_| shared.show(Open::New(day, Whom::default()))
                                >
                                    {icon(Icon::Plus)}
                                </button>
                            }
                        })
                }}
            </div>
            <ol role="list">
                <For
                    each=move || placed.get()
                    key=Placed::key
                    children=move |placed| {
                        let nth = nth.get_untracked();
                        view! { <Item shared placed nth columns span /> }
                    }
                />
            </ol>
            {move || {
                placed
                    .with(Vec::is_empty)
                    .then(|| view! { <p class="sb-hint">{move || shared.texts().nothing()}</p> })
            }}
        </section>
    }
}

#[component]
fn Item(
    shared: Shared,
    placed: Placed,
    nth: usize,
    columns: Memo<Vec<Column>>,
    span: Memo<(i64, i64)>,
) -> impl IntoView {
    let Placed {
        booking,
        from,
        to,
        lane,
        lanes,
    } = placed;
    let (starts_at, ends_at) = (booking.starts_at, booking.ends_at);
    let now = shared.desk.now.get_untracked();
    let is_movable = booking.state == BookingState::Confirmed && starts_at > now;
    let mover = is_movable.then(|| Mover::new(shared, booking.clone(), (nth, from), columns, span));
    let is_going = move || mover.is_some_and(|it| it.to.with(Option::is_some));
    let aside = move || mover.map_or((0.0, 0), Mover::aside);
    let begins = move || mover.and_then(Mover::would_begin).unwrap_or(starts_at);
    let hint = move || is_movable.then(|| shared.texts().drag_hint());
    let button = NodeRef::<leptos::html::Button>::new();
    let lasts = ends_at - starts_at;
    let time = move |at| shared.written(at, Precision::Time);
    let class = match booking.state {
        BookingState::Held => "sb-booking sb-booking-held",
        BookingState::Confirmed | BookingState::Cancelled | BookingState::Unknown => "sb-booking",
    };
    let who = {
        let name = booking.name.clone();
        move || match name.as_str() {
            "" => shared.texts().nameless().to_owned(),
            name => name.to_owned(),
        }
    };
    let held = booking.held_until.map(|until| {
        let left = move || (until - shared.desk.now.get()).max(0);
        view! { <span class="sb-booking-left">{move || shared.texts().held_for(&duration(left()))}</span> }
    });
    let what = match &booking.staff {
        Some(staff) => format!("{} · {staff}", booking.service),
        None => booking.service.clone(),
    };
    let id = booking.id;
    {
        let id = id.clone();
        button.on_load(move |button| refocus(shared, &id, &button));
    }
    view! {
        <li
            class:sb-booking-going=is_going
            style=("--aside", move || format!("{}px", aside().0))
            style=("--later", move || aside().1.to_string())
            style=("--from", from.to_string())
            style=("--lasts", (to - from).to_string())
            style=("--lane", lane.to_string())
            style=("--lanes", lanes.to_string())
        >
            <button
                type="button"
                class=class
                class:sb-booking-movable=is_movable
                title=hint
                aria-keyshortcuts=is_movable.then_some(KEYS)
                data-booking=id.clone()
                node_ref=button
                on:pointerdown=move |event| {
                    if let Some(mover) = mover {
                        mover.press(&event);
                    }
                }
                on:pointermove=move |event| {
                    if let Some(mover) = mover {
                        mover.go(&event);
                    }
                }
                on:pointerup=move |_| {
                    if let Some(mover) = mover {
                        mover.release();
                    }
                }
                on:pointercancel=move |_| {
                    if let Some(mover) = mover {
                        mover.leave();
                    }
                }
                on:keydown=move |event| {
                    if let Some(mover) = mover {
                        mover.key(&event);
                    }
                }
                on:blur=move |_| {
                    if let Some(mover) = mover {
                        mover.leave();
                    }
                }
                on:click=move |_| {
                    if !mover.is_some_and(Mover::spends_press) {
                        shared.show(Open::Booking(id.clone()));
                    }
                }
            >
                <span class="sb-booking-time">
                    {move || time(begins())} <span class="sb-booking-end">"–" {move || time(begins() + lasts)}</span>
                </span>
                " "
                <strong>{who}</strong>
                " "
                <span class="sb-booking-what">{what}</span>
                {held}
                {is_movable.then(|| view! { <span class="sb-booking-grip" aria-hidden="true"></span> })}
            </button>
        </li>
    }
}
