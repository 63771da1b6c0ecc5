//! Hours: those of a week, and dates that have their own.
//!
//! Whether hours make sense the server says; what obviously cannot be is told at once.

use std::sync::atomic::{AtomicUsize, Ordering};

use api::business::{Exception, Hours, Interval};
use leptos::ev::MouseEvent;
use leptos::prelude::*;

use super::field::edited;
use super::{CheckField, DayField, DayHours, language};
use crate::words::hours::Texts;

/// Those that Monday's hours are copied to: the rest of what most people work.
const WORKING: std::ops::Range<usize> = 1..5;

/// What was typed.
#[derive(Debug, Clone)]
pub(crate) struct TypedHours {
    always_open: RwSignal<bool>,
    week: [DayHours; 7],
    exceptions: RwSignal<Vec<TypedException>>,
}

/// A date that has hours of its own.
#[derive(Debug, Clone)]
struct TypedException {
    key: usize,
    date: ArcRwSignal<String>,
    hours: DayHours,
}

impl TypedException {
    fn new(date: String, open: &[Interval]) -> Self {
        static DATES: AtomicUsize = AtomicUsize::new(0);
        Self {
            key: DATES.fetch_add(1, Ordering::Relaxed),
            date: ArcRwSignal::new(date),
            hours: day(open),
        }
    }
}

fn day(open: &[Interval]) -> DayHours {
    DayHours::of(open.iter().map(|it| (it.from.clone(), it.to.clone())))
}

fn intervals(day: &DayHours) -> Vec<Interval> {
    let stretches = day.read().into_iter();
    stretches.map(|(from, to)| Interval { from, to }).collect()
}

impl TypedHours {
    pub(crate) fn from(hours: &Hours) -> Self {
        let week = hours.week.clone().unwrap_or_default();
        let exception = |it: &Exception| TypedException::new(it.date.clone(), &it.open);
        Self {
            always_open: RwSignal::new(hours.week.is_none()),
            week: week.map(|open| day(&open)),
            exceptions: RwSignal::new(hours.exceptions.iter().map(exception).collect()),
        }
    }

    /// `None` where something lacks or cannot be.
    pub(crate) fn read(&self) -> Option<Hours> {
        let week = (!self.always_open.get()).then_some(&self.week);
        let exceptions = self.exceptions.get();
        let days = week.into_iter().flatten();
        let mut all = days.chain(exceptions.iter().map(|it| &it.hours));
        let mut dates = exceptions.iter().map(|it| it.date.get());
        let can_be = all.all(DayHours::can_be);
        (can_be && dates.all(|date| !date.is_empty())).then(|| Hours {
            week: week.map(|week| week.each_ref().map(intervals)),
            exceptions: exceptions
                .iter()
                .map(|it| Exception {
                    date: it.date.get(),
                    open: intervals(&it.hours),
                })
                .collect(),
        })
    }
}

/// The fields.
#[component]
pub(crate) fn HoursFields(
    typed: TypedHours,
    /// What no hours of the week mean.
    #[prop(into)]
    always: Signal<&'static str>,
) -> impl IntoView {
    let lang = language();
    let texts = move || Texts::of(lang.get());
    let TypedHours {
        always_open,
        week,
        exceptions,
    } = typed;
    let names: [fn(Texts) -> &'static str; 7] = [
        |texts| texts.monday(),
        |texts| texts.tuesday(),
        |texts| texts.wednesday(),
        |texts| texts.thursday(),
        |texts| texts.friday(),
        |texts| texts.saturday(),
        |texts| texts.sunday(),
    ];
    let days = move || {
        (!always_open.get()).then(|| {
            let draw = |nth: usize| {
                let (hours, name) = (week[nth].clone(), names[nth]);
                let label = Signal::derive(move || name(texts()).to_owned());
                if nth > 0 {
                    return view! { <DayField label hours /> }.into_any();
                }
                let all = week.clone();
                let copy = move |event: MouseEvent| {
                    edited(&event);
                    for day in &all[WORKING] {
                        day.copy(&all[0]);
                    }
                };
                let heading = view! {
                    {label}
                    <button type="button" class="sb-button sb-button-quiet sb-button-small" on:click=copy>
                        {move || texts().copy_monday()}
                    </button>
                };
                view! { <DayField label hours heading=heading.into_any() /> }.into_any()
            };
            (0..week.len()).map(draw).collect_view()
        })
    };
    let add = move |event: MouseEvent| {
        edited(&event);
        exceptions.update(|all| all.push(TypedException::new(String::new(), &[])));
    };
    let draw = move |it: TypedException| {
        let key = it.key;
        let remove = move |_| exceptions.update(|all| all.retain(|other| other.key != key));
        view! { <ExceptionField exception=it remove=Callback::new(remove) /> }
    };
    view! {
        <CheckField id="always-open" label=always value=always_open />
        {days}
        <h2>{move || texts().exceptions()}</h2>
        <p class="sb-hint">{move || texts().exceptions_hint()}</p>
        <For each=move || exceptions.get() key=|it| it.key children=draw />
        <div class="sb-actions">
            <button type="button" class="sb-button" on:click=add>
                {move || texts().add_exception()}
            </button>
        </div>
    }
}

#[component]
fn ExceptionField(exception: TypedException, remove: Callback<()>) -> impl IntoView {
    let lang = language();
    let texts = move || Texts::of(lang.get());
    let TypedException { date, hours, .. } = exception;
    let (shown, typed) = (date.clone(), date.clone());
    let label = Signal::derive(move || {
        let date = date.get();
        if date.is_empty() {
            texts().date().to_owned()
        } else {
            date
        }
    });
    let heading = view! {
        <input
            type="date"
            class="sb-input"
            aria-label=move || texts().date()
            prop:value=move || shown.get()
            on:input=move |event| typed.set(event_target_value(&event))
        />
        <button
            type="button"
            class="sb-button sb-button-quiet sb-button-small"
            on:click=move |event| {
                edited(&event);
                remove.run(());
            }
        >
            {move || texts().remove_exception()}
        </button>
    };
    view! { <DayField label hours heading=heading.into_any() /> }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interval(from: &str, to: &str) -> Interval {
        Interval {
            from: from.to_owned(),
            to: to.to_owned(),
        }
    }

    #[test]
    fn hours_read_back_and_what_lacks_is_not_sent() {
        let _owner = Owner::new();
        let mut week: [Vec<Interval>; 7] = Default::default();
        week[0] = vec![interval("09:00", "12:30"), interval("14:00", "24:00")];
        let exception = |date: &str, open| Exception {
            date: date.to_owned(),
            open,
        };
        let hours = Hours {
            week: Some(week),
            exceptions: vec![
                exception("2026-12-24", vec![interval("09:00", "12:00")]),
                exception("2026-12-25", vec![]),
            ],
        };
        let typed = TypedHours::from(&hours);
        assert_eq!(typed.read(), Some(hours));
        // Without hours for the week it is always open, but for its exceptions.
        typed.always_open.set(true);
        assert_eq!(typed.read().unwrap().week, None);
        typed
            .exceptions
            .update(|all| all.push(TypedException::new(String::new(), &[])));
        assert_eq!(typed.read(), None);
        let backwards = TypedHours::from(&Hours {
            week: None,
            exceptions: vec![exception("2026-12-24", vec![interval("12:00", "09:00")])],
        });
        assert_eq!(backwards.read(), None);
    }
}
