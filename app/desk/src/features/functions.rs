//! What agents may ask the server for: each function with its figures, the agents it is on for,
//! what it was asked last, and a trial; those the business defines itself; and putting them into an
//! agent.

mod attempt;
mod fared;
mod install;
mod one;
mod own;
mod runs;

use api::functions::{FunctionOutcome, FunctionUse, FunctionUseList};
use leptos::prelude::*;

use crate::data::{Desk, Loaded, Loading};
use crate::kit::{Cell, Table};
use crate::nav;
use crate::route::Section;
use crate::words::format;
use crate::words::functions::Texts;
use crate::words::sections::Texts as Sections;
use one::One;

const PATH: &str = "/api/desk/functions";

/// What the page's parts share.
#[derive(Clone, Copy)]
struct Shared {
    desk: Desk,
    all: Loaded<FunctionUseList>,
}

impl Shared {
    fn texts(self) -> Texts {
        Texts::of(self.desk.lang.get())
    }

    fn label(self, read: fn(Texts) -> &'static str) -> Signal<&'static str> {
        Signal::derive(move || read(self.texts()))
    }

    fn milliseconds(self, ms: Option<i64>) -> String {
        ms.map(|ms| format::milliseconds(ms as f64, self.desk.lang.get()))
            .unwrap_or_default()
    }

    fn open(self, name: Option<String>) {
        nav::open(self.desk.route, Section::Functions, name);
    }

    /// Which share of those asked failed; none where nobody asked.
    fn share(self, failed: u32, asked: u32) -> Option<String> {
        let lang = self.desk.lang.get();
        (asked > 0).then(|| format::percent(f64::from(failed) / f64::from(asked), lang))
    }
}

/// What became of a function: the chip's class, and its word.
fn outcome(outcome: FunctionOutcome, texts: Texts) -> (&'static str, &'static str) {
    match outcome {
        FunctionOutcome::Running => ("sb-chip sb-chip-accent", texts.running()),
        FunctionOutcome::Done => ("sb-chip sb-chip-good", texts.done()),
        FunctionOutcome::Refused => ("sb-chip sb-chip-warn", texts.refused()),
        FunctionOutcome::Failed => ("sb-chip sb-chip-bad", texts.broke()),
        FunctionOutcome::Late => ("sb-chip sb-chip-bad", texts.late()),
        FunctionOutcome::Unknown => ("sb-chip", "–"),
    }
}

/// Which function an address opens, and in which tab; no function has a colon in its name.
fn parts(place: &str) -> (&str, &str) {
    place.split_once(':').unwrap_or((place, ""))
}

/// The functions, and the one that is open.
#[component]
pub(crate) fn Page(desk: Desk) -> impl IntoView {
    let shared = Shared {
        desk,
        all: Loaded::from(desk, format!("{PATH}/use")),
    };
    let place = nav::open_in(desk.route, Section::Functions);
    // What is being typed stays, though the figures are loaded anew.
    let opened = Memo::new(move |_| {
        let list = shared.all.value.get()?.ok()?;
        let name = place.with(|place| Some(parts(place.as_ref()?).0.to_owned()))?;
        list.items.iter().any(|it| it.name == name).then_some(name)
    });
    let tab = Memo::new(move |_| {
        place.with(|place| place.as_ref().map_or("", |it| parts(it).1).to_owned())
    });
    let draw = move |list: FunctionUseList| view! { <List shared list /> };
    let one = move || opened.get().map(|name| view! { <One shared name tab /> });
    view! {
        <p class="sb-hint">{shared.label(|texts| texts.hint())}</p>
        {one}
        <Loading desk loaded=shared.all draw />
        <own::Owns shared />
        <install::Install shared />
    }
}

#[component]
fn List(shared: Shared, list: FunctionUseList) -> impl IntoView {
    let texts = move || shared.texts();
    let columns = move || {
        let texts = texts();
        vec![
            texts.function(),
            texts.asked(),
            texts.failed(),
            texts.median(),
            texts.most(),
            texts.state(),
            texts.actions(),
        ]
    };
    let days = i64::from(list.days);
    let agents = StoredValue::new(list.agents);
    let row = move |it: FunctionUse| {
        let FunctionUse {
            name,
            description,
            off_for,
            asked,
            failed,
            p50_ms,
            p95_ms,
            ..
        } = it;
        let share = move || shared.share(failed, asked);
        let state = move || {
            let names: Vec<String> = agents.with_value(|agents| {
                let off = agents.iter().filter(|it| off_for.contains(&it.id));
                off.map(|it| it.name.clone()).collect()
            });
            if names.is_empty() {
                texts().all().to_owned()
            } else {
                texts().off_for(&names.join(", "))
            }
        };
        let (opened, named) = (name.clone(), name.clone());
        view! {
            <tr role="row">
                <Cell column=shared.label(|texts| texts.function())>
                    <strong>{name}</strong>
                    <p class="sb-hint">{description}</p>
                </Cell>
                <Cell column=shared.label(|texts| texts.asked()) number=true>
                    {move || format::number(asked.into(), shared.desk.lang.get())}
                </Cell>
                <Cell column=shared.label(|texts| texts.failed()) number=true>{share}</Cell>
                <Cell column=shared.label(|texts| texts.median()) number=true>
                    {move || shared.milliseconds(p50_ms)}
                </Cell>
                <Cell column=shared.label(|texts| texts.most()) number=true>
                    {move || shared.milliseconds(p95_ms)}
                </Cell>
                <Cell column=shared.label(|texts| texts.state())>{state}</Cell>
                <Cell column=shared.label(|texts| texts.actions())>
                    <button
                        type="button"
                        class="sb-button sb-button-small"
                        aria-label=move || format!("{}: {named}", texts().open())
                        on:click=move |_| shared.open(Some(opened.clone()))
                    >
                        {move || texts().open()}
                    </button>
                </Cell>
            </tr>
        }
    };
    let rows = list.items.into_iter().map(row).collect_view();
    view! {
        <section class="sb-section sb-figures">
            <p class="sb-hint">{move || texts().of_days(days)}</p>
            <Table label=Signal::derive(move || Sections::of(shared.desk.lang.get()).functions()) columns=columns numbers=&[1, 2, 3, 4]>
                {rows}
            </Table>
        </section>
    }
}
