//! The business's CRM: which it is, whether it answers, and what was written into it.

use std::collections::BTreeMap;

use api::crm::{
    CrmConnection, CrmConsent, CrmConsentPage, CrmGeneric, CrmNotConnected, CrmOutcome,
    CrmProvider, CrmTest, CrmWrite, CrmWriteState, SaveCrmConnection,
};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use crate::data::elsewhere::{Account, AccountFoot, Trial, Write, Writes};
use crate::data::{Desk, Errand, Loaded, Loading, Rivalry, Rivals, Status, api_client};
use crate::kit::{Confirm, Question, SelectField, TextArea, TextField};
use crate::nav::{self, Link};
use crate::route::Route;
use crate::words::crm::Texts;
use crate::words::{Lang, elsewhere};

const PATH: &str = "/api/desk/crm";

/// The CRM.
#[component]
pub(crate) fn Page(desk: Desk) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let (loaded, saving, show) = Loaded::<CrmConnection>::for_form(desk, PATH);
    let rivals = Rivals::new(desk);
    let draw = move |connection: CrmConnection| view! { <Form rivals show saving connection /> };
    view! {
        <p class="sb-hint">{move || texts().hint()}</p>
        <Rivalry rivals />
        <Loading desk loaded draw />
        <Writes
            desk
            path="/api/desk/crm/writes"
            title=Signal::derive(move || texts().writes())
            empty_hint=Signal::derive(move || texts().empty_hint())
            read=write
        />
    }
}

impl Trial for CrmTest {
    fn works(&self) -> bool {
        self.outcome == CrmOutcome::Works
    }

    fn words(&self, lang: Lang) -> &'static str {
        let (common, texts) = (elsewhere::Texts::of(lang), Texts::of(lang));
        match self.outcome {
            CrmOutcome::Works => common.works(),
            CrmOutcome::Key => texts.key_wrong(),
            CrmOutcome::Address => texts.address_wrong(),
            CrmOutcome::Limited => texts.limited(),
            CrmOutcome::Silent => common.silent(),
            CrmOutcome::Refused | CrmOutcome::Unknown => common.refused(),
        }
    }

    fn more(&self) -> Option<&str> {
        self.account.as_deref().or(self.reason.as_deref())
    }
}

/// How what was to be written reads.
fn write(desk: Desk, write: CrmWrite) -> Write {
    let texts = move || Texts::of(desk.lang.get());
    let what = match write.call_id {
        Some(id) => view! {
            <Link route=desk.route to=Route::Call(id)>
                {move || texts().call()}
            </Link>
        }
        .into_any(),
        None => view! { {move || texts().contact()} }.into_any(),
    };
    let record = write.record_url.map(|url| {
        view! {
            " · "
            <a href=url target="_blank" rel="noopener noreferrer">
                {move || texts().record()}
            </a>
        }
    });
    let state = write.state;
    let named = move || {
        let common = elsewhere::Texts::of(desk.lang.get());
        match state {
            CrmWriteState::Written => texts().written(),
            CrmWriteState::Skipped => texts().skipped(),
            CrmWriteState::Parked => common.parked(),
            CrmWriteState::Waiting | CrmWriteState::Unknown => common.waiting(),
        }
    };
    Write {
        at: write.created_at,
        what: view! { {what} {record} }.into_any(),
        state: Signal::derive(named),
        reason: write.reason,
        again: matches!(state, CrmWriteState::Parked | CrmWriteState::Skipped)
            .then(|| format!("/api/desk/crm/writes/{}/replay", write.id)),
        is_parked: state == CrmWriteState::Parked,
    }
}

/// The name of a kind on the wire, and its secret's.
fn named(provider: &CrmProvider) -> (&'static str, &'static str) {
    let or_key = |client_id: &Option<String>, key| match client_id {
        Some(_) => "client_secret",
        None => key,
    };
    match provider {
        CrmProvider::Hubspot { client_id, .. } => ("hubspot", or_key(client_id, "service_key")),
        CrmProvider::Salesforce { .. } => ("salesforce", "client_secret"),
        CrmProvider::Pipedrive { client_id, .. } => ("pipedrive", or_key(client_id, "api_token")),
        CrmProvider::Generic(_) => ("generic", "token"),
    }
}

/// The names of those of which we know more than that they have a REST API.
const BRANDS: [&str; 3] = ["HubSpot", "Salesforce", "Pipedrive"];

/// What people call a kind.
fn brand(kind: &str) -> &'static str {
    let is_it = |name: &&str| name.eq_ignore_ascii_case(kind);
    BRANDS.into_iter().find(is_it).unwrap_or("CRM")
}

/// What is typed.
#[derive(Clone, Copy)]
struct Typed {
    kind: RwSignal<String>,
    base_url: RwSignal<String>,
    client_id: RwSignal<String>,
    /// Whether somebody lets an app in (`app`) or not (`key`).
    reached: RwSignal<String>,
    requests: RwSignal<String>,
    key: RwSignal<String>,
    /// The requests cannot be read.
    wrong: RwSignal<bool>,
}

