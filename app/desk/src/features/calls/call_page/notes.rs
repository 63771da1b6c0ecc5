//! What people write down of the call, while it goes on and afterwards.

use api::wrap_up::{CallNote, CallNotes, NewCallNote};
use browser::ui::http::escape;
use leptos::ev::SubmitEvent;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::follow::Call;
use crate::data::noted::Noted;
use crate::data::{Desk, Errand, Loaded, Loading, SaveButton, Status, api_client};
use crate::kit::{Confirm, Question, TextArea};
use crate::role::Role;
use crate::words::history::Texts;

/// Those there are, and the form in which one is added, or changed by whoever wrote it.
#[component]
pub(super) fn Notes(desk: Desk, call: Call) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let path = StoredValue::new(call.path() + "/notes");
    let loaded = Loaded::<CallNotes>::from(desk, path.get_value());
    let errand = Errand::new();
    let text = RwSignal::new(String::new());
    // The id of the one that is changed.
    let changed = RwSignal::new(None::<String>);
    let question = RwSignal::new(None);
    let form = NodeRef::<html::Form>::new();
    let focus = move || {
        let field = form.get_untracked();
        let field = field.and_then(|form| form.query_selector("textarea").ok()?);
        if let Some(Ok(field)) = field.map(JsCast::dyn_into::<HtmlElement>) {
            let _ = field.focus();
        }
    };
    let end = move || {
        changed.set(None);
        text.set(String::new());
        errand.give_up();
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let (id, sent) = (changed.get_untracked(), text.get_untracked());
        let path = path.get_value();
        let new = NewCallNote { text: sent.clone() };
        let work = async move {
            match id {
                None => api_client::post::<CallNote>(&path, &new).await.map(drop),
                Some(id) => api_client::put(&(path + "/" + &escape(&id)), &new).await,
            }
        };
        errand.run(desk, work, move |()| {
            // What was typed meanwhile stays.
            if text.with_untracked(|now| *now == sent) {
                end();
            }
            loaded.reload();
        });
    };
    let change = Callback::new(move |note: CallNote| {
        text.set(note.text);
        changed.set(Some(note.id));
        focus();
    });
    let remove = Callback::new(move |id: String| {
        let texts = untrack(texts);
        let act = Callback::new(move |()| {
            let path = path.get_value() + "/" + &escape(&id);
            let is_changed = changed.with_untracked(|it| it.as_ref() == Some(&id));
            let work = async move { api_client::delete(&path).await };
            errand.run(desk, work, move |()| {
                if is_changed {
                    end();
                }
                // The button that was pressed goes with the note.
                focus();
                loaded.reload();
            });
        });
        question.set(Some(Question {
            title: texts.note_remove_title().to_owned(),
            text: texts.note_remove_text().to_owned(),
            yes: texts.note_remove(),
            act,
        }));
    });
    let draw = move |notes: CallNotes| {
        let rows = notes.items.into_iter();
        let rows = rows.map(|note| view! { <Row desk note change remove /> });
        view! {
            <ol class="sb-notes" role="list">
                {rows.collect_view()}
            </ol>
        }
    };
    let leave = move |_| {
        end();
        focus();
    };
    let label = move || match changed.with(Option::is_some) {
        true => texts().note_change(),
        false => texts().note_new(),
    };
    view! {
        <section class="sb-card" aria-labelledby="notes-title">
            <h2 id="notes-title">{move || texts().notes()}</h2>
            <Loading desk loaded draw />
            <form class="sb-form" novalidate node_ref=form on:submit=submit>
                <TextArea id="note-text" label=Signal::derive(label) value=text rows=3 />
                <Status desk errand />
                <div class="sb-actions">
                    <SaveButton desk errand />
                    {move || {
                        changed
                            .with(Option::is_some)
                            .then(|| {
                                view! {
                                    <button type="button" class="sb-button" on:click=leave>
                                        {move || texts().note_leave()}
                                    </button>
                                }
                            })
                    }}
                </div>
            </form>
            <Confirm question />
        </section>
    }
}

/// One of them, and what the reader may do with it.
#[component]
fn Row(
    desk: Desk,
    note: CallNote,
    change: Callback<CallNote>,
    remove: Callback<String>,
) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let (shown, kept) = (note.clone(), StoredValue::new(note));
    let is_mine = kept.with_value(|it| it.written.user_id == Some(desk.me()));
    let changing = is_mine.then(|| {
        view! {
            <button
                type="button"
                class="sb-button sb-button-small sb-button-quiet"
                on:click=move |_| change.run(kept.get_value())
            >
                {move || texts().note_change()}
            </button>
        }
    });
    let removing = (is_mine || desk.role() >= Role::Admin).then(|| {
        view! {
            <button
                type="button"
                class="sb-button sb-button-small sb-button-quiet"
                on:click=move |_| remove.run(kept.with_value(|it| it.id.clone()))
            >
                {move || texts().note_remove()}
            </button>
        }
    });
    view! {
        <li>
            <Noted desk note=shown />
            <div class="sb-actions">{changing} {removing}</div>
        </li>
    }
}
