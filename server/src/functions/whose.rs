//! In whose call a function is asked for.

use std::time::Duration;

use api::calls::CallState;
use api::desk::CallSummary;
use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::Context;
use super::request::Request;
use crate::accounts::{Asked, Signers};
use crate::calls::facts;
use crate::calls::{self, CallFilter, Clues, Found};
use crate::phone::E164;
use crate::store::{Scope, StoreError, Tenant};

/// How often a call that is not there yet is looked for: the function may be here before
/// the webhook that tells of it.
const LOOKS: u32 = 5;
/// How long after the first look is the second; then twice as long each time.
const PAUSE: Duration = Duration::from_millis(100);
/// Among so many calls that go on the one is looked for that names none.
const LIVE: u32 = 20;

/// The call, and whose it is.
#[derive(Debug, Clone)]
pub(super) struct Whose {
    /// The business.
    pub(super) tenant: Tenant,
    /// Retell's id of the call; empty where nothing tells.
    pub(super) call_id: String,
    /// The agent that speaks, by its id at Retell.
    pub(super) agent_id: Option<String>,
    /// The number of the person on the other side. Nobody's where the call was guessed.
    pub(super) number: Option<E164>,
}

/// Finds the call, waiting for it as long as is right; `None` where it is nobody's whose
/// key signed.
pub(super) async fn find(
    cx: &Context,
    signers: &Signers,
    request: &Request,
    deadline: Instant,
) -> Result<Option<Whose>, StoreError> {
    let Some(call_id) = &request.call_id else {
        return guess(cx, signers, request).await;
    };
    if !request.call.is_empty() {
        let clues = facts::clues(call_id, &request.call);
        let tenant = owner(cx, signers, &clues).await?;
        let told = |name: &str| request.call.get(name).and_then(Value::as_str);
        let number = number(told("direction"), told("from_number"), told("to_number"));
        return Ok(tenant.map(|tenant| Whose {
            tenant,
            call_id: call_id.clone(),
            agent_id: told("agent_id").map(str::to_owned),
            number,
        }));
    }
    let clues = Clues {
        call_id: Some(call_id.clone()),
        ..Clues::default()
    };
    let mut pause = PAUSE;
    let mut found = None;
    for look in 1..=LOOKS {
        found = owner(cx, signers, &clues).await?;
        if let Some(tenant) = &found
            && let Some(call) = cx.store.calls().summary(tenant, call_id).await?
        {
            return Ok(Some(of_summary(tenant.clone(), &call)));
        }
        if look == LOOKS || Instant::now() + pause >= deadline {
            break;
        }
        sleep(pause).await;
        pause *= 2;
    }
    // It is at Retell, whose key signed, if not here.
    Ok(found.map(|tenant| Whose {
        tenant,
        call_id: call_id.clone(),
        agent_id: None,
        number: None,
    }))
}

async fn owner(
    cx: &Context,
    signers: &Signers,
    clues: &Clues,
) -> Result<Option<Tenant>, StoreError> {
    let mut db = cx.store.read(Scope::Server).await?;
    let mut asked = Asked::default();
    let found = cx
        .store
        .calls()
        .find_tenant(db.connection(), &mut asked, clues, signers)
        .await?;
    Ok(found_tenant(found))
}

fn found_tenant(found: Found) -> Option<Tenant> {
    match found {
        Found::Tenant(tenant) => Some(tenant),
        Found::OfOthers | Found::Nobody => None,
    }
}

/// The call that names none: of the only business whose key signed, the one that goes on;
/// of several the one whose number is among the arguments, else the newest. Who is on the
/// other side of that is anybody's guess.
async fn guess(
    cx: &Context,
    signers: &Signers,
    request: &Request,
) -> Result<Option<Whose>, StoreError> {
    let Some(tenant) = owner(cx, signers, &Clues::default()).await? else {
        return Ok(None);
    };
    let filter = CallFilter {
        status: Some(CallState::Live),
        ..CallFilter::default()
    };
    let rows = cx.store.calls().page(&tenant, &filter, None, LIVE).await?;
    let live = rows.calls;
    let named: Vec<_> = request.arguments.values().filter_map(read_number).collect();
    let is_named = |call: &&CallSummary| {
        let other = of_summary(tenant.clone(), call).number;
        other.is_some_and(|other| named.contains(&other))
    };
    if let [only] = live.as_slice() {
        return Ok(Some(of_summary(tenant, only)));
    }
    if let Some(call) = live.iter().find(is_named) {
        return Ok(Some(of_summary(tenant.clone(), call)));
    }
    Ok(Some(Whose {
        call_id: live.first().map(|call| call.id.clone()).unwrap_or_default(),
        agent_id: None,
        tenant,
        number: None,
    }))
}

fn of_summary(tenant: Tenant, call: &CallSummary) -> Whose {
    Whose {
        tenant,
        call_id: call.id.clone(),
        agent_id: Some(call.agent_id.clone()).filter(|id| !id.is_empty()),
        number: number(
            call.direction.as_deref(),
            call.from_number.as_deref(),
            call.to_number.as_deref(),
        ),
    }
}

/// The number on the other side of a call.
fn number(direction: Option<&str>, from: Option<&str>, to: Option<&str>) -> Option<E164> {
    let other = if direction == Some("outbound") {
        to
    } else {
        from
    };
    E164::parse(calls::caller::number(other?)?).ok()
}

fn read_number(value: &Value) -> Option<E164> {
    E164::parse(value.as_str()?).ok()
}
