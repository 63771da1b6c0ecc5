//! Moving a booking by dragging it, or with the arrow keys: it is shown where it would go, is there
//! at once, goes back where the server refuses that, and is undone like any other move.

use api::calendar::{Booking, MoveBooking};
use leptos::ev;
use leptos::prelude::*;
use leptos::web_sys::Element;
use wasm_bindgen::JsCast;

use super::details::change;
use super::grid::Column;
use super::{BOOKINGS, Shared, words};
use crate::data::api_client;
use crate::words::format::Precision;
use browser::ui::dom;
use browser::ui::http::{Failure, escape};

/// How far a pointer goes before it drags what it would press otherwise (px).
const SLACK: f64 = 5.0;
/// From which width on there are columns, as the style sheet has it.
const HAS_COLUMNS: &str = "(min-width: 1024px)";
/// How many minutes a day has.
const DAY: i64 = 24 * 60;

/// Where a booking would go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Target {
    /// Which column.
    column: usize,
    /// When, in minutes since midnight.
    from: i64,
}

impl Target {
    /// So many columns and minutes further, on a step of so many minutes, and within what there is
    /// of columns and of the day.
    fn further(self, columns: i64, minutes: f64, count: usize, step: i64) -> Self {
        let last = count.saturating_sub(1) as i64;
        let column = (self.column as i64 + columns).clamp(0, last) as usize;
        if minutes == 0.0 {
            return Self { column, ..self };
        }
        let steps = ((self.from as f64 + minutes) / step as f64).round() as i64;
        let from = (steps * step).clamp(0, DAY - step);
        Self { column, from }
    }
}

/// What a pointer that may drag began with.
#[derive(Debug, Clone, Copy)]
struct Grip {
    /// Where it was, with what the page was scrolled by (px).
    x: f64,
    y: f64,
    /// Where the column begins, how wide one is, and how high an hour (px).
    left: f64,
    width: f64,
    hour: f64,
}

/// A booking that can be moved. A handle of signals: copy it freely.
#[derive(Clone, Copy)]
pub(super) struct Mover {
    shared: Shared,
    booking: StoredValue<Booking>,
    at: Target,
    columns: Memo<Vec<Column>>,
    hours: Memo<(i64, i64)>,
    /// Where it would go.
    pub(super) to: RwSignal<Option<Target>>,
    grip: StoredValue<Option<Grip>>,
    /// How wide a column is (px).
    width: RwSignal<f64>,
    /// Whether the press that ends a drag is still to come.
    dropped: StoredValue<bool>,
}

impl Mover {
    pub(super) fn new(
        shared: Shared,
        booking: Booking,
        (column, from): (usize, i64),
        columns: Memo<Vec<Column>>,
        hours: Memo<(i64, i64)>,
    ) -> Self {
        Self {
            shared,
            booking: StoredValue::new(booking),
            at: Target { column, from },
            columns,
            hours,
            to: RwSignal::new(None),
            grip: StoredValue::new(None),
            width: RwSignal::new(0.0),
            dropped: StoredValue::new(false),
        }
    }

    /// By how much it is drawn aside (px), and later (minutes).
    pub(super) fn aside(self) -> (f64, i64) {
        self.to.get().map_or((0.0, 0), |to| {
            let columns = to.column as f64 - self.at.column as f64;
            (columns * self.width.get(), to.from - self.at.from)
        })
    }

    /// When it would begin (Unix ms), while it is somewhere else.
    pub(super) fn would_begin(self) -> Option<i64> {
        let to = self.to.get()?;
        let day = self
            .columns
            .with(|all| all.get(to.column).map(|it| it.day))?;
        Some(self.shared.moment(day, to.from))
    }

    /// Takes hold of it, where there are columns to drag it to. A finger scrolls, unless it is on
    /// the handle.
    pub(super) fn press(self, event: &ev::PointerEvent) {
        self.dropped.set_value(false);
        let target = event.target().and_then(|it| it.dyn_into::<Element>().ok());
        let on_handle = target.is_some_and(|it| it.class_name() == "sb-booking-grip");
        if event.button() != 0 || !(on_handle || event.pointer_type() == "mouse") {
            return;
        }
        let grip = self.measure(event);
        self.grip.set_value(grip);
        let it = event
            .current_target()
            .and_then(|it| it.dyn_into::<Element>().ok());
        if let (Some(_), Some(it)) = (grip, it) {
            // Whoever drags it out of itself drags it still.
            let _ = it.set_pointer_capture(event.pointer_id());
        }
    }

