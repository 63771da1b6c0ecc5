//! The business's CRM: which it is, whether it answers, and what was written into it.

use std::collections::BTreeMap;

use api::crm::{
    CrmConnection, CrmGeneric, CrmOutcome, CrmProvider, CrmTest, CrmWrite, CrmWriteState,
    SaveCrmConnection,
};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use crate::data::elsewhere::{Account, AccountFoot, Trial, Write, Writes};
use crate::data::{Desk, Errand, Loaded, Loading, Rivalry, Rivals};
use crate::kit::{Confirm, Question, SelectField, TextArea, TextField};
use crate::nav::Link;
use crate::route::Route;
use crate::words::crm::Texts;
use crate::words::{Lang, elsewhere};

const PATH: &str = "/api/desk/crm";

/// The CRM.
#[component]
pub(crate) fn Page(desk: Desk) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let loaded = Loaded::<CrmConnection>::from(desk, PATH);
    let rivals = Rivals::new(desk);
    let show = Callback::new(move |()| loaded.reload());
    let draw = move |connection: CrmConnection| view! { <Form rivals show connection /> };
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
    }
}

/// The name of a kind on the wire, and its secret's.
fn named(provider: &CrmProvider) -> (&'static str, &'static str) {
    match provider {
        CrmProvider::Hubspot { .. } => ("hubspot", "service_key"),
        CrmProvider::Salesforce { .. } => ("salesforce", "client_secret"),
        CrmProvider::Pipedrive { .. } => ("pipedrive", "api_token"),
        CrmProvider::Generic(_) => ("generic", "token"),
    }
}

/// What is typed.
#[derive(Clone, Copy)]
struct Typed {
    kind: RwSignal<String>,
    base_url: RwSignal<String>,
    client_id: RwSignal<String>,
    requests: RwSignal<String>,
    key: RwSignal<String>,
    /// The requests cannot be read.
    wrong: RwSignal<bool>,
}

impl Typed {
    fn of(provider: Option<CrmProvider>) -> Self {
        let kind = provider.as_ref().map_or("hubspot", |it| named(it).0);
        let (mut base_url, mut client_id, mut requests) = Default::default();
        match provider {
            Some(
                CrmProvider::Hubspot { base_url: url } | CrmProvider::Pipedrive { base_url: url },
            ) => {
                base_url = url.unwrap_or_default();
            }
            Some(CrmProvider::Salesforce {
                base_url: url,
                client_id: id,
            }) => {
                (base_url, client_id) = (url, id);
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
            requests: RwSignal::new(requests),
            key: RwSignal::new(String::new()),
            wrong: RwSignal::new(false),
        }
    }

    fn is(self, kind: &str) -> bool {
        self.kind.with(|it| it == kind)
    }

    /// What is sent; nothing where the requests cannot be read.
    fn read(self) -> Option<SaveCrmConnection> {
        let base_url = self.base_url.get_untracked().trim().to_owned();
        let given = (!base_url.is_empty()).then(|| base_url.clone());
        let provider = match self.kind.get_untracked().as_str() {
            "hubspot" => CrmProvider::Hubspot { base_url: given },
            "pipedrive" => CrmProvider::Pipedrive { base_url: given },
            "salesforce" => CrmProvider::Salesforce {
                base_url,
                client_id: self.client_id.get_untracked(),
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
fn Form(rivals: Rivals, show: Callback<()>, connection: CrmConnection) -> impl IntoView {
    let desk = rivals.desk;
    let revision = StoredValue::new(connection.revision);
    let texts = move || Texts::of(desk.lang.get());
    // The form stays as it is, and with it the focus; what is known of the CRM changes.
    let account = Account::<CrmTest>::at(desk, PATH, connection.provider.is_some());
    let has_key = RwSignal::new(!connection.secret_names.is_empty());
    let typed = Typed::of(connection.provider);
    let saving = Errand::new();

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
            act: Callback::new(move |()| account.remove(move || has_key.set(false))),
        }));
    });
    let kinds = move || {
        let own = texts().generic().to_owned();
        let brands = ["HubSpot", "Salesforce", "Pipedrive"];
        let brands = brands.map(|name| (name.to_lowercase(), name.to_owned()));
        brands
            .into_iter()
            .chain([("generic".to_owned(), own)])
            .collect::<Vec<_>>()
    };
    let key = move || match typed.kind.get().as_str() {
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
            view! { <TextField id="crm-address" label=label value=typed.base_url kind="url" /> }
        })
    };
    let client_id = move || {
        typed.is("salesforce").then(|| view! {
            <TextField id="crm-client" label=move || texts().client_id() value=typed.client_id />
        })
    };
    view! {
        <form class="sb-card sb-form" novalidate on:submit=submit>
            <SelectField id="crm-kind" label=move || texts().kind() value=typed.kind options=kinds />
            {address}
            {client_id}
            {requests}
            <TextField
                id="crm-key"
                label=key
                value=typed.key
                kind="password"
                autocomplete="new-password"
                hint=move || has_key.get().then(|| elsewhere::Texts::of(desk.lang.get()).key_kept())
            />
            <AccountFoot account saving remove=Signal::derive(move || texts().remove()) ask />
        </form>
        <Confirm question=account.question />
    }
}
