//! What people say of the call: how it came out, and tags.

use api::calls::CallChoices;
use api::problem::slug;
use api::wrap_up::{KeptWrapUp, Tone, WrapUp};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::follow::Call;
use crate::data::{Desk, Errand, Loaded, Loading, Rivalry, Rivals, SaveButton, Status};
use crate::kit::{Offer, SelectField, SeveralField};
use crate::words::Lang;
use crate::words::format::{self, Precision};
use crate::words::history::Texts;
use browser::ui::http::Failure;

/// What failures mean here.
fn words(failure: &Failure, lang: Lang) -> Option<&'static str> {
    let texts = Texts::of(lang);
    let Failure::Problem { slug, .. } = failure else {
        return None;
    };
    match slug.as_str() {
        slug::DISPOSITION_MISSING => Some(texts.disposition_missing()),
        slug::DISPOSITION_UNKNOWN => Some(texts.disposition_unknown()),
        slug::BODY_INVALID => Some(texts.tags_wrong()),
        _ => None,
    }
}

/// The form of it. What somebody else saves meanwhile is shown, unless something was typed here.
#[component]
pub(super) fn WrapUpForm(desk: Desk, call: Call) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let path = call.path() + "/wrap-up";
    let (loaded, errand, show) = Loaded::<KeptWrapUp>::for_form(desk, path.clone());
    let rivals = Rivals::new(desk);
    let draw = move |kept: KeptWrapUp| {
        let path = path.clone();
        view! { <Form desk call path rivals loaded errand kept show /> }
    };
    view! {
        <section class="sb-card" aria-labelledby="wrap-up-title">
            <h2 id="wrap-up-title">{move || texts().title()}</h2>
            <Rivalry rivals />
            <Loading desk loaded draw />
        </section>
    }
}

#[component]
fn Form(
    desk: Desk,
    call: Call,
    path: String,
    rivals: Rivals,
    loaded: Loaded<KeptWrapUp>,
    errand: Errand,
    kept: KeptWrapUp,
    show: Callback<()>,
) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let choices = Loaded::<CallChoices>::from(desk, "/api/desk/calls/choices");
    let choices = Memo::new(move |_| {
        let choices = choices.value.get().and_then(Result::ok);
        choices.unwrap_or_default()
    });
    let said = kept.said.clone();
    // What is kept, by whoever typed here, too; the fields stay as they are.
    let kept = RwSignal::new(kept);
    let given = Memo::new(move |_| kept.with(|it| it.said.disposition.clone()));
    let disposition = RwSignal::new(said.disposition.unwrap_or_default());
    let tags = RwSignal::new(said.tags);
    let known_tags = Signal::derive(move || choices.with(|it| it.tags.clone()));
    let options = move || {
        let listed = choices.with(|it| it.dispositions.items.clone());
        let listed = listed.into_iter().map(|one| one.name);
        // One that was taken off the list stays where it was given.
        let mut names: Vec<_> = listed.collect();
        names.extend(given.get().filter(|it| !names.contains(it)));
        let none = (String::new(), texts().disposition_none().to_owned());
        let named = names.into_iter().map(|name| (name.clone(), name));
        [none].into_iter().chain(named).collect::<Vec<_>>()
    };

    let chip = move || {
        let name = given.get()?;
        let tone = choices.with(|it| {
            let mut all = it.dispositions.items.iter();
            all.find(|one| one.name == name).map(|one| one.tone)
        });
        let class = match tone {
            Some(Tone::Good) => "sb-chip sb-chip-good",
            Some(Tone::Bad) => "sb-chip sb-chip-bad",
            Some(Tone::Neutral | Tone::Unknown) | None => "sb-chip",
        };
        Some(view! { <p><span class=class>{name}</span></p> })
    };
    let offered =
        move || choices.with(|it| !it.dispositions.items.is_empty()) || given.with(Option::is_some);
    let is_needed = move || {
        let required = choices.with(|it| it.dispositions.required);
        required && given.with(Option::is_none) && !call.status.get().is_live()
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let body = WrapUp {
            disposition: Some(disposition.get_untracked()).filter(|it| !it.is_empty()),
            tags: tags.get_untracked(),
            note: String::new(),
        };
        let read = kept.with_untracked(|it| it.revision);
        rivals.put(errand, &path, read, &body, show, move |now: KeptWrapUp| {
            loaded.saved(now.clone());
            kept.set(now);
        });
    };
    let when = move || {
        let when = format::date(
            kept.with(|it| it.at)?,
            desk.lang.get(),
            &desk.timezone(),
            Precision::Full,
        );
        Some(view! { <p class="sb-hint">{texts().said_at(&when)}</p> })
    };
    view! {
        <form class="sb-form" novalidate on:submit=submit>
            {chip}
            {move || {
                is_needed()
                    .then(|| view! { <p class="sb-notice">{texts().disposition_required()}</p> })
            }}
            {move || {
                offered()
                    .then(|| {
                        view! {
                            <SelectField
                                id="wrap-up-disposition"
                                label=Signal::derive(move || texts().disposition())
                                value=disposition
                                options=Signal::derive(options)
                            />
                        }
                    })
            }}
            <SeveralField
                id="wrap-up-tags"
                label=Signal::derive(move || texts().tags())
                of=Offer::Words(known_tags)
                value=tags
                hint=Signal::derive(move || Some(texts().tags_hint()))
            />
            {when}
            <Status desk errand words=words as _ />
            <div class="sb-actions">
                <SaveButton desk errand />
            </div>
        </form>
    }
}
