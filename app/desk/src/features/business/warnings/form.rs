//! The form of a rule.

use std::collections::BTreeSet;

use api::routing::AgentName;
use api::warnings::{WarningRuleDetails, WarningRuleList};
use leptos::ev::SubmitEvent;
use leptos::html;
use leptos::prelude::*;

use super::typed::{Kind, Typed, Wrong};
use super::{Kept, PATH, Section, edited, words};
use crate::data::{Errand, SaveButton, Status};
use crate::kit::{CheckField, SelectField, TextArea, TextField, focus_wrong};
use crate::words::kit::Texts as Common;
use crate::words::warnings::Texts;

#[component]
pub(super) fn Form(
    section: Section,
    kept: Option<Kept>,
    details: WarningRuleDetails,
) -> impl IntoView {
    let Section { desk, listed, .. } = section;
    let editing = listed.editing;
    let typed = Typed::of(details);
    let is_new = kept.is_none();
    let (tried, errand) = (RwSignal::new(false), Errand::new());
    let form = NodeRef::<html::Form>::new();
    let wrong = Memo::new(move |_| match tried.get() {
        true => typed.read().err().unwrap_or_default(),
        false => Wrong::default(),
    });
    let error = move |is: fn(Wrong) -> bool, said: fn(Texts) -> &'static str| {
        Signal::derive(move || is(wrong.get()).then(|| said(section.texts())))
    };
    let id = StoredValue::new(kept.clone().map(|(id, _)| id));
    let show = listed.rivals.show_one(PATH, move |list: WarningRuleList| {
        let id = id.get_value();
        let theirs = list
            .items
            .into_iter()
            .find(|it| Some(&it.id) == id.as_ref());
        editing.set(theirs.map(edited));
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        tried.set(true);
        let Ok(details) = untrack(move || typed.read()) else {
            focus_wrong(form);
            return;
        };
        let kept = kept.as_ref().map(|(id, revision)| (id.as_str(), *revision));
        listed.save(errand, kept, details, show);
    };
    let heading = NodeRef::<html::H3>::new();
    heading.on_load(|heading| {
        let _ = heading.focus();
    });
    let kinds = move || {
        let texts = section.texts();
        let kinds = Kind::ALL.map(|kind| (kind.value().to_owned(), kind.name(texts).to_owned()));
        kinds.to_vec()
    };
    let kind = Memo::new(move |_| typed.kind());
    let number = move || match kind.get() {
        Kind::FunctionFails => Some(
            view! {
                <TextField
                    id="warning-times"
                    label=section.label(|texts| texts.times())
                    value=typed.times
                    kind="number"
                    error=error(|wrong| wrong.times, |texts| texts.times_wrong())
                />
            }
            .into_any(),
        ),
        kind => kind.has_seconds().then(|| {
            view! {
                <TextField
                    id="warning-seconds"
                    label=section.label(|texts| texts.seconds())
                    value=typed.seconds
                    kind="number"
                    error=error(|wrong| wrong.seconds, |texts| texts.seconds_wrong())
                />
            }
            .into_any()
        }),
    };
    let words_field = move || {
        kind.get().has_words().then(|| {
            view! {
                <TextArea
                    id="warning-words"
                    label=section.label(|texts| texts.words())
                    value=typed.words
                    hint=section.hint(|texts| texts.words_hint())
                    error=error(|wrong| wrong.words, |texts| texts.words_wrong())
                />
            }
        })
    };
    view! {
        <form
            class="sb-form"
            aria-labelledby="warnings-form"
            novalidate
            node_ref=form
            on:submit=submit
        >
            <h3 id="warnings-form" tabindex="-1" node_ref=heading>
                {move || {
                    let texts = section.texts();
                    if is_new { texts.add() } else { texts.change_title() }
                }}
            </h3>
            <div class="sb-form-row">
                <TextField
                    id="warning-name"
                    label=section.label(|texts| texts.name())
                    value=typed.name
                    hint=section.hint(|texts| texts.name_hint())
                    error=error(|wrong| wrong.name, |texts| texts.name_wrong())
                />
                <SelectField
                    id="warning-when"
                    label=section.label(|texts| texts.when())
                    value=typed.kind
                    options=Signal::derive(kinds)
                />
                {number}
            </div>
            {words_field}
            <CheckField
                id="warning-flags"
                label=section.label(|texts| texts.flags_call())
                value=typed.flags
                hint=section.hint(|texts| texts.flags_hint())
            />
            <AgentChecks section chosen=typed.agents />
            <Status desk errand words />
            <div class="sb-actions">
                <SaveButton desk errand />
                <button type="button" class="sb-button" on:click=move |_| editing.set(None)>
                    {move || Common::of(desk.lang.get()).cancel()}
                </button>
            </div>
        </form>
    }
}

/// In whose calls a rule is watched for.
#[component]
fn AgentChecks(section: Section, chosen: RwSignal<BTreeSet<String>>) -> impl IntoView {
    let check = move |agent: AgentName| {
        let id = StoredValue::new(agent.id);
        let toggle = move |event| {
            let (on, id) = (event_target_checked(&event), id.get_value());
            chosen.update(|chosen| {
                if on {
                    chosen.insert(id);
                } else {
                    chosen.remove(&id);
                }
            });
        };
        view! {
            <label class="sb-check">
                <input
                    type="checkbox"
                    prop:checked=move || id.with_value(|id| chosen.with(|all| all.contains(id)))
                    on:change=toggle
                />
                <span>{agent.name}</span>
            </label>
        }
    };
    move || {
        let agents = section.agents.get();
        (!agents.is_empty()).then(|| {
            view! {
                <fieldset class="sb-checks">
                    <legend>{section.label(|texts| texts.agents())}</legend>
                    <p class="sb-hint">{section.label(|texts| texts.agents_hint())}</p>
                    {agents.into_iter().map(check).collect_view()}
                </fieldset>
            }
        })
    }
}
