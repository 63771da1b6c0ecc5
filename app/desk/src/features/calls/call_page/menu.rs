//! What is seldom done with a call: its link, its recording as a file, and deleting it or what was
//! said in it, which supervisors may once it is over.

use api::problem::slug;
use browser::ui::http::Failure;
use browser::ui::web;
use leptos::prelude::*;
use serde_json::Value;

use super::follow::Call;
use crate::data::{Desk, Errand, Status, api_client};
use crate::kit::{Confirm, Does, Menu, MenuItem, Question, write_to_clipboard};
use crate::nav;
use crate::role::Role;
use crate::route::Route;
use crate::words::Lang;
use crate::words::format::{self, Precision};
use crate::words::player::Texts as Player;
use crate::words::removal::Texts;

/// What a refusal means here.
fn in_words(failure: &Failure, lang: Lang) -> Option<&'static str> {
    let Failure::Problem { slug, .. } = failure else {
        return None;
    };
    (slug == slug::CALL_NOT_OVER).then(|| Texts::of(lang).not_over())
}

/// Says that what was said is gone, and since when.
#[component]
pub(super) fn Redacted(desk: Desk, call: Call) -> impl IntoView {
    let since = redacted_at(call);
    move || {
        since.get().map(|at| {
            let lang = desk.lang.get();
            let when = format::date(at, lang, &desk.timezone(), Precision::Short);
            view! { <p class="sb-notice">{Texts::of(lang).redacted(&when)}</p> }
        })
    }
}

fn redacted_at(call: Call) -> Memo<Option<i64>> {
    Memo::new(move |_| call.detail.with(|detail| detail.as_ref()?.redacted_at))
}

/// The menu; what deletes asks first, and says what is lost.
#[component]
pub(super) fn CallMenu(desk: Desk, call: Call) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let (errand, question) = (Errand::new(), RwSignal::new(None::<Question>));
    let copied = RwSignal::new(None::<bool>);
    let since = redacted_at(call);
    let may = Memo::new(move |_| desk.role() >= Role::Supervisor && !call.status.get().is_live());
    let has_recording = Memo::new(move |_| {
        let detail = call.detail;
        detail.with(|detail| detail.as_ref().is_some_and(|it| it.summary.has_recording))
    });
    let copy = move |()| {
        let path = Route::Call(call.id()).path();
        let link = location().origin().unwrap_or_default() + &path;
        copied.set(None);
        web::spawn(async move {
            let done = write_to_clipboard(&link).await;
            copied.try_set(Some(done));
        });
    };
    let redact = move |()| {
        let path = call.path() + "/redact";
        let work = async move { api_client::post::<()>(&path, &Value::Null).await };
        errand.run(desk, work, move |()| call.load());
    };
    let remove = move |()| {
        let path = call.path();
        let work = async move { api_client::delete(&path).await };
        errand.run(desk, work, move |()| nav::go(desk.route, Route::Calls));
    };
    // Made here: what is made where the menu is pressed goes with the menu.
    let (redact, remove) = (Callback::new(redact), Callback::new(remove));
    let ask_to_redact = move |()| {
        let texts = untrack(texts);
        question.set(Some(Question {
            title: texts.redact_title().to_owned(),
            text: texts.redact_text().to_owned(),
            yes: texts.redact(),
            act: redact,
        }));
    };
    let ask_to_remove = move |()| {
        let texts = untrack(texts);
        question.set(Some(Question {
            title: texts.remove_title().to_owned(),
            text: texts.remove_text().to_owned(),
            yes: texts.remove(),
            act: remove,
        }));
    };
    let (copy, ask_to_redact, ask_to_remove) = (
        Callback::new(copy),
        Callback::new(ask_to_redact),
        Callback::new(ask_to_remove),
    );
    let items = move || {
        let texts = texts();
        let harmless = |label, does| MenuItem {
            label,
            does,
            is_danger: false,
        };
        let deletes = |label, does| MenuItem {
            label,
            does: Does::Act(does),
            is_danger: true,
        };
        let mut items = vec![harmless(texts.copy_link(), Does::Act(copy))];
        if has_recording.get() {
            let address = api_client::recording(&call.id());
            items.push(harmless(
                texts.download(),
                Does::Fetch(address, "recording.wav"),
            ));
        }
        if may.get() {
            if since.get().is_none() {
                items.push(deletes(texts.redact(), ask_to_redact));
            }
            items.push(deletes(texts.remove(), ask_to_remove));
        }
        items
    };
    let said = move || {
        let texts = Player::of(desk.lang.get());
        copied.get().map(|done| match done {
            true => texts.link_copied(),
            false => texts.link_not_copied(),
        })
    };
    view! {
        <div class="sb-call-more">
            <span class="sb-hint" role="status">{said}</span>
            <Menu id="call-menu" label=Signal::derive(move || texts().more()) items=Signal::derive(items) />
        </div>
        <Status desk errand done=Signal::stored("") words=in_words />
        <Confirm question />
    }
}