impl Typed {
    fn of(provider: Option<CrmProvider>) -> Self {
        let kind = provider.as_ref().map_or("hubspot", |it| named(it).0);
        let (mut base_url, mut client_id, mut requests) = Default::default();
        let mut by_app = false;
        match provider {
            Some(
                CrmProvider::Hubspot {
                    base_url: url,
                    client_id: id,
                }
                | CrmProvider::Pipedrive {
                    base_url: url,
                    client_id: id,
                },
            ) => {
                by_app = id.is_some();
                (base_url, client_id) = (url.unwrap_or_default(), id.unwrap_or_default());
            }
            Some(CrmProvider::Salesforce {
                base_url: url,
                client_id: id,
                consent,
            }) => {
                (base_url, client_id, by_app) = (url, id, consent);
            }
            Some(CrmProvider::Generic(generic)) => {
                requests = serde_json::to_string_pretty(&generic).unwrap_or_default();
            }
            None => {}
        }
        Self {
            kind: RwSignal::new(kind.to_owned()),
            base_url: RwSignal::new(base_url),
            client_id: RwSignal::new(client_id),
            reached: RwSignal::new(if by_app { "app" } else { "key" }.to_owned()),
            requests: RwSignal::new(requests),
            key: RwSignal::new(String::new()),
            wrong: RwSignal::new(false),
        }
    }

    fn is(self, kind: &str) -> bool {
        self.kind.with(|it| it == kind)
    }

    fn is_by_app(self) -> bool {
        !self.is("generic") && self.reached.with(|it| it == "app")
    }

    /// What is sent; nothing where the requests cannot be read.
    fn read(self) -> Option<SaveCrmConnection> {
        let base_url = self.base_url.get_untracked().trim().to_owned();
        let given = (!base_url.is_empty()).then(|| base_url.clone());
        let consent = untrack(move || self.is_by_app());
        let client_id = self.client_id.get_untracked().trim().to_owned();
        let by_app = consent.then(|| client_id.clone());
        let provider = match self.kind.get_untracked().as_str() {
            "hubspot" => CrmProvider::Hubspot {
                base_url: given,
                client_id: by_app,
            },
            "pipedrive" => CrmProvider::Pipedrive {
                base_url: given,
                client_id: by_app,
            },
            "salesforce" => CrmProvider::Salesforce {
                base_url,
                client_id,
                consent,
            },
            _ => {
                let requests = self.requests.get_untracked();
                let generic: CrmGeneric = serde_json::from_str(&requests).ok()?;
                CrmProvider::Generic(Box::new(generic))
            }
        };
        let key = self.key.get_untracked().trim().to_owned();
        let secret = named(&provider).1.to_owned();
        let secrets = (!key.is_empty()).then(|| BTreeMap::from([(secret, key)]));
        Some(SaveCrmConnection { provider, secrets })
    }
}

