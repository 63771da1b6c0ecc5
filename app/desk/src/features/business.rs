//! What the business says about itself: name, time zone, languages, hours, and
//! which Retell account it uses.

mod account;
mod dispositions;
mod warnings;
mod whispers;

use api::business::Business;
use api::problem::slug;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

pub(crate) use crate::words::business::Texts;

use crate::data::Desk;
use crate::data::{Errand, Loaded, Loading, Rivalry, Rivals, SaveButton, Status};
use crate::kit::{
    HoursFields, Known, SelectField, SeveralField, TextField, TimezoneField, TypedHours,
};
use crate::words::Lang;
use crate::words::format::{self, Precision};
use account::Account;
use browser::ui::http::Failure;
use dispositions::DispositionList;
use warnings::Warnings;
use whispers::WhisperList;

const PATH: &str = "/api/desk/business";

/// What failures mean here.
fn words(failure: &Failure, lang: Lang) -> Option<&'static str> {
    let texts = Texts::of(lang);
    let Failure::Problem { slug, .. } = failure else {
        return None;
    };
    match slug.as_str() {
        slug::NAME_INVALID => Some(texts.name_invalid()),
        slug::TIMEZONE_UNKNOWN => Some(texts.timezone_unknown()),
        slug::LANGUAGE_INVALID => Some(texts.language_invalid()),
        slug::HOURS_INVALID => Some(texts.hours_invalid()),
        _ => None,
    }
}

/// The business.
#[component]
pub(crate) fn Page(desk: Desk) -> impl IntoView {
    let (loaded, errand, show) = Loaded::<Business>::for_form(desk, PATH);
    let rivals = Rivals::new(desk);
    let draw = move |business: Business| view! { <Form rivals show errand business /> };
    view! {
        <Rivalry rivals />
        <Loading desk loaded draw />
        <DispositionList desk />
        <WhisperList desk />
        <Warnings desk />
        <Account desk />
    }
}

#[component]
fn Form(rivals: Rivals, show: Callback<()>, errand: Errand, business: Business) -> impl IntoView {
    let desk = rivals.desk;
    let texts = move || Texts::of(desk.lang.get());
    let state = RwSignal::new(business.clone());
    let name = RwSignal::new(business.name);
    let timezone = RwSignal::new(business.timezone);
    let languages = RwSignal::new(business.languages);
    let agent = RwSignal::new(business.default_agent_id.unwrap_or_default());
    let agents = StoredValue::new(business.agents);
    let typed = TypedHours::from(&business.hours);
    let typed_fields = typed.clone();
    let wrong = RwSignal::new(false);

    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let hours = untrack(|| typed.read());
        wrong.set(hours.is_none());
        let Some(hours) = hours else { return };
        let body = Business {
            name: name.get_untracked(),
            timezone: timezone.get_untracked(),
            languages: languages.get_untracked(),
            default_agent_id: Some(agent.get_untracked()).filter(|id| !id.is_empty()),
            hours,
            ..Business::default()
        };
        let read = state.with_untracked(|state| state.revision);
        rivals.put(errand, PATH, read, &body, show, move |kept| {
            state.set(kept);
            // The bar on top shows the name, and dates are told in the zone.
            desk.ask_who();
        });
    };
    let agents = move || {
        let none = (String::new(), texts().no_agent().to_owned());
        let known = agents.with_value(|agents| {
            agents
                .iter()
                .map(|agent| (agent.id.clone(), agent.name.clone()))
                .collect::<Vec<_>>()
        });
        [vec![none], known].concat()
    };
    let error = move || {
        wrong.get().then(|| {
            view! { <p class="sb-field-error" role="alert">{texts().hours_invalid()}</p> }
        })
    };
    let now = move || {
        let texts = texts();
        state.with(|state| {
            if state.open_now {
                return texts.open_now().to_owned();
            }
            match state.opens_at {
                Some(at) => {
                    let when = format::date(at, desk.lang.get(), &state.timezone, Precision::Full);
                    texts.opens(&when)
                }
                None => texts.closed_now().to_owned(),
            }
        })
    };
    view! {
        <form class="sb-card sb-form" novalidate on:submit=submit>
            <div class="sb-form-row">
                <TextField
                    id="business-name"
                    label=move || texts().name()
                    value=name
                    autocomplete="organization"
                />
                <TimezoneField id="timezone" label=move || texts().timezone() value=timezone />
            </div>
            <div class="sb-form-row">
                <SeveralField
                    id="languages"
                    label=move || texts().languages()
                    of=Known::Languages
                    value=languages
                    hint=move || Some(texts().languages_hint())
                />
                <SelectField
                    id="default-agent-id"
                    label=move || texts().default_agent()
                    value=agent
                    options=agents
                />
            </div>
            <fieldset>
                <legend>{move || texts().hours()}</legend>
                <p class="sb-hint">{now}</p>
                <HoursFields typed=typed_fields always=move || texts().always_open() />
                {error}
            </fieldset>
            <Status desk errand words=words as _ />
            <div class="sb-actions">
                <SaveButton desk errand />
            </div>
        </form>
    }
}
