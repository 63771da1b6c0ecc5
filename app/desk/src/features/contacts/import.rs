//! A file of contacts: chosen, looked at, taken in.

use api::contact_files::{
    Column, ContactImport, Fate, ImportList, ImportPlan, ImportPreview, ImportState, PreviewLine,
    RefusedLine,
};
use js_sys::Array;
use leptos::prelude::*;
use serde_json::json;
use wasm_bindgen::JsValue;

use super::{PATH, Shared, Text, Texts, refused, transfer, words};
use crate::data::files::give_out;
use crate::data::{Desk, Errand, Loaded, Loading, Status, api_client};
use crate::kit::icon::{Icon, icon};
use crate::kit::{Cell, Table, TextField};
use crate::nav::{Link, title};
use crate::route::Route;
use crate::words::format::{self, Precision};
use browser::ui::http::escape;
use browser::ui::time;
use browser::ui::web::Timer;

/// How long nothing is changed before it is looked at anew what would become of the file (ms).
const PAUSE_MS: u64 = 300;

fn address() -> String {
    format!("{PATH}/imports")
}

/// The page.
#[component]
pub(super) fn ImportPage(desk: Desk) -> impl IntoView {
    let shared = Shared { desk };
    let heading = move || shared.texts().import();
    Effect::new(move || document().set_title(&title(heading(), desk.texts())));
    let opened = RwSignal::new(None::<ContactImport>);
    let page = move || match opened.get() {
        None => view! { <Begin shared opened /> }.into_any(),
        Some(import) if import.state == ImportState::Prepared => {
            view! { <Prepared shared import opened /> }.into_any()
        }
        Some(import) => view! { <Progress shared import opened /> }.into_any(),
    };
    view! {
        <section class="sb-page sb-contacts" aria-labelledby="import-title">
            <Link route=desk.route to=Route::Contacts class="sb-back">
                {icon(Icon::Back)}
                <span>{shared.label(|texts| texts.back())}</span>
            </Link>
            <h1 id="import-title">{heading}</h1>
            {page}
        </section>
    }
}

/// Where a file is chosen, and those that were.
#[component]
fn Begin(shared: Shared, opened: RwSignal<Option<ContactImport>>) -> impl IntoView {
    let desk = shared.desk;
    let errand = Errand::new();
    let over = RwSignal::new(false);
    let send = move |files: &JsValue| {
        let Some(file) = transfer::chosen(files) else {
            return;
        };
        let path = format!("{}?name={}", address(), escape(&transfer::name(&file)));
        let work = async move { transfer::upload::<ContactImport>(&path, &file).await };
        errand.run(desk, work, move |import| opened.set(Some(import)));
    };
    let picked = move |event: leptos::ev::Event| {
        let input: JsValue = event_target::<JsValue>(&event);
        send(&input);
    };
    let dragged = move |event: leptos::ev::DragEvent| {
        event.prevent_default();
        over.set(true);
    };
    let dropped = move |event: leptos::ev::DragEvent| {
        event.prevent_default();
        over.set(false);
        let event: &JsValue = event.as_ref();
        send(&browser::ui::json::get(event, "dataTransfer"));
    };
    let label = move || match errand.is_busy() {
        true => shared.texts().reading_file(),
        false => shared.texts().choose_file(),
    };
    let last = Loaded::<ImportList>::from(desk, address());
    view! {
        <p class="sb-hint">{shared.label(|texts| texts.import_hint())}</p>
        <div
            class="sb-drop"
            data-over=move || over.get().to_string()
            on:dragover=dragged
            on:dragleave=move |_| over.set(false)
            on:drop=dropped
        >
            <label class="sb-button sb-button-primary" aria-busy=move || errand.is_busy().to_string()>
                {label}
                <input
                    type="file"
                    class="sb-hidden"
                    accept=".csv,.tsv,.txt,text/csv,text/tab-separated-values,text/plain"
                    disabled=move || errand.is_busy()
                    on:change=picked
                />
            </label>
            <span class="sb-hint">{shared.label(|texts| texts.drop_file())}</span>
        </div>
        <Status desk errand done=Signal::stored("") words=words />
        <Loading desk loaded=last draw=move |list: ImportList| last_files(shared, list, opened) />
    }
}