    fn measure(self, event: &ev::PointerEvent) -> Option<Grip> {
        let lane = self.measure_columns(event)?;
        let (first, last) = self.hours.get_untracked();
        let hours = (last - first).max(1) as f64;
        let (x, y) = place(event);
        Some(Grip {
            x,
            y,
            left: lane.left,
            width: lane.width,
            hour: lane.height / hours,
        })
    }

    fn measure_columns(self, event: &ev::Event) -> Option<Lane> {
        let query = window().match_media(HAS_COLUMNS).ok()??;
        if !query.matches() {
            return None;
        }
        let it: Element = event.current_target()?.dyn_into().ok()?;
        let lane = it.closest("ol").ok()??.get_bounding_client_rect();
        let section = it.closest("section").ok()??.get_bounding_client_rect();
        self.width.set(section.width());
        Some(Lane {
            left: lane.left() + scrolled().0,
            width: section.width(),
            height: lane.height(),
        })
    }

    /// Drags it along.
    pub(super) fn go(self, event: &ev::PointerEvent) {
        let Some(grip) = self.grip.get_value() else {
            return;
        };
        let (x, y) = place(event);
        let is_far = (x - grip.x).hypot(y - grip.y) >= SLACK;
        if !is_far && self.to.with_untracked(Option::is_none) {
            return;
        }
        let columns = ((x - grip.left) / grip.width).floor() as i64;
        let minutes = (y - grip.y) / grip.hour * 60.0;
        let count = self.columns.with_untracked(Vec::len);
        let step = self.shared.step();
        let to = self.at.further(columns, minutes, count, step);
        self.to.set(Some(to));
    }

    /// Lets go of it there.
    pub(super) fn release(self) {
        self.grip.set_value(None);
        if self.to.with_untracked(Option::is_some) {
            self.dropped.set_value(true);
            self.drop_it();
        }
    }

    /// Leaves it where it is.
    pub(super) fn leave(self) {
        self.grip.set_value(None);
        self.to.set(None);
    }

    /// Whether a press of it is spent: it ended a drag, or says that it goes where the keys led.
    pub(super) fn spends_press(self) -> bool {
        if self.dropped.try_update_value(std::mem::take) == Some(true) {
            return true;
        }
        let leads = self.to.with_untracked(Option::is_some);
        if leads {
            self.drop_it();
        }
        leads
    }

    /// Shift and an arrow lead it somewhere, Escape leaves it.
    pub(super) fn key(self, event: &ev::KeyboardEvent) {
        let step = self.shared.step();
        let (columns, minutes) = match (event.shift_key(), event.key().as_str()) {
            (true, "ArrowUp") => (0, -step),
            (true, "ArrowDown") => (0, step),
            (true, "ArrowLeft") => (-1, 0),
            (true, "ArrowRight") => (1, 0),
            (_, "Escape") if self.to.with_untracked(Option::is_some) => {
                event.prevent_default();
                return self.leave();
            }
            _ => return,
        };
        if self.measure_columns(event).is_none() {
            return;
        }
        event.prevent_default();
        let at = self.to.get_untracked().unwrap_or(self.at);
        let count = self.columns.with_untracked(Vec::len);
        let to = at.further(columns, minutes as f64, count, step);
        self.to.set(Some(to));
        let when = untrack(|| self.written());
        let told = untrack(|| self.shared.texts()).would_move(&when);
        self.shared.told.set(told);
    }

    /// When it would begin, and in a day's columns with whom.
    fn written(self) -> String {
        let begins = self.would_begin().unwrap_or_default();
        let when = self.shared.written(begins, Precision::Short);
        let column = self.to.get().map(|to| to.column).unwrap_or_default();
        let whose = self
            .columns
            .with(|all| all.get(column)?.staff.as_ref().map(|it| it.name.clone()));
        match whose {
            Some(name) => format!("{when}, {name}"),
            None => when,
        }
    }

