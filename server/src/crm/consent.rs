//! Letting the business's own app into its CRM: a person goes to a page of the CRM's and comes
//! back with a code (RFC 6749, 4.1).
//!
//! What has to be remembered meanwhile travels sealed as the `state`, so that whichever server
//! answers can go on; it is good for the session it began in, for the connection as it was then,
//! and for ten minutes. The code is good once.

use api::crm::CrmProvider;
use openidconnect::PkceCodeChallenge;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::provider::{App, Granted, Refusal};
use super::{Context, CrmError, connection, forget};
use crate::deeds::Author;
use crate::invalid::Invalid;
use crate::store::Tenant;

/// Where on this server the CRM sends people back to.
pub(super) const CALLBACK_PATH: &str = "/desk/crm/callback";
/// How long somebody may take there (ms).
const LIFE_MS: i64 = 10 * 60_000;

/// What is remembered until somebody is back.
#[derive(Serialize, Deserialize)]
struct Pending {
    /// The session it began in, hashed.
    session: String,
    /// The connection as it was then, without its secrets.
    provider: CrmProvider,
    /// Proves that who asked for the page uses the code (RFC 7636).
    verifier: String,
    /// When it is over (Unix ms).
    expires_at: i64,
}

/// What the CRM says by way of the browser.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Back {
    /// Gets the tokens, once.
    code: Option<String>,
    /// What was sent along.
    #[serde(default)]
    state: String,
}

/// Why nobody let the app in.
#[derive(Debug)]
pub(super) enum NotConnected {
    /// They said no, or the CRM did.
    Refused,
    /// It began in another session, too long ago, or the connection was changed meanwhile.
    Stale,
    /// The CRM does not give what it promised.
    Failed(Refusal),
    /// A fault of ours.
    Ours(CrmError),
}

impl<E: Into<CrmError>> From<E> for NotConnected {
    fn from(error: E) -> Self {
        Self::Ours(error.into())
    }
}

fn purpose(tenant: &Tenant) -> String {
    format!("crm_connections/{}/state", tenant.id())
}

/// The page of the CRM's to go to. `session` is what the session is stored by.
pub(super) async fn begin(
    cx: &Context,
    tenant: &Tenant,
    session: String,
) -> Result<String, CrmError> {
    let provider = connection(&cx.store, &cx.vault, tenant).await?;
    let provider = provider.ok_or(CrmError::None)?.provider;
    let app = App::of(&provider)
        .ok_or_else(|| Invalid::because("This CRM is reached by a key: nobody is asked."))?;
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let pending = Pending {
        session,
        provider,
        verifier: verifier.into_secret(),
        expires_at: cx.clock.now_ms() + LIFE_MS,
    };
    let state = cx
        .vault
        .seal(&purpose(tenant), &json!(pending).to_string())?;
    let back = cx.config.url_of(CALLBACK_PATH);
    app.page(&back, &state, challenge.as_str())
        .map_err(|_| Invalid::of("base_url", "base_url is no address.").into())
}

/// Keeps what somebody who is back let the app do.
pub(super) async fn finish(
    cx: &Context,
    tenant: &Tenant,
    session: &str,
    back: Back,
    author: &Author,
) -> Result<(), NotConnected> {
    let opened = cx.vault.open(&purpose(tenant), &back.state);
    let opened = opened.map_err(|_| NotConnected::Stale)?;
    let pending: Pending =
        serde_json::from_str(opened.expose()).map_err(|_| NotConnected::Stale)?;
    let connection = connection(&cx.store, &cx.vault, tenant).await?;
    let is_as_it_was = |it: &super::Connection| it.provider == pending.provider;
    let connection = connection.filter(is_as_it_was);
    if pending.session != session || cx.clock.now_ms() >= pending.expires_at {
        return Err(NotConnected::Stale);
    }
    let connection = connection.ok_or(NotConnected::Stale)?;
    let code = back.code.ok_or(NotConnected::Refused)?;
    let granted = Granted::of(&cx.client, tenant, &connection).ok_or(NotConnected::Stale)?;
    let redirect = cx.config.url_of(CALLBACK_PATH);
    let given = granted.exchange(&code, &redirect, &pending.verifier).await;
    let given = given.map_err(|refusal| match refusal {
        Refusal::Key(why) => {
            tracing::warn!(
                tenant_id = tenant.id(),
                why,
                "a CRM gives nothing for its code"
            );
            NotConnected::Refused
        }
        other => NotConnected::Failed(other),
    })?;
    let (sealed, over_at) = granted.keeping.sealed(tenant, &given)?;
    let now = cx.clock.now_ms();
    let name = super::provider::name(&connection.provider);
    let grants = cx.store.crm_grants();
    grants
        .grant(tenant, (&sealed, over_at), name, author, now)
        .await?;
    forget(cx, tenant);
    Ok(())
}