fn last_files(
    shared: Shared,
    list: ImportList,
    opened: RwSignal<Option<ContactImport>>,
) -> Option<AnyView> {
    let desk = shared.desk;
    let rows = list.items.into_iter().map(|import| {
        let (at, state) = (import.created_at, import.state);
        let when = move || format::date(at, desk.lang.get(), &desk.timezone(), Precision::Short);
        let (done, total) = (import.done, import.total);
        let stands = move || stands(shared.texts(), state, done, total);
        let (name, kept) = (import.file.clone(), StoredValue::new(import));
        view! {
            <tr role="row">
                <Cell column=shared.label(|texts| texts.file())>
                    <strong>{name}</strong>
                    " "
                    <time class="sb-hint" datetime=time::machine_date(at)>{when}</time>
                </Cell>
                <Cell column=shared.label(|texts| texts.becomes())>{stands}</Cell>
                <Cell column=Signal::stored("")>
                    <button
                        type="button"
                        class="sb-button sb-button-small"
                        on:click=move |_| opened.set(Some(kept.get_value()))
                    >
                        {shared.label(|texts| texts.open_file())}
                    </button>
                </Cell>
            </tr>
        }
    });
    let rows = rows.collect::<Vec<_>>();
    let columns = move || vec![shared.texts().file(), shared.texts().becomes(), ""];
    (!rows.is_empty()).then(|| {
        view! {
            <h2>{shared.label(|texts| texts.last_files())}</h2>
            <Table label=shared.label(|texts| texts.last_files()) columns=columns>{rows}</Table>
        }
        .into_any()
    })
}

/// How far a file is.
fn stands(texts: Texts, state: ImportState, done: u32, total: u32) -> String {
    match state {
        ImportState::Prepared | ImportState::Running => {
            texts.importing(i64::from(done), &total.to_string())
        }
        ImportState::Done => texts.imported().to_owned(),
        ImportState::Cancelled => texts.import_cancelled().to_owned(),
        ImportState::Unknown => "–".to_owned(),
    }
}

/// What a column may become, by the value of its choice.
const BECOMES: [(&str, Text); 11] = [
    ("ignored", |texts| texts.as_nothing()),
    ("name", |texts| texts.name()),
    ("phone", |texts| texts.phone()),
    ("email", |texts| texts.email()),
    ("language", |texts| texts.language()),
    ("tags", |texts| texts.tags()),
    ("notes", |texts| texts.notes()),
    ("vip", |texts| texts.vip()),
    ("blocked", |texts| texts.blocked_mark()),
    ("do_not_call", |texts| texts.do_not_call_mark()),
    ("field", |texts| texts.as_fact()),
];

fn value_of(column: &Column) -> &'static str {
    match column {
        Column::Ignored => "ignored",
        Column::Name => "name",
        Column::Phone => "phone",
        Column::Email => "email",
        Column::Language => "language",
        Column::Tags => "tags",
        Column::Notes => "notes",
        Column::Vip => "vip",
        Column::Blocked => "blocked",
        Column::DoNotCall => "do_not_call",
        Column::Field(_) | Column::Json(_) => "field",
    }
}

/// The column of a choice. A fact has the name that was guessed, or that of the column.
fn column_of(value: &str, guessed: &Column, name: &str) -> Column {
    match value {
        "name" => Column::Name,
        "phone" => Column::Phone,
        "email" => Column::Email,
        "language" => Column::Language,
        "tags" => Column::Tags,
        "notes" => Column::Notes,
        "vip" => Column::Vip,
        "blocked" => Column::Blocked,
        "do_not_call" => Column::DoNotCall,
        "field" => match guessed {
            fact @ (Column::Field(_) | Column::Json(_)) => fact.clone(),
            _ => Column::Field(name.trim().to_owned()),
        },
        _ => Column::Ignored,
    }
}

