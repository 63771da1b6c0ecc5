//! The business's Retell account: its own, or the server's.

use api::desk::{ChangeAccount, RetellAccount};
use api::problem::slug;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use crate::data::{Desk, Errand, Loaded, Loading, Rivalry, Rivals, SaveButton, Status};
use crate::kit::{Confirm, Question, TextField};
use crate::words::Lang;
use crate::words::business::Texts;
use crate::words::kit::Texts as Common;
use browser::ui::http::Failure;

const PATH: &str = "/api/desk/account";

/// What failures mean here.
fn words(failure: &Failure, lang: Lang) -> Option<&'static str> {
    let texts = Texts::of(lang);
    let Failure::Problem { slug, .. } = failure else {
        return None;
    };
    match slug.as_str() {
        slug::RETELL_UNAUTHORIZED => Some(texts.key_refused()),
        slug::RETELL_UNREACHABLE | slug::RETELL_TIMEOUT | slug::RETELL_FAILED => {
            Some(texts.retell_unreachable())
        }
        _ => None,
    }
}

/// Which account is used, and using another.
#[component]
pub(super) fn Account(desk: Desk) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let loaded = Loaded::<RetellAccount>::from(desk, PATH);
    let retell_key = RwSignal::new(String::new());
    let webhook_key = RwSignal::new(String::new());
    let missing = RwSignal::new(false);
    let question = RwSignal::new(None);
    let errand = Errand::new();
    let rivals = Rivals::new(desk);
    let clear = move || {
        retell_key.set(String::new());
        webhook_key.set(String::new());
    };
    let show = Callback::new(move |()| {
        clear();
        loaded.reload();
    });
    let change = move |body: ChangeAccount| {
        let read = loaded.value.with_untracked(|account| match account {
            Some(Ok(account)) => account.revision,
            _ => 0,
        });
        let done = move |account: RetellAccount| {
            clear();
            loaded.set(account);
        };
        rivals.put(errand, PATH, read, &body, show, done);
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let given = |text: String| (!text.trim().is_empty()).then_some(text);
        // Without a key this would go back to the server's account.
        missing.set(retell_key.with_untracked(|key| key.trim().is_empty()));
        if let Some(key) = given(retell_key.get_untracked()) {
            change(ChangeAccount {
                retell_key: Some(key),
                webhook_key: given(webhook_key.get_untracked()),
            });
        }
    };
    let ask = move |_| {
        let texts = texts();
        question.set(Some(Question {
            title: texts.use_server().to_owned(),
            text: texts.use_server_text().to_owned(),
            yes: texts.use_server(),
            act: Callback::new(move |()| {
                change(ChangeAccount {
                    retell_key: None,
                    webhook_key: None,
                });
            }),
        }));
    };
    let draw = move |account: RetellAccount| {
        let own = account.own;
        view! {
            <p>{move || if own { texts().account_own() } else { texts().account_server() }}</p>
            {own
                .then(|| {
                    view! {
                        <button type="button" class="sb-button" on:click=ask>
                            {move || texts().use_server()}
                        </button>
                    }
                })}
        }
    };
    view! {
        <section class="sb-card" aria-labelledby="account-title">
            <h2 id="account-title">{move || texts().account()}</h2>
            <div class="sb-form">
                <Rivalry rivals />
                <Loading desk loaded draw />
                <form class="sb-form sb-form-narrow" novalidate on:submit=submit>
                    <TextField
                        id="retell-key"
                        label=move || texts().retell_key()
                        value=retell_key
                        kind="password"
                        error=move || {
                            missing.get().then(|| Common::of(desk.lang.get()).required())
                        }
                    />
                    <TextField
                        id="webhook-key"
                        label=move || texts().webhook_key()
                        value=webhook_key
                        kind="password"
                        hint=move || Some(texts().webhook_key_hint())
                    />
                    <Status desk errand done=move || texts().account_changed() words=words as _ />
                    <div class="sb-actions">
                        <SaveButton desk errand label=move || texts().use_own() />
                    </div>
                </form>
            </div>
        </section>
        <Confirm question />
    }
}
