//! One person: what there is, a copy of it, and erasing it.

use api::privacy::{
    ErasePerson, Erasure, ErasureState, PersonFound, PersonSearch, Traces, WhichPerson,
};
use api::problem::slug;
use leptos::prelude::*;

use super::Texts;
use crate::data::Desk;
use crate::data::api_client as server;
use crate::data::{Errand, Loaded, SaveButton, Status};
use crate::kit::{CheckField, TextField};
use crate::nav;
use crate::route::{Route, Section};
use crate::words::Lang;
use browser::ui::http::Failure;

/// Finds somebody, and then offers both.
#[component]
pub(super) fn Person(desk: Desk) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    // Whoever comes from a contact has them already.
    let asked = nav::asked("person");
    if asked.is_some() {
        nav::replace(&Route::Settings(Section::Privacy).path());
    }
    let person = RwSignal::new(asked.unwrap_or_default());
    let found = RwSignal::new(None::<PersonSearch>);
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
        found
            .get()
            .map(|begun| view! { <Search desk begun erasure found /> })
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
                <SaveButton desk errand=finding label=Signal::derive(move || texts().find()) keeps_nothing=true />
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
    let rows: [(Label, u32); 15] = [
        (|it| it.count_calls(), traces.calls),
        (|it| it.count_transcripts(), traces.transcripts),
        (|it| it.count_recordings(), traces.recordings),
        (|it| it.count_webhooks(), traces.webhooks),
        (|it| it.count_events(), traces.events),
        (|it| it.count_consents(), traces.consents),
        (|it| it.count_ratings(), traces.ratings),
        (|it| it.count_wrap_ups(), traces.wrap_ups),
        (|it| it.count_notes(), traces.notes),
        (|it| it.count_contacts(), traces.contacts),
        (|it| it.count_callbacks(), traces.callbacks),
        (|it| it.count_bookings(), traces.bookings),
        (|it| it.count_sms(), traces.sms),
        (|it| it.count_crm(), traces.crm),
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

/// Looks until it is found what there is.
#[component]
fn Search(
    desk: Desk,
    begun: PersonSearch,
    erasure: RwSignal<Option<Erasure>>,
    found: RwSignal<Option<PersonSearch>>,
) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let address = format!("/api/desk/privacy/searches/{}", begun.id);
    let copy = format!("{address}/copy");
    let asked = Loaded::from(desk, address);
    let result = Memo::new(move |_| match asked.value.get() {
        Some(Ok(PersonSearch { found, .. })) => found,
        _ => None,
    });
    Effect::new(move |_| {
        desk.now.track();
        if result.with(Option::is_none) {
            asked.reload();
        }
    });
    move || match result.get() {
        None => view! { <p role="status">{move || texts().finding()}</p> }.into_any(),
        Some(it) if it.found == Traces::default() && it.live_calls == 0 => {
            view! { <p role="status">{move || texts().nothing()}</p> }.into_any()
        }
        Some(it) => view! { <Found desk it copy=copy.clone() erasure found /> }.into_any(),
    }
}

#[component]
fn Found(
    desk: Desk,
    it: PersonFound,
    copy: String,
    erasure: RwSignal<Option<Erasure>>,
    found: RwSignal<Option<PersonSearch>>,
) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let (confirm, at_retell) = (RwSignal::new(String::new()), RwSignal::new(true));
    let erasing = Errand::new();
    let person = StoredValue::new(it.person.clone());
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
            <a class="sb-button" href=copy download="person.json">
                {move || texts().export()}
            </a>
        </div>
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
            ErasureState::Unknown => |_| "–",
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
