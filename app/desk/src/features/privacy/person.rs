//! One person: what there is, a copy of it, and erasing it.

use std::time::Duration;

use api::privacy::{ErasePerson, Erasure, ErasureState, PersonFound, Traces, WhichPerson};
use api::problem::slug;
use js_sys::{Array, Function, Reflect};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlAnchorElement, Url};

use super::Texts;
use crate::data::Desk;
use crate::data::api_client as server;
use crate::data::{Errand, Loaded, SaveButton, Status};
use crate::kit::{CheckField, TextField};
use crate::words::Lang;
use browser::ui::http::Failure;
use browser::ui::{json, web};

/// Finds somebody, and then offers both.
#[component]
pub(super) fn Person(desk: Desk) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let person = RwSignal::new(String::new());
    let found = RwSignal::new(None::<PersonFound>);
    let erasure = RwSignal::new(None::<Erasure>);
    let finding = Errand::new();
    let find = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        found.set(None);
        erasure.set(None);
        let which = WhichPerson {
            person: person.get_untracked(),
        };
        let work = async move { server::post("/api/desk/privacy/person", &which).await };
        finding.run(desk, work, move |answer| found.set(Some(answer)));
    };
    let result = move || {
        let it = found.get()?;
        if it.found == Traces::default() && it.live_calls == 0 {
            return Some(view! { <p role="status">{move || texts().nothing()}</p> }.into_any());
        }
        Some(view! { <Found desk it erasure found /> }.into_any())
    };
    let erasing = move || erasure.get().map(|begun| view! { <Progress desk begun /> });
    view! {
        <section class="sb-card" aria-labelledby="privacy-person-title">
            <h2 id="privacy-person-title">{move || texts().person()}</h2>
            <p class="sb-hint">{move || texts().person_hint()}</p>
            <form novalidate on:submit=find>
                <TextField
                    id="privacy-person"
                    label=Signal::derive(move || texts().person_field())
                    value=person
                />
                <SaveButton desk errand=finding label=Signal::derive(move || texts().find()) />
            </form>
            <Status desk errand=finding done=Signal::derive(|| "") words=words />
            {result}
            {erasing}
        </section>
    }
}

fn words(failure: &Failure, lang: Lang) -> Option<&'static str> {
    let Failure::Problem { slug, .. } = failure else {
        return None;
    };
    let texts = Texts::of(lang);
    match slug.as_str() {
        slug::PERSON_INVALID => Some(texts.invalid()),
        slug::CONFIRMATION_WRONG => Some(texts.confirm_wrong()),
        slug::LAST_ADMIN => Some(texts.last_admin()),
        _ => None,
    }
}

/// Which of the words names something.
type Label = fn(Texts) -> &'static str;

/// How much there is, or was.
#[component]
fn Counts(desk: Desk, traces: Traces) -> impl IntoView {
    let rows: [(Label, u32); 11] = [
        (|it| it.count_calls(), traces.calls),
        (|it| it.count_transcripts(), traces.transcripts),
        (|it| it.count_recordings(), traces.recordings),
        (|it| it.count_deliveries(), traces.deliveries),
        (|it| it.count_events(), traces.events),
        (|it| it.count_consents(), traces.consents),
        (|it| it.count_ratings(), traces.ratings),
        (|it| it.count_contacts(), traces.contacts),
        (|it| it.count_callbacks(), traces.callbacks),
        (|it| it.count_bookings(), traces.bookings),
        (|it| it.count_accounts(), traces.accounts),
    ];
    let rows = rows
        .into_iter()
        .map(|(label, count)| {
            view! {
                <dt>{move || label(Texts::of(desk.lang.get()))}</dt>
                <dd>{count}</dd>
            }
        })
        .collect_view();
    view! { <dl class="sb-facts">{rows}</dl> }
}

