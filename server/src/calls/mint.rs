//! Starting a web call for a visitor of somebody's website.

mod limits;

use std::net::IpAddr;
use std::time::Duration;

use api::public::{CallAccess, IceServer, NewWebCall};
use retell::models::{CreateWebCall, Transport};
use serde_json::{Map, Value};

pub use limits::MintLimits;

use super::{METADATA_KEY, METADATA_TENANT, Observation};
use crate::signed::TokenError;
use crate::state::App;
use crate::store::{PublicKey, StoreError, Tenant};
use crate::tenants::{AccountError, origins};

/// What Retell allows for `metadata`.
const METADATA_MAX_BYTES: usize = 50_000;
/// When Retell does not say how long its token lives (protocol F1).
const TOKEN_LIFE_MS: i64 = 30_000;

/// Who asks for a call.
#[derive(Debug, Clone, Copy)]
pub struct Visitor<'a> {
    /// The request's `Origin` header.
    pub origin: Option<&'a str>,
    /// The visitor's address.
    pub ip: IpAddr,
}

/// Why no call was started.
#[derive(Debug, thiserror::Error)]
pub enum MintError {
    /// No such public key.
    #[error("no such public key")]
    KeyUnknown,
    /// The key is switched off.
    #[error("the public key is switched off")]
    KeyDisabled,
    /// The page is not on the key's list.
    #[error("the page's origin is not on the key's list")]
    OriginNotAllowed,
    /// The panel's nonce is missing or no good.
    #[error("the page's nonce cannot be used: {0}")]
    NonceInvalid(TokenError),
    /// The key may not call this agent.
    #[error("the key may not call this agent")]
    AgentNotAllowed,
    /// Retell has no such agent.
    #[error("Retell has no such agent")]
    AgentUnknown,
    /// Too many calls.
    #[error("too many calls")]
    RateLimited {
        /// When the next one is allowed.
        retry_after: Duration,
    },
    /// The metadata cannot be stored with a call.
    #[error("{0}")]
    MetadataInvalid(&'static str),
    /// Retell failed.
    #[error("Retell: {0}")]
    Retell(#[from] retell::Error),
    /// Retell offers a way to join that is older than ours.
    #[error("Retell offers the call over a transport that is not supported")]
    TransportUnsupported,
    /// The tenant's Retell account cannot be used.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// The call could not be stored.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Starts a call: checks the key, the page and the limits, asks Retell for a
/// call, stores it, and hands out the access to it.
///
/// # Errors
/// With the reason why there is no call.
pub async fn mint(
    app: &App,
    visitor: Visitor<'_>,
    request: NewWebCall,
) -> Result<CallAccess, MintError> {
    app.mint_limits.check_address(visitor.ip)?;
    let (tenant, key) = app
        .store
        .public_key(&request.key)
        .await?
        .ok_or(MintError::KeyUnknown)?;
    if key.disabled {
        return Err(MintError::KeyDisabled);
    }
    check_page(app, &key, visitor.origin, request.nonce.as_deref())?;
    let agent_id = match request.agent_id {
        Some(agent_id) => key.agents.iter().find(|allowed| **allowed == agent_id),
        None => key.agents.first(),
    }
    .ok_or(MintError::AgentNotAllowed)?;
    let metadata = metadata(request.metadata, &tenant, &key)?;
    // Last, so that only a request that could start a call counts as one.
    app.mint_limits.check_key(&key, visitor.ip)?;

    let variables: Map<String, Value> = request
        .dynamic_variables
        .into_iter()
        .filter(|(name, _)| key.variables.contains(name))
        .map(|(name, value)| (name, value.into()))
        .collect();
    let create = CreateWebCall {
        agent_id: agent_id.clone(),
        metadata: Some(Value::Object(metadata.clone())),
        retell_llm_dynamic_variables: (!variables.is_empty()).then(|| {
            variables
                .iter()
                .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
                .collect()
        }),
        ..CreateWebCall::default()
    };
    let account = app.account(&tenant).await?;
    let access = account
        .client
        .create_web_call(&create)
        .await
        .map_err(|error| match &error {
            // All that our request names is an agent; older endpoints say 422
            // where 404 is meant (protocol I).
            retell::Error::Api { status, .. } if matches!(*status, 404 | 422) => {
                MintError::AgentUnknown
            }
            _ => MintError::Retell(error),
        })?;
    if access.transport == Some(Transport::Livekit) {
        return Err(MintError::TransportUnsupported);
    }
    let now = app.clock.now_ms();
    // Stored before the visitor can join: its webhooks find it.
    let minted = Observation::minted(&access.call_id, agent_id, metadata, variables, now);
    app.store
        .observe(&tenant, &minted, now, &app.config.healing)
        .await?;
    tracing::info!(call_id = %access.call_id, tenant_id = tenant.id(), "web call minted");
    Ok(CallAccess {
        ticket: app.signer.call_ticket(&access.call_id, now),
        call_id: access.call_id,
        access_token: access.access_token,
        gateway_url: app
            .config
            .retell
            .base_url
            .as_str()
            .trim_end_matches('/')
            .to_owned(),
        ice_servers: access
            .ice_servers
            .into_iter()
            .map(|server| IceServer {
                urls: server.urls,
                username: server.username,
                credential: server.credential,
            })
            .collect(),
        expires_at: access.expires_at.unwrap_or(now + TOKEN_LIFE_MS),
    })
}

/// A page may start calls when its own origin is on the key's list, or when it
/// is our panel: then the nonce in it proves that we made it for this key, and
/// `frame-ancestors` keeps it off pages that are not on the list.
fn check_page(
    app: &App,
    key: &PublicKey,
    origin: Option<&str>,
    nonce: Option<&str>,
) -> Result<(), MintError> {
    let origin = origin.ok_or(MintError::OriginNotAllowed)?;
    if origins::allows(&key.origins, origin) {
        return Ok(());
    }
    if origin != app.config.origin() {
        return Err(MintError::OriginNotAllowed);
    }
    app.signer
        .verify_panel_nonce(nonce.unwrap_or_default(), &key.id, app.clock.now_ms())
        .map_err(MintError::NonceInvalid)
}

/// The page's metadata with our own marks, by which a webhook of this call
/// finds its tenant even if our store forgot the call.
fn metadata(
    from_page: Option<Value>,
    tenant: &Tenant,
    key: &PublicKey,
) -> Result<Map<String, Value>, MintError> {
    let mut metadata = match from_page {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(metadata)) => metadata,
        Some(_) => {
            return Err(MintError::MetadataInvalid(
                "metadata must be a JSON object.",
            ));
        }
    };
    metadata.insert(METADATA_TENANT.to_owned(), tenant.id().into());
    metadata.insert(METADATA_KEY.to_owned(), key.id.as_str().into());
    let bytes = serde_json::to_vec(&metadata).map_or(usize::MAX, |json| json.len());
    if bytes > METADATA_MAX_BYTES {
        return Err(MintError::MetadataInvalid(
            "metadata must not be longer than 50 kB.",
        ));
    }
    Ok(metadata)
}
