//! One call-back, and what can be done about it.

use api::callbacks::{Callback, CallbackOutcome, CallbackState};
use api::problem::slug;
use leptos::prelude::*;
use serde_json::Value;

use super::texts::Texts;
use super::{Open, PATH, Shared};
use crate::data::dial::Number;
use crate::data::{RowStatus, api_client};
use crate::kit::icon::{Icon, icon};
use crate::kit::{Ago, Button, ButtonLook, ButtonSize, Cell, Question};
use crate::nav::Link;
use crate::role::Role;
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
    let to_do = matches!(
        state,
        CallbackState::Pending
            | CallbackState::Scheduled
            | CallbackState::Failed
            | CallbackState::Open
            | CallbackState::Unanswered
    );
    let sayable = to_do || matches!(state, CallbackState::Placed | CallbackState::Done);
    let actions = to_do.then(|| actions(shared, &callback));
    let said = StoredValue::new(callback.clone());
    let see_to = sayable.then(|| {
        let about = move || {
            let verb = shared.texts().see_to();
            said.with_value(|it| about(verb, it))
        };
        let press = move |()| shared.show(Open::Of(Box::new(said.get_value())));
        view! {
            <Button size=ButtonSize::Small name=about press>
                {move || shared.texts().see_to()}
            </Button>
        }
    });
    let came = callback.outcome;
    let tries = callback.tries;
    let came = move || {
        let texts = shared.texts();
        let outcome = came.filter(|_| state != CallbackState::Placed);
        let tries = (tries > 0).then(|| texts.tries(&tries.to_string()));
        let words = outcome.map(|it| texts.came_of_it(it).to_owned());
        let words = words.into_iter().chain(tries).collect::<Vec<_>>();
        (!words.is_empty()).then(|| view! { <span class="sb-hint">{words.join(" · ")}</span> })
    };
    let claimed = callback.claimed_by.clone().map(|holder| {
        let name = callback.claimed_by_name.clone().unwrap_or_default();
        let text = move || match (holder == desk.me(), name.as_str()) {
            (true, _) => shared.texts().yours().to_owned(),
            (false, "") => shared.texts().somebodys().to_owned(),
            (false, name) => shared.texts().theirs(name),
        };
        view! { <span class="sb-hint">{icon(Icon::Person)} " " {text}</span> }
    });
    let outcome = callback.outcome;
    let status = sayable.then(|| {
        let row = path(&callback.id);
        view! { <RowStatus desk errand=shared.errand row words /> }
    });
    let language = callback.language.clone();
    let note = (!callback.note.is_empty()).then(|| view! { <p>{callback.note}</p> });
    view! {
        <tr role="row" data-callback=callback.id data-state=name(state)>
            <Cell column=move || shared.texts().person()>
                <strong>{callback.name}</strong>
                " "
                {match callback.phone.is_empty() {
                    true => view! { <span class="sb-hint">{move || shared.texts().withheld()}</span> }
                        .into_any(),
                    false => view! { <Number desk number=callback.phone /> }.into_any(),
                }}
                {language.map(|language| view! { " " <span class="sb-hint">{language}</span> })}
                {note}
            </Cell>
            <Cell column=move || shared.texts().state()>
                <span class=chip(state, outcome)>
                    {move || match outcome.filter(|_| state == CallbackState::Placed) {
                        Some(outcome) => shared.texts().came_of_it(outcome),
                        None => shared.texts().name_of(state),
                    }}
                </span>
                {came}
                {claimed}
                {move || why().map(|why| view! { <span class="sb-hint">{why}</span> })}
            </Cell>
            <Cell column=move || shared.texts().when()>
                <time datetime=time::machine_date(at)>
                    {move || when(Precision::Short)}
                </time>
                {to_do.then(|| view! {
                    " "
                    <span class="sb-hint">
                        <Ago at when=Signal::derive(move || when(Precision::Full)) />
                    </span>
                })}
            </Cell>
            <Cell column=move || shared.texts().agent()>{agent}</Cell>
            <Cell column=move || shared.texts().page()>{page}</Cell>
            <Cell column=move || shared.texts().actions()>
                <div class="sb-actions">{call} {actions} {see_to}</div>
                {status}
            </Cell>
        </tr>
    }
}