#[component]
fn Form(
    rivals: Rivals,
    show: Callback<()>,
    saving: Errand,
    connection: CrmConnection,
) -> impl IntoView {
    let desk = rivals.desk;
    let revision = StoredValue::new(connection.revision);
    let texts = move || Texts::of(desk.lang.get());
    // The form stays as it is, and with it the focus; what is known of the CRM changes.
    let account = Account::<CrmTest>::at(desk, PATH, connection.provider.is_some(), saving);
    let has_key = RwSignal::new(!connection.secret_names.is_empty());
    let consent = RwSignal::new(connection.consent);
    let typed = Typed::of(connection.provider);

    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let body = typed.read();
        typed.wrong.set(body.is_none());
        let Some(body) = body else { return };
        account.forget();
        let read = revision.get_value();
        rivals.put(
            saving,
            PATH,
            read,
            &body,
            show,
            move |kept: CrmConnection| {
                revision.set_value(kept.revision);
                account.is_there.set(kept.provider.is_some());
                has_key.set(!kept.secret_names.is_empty());
                consent.set(kept.consent);
                typed.key.set(String::new());
            },
        );
    };
    let ask = Callback::new(move |()| {
        let texts = Texts::of(desk.lang.get_untracked());
        account.question.set(Some(Question {
            title: texts.remove_title().to_owned(),
            text: texts.remove_text().to_owned(),
            yes: texts.remove(),
            act: Callback::new(move |()| {
                account.remove(move || {
                    has_key.set(false);
                    consent.set(None);
                });
            }),
        }));
    });
    let kinds = move || {
        let own = texts().generic().to_owned();
        let brands = BRANDS.map(|name| (name.to_lowercase(), name.to_owned()));
        brands
            .into_iter()
            .chain([("generic".to_owned(), own)])
            .collect::<Vec<_>>()
    };
    let key = move || match typed.kind.get().as_str() {
        _ if typed.is_by_app() => texts().client_secret(),
        "hubspot" => texts().service_key(),
        "salesforce" => texts().client_secret(),
        _ => texts().api_token(),
    };
    let requests = move || {
        let error = move || typed.wrong.get().then(|| texts().requests_wrong());
        typed.is("generic").then(|| {
            view! {
                <TextArea
                    id="crm-requests"
                    label=move || texts().requests()
                    value=typed.requests
                    hint=move || Some(texts().requests_hint())
                    error=error
                    rows=16
                />
            }
        })
    };
    let address = move || {
        (!typed.is("generic")).then(|| {
            let label = move || match typed.is("salesforce") {
                true => texts().own_address(),
                false => texts().other_address(),
            };
            view! { <TextField id="crm-base-url" label=label value=typed.base_url kind="url" /> }
        })
    };
    let reached = move || {
        (!typed.is("generic")).then(|| {
            let options = move || {
                let texts = texts();
                let other = match typed.is("salesforce") {
                    true => texts.by_own_user(),
                    false => texts.by_key(),
                };
                [("key", other), ("app", texts.by_app())]
                    .map(|(value, name)| (value.to_owned(), name.to_owned()))
                    .to_vec()
            };
            view! {
                <SelectField
                    id="crm-reached"
                    label=move || texts().reached()
                    value=typed.reached
                    options=options
                />
            }
        })
    };
    let client_id = move || {
        (typed.is("salesforce") || typed.is_by_app()).then(|| view! {
            <TextField id="crm-client-id" label=move || texts().client_id() value=typed.client_id />
        })
    };
    let redirect = move || {
        typed.is_by_app().then(|| {
            let origin = window().location().origin().unwrap_or_default();
            let address = format!("{origin}/desk/crm/callback");
            view! { <p class="sb-hint">{move || texts().app_hint(&address)}</p> }
        })
    };
    view! {
        <form class="sb-card sb-form" novalidate on:submit=submit>
            <SelectField id="crm-kind" label=move || texts().kind() value=typed.kind options=kinds />
            {reached}
            {address}
            {client_id}
            {redirect}
            {requests}
            <TextField
                id="crm-key"
                label=key
                value=typed.key
                kind="password"
                autocomplete="new-password"
                hint=move || has_key.get().then(|| elsewhere::Texts::of(desk.lang.get()).key_kept())
            />
            <Consent desk kind=typed.kind consent />
            <AccountFoot account saving remove=Signal::derive(move || texts().remove()) ask />
        </form>
        <Confirm question=account.question />
    }
}

/// Whether somebody let the app in, and where they do.
#[component]
fn Consent(
    desk: Desk,
    kind: RwSignal<String>,
    consent: RwSignal<Option<CrmConsent>>,
) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let going = Errand::new();
    // What became of it, told by the page it came back to.
    let problem = RwSignal::new(None::<CrmNotConnected>);
    Effect::new(move || {
        problem.set(nav::take_problem().and_then(|it| CrmNotConnected::parse(&it)));
    });
    let go = move |_| {
        let path = format!("{PATH}/consent");
        let work = async move { api_client::post::<CrmConsentPage>(&path, &()).await };
        going.run(desk, work, move |CrmConsentPage { url }| {
            // Refused only for what is no address.
            let _ = window().location().set_href(&url);
        });
    };
    let told = move || {
        let texts = texts();
        problem.get().map(|problem| match problem {
            CrmNotConnected::Refused => texts.consent_refused(),
            CrmNotConnected::Stale => texts.consent_stale(),
            CrmNotConnected::Failed => texts.consent_failed(),
        })
    };
    let stands = move || {
        let name = brand(&kind.get());
        consent.get().map(|consent| match consent {
            CrmConsent::Given => texts().connected().to_owned(),
            CrmConsent::Refused => texts().to_renew(name),
            CrmConsent::Missing | CrmConsent::Unknown => texts().not_connected().to_owned(),
        })
    };
    let class = move || match consent.get() {
        Some(CrmConsent::Refused) => "sb-problem",
        Some(CrmConsent::Given) => "sb-done",
        _ => "sb-hint",
    };
    let button = move || {
        let name = brand(&kind.get());
        match consent.get() {
            Some(CrmConsent::Given | CrmConsent::Refused) => texts().connect_again(name),
            _ => texts().connect(name),
        }
    };
    view! {
        <div role="status">
            {move || told().map(|text| view! { <p class="sb-problem"><span>{text}</span></p> })}
            {move || stands().map(|text| view! { <p class=class><span>{text}</span></p> })}
        </div>
        <Status desk errand=going done=Signal::stored("") />
        {move || consent.get().map(|_| view! {
            <div class="sb-actions">
                <button
                    type="button"
                    class="sb-button"
                    aria-busy=move || going.is_busy().to_string()
                    on:click=go
                >
                    {button}
                </button>
            </div>
        })}
    }
}
