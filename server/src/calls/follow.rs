//! What the business knows of the other side once a call is over: a job, since it is written
//! where others write, too.

use std::time::Duration;

use axum::extract::FromRef;
use serde_json::{Map, Value, json};

use super::facts::{self, Facts};
use crate::deeds::Author;
use crate::ground::Ground;
use crate::jobs::{Handler, Job, NewJob, Outcome, Terms};
use crate::phone::E164;
use crate::store::{StoreError, Tenant};
use crate::web::Shared;

/// The kind of the jobs of calls that were call-backs, which call-backs do.
pub(crate) const CALLED_BACK: &str = "callback.follow";
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

/// The jobs of a call that is over: where it tells something new of somebody, and where it is
/// of a call-back.
pub(super) fn jobs(
    id: &str,
    call: &Map<String, Value>,
    facts: &Facts,
    now: i64,
) -> impl Iterator<Item = NewJob> {
    let job = move |kind, dedupe_key, payload| NewJob {
        kind,
        group: None,
        dedupe_key,
        payload,
        run_at: now,
        max_attempts: MAX_ATTEMPTS,
    };
    let follow = learnt(facts).map(|_| job(KIND, None, json!({"call_id": id})));
    let called_back = facts::called_back(call).map(|callback| {
        let payload = json!({"callback_id": callback, "call_id": id});
        job(CALLED_BACK, Some(id.to_owned()), payload)
    });
    follow.into_iter().chain(called_back)
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
