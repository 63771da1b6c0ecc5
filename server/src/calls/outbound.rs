//! Calls a program or one of the staff has started: by telephone, or on the web, for a page
//! of the program's own, or for who tries an agent or shows it.
//!
//! What the staff start is paced for each person, and in the trail; a program's calls are
//! many, and in the list of calls anyway.

use std::collections::BTreeMap;

use api::desk::CallSummary;
use api::public::{CallAccess, Sdp};
use retell::models::{CreatePhoneCall, PageQuery, PhoneNumber, WeightedAgent};
use serde_json::{Map, Value, json};

use super::{METADATA_TESTER, MintError, Observation, WebCall, metadata, mint, start_web_call};
use crate::accounts::{Account, AccountError};
use crate::calls::Context;
use crate::calls::metrics::{self, Minter};
use crate::deeds::{Author, Deed};
use crate::keys::PublicKey;
use crate::phone::{E164, PhoneError};
use crate::store::{StoreError, Tenant};
use crate::tenants::country;

/// How many of an account's numbers are looked through for one to call from.
const NUMBERS: u32 = 1000;

/// Why no call was started.
#[derive(Debug, thiserror::Error)]
pub enum OutboundError {
    /// No agent is named, and the business has none by default.
    #[error("no agent is named, and there is no default one")]
    NoAgent,
    /// The business may not call this agent.
    #[error("there is no such agent")]
    AgentUnknown,
    /// A number cannot be read.
    #[error("{0}: {1}")]
    Number(&'static str, PhoneError),
    /// The number is of a kind that is not dialled.
    #[error("the number is not one that is dialled")]
    NotDialable,
    /// Whoever has the number wants no calls.
    #[error("whoever has the number does not want to be called")]
    DoNotCall,
    /// The account has no number to call from.
    #[error("the account has no number to call from")]
    NoNumber,
    /// The server's account is not the business's alone.
    #[error("the business needs a Retell account of its own")]
    OwnAccountRequired,
    /// As for visitors.
    #[error(transparent)]
    Mint(#[from] MintError),
}

impl OutboundError {
    /// One word for it, for what is counted.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::NoAgent | Self::AgentUnknown => "agent-unknown",
            Self::Number(..) => "number-invalid",
            Self::NotDialable => "not-dialable",
            Self::DoNotCall => "do-not-call",
            Self::NoNumber => "no-number",
            Self::OwnAccountRequired => "own-account-required",
            Self::Mint(error) => error.name(),
        }
    }
}

impl From<StoreError> for OutboundError {
    fn from(error: StoreError) -> Self {
        Self::Mint(error.into())
    }
}

impl From<AccountError> for OutboundError {
    fn from(error: AccountError) -> Self {
        Self::Mint(error.into())
    }
}

impl From<retell::Error> for OutboundError {
    fn from(error: retell::Error) -> Self {
        Self::Mint(error.into())
    }
}

/// A call that is wanted.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Wanted {
    /// The agent's id at Retell; the business's default one when absent.
    pub agent_id: Option<String>,
    /// Stored with the call; a JSON object.
    pub metadata: Option<Value>,
    /// Fills the agent's prompt.
    pub variables: BTreeMap<String, String>,
}

/// A telephone call that is wanted.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WantedPhoneCall {
    /// Whom to call.
    pub to: String,
    /// A number of the account; one that may call with the agent when absent.
    pub from: Option<String>,
    /// Whom it is with, and what goes along.
    pub call: Wanted,
    /// With it, Retell does not dial twice within an hour.
    pub idempotency_key: Option<String>,
    /// The public key it is counted with, if one asked for it.
    pub public_key: Option<PublicKey>,
}

/// A telephone call that was started.
#[derive(Debug, Clone, PartialEq)]
pub struct PhoneCall {
    /// The row of the call list.
    pub summary: CallSummary,
    /// Retell's call object.
    pub retell: Map<String, Value>,
}

