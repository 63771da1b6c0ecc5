//! How a function fares: all in all, and day by day.

use api::functions::{FunctionDay, FunctionUse};
use leptos::prelude::*;

use super::Shared;
use crate::kit::{Chart, Look, Plot, Series, Shape, Stats};
use crate::words::format::{self, Precision};

/// The figures, and a chart of how often it was asked for and one of how long it took.
#[component]
pub(super) fn Fares(shared: Shared, function: Memo<Option<FunctionUse>>) -> impl IntoView {
    let desk = shared.desk;
    let texts = move || shared.texts();
    let figures = move || {
        let texts = texts();
        let it = function.get();
        let of = |read: fn(&FunctionUse) -> Option<i64>| {
            let ms = it.as_ref().and_then(read);
            ms.map(|ms| shared.milliseconds(Some(ms)))
        };
        let (asked, failed) = it.as_ref().map_or((0, 0), |it| (it.asked, it.failed));
        let asked_in_words = format::number(asked.into(), desk.lang.get());
        vec![
            (texts.asked(), Some(asked_in_words)),
            (texts.failed(), shared.share(failed, asked)),
            (texts.median(), of(|it| it.p50_ms)),
            (texts.most(), of(|it| it.p95_ms)),
        ]
    };
    let days = Memo::new(move |_| function.get().map(|it| it.days).unwrap_or_default());
    let plot = move |series: Vec<Series>| Plot {
        along: texts().day(),
        columns: days.with(|days| days.iter().map(|day| names(shared, day)).collect()),
        series,
    };
    let of_days = move |read: fn(&FunctionDay) -> Option<f64>| {
        days.with(|days| days.iter().map(read).collect::<Vec<_>>())
    };
    let counts = move || {
        let texts = texts();
        plot(vec![
            Series {
                name: texts.came(),
                look: Look::Main,
                values: of_days(|day| Some(f64::from(day.asked.saturating_sub(day.failed)))),
            },
            Series {
                name: texts.times_failed(),
                look: Look::Bad,
                values: of_days(|day| Some(f64::from(day.failed))),
            },
        ])
    };
    let latencies = move || {
        let texts = texts();
        plot(vec![
            Series {
                name: texts.median(),
                look: Look::Main,
                values: of_days(|day| day.p50_ms.map(|ms| ms as f64)),
            },
            Series {
                name: texts.most(),
                look: Look::Beside,
                values: of_days(|day| day.p95_ms.map(|ms| ms as f64)),
            },
        ])
    };
    let drawn = Memo::new(move |_| days.with(|days| !days.is_empty()));
    let charts = move || {
        drawn.get().then(|| {
            view! {
                <div class="sb-charts">
                    <Chart
                        label=shared.label(|texts| texts.by_day())
                        shape=Shape::Bars
                        plot=Signal::derive(counts)
                        write=|number, lang| format::number(number as i64, lang)
                    />
                    <Chart
                        label=shared.label(|texts| texts.latency())
                        shape=Shape::Lines
                        plot=Signal::derive(latencies)
                        write=format::milliseconds
                    />
                </div>
            }
        })
    };
    let of = move || {
        let days = shared
            .all
            .value
            .get()
            .and_then(Result::ok)
            .map(|list| list.days);
        days.map(|days| texts().of_days(days.into()))
    };
    view! {
        <p class="sb-hint">{of}</p>
        <Stats figures=Signal::derive(figures) />
        {charts}
    }
}

/// What a day is called, in few letters and in words.
fn names(shared: Shared, day: &FunctionDay) -> (String, String) {
    let (lang, zone) = (shared.desk.lang.get(), shared.desk.timezone());
    let name = |precision| format::date(day.begins, lang, &zone, precision);
    (name(Precision::Weekday), name(Precision::Day))
}
