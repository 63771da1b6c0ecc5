//! The business's CRM: asked who calls while they call, and told of every call afterwards.
//!
//! What is written is a row, and a job writes it: once, found again by the call's id where an
//! answer did not come; what cannot be written waits for a person. Of two that know something
//! of somebody, the CRM is right: a call adds to a record and changes nothing in it, and only
//! what a caller said about themselves in a call is changed there, that and no more.

mod activity;
mod consent;
#[cfg(any(test, feature = "fuzz"))]
pub(crate) mod fuzz;
pub(crate) mod http;
mod lookup;
mod metrics;
mod provider;
mod rules;
mod store;
mod write;

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use api::crm::{CrmConnection, CrmConsent, CrmOutcome, CrmProvider, CrmTest, SaveCrmConnection};
use axum::extract::FromRef;
use futures_util::future::BoxFuture;
use outbound::{Checked, Limits, Rules};
use serde_json::json;

use crate::clock::Clock;
use crate::config::Config;
use crate::deeds::Author;
use crate::domain::Domain;
use crate::ground::Ground;
use crate::invalid::{Invalid, checked_secrets};
use crate::people;
use crate::store::{Store, StoreError, Tenant};
use crate::vault::{Vault, VaultError};
use crate::web::Shared;

pub(crate) use activity::{CallFacts, Ended};
pub(crate) use lookup::known;
pub(crate) use store::{CallNews, CallsToWrite};
pub use store::{CrmConnections, CrmGrants, CrmRecords, CrmWrites};

use lookup::Lookups;
use provider::{Account, App, Keeping, Refusal, Sessions};

/// What others have to know of this domain.
pub(crate) const fn domain<S: Shared>() -> Domain<S>
where
    Context: FromRef<S>,
    people::Context: FromRef<S>,
{
    Domain {
        deeds: &[
            "crm.changed",
            "crm.connected",
            "crm.removed",
            "crm_write.replayed",
            "crm_writes.replayed",
        ],
        jobs: || vec![write::handler(), write::follower()],
        keeps: store::KEEPS,
        metrics: metrics::METRICS,
        ..Domain::new("crm", http::routes)
    }
}

/// How long one request may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Who calls is asked for while they do: so many may at once, besides the jobs.
const LOOKUPS_AT_ONCE: usize = 64;

/// Says what a CRM is told of a call; nothing when there is no such call.
pub(crate) type Told = for<'a> fn(
    &'a Store,
    &'a Tenant,
    &'a str,
) -> BoxFuture<'a, Result<Option<CallFacts>, StoreError>>;

/// What CRMs are asked and told with. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Context {
    /// What every room stands on.
    pub ground: Ground,
    client: Client,
    lookups: Arc<Lookups>,
    told: Told,
}

impl Context {
    /// Sets the client up.
    ///
    /// # Errors
    /// When the system's TLS cannot be set up.
    pub(crate) fn new(ground: Ground, told: Told) -> Result<Self, reqwest::Error> {
        Ok(Self {
            client: Client::new(
                ground.config.outbound.clone(),
                Keeping {
                    store: ground.store.clone(),
                    vault: ground.vault.clone(),
                    clock: ground.clock.clone(),
                },
            )?,
            lookups: Arc::default(),
            told,
            ground,
        })
    }
}

impl Deref for Context {
    type Target = Ground;

    fn deref(&self) -> &Ground {
        &self.ground
    }
}

/// What requests go out by.
#[derive(Debug, Clone)]
struct Client {
    http: Checked,
    sessions: Sessions,
    keeping: Keeping,
}

impl Client {
    fn new(rules: Rules, keeping: Keeping) -> Result<Self, reqwest::Error> {
        let limits = Limits {
            time: TIMEOUT,
            bytes: 1024 * 1024,
            at_once: write::TERMS.at_most() + LOOKUPS_AT_ONCE,
            redirects: 0,
        };
        Ok(Self {
            http: Checked::new(rules, limits)?,
            sessions: Sessions::default(),
            keeping,
        })
    }

    /// The CRM of a business, by its connection.
    fn open(&self, tenant: &Tenant, connection: Connection) -> Box<dyn provider::Provider> {
        provider::of(self, tenant, connection)
    }
}

