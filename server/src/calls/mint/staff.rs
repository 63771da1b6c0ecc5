//! Starting a web call for one of the staff, who tries an agent of the business or shows it.

use api::desk::NewTestCall;
use api::public::CallAccess;
use serde_json::json;

use super::{MintError, WebCall, join, metadata, start_web_call};
use crate::calls::metrics::{self, Minter};
use crate::calls::{Context, METADATA_TESTER};
use crate::deeds::{Author, Deed};
use crate::store::Tenant;

/// Starts a call of this person (their id) with an agent, and hands out the access to it; with
/// the gateway's answer, if the browser's offer came along. It is marked as theirs, and hours,
/// minutes and lines of public keys are none of its concern; but visitors who wait for the
/// business's Retell account go first.
///
/// # Errors
/// With the reason why there is no call.
pub(crate) async fn test_call(
    cx: &Context,
    tenant: &Tenant,
    user_id: &str,
    author: &Author,
    request: NewTestCall,
) -> Result<CallAccess, MintError> {
    let started = start(cx, tenant, user_id, author, request).await;
    let outcome = started.as_ref().map_or_else(MintError::name, |_| "minted");
    metrics::minted(&cx.metrics, Minter::Staff, outcome);
    started
}

async fn start(
    cx: &Context,
    tenant: &Tenant,
    user_id: &str,
    author: &Author,
    request: NewTestCall,
) -> Result<CallAccess, MintError> {
    let NewTestCall {
        agent_id,
        dynamic_variables,
        offer,
    } = request;
    let agents = cx.store.agents();
    if !agents.whose(tenant, &agent_id).await?.is_usable() {
        return Err(MintError::AgentNotAllowed);
    }
    let now = cx.clock.now_ms();
    let places = cx.store.places();
    if places.ahead_at_account(tenant, None, now).await? > 0 {
        return Err(MintError::LinesBusy(None));
    }
    // Late, so that only a request that could start a call counts as one.
    cx.mint_limits.check_person(user_id)?;
    let mut metadata = metadata(None, tenant, None)?;
    metadata.insert(METADATA_TESTER.to_owned(), user_id.into());
    let call = WebCall {
        agent_id: agent_id.clone(),
        metadata,
        variables: dynamic_variables,
    };
    let mut access = start_web_call(cx, tenant, call).await?;
    let deed = Deed::on("call", &access.call_id, "call.tested").with(json!({"agent": agent_id}));
    let deeds = cx.store.deeds();
    deeds.record_deed(tenant, author, &deed, now).await?;
    if let Some(offer) = &offer {
        access.answer = join::answer(cx, tenant, &access, offer).await;
    }
    Ok(access)
}
