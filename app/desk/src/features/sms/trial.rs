//! A message to try the settings with, and what became of it.

use std::collections::BTreeMap;

use api::sms::{NewSms, Sms, SmsPage, SmsState};
use leptos::ev::SubmitEvent;
use leptos::html;
use leptos::prelude::*;
use serde_json::Value;

use super::{Shared, Texts, words};
use crate::data::{Errand, SaveButton, Status, api_client};
use crate::kit::{SelectField, TextArea, TextField, focus_wrong, named_lines};
use browser::ui::http::escape;

const PATH: &str = "/api/desk/sms";

/// The chip of a state, and its word.
fn chip(state: SmsState, texts: Texts) -> (&'static str, &'static str) {
    match state {
        SmsState::Queued => ("sb-chip sb-chip-accent", texts.queued()),
        SmsState::Sent => ("sb-chip sb-chip-accent", texts.sent()),
        SmsState::Logged => ("sb-chip sb-chip-warn", texts.logged()),
        SmsState::Delivered => ("sb-chip sb-chip-good", texts.delivered()),
        SmsState::Failed => ("sb-chip sb-chip-bad", texts.failed()),
        SmsState::Unclear => ("sb-chip sb-chip-warn", texts.unclear()),
        SmsState::Received | SmsState::Unknown => ("sb-chip", texts.unknown()),
    }
}

/// The form, and where the message stands.
#[component]
pub(super) fn Trial(shared: Shared) -> impl IntoView {
    let desk = shared.desk;
    let texts = move || shared.texts();
    let text = || RwSignal::new(String::new());
    let (to, body, template, language, variables) = (text(), text(), text(), text(), text());
    let tried = RwSignal::new(false);
    let missing =
        move |typed: RwSignal<String>| tried.get() && typed.with(|text| text.trim().is_empty());
    let sent = RwSignal::new(None::<Sms>);
    let (sending, looking) = (Errand::new(), Errand::new());
    let form = NodeRef::<html::Form>::new();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        tried.set(true);
        let read = |typed: RwSignal<String>| typed.with_untracked(|text| text.trim().to_owned());
        let (to, body, template) = (read(to), read(body), read(template));
        if to.is_empty() || (template.is_empty() && body.is_empty()) {
            focus_wrong(form);
            return;
        }
        let by_template = !template.is_empty();
        let variables: BTreeMap<_, _> = named_lines(&read(variables), '=')
            .into_iter()
            .map(|(name, value)| (name, Value::String(value)))
            .collect();
        let message = NewSms {
            to,
            body: if by_template { String::new() } else { body },
            template: by_template.then_some(template),
            variables: if by_template {
                variables
            } else {
                BTreeMap::new()
            },
            language: Some(read(language)).filter(|it| by_template && !it.is_empty()),
        };
        let work = async move { api_client::post::<Sms>(PATH, &message).await };
        sending.run(desk, work, move |now| {
            tried.set(false);
            sent.set(Some(now));
        });
    };
    let look = move |_| {
        let Some(Sms { id, number, .. }) = sent.get_untracked() else {
            return;
        };
        let path = format!("{PATH}?number={}", escape(&number));
        let work = async move { api_client::get::<SmsPage>(&path).await };
        looking.run(desk, work, move |page| {
            if let Some(now) = page.items.into_iter().find(|it| it.id == id) {
                sent.set(Some(now));
            }
        });
    };
    let all = move || {
        let list = shared.templates.value.get().and_then(Result::ok);
        list.map(|list| list.items).unwrap_or_default()
    };
    let choices = move || {
        let own = (String::new(), texts().own_text().to_owned());
        let named = all().into_iter().map(|it| it.details.name);
        let named = named.map(|name| (name.clone(), name));
        std::iter::once(own).chain(named).collect::<Vec<_>>()
    };
    let languages = move || {
        let first = (String::new(), texts().first_language().to_owned());
        let chosen = all()
            .into_iter()
            .find(|it| template.with(|name| it.details.name == *name));
        let tags = chosen.map(|it| it.details.texts).unwrap_or_default();
        let tags = tags.into_keys().map(|tag| (tag.clone(), tag));
        std::iter::once(first).chain(tags).collect::<Vec<_>>()
    };
    let by_template = Memo::new(move |_| !template.with(String::is_empty));
    let said = move || match by_template.get() {
        false => view! {
            <TextArea
                id="sms-trial-text"
                label=shared.label(|texts| texts.text())
                value=body
                rows=2
                error=Signal::derive(move || missing(body).then(|| texts().text_missing()))
            />
        }
        .into_any(),
        true => view! {
            <SelectField
                id="sms-trial-language"
                label=shared.label(|texts| texts.language())
                value=language
                options=Signal::derive(languages)
            />
            <TextArea
                id="sms-trial-variables"
                label=shared.label(|texts| texts.variables())
                value=variables
                rows=2
                hint=shared.hint(|texts| texts.variables_hint())
            />
        }
        .into_any(),
    };
    let stands = move || {
        let Sms { state, error, .. } = sent.get()?;
        let word = move || {
            let (class, word) = chip(state, texts());
            view! { <span class=class>{word}</span> }
        };
        Some(view! {
            <div class="sb-actions">
                {word} {error.map(|error| view! { <span>{error}</span> })}
                <button type="button" class="sb-button sb-button-small" on:click=look>
                    {shared.label(|texts| texts.look())}
                </button>
            </div>
        })
    };
    view! {
        <form class="sb-card sb-form" aria-labelledby="sms-trial" novalidate node_ref=form on:submit=submit>
            <h2 id="sms-trial">{shared.label(|texts| texts.trial())}</h2>
            <div class="sb-form-row">
                <TextField
                    id="sms-trial-to"
                    label=shared.label(|texts| texts.to())
                    value=to
                    kind="tel"
                    hint=shared.hint(|texts| texts.to_hint())
                    error=Signal::derive(move || missing(to).then(|| texts().to_missing()))
                />
                <SelectField
                    id="sms-trial-template"
                    label=shared.label(|texts| texts.template())
                    value=template
                    options=Signal::derive(choices)
                />
            </div>
            {said}
            <Status desk errand=sending done=Signal::stored("") words />
            <Status desk errand=looking done=Signal::stored("") words />
            <div class="sb-actions">
                <SaveButton desk errand=sending label=shared.label(|texts| texts.send()) keeps_nothing=true />
            </div>
            <div role="status">{stands}</div>
        </form>
    }
}
