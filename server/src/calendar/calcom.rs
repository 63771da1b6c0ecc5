//! Services that are kept at Cal.com, in the business's account there, each by an event type.
//!
//! Free times are read there and remembered for some minutes ([`seen`]). What is booked there is a
//! row of ours as well, so that the desk, the contact and the caller find it: it is written before
//! it is sent, and becomes what Cal.com says of it, whoever changes it ([`book`], [`follow`]).

pub(super) mod book;
pub(super) mod follow;
mod seen;

use std::sync::Arc;

use api::calcom::{
    CalcomConnection, CalcomEventType, CalcomEventTypeList, CalcomHealth, CalcomTest,
    SaveCalcomConnection,
};
use api::linked_calendars::LinkOutcome;
use calcom::{Account, Error, HOSTED, Me};
use futures_util::future::join_all;
use outbound::{BadAddress, Checked, Failure};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::store::{KeptConnection, REVISED_CALCOM};
use super::{CalendarError, Context, metrics};
use crate::bus::Bus;
use crate::config::{Config, trimmed};
use crate::deeds::Author;
use crate::ground::Ground;
use crate::invalid::Invalid;
use crate::store::{Store, StoreError, Tenant};
use crate::vault::{Vault, VaultError};

use seen::Seen;

/// So many may be on the telephone with somebody who wants a time there.
const AT_ONCE: usize = 64;
const SECRET_CHARS: usize = 500;

/// Asks Cal.com. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Client {
    http: Checked,
    seen: Arc<Seen>,
}

impl Client {
    /// One that has seen nothing; this bus tells when free times are others.
    pub(super) fn new(config: &Config, bus: &Bus) -> Result<Self, reqwest::Error> {
        let at_once = follow::TERMS.at_most() + AT_ONCE;
        Ok(Self {
            http: Checked::new(config.outbound.clone(), calcom::limits(at_once))?,
            seen: Arc::new(Seen::new(bus)),
        })
    }
}

