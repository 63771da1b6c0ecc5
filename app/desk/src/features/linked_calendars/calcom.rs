//! The business's account at Cal.com: how it is reached, and whether it answers.

use api::calcom::{CalcomConnection, CalcomTest, SaveCalcomConnection};
use api::linked_calendars::LinkOutcome;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use serde_json::json;

use crate::data::{Desk, Errand, Loaded, Loading, Rivalry, Rivals, SaveButton, Status, api_client};
use crate::kit::{Confirm, Question, TextField};
use crate::words::linked_calendars::Texts;

const PATH: &str = "/api/desk/calendar/calcom";

/// The account at Cal.com.
#[component]
pub(super) fn Calcom(desk: Desk) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let loaded = Loaded::<CalcomConnection>::from(desk, PATH);
    let rivals = Rivals::new(desk);
    let show = Callback::new(move |()| loaded.reload());
    let draw = move |connection: CalcomConnection| view! { <Form rivals show connection /> };
    view! {
        <section class="sb-section" aria-labelledby="calcom-title">
            <h2 id="calcom-title">{move || texts().calcom()}</h2>
            <p class="sb-hint">{move || texts().calcom_hint()}</p>
            <Rivalry rivals />
            <Loading desk loaded draw />
        </section>
    }
}

#[component]
fn Form(rivals: Rivals, show: Callback<()>, connection: CalcomConnection) -> impl IntoView {
    let desk = rivals.desk;
    let texts = move || Texts::of(desk.lang.get());
    let revision = StoredValue::new(connection.revision);
    // The form stays as it is, and with it the focus.
    let is_there = RwSignal::new(connection.connected);
    let has_secret = RwSignal::new(connection.has_webhook_secret);
    let address = RwSignal::new(connection.base_url.unwrap_or_default());
    let (key, secret) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (saving, trying) = (Errand::new(), Errand::new());
    let tested = RwSignal::new(None::<CalcomTest>);
    let question = RwSignal::new(None);

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
        tested.set(None);
        let kept = move |kept: CalcomConnection| {
            revision.set_value(kept.revision);
            is_there.set(kept.connected);
            has_secret.set(kept.has_webhook_secret);
            address.set(kept.base_url.unwrap_or_default());
            key.set(String::new());
            secret.set(String::new());
        };
        rivals.put(saving, PATH, revision.get_value(), &body, show, kept);
    };
    let test = move |_| {
        tested.set(None);
        let path = format!("{PATH}/test");
        let work = async move { api_client::post::<CalcomTest>(&path, &json!({})).await };
        trying.run(desk, work, move |came| tested.set(Some(came)));
    };
    let remove = move || {
        let work = async move { api_client::delete(PATH).await };
        trying.run(desk, work, move |()| {
            is_there.set(false);
            has_secret.set(false);
            tested.set(None);
        });
    };
    let ask = move |_| {
        let texts = Texts::of(desk.lang.get_untracked());
        question.set(Some(Question {
            title: texts.calcom_remove_title().to_owned(),
            text: texts.calcom_remove_text().to_owned(),
            yes: texts.calcom_remove(),
            act: Callback::new(move |()| remove()),
        }));
    };
    let came = move || {
        tested.get().map(|test| {
            let good = test.outcome == LinkOutcome::Works;
            let class = if good { "sb-done" } else { "sb-problem" };
            let words = move || {
                let texts = texts();
                match test.outcome {
                    LinkOutcome::Works => texts.works(),
                    LinkOutcome::Credentials => texts.calcom_key_wrong(),
                    LinkOutcome::Address | LinkOutcome::Calendar => texts.address_wrong(),
                    LinkOutcome::Silent => texts.silent(),
                    LinkOutcome::Refused | LinkOutcome::Unknown => texts.refused(),
                }
            };
            let account = test.account.map(|it| format!(" ({it})"));
            view! { <p class=class><span>{words} {account}</span></p> }
        })
    };
    let actions = move || {
        is_there.get().then(|| {
            view! {
                <button type="button" class="sb-button" on:click=test>
                    {move || if trying.is_busy() { texts().testing() } else { texts().test() }}
                </button>
                <button type="button" class="sb-button sb-button-danger" on:click=ask>
                    {move || texts().calcom_remove()}
                </button>
            }
        })
    };
    let hook = connection.webhook_url;
    view! {
        <form class="sb-card sb-form" aria-labelledby="calcom-title" novalidate on:submit=submit>
            <TextField
                id="calcom-address"
                label=Signal::derive(move || texts().calcom_address())
                value=address
                kind="url"
                hint=move || Some(texts().calcom_address_hint())
            />
            <TextField
                id="calcom-key"
                label=Signal::derive(move || texts().calcom_key())
                value=key
                kind="password"
                autocomplete="new-password"
                hint=move || is_there.get().then(|| texts().password_kept())
            />
            <TextField
                id="calcom-secret"
                label=Signal::derive(move || texts().calcom_secret())
                value=secret
                kind="password"
                autocomplete="new-password"
                hint=move || {
                    let texts = texts();
                    Some(if has_secret.get() { texts.password_kept() } else { texts.calcom_secret_hint() })
                }
            />
            <p class="sb-hint">
                {move || texts().calcom_hook()} ": " <code>{hook}</code>
            </p>
            <Status desk errand=saving />
            <div role="status">{came}</div>
            <Status desk errand=trying done=Signal::stored("") />
            <div class="sb-actions">
                <SaveButton desk errand=saving />
                {actions}
            </div>
        </form>
        <Confirm question />
    }
}
