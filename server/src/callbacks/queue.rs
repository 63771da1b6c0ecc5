//! What people do with call-backs at the desk.

use api::callbacks::{CallbackChange, EnterCallback};

use super::request::name;
use super::{CallbackError, Said, Task, nudged, slots};
use crate::deeds::Author;
use crate::ground::Ground;
use crate::invalid::Invalid;
use crate::phone::{E164, PhoneError};
use crate::store::{StoreError, Tenant};
use crate::tenants::country;

/// How many are promised in a business's calls within 24 hours.
const PER_DAY: u32 = 200;
/// How long after nobody was reached one is due again where nobody says when (ms).
const AGAIN_MS: i64 = 30 * 60 * 1000;

/// Notes that somebody is to be called, by people.
///
/// # Errors
/// When a value cannot be, or the database fails.
pub async fn enter(
    cx: &Ground,
    tenant: &Tenant,
    new: EnterCallback,
    by: &str,
    author: &Author,
) -> Result<(), CallbackError> {
    let home = country::of_timezone(tenant.timezone()).unwrap_or_default();
    let read = E164::parse_in(&new.phone, home);
    let phone = read
        .and_then(|phone| {
            phone
                .is_valid()
                .then_some(phone)
                .ok_or(PhoneError::NotANumber)
        })
        .map_err(|error| Invalid::of("phone", format!("phone: {error}.")))?;
    let name = match new.name.trim() {
        "" => String::new(),
        given => name(given).ok_or(CallbackError::Name)?,
    };
    let now = cx.clock.now_ms();
    let agent_id = cx.store.tenants().default_agent(tenant).await?;
    let task = Task {
        id: uuid::Uuid::now_v7().to_string(),
        name,
        phone: Some(phone),
        agent_id: agent_id.unwrap_or_default(),
        language: None,
        note: checked_note(&new.note)?,
        consent: by.to_owned(),
        due_at: new.due_at.unwrap_or(now),
        call_id: String::new(),
    };
    let callbacks = cx.store.callbacks();
    callbacks.enter(tenant, &task, PER_DAY, author, now).await?;
    Ok(())
}

/// What a caller is promised: that somebody calls them.
#[derive(Debug, Clone)]
pub struct Promise {
    /// Whom to ask for; empty where nobody knows.
    pub name: String,
    /// Where.
    pub phone: E164,
    /// The agent they spoke with, by its id at Retell.
    pub agent_id: Option<String>,
    /// What is spoken (BCP 47).
    pub language: String,
    /// What it is about.
    pub about: String,
    /// When they want to be called (Unix ms); as soon as may be when absent.
    pub due_at: Option<i64>,
    /// How it came to be, in words for people.
    pub consent: String,
    /// Retell's id of the call.
    pub call_id: String,
}

/// Leaves to the staff what a caller is about to be promised. False where too many were: then it is
/// not to be promised.
///
/// # Errors
/// When the database fails.
pub async fn promise(cx: &Ground, tenant: &Tenant, made: Promise) -> Result<bool, StoreError> {
    let now = cx.clock.now_ms();
    let task = Task {
        id: uuid::Uuid::now_v7().to_string(),
        name: name(&made.name).unwrap_or_default(),
        phone: Some(made.phone),
        agent_id: made.agent_id.unwrap_or_default(),
        language: Some(made.language),
        note: made.about.chars().take(CallbackChange::NOTE_MAX).collect(),
        consent: made.consent,
        due_at: made.due_at.unwrap_or(now),
        call_id: made.call_id,
    };
    let (callbacks, author) = (cx.store.callbacks(), Author::system());
    callbacks.enter(tenant, &task, PER_DAY, &author, now).await
}

/// Makes a call-back somebody's.
///
/// # Errors
/// When there is none to be done, somebody else has it, or the database fails.
pub async fn claim(
    cx: &Ground,
    tenant: &Tenant,
    id: &str,
    person: &str,
    author: &Author,
) -> Result<(), CallbackError> {
    let (callbacks, now) = (cx.store.callbacks(), cx.clock.now_ms());
    nudged(callbacks.claim(tenant, id, person, author, now).await?)
}

/// Makes a call-back nobody's; of one person's alone, where one is named.
///
/// # Errors
/// When there is none to be done, somebody else has it, or the database fails.
pub async fn release(
    cx: &Ground,
    tenant: &Tenant,
    id: &str,
    only_of: Option<&str>,
    author: &Author,
) -> Result<(), CallbackError> {
    let (callbacks, now) = (cx.store.callbacks(), cx.clock.now_ms());
    nudged(callbacks.release(tenant, id, only_of, author, now).await?)
}

/// Writes what somebody says of a call-back.
///
/// # Errors
/// When there is none, it is being placed, was taken back or is somebody else's, a value cannot
/// be, or the database fails.
pub async fn change(
    cx: &Ground,
    tenant: &Tenant,
    id: &str,
    change: CallbackChange,
    author: &Author,
) -> Result<(), CallbackError> {
    let said = Said {
        outcome: change.outcome,
        due_at: change.due_at,
        note: change.note.as_deref().map(checked_note).transpose()?,
    };
    let now = cx.clock.now_ms();
    let settings = cx.store.tenants().settings(tenant).await?;
    let again = slots::first_after(&settings.hours, &settings.time_zone(), now + AGAIN_MS);
    let again = again.unwrap_or(now + AGAIN_MS);
    let callbacks = cx.store.callbacks();
    nudged(callbacks.say(tenant, id, &said, again, author, now).await?)
}

fn checked_note(note: &str) -> Result<String, Invalid> {
    let fits = note.chars().count() <= CallbackChange::NOTE_MAX;
    let long = || Invalid::of("note", "note has more than 2,000 characters.");
    fits.then(|| note.trim().to_owned()).ok_or_else(long)
}
