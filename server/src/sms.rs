//! Text messages of a business: sent through a provider of its own, kept with what became
//! of them, and answered.
//!
//! A message is a row; a job sends it. Whoever wrote STOP is sent nothing until they write
//! START, in words the business may add to; at night everything waits for the morning; so many
//! segments go out a day. What a
//! provider tells comes to an address with a secret in it, and is believed as far as the
//! provider signs it.

#[cfg(any(test, feature = "fuzz"))]
pub(crate) mod fuzz;
pub(crate) mod http;
mod provider;
mod rules;
mod send;
mod store;
pub mod text;

use std::collections::BTreeMap;
use std::ops::Deref;

use api::sms::{NewSms, SaveSmsSettings, Sms, SmsConnection, SmsProvider, SmsSettings};
use axum::extract::FromRef;
use outbound::{Checked, Limits, Rules};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::config::Config;
use crate::deeds::Author;
use crate::domain::Domain;
use crate::ground::Ground;
use crate::invalid::{Invalid, checked_secrets};
use crate::people;
use crate::phone::E164;
use crate::store::{Store, StoreError, Tenant};
use crate::template;
use crate::tenants::day;
use crate::vault::{Vault, VaultError};
use crate::web::Shared;

pub use provider::Standing;
pub use send::KIND;
pub use store::{Added, NewRow, TextMessages};

/// What others have to know of this domain.
pub(crate) const fn domain<S: Shared>() -> Domain<S>
where
    Context: FromRef<S>,
    people::Context: FromRef<S>,
{
    Domain {
        deeds: &[
            "sms.sent",
            "sms_settings.changed",
            "sms_template.added",
            "sms_template.changed",
            "sms_template.removed",
        ],
        jobs: || vec![send::handler()],
        keeps: store::KEEPS,
        ..Domain::new("sms", http::routes)
    }
}

/// A message is no longer than so many segments.
const SEGMENTS_MAX: u32 = 6;

/// What messages are sent with. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Context {
    /// What every room stands on.
    pub ground: Ground,
    http: Checked,
}

impl Context {
    /// Sets the client up.
    ///
    /// # Errors
    /// When the system's TLS cannot be set up.
    pub fn new(ground: Ground, rules: Rules) -> Result<Self, reqwest::Error> {
        let http = client(rules)?;
        Ok(Self { ground, http })
    }
}

fn client(rules: Rules) -> Result<Checked, reqwest::Error> {
    let limits = Limits {
        time: send::TIMEOUT,
        bytes: 64 * 1024,
        at_once: send::TERMS.at_most(),
        redirects: 0,
    };
    Checked::new(rules, limits)
}

impl Deref for Context {
    type Target = Ground;

    fn deref(&self) -> &Ground {
        &self.ground
    }
}

/// Why a message is not sent, or settings are not kept. The texts are for people.
#[derive(Debug, thiserror::Error)]
pub enum SmsError {
    /// The business has nobody who sends them.
    #[error("The business has no provider of text messages.")]
    NoProvider,
    /// Whoever has the number wrote STOP.
    #[error("Whoever has this number does not want any messages.")]
    OptedOut,
    /// As many were sent today as may be.
    #[error("As many messages were sent today as may be.")]
    TooMany,
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

/// What nobody is to see: sealed as one.
#[derive(Clone, Serialize, Deserialize)]
struct Secrets {
    /// What is in the address for the provider.
    hook: String,
    /// The provider's, by their names.
    named: BTreeMap<String, String>,
}

/// How a business sends, with its secrets.
struct Connection {
    settings: SmsSettings,
    secrets: Secrets,
}

fn purpose(tenant: &Tenant) -> String {
    format!("sms_settings/{}/secrets", tenant.id())
}

async fn connection(
    store: &Store,
    vault: &Vault,
    tenant: &Tenant,
) -> Result<Option<Connection>, SmsError> {
    let Some((settings, sealed)) = store.text_messages().settings(tenant).await? else {
        return Ok(None);
    };
    let opened = vault.open(&purpose(tenant), &sealed)?;
    // Only we sealed it.
    let secrets = serde_json::from_str(opened.expose()).map_err(|_| VaultError::Cipher)?;
    Ok(Some(Connection { settings, secrets }))
}

impl Connection {
    /// Where the provider tells what became of a message, or hands over what came.
    fn url(&self, cx: &Ground, tenant: &Tenant, what: &str) -> String {
        let (tenant, hook) = (tenant.id(), &self.secrets.hook);
        cx.config
            .url_of(&format!("/api/webhooks/sms/{tenant}/{hook}/{what}"))
    }

