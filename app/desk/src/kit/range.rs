//! From which day until which: what is often wanted is one press away, and any two days can be
//! picked.

use leptos::prelude::*;

use super::Day;
use super::icon::{Icon, icon};
use super::language;
use crate::words::parts::Texts;

/// Nothing is older; a year that is typed is 0002 at first, then 0020.
const EARLIEST: &str = "2000-01-01";

/// Days that are often wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Preset {
    Today,
    Yesterday,
    /// Today and the six days before.
    Days7,
    /// Today and the 29 days before.
    Days30,
    /// Since the first of it.
    Month,
}

impl Preset {
    const ALL: [Self; 5] = [
        Self::Today,
        Self::Yesterday,
        Self::Days7,
        Self::Days30,
        Self::Month,
    ];

    /// From which day, and until which; what goes on today has no end.
    fn days(self, today: Day) -> Days {
        let since = |from: Day| (from.text(), String::new());
        match self {
            Self::Today => since(today),
            Self::Yesterday => {
                let day = today.plus(-1).text();
                (day.clone(), day)
            }
            Self::Days7 => since(today.plus(-6)),
            Self::Days30 => since(today.plus(-29)),
            Self::Month => since(today.first_of_month()),
        }
    }

    fn label(self, texts: Texts) -> &'static str {
        match self {
            Self::Today => texts.today(),
            Self::Yesterday => texts.yesterday(),
            Self::Days7 => texts.days_7(),
            Self::Days30 => texts.days_30(),
            Self::Month => texts.this_month(),
        }
    }
}

/// The first day and the last (`2026-11-23`); empty where there is none.
pub(crate) type Days = (String, String);

/// A range of days.
#[component]
pub(crate) fn DateRange(
    /// What the ids of its fields begin with: `{id}-from` and `{id}-until`.
    id: &'static str,
    #[prop(into)] days: Signal<Days>,
    /// Which day it is (`2026-11-23`).
    #[prop(into)]
    today: Signal<String>,
    /// Somebody wants other days.
    choose: Callback<Days>,
) -> impl IntoView {
    let lang = language();
    let texts = move || Texts::of(lang.get());
    let wrong = Memo::new(move |_| days.with(|(from, until)| !until.is_empty() && until < from));
    let button = |preset: Preset| {
        let wanted = move || {
            today
                .with(|today| Day::parse(today))
                .map(|it| preset.days(it))
        };
        let is_set = move || wanted().is_some_and(|wanted| days.with(|days| *days == wanted));
        let press = move |_| {
            let wanted = untrack(|| wanted().filter(|_| !is_set()));
            choose.run(wanted.unwrap_or_default());
        };
        view! {
            <button
                type="button"
                class="sb-quick-button"
                aria-pressed=move || is_set().to_string()
                on:click=press
            >
                {move || preset.label(texts())}
            </button>
        }
    };
    let error = format!("{id}-wrong");
    let described = error.clone();
    let field = move |name: &str, label: fn(Texts) -> &'static str, is_last: bool| {
        let of = move |(from, until): &Days| if is_last { until.clone() } else { from.clone() };
        let value = move || days.with(of);
        let described = described.clone();
        let wrong = move || is_last && wrong.get();
        let change = move |event| {
            let day = event_target_value(&event);
            if day.is_empty() || day.as_str() >= EARLIEST {
                let (from, until) = days.get_untracked();
                choose.run(if is_last { (from, day) } else { (day, until) });
            }
        };
        let id = format!("{id}-{name}");
        view! {
            <div class="sb-filter">
                <label for=id.clone()>{move || label(texts())}</label>
                <input
                    id=id
                    class="sb-input"
                    class:sb-input-unset=move || value().is_empty()
                    type="date"
                    min=EARLIEST
                    aria-invalid=move || wrong().then_some("true")
                    aria-describedby=move || wrong().then(|| described.clone())
                    prop:value=value
                    on:change=change
                />
            </div>
        }
    };
    let said = move || {
        let id = error.clone();
        wrong.get().then(|| {
            view! {
                <p class="sb-field-error" id=id>
                    {icon(Icon::Alert)}
                    {move || texts().until_early()}
                </p>
            }
        })
    };
    view! {
        <fieldset class="sb-range">
            <legend>{move || texts().when()}</legend>
            <div class="sb-range-presets">{Preset::ALL.map(button).into_iter().collect_view()}</div>
            <div class="sb-range-days">
                {field("from", |texts| texts.from(), false)}
                {field("until", |texts| texts.until(), true)}
            </div>
            {said}
        </fieldset>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presets_are_whole_days_that_end_today_or_go_on() {
        let days = |today: &str, preset: Preset| preset.days(Day::parse(today).unwrap());
        let since = |from: &str| (from.to_owned(), String::new());
        for (preset, expected) in [
            (Preset::Today, since("2026-03-01")),
            (Preset::Days7, since("2026-02-23")),
            (Preset::Days30, since("2026-01-31")),
            (Preset::Month, since("2026-03-01")),
        ] {
            assert_eq!(days("2026-03-01", preset), expected, "{preset:?}");
        }
        let (from, until) = days("2024-03-01", Preset::Yesterday);
        assert_eq!(
            (from.as_str(), until.as_str()),
            ("2024-02-29", "2024-02-29")
        );
        assert_eq!(days("2026-12-31", Preset::Month), since("2026-12-01"));
    }
}