/// A file that is here: what its columns are, and what would become of it.
#[component]
fn Prepared(
    shared: Shared,
    import: ContactImport,
    opened: RwSignal<Option<ContactImport>>,
) -> impl IntoView {
    let desk = shared.desk;
    let path = StoredValue::new(format!("{}/{}", address(), escape(&import.id)));
    let chosen = RwSignal::new(import.plan.columns.clone());
    let country = RwSignal::new(import.plan.country.clone().unwrap_or_default());
    let preview = RwSignal::new(None::<ImportPreview>);
    let plan = move || ImportPlan {
        columns: chosen.get(),
        country: Some(country.get().trim().to_owned()).filter(|it| !it.is_empty()),
    };
    let (looking, errand) = (Errand::new(), Errand::new());
    let look = move || {
        let asked = untrack(plan);
        let path = format!("{}/preview", path.get_value());
        let about = looking.about(serde_json::to_string(&asked).unwrap_or_default());
        let sent = serde_json::to_string(&asked).unwrap_or_default();
        // All of the file is looked at: that takes as long as it takes.
        let work = async move {
            transfer::upload::<ImportPreview>(&path, &JsValue::from_str(&sent)).await
        };
        about.run(desk, work, move |answer| {
            // Unless something else was asked meanwhile.
            if asked == untrack(plan) {
                preview.set(Some(answer));
            }
        });
    };
    let timer = StoredValue::new_local(Timer::new(look));
    Effect::new(move |before: Option<()>| {
        chosen.track();
        country.track();
        let pause = if before.is_some() { PAUSE_MS } else { 0 };
        timer.with_value(|timer| timer.set(pause));
    });
    let start = move |_| {
        let (plan, path) = (untrack(plan), format!("{}/start", path.get_value()));
        let work = async move { api_client::post::<ContactImport>(&path, &plan).await };
        errand.run(desk, work, move |import| opened.set(Some(import)));
    };
    let guessed = import.plan.columns.clone();
    let rows = import.header.into_iter().zip(guessed).enumerate();
    let rows = rows.map(|(at, (name, guess))| column(shared, at, name, guess, chosen, preview));
    let rows = rows.collect::<Vec<_>>();
    let columns = move || {
        let texts = shared.texts();
        vec![texts.column(), texts.example(), texts.becomes()]
    };
    let name = import.file;
    view! {
        <p><strong>{name}</strong></p>
        <section class="sb-section" aria-labelledby="import-columns">
            <h2 id="import-columns">{shared.label(|texts| texts.columns())}</h2>
            <Table label=shared.label(|texts| texts.columns()) columns=columns>{rows}</Table>
            <div class="sb-form sb-form-narrow">
                <TextField
                    id="import-country"
                    label=shared.label(|texts| texts.country())
                    value=country
                    hint=Signal::derive(move || Some(shared.texts().country_hint()))
                />
            </div>
        </section>
        <section class="sb-section" aria-labelledby="import-preview">
            <h2 id="import-preview">{shared.label(|texts| texts.preview())}</h2>
            <Status desk errand=looking done=Signal::stored("") words=words />
            {move || preview.get().map(|it| view! { <Preview shared it /> })}
            <Status desk errand done=Signal::stored("") words=words />
            <div class="sb-actions">
                <button
                    type="button"
                    class="sb-button sb-button-primary"
                    aria-busy=move || errand.is_busy().to_string()
                    on:click=start
                >
                    {shared.label(|texts| texts.start_import())}
                </button>
                <button type="button" class="sb-button" on:click=move |_| opened.set(None)>
                    {shared.label(|texts| texts.discard_file())}
                </button>
            </div>
        </section>
    }
}

fn column(
    shared: Shared,
    at: usize,
    own: String,
    guess: Column,
    chosen: RwSignal<Vec<Column>>,
    preview: RwSignal<Option<ImportPreview>>,
) -> impl IntoView {
    let sample = move || preview.with(|it| it.as_ref().and_then(|it| it.samples.get(at).cloned()));
    let value = move || chosen.with(|all| all.get(at).map(value_of).unwrap_or_default());
    let (shown, label) = (own.clone(), own.clone());
    let change = move |event| {
        let column = column_of(&event_target_value(&event), &guess, &own);
        chosen.update(|all| {
            if let Some(it) = all.get_mut(at) {
                *it = column;
            }
        });
    };
    let options = BECOMES.map(|(option, text)| {
        view! {
            <option value=option selected=move || value() == option>
                {shared.label(text)}
            </option>
        }
    });
    view! {
        <tr role="row">
            <Cell column=shared.label(|texts| texts.column())><strong>{shown}</strong></Cell>
            <Cell column=shared.label(|texts| texts.example())>{sample}</Cell>
            <Cell column=shared.label(|texts| texts.becomes())>
                <select class="sb-select" aria-label=label on:change=change>
                    {options.into_iter().collect_view()}
                </select>
            </Cell>
        </tr>
    }
}

