//! Charts: bars on top of each other, and lines; with a legend, and a table of what is drawn.

mod scale;
mod shape;

use leptos::prelude::*;

use super::{Cell, Table, language};
use crate::words::Lang;
use crate::words::parts::Texts;
pub(crate) use shape::Shape;

/// How a series looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// What is as it should be.
    Main,
    /// What is beside it: paler, a line of dashes.
    Beside,
    /// What is wrong.
    Bad,
}

impl Look {
    fn class(self) -> &'static str {
        match self {
            Self::Main => "sb-chart-main",
            Self::Beside => "sb-chart-beside",
            Self::Bad => "sb-chart-bad",
        }
    }
}

/// The values of one kind, one for each column; none where there is none.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Series {
    /// What they are called.
    pub(crate) name: &'static str,
    pub(crate) look: Look,
    pub(crate) values: Vec<Option<f64>>,
}

/// What a chart shows.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Plot {
    /// What the columns are: a heading of the table.
    pub(crate) along: &'static str,
    /// The name of each column in few letters, and in words.
    pub(crate) columns: Vec<(String, String)>,
    pub(crate) series: Vec<Series>,
}

impl Plot {
    fn values(&self) -> Vec<Vec<Option<f64>>> {
        self.series.iter().map(|it| it.values.clone()).collect()
    }
}

/// A chart under its name. Screen readers are told the name, and read the table.
#[component]
pub(crate) fn Chart(
    /// What it shows.
    #[prop(into)]
    label: Signal<&'static str>,
    shape: Shape,
    #[prop(into)] plot: Signal<Plot>,
    /// Writes a value.
    write: fn(f64, Lang) -> String,
) -> impl IntoView {
    let lang = language();
    let texts = move || Texts::of(lang.get());
    let value = move |value: Option<f64>| value.map(|it| write(it, lang.get())).unwrap_or_default();
    let drawing = move || {
        let plot = plot.get();
        let all = plot.values();
        let axis = shape.axis(&all);
        let band = scale::Band::of(plot.columns.len());
        // The largest is above all others, and they are equally far apart.
        let mut ticks: Vec<_> = axis.ticks().collect();
        ticks.reverse();
        let ticks = ticks.into_iter();
        let ticks = ticks.map(|tick| view! { <span>{write(tick, lang.get())}</span> });
        let lines = axis.ticks().map(|tick| {
            let y = format!("{:.2}", 100.0 * (1.0 - axis.share(tick)));
            view! { <line class="sb-chart-tick" x1="0" x2="100" y1=y.clone() y2=y /> }
        });
        let class = |look: Look| match shape {
            Shape::Bars => format!("sb-chart-bar {}", look.class()),
            Shape::Lines => format!("sb-chart-line {}", look.class()),
        };
        let paths = plot.series.iter().enumerate().map(|(nth, series)| {
            let dots = (shape == Shape::Lines).then(|| {
                let class = format!("sb-chart-dots {}", series.look.class());
                view! { <path class=class d=shape::dots(&series.values, axis) /> }
            });
            view! {
                <path class=class(series.look) d=shape.path(&all, nth, axis) />
                {dots}
            }
        });
        // What a mouse points at says what it is.
        let told = plot.columns.iter().enumerate().map(|(nth, (_, name))| {
            let of_column = plot.series.iter().map(|series| {
                let shown = value(series.values.get(nth).copied().flatten());
                format!("\n{}: {shown}", series.name)
            });
            let told = format!("{name}{}", of_column.collect::<String>());
            let (x, width) = (100.0 * band.begins(nth), 100.0 * band.step());
            view! {
                <rect class="sb-chart-told" x=x.to_string() width=width.to_string() y="0" height="100">
                    <title>{told}</title>
                </rect>
            }
        });
        let columns = plot
            .columns
            .iter()
            .map(|(name, _)| view! { <span>{name.clone()}</span> });
        view! {
            <div class="sb-chart-axis">{ticks.collect_view()}</div>
            <svg class="sb-chart-plot" viewBox="0 0 100 100" preserveAspectRatio="none">
                {lines.collect_view()}
                {paths.collect_view()}
                {told.collect_view()}
            </svg>
            <div class="sb-chart-columns">{columns.collect_view()}</div>
        }
    };
    let legend = move || {
        let series = plot.get().series.into_iter();
        let entry = series.map(|it| {
            let class = match shape {
                Shape::Bars => "sb-chart-bar",
                Shape::Lines => "sb-chart-line",
            };
            view! {
                <li>
                    <svg viewBox="0 0 16 10" aria-hidden="true">
                        <path
                            class=format!("{class} {}", it.look.class())
                            d=if shape == Shape::Bars { "M3 0h10v10h-10z" } else { "M1 5h14" }
                        />
                    </svg>
                    {it.name}
                </li>
            }
        });
        entry.collect_view()
    };
    let heads = move || {
        let plot = plot.get();
        let names = plot.series.iter().map(|it| it.name);
        std::iter::once(plot.along).chain(names).collect::<Vec<_>>()
    };
    let rows = move || {
        let Plot {
            along,
            columns,
            series,
        } = plot.get();
        let row = |(nth, (_, name)): (usize, (String, String))| {
            let cells = series.iter().map(|it| {
                let shown = value(it.values.get(nth).copied().flatten());
                view! { <Cell column=Signal::stored(it.name)>{shown}</Cell> }
            });
            view! {
                <tr role="row">
                    <Cell column=Signal::stored(along)>{name}</Cell>
                    {cells.collect_view()}
                </tr>
            }
        };
        columns.into_iter().enumerate().map(row).collect_view()
    };
    view! {
        <figure class="sb-chart">
            <figcaption>{label}</figcaption>
            <div class="sb-chart-drawing" role="img" aria-label=move || label.get()>
                {drawing}
            </div>
            <ul class="sb-chart-legend" role="list">{legend}</ul>
            <details class="sb-unfold">
                <summary>{move || texts().show_table()}</summary>
                <Table label=label columns=Signal::derive(heads)>
                    {rows}
                </Table>
            </details>
        </figure>
    }
}
