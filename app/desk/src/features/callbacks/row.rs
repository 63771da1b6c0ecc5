//! One call-back, and what can be done about it.

use api::callbacks::{Callback, CallbackState};
use leptos::prelude::*;
use serde_json::Value;

use super::texts::Texts;
use super::{PATH, Shared};
use crate::data::dial::Number;
use crate::data::{RowStatus, api_client};
use crate::kit::{Ago, Button, ButtonLook, ButtonSize, Cell, Question};
use crate::nav::Link;
use crate::route::Route;
use crate::words::Lang;
use crate::words::format::{self, Precision};
use browser::ui::http::{Failure, escape};
use browser::ui::time;

pub(super) fn row(shared: Shared, callback: Callback) -> impl IntoView {
    let desk = shared.desk;
    let (state, at) = (callback.state, callback.due_at);
    let when = move |precision| format::date(at, desk.lang.get(), &desk.timezone(), precision);
    let problem = callback.problem.clone();
    let why = move || problem.as_deref().map(|slug| shared.texts().problem(slug));
    let agent = callback
        .agent_name
        .clone()
        .unwrap_or_else(|| callback.agent_id.clone());
    let page = callback.page_url.clone().map(|url| {
        let name = short(&url);
        view! {
            <a href=url target="_blank" rel="noopener noreferrer">{name}</a>
        }
    });
    let call = callback.call_id.clone().map(|id| {
        view! {
            <Link route=desk.route to=Route::Call(id) class="sb-button sb-button-small">
                {move || shared.texts().open_call()}
            </Link>
        }
    });
    let changeable = matches!(
        state,
        CallbackState::Pending | CallbackState::Scheduled | CallbackState::Failed
    );
    let actions = changeable.then(|| actions(shared, &callback));
    let status = changeable.then(|| {
        let row = path(&callback.id);
        view! { <RowStatus desk errand=shared.errand row words /> }
    });
    let language = callback.language.clone();
    view! {
        <tr role="row" data-callback=callback.id data-state=name(state)>
            <Cell column=move || shared.texts().person()>
                <strong>{callback.name}</strong>
                " "
                <Number desk number=callback.phone />
                {language.map(|language| view! { " " <span class="sb-hint">{language}</span> })}
            </Cell>
            <Cell column=move || shared.texts().state()>
                <span class=chip(state)>{move || shared.texts().name_of(state)}</span>
                {move || why().map(|why| view! { <span class="sb-hint">{why}</span> })}
            </Cell>
            <Cell column=move || shared.texts().when()>
                <time datetime=time::machine_date(at)>
                    {move || when(Precision::Short)}
                </time>
                {changeable.then(|| view! {
                    " "
                    <span class="sb-hint">
                        <Ago at when=Signal::derive(move || when(Precision::Full)) />
                    </span>
                })}
            </Cell>
            <Cell column=move || shared.texts().agent()>{agent}</Cell>
            <Cell column=move || shared.texts().page()>{page}</Cell>
            <Cell column=move || shared.texts().actions()>
                <div class="sb-actions">{call} {actions}</div>
                {status}
            </Cell>
        </tr>
    }
}

/// Where the server has the call-back with this id.
fn path(id: &str) -> String {
    format!("{PATH}/{}", escape(id))
}

fn actions(shared: Shared, callback: &Callback) -> impl IntoView + use<> {
    let path = StoredValue::new(path(&callback.id));
    let person = StoredValue::new(callback.name.clone());
    let act = move |what: &'static str| {
        let path = format!("{}/{what}", path.get_value());
        let about = shared.errand.about(&path);
        let work = async move { api_client::post::<()>(&path, &Value::Null).await };
        about.run_then(
            shared.desk,
            work,
            move |()| shared.reload(),
            move |_| shared.reload(),
        );
    };
    let cancel = move |()| {
        let texts = shared.texts();
        shared.question.set(Some(Question {
            title: texts.cancel_title().to_owned(),
            text: texts.cancel_text(&person.get_value()),
            yes: texts.cancel(),
            act: leptos::prelude::Callback::new(move |()| act("cancel")),
        }));
    };
    let about = move |verb: &str| format!("{verb}: {}", person.get_value());
    let busy = move |what: &'static str| {
        move || path.with_value(|path| shared.errand.is_doing(&format!("{path}/{what}")))
    };
    view! {
        <Button
            look=ButtonLook::Primary
            size=ButtonSize::Small
            name=move || about(shared.texts().call_now())
            busy=busy("call-now")
            press=move |()| act("call-now")
        >
            {move || shared.texts().call_now()}
        </Button>
        <Button
            size=ButtonSize::Small
            name=move || about(shared.texts().cancel())
            busy=busy("cancel")
            press=cancel
        >
            {move || shared.texts().cancel()}
        </Button>
    }
}

/// What the server's refusal of a change means here.
pub(super) fn words(failure: &Failure, lang: Lang) -> Option<&'static str> {
    match failure {
        Failure::Problem { status: 409, .. } => Some(Texts::of(lang).not_open()),
        _ => None,
    }
}

fn name(state: CallbackState) -> &'static str {
    match state {
        CallbackState::Pending => "pending",
        CallbackState::Scheduled => "scheduled",
        CallbackState::Calling => "calling",
        CallbackState::Placed => "placed",
        CallbackState::Failed => "failed",
        CallbackState::Cancelled => "cancelled",
        CallbackState::Unknown => "unknown",
    }
}

fn chip(state: CallbackState) -> &'static str {
    match state {
        CallbackState::Pending | CallbackState::Calling => "sb-chip sb-chip-accent",
        CallbackState::Scheduled | CallbackState::Cancelled | CallbackState::Unknown => "sb-chip",
        CallbackState::Placed => "sb-chip sb-chip-good",
        CallbackState::Failed => "sb-chip sb-chip-bad",
    }
}

/// An address without what everybody knows.
fn short(url: &str) -> String {
    let plain = url.split_once("://").map_or(url, |(_, rest)| rest);
    plain.trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn an_address_is_shown_short() {
        assert_eq!(
            short("https://www.example.com/prices"),
            "www.example.com/prices"
        );
        assert_eq!(short("https://www.example.com/"), "www.example.com");
    }
}