    fn drop_it(self) {
        let Some(to) = self.to.get_untracked() else {
            return;
        };
        self.to.set(None);
        let column = self
            .columns
            .with_untracked(|all| all.get(to.column).cloned());
        let Some(column) = column.filter(|_| to != self.at) else {
            return;
        };
        let starts_at = self.shared.moment(column.day, to.from);
        move_there(self.shared, self.booking.get_value(), starts_at, &column);
    }
}

/// What is known of a column on the screen (px).
struct Lane {
    left: f64,
    width: f64,
    height: f64,
}

/// Where a pointer is on the page (px).
fn place(event: &ev::PointerEvent) -> (f64, f64) {
    let (x, y) = scrolled();
    (
        f64::from(event.client_x()) + x,
        f64::from(event.client_y()) + y,
    )
}

fn scrolled() -> (f64, f64) {
    let window = window();
    (
        window.scroll_x().unwrap_or_default(),
        window.scroll_y().unwrap_or_default(),
    )
}

/// Shows a booking in a column from then on (Unix ms), and has the server move it.
fn move_there(shared: Shared, before: Booking, starts_at: i64, column: &Column) {
    let staff = column.staff.as_ref();
    let mut after = before.clone();
    after.starts_at = starts_at;
    after.ends_at = starts_at + (before.ends_at - before.starts_at);
    if let Some(whose) = staff {
        after.staff_id.clone_from(&whose.id);
        after.staff = whose.id.is_some().then(|| whose.name.clone());
    }
    // Drawn anew, though the server has not said so yet.
    after.updated_at += 1;
    let to = MoveBooking {
        starts_at,
        staff_id: after.staff_id.clone(),
    };
    let back = MoveBooking {
        starts_at: before.starts_at,
        staff_id: before.staff_id.clone(),
    };
    shared.refocus.set_value(Some(before.id.clone()));
    show_as(shared, after);
    let path = format!("{BOOKINGS}/{}/move", escape(&before.id));
    let about = shared.errand.about(&path);
    let work = async move { api_client::post::<Booking>(&path, &to).await };
    let done = move |moved: Booking| {
        shared.bookings.reload();
        let when = untrack(|| shared.written(moved.starts_at, Precision::Short));
        let id = moved.id;
        let told = untrack(|| shared.texts()).was_moved(&when);
        shared.toast.done(told, move || {
            change(shared, &id, "move", &back, move |_| shared.toast.undone());
        });
    };
    let refused = move |failure: &Failure| {
        show_as(shared, before);
        shared.bookings.reload();
        let lang = shared.desk.lang.get_untracked();
        let told = words(failure, lang);
        let told = told.unwrap_or_else(|| untrack(|| shared.desk.texts()).failure(failure));
        shared.toast.tell(told.to_owned());
    };
    about.run_then(shared.desk, work, done, refused);
}

/// Has the calendar show a booking like this.
fn show_as(shared: Shared, booking: Booking) {
    shared.bookings.items.update(|items| {
        let mut items = items.iter_mut().flatten();
        if let Some(it) = items.find(|it| it.id == booking.id) {
            *it = booking;
        }
    });
}

/// The focus is where it was, though what had it was drawn anew.
pub(super) fn refocus(shared: Shared, id: &str, button: &Element) {
    let is_it = shared
        .refocus
        .with_value(|refocus| refocus.as_deref() == Some(id));
    let is_lost = document()
        .active_element()
        .is_none_or(|it| it.tag_name() == "BODY");
    if is_it && is_lost {
        dom::focus(button);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_booking_goes_on_steps_and_stays_within_the_day_and_the_columns() {
        let at = Target {
            column: 2,
            from: 605,
        };
        for (columns, minutes, column, from) in [
            (0, 0.0, 2, 605),
            (1, 0.0, 3, 605),
            (9, 0.0, 6, 605),
            (-9, 0.0, 0, 605),
            (0, 4.0, 2, 615),
            (0, 9.9, 2, 615),
            (0, -15.0, 2, 585),
            (0, -2_000.0, 2, 0),
            (-1, 2_000.0, 1, DAY - 15),
        ] {
            let expected = Target { column, from };
            assert_eq!(
                at.further(columns, minutes, 7, 15),
                expected,
                "{columns} {minutes}"
            );
        }
        // Another business offers other times.
        assert_eq!(at.further(0, 5.0, 7, 5).from, 610);
        assert_eq!(at.further(0, 2_000.0, 7, 60).from, DAY - 60);
    }
}
