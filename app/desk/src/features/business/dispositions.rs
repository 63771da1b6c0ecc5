//! How the business's calls can come out, and whether that has to be said.

use api::wrap_up::{Disposition, Dispositions, Tone};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use crate::data::{Desk, Errand, Loaded, Loading, Rivalry, Rivals, SaveButton, Status};
use crate::kit::{CheckField, SelectField, TextField};
use crate::words::Lang;
use crate::words::history::Texts;
use browser::ui::http::Failure;

const PATH: &str = "/api/desk/dispositions";
const TONES: [(Tone, &str); 3] = [
    (Tone::Good, "good"),
    (Tone::Neutral, "neutral"),
    (Tone::Bad, "bad"),
];

/// What failures mean here.
fn words(failure: &Failure, lang: Lang) -> Option<&'static str> {
    let is_refused = matches!(failure, Failure::Problem { status: 422, .. });
    is_refused.then(|| Texts::of(lang).names_wrong())
}

/// One of the list, as it is typed.
#[derive(Clone, Copy)]
struct Row {
    /// Tells it apart while the page is open.
    id: usize,
    name: RwSignal<String>,
    tone: RwSignal<String>,
}

impl Row {
    fn of(id: usize, one: Disposition) -> Self {
        let tone = TONES.iter().find(|(tone, _)| *tone == one.tone);
        Self {
            id,
            name: RwSignal::new(one.name),
            tone: RwSignal::new(tone.map_or("neutral", |(_, word)| *word).to_owned()),
        }
    }

    fn read(self) -> Disposition {
        let word = self.tone.get_untracked();
        let tone = TONES.iter().find(|(_, own)| *own == word);
        Disposition {
            name: self.name.get_untracked().trim().to_owned(),
            tone: tone.map(|(tone, _)| *tone).unwrap_or_default(),
        }
    }
}

/// The list, to be read and changed.
#[component]
pub(super) fn DispositionList(desk: Desk) -> impl IntoView {
    let (loaded, errand, show) = Loaded::<Dispositions>::for_form(desk, PATH);
    let rivals = Rivals::new(desk);
    let draw = move |kept: Dispositions| view! { <Form rivals show errand kept /> };
    view! {
        <Rivalry rivals />
        <Loading desk loaded draw />
    }
}

#[component]
fn Form(rivals: Rivals, show: Callback<()>, errand: Errand, kept: Dispositions) -> impl IntoView {
    let desk = rivals.desk;
    let texts = move || Texts::of(desk.lang.get());
    let revision = StoredValue::new(kept.revision);
    let required = RwSignal::new(kept.required);
    let next = StoredValue::new(kept.items.len());
    let rows: Vec<_> = (0..).zip(kept.items).collect();
    let rows = rows.into_iter().map(|(id, one)| Row::of(id, one));
    let rows = RwSignal::new(rows.collect::<Vec<_>>());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let body = Dispositions {
            items: rows.with_untracked(|rows| rows.iter().map(|row| row.read()).collect()),
            required: required.get_untracked(),
            revision: 0,
        };
        let read = revision.get_value();
        rivals.put(
            errand,
            PATH,
            read,
            &body,
            show,
            move |kept: Dispositions| {
                revision.set_value(kept.revision);
            },
        );
    };
    let add = move |_| {
        let id = next.get_value();
        next.set_value(id + 1);
        rows.update(|rows| rows.push(Row::of(id, Disposition::default())));
    };
    let tones = move || {
        let texts = texts();
        let named = [texts.good(), texts.neutral(), texts.bad()];
        let tones = TONES.iter().zip(named);
        let tones = tones.map(|((_, word), name)| ((*word).to_owned(), name.to_owned()));
        tones.collect::<Vec<_>>()
    };
    let place =
        move |row: Row| rows.with_untracked(|rows| rows.iter().position(|it| it.id == row.id));
    let draw = move |row: Row| {
        let up = move |_| {
            if let Some(at @ 1..) = place(row) {
                rows.update(|rows| rows.swap(at - 1, at));
            }
        };
        let remove = move |_| rows.update(|rows| rows.retain(|it| it.id != row.id));
        view! {
            <div class="sb-form-row">
                <TextField
                    id=format!("disposition-{}", row.id)
                    label=Signal::derive(move || texts().name())
                    value=row.name
                />
                <SelectField
                    id=format!("disposition-tone-{}", row.id)
                    label=Signal::derive(move || texts().tone())
                    value=row.tone
                    options=Signal::derive(tones)
                />
                <div class="sb-actions">
                    <button
                        type="button"
                        class="sb-button"
                        aria-label=move || texts().up(&row.name.get())
                        on:click=up
                    >
                        "↑"
                    </button>
                    <button
                        type="button"
                        class="sb-button"
                        aria-label=move || texts().remove(&row.name.get())
                        on:click=remove
                    >
                        "×"
                    </button>
                </div>
            </div>
        }
    };
    let empty = move || {
        let is_empty = rows.with(Vec::is_empty);
        is_empty.then(|| view! { <p class="sb-hint">{texts().dispositions_none()}</p> })
    };
    view! {
        <form class="sb-card sb-form" novalidate on:submit=submit>
            <h2>{move || texts().dispositions()}</h2>
            <p class="sb-hint">{move || texts().dispositions_hint()}</p>
            {empty}
            <For each=move || rows.get() key=|row| row.id children=draw />
            <div class="sb-actions">
                <button type="button" class="sb-button" on:click=add>
                    {move || texts().add()}
                </button>
            </div>
            <CheckField
                id="disposition-required"
                label=Signal::derive(move || texts().required())
                value=required
                hint=Signal::derive(move || Some(texts().required_hint()))
            />
            <Status desk errand words=words as _ />
            <div class="sb-actions">
                <SaveButton desk errand />
            </div>
        </form>
    }
}
