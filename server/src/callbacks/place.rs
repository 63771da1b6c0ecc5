//! Placing a call-back's call: a job, which a retry or a second server makes
//! no second call of.

use std::collections::BTreeMap;
use std::time::Duration;

use api::problem::slug;
use api::public::Consent;
use axum::extract::FromRef;
use serde_json::{Value, json};

use super::{Begun, DueCallback, Failed, slots};
use crate::accounts::{Account, AccountError};
use crate::calls::outbound::{self, OutboundError, Wanted, WantedPhoneCall};
use crate::calls::{self, METADATA_CALLBACK, MintError, Room};
use crate::deeds::Author;
use crate::jobs::{Handler, Job, Outcome, Terms};
use crate::keys::PublicKey;
use crate::phone::E164;
use crate::store::{StoreError, Tenant};
use crate::tenants::day;
use crate::web::Shared;

/// The kind of the jobs that place calls.
pub const KIND: &str = "callback.place";
/// How often placing is tried: some ten minutes.
pub const MAX_ATTEMPTS: u32 = 10;
/// A Retell that is slow for one business's account keeps no other's callers waiting.
const TERMS: Terms = Terms {
    at_once: 4,
    each: 2,
    patience: Some(Duration::from_secs(5)),
    apart: None,
    limit: Duration::from_secs(5 * 60),
};
/// How long to wait for a line of the key's own to become free (ms).
const BUSY_PAUSE_MS: i64 = 15_000;

/// Places calls.
#[must_use]
pub(super) fn handler<S: Shared>() -> Handler<S>
where
    calls::Context: FromRef<S>,
{
    Handler::new(KIND, TERMS, |cx: calls::Context, tenant, job| async move {
        run(&cx, &tenant, &job).await
    })
    .reaching_out()
}

