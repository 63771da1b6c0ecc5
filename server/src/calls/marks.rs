//! What the people of a business mark a call with, while it goes on and afterwards: whose it
//! is, and that a supervisor should look at it.
//!
//! A call is one person's. Who is second is told who was first; only a supervisor takes it from
//! them. They may give it to a colleague, who is told, and until that one gives it on, they may
//! take it back. Of the trail it is known who did what; why a call was flagged stands with the
//! call.

use api::marks::FlagCall;

use super::store::{Claiming, TakenFrom};
use crate::deeds::Author;
use crate::ground::Ground;
use crate::invalid::Invalid;
use crate::store::{StoreError, Tenant};

/// Why a call was not marked.
#[derive(Debug, thiserror::Error)]
pub enum MarkError {
    /// The tenant has no such call.
    #[error("there is no such call")]
    Unknown,
    /// What it is to be marked with makes no sense.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// It is somebody else's, who is called so.
    #[error("somebody else has claimed the call")]
    Claimed(String),
    /// Somebody else has set the mark.
    #[error("somebody else has marked the call")]
    NotTheirs,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes a call one person's, where it is `from` whom it may be taken.
///
/// # Errors
/// When there is no such call or person, or it is somebody else's.
pub async fn claim(
    cx: &Ground,
    tenant: &Tenant,
    call_id: &str,
    user_id: &str,
    from: TakenFrom<'_>,
    author: &Author,
) -> Result<(), MarkError> {
    known(cx, tenant, call_id).await?;
    let people = cx.store.people();
    let person = people.find(tenant, user_id).await?;
    let person = person.filter(|person| person.disabled_at.is_none());
    let person =
        person.ok_or_else(|| Invalid::of("user_id", "user_id: there is no such person."))?;
    let who = (person.id.as_str(), person.name.as_str());
    let (calls, now) = (cx.store.calls(), cx.clock.now_ms());
    match calls.claim(tenant, call_id, who, from, author, now).await? {
        Claiming::Theirs => Ok(()),
        Claiming::Unknown => Err(MarkError::Unknown),
        Claiming::Nobodys => Err(MarkError::NotTheirs),
        Claiming::Of(holder) => {
            let holder = people.find(tenant, &holder).await?;
            let name = holder.map(|holder| holder.name).unwrap_or_default();
            Err(MarkError::Claimed(name))
        }
    }
}

/// Whoever a call was given to has seen that.
///
/// # Errors
/// When there is no such call.
pub async fn seen(
    cx: &Ground,
    tenant: &Tenant,
    call_id: &str,
    user_id: &str,
) -> Result<(), MarkError> {
    known(cx, tenant, call_id).await?;
    let calls = cx.store.calls();
    Ok(calls.given_is_seen(tenant, call_id, user_id).await?)
}

/// Makes a call nobody's; only where it is this person's, if one is named. One that is nobody's
/// is so already.
///
/// # Errors
/// When there is no such call, or it is somebody else's.
pub async fn release(
    cx: &Ground,
    tenant: &Tenant,
    call_id: &str,
    only_of: Option<&str>,
    author: &Author,
) -> Result<(), MarkError> {
    known(cx, tenant, call_id).await?;
    let (calls, now) = (cx.store.calls(), cx.clock.now_ms());
    theirs(calls.release(tenant, call_id, only_of, author, now).await?)
}

/// Marks a call for a supervisor to look at.
///
/// # Errors
/// When there is no such call, or the reason is too long.
pub async fn flag(
    cx: &Ground,
    tenant: &Tenant,
    call_id: &str,
    flag: &FlagCall,
    author: &Author,
) -> Result<(), MarkError> {
    let reason = flag.reason.as_deref().map(str::trim);
    let reason = reason.filter(|reason| !reason.is_empty());
    if reason.is_some_and(|reason| reason.chars().count() > FlagCall::REASON_MAX) {
        return Err(Invalid::of("reason", "reason has at most 500 characters.").into());
    }
    let (calls, now) = (cx.store.calls(), cx.clock.now_ms());
    let is_known = calls.flag(tenant, call_id, reason, author, now).await?;
    is_known.then_some(()).ok_or(MarkError::Unknown)
}

/// Takes the mark off a call; only where this person set it, if one is named. One that has none
/// is so already.
///
/// # Errors
/// When there is no such call, or somebody else marked it.
pub async fn unflag(
    cx: &Ground,
    tenant: &Tenant,
    call_id: &str,
    only_of: Option<&str>,
    author: &Author,
) -> Result<(), MarkError> {
    known(cx, tenant, call_id).await?;
    let (calls, now) = (cx.store.calls(), cx.clock.now_ms());
    theirs(calls.unflag(tenant, call_id, only_of, author, now).await?)
}

async fn known(cx: &Ground, tenant: &Tenant, call_id: &str) -> Result<(), MarkError> {
    let call = cx.store.calls().summary(tenant, call_id).await?;
    call.map(drop).ok_or(MarkError::Unknown)
}

fn theirs(done: bool) -> Result<(), MarkError> {
    done.then_some(()).ok_or(MarkError::NotTheirs)
}
