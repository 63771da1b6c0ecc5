//! What one of the staff notes of a call-back, and one they enter.

use api::callbacks::{Callback, CallbackChange, CallbackOutcome, EnterCallback};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::row::{path, words};
use super::{DRAWER, PATH, Shared};
use crate::data::{Desk, Errand, SaveButton, Status, api_client, wall};
use crate::kit::{SelectField, TextArea, TextField, Wall, hide};
use crate::words::format;

/// A moment, as a field for a day and a time has it.
fn typed(desk: Desk, at: i64) -> String {
    format::wall(at, &desk.timezone()).replacen(' ', "T", 1)
}

/// The moment in such a field (Unix ms).
fn moment(desk: Desk, typed: &str) -> Option<i64> {
    let timezone = desk.timezone();
    let shown = Wall::parse(&typed.replacen('T', " ", 1))?;
    Some(shown.moment(|at| wall(at, &timezone)))
}

/// One that is yet to be, to this number.
#[component]
pub(super) fn Enter(shared: Shared, number: String) -> impl IntoView {
    let (desk, texts) = (shared.desk, move || shared.texts());
    let (name, note) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let phone = RwSignal::new(number);
    let due = RwSignal::new(untrack(|| typed(desk, desk.now.get_untracked())));
    let errand = Errand::new();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let new = EnterCallback {
            name: name.get_untracked(),
            phone: phone.get_untracked(),
            due_at: untrack(|| moment(desk, &due.get())),
            note: note.get_untracked(),
        };
        let work = async move { api_client::post::<()>(PATH, &new).await };
        errand.run(desk, work, move |()| {
            hide(DRAWER);
            shared.reload();
        });
    };
    view! {
        <form class="sb-form" novalidate on:submit=submit>
            <p class="sb-hint">{move || texts().enter_hint()}</p>
            <TextField id="callback-name" label=Signal::derive(move || texts().person()) value=name />
            <TextField
                id="callback-phone"
                label=Signal::derive(move || texts().phone())
                value=phone
                kind="tel"
                hint=Signal::derive(move || Some(texts().phone_hint()))
            />
            <Rest shared due note errand />
        </form>
    }
}

/// What came of one.
#[component]
pub(super) fn See(shared: Shared, callback: Callback) -> impl IntoView {
    let (desk, texts) = (shared.desk, move || shared.texts());
    let outcome = RwSignal::new(String::new());
    let before = untrack(|| typed(desk, callback.due_at));
    let due = RwSignal::new(before.clone());
    let note = RwSignal::new(callback.note);
    let path = path(&callback.id);
    let errand = Errand::new();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let due = due.get_untracked();
        let change = CallbackChange {
            outcome: outcome.with_untracked(|it| match it.as_str() {
                "" => None,
                name => Some(CallbackOutcome::named(name)),
            }),
            due_at: untrack(|| moment(desk, &due)).filter(|_| due != before),
            note: Some(note.get_untracked()),
        };
        let path = path.clone();
        let work = async move { api_client::patch::<()>(&path, &change).await };
        errand.run(desk, work, move |()| {
            hide(DRAWER);
            shared.reload();
        });
    };
    let outcomes = move || {
        let choices = CallbackOutcome::CHOICES.into_iter();
        let choices = choices.map(|it| (it.name().to_owned(), texts().came_of_it(it).to_owned()));
        let none = (String::new(), texts().nothing_yet().to_owned());
        std::iter::once(none).chain(choices).collect::<Vec<_>>()
    };
    view! {
        <form class="sb-form" novalidate on:submit=submit>
            <p><strong>{callback.name}</strong> " " <bdi>{callback.phone}</bdi></p>
            <SelectField
                id="callback-outcome"
                label=Signal::derive(move || texts().outcome())
                value=outcome
                options=Signal::derive(outcomes)
                hint=Signal::derive(move || Some(texts().outcome_hint()))
            />
            <Rest shared due note errand />
        </form>
    }
}

/// When it is due, what the staff should know, and what saves all of it.
#[component]
fn Rest(
    shared: Shared,
    due: RwSignal<String>,
    note: RwSignal<String>,
    errand: Errand,
) -> impl IntoView {
    let desk = shared.desk;
    view! {
        <TextField
            id="callback-due-at"
            label=Signal::derive(move || shared.texts().due())
            value=due
            kind="datetime-local"
        />
        <TextArea
            id="callback-note"
            label=Signal::derive(move || shared.texts().note())
            value=note
            rows=3
        />
        <Status desk errand done=Signal::stored("") words=words />
        <div class="sb-actions">
            <SaveButton desk errand />
        </div>
    }
}
