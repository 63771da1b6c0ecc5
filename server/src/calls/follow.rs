//! What the business knows of the other side once a call is over: a job, since it is written
//! where others write, too.

use std::time::Duration;

use axum::extract::FromRef;
use serde_json::json;

use super::facts::Facts;
use crate::deeds::Author;
use crate::ground::Ground;
use crate::jobs::{Handler, Job, NewJob, Outcome, Terms};
use crate::phone::E164;
use crate::store::{StoreError, Tenant};
use crate::web::Shared;

/// The kind of these jobs.
const KIND: &str = "call.follow";
/// How often it is tried: for some hours.
const MAX_ATTEMPTS: u32 = 20;
/// A few statements each.
const TERMS: Terms = Terms {
    at_once: 4,
    each: 2,
    patience: None,
    apart: None,
    limit: Duration::from_secs(30),
};
/// How Retell says that who was talked with wants no more calls.
const WANTS_NO_CALLS: &str = "user_requested_dnc";

/// Follows.
pub(super) fn handler<S: Shared>() -> Handler<S>
where
    Ground: FromRef<S>,
{
    Handler::new(KIND, TERMS, |cx: Ground, tenant, job: Job| async move {
        let Some(id) = job.payload["call_id"].as_str() else {
            return Outcome::Park("The job names no call.".to_owned());
        };
        match follow(&cx, &tenant, id).await {
            Ok(()) => Outcome::Done,
            Err(error) => Outcome::Retry(error.to_string()),
        }
    })
}

/// The job of a call that is over; nothing where it tells nothing new of anybody.
pub(super) fn job(id: &str, facts: &Facts, now: i64) -> Option<NewJob> {
    learnt(facts)?;
    Some(NewJob {
        kind: KIND,
        group: None,
        dedupe_key: None,
        payload: json!({"call_id": id}),
        run_at: now,
        max_attempts: MAX_ATTEMPTS,
    })
}

/// Whose number it is of whom a call tells something.
fn learnt(facts: &Facts) -> Option<E164> {
    let phone = facts.other_side().and_then(|it| E164::parse(it).ok())?;
    let wants_no_calls = facts.disconnection_reason.as_deref() == Some(WANTS_NO_CALLS);
    wants_no_calls.then_some(phone)
}

async fn follow(cx: &Ground, tenant: &Tenant, id: &str) -> Result<(), StoreError> {
    // Deleted meanwhile, it tells nothing any more.
    let Some(call) = cx.store.calls().find(tenant, id).await? else {
        return Ok(());
    };
    let Some(phone) = learnt(&Facts::of(&call.retell)) else {
        return Ok(());
    };
    let (contacts, now) = (cx.store.contacts(), cx.clock.now_ms());
    contacts
        .call_no_more(tenant, &phone, &Author::system(), now)
        .await
}
