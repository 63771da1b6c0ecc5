//! When somebody is open: the stretches of a day, as times one picks.

use std::sync::atomic::{AtomicUsize, Ordering};

use leptos::ev::MouseEvent;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::field::edited;
use super::icon::{Icon, icon};
use super::words;
use browser::ui::dom;

/// Midnight, as a day begins with it and as one ends with it. A field for times knows the first.
const BEGIN: &str = "00:00";
const END: &str = "24:00";

/// From when to when (`HH:MM`).
pub(crate) type Stretch = (String, String);

/// What is wrong with the stretches of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrong {
    /// One lacks a time.
    Incomplete,
    /// One ends before it begins.
    Backwards,
    /// Two are at the same time.
    Overlap,
}

/// A stretch that is being typed.
#[derive(Debug, Clone)]
struct Row {
    key: usize,
    from: ArcRwSignal<String>,
    to: ArcRwSignal<String>,
    /// Somebody has just asked for it.
    fresh: bool,
}

impl Row {
    fn new((from, to): Stretch, fresh: bool) -> Self {
        static ROWS: AtomicUsize = AtomicUsize::new(0);
        let to = if to == END { BEGIN.to_owned() } else { to };
        Self {
            key: ROWS.fetch_add(1, Ordering::Relaxed),
            from: ArcRwSignal::new(from),
            to: ArcRwSignal::new(to),
            fresh,
        }
    }

    fn read(&self) -> Stretch {
        let to = self.to.get();
        let to = if to == BEGIN { END.to_owned() } else { to };
        (self.from.get(), to)
    }
}

/// The stretches of a day, as they are typed; none where it is closed. A handle of signals.
#[derive(Debug, Clone)]
pub(crate) struct DayHours {
    rows: ArcRwSignal<Vec<Row>>,
}

impl DayHours {
    /// As they are kept.
    pub(crate) fn of(stretches: impl IntoIterator<Item = Stretch>) -> Self {
        let rows = stretches
            .into_iter()
            .map(|it| Row::new(it, false))
            .collect();
        Self {
            rows: ArcRwSignal::new(rows),
        }
    }

    /// As they are typed.
    pub(crate) fn read(&self) -> Vec<Stretch> {
        self.rows.with(|rows| rows.iter().map(Row::read).collect())
    }

    /// Whether they can be.
    pub(crate) fn can_be(&self) -> bool {
        wrong(&self.read()).is_none()
    }

    /// Takes over those of another day.
    pub(crate) fn copy(&self, other: &Self) {
        let rows = other.read().into_iter().map(|it| Row::new(it, false));
        self.rows.set(rows.collect());
    }

    fn add(&self) {
        let stretch = next(&self.read());
        self.rows.update(|rows| rows.push(Row::new(stretch, true)));
    }

    fn remove(&self, key: usize) {
        self.rows.update(|rows| rows.retain(|row| row.key != key));
    }
}

/// What is offered for the next stretch of a day.
fn next(stretches: &[Stretch]) -> Stretch {
    let (from, to) = match stretches {
        [] => ("09:00", "17:00"),
        _ => ("", ""),
    };
    (from.to_owned(), to.to_owned())
}

fn wrong(stretches: &[Stretch]) -> Option<Wrong> {
    let mut sorted: Vec<_> = stretches.iter().collect();
    sorted.sort();
    if sorted
        .iter()
        .any(|(from, to)| from.is_empty() || to.is_empty())
    {
        return Some(Wrong::Incomplete);
    }
    if sorted.iter().any(|(from, to)| from >= to) {
        return Some(Wrong::Backwards);
    }
    let overlap = sorted.windows(2).any(|two| two[1].0 < two[0].1);
    overlap.then_some(Wrong::Overlap)
}