/// Has a web call started; with the gateway's answer, if the browser's offer came along. One
/// of the staff's is marked as theirs, and hours, minutes and lines of public keys are none of
/// its concern; but visitors who wait for the business's Retell account go first.
///
/// # Errors
/// With the reason why there is no call.
pub async fn web_call(
    cx: &Context,
    tenant: &Tenant,
    author: &Author,
    wanted: Wanted,
    offer: Option<&Sdp>,
) -> Result<CallAccess, OutboundError> {
    let begun = begin_web_call(cx, tenant, author, wanted, offer).await;
    let outcome = begun
        .as_ref()
        .map_or_else(OutboundError::name, |_| "minted");
    let minter = match author.actor.person() {
        Some(_) => Minter::Staff,
        None => Minter::Program,
    };
    metrics::minted(&cx.metrics, minter, outcome);
    begun
}

async fn begin_web_call(
    cx: &Context,
    tenant: &Tenant,
    author: &Author,
    wanted: Wanted,
    offer: Option<&Sdp>,
) -> Result<CallAccess, OutboundError> {
    let agent_id = agent(cx, tenant, wanted.agent_id).await?;
    let mut metadata = metadata(wanted.metadata, tenant, None)?;
    if let Some(person) = author.actor.person() {
        let (places, now) = (cx.store.places(), cx.clock.now_ms());
        if places.ahead_at_account(tenant, None, now).await? > 0 {
            return Err(MintError::LinesBusy(None).into());
        }
        metadata.insert(METADATA_TESTER.to_owned(), person.into());
    }
    pace(cx, author)?;
    let call = WebCall {
        agent_id: agent_id.clone(),
        metadata,
        variables: wanted.variables,
    };
    let mut access = start_web_call(cx, tenant, call).await?;
    let deed = Deed::on("call", &access.call_id, "call.tested").with(json!({"agent": agent_id}));
    note(cx, tenant, author, &deed).await?;
    if let Some(offer) = offer {
        access.answer = mint::answer(cx, tenant, &access, offer).await;
    }
    Ok(access)
}

/// Lets one of the staff have so many calls started. Late, so that only a request that could
/// start one counts as one.
fn pace(cx: &Context, author: &Author) -> Result<(), MintError> {
    let person = author.actor.person();
    person.map_or(Ok(()), |id| cx.mint_limits.check_person(id))
}

/// Notes what one of the staff had started.
async fn note(
    cx: &Context,
    tenant: &Tenant,
    author: &Author,
    deed: &Deed<'_>,
) -> Result<(), StoreError> {
    if author.actor.person().is_none() {
        return Ok(());
    }
    let (deeds, now) = (cx.store.deeds(), cx.clock.now_ms());
    deeds.record_deed(tenant, author, deed, now).await
}

/// Has a number called.
///
/// # Errors
/// With the reason why there is no call.
pub async fn phone_call(
    cx: &Context,
    tenant: &Tenant,
    author: &Author,
    wanted: WantedPhoneCall,
) -> Result<PhoneCall, OutboundError> {
    let begun = begin_phone_call(cx, tenant, author, wanted).await;
    let outcome = begun
        .as_ref()
        .map_or_else(OutboundError::name, |_| "started");
    metrics::dialled(&cx.metrics, outcome);
    begun
}

