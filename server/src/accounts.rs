//! Each tenant's Retell account: its own where it has given one, else the
//! server's.

pub(crate) mod http;
mod signers;
mod store;

use std::collections::HashMap;
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::FromRef;

use crate::clock::MINUTE_MS;
use crate::config::{Config, Secret};
use crate::domain::Domain;
use crate::ground::Ground;
use crate::jobs::NewJob;
use crate::metrics::Metrics;
use crate::people;
use crate::store::{Store, StoreError, Tenant};
use crate::vault::{Vault, VaultError};
use crate::web::Shared;

pub use signers::Signers;
pub use store::{AccountKeys, OwnKeys};
pub(crate) use store::{Asked, Owner, only_of, owner_of, owners, select_owners};

/// What others have to know of this domain.
pub(crate) const fn domain<S: Shared>() -> Domain<S>
where
    Context: FromRef<S>,
    people::Context: FromRef<S>,
{
    Domain {
        deeds: &["tenant.account_changed"],
        keeps: store::KEEPS,
        ..Domain::new("accounts", http::routes)
    }
}

/// For an hour Retell takes a repeated request for the first one (protocol G1): so long
/// after what may have been done was first asked, it can be asked again (ms).
pub(crate) const REPEATABLE_MS: i64 = 50 * MINUTE_MS;

/// What is known of Retell accounts. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Context {
    /// What every room stands on.
    pub ground: Ground,
    /// The accounts of the server and of its tenants.
    pub accounts: Arc<Accounts>,
}

impl Deref for Context {
    type Target = Ground;

    fn deref(&self) -> &Ground {
        &self.ground
    }
}

/// A Retell account.
#[derive(Debug)]
pub struct Account {
    /// Talks to Retell with the account's API key.
    pub client: retell::Client,
    /// The key that signs the account's webhooks and function calls: its API key
    /// with the webhook badge (retell-protocol A5).
    pub webhook_key: Secret,
    /// Whether it is the tenant's own rather than the server's.
    pub own: bool,
}

/// The two keys of a tenant as the database has them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SealedKeys {
    /// Its API key, sealed; without one the server's account is used.
    pub retell_key: Option<String>,
    /// The key that signs its webhooks, sealed, where it is another.
    pub webhook_key: Option<String>,
    /// Counts the changes of the two.
    pub version: i64,
}

