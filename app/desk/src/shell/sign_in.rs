//! The sign-in page.

use api::people::SignInWays;
use leptos::ev::SubmitEvent;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::sidebar::LanguageMenu;
use crate::data::Loaded;
use crate::data::api_client;
use crate::data::{Desk, Standing};
use crate::kit::icon::{Icon, icon};
use crate::nav;
use crate::provider::{Texts, elsewhere};
use crate::words::gate::Texts as Gate;
use browser::ui::http::{Failure, escape};

/// What keeps one from signing in.
#[derive(Clone, PartialEq)]
enum Obstacle {
    EmailMissing,
    PasswordMissing,
    Failure(Failure),
    /// What became of signing in elsewhere, by its slug.
    Elsewhere(String),
}

impl Obstacle {
    fn text(&self, desk: Desk) -> &'static str {
        match self {
            Self::EmailMissing => Gate::of(desk.lang.get()).email_missing(),
            Self::PasswordMissing => Gate::of(desk.lang.get()).password_missing(),
            Self::Failure(failure) => desk.texts().failure(failure),
            Self::Elsewhere(slug) => elsewhere(slug, desk.lang.get()),
        }
    }
}

/// Asks for address and password.
#[component]
pub(crate) fn SignInPage(desk: Desk) -> impl IntoView {
    let email = NodeRef::<html::Input>::new();
    let password = NodeRef::<html::Input>::new();
    let obstacle = RwSignal::new(None::<Obstacle>);
    let busy = RwSignal::new(false);

    // Once the page is there, so that it is read out.
    Effect::new(move || {
        if let Some(slug) = nav::take_problem() {
            obstacle.set(Some(Obstacle::Elsewhere(slug)));
        }
    });
    let stop = move |why: Obstacle, field: NodeRef<html::Input>| {
        obstacle.set(Some(why));
        if let Some(field) = field.get_untracked() {
            // A field on the page takes the focus.
            let _ = field.focus();
        }
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let value = |field: NodeRef<html::Input>| {
            field
                .get_untracked()
                .map(|field| field.value())
                .unwrap_or_default()
        };
        let (address, secret) = (value(email).trim().to_owned(), value(password));
        if busy.get_untracked() {
            return;
        }
        if address.is_empty() {
            return stop(Obstacle::EmailMissing, email);
        }
        if secret.is_empty() {
            return stop(Obstacle::PasswordMissing, password);
        }
        obstacle.set(None);
        busy.set(true);
        spawn_local(async move {
            let answer = api_client::sign_in(address, secret).await;
            busy.set(false);
            match answer {
                Ok(session) => desk.become_(Standing::SignedIn(session)),
                Err(failure) => stop(Obstacle::Failure(failure), password),
            }
        });
    };
    let invalid = move |wrong: Obstacle| (obstacle.get() == Some(wrong)).then_some("true");
    view! {
        <main class="sb-sign-in">
            <form class="sb-card" novalidate on:submit=submit>
                <span class="sb-brand-mark">{icon(Icon::Phone)}</span>
                <h1>{move || desk.texts().sign_in_title()}</h1>
                <label for="email">{move || Gate::of(desk.lang.get()).email()}</label>
                <input
                    id="email"
                    class="sb-input"
                    type="email"
                    autocomplete="username"
                    autofocus
                    aria-invalid=move || invalid(Obstacle::EmailMissing)
                    node_ref=email
                />
                <label for="password">{move || Gate::of(desk.lang.get()).password()}</label>
                <input
                    id="password"
                    class="sb-input"
                    type="password"
                    autocomplete="current-password"
                    aria-invalid=move || invalid(Obstacle::PasswordMissing)
                    node_ref=password
                />
                <div role="alert">
                    {move || {
                        obstacle
                            .get()
                            .map(|why| {
                                view! {
                                    <p class="sb-problem">
                                        {icon(Icon::Alert)}
                                        <span>{why.text(desk)}</span>
                                    </p>
                                }
                            })
                    }}
                </div>
                <button type="submit" class="sb-button sb-button-primary" aria-busy=move || busy.get().to_string()>
                    {move || if busy.get() { Gate::of(desk.lang.get()).signing_in() } else { Gate::of(desk.lang.get()).sign_in() }}
                </button>
                <Provider desk />
            </form>
            <LanguageMenu desk />
        </main>
    }
}

/// Leads to the provider of identities, where the server has one, and from there
/// back to the page that was asked for.
#[component]
fn Provider(desk: Desk) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let ways = Loaded::<SignInWays>::from(desk, "/api/desk/sign-in");
    move || {
        let provider = ways.value.get()?.ok()?.provider?;
        // Follows the back and forward buttons.
        let address = move || {
            desk.route.track();
            format!("/desk/oidc?to={}", escape(&nav::current_address()))
        };
        Some(view! {
            <p class="sb-or">{move || texts().or()}</p>
            <a class="sb-button" href=address>
                {move || texts().with_provider(&provider)}
            </a>
        })
    }
}