/// Where the server has the call-back with this id.
pub(super) fn path(id: &str) -> String {
    format!("{PATH}/{}", escape(id))
}

fn actions(shared: Shared, callback: &Callback) -> impl IntoView + use<> {
    let desk = shared.desk;
    let path = StoredValue::new(path(&callback.id));
    let person = StoredValue::new(match callback.name.as_str() {
        "" => callback.phone.clone(),
        name => name.to_owned(),
    });
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
    let known = StoredValue::new(callback.clone());
    let about = move |verb: &str| known.with_value(|it| about(verb, it));
    let busy = move |what: &'static str| {
        move || path.with_value(|path| shared.errand.is_doing(&format!("{path}/{what}")))
    };
    let mine = callback.claimed_by.as_deref().map(|it| it == desk.me());
    let may_let_go = mine.is_some_and(|mine| mine || desk.role() >= Role::Supervisor);
    let claim = move |_| {
        let path = format!("{}/claim", path.get_value());
        let about = shared.errand.about(&path);
        let work = async move {
            match mine {
                None => api_client::put::<()>(&path, &Value::Null).await,
                Some(_) => api_client::delete(&path).await,
            }
        };
        about.run_then(
            desk,
            work,
            move |()| shared.reload(),
            move |_| shared.reload(),
        );
    };
    let claim_text = move || match mine {
        None => shared.texts().claim(),
        Some(_) => shared.texts().let_go(),
    };
    let claim = (mine.is_none() || may_let_go).then(|| {
        view! {
            <Button
                size=ButtonSize::Small
                name=move || about(claim_text())
                busy=busy("claim")
                press=claim
            >
                {claim_text}
            </Button>
        }
    });
    if mine == Some(false) {
        return claim.into_any();
    }
    let call_now = (!callback.phone.is_empty()).then(|| {
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
        }
    });
    view! {
        {call_now}
        {claim}
        <Button
            size=ButtonSize::Small
            name=move || about(shared.texts().cancel())
            busy=busy("cancel")
            press=cancel
        >
            {move || shared.texts().cancel()}
        </Button>
    }
    .into_any()
}

/// What is done, and with whose call-back, to who hears it.
fn about(verb: &str, callback: &Callback) -> String {
    match callback.name.as_str() {
        "" => format!("{verb}: {}", callback.phone),
        name => format!("{verb}: {name}"),
    }
}

/// What the server's refusal of a change means here.
pub(super) fn words(failure: &Failure, lang: Lang) -> Option<&'static str> {
    match failure {
        Failure::Problem { slug, .. } if slug == slug::CALLBACK_CLAIMED => {
            Some(Texts::of(lang).taken())
        }
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
        CallbackState::Unanswered => "unanswered",
        CallbackState::Open => "open",
        CallbackState::Done => "done",
        CallbackState::Failed => "failed",
        CallbackState::Cancelled => "cancelled",
        CallbackState::Unknown => "unknown",
    }
}

fn chip(state: CallbackState, outcome: Option<CallbackOutcome>) -> &'static str {
    let is_well = matches!(
        outcome,
        Some(CallbackOutcome::Reached | CallbackOutcome::Otherwise)
    );
    match state {
        CallbackState::Placed | CallbackState::Done if is_well => "sb-chip sb-chip-good",
        CallbackState::Placed if outcome.is_some() => "sb-chip sb-chip-warn",
        CallbackState::Pending
        | CallbackState::Calling
        | CallbackState::Open
        | CallbackState::Placed => "sb-chip sb-chip-accent",
        CallbackState::Scheduled
        | CallbackState::Done
        | CallbackState::Cancelled
        | CallbackState::Unknown => "sb-chip",
        CallbackState::Failed | CallbackState::Unanswered => "sb-chip sb-chip-bad",
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