/// Why a tenant's account cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Its key cannot be opened.
    #[error("the tenant's Retell key cannot be opened: {0}")]
    Sealed(#[from] VaultError),
    /// Its key cannot be used.
    #[error("the tenant's Retell client cannot be set up: {0}")]
    Client(#[from] retell::Error),
}

/// The accounts that were used lately: a client keeps its connections.
#[derive(Debug)]
pub struct Accounts {
    server: Arc<Account>,
    /// Counts the requests of all of them.
    metrics: Arc<Metrics>,
    own: Mutex<HashMap<String, (i64, Arc<Account>)>>,
}

/// The kind of the jobs that look at what is in a Retell account.
pub const MIRROR: &str = "account.mirror";
/// How often an account is looked at in vain before that is left to the next
/// hour.
const MIRROR_ATTEMPTS: u32 = 6;
/// Within so long (ms) an account is looked at once, however many ask for it.
const MIRROR_PACE_MS: i64 = 60_000;

/// A job that looks at what is in the account of a tenant, now.
#[must_use]
pub fn mirror_job(now: i64) -> NewJob {
    NewJob {
        kind: MIRROR,
        group: None,
        dedupe_key: Some(format!("minute {}", now.div_euclid(MIRROR_PACE_MS))),
        payload: serde_json::Value::Null,
        run_at: now,
        max_attempts: MIRROR_ATTEMPTS,
    }
}

/// The same, whoever asked for one just now: for what was changed since.
#[must_use]
pub fn mirror_anew(now: i64) -> NewJob {
    NewJob {
        dedupe_key: None,
        ..mirror_job(now)
    }
}

/// What the vault is told a tenant's API key is for.
#[must_use]
pub fn retell_key_purpose(tenant_id: &str) -> String {
    format!("tenants/{tenant_id}/retell_key")
}

/// What the vault is told a tenant's webhook key is for.
#[must_use]
pub fn webhook_key_purpose(tenant_id: &str) -> String {
    format!("tenants/{tenant_id}/webhook_key")
}

/// A client for an API key, set up as the configuration says.
///
/// # Errors
/// When the key cannot be sent in a header, or TLS cannot be set up.
pub fn client(config: &Config, api_key: &Secret) -> Result<retell::Client, retell::Error> {
    builder(config, api_key).build()
}

fn builder(config: &Config, api_key: &Secret) -> retell::ClientBuilder {
    retell::Client::builder(api_key.expose())
        .base_url(config.retell.base_url.as_str())
        .timeout(config.retell.timeout)
}

/// The same, with its requests counted.
fn counted(
    config: &Config,
    api_key: &Secret,
    metrics: &Arc<Metrics>,
) -> Result<retell::Client, retell::Error> {
    let observer = Arc::clone(metrics);
    builder(config, api_key).observer(observer).build()
}

impl Accounts {
    /// With the server's own account, and no other used yet.
    ///
    /// # Errors
    /// When the server's key cannot be used.
    pub fn new(config: &Config) -> Result<Self, retell::Error> {
        let metrics = Arc::<Metrics>::default();
        Ok(Self {
            server: Arc::new(Account {
                client: counted(config, &config.retell.api_key, &metrics)?,
                webhook_key: config.retell.webhook_key.clone(),
                own: false,
            }),
            own: Mutex::default(),
            metrics,
        })
    }

    /// The server's own account.
    #[must_use]
    pub fn server(&self) -> &Arc<Account> {
        &self.server
    }

    /// Counts the requests of every account.
    #[must_use]
    pub fn metrics(&self) -> &Arc<Metrics> {
        &self.metrics
    }

    /// The account of a tenant, without a server around it.
    ///
    /// # Errors
    /// As [`Context::account`].
    pub async fn of(
        &self,
        config: &Config,
        store: &Store,
        vault: &Vault,
        tenant: &Tenant,
    ) -> Result<Arc<Account>, AccountError> {
        let sealed = store.account_keys().sealed(tenant).await?;
        let Some(retell_key) = &sealed.retell_key else {
            return Ok(Arc::clone(self.server()));
        };
        if let Some(account) = self.known(tenant, sealed.version) {
            return Ok(account);
        }
        let webhook_key = sealed.webhook_key.as_deref();
        let account = open(
            config,
            vault,
            tenant,
            retell_key,
            webhook_key,
            &self.metrics,
        )?;
        let account = Arc::new(account);
        self.remember(tenant, sealed.version, &account);
        Ok(account)
    }

    fn known(&self, tenant: &Tenant, version: i64) -> Option<Arc<Account>> {
        let own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        let (known, account) = own.get(tenant.id())?;
        (*known == version).then(|| Arc::clone(account))
    }

    fn remember(&self, tenant: &Tenant, version: i64, account: &Arc<Account>) {
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        own.insert(tenant.id().to_owned(), (version, Arc::clone(account)));
    }
}

/// Opens a tenant's keys.
fn open(
    config: &Config,
    vault: &Vault,
    tenant: &Tenant,
    retell_key: &str,
    webhook_key: Option<&str>,
    metrics: &Arc<Metrics>,
) -> Result<Account, AccountError> {
    let api_key = vault.open(&retell_key_purpose(tenant.id()), retell_key)?;
    let webhook_key = webhook_key
        .map(|sealed| vault.open(&webhook_key_purpose(tenant.id()), sealed))
        .transpose()?;
    Ok(Account {
        client: counted(config, &api_key, metrics)?,
        webhook_key: webhook_key.unwrap_or(api_key),
        own: true,
    })
}

impl Context {
    /// Whether everything in the tenant's Retell account is its own: it has one
    /// itself, or shares the server's with nobody.
    pub async fn has_account_to_itself(&self, tenant: &Tenant) -> Result<bool, StoreError> {
        let own = self
            .store
            .account_keys()
            .sealed(tenant)
            .await?
            .retell_key
            .is_some();
        Ok(own || self.store.account_keys().is_only_tenant(tenant).await?)
    }

    /// The Retell account of a tenant. A change of its keys counts at once, on
    /// whichever server it was made.
    ///
    /// # Errors
    /// When the database fails, or the tenant's key cannot be used.
    pub async fn account(&self, tenant: &Tenant) -> Result<Arc<Account>, AccountError> {
        self.accounts
            .of(&self.config, &self.store, &self.vault, tenant)
            .await
    }
}

/// Where Retell has to post a tenant's webhooks: the address that takes nobody
/// else's.
pub(crate) fn webhook_url(ground: &Ground, tenant: &Tenant) -> String {
    ground
        .config
        .url_of(&format!("/api/webhooks/retell/{}", tenant.id()))
}
