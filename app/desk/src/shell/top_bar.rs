//! The bar on top: where one can go, which language, who is signed in.

use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::data::api_client;
use crate::data::{Desk, Standing, is_signed_out};
use crate::features::callbacks;
use crate::kit::icon::{Icon, icon};
use crate::nav::{self, Link};
use crate::route::Route;
use crate::route::Section;
use crate::words::Lang;

/// The bar on top of every page.
#[component]
pub(crate) fn TopBar(desk: Desk) -> impl IntoView {
    let session = move || match desk.standing.get() {
        Standing::SignedIn(session) => Some(session),
        _ => None,
    };
    let tenant = move || session().map(|session| session.tenant);
    let name = move || session().map(|session| session.name);
    let leave = move |_| {
        spawn_local(async move {
            let standing = match api_client::sign_out().await {
                Ok(()) => Standing::SignedOut,
                Err(failure) if is_signed_out(&failure) => Standing::SignedOut,
                // Nobody should go on reading at this screen, nor believe that they have
                // left: with the next page they would be back.
                Err(failure) => Standing::Failed(failure),
            };
            desk.become_(standing);
        });
    };
    view! {
        <header class="sb-top">
            <span class="sb-brand">
                <span class="sb-brand-mark">{icon(Icon::Phone)}</span>
                <span class="sb-brand-name">{tenant}</span>
            </span>
            <nav aria-label=move || desk.texts().navigation()>
                <Link route=desk.route to=Route::Calls class="sb-nav">
                    {move || desk.texts().calls()}
                </Link>
                <Link route=desk.route to=Route::Callbacks class="sb-nav">
                    {move || callbacks::label(desk)}
                </Link>
                <SettingsLink desk />
            </nav>
            <span class="sb-top-end">
                <LanguageMenu desk />
                <span class="sb-who">{name}</span>
                <button type="button" class="sb-button sb-button-quiet sb-leave" on:click=leave>
                    {icon(Icon::Exit)}
                    <span>{move || desk.texts().sign_out()}</span>
                </button>
            </span>
        </header>
    }
}

/// Leads to the settings, and is marked on each of their pages.
#[component]
fn SettingsLink(desk: Desk) -> impl IntoView {
    let follow = move |click: ev::MouseEvent| {
        if nav::is_plain(&click) {
            click.prevent_default();
            nav::go(desk.route, Route::Settings(Section::Me));
        }
    };
    let current = move || matches!(desk.route.get().page(), Route::Settings(_)).then_some("true");
    view! {
        <a
            class="sb-nav"
            href=Route::Settings(Section::Me).path()
            aria-current=current
            on:click=follow
        >
            {move || desk.texts().settings()}
        </a>
    }
}

/// Chooses the language.
#[component]
pub(crate) fn LanguageMenu(desk: Desk) -> impl IntoView {
    let choose = move |event| {
        if let Some(lang) = Lang::from_tag(&event_target_value(&event)) {
            desk.speak(lang);
        }
    };
    let options = Lang::ALL.map(|lang| {
        view! {
            <option value=lang.tag() lang=lang.tag() selected=move || desk.lang.get() == lang>
                {lang.endonym()}
            </option>
        }
    });
    view! {
        <select class="sb-select" aria-label=move || desk.texts().language() on:change=choose>
            {options.into_iter().collect_view()}
        </select>
    }
}