/// Why a CRM is not asked, or its connection not kept. The texts are for people.
#[derive(Debug, thiserror::Error)]
pub enum CrmError {
    /// The business has none.
    #[error("The business has no CRM.")]
    None,
    /// Something that was sent cannot be.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The secrets cannot be sealed or opened.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How a business's CRM is reached, with its secrets.
struct Connection {
    provider: CrmProvider,
    secrets: BTreeMap<String, String>,
    account: Account,
}

impl Connection {
    fn shown(self) -> CrmConnection {
        CrmConnection {
            provider: Some(self.provider),
            secret_names: self.secrets.into_keys().collect(),
            account: self.account.name,
            consent: None,
            revision: 0,
        }
    }
}

fn purpose(tenant: &Tenant) -> String {
    format!("crm_connections/{}/secrets", tenant.id())
}

async fn connection(
    store: &Store,
    vault: &Vault,
    tenant: &Tenant,
) -> Result<Option<Connection>, CrmError> {
    let Some(kept) = store.crm_connections().of(tenant).await? else {
        return Ok(None);
    };
    let opened = vault.open(&purpose(tenant), &kept.sealed)?;
    Ok(Some(Connection {
        provider: kept.provider,
        // Only we sealed it.
        secrets: serde_json::from_str(opened.expose()).map_err(|_| VaultError::Cipher)?,
        account: kept.account,
    }))
}

/// How the business's CRM is reached.
async fn settings(cx: &Context, tenant: &Tenant) -> Result<CrmConnection, CrmError> {
    // The revision first: what is newer than it is only asked about once more.
    let revision = cx.store.revisions().current(tenant, store::REVISED).await?;
    let connection = connection(&cx.store, &cx.vault, tenant).await?;
    let is_let_in = connection
        .as_ref()
        .map(|it| App::of(&it.provider).is_some());
    let consent = match is_let_in {
        Some(true) => Some(match cx.store.crm_grants().of(tenant).await? {
            None => CrmConsent::Missing,
            Some(grant) if grant.refused.is_some() => CrmConsent::Refused,
            Some(_) => CrmConsent::Given,
        }),
        _ => None,
    };
    Ok(CrmConnection {
        revision,
        consent,
        ..connection.map(Connection::shown).unwrap_or_default()
    })
}

/// Says how the business's CRM is reached: a change of the revision `read`. What was known of another account is forgotten.
async fn set(
    cx: &Context,
    tenant: &Tenant,
    author: &Author,
    save: SaveCrmConnection,
    read: Option<i64>,
) -> Result<CrmConnection, CrmError> {
    let before = connection(&cx.store, &cx.vault, tenant).await?;
    let (before, mut secrets) =
        before.map_or_else(Default::default, |it| (Some(it.provider), it.secrets));
    if let Some(named) = save.secrets {
        secrets = checked_secrets(named)?;
    }
    let provider = rules::checked(cx.client.http.rules(), save.provider, &secrets).await;
    let provider = provider.map_err(|invalid| invalid.below("provider"))?;
    let sealed = cx
        .vault
        .seal(&purpose(tenant), &json!(secrets).to_string())?;
    let same = before.as_ref() == Some(&provider);
    let now = cx.clock.now_ms();
    cx.store
        .crm_connections()
        .set(tenant, (&provider, &sealed), same, read, author, now)
        .await?;
    forget(cx, tenant);
    settings(cx, tenant).await
}

/// Takes the business's CRM away; `false` when it has none.
async fn remove(cx: &Context, tenant: &Tenant, author: &Author) -> Result<bool, CrmError> {
    let now = cx.clock.now_ms();
    let removed = cx
        .store
        .crm_connections()
        .remove(tenant, author, now)
        .await?;
    forget(cx, tenant);
    Ok(removed)
}

fn forget(cx: &Context, tenant: &Tenant) {
    cx.client.sessions.forget(tenant.id());
    cx.lookups.forget(tenant.id());
}

/// Asks the CRM who we are there, and keeps what it says of the account.
async fn test(cx: &Context, tenant: &Tenant) -> Result<CrmTest, CrmError> {
    let connection = connection(&cx.store, &cx.vault, tenant).await?;
    let connection = connection.ok_or(CrmError::None)?;
    cx.client.sessions.forget(tenant.id());
    let asked = cx.client.open(tenant, connection).account().await;
    if let Ok(account) = &asked {
        cx.store
            .crm_connections()
            .set_account(tenant, account)
            .await?;
        // Whatever kept it from being asked is over.
        cx.lookups.forget(tenant.id());
    }
    Ok(tested(asked))
}

fn tested(asked: Result<Account, Refusal>) -> CrmTest {
    match asked {
        Ok(account) => CrmTest {
            outcome: CrmOutcome::Works,
            account: account.name,
            reason: None,
        },
        Err(refusal) => CrmTest {
            outcome: refusal.outcome(),
            account: None,
            reason: Some(refusal.to_string()),
        },
    }
}

/// Tries every business's CRM out, for the command line: whose, and what came of it.
///
/// # Errors
/// When the database fails, or the system's TLS cannot be set up.
pub async fn check(
    config: &Config,
    store: &Store,
    vault: &Vault,
) -> anyhow::Result<Vec<(Tenant, Result<Option<String>, String>)>> {
    let keeping = Keeping {
        store: store.clone(),
        vault: vault.clone(),
        clock: Clock::system(),
    };
    let client = Client::new(config.outbound.clone(), keeping)?;
    let mut tried = Vec::new();
    for tenant in store.every_tenant().await? {
        let works = match connection(store, vault, &tenant).await {
            Ok(None) => continue,
            Ok(Some(connection)) => {
                let asked = client.open(&tenant, connection).account().await;
                asked
                    .map(|account| account.name)
                    .map_err(|it| it.to_string())
            }
            Err(error) => Err(error.to_string()),
        };
        tried.push((tenant, works));
    }
    Ok(tried)
}
