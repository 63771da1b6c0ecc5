//! One endpoint: how it fares, and what can be done with it.

use api::notify::{Endpoint, EndpointSecret, TestSent};
use leptos::prelude::*;
use serde_json::json;

use super::log::Log;
use super::{PATH, Shared, words};
use crate::data::api_client;
use crate::data::{Errand, RowStatus, Status};
use crate::kit::icon::{Icon, icon};
use crate::kit::{Button, ButtonLook, ButtonSize, Question};
use crate::words::format::{self, Precision};

/// The endpoint.
#[component]
pub(super) fn Card(shared: Shared, endpoint: Endpoint) -> impl IntoView {
    let desk = shared.desk;
    let (errand, testing) = (Errand::new(), Errand::new());
    let path = StoredValue::new(format!("{PATH}/{}", endpoint.id));
    let id = StoredValue::new(endpoint.id.clone());
    let is_off = endpoint.disabled_at.is_some();
    let when = move |at| format::date(at, desk.lang.get(), &desk.timezone(), Precision::Short);
    let is_open = move || {
        shared
            .log
            .with(|open| open.as_deref() == Some(&id.get_value()))
    };
    let name = if endpoint.description.is_empty() {
        endpoint.url.clone()
    } else {
        endpoint.description.clone()
    };
    let switched = name.clone();
    let switch = move |()| {
        let name = switched.clone();
        shared.switch(path.get_value(), is_off, move || {
            let said = if is_off {
                shared.texts().switched_on(&name)
            } else {
                shared.texts().switched_off(&name)
            };
            let path = path.get_value();
            shared.toast.done(said, move || {
                shared.switch(path.clone(), !is_off, move || shared.toast.undone());
            });
        });
    };
    let test = move |()| {
        let path = format!("{}/test", path.get_value());
        let work = async move { api_client::post::<TestSent>(&path, &json!({})).await };
        testing.run(desk, work, move |_| {
            // The log, open or anew: the test is in it.
            shared.log.set(None);
            shared.log.set(Some(id.get_value()));
        });
    };
    let rotate = move || {
        let path = format!("{}/rotate-secret", path.get_value());
        let about = errand.about(&path);
        let work = async move { api_client::post::<EndpointSecret>(&path, &json!({})).await };
        about.run(desk, work, move |made| shared.show_secret(made));
    };
    let remove = move || {
        let path = path.get_value();
        let about = errand.about(&path);
        let work = async move { api_client::delete(&path).await };
        about.run(desk, work, move |()| shared.list.reload());
    };
    let ask_rotate = move |()| {
        let texts = shared.texts();
        shared.question.set(Some(Question {
            title: texts.rotate_title().to_owned(),
            text: texts.rotate_text().to_owned(),
            yes: texts.rotate(),
            act: Callback::new(move |()| rotate()),
        }));
    };
    let ask_remove = move |()| {
        let texts = shared.texts();
        shared.question.set(Some(Question {
            title: texts.remove_title().to_owned(),
            text: texts.remove_text().to_owned(),
            yes: texts.remove(),
            act: Callback::new(move |()| remove()),
        }));
    };
    let reason = endpoint.disabled_reason.clone();
    let why = move || {
        let texts = shared.texts();
        match reason.as_deref() {
            Some("gone") => texts.off_gone(),
            Some("failing") => texts.off_failing(),
            _ => texts.off(),
        }
    };
    let failing = endpoint.failing_since.filter(|_| !is_off);
    let notice = is_off.then(|| {
        view! {
            <p class="sb-problem">
                {icon(Icon::Alert)}
                <span>{why}</span>
            </p>
        }
    });
    let worry = failing.map(|since| {
        view! {
            <p class="sb-problem">
                {icon(Icon::Alert)}
                <span>{move || shared.texts().failing_since(&when(since))}</span>
            </p>
        }
    });
    let rotated = endpoint.previous_secret_until.map(|until| {
        view! {
            <p class="sb-hint">
                {move || shared.texts().previous_until(&when(until))}
            </p>
        }
    });
    let switch_label = move || {
        if is_off {
            shared.texts().switch_on()
        } else {
            shared.texts().switch_off()
        }
    };
    let busy = move |errand: Errand, below: &'static str| {
        move || path.with_value(|path| errand.is_doing(&format!("{path}{below}")))
    };
    let switching = busy(
        shared.switching,
        if is_off { "/switch-on" } else { "/switch-off" },
    );
    let events = endpoint.events.join(", ");
    let headers = (!endpoint.header_names.is_empty()).then(|| endpoint.header_names.join(", "));
    let whole = StoredValue::new(endpoint.clone());
    view! {
        <article class="sb-card sb-endpoint" aria-label=name>
            <h2>{name.clone()}</h2>
            {notice}
            {worry}
            <dl class="sb-facts">
                <dt>{move || shared.texts().address()}</dt>
                <dd class="sb-id">{endpoint.url}</dd>
                <dt>{move || shared.texts().events()}</dt>
                <dd>{events}</dd>
                {headers.map(|names| view! {
                    <dt>{move || shared.texts().headers()}</dt>
                    <dd>{names}</dd>
                })}
            </dl>
            {rotated}
            <div class="sb-actions">
                <Button
                    size=ButtonSize::Small
                    disabled=is_off
                    busy=move || testing.is_busy()
                    press=test
                >
                    {move || shared.texts().test()}
                </Button>
                <button
                    type="button"
                    class="sb-button sb-button-small"
                    aria-expanded=move || is_open().to_string()
                    on:click=move |_| {
                        shared.log.set((!is_open()).then(|| id.get_value()));
                    }
                >
                    {move || shared.texts().log()}
                </button>
                <Button
                    size=ButtonSize::Small
                    press=move |()| shared.form.set(Some(Some(whole.get_value())))
                >
                    {move || shared.texts().change()}
                </Button>
                <Button
                    size=ButtonSize::Small
                    busy=busy(errand, "/rotate-secret")
                    press=ask_rotate
                >
                    {move || shared.texts().rotate()}
                </Button>
                <Button size=ButtonSize::Small busy=switching press=switch>
                    {switch_label}
                </Button>
                <Button
                    look=ButtonLook::Danger
                    size=ButtonSize::Small
                    busy=busy(errand, "")
                    press=ask_remove
                >
                    {move || shared.texts().remove()}
                </Button>
            </div>
            <RowStatus desk errand=shared.switching row=path.get_value() words />
            <Status desk errand done=Signal::stored("") words />
            <Status desk errand=testing done=move || shared.texts().test_sent() words />
            {move || is_open().then(|| view! { <Log shared path=path.get_value() is_off /> })}
        </article>
    }
}