#[component]
fn Found(
    desk: Desk,
    it: PersonFound,
    erasure: RwSignal<Option<Erasure>>,
    found: RwSignal<Option<PersonFound>>,
) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let (confirm, at_retell) = (RwSignal::new(String::new()), RwSignal::new(true));
    let (exporting, erasing) = (Errand::new(), Errand::new());
    let person = StoredValue::new(it.person.clone());
    let export = move |_| {
        let which = WhichPerson {
            person: person.get_value(),
        };
        let work = async move {
            server::post::<serde_json::Value>("/api/desk/privacy/export", &which).await
        };
        exporting.run(desk, work, |copy| save(&format!("{copy:#}")));
    };
    let erase = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let order = ErasePerson {
            person: person.get_value(),
            confirm: confirm.get_untracked(),
            at_retell: at_retell.get_untracked(),
        };
        let work = async move { server::post("/api/desk/privacy/erase", &order).await };
        erasing.run(desk, work, move |answer| {
            erasure.set(Some(answer));
            found.set(None);
        });
    };
    let live = it.live_calls > 0;
    view! {
        <div role="status">
            <p>{it.person.clone()}</p>
            <Counts desk traces=it.found />
            {live.then(|| view! { <p class="sb-problem">{move || texts().live()}</p> })}
        </div>
        <div class="sb-actions">
            <button type="button" class="sb-button" on:click=export>
                {move || texts().export()}
            </button>
        </div>
        <Status
            desk
            errand=exporting
            done=Signal::derive(move || texts().exported())
            words=words
        />
        <form novalidate on:submit=erase>
            <h3>{move || texts().erase_title()}</h3>
            <p class="sb-hint">{move || texts().erase_hint()}</p>
            <CheckField
                id="privacy-at-retell"
                label=Signal::derive(move || texts().at_retell())
                value=at_retell
            />
            <TextField
                id="privacy-confirm"
                label=Signal::derive(move || texts().confirm())
                value=confirm
            />
            <button type="submit" class="sb-button sb-button-danger">
                {move || texts().erase()}
            </button>
            <Status desk errand=erasing done=Signal::derive(|| "") words=words />
        </form>
    }
}

/// How far erasing somebody is, and then what became of it.
#[component]
fn Progress(desk: Desk, begun: Erasure) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let asked = Loaded::from(desk, format!("/api/desk/privacy/erasures/{}", begun.id));
    let latest = Memo::new(move |_| match asked.value.get() {
        Some(Ok(latest)) => latest,
        _ => begun.clone(),
    });
    let runs = Memo::new(move |_| latest.with(|it| it.state == ErasureState::Running));
    Effect::new(move |_| {
        desk.now.track();
        if runs.get() {
            asked.reload();
        }
    });
    move || {
        let Erasure { state, so_far, .. } = latest.get();
        let said: Label = match state {
            ErasureState::Running => |it| it.erasing(),
            ErasureState::Done => |it| it.erased(),
            ErasureState::LastAdmin => |it| it.last_admin(),
        };
        let is_problem = state == ErasureState::LastAdmin;
        let is_over = state != ErasureState::Running;
        let refused = is_over && !so_far.refused_by_retell.is_empty();
        let live = is_over && so_far.live_calls > 0;
        view! {
            <div role="status">
                <p class=if is_problem { "sb-problem" } else { "sb-done" }>
                    {move || said(texts())}
                </p>
                <Counts desk traces=so_far.erased />
                {refused.then(|| view! { <p class="sb-problem">{move || texts().refused()}</p> })}
                {live.then(|| view! { <p class="sb-problem">{move || texts().live()}</p> })}
            </div>
        }
    }
}

/// How long a browser may take to begin reading what it was given.
const KEPT: Duration = Duration::from_secs(60);

/// Lets the browser keep a text as a file.
fn save(text: &str) {
    let link = document().create_element("a");
    if let Ok(link) = link.map(|it| it.unchecked_into::<HtmlAnchorElement>()) {
        let Some(address) = address_of(text) else {
            return;
        };
        link.set_href(&address);
        link.set_download("person.json");
        link.click();
        // Once the browser has begun to read it.
        set_timeout(move || drop(Url::revoke_object_url(&address)), KEPT);
    }
}

/// Where the browser finds a text of any size, for as long as it is not told otherwise.
fn address_of(text: &str) -> Option<String> {
    let blob: Function = json::get(&web::window(), "Blob").dyn_into().ok()?;
    let kind = json::object(&[("type", JsValue::from_str("application/json"))]);
    let content = Array::of1(&JsValue::from_str(text));
    let blob = Reflect::construct(&blob, &Array::of2(&content, &kind)).ok()?;
    let url = json::get(&web::window(), "URL");
    web::call(&url, "createObjectURL", &blob).ok()?.as_string()
}
