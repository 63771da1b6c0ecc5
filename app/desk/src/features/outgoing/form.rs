//! The form of an endpoint.

use api::notify::{Endpoint, EndpointList, EndpointSecret, SaveEndpoint};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::{PATH, Shared, Texts, words};
use crate::data::api_client;
use crate::data::{Errand, SaveButton, Status};
use crate::kit::{CheckField, TextArea, TextField, named_lines};
use crate::words::kit::Texts as Common;

/// The events a person can choose, and their names in the form.
type Choice = (&'static str, fn(Texts) -> &'static str);
const EVENTS: [Choice; 7] = [
    ("call.created", |texts| texts.call_created()),
    ("call.started", |texts| texts.call_started()),
    ("call.ended", |texts| texts.call_ended()),
    ("call.analyzed", |texts| texts.call_analyzed()),
    ("call.disposition", |texts| texts.call_disposition()),
    ("callback.requested", |texts| texts.callback_requested()),
    ("endpoint.disabled", |texts| texts.endpoint_disabled()),
];

/// Creates an endpoint, or changes one.
#[component]
pub(super) fn Form(
    shared: Shared,
    /// The one to change.
    endpoint: Option<Endpoint>,
) -> impl IntoView {
    let desk = shared.desk;
    let errand = Errand::new();
    let is_new = endpoint.is_none();
    let given = |read: fn(&Endpoint) -> &str| {
        endpoint
            .as_ref()
            .map_or_else(String::new, |one| read(one).to_owned())
    };
    let url = RwSignal::new(given(|one| &one.url));
    let description = RwSignal::new(given(|one| &one.description));
    let headers = RwSignal::new(String::new());
    let has_headers = endpoint
        .as_ref()
        .is_some_and(|one| !one.header_names.is_empty());
    // A new one gets what most want.
    let chosen = EVENTS.map(|(name, _)| {
        RwSignal::new(match &endpoint {
            Some(one) => one.events.iter().any(|event| event == name),
            None => matches!(name, "call.ended" | "call.analyzed"),
        })
    });
    let tried = RwSignal::new(false);
    let missing = move || {
        let empty = tried.get() && url.with(|url| url.trim().is_empty());
        empty.then(|| Common::of(desk.lang.get()).required())
    };
    let nothing_chosen = move || chosen.iter().all(|one| !one.get());
    let show = shared.rivals.show_one(PATH, move |list: EndpointList| {
        let id = shared.form.get_untracked().flatten().map(|it| it.id);
        let theirs = list
            .items
            .into_iter()
            .find(|it| Some(&it.id) == id.as_ref());
        shared.form.set(theirs.map(Some));
    });
    let before = StoredValue::new(endpoint.map(|one| (one.id, one.revision)));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        tried.set(true);
        if url.with_untracked(|url| url.trim().is_empty()) || untrack(nothing_chosen) {
            return;
        }
        let events = EVENTS
            .iter()
            .zip(chosen)
            .filter(|(_, chosen)| chosen.get_untracked())
            .map(|((name, _), _)| (*name).to_owned())
            .collect();
        let entered = headers.get_untracked();
        let save = SaveEndpoint {
            url: url.get_untracked().trim().to_owned(),
            description: description.get_untracked(),
            events,
            // What is not entered stays as it is.
            headers: (!entered.trim().is_empty()).then(|| named_lines(&entered, ':')),
        };
        match before.get_value() {
            None => errand.run(
                desk,
                async move { api_client::post::<EndpointSecret>(PATH, &save).await },
                move |made| {
                    shared.form.set(None);
                    shared.show_secret(made);
                },
            ),
            Some((id, read)) => {
                let path = format!("{PATH}/{id}");
                let done = move |_: Endpoint| {
                    shared.form.set(None);
                    shared.list.reload();
                };
                shared.rivals.put(errand, &path, read, &save, show, done);
            }
        }
    };
    let checks = EVENTS
        .into_iter()
        .zip(chosen)
        .map(|((name, label), value)| {
            view! {
                <CheckField
                    id=format!("event-{name}")
                    label=move || label(shared.texts())
                    value
                />
            }
        })
        .collect_view();
    let choose = move || {
        (tried.get() && nothing_chosen())
            .then(|| view! { <p class="sb-field-error" role="alert">{shared.texts().choose()}</p> })
    };
    view! {
        <form class="sb-card sb-form" novalidate on:submit=submit>
            <h2>
                {move || if is_new { shared.texts().add_title() } else { shared.texts().change() }}
            </h2>
            <TextField
                id="endpoint-url"
                label=move || shared.texts().address()
                value=url
                kind="url"
                hint=move || Some(shared.texts().address_hint())
                error=missing
            />
            <TextField
                id="endpoint-description"
                label=move || shared.texts().description()
                value=description
            />
            <fieldset>
                <legend>{move || shared.texts().events()}</legend>
                {checks}
                {choose}
            </fieldset>
            <TextArea
                id="endpoint-headers"
                label=move || shared.texts().headers()
                value=headers
                rows=2
                hint=move || {
                    let texts = shared.texts();
                    Some(if has_headers { texts.headers_kept() } else { texts.headers_hint() })
                }
            />
            <Status desk errand words />
            <div class="sb-actions">
                <SaveButton desk errand />
                <button
                    type="button"
                    class="sb-button"
                    on:click=move |_| shared.form.set(None)
                >
                    {move || Common::of(desk.lang.get()).cancel()}
                </button>
            </div>
        </form>
    }
}