/// What would become of the file: how many of which, and the first of each.
#[component]
fn Preview(shared: Shared, it: ImportPreview) -> impl IntoView {
    let counts: [(Text, u32); 4] = [
        (|texts| texts.fate_new(), it.new),
        (|texts| texts.fate_changed(), it.changed),
        (|texts| texts.fate_same(), it.same),
        (|texts| texts.fate_refused(), it.refused),
    ];
    let columns = move || {
        let texts = shared.texts();
        vec![
            texts.line(),
            texts.becomes(),
            texts.name(),
            texts.phone(),
            texts.email(),
            texts.tags(),
        ]
    };
    let first = it.first.into_iter().map(|line| taken(shared, line));
    let first = first.collect::<Vec<_>>();
    let first = (!first.is_empty()).then(|| {
        view! {
            <h3>{shared.label(|texts| texts.first_lines())}</h3>
            <Table label=shared.label(|texts| texts.first_lines()) columns=columns>{first}</Table>
        }
    });
    view! {
        <Counts shared counts />
        <RefusedLines shared lines=it.first_refused />
        {first}
    }
}

#[component]
fn Counts<const N: usize>(shared: Shared, counts: [(Text, u32); N]) -> impl IntoView {
    let counts = counts.map(|(text, count)| {
        view! {
            <div>
                <dt>{shared.label(text)}</dt>
                <dd>{count}</dd>
            </div>
        }
    });
    view! { <dl class="sb-counts">{counts.into_iter().collect_view()}</dl> }
}

fn taken(shared: Shared, line: PreviewLine) -> impl IntoView {
    let (fate, class): (Text, _) = match line.fate {
        Fate::New => (|texts| texts.fate_new(), "sb-chip sb-chip-good"),
        Fate::Changed => (|texts| texts.fate_changed(), "sb-chip sb-chip-accent"),
        Fate::Same => (|texts| texts.fate_same(), "sb-chip"),
        Fate::Unknown => (|_| "–", "sb-chip"),
    };
    let details = line.details;
    let phones = details.phones().collect::<Vec<_>>().join(", ");
    view! {
        <tr role="row">
            <Cell column=shared.label(|texts| texts.line())>{line.line}</Cell>
            <Cell column=shared.label(|texts| texts.becomes())>
                <span class=class>{shared.label(fate)}</span>
            </Cell>
            <Cell column=shared.label(|texts| texts.name())>{details.name}</Cell>
            <Cell column=shared.label(|texts| texts.phone())>
                <bdi class="sb-figure">{phones}</bdi>
            </Cell>
            <Cell column=shared.label(|texts| texts.email())>{details.email}</Cell>
            <Cell column=shared.label(|texts| texts.tags())>{details.tags.join(", ")}</Cell>
        </tr>
    }
}

/// The first lines that are refused, and why.
#[component]
fn RefusedLines(shared: Shared, lines: Vec<RefusedLine>) -> impl IntoView {
    let columns = move || {
        let texts = shared.texts();
        vec![texts.line(), texts.why(), texts.example()]
    };
    let rows = lines.into_iter().map(|line| {
        let reason = line.reason;
        let cells = line
            .cells
            .into_iter()
            .filter(|cell| !cell.trim().is_empty());
        let cells = cells.collect::<Vec<_>>().join(" · ");
        view! {
            <tr role="row">
                <Cell column=shared.label(|texts| texts.line())>{line.line}</Cell>
                <Cell column=shared.label(|texts| texts.why())>
                    {move || refused::why(reason, shared.texts())}
                </Cell>
                <Cell column=shared.label(|texts| texts.example())>{cells}</Cell>
            </tr>
        }
    });
    let rows = rows.collect::<Vec<_>>();
    (!rows.is_empty()).then(|| {
        view! {
            <h3>{shared.label(|texts| texts.refused_lines())}</h3>
            <Table label=shared.label(|texts| texts.refused_lines()) columns=columns>{rows}</Table>
        }
    })
}