/// Why no call was placed.
enum Trouble {
    /// It may work later.
    Passing(&'static str, String),
    /// It will not: somebody has to look at it.
    Lasting(&'static str, String),
    /// Not before then (Unix ms).
    NotYet(i64),
    /// Somebody has taken it over meanwhile.
    Over,
}

async fn run(cx: &calls::Context, tenant: &Tenant, job: &Job) -> Outcome {
    let (Some(id), Some(round)) = (
        job.payload["callback_id"].as_str(),
        job.payload["round"].as_i64(),
    ) else {
        return Outcome::Park("The job names no call-back.".to_owned());
    };
    let now = cx.clock.now_ms();
    let due = match cx.store.callbacks().begin(tenant, id, round, now).await {
        Ok(Begun::Due(due)) => due,
        // Cancelled, placed, erased, or begun anew by another job.
        Ok(Begun::Over) => return Outcome::Done,
        // Retell would not recognise a repetition any more.
        Ok(Begun::Doubtful) => {
            let trouble = Trouble::Lasting(
                slug::INTERNAL,
                "The server stopped while it placed this call; whether it did is not known."
                    .to_owned(),
            );
            return settle(cx, tenant, job, id, round, trouble).await;
        }
        Err(error) => return Outcome::Retry(error.to_string()),
    };
    match place(cx, tenant, &due).await {
        Ok(()) => Outcome::Done,
        Err(trouble) => settle(cx, tenant, job, id, round, trouble).await,
    }
}

/// Writes down what became of an attempt that placed no call.
async fn settle(
    cx: &calls::Context,
    tenant: &Tenant,
    job: &Job,
    id: &str,
    round: i64,
    trouble: Trouble,
) -> Outcome {
    let now = cx.clock.now_ms();
    let (problem, reason) = match trouble {
        Trouble::NotYet(at) => {
            return match cx
                .store
                .callbacks()
                .postpone(tenant, id, round, at, now)
                .await
            {
                Ok(()) => Outcome::Later(at),
                Err(error) => Outcome::Retry(error.to_string()),
            };
        }
        Trouble::Over => return Outcome::Done,
        Trouble::Passing(_, reason) if job.attempts < MAX_ATTEMPTS => {
            return match cx.store.callbacks().let_wait(tenant, id, round, now).await {
                Ok(()) => Outcome::Retry(reason),
                Err(error) => Outcome::Retry(error.to_string()),
            };
        }
        Trouble::Passing(problem, reason) => (Failed::Perhaps(problem), reason),
        Trouble::Lasting(problem, reason) => (Failed::Surely(problem), reason),
    };
    match cx
        .store
        .callbacks()
        .fail(tenant, id, round, problem, now)
        .await
    {
        Ok(()) => Outcome::Park(reason),
        Err(error) => Outcome::Retry(error.to_string()),
    }
}

async fn place(cx: &calls::Context, tenant: &Tenant, due: &DueCallback) -> Result<(), Trouble> {
    let now = cx.clock.now_ms();
    // Nobody is called for a business that is switched off, nor weeks later
    // when it is on again: its people then see whom to call.
    if !cx.store.is_switched_on(tenant).await? {
        return Err(lasting(
            slug::KEY_DISABLED,
            "The business is switched off, and its public keys with it.",
        ));
    }
    let settings = cx.store.tenants().settings(tenant).await?;
    match slots::placing(&settings.hours, &settings.time_zone(), due.wanted_at, now) {
        Some(at) if at > now => return Err(Trouble::NotYet(at)),
        Some(_) => {}
        None => {
            let closed = "The business is closed for as long as its hours are known.";
            return Err(lasting(slug::OUT_OF_HOURS, closed));
        }
    }
    let key = match &due.request.public_key_id {
        Some(id) => Some(usable_key(cx, tenant, id).await?),
        None => None,
    };
    let room = match &key {
        Some(key) => take_room(cx, tenant, key, now).await?,
        None => None,
    };
    let placed = dial(cx, tenant, due, key).await;
    if let Some(room) = room
        && let Err(error) = cx.store.places().release(tenant, &room).await
    {
        tracing::warn!(%error, "a call's place is kept longer than needed");
    }
    let call_id = placed?;
    let now = cx.clock.now_ms();
    // Placed comes last: until then a repetition finds the same call at Retell.
    let consent = Consent {
        text: due.request.consent.clone(),
        language: due.request.language.clone(),
    };
    cx.store
        .calls()
        .add_consent(tenant, &call_id, &consent, due.created_at)
        .await?;
    cx.store
        .callbacks()
        .placed(tenant, &due.request.id, due.round, &call_id, now)
        .await?;
    tracing::info!(callback_id = due.request.id, %call_id, tenant_id = tenant.id(), "called back");
    Ok(())
}

/// The key it was asked with. With a key its limits are gone, and nobody is called
/// without any: to delete a key is what stops those who abuse it.
async fn usable_key(cx: &calls::Context, tenant: &Tenant, id: &str) -> Result<PublicKey, Trouble> {
    let key = cx.store.public_keys().own(tenant, id).await?;
    key.filter(|key| !key.disabled).ok_or_else(|| {
        lasting(
            slug::KEY_DISABLED,
            "The public key is switched off or deleted.",
        )
    })
}

/// A place among the calls the key allows.
async fn take_room(
    cx: &calls::Context,
    tenant: &Tenant,
    key: &PublicKey,
    now: i64,
) -> Result<Option<String>, Trouble> {
    let (midnight, next_midnight) = day::bounds(tenant.timezone(), now);
    match cx
        .store
        .places()
        .reserve(tenant, key, midnight, now)
        .await?
    {
        Room::Free(room) => Ok(room),
        Room::LinesBusy(_) => Err(Trouble::NotYet(now + BUSY_PAUSE_MS)),
        Room::MinutesUsed => {
            let settings = cx.store.tenants().settings(tenant).await?;
            let zone = settings.time_zone();
            let next = slots::first_after(&settings.hours, &zone, next_midnight);
            Err(Trouble::NotYet(next.unwrap_or(next_midnight)))
        }
    }
}

/// Has Retell call; returns the call's id.
async fn dial(
    cx: &calls::Context,
    tenant: &Tenant,
    due: &DueCallback,
    key: Option<PublicKey>,
) -> Result<String, Trouble> {
    let account = cx.account(tenant).await?;
    let from = from_number(&account, due).await?;
    let now = cx.clock.now_ms();
    let asked = cx
        .store
        .callbacks()
        .asking(tenant, &due.request.id, due.round, now);
    let asked_round = asked.await?.ok_or(Trouble::Over)?;
    let mut metadata = due.request.metadata.clone();
    metadata.insert(METADATA_CALLBACK.to_owned(), due.request.id.as_str().into());
    for (name, value) in [
        ("language", &due.request.language),
        ("page_url", &due.request.page_url),
    ] {
        if let Some(value) = value {
            metadata.entry(name).or_insert(json!(value));
        }
    }
    let mut variables: BTreeMap<String, String> = due.request.variables.clone();
    let ours = [
        ("customer_name", Some(&due.request.name)),
        ("customer_language", due.request.language.as_ref()),
        ("page_url", due.request.page_url.as_ref()),
    ];
    for (name, value) in ours {
        if let Some(value) = value {
            variables
                .entry(name.to_owned())
                .or_insert_with(|| value.clone());
        }
    }
    let wanted = WantedPhoneCall {
        to: due.request.phone.to_string(),
        from: Some(from),
        call: Wanted {
            agent_id: Some(due.request.agent_id.clone()),
            metadata: Some(Value::Object(metadata)),
            variables,
        },
        idempotency_key: Some(format!("callback-{}-{asked_round}", due.request.id)),
        public_key: key,
    };
    let call = outbound::phone_call(cx, tenant, &Author::system(), wanted).await?;
    Ok(call.summary.id)
}

/// The number the page named, if it is one of the account's; else the one that any
/// call with the agent comes from.
async fn from_number(account: &Account, due: &DueCallback) -> Result<String, Trouble> {
    let numbers = outbound::numbers(account).await?;
    let has = |wanted: &E164| {
        let mut numbers = numbers.iter();
        numbers.any(|number| number.phone_number == wanted.as_str())
    };
    if has(&due.request.phone) {
        return Err(lasting(
            slug::NUMBER_NOT_DIALABLE,
            "The number is one of the business's own.",
        ));
    }
    match &due.request.from_number {
        Some(named) if has(named) => Ok(named.to_string()),
        _ => Ok(outbound::number_for(&numbers, Some(&due.request.agent_id))?),
    }
}

fn lasting(problem: &'static str, reason: &str) -> Trouble {
    Trouble::Lasting(problem, reason.to_owned())
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Passing(slug::STORE_UNAVAILABLE, error.to_string())
    }
}

impl From<AccountError> for Trouble {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Store(error) => error.into(),
            error => Self::Lasting(slug::ACCOUNT_UNUSABLE, error.to_string()),
        }
    }
}

