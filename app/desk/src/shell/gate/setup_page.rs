//! The first business of an empty store, and its first admin.

use api::people::SetUp;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::words;
use crate::data::Desk;
use crate::data::api_client;
use crate::data::{Errand, Loaded, Loading, SaveButton, Status};
use crate::kit::icon::{Icon, icon};
use crate::kit::{SelectField, TextField, TimezoneField};
use crate::nav;
use crate::route::Route;
use crate::shell::sidebar::LanguageMenu;
use crate::words::Lang;
use crate::words::gate::Texts;
use browser::ui::time;

/// Asks for both, creates them, and signs in.
#[component]
pub(crate) fn SetupPage(
    desk: Desk,
    /// Where the page's form is read and sent.
    path: String,
) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let loaded = Loaded::<()>::with_words(desk, path.clone(), words);
    let draw = move |()| {
        let path = path.clone();
        view! { <Form desk path /> }
    };
    Effect::new(move || document().set_title(texts().setup_title()));
    view! {
        <main class="sb-sign-in">
            <Loading desk loaded draw />
            <LanguageMenu desk />
        </main>
    }
}

#[component]
fn Form(desk: Desk, path: String) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let business = RwSignal::new(String::new());
    // Better asked for than guessed: hours and call-backs go by it.
    let timezone = RwSignal::new(time::own_zone().unwrap_or_default());
    let language = RwSignal::new(desk.lang.get_untracked().tag().to_owned());
    let name = RwSignal::new(String::new());
    let email = RwSignal::new(String::new());
    let password = RwSignal::new(String::new());
    let errand = Errand::new();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let body = SetUp {
            business: business.get_untracked(),
            timezone: timezone.get_untracked(),
            language: language.get_untracked(),
            name: name.get_untracked(),
            email: email.get_untracked(),
            password: password.get_untracked(),
        };
        let path = path.clone();
        let work = async move { api_client::post::<()>(&path, &body).await };
        errand.run(desk, work, move |()| {
            desk.ask_who();
            nav::go(desk.route, Route::Calls);
        });
    };
    let languages = move || {
        Lang::ALL
            .map(|lang| (lang.tag().to_owned(), lang.endonym().to_owned()))
            .to_vec()
    };
    view! {
        <form class="sb-card" novalidate on:submit=submit>
            <span class="sb-brand-mark">{icon(Icon::Phone)}</span>
            <h1>{move || texts().setup_title()}</h1>
            <p class="sb-hint">{move || texts().setup_hint()}</p>
            <TextField
                id="business"
                label=move || texts().business()
                value=business
                autocomplete="organization"
            />
            <TimezoneField id="timezone" label=move || texts().timezone() value=timezone />
            <SelectField
                id="language"
                label=move || desk.texts().language()
                value=language
                options=languages
            />
            <TextField id="name" label=move || texts().your_name() value=name autocomplete="name" />
            <TextField
                id="email"
                label=move || texts().email()
                value=email
                kind="email"
                autocomplete="username"
            />
            <TextField
                id="new-password"
                label=move || texts().password()
                value=password
                kind="password"
                autocomplete="new-password"
                hint=move || Some(texts().password_hint())
            />
            <Status desk errand done=Signal::stored("") words=words as _ />
            <SaveButton desk errand label=move || texts().create() />
        </form>
    }
}