/// Why Cal.com is not asked, or its connection not kept. The texts are for people.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CalcomError {
    /// The business has no account.
    #[error("The business has no account at Cal.com.")]
    None,
    /// Something that was sent cannot be.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// Cal.com says no.
    #[error(transparent)]
    Calcom(#[from] Error),
    /// The secrets cannot be sealed or opened.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What nobody is to see: sealed as one.
#[derive(Clone, Default, Serialize, Deserialize)]
struct Secrets {
    key: String,
    /// What webhooks are signed with; none is taken without.
    hook: Option<String>,
}

fn purpose(tenant: &Tenant) -> String {
    format!("calcom_connections/{}/secrets", tenant.id())
}

fn secrets(vault: &Vault, tenant: &Tenant, kept: &KeptConnection) -> Result<Secrets, CalcomError> {
    let opened = vault.open(&purpose(tenant), &kept.sealed)?;
    // Only we sealed it.
    Ok(serde_json::from_str(opened.expose()).map_err(|_| VaultError::Cipher)?)
}

async fn open(
    http: &Checked,
    store: &Store,
    vault: &Vault,
    tenant: &Tenant,
) -> Result<Account, CalcomError> {
    let kept = store.calcom_connections().of(tenant).await?;
    let kept = kept.ok_or(CalcomError::None)?;
    let secrets = secrets(vault, tenant, &kept)?;
    Ok(Account::new(http, &kept.base_url, &secrets.key)?)
}

/// The business's account, unless it is left alone.
async fn account(cx: &Context, tenant: &Tenant) -> Result<Account, CalendarError> {
    if cx.calcom.seen.is_left_alone(tenant.id(), cx.clock.now_ms()) {
        return Err(CalendarError::Away);
    }
    match open(&cx.calcom.http, &cx.store, &cx.vault, tenant).await {
        Ok(account) => Ok(account),
        Err(CalcomError::Store(error)) => Err(error.into()),
        Err(error) => {
            tracing::warn!(%error, tenant_id = tenant.id(), "Cal.com cannot be asked");
            Err(CalendarError::Away)
        }
    }
}

/// Asks, and remembers how that went.
async fn asked<T>(
    cx: &Context,
    tenant: &Tenant,
    asking: impl Future<Output = Result<T, Error>> + Send,
) -> Result<T, Error> {
    let began = cx.clock.now_ms();
    let answer = asking.await;
    let now = cx.clock.now_ms();
    let failed = answer.as_ref().err().filter(|it| it.passes());
    let after = failed.and_then(|it| match it {
        Error::Limited(after) => i64::try_from(after.as_millis()).ok(),
        _ => None,
    });
    match failed {
        Some(_) => cx.calcom.seen.failed(tenant.id(), after, now),
        None => cx.calcom.seen.answered(tenant.id(), began, now),
    }
    let outcome = match &answer {
        Ok(_) => "answered",
        Err(Error::Taken) => "taken",
        Err(Error::Limited(_)) => "limited",
        Err(error) if error.passes() => "silent",
        Err(_) => "refused",
    };
    metrics::calcom(&cx.metrics, outcome);
    if let Err(error) = &answer {
        tracing::warn!(%error, tenant_id = tenant.id(), "Cal.com does not do what it was asked");
    }
    answer
}

/// How the business's account is reached.
pub(super) async fn settings(
    cx: &Context,
    tenant: &Tenant,
) -> Result<CalcomConnection, CalcomError> {
    // The revision first: what is newer than it is only asked about once more.
    let revision = cx.store.revisions().current(tenant, REVISED_CALCOM).await?;
    let kept = cx.store.calcom_connections().of(tenant).await?;
    let webhook_url = webhook_url(cx, tenant);
    let Some(kept) = kept else {
        return Ok(CalcomConnection {
            webhook_url,
            revision,
            ..CalcomConnection::default()
        });
    };
    let secrets = secrets(&cx.vault, tenant, &kept)?;
    Ok(CalcomConnection {
        connected: true,
        base_url: Some(kept.base_url),
        account: kept.account,
        has_webhook_secret: secrets.hook.is_some(),
        webhook_url,
        revision,
    })
}

/// Where Cal.com's webhooks for a business come in.
fn webhook_url(cx: &Context, tenant: &Tenant) -> String {
    let path = format!("/api/calcom/webhook/{}", tenant.id());
    cx.config.url_of(&path)
}

/// Says how the business's account is reached: a change of the revision `read`. Where no secret
/// of a webhook is given, one that comes here is set up in an account that has none yet.
pub(super) async fn set(
    cx: &Context,
    tenant: &Tenant,
    author: &Author,
    save: SaveCalcomConnection,
    read: Option<i64>,
) -> Result<CalcomConnection, CalcomError> {
    let before = cx.store.calcom_connections().of(tenant).await?;
    let mut kept = match &before {
        Some(before) => secrets(&cx.vault, tenant, before)?,
        None => Secrets::default(),
    };
    let base_url = given("base_url", save.base_url)?.unwrap_or_else(|| HOSTED.to_owned());
    let key = given("api_key", save.api_key)?;
    // A key is not sent to where it was not meant for.
    if key.is_none() && before.as_ref().is_none_or(|it| it.base_url != base_url) {
        return Err(Invalid::of("api_key", "api_key is missing.").into());
    }
    let elsewhere = key.is_some() || before.as_ref().is_none_or(|it| it.base_url != base_url);
    kept.key = key.unwrap_or(kept.key);
    let secret = given("webhook_secret", save.webhook_secret)?;
    let sets_up = secret.is_none() && (elsewhere || kept.hook.is_none());
    kept.hook = secret.or(kept.hook);
    let bad = |bad: BadAddress| Invalid::of("base_url", format!("base_url: {bad}"));
    let rules = cx.calcom.http.rules();
    rules
        .look_ahead(&rules.parse(&base_url).map_err(bad)?)
        .await
        .map_err(bad)?;
    // Whether the key is one at all.
    let account = Account::new(&cx.calcom.http, &base_url, &kept.key)?;
    if sets_up {
        let secret = hex::encode(rand::random::<[u8; 24]>());
        match account.hook_up(&webhook_url(cx, tenant), &secret).await {
            Ok(()) => kept.hook = Some(secret),
            // Somebody can still do it there; trying it out says what is wrong.
            Err(error) => {
                tracing::warn!(tenant_id = tenant.id(), %error, "Cal.com has no webhook set up");
            }
        }
    }
    let sealed = cx.vault.seal(&purpose(tenant), &json!(kept).to_string())?;
    let now = cx.clock.now_ms();
    cx.store
        .calcom_connections()
        .set(tenant, (&base_url, &sealed), read, author, now)
        .await?;
    cx.calcom.seen.forget(tenant.id());
    settings(cx, tenant).await
}

/// What was given, where it was.
fn given(what: &str, text: Option<String>) -> Result<Option<String>, Invalid> {
    let text = text
        .map(|it| trimmed(&it).to_owned())
        .filter(|it| !it.is_empty());
    let fits =
        |it: &String| it.chars().count() <= SECRET_CHARS && !it.chars().any(char::is_control);
    if text.as_ref().is_some_and(|it| !fits(it)) {
        let wrong = format!("{what} has up to {SECRET_CHARS} plain characters.");
        return Err(Invalid::of(what, wrong));
    }
    Ok(text)
}

/// Takes the business's account away; `false` when it has none.
pub(super) async fn remove(
    cx: &Context,
    tenant: &Tenant,
    author: &Author,
) -> Result<bool, StoreError> {
    let now = cx.clock.now_ms();
    let account = open(&cx.calcom.http, &cx.store, &cx.vault, tenant).await;
    let removed = cx
        .store
        .calcom_connections()
        .remove(tenant, author, now)
        .await?;
    if let Ok(account) = account
        && let Err(error) = account.unhook(&webhook_url(cx, tenant)).await
    {
        tracing::warn!(tenant_id = tenant.id(), %error, "a webhook stays at Cal.com");
    }
    cx.calcom.seen.forget(tenant.id());
    Ok(removed)
}

/// Asks whose key it is, and keeps what it says.
pub(super) async fn test(cx: &Context, tenant: &Tenant) -> Result<CalcomTest, CalcomError> {
    let account = open(&cx.calcom.http, &cx.store, &cx.vault, tenant).await?;
    Ok(match account.me().await {
        Ok(Me { name, .. }) => {
            cx.store
                .calcom_connections()
                .set_account(tenant, &name)
                .await?;
            // Whatever kept it from being asked is over.
            cx.calcom.seen.forget(tenant.id());
            CalcomTest {
                outcome: LinkOutcome::Works,
                account: Some(name),
                reason: None,
            }
        }
        Err(error) => CalcomTest {
            outcome: outcome(&error),
            account: None,
            reason: Some(error.to_string()),
        },
    })
}

fn outcome(error: &Error) -> LinkOutcome {
    match error {
        Error::Key => LinkOutcome::Credentials,
        Error::Gone | Error::Odd => LinkOutcome::Address,
        error if error.passes() => LinkOutcome::Silent,
        Error::Failure(Failure::Address(_)) => LinkOutcome::Address,
        _ => LinkOutcome::Refused,
    }
}

/// What can be booked there; nothing where there is no account.
pub(super) async fn event_types(
    cx: &Context,
    tenant: &Tenant,
) -> Result<CalcomEventTypeList, CalcomError> {
    let account = match open(&cx.calcom.http, &cx.store, &cx.vault, tenant).await {
        Err(CalcomError::None) => return Ok(CalcomEventTypeList::default()),
        opened => opened?,
    };
    let asking = async {
        let me = account.me().await?;
        account.event_types(&me).await
    };
    let all = asked(cx, tenant, asking).await?;
    let shown = |it: calcom::EventType| CalcomEventType {
        id: it.id,
        title: it.title,
        minutes: it.minutes,
        wants: it.wants,
    };
    Ok(CalcomEventTypeList {
        items: all.into_iter().map(shown).collect(),
    })
}

/// How it goes, as this server has seen it.
pub(super) async fn health(cx: &Context, tenant: &Tenant) -> Result<CalcomHealth, StoreError> {
    let connected = cx.store.calcom_connections().of(tenant).await?.is_some();
    Ok(cx
        .calcom
        .seen
        .health(tenant.id(), connected, cx.clock.now_ms()))
}

/// Whether a webhook is signed by a business's Cal.com.
pub(super) async fn is_signed(
    cx: &Ground,
    tenant: &Tenant,
    body: &[u8],
    signature: &str,
) -> Result<bool, CalcomError> {
    let kept = cx.store.calcom_connections().of(tenant).await?;
    let Some(kept) = kept else { return Ok(false) };
    let hook = secrets(&cx.vault, tenant, &kept)?.hook;
    Ok(hook.is_some_and(|secret| calcom::hook::is_signed(&secret, body, signature)))
}

/// Tries every business's account out, for the command line: whose, and what it is called or why
/// not.
///
/// # Errors
/// When the database fails, or the system's TLS cannot be set up.
pub(crate) async fn check(
    config: &Config,
    store: &Store,
    vault: &Vault,
) -> anyhow::Result<Vec<(String, Result<String, String>)>> {
    let http = Checked::new(config.outbound.clone(), calcom::limits(AT_ONCE))?;
    let mut tenants = Vec::new();
    for id in store.calcom_connections().tenants().await? {
        tenants.extend(store.tenant(&id).await?);
    }
    let trying = tenants.into_iter().map(async |tenant| {
        let asking = async {
            let account = open(&http, store, vault, &tenant).await?;
            Ok::<_, CalcomError>(account.me().await?.name)
        };
        let came = asking.await.map_err(|it| it.to_string());
        (tenant.id().to_owned(), came)
    });
    Ok(join_all(trying).await)
}