/// How far a file is, and then what became of it.
#[component]
fn Progress(
    shared: Shared,
    import: ContactImport,
    opened: RwSignal<Option<ContactImport>>,
) -> impl IntoView {
    let desk = shared.desk;
    let path = format!("{}/{}", address(), escape(&import.id));
    let asked = Loaded::<ContactImport>::from(desk, path.clone());
    let path = StoredValue::new(path);
    let latest = Memo::new(move |_| match asked.value.get() {
        Some(Ok(latest)) => latest,
        _ => import.clone(),
    });
    let state = Memo::new(move |_| latest.with(|it| it.state));
    Effect::new(move |_| {
        desk.now.track();
        if state.get() == ImportState::Running {
            asked.reload();
        }
    });
    let (stopping, reporting) = (Errand::new(), Errand::new());
    let stop = move |_| {
        let path = format!("{}/cancel", path.get_value());
        let work = async move { api_client::post::<ContactImport>(&path, &json!({})).await };
        stopping.run(desk, work, move |import| asked.set(import));
    };
    let report = move |_| {
        let work = transfer::all_refused(path.get_value());
        reporting.run(desk, work, move |lines| {
            let (header, file) = latest.with_untracked(|it| (it.header.clone(), it.file.clone()));
            let text = refused::report(&header, &lines, untrack(move || shared.texts()));
            let parts = Array::of2(&refused::MARK.into(), &text.into());
            give_out(&format!("refused-{file}"), "text/csv;charset=utf-8", &parts);
        });
    };
    let counts = move || {
        let it = latest.get();
        let same = it.done.saturating_sub(it.created + it.changed + it.refused);
        let counts: [(Text, u32); 4] = [
            (|texts| texts.fate_new(), it.created),
            (|texts| texts.fate_changed(), it.changed),
            (|texts| texts.fate_same(), same),
            (|texts| texts.fate_refused(), it.refused),
        ];
        view! { <Counts shared counts /> }
    };
    let said = move || {
        let (state, done, total) = latest.with(|it| (it.state, it.done, it.total));
        stands(shared.texts(), state, done, total)
    };
    let running = move || state.get() == ImportState::Running;
    let any_refused = Memo::new(move |_| latest.with(|it| it.refused > 0));
    view! {
        <p><strong>{move || latest.with(|it| it.file.clone())}</strong></p>
        <div class="sb-card">
            <progress
                max=move || latest.with(|it| it.total)
                prop:value=move || latest.with(|it| it.done)
                aria-label=shared.label(|texts| texts.import())
            ></progress>
            <p role="status">{said}</p>
            {counts}
            <div class="sb-actions">
                {move || running().then(|| view! {
                    <button type="button" class="sb-button" on:click=stop>
                        {shared.label(|texts| texts.cancel_import())}
                    </button>
                })}
                {move || (!running() && any_refused.get()).then(|| view! {
                    <button type="button" class="sb-button sb-button-primary" on:click=report>
                        {shared.label(|texts| texts.report())}
                    </button>
                })}
                {move || (!running()).then(|| view! {
                    <button type="button" class="sb-button" on:click=move |_| opened.set(None)>
                        {shared.label(|texts| texts.discard_file())}
                    </button>
                })}
            </div>
            <Status desk errand=stopping done=Signal::stored("") words=words />
            <Status desk errand=reporting done=Signal::stored("") words=words />
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_the_column_it_stands_for() {
        for (value, _) in BECOMES {
            let column = column_of(value, &Column::Ignored, " Plan ");
            assert_eq!(value_of(&column), value);
        }
        let json = Column::Json("visits".to_owned());
        assert_eq!(column_of("field", &json, "json:visits"), json);
        let plan = Column::Field("Plan".to_owned());
        assert_eq!(column_of("field", &Column::Name, " Plan "), plan);
    }
}