/// The hours of a day.
#[component]
pub(crate) fn DayField(
    /// Which day.
    #[prop(into)]
    label: Signal<String>,
    hours: DayHours,
    /// What stands there instead of the label.
    #[prop(optional)]
    heading: Option<AnyView>,
) -> impl IntoView {
    let kit = words();
    let closed = {
        let rows = hours.rows.clone();
        move || {
            rows.with(Vec::is_empty)
                .then(|| view! { <span class="sb-hint">{move || kit.get().closed()}</span> })
        }
    };
    let error = {
        let hours = hours.clone();
        move || {
            let said = match wrong(&hours.read())? {
                Wrong::Incomplete => return None,
                Wrong::Backwards => kit.get().hours_backwards(),
                Wrong::Overlap => kit.get().hours_overlap(),
            };
            Some(view! {
                <p class="sb-field-error" role="alert">
                    {icon(Icon::Alert)} {said}
                </p>
            })
        }
    };
    let rows = hours.rows.clone();
    let add = {
        let hours = hours.clone();
        move |event: MouseEvent| {
            edited(&event);
            hours.add();
        }
    };
    let draw = move |row: Row| view! { <StretchField row hours=hours.clone() /> };
    view! {
        <div class="sb-hours" role="group" aria-label=label>
            <div class="sb-hours-day">{heading.unwrap_or_else(|| view! { {label} }.into_any())}</div>
            <div class="sb-hours-rows">
                {closed}
                <For each=move || rows.get() key=|row| row.key children=draw />
                <button
                    type="button"
                    class="sb-button sb-button-quiet sb-hours-add"
                    aria-label=move || kit.get().add_hours_of(&label.get())
                    on:click=add
                >
                    "+ "
                    {move || kit.get().add_hours()}
                </button>
            </div>
            {error}
        </div>
    }
}

#[component]
fn StretchField(row: Row, hours: DayHours) -> impl IntoView {
    let kit = words();
    let key = row.key;
    let first = NodeRef::<html::Input>::new();
    if row.fresh {
        first.on_load(|field| dom::focus(&field));
    }
    let remove = move |event: MouseEvent| {
        edited(&event);
        // The button goes with its row; the focus stays at the day.
        let button: Option<HtmlElement> = event.target().and_then(|it| it.dyn_into().ok());
        let day = button.and_then(|it| it.closest("[role='group']").ok().flatten());
        hours.remove(key);
        let add = day.and_then(|day: Element| day.query_selector(".sb-hours-add").ok().flatten());
        if let Some(add) = add {
            dom::focus(&add);
        }
    };
    let Row { from, to, .. } = row;
    let (from_typed, to_typed) = (from.clone(), to.clone());
    view! {
        <span class="sb-hours-stretch">
            <input
                type="time"
                class="sb-input"
                aria-label=move || kit.get().hours_from()
                node_ref=first
                prop:value=move || from.get()
                on:input=move |event| from_typed.set(event_target_value(&event))
            />
            <span aria-hidden="true">"–"</span>
            <input
                type="time"
                class="sb-input"
                aria-label=move || kit.get().hours_to()
                prop:value=move || to.get()
                on:input=move |event| to_typed.set(event_target_value(&event))
            />
            <button
                type="button"
                class="sb-button sb-button-quiet sb-hours-remove"
                aria-label=move || kit.get().remove()
                on:click=remove
            >
                {icon(Icon::Close)}
            </button>
        </span>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(stretches: &[(&str, &str)]) -> Vec<Stretch> {
        let own = |(from, to): &(&str, &str)| ((*from).to_owned(), (*to).to_owned());
        stretches.iter().map(own).collect()
    }

    #[test]
    fn what_cannot_be_is_told() {
        for (stretches, told) in [
            (day(&[]), None),
            (day(&[("14:00", "18:00"), ("09:00", "12:30")]), None),
            (day(&[("09:00", "12:00"), ("12:00", "24:00")]), None),
            (day(&[("09:00", "")]), Some(Wrong::Incomplete)),
            (day(&[("09:00", "09:00")]), Some(Wrong::Backwards)),
            (day(&[("18:00", "02:00")]), Some(Wrong::Backwards)),
            (
                day(&[("13:00", "15:00"), ("09:00", "13:01")]),
                Some(Wrong::Overlap),
            ),
        ] {
            assert_eq!(wrong(&stretches), told, "{stretches:?}");
        }
    }

    #[test]
    fn a_day_that_is_open_to_its_end_reads_back() {
        let _owner = Owner::new();
        let kept = day(&[("00:00", "24:00"), ("08:00", "12:00")]);
        let hours = DayHours::of(kept.clone());
        assert_eq!(hours.read(), kept);
        let other = DayHours::of([]);
        other.copy(&hours);
        other.add();
        assert_eq!(other.read()[..2], kept);
        assert!(!other.can_be());
        hours.remove(hours.rows.with(|rows| rows[0].key));
        assert_eq!(hours.read(), kept[1..]);
        assert_eq!(next(&[]), ("09:00".to_owned(), "17:00".to_owned()));
    }
}
