//! A caller asks in a call to be called back. Who says so on the telephone has agreed
//! by it, and no page, key or form is needed; the number and the time have the same
//! rules, and all such call-backs of a business a limit of their own.

use sha2::{Digest, Sha256};

use super::request::{Business, name};
use super::store::REASON;
use super::{
    Asked, CallbackError, CallbackRequest, NewCallbackRow, PER_NUMBER, events, number, slots,
};
use crate::accounts;
use crate::calls::MintError;
use crate::phone::E164;
use crate::store::Tenant;

/// How many of a business may be asked for in calls within 24 hours.
const PER_DAY: u32 = 50;
/// Who is to be called "soon" still speaks: not before then (ms).
const SOON_MS: i64 = 10 * 60 * 1000;

/// What a caller wants.
#[derive(Debug, Clone)]
pub struct Wish {
    /// Whom to ask for.
    pub name: String,
    /// Where.
    pub phone: E164,
    /// The agent that calls, by its id at Retell; the business's default one when absent.
    pub agent_id: Option<String>,
    /// What is spoken (BCP 47).
    pub language: String,
    /// In which time (Unix ms), from its beginning to before its end; one that is empty
    /// is a moment. As soon as may be when absent.
    pub when: Option<(i64, i64)>,
    /// What it is about, for the agent; may be empty.
    pub about: String,
    /// How they asked, in words for people.
    pub consent: String,
}

/// When somebody is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arranged {
    /// At this time (Unix ms).
    At(i64),
    /// It was arranged before, for this time; `None` for at once.
    Before(Option<i64>),
}

/// Takes a caller's wish to be called back in.
///
/// # Errors
/// With the reason why not.
pub async fn ask_in_call(
    cx: &accounts::Context,
    tenant: &Tenant,
    wish: Wish,
) -> Result<Arranged, CallbackError> {
    let now = cx.clock.now_ms();
    let row = row(cx, tenant, wish, now).await?;
    let told = events::callback_requested(&row, now);
    let most = (PER_NUMBER, PER_DAY);
    let asked = cx.store.callbacks().add(tenant, &row, &told, most, now);
    match asked.await? {
        Asked::New => Ok(Arranged::At(row.request.due_at)),
        Asked::Before { at } => Ok(Arranged::Before(at)),
        Asked::TooOften => Err(MintError::RateLimited {
            retry_after: super::request::TOO_OFTEN,
        }
        .into()),
    }
}

async fn row(
    cx: &accounts::Context,
    tenant: &Tenant,
    wish: Wish,
    now: i64,
) -> Result<NewCallbackRow, CallbackError> {
    let agent_id = match wish.agent_id {
        Some(agent_id) => Some(agent_id),
        None => cx.store.tenants().default_agent(tenant).await?,
    };
    let agent_id = agent_id.ok_or(MintError::AgentNotAllowed)?;
    if !cx
        .store
        .agents()
        .whose(tenant, &agent_id)
        .await?
        .is_usable()
    {
        return Err(MintError::AgentNotAllowed.into());
    }
    let business = Business::of(cx, tenant, &[]).await?;
    let phone = number::check(
        wish.phone.as_str(),
        &wish.phone.country().unwrap_or_default(),
        &business.countries,
        &business.numbers,
    )?;
    let due_at = due_at(&business, wish.when, now).ok_or(CallbackError::Slot)?;
    if !cx.has_account_to_itself(tenant).await? {
        return Err(CallbackError::OwnAccountRequired);
    }
    let id = uuid::Uuid::now_v7().to_string();
    let about = Some(wish.about).filter(|about| !about.is_empty());
    let request = CallbackRequest {
        public_key_id: None,
        name: name(&wish.name).ok_or(CallbackError::Name)?,
        phone,
        agent_id,
        from_number: None,
        language: Some(wish.language),
        page_url: None,
        variables: about
            .map(|about| (REASON.to_owned(), about))
            .into_iter()
            .collect(),
        metadata: serde_json::Map::new(),
        consent: wish.consent,
        due_at,
        id,
    };
    Ok(NewCallbackRow {
        form_hash: hex::encode(Sha256::digest(&request.id)),
        scheduled: wish.when.is_some(),
        doubtful: false,
        request,
    })
}

/// When a call that is wanted then is due, if the business calls at such a time.
fn due_at(business: &Business, when: Option<(i64, i64)>, now: i64) -> Option<i64> {
    let hours = business.hours.by_day();
    let first = |from| slots::first_after(&business.hours, &business.zone, from);
    match when {
        None if hours.is_open(now + SOON_MS, &business.zone) => Some(now + SOON_MS),
        None => first(now),
        Some((at, to)) if at == to => (at > now && hours.is_open(at, &business.zone)).then_some(at),
        Some((from, to)) => first(from.max(now)).filter(|at| *at < to),
    }
}
