//! The business's account at Cal.com: how it is reached, and whether it answers.

use api::calcom::{CalcomConnection, CalcomTest, SaveCalcomConnection};
use api::linked_calendars::LinkOutcome;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use crate::data::elsewhere::{Account, AccountFoot, Trial};
use crate::data::{Desk, Errand, Loaded, Loading, Rivalry, Rivals};
use crate::kit::{Confirm, Question, TextField};
use crate::words::linked_calendars::Texts;
use crate::words::{Lang, elsewhere};

const PATH: &str = "/api/desk/calendar/calcom";

/// The account at Cal.com.
#[component]
pub(super) fn Calcom(desk: Desk) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let (loaded, saving, show) = Loaded::<CalcomConnection>::for_form(desk, PATH);
    let rivals = Rivals::new(desk);
    let draw = move |connection: CalcomConnection| view! { <Form rivals show saving connection /> };
    view! {
        <section class="sb-section" aria-labelledby="calcom-title">
            <h2 id="calcom-title">{move || texts().calcom()}</h2>
            <p class="sb-hint">{move || texts().calcom_hint()}</p>
            <Rivalry rivals />
            <Loading desk loaded draw />
        </section>
    }
}

impl Trial for CalcomTest {
    fn works(&self) -> bool {
        self.outcome == LinkOutcome::Works
    }

    fn words(&self, lang: Lang) -> &'static str {
        let (common, texts) = (elsewhere::Texts::of(lang), Texts::of(lang));
        match self.outcome {
            LinkOutcome::Works => common.works(),
            LinkOutcome::Credentials => texts.calcom_key_wrong(),
            LinkOutcome::Address | LinkOutcome::Calendar => texts.address_wrong(),
            LinkOutcome::Silent => common.silent(),
            LinkOutcome::Refused | LinkOutcome::Unknown => common.refused(),
        }
    }

    fn more(&self) -> Option<&str> {
        self.account.as_deref()
    }
}

#[component]
fn Form(
    rivals: Rivals,
    show: Callback<()>,
    saving: Errand,
    connection: CalcomConnection,
) -> impl IntoView {
    let desk = rivals.desk;
    let texts = move || Texts::of(desk.lang.get());
    let kept_hint = move || elsewhere::Texts::of(desk.lang.get()).key_kept();
    let revision = StoredValue::new(connection.revision);
    // The form stays as it is, and with it the focus.
    let account = Account::<CalcomTest>::at(desk, PATH, connection.connected, saving);
    let has_secret = RwSignal::new(connection.has_webhook_secret);
    let address = RwSignal::new(connection.base_url.unwrap_or_default());
    let (key, secret) = (RwSignal::new(String::new()), RwSignal::new(String::new()));

    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let given = |typed: RwSignal<String>| {
            let text = typed.get_untracked().trim().to_owned();
            (!text.is_empty()).then_some(text)
        };
        let body = SaveCalcomConnection {
            base_url: given(address),
            api_key: given(key),
            webhook_secret: given(secret),
        };
        account.forget();
        let kept = move |kept: CalcomConnection| {
            revision.set_value(kept.revision);
            account.is_there.set(kept.connected);
            has_secret.set(kept.has_webhook_secret);
            address.set(kept.base_url.unwrap_or_default());
            key.set(String::new());
            secret.set(String::new());
        };
        rivals.put(saving, PATH, revision.get_value(), &body, show, kept);
    };
    let ask = Callback::new(move |()| {
        let texts = Texts::of(desk.lang.get_untracked());
        account.question.set(Some(Question {
            title: texts.calcom_remove_title().to_owned(),
            text: texts.calcom_remove_text().to_owned(),
            yes: texts.calcom_remove(),
            act: Callback::new(move |()| account.remove(move || has_secret.set(false))),
        }));
    });
    let hook = connection.webhook_url;
    view! {
        <form class="sb-card sb-form" aria-labelledby="calcom-title" novalidate on:submit=submit>
            <TextField
                id="calcom-base-url"
                label=Signal::derive(move || texts().calcom_address())
                value=address
                kind="url"
                hint=move || Some(texts().calcom_address_hint())
            />
            <TextField
                id="calcom-api-key"
                label=Signal::derive(move || texts().calcom_key())
                value=key
                kind="password"
                autocomplete="new-password"
                hint=move || account.is_there.get().then(kept_hint)
            />
            <TextField
                id="calcom-webhook-secret"
                label=Signal::derive(move || texts().calcom_secret())
                value=secret
                kind="password"
                autocomplete="new-password"
                hint=move || {
                    Some(if has_secret.get() { kept_hint() } else { texts().calcom_secret_hint() })
                }
            />
            <p class="sb-hint">
                {move || texts().calcom_hook()} ": " <code>{hook}</code>
            </p>
            <AccountFoot
                account
                saving
                remove=Signal::derive(move || texts().calcom_remove())
                ask
            />
        </form>
        <Confirm question=account.question />
    }
}