async fn begin_phone_call(
    cx: &Context,
    tenant: &Tenant,
    author: &Author,
    wanted: WantedPhoneCall,
) -> Result<PhoneCall, OutboundError> {
    let number = |what, text: &str| E164::parse(text).map_err(|e| OutboundError::Number(what, e));
    // As it is dialled in the business's country, too.
    let home = country::of_timezone(tenant.timezone());
    let dialled = home.and_then(|home| E164::parse_in(&wanted.to, home).ok());
    let to = match dialled.filter(E164::is_valid) {
        Some(to) => to,
        None => number("to_number", &wanted.to)?,
    };
    let from = wanted.from.as_deref().filter(|from| !from.is_empty());
    let from = from.map(|from| number("from_number", from)).transpose()?;
    if !to.is_dialable() {
        return Err(OutboundError::NotDialable);
    }
    let known = cx.store.contacts().by_phone(tenant, &to).await?;
    if known.is_some_and(|it| it.details.do_not_call) {
        return Err(OutboundError::DoNotCall);
    }
    // Whose number another business's is, nobody could tell; and so no agent is another's.
    if !cx.has_account_to_itself(tenant).await? {
        return Err(OutboundError::OwnAccountRequired);
    }
    pace(cx, author)?;
    let named = wanted.call.agent_id.filter(|agent| !agent.is_empty());
    let account = cx.account(tenant).await?;
    let from = match from {
        Some(from) => from.to_string(),
        None => number_for(&numbers(&account).await?, named.as_deref())?,
    };
    let metadata = metadata(wanted.call.metadata, tenant, wanted.public_key.as_ref())?;
    let create = CreatePhoneCall {
        from_number: from,
        to_number: to.to_string(),
        override_agent_id: named,
        metadata: Some(Value::Object(metadata)),
        retell_llm_dynamic_variables: (!wanted.call.variables.is_empty())
            .then(|| wanted.call.variables.into_iter().collect()),
        idempotency_key: wanted.idempotency_key,
        ..CreatePhoneCall::default()
    };
    let call = account.client.create_phone_call(&create).await?;
    let id = call.call_id.clone();
    let Ok(Value::Object(mut retell)) = serde_json::to_value(&call) else {
        return Err(decode().into());
    };
    retell.remove("access_token");
    let now = cx.clock.now_ms();
    let seen = Observation::from_answer(retell.clone(), now).ok_or_else(decode)?;
    cx.store
        .calls()
        .observe(tenant, &seen, now, &cx.config.healing)
        .await?;
    tracing::info!(call_id = %id, tenant_id = tenant.id(), "phone call started");
    // The number is no part of the trail, which outlives its erasure.
    note(cx, tenant, author, &Deed::on("call", &id, "call.dialled")).await?;
    let summary = cx.store.calls().summary(tenant, &id).await?;
    Ok(PhoneCall {
        summary: summary.ok_or_else(decode)?,
        retell,
    })
}

/// Retell's answer names no call.
fn decode() -> retell::Error {
    retell::Error::Decode {
        route: "POST /v2/create-phone-call",
        detail: "the call has no usable id".to_owned(),
    }
}

/// The agent that is named, else the business's default one; where others share
/// the account, only one that is the business's own.
async fn agent(
    cx: &Context,
    tenant: &Tenant,
    named: Option<String>,
) -> Result<String, OutboundError> {
    let named = named.filter(|agent| !agent.is_empty());
    let agent = match named {
        Some(agent) => agent,
        None => cx
            .store
            .tenants()
            .default_agent(tenant)
            .await?
            .or_else(|| cx.config.retell.default_agent.clone())
            .ok_or(OutboundError::NoAgent)?,
    };
    match cx.store.agents().whose(tenant, &agent).await?.is_usable() {
        true => Ok(agent),
        false => Err(OutboundError::AgentUnknown),
    }
}

/// The telephone numbers of an account.
///
/// # Errors
/// When Retell does not tell them.
pub(crate) async fn numbers(account: &Account) -> Result<Vec<PhoneNumber>, OutboundError> {
    let query = PageQuery {
        limit: Some(NUMBERS),
        ..PageQuery::default()
    };
    Ok(account.client.list_phone_numbers(&query).await?.items)
}

/// The number to call from: one that calls with the agent, else one it answers, else
/// any.
///
/// # Errors
/// When there is none.
pub(crate) fn number_for(
    numbers: &[PhoneNumber],
    agent: Option<&str>,
) -> Result<String, OutboundError> {
    let with = |agents: &[WeightedAgent]| {
        agent.is_none_or(|id| agents.iter().any(|agent| agent.agent_id == id))
    };
    let calls = numbers.iter().find(|number| with(&number.outbound_agents));
    let number = calls
        .or_else(|| numbers.iter().find(|number| with(&number.inbound_agents)))
        .or(numbers.first())
        .ok_or(OutboundError::NoNumber)?;
    Ok(number.phone_number.clone())
}
