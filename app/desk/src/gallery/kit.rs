//! What pages are made of.

use std::future::{pending, ready};

use api::business::{Exception, Hours, Interval};
use leptos::prelude::*;
use serde_json::Value;

use crate::data::Desk;
use crate::data::{
    Errand, LoadMore, Loaded, Loading, Pages, Rivalry, Rivals, RowStatus, SaveButton, Status,
};
use crate::kit::icon::{Icon, icon};
use crate::kit::{
    Ago, Button, ButtonLook, ButtonSize, Cell, Chart, CheckField, ColorField, Confirm, DateRange,
    DayField, DayHours, Does, Empty, HoursFields, JsonField, Known, Look, Menu, MenuItem,
    MethodField, Offer, Plot, Question, RowActions, SecretBox, SelectField, Series, SeveralField,
    Shape, Stats, Tab, Table, Tabs, TextArea, TextField, TimezoneField, Toast, ToastPlace,
    TypedHours,
};
use crate::nav::Link;
use crate::route::Route;
use crate::words::format::{self, Precision};
use browser::ui::http::Failure;
use browser::ui::time;

type Text = Signal<&'static str>;

fn say(text: &'static str) -> Text {
    Signal::stored(text)
}

fn note(text: &'static str) -> Signal<Option<&'static str>> {
    Signal::stored(Some(text))
}

/// All of it.
#[component]
pub(super) fn Kit(desk: Desk) -> impl IntoView {
    view! {
        <div class="sb-page sb-settings-body">
            <h1>"Parts"</h1>
            <Buttons desk />
            <Fields />
            <LongFields />
            <Steering />
            <Figures desk />
            <Errands desk />
            <SecretBox
                label=say("A secret")
                secret=RwSignal::new(Some("sk_0123456789abcdef0123456789abcdef0123456789abcdef".to_owned()))
                hint=note("It is for the telephone system.")
            />
            <Tables desk />
            <Loads desk />
            <Undoing />
            <Empty title=say("Nothing here yet") hint=say("What would be here, and how it comes here.") />
            <Asking />
        </div>
    }
}

#[component]
fn Buttons(desk: Desk) -> impl IntoView {
    let looks = [
        ("Button", ButtonLook::Plain),
        ("Primary", ButtonLook::Primary),
        ("Quiet", ButtonLook::Quiet),
        ("Danger", ButtonLook::Danger),
    ];
    let sizes = [("", ButtonSize::Usual), (", small", ButtonSize::Small)];
    let states = [
        ("", false, false),
        (", disabled", true, false),
        (", under way", false, true),
    ];
    let one = |look: (&str, ButtonLook), size: (&str, ButtonSize), state: (&str, bool, bool)| {
        let words = [look.0, size.0, state.0].concat();
        let ((_, look), (_, size), (_, disabled, busy)) = (look, size, state);
        view! { <Button look size disabled busy press=|()| {}>{words}</Button> }
    };
    let of_look = |look| {
        let all = sizes
            .into_iter()
            .flat_map(|size| states.map(|state| (size, state)));
        all.map(|(size, state)| one(look, size, state))
            .collect_view()
    };
    let buttons = looks.map(of_look).into_iter().collect_view();
    view! {
        <section class="sb-card" aria-labelledby="buttons">
            <h2 id="buttons">"Buttons"</h2>
            <div class="sb-actions">
                {buttons}
                <button type="button" class="sb-button" aria-pressed="true">"Pressed"</button>
                <button type="button" class="sb-button">{icon(Icon::Exit)} "With a picture"</button>
                <Link route=desk.route to=Route::Callbacks class="sb-button">"A link"</Link>
            </div>
            <RowActions
                of="A row"
                does=vec![
                    (say("Change"), ButtonLook::Plain, Callback::new(|()| {})),
                    (say("Remove"), ButtonLook::Danger, Callback::new(|()| {})),
                ]
            />
            <Link route=desk.route to=Route::Callbacks class="sb-back">
                {icon(Icon::Back)} "Back"
            </Link>
        </section>
    }
}

#[component]
fn Fields() -> impl IntoView {
    let empty = || RwSignal::new(String::new());
    let filled = |text: &str| RwSignal::new(text.to_owned());
    let hours = |stretches: &[(&str, &str)]| {
        let own = |(from, to): &(&str, &str)| ((*from).to_owned(), (*to).to_owned());
        DayHours::of(stretches.iter().map(own))
    };
    let options = Signal::stored(vec![
        (String::new(), "Any".to_owned()),
        (
            "long".to_owned(),
            "A choice whose name is longer than most fields are wide on a telephone".to_owned(),
        ),
    ]);
    view! {
        <section class="sb-card" aria-labelledby="fields">
            <h2 id="fields">"Fields"</h2>
            <form class="sb-form" novalidate on:submit=|event| event.prevent_default()>
                <div class="sb-form-row">
                    <TextField id="empty" label=say("Empty") value=empty() />
                    <TextField
                        id="hinted"
                        label=say("With a hint")
                        value=filled("Sunrise Dental")
                        hint=note("As visitors read it.")
                    />
                    <TextField
                        id="wrong"
                        label=say("Wrong")
                        value=filled("not a number")
                        error=note("Please enter a whole number, with its country code.")
                        hint=note("For example +1 415 555 0100.")
                    />
                </div>
                <div class="sb-form-row">
                    <SelectField id="one" label=say("One of several") value=filled("long") options=options />
                    <SelectField
                        id="none"
                        label=say("One of several, wrong")
                        value=empty()
                        options=options
                        error=note("Please choose one.")
                    />
                    <TimezoneField id="zone" label=say("Time zone") value=filled("Europe/Madrid") />
                </div>
                <TextArea
                    id="lines"
                    label=say("Several lines")
                    value=filled("https://sunrise-dental.example\nhttps://www.sunrise-dental.example")
                    hint=note("One in each line.")
                />
                <div class="sb-form-row">
                    <ColorField id="color" label=say("Colour") value=filled("#0a6b5c") />
                </div>
                <DayField
                    label=Signal::stored("Monday".to_owned())
                    hours=hours(&[("09:00", "12:30"), ("14:00", "24:00")])
                />
                <DayField label=Signal::stored("Tuesday".to_owned()) hours=hours(&[]) />
                <DayField
                    label=Signal::stored("Wednesday".to_owned())
                    hours=hours(&[("09:00", "12:30"), ("12:00", "17:00")])
                />
                <CheckField id="yes" label=say("Yes") value=RwSignal::new(true) hint=note("It can be undone.") />
                <CheckField id="no" label=say("No") value=RwSignal::new(false) />
            </form>
        </section>
    }
}

/// Fields of which one takes the width of the page.
#[component]
fn LongFields() -> impl IntoView {
    let words = |words: &[&str]| words.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
    let chosen = |all: &[&str]| RwSignal::new(words(all));
    let agents = [
        ("agent_1", "Sunrise Dental – Emma"),
        (
            "agent_2",
            "Sunrise Dental – the evening, the night and all the holidays of the year",
        ),
    ];
    let agents = agents.map(|(id, name)| (id.to_owned(), name.to_owned()));
    let agents = Offer::Listed(Signal::stored(agents.to_vec()));
    let tags = Offer::Words(Signal::stored(words(&["gold", "key account"])));
    let interval = |from: &str, to: &str| Interval {
        from: from.to_owned(),
        to: to.to_owned(),
    };
    let mut week: [Vec<Interval>; 7] = Default::default();
    week[0] = vec![interval("09:00", "12:30"), interval("14:00", "24:00")];
    let exception = |date: &str, open| Exception {
        date: date.to_owned(),
        open,
    };
    let exceptions = vec![
        exception("2026-12-24", vec![interval("09:00", "12:00")]),
        exception("2026-12-25", vec![]),
    ];
    let typed = TypedHours::from(&Hours {
        week: Some(week),
        exceptions,
    });
    view! {
        <section class="sb-card" aria-labelledby="long-fields">
            <h2 id="long-fields">"More fields"</h2>
            <form class="sb-form" novalidate on:submit=|event| event.prevent_default()>
                <SeveralField
                    id="several-languages"
                    label=say("Languages")
                    of=Known::Languages
                    value=chosen(&["de", "es-MX", "zh"])
                    hint=note("The first is the default.")
                />
                <SeveralField
                    id="several-agents"
                    label=say("Agents, of which one is gone")
                    of=agents
                    value=chosen(&["agent_2", "agent_0123456789abcdef0123456789abcdef0123456789abcdef"])
                />
                <SeveralField
                    id="several-none"
                    label=say("Agents, wrong")
                    of=agents
                    value=chosen(&[])
                    error=note("Please choose at least one agent.")
                />
                <SeveralField
                    id="several-words"
                    label=say("Tags")
                    of=tags
                    value=chosen(&["gold", "wants to be called on Thursdays, and never before ten in the morning"])
                    hint=note("Enter or a comma adds one.")
                />
                <JsonField
                    id="json"
                    label=say("JSON")
                    value=RwSignal::new("{ \"type\": \"object\" }".to_owned())
                    hint=note("As JSON Schema has it.")
                    error=Signal::stored(None::<String>)
                />
                <JsonField
                    id="json-wrong"
                    label=say("JSON, wrong")
                    value=RwSignal::new("{ \"type\": }".to_owned())
                    error=Signal::stored(Some("In line 1 a value is missing.".to_owned()))
                />
                <MethodField id="method" label=say("Method") value=RwSignal::new("PUT".to_owned()) />
                <fieldset>
                    <legend>"Hours"</legend>
                    <HoursFields typed always=say("Open at all times") />
                </fieldset>
            </form>
        </section>
    }
}

/// Tabs, a menu, and days that are picked.
#[component]
fn Steering() -> impl IntoView {
    let open = RwSignal::new(String::new());
    let words = "What stands in the tab that is open.";
    let tabs = vec![
        Tab::new("one", say("One"), move || view! { <p>{words}</p> }),
        Tab::new("other", say("Another, whose name is longer"), || {
            view! { <p>"What stands in the other one."</p> }
        }),
        Tab::new(
            "last",
            say("The last"),
            || view! { <p>"And in the last."</p> },
        ),
    ];
    let item = |label, is_danger| MenuItem {
        label,
        does: Does::Act(Callback::new(|()| {})),
        is_danger,
    };
    let items = vec![
        item("Copy the link", false),
        MenuItem {
            label: "Download the recording",
            does: Does::Fetch("/desk/gallery/recording".to_owned(), "recording.wav"),
            is_danger: false,
        },
        item("Delete what was said", true),
        item("Delete this call", true),
    ];
    let none = (String::new(), String::new());
    let wrong = ("2026-11-21".to_owned(), "2026-11-20".to_owned());
    let ranges = [("days-none", none), ("days-wrong", wrong)].map(|(id, days)| {
        let days = RwSignal::new(days);
        view! {
            <DateRange
                id
                days
                today=Signal::stored("2026-11-21".to_owned())
                choose=Callback::new(move |wanted| days.set(wanted))
            />
        }
    });
    view! {
        <section class="sb-card sb-section" aria-labelledby="steering">
            <h2 id="steering">"Tabs, a menu, days"</h2>
            <Tabs
                id="gallery"
                label=Signal::stored("Tabs".to_owned())
                tabs
                open
                choose=Callback::new(move |name: &'static str| open.set(name.to_owned()))
            />
            <div class="sb-call-head">
                <strong>"Lucía Fernández"</strong>
                <div class="sb-call-more">
                    <Menu id="gallery-menu" label=say("More of this") items=Signal::stored(items) />
                </div>
            </div>
            <div class="sb-form-row">{ranges.into_iter().collect_view()}</div>
        </section>
    }
}

/// Figures, and charts of much, of one value, of nothing, and of what is very large.
#[component]
fn Figures(desk: Desk) -> impl IntoView {
    let plot = |columns: usize, all: &[(&'static str, Look, Vec<Option<f64>>)]| Plot {
        along: "Day",
        columns: (0..columns)
            .map(|nth| {
                (
                    format!("Mon {}", nth + 1),
                    format!("Monday, {} November", nth + 1),
                )
            })
            .collect(),
        series: all
            .iter()
            .map(|(name, look, values)| Series {
                name,
                look: *look,
                values: values.clone(),
            })
            .collect(),
    };
    let known = |values: &[f64]| values.iter().copied().map(Some).collect::<Vec<_>>();
    let came = known(&[172.0, 190.0, 204.0, 0.0, 12.0, 188.0, 96.0]);
    let failed = known(&[0.0, 3.0, 41.0, 0.0, 0.0, 1.0, 0.0]);
    let mut took = known(&[21.0, 24.0, 38.0, 0.0, 19.0, 22.0, 20.0]);
    let mut most = known(&[64.0, 71.0, 412.0, 0.0, 40.0, 66.0, 58.0]);
    (took[3], most[3]) = (None, None);
    let bars = Shape::Bars;
    let lines = Shape::Lines;
    let number = |number: f64, lang| format::number(number as i64, lang);
    let of = |name, look, values| (name, look, values);
    let charts = [
        (
            "Asked each day",
            bars,
            plot(
                7,
                &[
                    of("Went through", Look::Main, came),
                    of("Failed", Look::Bad, failed),
                ],
            ),
        ),
        (
            "How long it took (ms)",
            lines,
            plot(
                7,
                &[
                    of("Median", Look::Main, took),
                    of("95 in 100", Look::Beside, most),
                ],
            ),
        ),
        (
            "One value",
            lines,
            plot(1, &[of("Median", Look::Main, known(&[8.0]))]),
        ),
        (
            "Nothing",
            bars,
            plot(7, &[of("Went through", Look::Main, known(&[0.0; 7]))]),
        ),
        (
            "Very large",
            bars,
            plot(
                3,
                &[of("Went through", Look::Main, known(&[9e14, 2.0, 4.4e14]))],
            ),
        ),
    ];
    let charts = charts.map(|(label, shape, plot)| {
        view! { <Chart label=say(label) shape plot=Signal::stored(plot) write=number /> }
    });
    let agos = [10, 200, 7_500, 200_000].map(|seconds| {
        let at = time::now() - seconds * 1_000;
        let when =
            Signal::derive(move || format::date(at, desk.lang.get(), "UTC", Precision::Full));
        view! { <Ago at when /> " " }
    });
    let figures = vec![
        ("Asked", Some("1,204".to_owned())),
        ("Failed", Some("3.7 %".to_owned())),
        ("Median", Some("21 ms".to_owned())),
        ("95 in 100", None),
    ];
    view! {
        <section class="sb-card sb-section" aria-labelledby="figures">
            <h2 id="figures">"Figures"</h2>
            <Stats figures=Signal::stored(figures) />
            <p>"Last heard of " {agos.into_iter().collect_view()}</p>
            <div class="sb-charts">{charts.into_iter().collect_view()}</div>
        </section>
    }
}

/// What was asked of the server: under way, done, and failed.
#[component]
fn Errands(desk: Desk) -> impl IntoView {
    let busy = Errand::new();
    busy.run(desk, pending::<Result<(), Failure>>(), |()| {});
    let done = Errand::new();
    done.run(desk, ready(Ok(())), |()| {});
    let failed = Errand::new();
    failed.run(desk, ready(Err::<(), _>(Failure::Offline)), |()| {});
    let of_row = Errand::new();
    of_row.run(desk, ready(Err::<(), _>(Failure::Offline)), |()| {});
    let forms = [busy, done, failed].map(|errand| {
        view! {
            <form class="sb-form" on:submit=|event| event.prevent_default()>
                <Status desk errand />
                <div class="sb-actions">
                    <SaveButton desk errand />
                </div>
            </form>
        }
    });
    view! {
        <section class="sb-card" aria-labelledby="errands">
            <h2 id="errands">"Saving"</h2>
            <div class="sb-form">
                {forms.into_iter().collect_view()}
                <RowStatus desk errand=of_row row=String::new() />
                <Rivalry rivals=Rivals::asking(desk) />
            </div>
        </section>
    }
}

#[component]
fn Tables(desk: Desk) -> impl IntoView {
    const COLUMNS: [&str; 5] = ["When", "Who", "What", "From", "Actions"];
    const NUMBERS: [&str; 2] = ["What", "Took"];
    let rows = [
        ("Lucía Fernández", "Changed the opening hours", "127.0.0.1"),
        (
            "Maximilian von und zu Hohenstein",
            "Invited maximilian.von.und.zu.hohenstein@sunrise-dental.example",
            "2001:db8:85a3:8d3:1319:8a2e:370:7348",
        ),
        (
            "API key “Telephone system”",
            "calls:read, calls:write, contacts:read, contacts:write",
            "203.0.113.195",
        ),
    ];
    let row = move |(who, what, from): (&'static str, &'static str, &'static str)| {
        let at = 1_795_273_200_000;
        let when = move |precision| format::date(at, desk.lang.get(), &desk.timezone(), precision);
        view! {
            <tr role="row">
                <Cell column=say(COLUMNS[0])>
                    <time datetime=time::machine_date(at)>
                        {move || when(Precision::Short)}
                    </time>
                </Cell>
                <Cell column=say(COLUMNS[1])>
                    <span>{who}</span>
                </Cell>
                <Cell column=say(COLUMNS[2])>{what}</Cell>
                <Cell column=say(COLUMNS[3])>
                    <span class="sb-id">{from}</span>
                </Cell>
                <Cell column=say(COLUMNS[4])>
                    <div class="sb-actions">
                        <button type="button" class="sb-button">"Change"</button>
                        <button type="button" class="sb-button sb-button-danger">"Remove"</button>
                    </div>
                </Cell>
            </tr>
        }
    };
    let took = move |ms: f64| {
        view! {
            <tr role="row">
                <Cell column=say(NUMBERS[0])>"An answer"</Cell>
                <Cell column=say(NUMBERS[1]) number=true>
                    {move || format::milliseconds(ms, desk.lang.get())}
                </Cell>
            </tr>
        }
    };
    view! {
        <Table label=say("A table") columns=Signal::stored(COLUMNS.to_vec())>
            {rows.map(row).into_iter().collect_view()}
        </Table>
        <Table
            label=say("Numbers")
            columns=Signal::stored(NUMBERS.to_vec())
            numbers=&[1]
        >
            {[7.0, 12_345.0, 480.0].map(took).into_iter().collect_view()}
        </Table>
    }
}

/// What is still to come, and what does not.
#[component]
fn Loads(desk: Desk) -> impl IntoView {
    let loaded = ["/api/desk/never", "/api/desk/nothing"].map(|path| {
        let loaded = Loaded::<Value>::from(desk, path);
        view! { <Loading desk loaded draw=|_| () /> }
    });
    let pages = Pages::<Value>::from(desk, "/api/desk/nothing");
    view! {
        {loaded.into_iter().collect_view()}
        <LoadMore desk pages />
    }
}

/// What was done and can be undone, and what was.
#[component]
fn Undoing() -> impl IntoView {
    let toasts = [Toast::new(), Toast::new()];
    toasts[0].done("“Telephone system” is switched off.", || {});
    toasts[1].undone();
    // Nobody could look at what goes by itself.
    toasts.iter().copied().for_each(Toast::stay);
    toasts
        .map(|toast| view! { <ToastPlace toast /> })
        .into_iter()
        .collect_view()
}

/// A question is asked once somebody asks for it: nothing else can be used then.
#[component]
fn Asking() -> impl IntoView {
    let question = RwSignal::new(None);
    let ask = move |_| {
        question.set(Some(Question {
            title: "Remove the key “Telephone system”?".to_owned(),
            text: "Whatever uses it stops working at once. This cannot be undone.".to_owned(),
            yes: "Remove it",
            act: Callback::new(|()| {}),
        }));
    };
    view! {
        <p>
            <button type="button" class="sb-button" on:click=ask>"Ask"</button>
        </p>
        <Confirm question />
    }
}
