//! Having Retell start a web call, and storing it before anybody can join.

use std::collections::BTreeMap;
use std::time::Duration;

use api::public::{CallAccess, IceServer};
use retell::models::{CreateWebCall, Transport};
use serde_json::{Map, Value};

use super::MintError;
use crate::calls::{Context, Observation};
use crate::config::Healing;
use crate::store::Tenant;

/// When Retell does not say how long its token lives (protocol F1).
const TOKEN_LIFE_MS: i64 = 30_000;

/// How much later than that Retell is asked what became of a call.
const TOKEN_GRACE: Duration = Duration::from_secs(1);

/// A web call to be started.
#[derive(Debug, Clone, PartialEq)]
pub struct WebCall {
    /// The agent's id at Retell.
    pub agent_id: String,
    /// Stored with the call; our marks are in it.
    pub metadata: Map<String, Value>,
    /// Fills the agent's prompt.
    pub variables: BTreeMap<String, String>,
}

/// Has a web call started with the tenant's Retell account.
///
/// # Errors
/// When Retell does not, or the call cannot be stored.
pub async fn start_web_call(
    cx: &Context,
    tenant: &Tenant,
    call: WebCall,
) -> Result<CallAccess, MintError> {
    let WebCall {
        agent_id,
        metadata,
        variables,
    } = call;
    let create = CreateWebCall {
        agent_id: agent_id.clone(),
        metadata: Some(Value::Object(metadata.clone())),
        retell_llm_dynamic_variables: (!variables.is_empty())
            .then(|| variables.clone().into_iter().collect()),
        ..CreateWebCall::default()
    };
    let account = cx.account(tenant).await?;
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
    let now = cx.clock.now_ms();
    let expires_at = access.expires_at.unwrap_or(now + TOKEN_LIFE_MS);
    let variables = variables
        .into_iter()
        .map(|(name, value)| (name, value.into()))
        .collect();
    // Stored before the visitor can join: its webhooks find it.
    let minted = Observation::minted(&access.call_id, &agent_id, metadata, variables, now);
    let healing = from_expiry(&cx.config.healing, expires_at - now);
    cx.store
        .calls()
        .observe(tenant, &minted, now, &healing)
        .await?;
    tracing::info!(call_id = %access.call_id, tenant_id = tenant.id(), "web call minted");
    Ok(CallAccess {
        ticket: cx.signer.call_ticket(&access.call_id, now),
        call_id: access.call_id,
        access_token: access.access_token,
        gateway_url: gateway_url(cx),
        ice_servers: ice_servers(access.ice_servers),
        expires_at,
        answer: None,
    })
}

/// Where browsers send their offers: Retell's base address, without a trailing slash.
pub(crate) fn gateway_url(cx: &Context) -> String {
    let base = cx.config.retell.base_url.as_str();
    base.trim_end_matches('/').to_owned()
}

/// The ICE servers as browsers get them.
pub(crate) fn ice_servers(servers: Vec<retell::models::IceServer>) -> Vec<IceServer> {
    let servers = servers.into_iter().map(|server| IceServer {
        urls: server.urls,
        username: server.username,
        credential: server.credential,
    });
    servers.collect()
}

/// A call that nobody joined until its token is over (in so many ms) will be joined by
/// nobody: only until then it holds one of its key's lines.
fn from_expiry(healing: &Healing, over_in_ms: i64) -> Healing {
    // If it seems over already, a clock is wrong.
    let over_in_ms = Some(over_in_ms)
        .filter(|ms| *ms > 0)
        .unwrap_or(TOKEN_LIFE_MS);
    let over_in = Duration::from_millis(over_in_ms.unsigned_abs());
    Healing {
        registered_after: healing.registered_after.min(over_in + TOKEN_GRACE),
        ..*healing
    }
}
