//! Where a call would go now, and why.

use api::routing::{Mismatch, NumberList, RouteAnswer, RouteQuestion};
use leptos::ev;
use leptos::prelude::*;

use super::number_options;
use super::rules::PATH;
use crate::data::Desk;
use crate::data::api_client;
use crate::data::{Errand, Loaded, SaveButton, Status};
use crate::kit::TextField;
use crate::words::Lang;
use crate::words::routing::Texts;
use browser::ui::http::Failure;

/// Asks the server where a call would go.
#[component]
pub(super) fn Trial(desk: Desk, numbers: Loaded<NumberList>) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let (from, to) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    // The first number, until somebody names another.
    Effect::new(move |_| {
        let first = number_options(numbers).into_iter().next();
        if let Some((number, _)) = first.filter(|_| to.with_untracked(String::is_empty)) {
            to.set(number);
        }
    });
    let answer = RwSignal::new(None::<RouteAnswer>);
    let errand = Errand::new();
    let ask = move |event: ev::SubmitEvent| {
        event.prevent_default();
        answer.set(None);
        let question = RouteQuestion {
            from_number: from.get_untracked(),
            to_number: to.get_untracked(),
        };
        let work = async move { api_client::post(&format!("{PATH}/test"), &question).await };
        errand.run(desk, work, move |told| answer.set(Some(told)));
    };
    let said = move || answer.get().map(|answer| told(answer, texts()));
    let label = move |read: fn(Texts) -> &'static str| Signal::derive(move || read(texts()));
    view! {
        <section class="sb-section" aria-labelledby="trial-title">
            <h2 id="trial-title">{move || texts().trial()}</h2>
            <form class="sb-card sb-form" on:submit=ask novalidate>
                <div class="sb-form-row">
                    <TextField
                        id="trial-from-number"
                        kind="tel"
                        label=label(Texts::trial_from)
                        value=from
                        hint=Signal::derive(move || Some(texts().trial_from_hint()))
                    />
                    <TextField id="trial-to-number" kind="tel" label=label(Texts::trial_to) value=to list="trial-numbers" />
                </div>
                <datalist id="trial-numbers">
                    {move || {
                        number_options(numbers)
                            .into_iter()
                            .map(|(number, name)| view! { <option value=number>{name}</option> })
                            .collect_view()
                    }}
                </datalist>
                <div class="sb-actions">
                    <SaveButton desk errand label=label(Texts::try_it) keeps_nothing=true />
                </div>
                <Status desk errand done=Signal::stored("") words=failed />
                <div role="status">{said}</div>
            </form>
        </section>
    }
}

fn failed(failure: &Failure, lang: Lang) -> Option<&'static str> {
    match failure {
        Failure::Problem { status: 400, .. } => Some(Texts::of(lang).no_number()),
        _ => None,
    }
}

fn told(answer: RouteAnswer, texts: Texts) -> impl IntoView + use<> {
    let goes = if answer.rejected {
        texts.rejected().to_owned()
    } else {
        answer
            .agent
            .map_or_else(|| texts.own_agent().to_owned(), |agent| agent.name)
    };
    let because = match answer.rule {
        Some(rule) => texts.by_rule(&rule),
        None => texts.by_none().to_owned(),
    };
    let caller = answer.contact.unwrap_or_else(|| texts.unknown().to_owned());
    let hours = if answer.open {
        texts.open()
    } else {
        texts.closed()
    };
    let country = answer.country.unwrap_or_else(|| "–".to_owned());
    let known = format!("{caller} · {country} · {} · {hours}", answer.language);
    let passed = answer
        .passed
        .into_iter()
        .map(|passed| {
            let because = match passed.because {
                Mismatch::Disabled => texts.not_disabled(),
                Mismatch::Number => texts.not_number(),
                Mismatch::Caller => texts.not_caller(),
                Mismatch::Country => texts.not_country(),
                Mismatch::Hours => texts.not_hours(),
                Mismatch::Language => texts.not_language(),
                Mismatch::Calls => texts.not_calls(),
                Mismatch::Unknown => "–",
            };
            view! { <li>{passed.name} ": " {because}</li> }
        })
        .collect_view();
    let variables = answer
        .variables
        .into_iter()
        .map(|(name, value)| view! { <li><code>{name} " = " {value}</code></li> })
        .collect_view();
    view! {
        <p class="sb-done">"→ " {goes}</p>
        <p>{because}</p>
        <p class="sb-hint">{known}</p>
        <ul class="sb-hint">{passed}</ul>
        <ul>{variables}</ul>
    }
}