impl From<OutboundError> for Trouble {
    fn from(error: OutboundError) -> Self {
        let reason = match &error {
            // Its message may quote what it was sent.
            OutboundError::Mint(MintError::Retell(error)) => match error.status() {
                Some(status) => format!("Retell answered {status}."),
                None => "Retell cannot be reached.".to_owned(),
            },
            error => error.to_string(),
        };
        match error {
            OutboundError::Mint(MintError::Retell(error)) => {
                let problem = of_retell(&error);
                if error.is_temporary() || error.is_outcome_unknown() {
                    Self::Passing(problem, reason)
                } else {
                    Self::Lasting(problem, reason)
                }
            }
            OutboundError::Mint(MintError::Store(error)) => error.into(),
            OutboundError::Mint(MintError::Account(error)) => error.into(),
            OutboundError::NoNumber => Self::Lasting(slug::NO_NUMBER, reason),
            OutboundError::OwnAccountRequired => Self::Lasting(slug::OWN_ACCOUNT_REQUIRED, reason),
            OutboundError::DoNotCall => Self::Lasting(slug::DO_NOT_CALL, reason),
            OutboundError::NotDialable | OutboundError::Number(..) => {
                Self::Lasting(slug::NUMBER_NOT_DIALABLE, reason)
            }
            OutboundError::NoAgent | OutboundError::AgentUnknown => {
                Self::Lasting(slug::AGENT_UNKNOWN, reason)
            }
            OutboundError::Mint(_) => Self::Lasting(slug::INTERNAL, reason),
        }
    }
}

fn of_retell(error: &retell::Error) -> &'static str {
    match error.status() {
        Some(401 | 403) => slug::RETELL_UNAUTHORIZED,
        Some(402) => slug::RETELL_PAYMENT_REQUIRED,
        Some(408) => slug::RETELL_TIMEOUT,
        Some(429) => slug::RETELL_BUSY,
        Some(400..=499) => slug::RETELL_REJECTED,
        Some(_) => slug::RETELL_FAILED,
        None if error.is_timeout() => slug::RETELL_TIMEOUT,
        None => slug::RETELL_UNREACHABLE,
    }
}
