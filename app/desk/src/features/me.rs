//! The reader's own account: name, whether they take calls, what they are told of, password, what
//! else they sign in with, and where they are signed in.

mod availability;
mod device;
mod identities;
mod sessions;

use api::desk::Session;
use api::people::{ChangeMe, ChangePassword};
use api::problem::slug;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

pub(crate) use crate::words::me::Texts;

use crate::data::api_client;
use crate::data::{Desk, Standing};
use crate::data::{Errand, SaveButton, Status};
use crate::kit::TextField;
use crate::words::Lang;
pub(crate) use availability::TakesCalls;
use availability::TakingCalls;
use browser::ui::http::Failure;
use identities::Identities;
use sessions::Sessions;

/// The account.
#[component]
pub(crate) fn Page(
    desk: Desk,
    /// What the reader chooses for themselves elsewhere.
    children: Children,
) -> impl IntoView {
    let reload = Trigger::new();
    view! {
        <Profile desk />
        <TakingCalls desk />
        {children()}
        <div class="sb-actions">
            <button
                type="button"
                class="sb-button"
                data-keys=""
                on:click=move |press| desk.load_later_for(press.into())
            >
                {move || Texts::of(desk.lang.get()).keys()}
            </button>
        </div>
        <Password desk reload />
        <Identities desk />
        <Sessions desk reload />
    }
}

/// What failures mean here.
fn words(failure: &Failure, lang: Lang) -> Option<&'static str> {
    let texts = Texts::of(lang);
    let Failure::Problem { slug, .. } = failure else {
        return None;
    };
    match slug.as_str() {
        slug::PASSWORD_WRONG => Some(texts.password_wrong()),
        slug::PASSWORD_UNFIT => Some(texts.password_unfit()),
        slug::NAME_INVALID => Some(texts.name_invalid()),
        _ => None,
    }
}

#[component]
fn Profile(desk: Desk) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let session = move || match desk.standing.get() {
        Standing::SignedIn(session) => Some(session),
        _ => None,
    };
    let name = RwSignal::new(untrack(session).map(|it| it.name).unwrap_or_default());
    let errand = Errand::new();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let body = ChangeMe {
            name: name.get_untracked(),
        };
        let work = async move { api_client::patch::<Session>("/api/desk/me", &body).await };
        errand.run(desk, work, move |session| {
            desk.become_(Standing::SignedIn(session));
        });
    };
    let email = move || session().map(|session| session.email);
    let tenant = move || session().map(|session| session.tenant);
    let role = move || desk.texts().role(desk.role());
    view! {
        <form class="sb-card sb-form" novalidate on:submit=submit>
            <dl class="sb-facts">
                <dt>{move || crate::words::gate::Texts::of(desk.lang.get()).email()}</dt>
                <dd>{email}</dd>
                <dt>{move || texts().business()}</dt>
                <dd>{tenant}</dd>
                <dt>{move || texts().role()}</dt>
                <dd>{role}</dd>
            </dl>
            <div class="sb-form sb-form-narrow">
                <TextField
                    id="name"
                    label=move || texts().name()
                    value=name
                    autocomplete="name"
                />
                <Status desk errand words=words as _ />
                <div class="sb-actions">
                    <SaveButton desk errand />
                </div>
            </div>
        </form>
    }
}

#[component]
fn Password(
    desk: Desk,
    /// Notified when other sessions have ended.
    reload: Trigger,
) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let current = RwSignal::new(String::new());
    let new = RwSignal::new(String::new());
    let errand = Errand::new();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let body = ChangePassword {
            current: current.get_untracked(),
            new: new.get_untracked(),
        };
        let work = async move { api_client::put::<()>("/api/desk/me/password", &body).await };
        errand.run(desk, work, move |()| {
            current.set(String::new());
            new.set(String::new());
            reload.notify();
        });
    };
    view! {
        <section class="sb-card" aria-labelledby="password-title">
            <h2 id="password-title">{move || texts().password_title()}</h2>
            <form class="sb-form sb-form-narrow" novalidate on:submit=submit>
                <p class="sb-hint">{move || texts().password_hint()}</p>
                <TextField
                    id="password-current"
                    label=move || texts().current()
                    value=current
                    kind="password"
                    autocomplete="current-password"
                    hint=move || Some(texts().current_hint())
                />
                <TextField
                    id="new-password"
                    label=move || texts().new_password()
                    value=new
                    kind="password"
                    autocomplete="new-password"
                    hint=move || Some(texts().new_hint())
                />
                <Status
                    desk
                    errand
                    done=move || texts().password_changed()
                    words=words as _
                />
                <div class="sb-actions">
                    <SaveButton desk errand label=move || texts().change_password() />
                </div>
            </form>
        </section>
    }
}
