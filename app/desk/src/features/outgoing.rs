//! Outgoing webhooks: where the business wants its events sent, and the log of
//! what was sent there.

mod card;
mod form;
mod log;

use api::notify::{Endpoint, EndpointList, EndpointSecret};
use api::problem::slug;
use leptos::prelude::*;
use serde_json::json;

pub(crate) use crate::words::outgoing::Texts;

use crate::data::Desk;
use crate::data::api_client;
use crate::data::{Errand, Loaded, Loading, Rivalry, Rivals, Status};
use crate::kit::{Confirm, Empty, Question, SecretBox, Toast, ToastPlace};
use crate::words::Lang;
use browser::ui::http::Failure;
use card::Card;
use form::Form;

/// Where the endpoints are.
const PATH: &str = "/api/desk/webhook-endpoints";

/// What all parts of the section share. A handle of signals: copy it freely.
#[derive(Clone, Copy)]
struct Shared {
    desk: Desk,
    list: Loaded<EndpointList>,
    /// The open form: of an endpoint, or of a new one.
    form: RwSignal<Option<Option<Endpoint>>>,
    rivals: Rivals,
    /// The endpoint whose log is open.
    log: RwSignal<Option<String>>,
    /// A secret that was just made.
    secret: RwSignal<Option<String>>,
    question: RwSignal<Option<Question>>,
    /// Switches endpoints on and off.
    switching: Errand,
    toast: Toast,
}

impl Shared {
    fn texts(self) -> Texts {
        Texts::of(self.desk.lang.get())
    }

    /// Shows a secret, and the list as it is now.
    fn show_secret(self, made: EndpointSecret) {
        self.secret.set(Some(made.secret));
        self.list.reload();
    }

    /// Switches the endpoint at an address on, or off; `done` says that it is done.
    fn switch(self, path: String, on: bool, done: impl FnOnce() + 'static) {
        let path = path + if on { "/switch-on" } else { "/switch-off" };
        let about = self.switching.about(&path);
        let work = async move { api_client::post::<Endpoint>(&path, &json!({})).await };
        about.run(self.desk, work, move |_| {
            done();
            self.list.reload();
        });
    }
}

/// Says what a failure means here.
fn words(failure: &Failure, lang: Lang) -> Option<&'static str> {
    let Failure::Problem { slug, .. } = failure else {
        return None;
    };
    let texts = Texts::of(lang);
    match slug.as_str() {
        slug::ENDPOINT_ADDRESS_INVALID => Some(texts.address_invalid()),
        slug::ENDPOINT_ADDRESS_PRIVATE => Some(texts.address_private()),
        slug::ENDPOINT_HEADER_INVALID => Some(texts.header_invalid()),
        slug::ENDPOINT_LIMIT => Some(texts.limit()),
        slug::ENDPOINT_DISABLED => Some(texts.switched_off_first()),
        slug::NOT_FOUND => Some(texts.gone()),
        _ => None,
    }
}

/// The endpoints.
#[component]
pub(crate) fn Page(desk: Desk) -> impl IntoView {
    let shared = Shared {
        desk,
        list: Loaded::from(desk, PATH),
        form: RwSignal::new(None),
        rivals: Rivals::new(desk),
        log: RwSignal::new(None),
        secret: RwSignal::new(None),
        question: RwSignal::new(None),
        switching: Errand::new(),
        toast: Toast::new(),
    };
    let add = move || {
        shared.form.get().is_none().then(|| {
            view! {
                <div class="sb-actions">
                    <button
                        type="button"
                        class="sb-button sb-button-primary"
                        on:click=move |_| shared.form.set(Some(None))
                    >
                        {move || shared.texts().add()}
                    </button>
                </div>
            }
        })
    };
    let form = move || {
        let endpoint = shared.form.get()?;
        Some(view! { <Form shared endpoint /> })
    };
    let draw = move |list: EndpointList| {
        if list.items.is_empty() {
            return view! {
                <Empty
                    title=move || shared.texts().empty()
                    hint=move || shared.texts().empty_hint()
                />
            }
            .into_any();
        }
        let cards = list
            .items
            .into_iter()
            .map(|endpoint| view! { <li><Card shared endpoint /></li> })
            .collect_view();
        view! { <ul class="sb-endpoints">{cards}</ul> }.into_any()
    };
    view! {
        <p class="sb-hint">{move || shared.texts().hint()}</p>
        <SecretBox
            label=move || shared.texts().secret()
            secret=shared.secret
            hint=move || Some(shared.texts().secret_hint())
        />
        {add}
        <Rivalry rivals=shared.rivals />
        {form}
        <Loading desk loaded=shared.list draw />
        <Status desk errand=shared.switching done=Signal::stored("") words />
        <ToastPlace toast=shared.toast />
        <Confirm question=shared.question />
    }
}