    fn shown(self, cx: &Ground, tenant: &Tenant) -> SmsConnection {
        let inbound_url = self
            .settings
            .provider
            .is_some()
            .then(|| self.url(cx, tenant, "inbound"));
        SmsConnection {
            secret_names: self.secrets.named.into_keys().collect(),
            settings: self.settings,
            inbound_url,
            revision: 0,
        }
    }
}

/// How the business sends messages.
///
/// # Errors
/// When the database fails, or a secret cannot be opened.
pub async fn settings(cx: &Ground, tenant: &Tenant) -> Result<SmsConnection, SmsError> {
    // The revision first: what is newer than it is only asked about once more.
    let revision = cx.store.revisions().current(tenant, store::REVISED).await?;
    let connection = connection(&cx.store, &cx.vault, tenant).await?;
    let shown = connection.map_or_else(
        || SmsConnection {
            settings: rules::fresh(),
            secret_names: Vec::new(),
            inbound_url: None,
            revision: 0,
        },
        |connection| connection.shown(cx, tenant),
    );
    Ok(SmsConnection { revision, ..shown })
}

/// Says how the business sends messages: a change of the revision `read`.
///
/// # Errors
/// When something of it cannot be, or that is not the current one any more.
pub async fn set(
    cx: &Context,
    tenant: &Tenant,
    author: &Author,
    save: SaveSmsSettings,
    read: Option<i64>,
) -> Result<SmsConnection, SmsError> {
    let before = connection(&cx.store, &cx.vault, tenant)
        .await?
        .map(|it| it.secrets);
    let mut secrets = before.unwrap_or_else(|| Secrets {
        hook: hex::encode(rand::random::<[u8; 16]>()),
        named: BTreeMap::new(),
    });
    if let Some(named) = save.secrets {
        secrets.named = checked_secrets(named)?;
    }
    let settings = rules::checked(cx.http.rules(), save.settings, &secrets.named).await?;
    let sealed = cx
        .vault
        .seal(&purpose(tenant), &json!(secrets).to_string())?;
    let now = cx.clock.now_ms();
    let revision = cx
        .store
        .text_messages()
        .set_settings(tenant, &settings, &sealed, read, author, now)
        .await?;
    Ok(SmsConnection {
        revision,
        ..Connection { settings, secrets }.shown(cx, tenant)
    })
}

/// Has a message sent, in its turn. `call` is the one it is sent in.
///
/// # Errors
/// With the reason why not.
pub async fn send(
    cx: &Ground,
    tenant: &Tenant,
    author: &Author,
    new: NewSms,
    call: Option<String>,
) -> Result<Sms, SmsError> {
    let Some((settings, _)) = cx.store.text_messages().settings(tenant).await? else {
        return Err(SmsError::NoProvider);
    };
    if settings.provider.is_none() {
        return Err(SmsError::NoProvider);
    }
    let to = E164::parse(&new.to).map_err(|error| Invalid::of("to", format!("to: {error}.")))?;
    if !to.is_dialable() {
        return Err(Invalid::of("to", "to is of a kind that is not written to.").into());
    }
    let body = body(cx, tenant, &new).await?;
    let segments = text::segments(&body);
    if body.is_empty() || segments > SEGMENTS_MAX {
        let wrong = format!("A message has some text, of at most {SEGMENTS_MAX} segments.");
        return Err(Invalid::of("text", wrong).into());
    }
    let now = cx.clock.now_ms();
    let row = NewRow {
        number: to,
        body,
        segments,
        call_id: call,
        at: rules::after_quiet(settings.quiet.as_ref(), tenant.timezone(), now),
    };
    let (midnight, _) = day::bounds(tenant.timezone(), now);
    let most = (settings.per_day, midnight);
    match cx
        .store
        .text_messages()
        .add(tenant, &row, most, author, now)
        .await?
    {
        Added::Queued(sms) => Ok(*sms),
        Added::OptedOut => Err(SmsError::OptedOut),
        Added::TooMany => Err(SmsError::TooMany),
    }
}

/// Whether what the business sends stands in the log and goes nowhere.
///
/// # Errors
/// When the database fails.
pub async fn only_logs(cx: &Ground, tenant: &Tenant) -> Result<bool, StoreError> {
    let settings = cx.store.text_messages().settings(tenant).await?;
    let provider = settings.and_then(|(settings, _)| settings.provider);
    Ok(provider == Some(SmsProvider::LogOnly))
}

/// What a message says: its own text, or its template's in its language.
async fn body(cx: &Ground, tenant: &Tenant, new: &NewSms) -> Result<String, SmsError> {
    let Some(name) = new.template.as_deref().filter(|name| !name.is_empty()) else {
        return Ok(new.body.trim().to_owned());
    };
    let all = cx.store.lists().all::<rules::Template>(tenant).await?;
    let mut all = all.into_iter().map(|(_, template)| template);
    let template = all
        .find(|it| it.name == name)
        .ok_or_else(|| Invalid::of("template_id", "There is no such template."))?;
    let language = match &new.language {
        Some(language) => language.clone(),
        None => cx.store.tenants().first_language(tenant).await?,
    };
    let mut texts = template.texts.iter();
    let text = texts
        .find(|(tag, _)| text::primary(tag) == text::primary(&language))
        .or_else(|| template.texts.iter().next());
    let scope = Value::Object(new.variables.clone().into_iter().collect());
    let text = text.map(|(_, text)| template::text(text, &scope, str::to_owned));
    Ok(text.unwrap_or_default().trim().to_owned())
}

/// Tries out by what every business sends, without sending anything, for the command line: whose,
/// and what came of it.
///
/// # Errors
/// When the database fails, or the system's TLS cannot be set up.
pub async fn check(
    config: &Config,
    store: &Store,
    vault: &Vault,
) -> anyhow::Result<Vec<(Tenant, Result<Standing, String>)>> {
    let http = client(config.outbound.clone())?;
    let mut tried = Vec::new();
    for tenant in store.every_tenant().await? {
        let stands = match connection(store, vault, &tenant).await {
            Ok(connection) => match connection.and_then(provider::of) {
                Some(provider) => provider.test(&http).await.map_err(|it| it.to_string()),
                None => continue,
            },
            Err(error) => Err(error.to_string()),
        };
        tried.push((tenant, stands));
    }
    Ok(tried)
}
