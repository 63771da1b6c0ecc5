//! Choosing a password with a link: after an invitation, or instead of a
//! forgotten one.

use api::desk::Session;
use api::people::{ChoosePassword, Invitation};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::words;
use crate::data::api_client;
use crate::data::{Desk, Standing};
use crate::data::{Errand, Loaded, Loading, SaveButton, Status};
use crate::kit::TextField;
use crate::kit::icon::{Icon, icon};
use crate::nav;
use crate::route::Route;
use crate::shell::sidebar::LanguageMenu;
use crate::words::gate::Texts;

/// Asks for a new password, and signs in with it.
#[component]
pub(crate) fn PasswordPage(
    desk: Desk,
    /// Where the page's form is read and sent.
    path: String,
) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let loaded = Loaded::<Invitation>::with_words(desk, path.clone(), words);
    let draw = move |invitation: Invitation| {
        let path = path.clone();
        view! { <Form desk path invitation /> }
    };
    Effect::new(move || document().set_title(texts().password_title()));
    view! {
        <main class="sb-sign-in">
            <Loading desk loaded draw />
            <LanguageMenu desk />
        </main>
    }
}

#[component]
fn Form(desk: Desk, path: String, invitation: Invitation) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let password = RwSignal::new(String::new());
    let again = RwSignal::new(String::new());
    let differ = RwSignal::new(false);
    let errand = Errand::new();
    let invited = invitation.kind == "invitation";
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let password = password.get_untracked();
        differ.set(password != again.get_untracked());
        if differ.get_untracked() {
            return;
        }
        let path = path.clone();
        let work =
            async move { api_client::post::<Session>(&path, &ChoosePassword { password }).await };
        errand.run(desk, work, move |session| {
            desk.become_(Standing::SignedIn(session));
            nav::go(desk.route, Route::Calls);
        });
    };
    let Invitation {
        tenant,
        name,
        email,
        ..
    } = invitation;
    view! {
        <form class="sb-card" novalidate on:submit=submit>
            <span class="sb-brand-mark">{icon(Icon::Phone)}</span>
            <h1>
                {move || if invited { texts().invitation_title() } else { texts().password_title() }}
            </h1>
            <dl class="sb-facts">
                <dt>{move || texts().business()}</dt>
                <dd>{tenant}</dd>
                <dt>{move || texts().name()}</dt>
                <dd>{name}</dd>
                <dt>{move || texts().email()}</dt>
                <dd>{email.clone()}</dd>
            </dl>
            // For password managers: whose password it is.
            <input type="hidden" autocomplete="username" value=email />
            <TextField
                id="new-password"
                label=move || texts().new_password()
                value=password
                kind="password"
                autocomplete="new-password"
                hint=move || Some(texts().password_hint())
            />
            <TextField
                id="password-again"
                label=move || texts().password_again()
                value=again
                kind="password"
                autocomplete="new-password"
                error=move || differ.get().then(|| texts().passwords_differ())
            />
            <Status desk errand done=Signal::stored("") words=words as _ />
            <SaveButton desk errand label=move || texts().choose() />
        </form>
    }
}
