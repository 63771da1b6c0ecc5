//! Starting a web call, and whether a visitor of somebody's website may.

mod gate;
mod join;
mod limits;
mod place;
mod start;

use std::net::IpAddr;
use std::time::Duration;

use api::keys::Mode;
use api::public::{CallAccess, NewWebCall, Waiting};
use serde_json::{Map, Value};

pub(crate) use gate::{admit, check_captcha};
pub(super) use join::answer;
pub use limits::MintLimits;
pub(crate) use place::waiting;
pub use start::{WebCall, start_web_call};
pub(crate) use start::{gateway_url, ice_servers};

use super::{METADATA_KEY, METADATA_TENANT, METADATA_TESTER, visitor as visitors};
use crate::accounts::AccountError;
use crate::calls::Context;
use crate::keys::{self, PublicKey};
use crate::signed::TokenError;
use crate::store::{StoreError, Tenant};

/// What Retell allows for `metadata`.
const METADATA_MAX_BYTES: usize = 50_000;
/// Marks a call in whose `metadata` the visitor's consent is noted: when it was
/// given (Unix ms). What was agreed to is in our store.
const METADATA_CONSENT: &str = "switchboard_consent";

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
    /// The key is not for voice calls.
    #[error("the public key is not for voice calls")]
    VoiceOff,
    /// The key is not for call-backs.
    #[error("the public key is not for call-backs")]
    CallbackOff,
    /// The business is closed, and the key takes no calls then.
    #[error("the business is closed")]
    OutOfHours {
        /// How long it stays closed, as far as that is known.
        retry_after: Option<Duration>,
    },
    /// The captcha was not solved.
    #[error("the captcha was not solved")]
    CaptchaFailed,
    /// The captcha's provider cannot be asked.
    #[error("the captcha cannot be checked: {0}")]
    CaptchaUnavailable(String),
    /// The key, or the Retell account, holds as many calls as it may. Who waits has a place
    /// in line.
    #[error("all lines are busy")]
    LinesBusy(Option<Waiting>),
    /// The key's minutes of the day are used up.
    #[error("the public key's minutes of the day are used up")]
    MinutesUsedUp {
        /// How long the day goes on.
        retry_after: Duration,
    },
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

impl MintError {
    /// In a word, for the metrics.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::KeyUnknown => "key-unknown",
            Self::KeyDisabled => "key-disabled",
            Self::VoiceOff => "voice-off",
            Self::CallbackOff => "callback-off",
            Self::OutOfHours { .. } => "out-of-hours",
            Self::CaptchaFailed => "captcha-failed",
            Self::CaptchaUnavailable(_) => "captcha-unavailable",
            Self::LinesBusy(_) => "lines-busy",
            Self::MinutesUsedUp { .. } => "minutes-used-up",
            Self::OriginNotAllowed => "origin-not-allowed",
            Self::NonceInvalid(_) => "nonce-invalid",
            Self::AgentNotAllowed | Self::AgentUnknown => "agent-unknown",
            Self::RateLimited { .. } => "rate-limited",
            Self::MetadataInvalid(_) => "metadata-invalid",
            Self::Retell(_) => "retell-failed",
            Self::TransportUnsupported => "transport-unsupported",
            Self::Account(_) => "account-unusable",
            Self::Store(_) => "store-failed",
        }
    }
}

/// Starts a call: checks the key, the page and the limits, asks Retell for a
/// call, stores it, and hands out the access to it; with the gateway's answer, if
/// the visitor's offer came along.
///
/// # Errors
/// With the reason why there is no call.
pub async fn mint(
    cx: &Context,
    visitor: Visitor<'_>,
    request: NewWebCall,
) -> Result<CallAccess, MintError> {
    let (tenant, key) = gate::admit(cx, visitor, &request.key, request.nonce.as_deref()).await?;
    if !key.modes.contains(&Mode::Voice) {
        return Err(MintError::VoiceOff);
    }
    gate::check_hours(cx, &tenant, &key).await?;
    let agent_id = match request.agent_id {
        Some(agent_id) => key.agents.iter().find(|allowed| **allowed == agent_id),
        None => key.agents.first(),
    }
    .ok_or(MintError::AgentNotAllowed)?;
    // The key may be older than the account the business has now.
    if !cx
        .store
        .agents()
        .whose(&tenant, agent_id)
        .await?
        .is_usable()
    {
        return Err(MintError::AgentNotAllowed);
    }
    let mut metadata = metadata(request.metadata, &tenant, Some(&key))?;
    let consent = visitors::consent(request.consent);
    if consent.is_some() {
        metadata.insert(METADATA_CONSENT.to_owned(), cx.clock.now_ms().into());
    }
    let held = request.place.as_deref();
    let queue = place::Queue::of(cx, &tenant, &key, request.wait, held).await?;
    if !queue.has_place() {
        // Late, so that only a request that could start a call counts as one.
        cx.mint_limits.check_key(&key, visitor.ip)?;
        check_captcha(cx, &key, request.captcha_token.as_deref(), visitor.ip).await?;
    }
    let place = place::take(cx, &tenant, &key, queue).await?;

    let call = WebCall {
        agent_id: agent_id.clone(),
        metadata,
        variables: request
            .dynamic_variables
            .into_iter()
            .filter(|(name, _)| key.variables.contains(name))
            .collect(),
    };
    let started = start_web_call(cx, &tenant, call).await;
    let mut access = place.give_back(&key, started).await?;
    let now = cx.clock.now_ms();
    if let Some(consent) = consent {
        cx.store
            .calls()
            .add_consent(&tenant, &access.call_id, &consent, now)
            .await?;
    }
    if keys::is_news(key.last_used_at, now) {
        // The call is there: what is written down about its key can wait.
        if let Err(error) = cx.store.public_keys().touch(&tenant, &key.id, now).await {
            tracing::warn!(%error, "a key's last use cannot be written down");
        }
    }
    if let Some(offer) = &request.offer {
        access.answer = join::answer(cx, &tenant, &access, offer).await;
    }
    Ok(access)
}

/// A call's metadata with our own marks, by which a webhook of this call finds
/// its tenant even if our store forgot the call. `key` is the public key it is
/// started with, if it is.
///
/// # Errors
/// When it is no object, or too long.
pub fn metadata(
    from_page: Option<Value>,
    tenant: &Tenant,
    key: Option<&PublicKey>,
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
    // Only we say with which key a call was started, and who of the staff did it.
    metadata.remove(METADATA_KEY);
    metadata.remove(METADATA_TESTER);
    if let Some(key) = key {
        metadata.insert(METADATA_KEY.to_owned(), key.id.as_str().into());
    }
    let bytes = serde_json::to_vec(&metadata).map_or(usize::MAX, |json| json.len());
    if bytes > METADATA_MAX_BYTES {
        return Err(MintError::MetadataInvalid(
            "metadata must not be longer than 50 kB.",
        ));
    }
    Ok(metadata)
}
