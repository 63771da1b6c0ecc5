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
/// What agents are told to call what they ask of callers: their name.
const NAMES: [&str; 6] = [
    "customer_name",
    "caller_name",
    "patient_name",
    "user_name",
    "full_name",
    "name",
];
/// What is said in place of a name that was not told.
const NO_NAMES: [&str; 8] = [
    "unknown",
    "none",
    "null",
    "n/a",
    "na",
    "anonymous",
    "caller",
    "user",
];
/// How long a name is at most that was heard.
const NAME_MAX_CHARS: usize = 100;
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
    let follow = learnt(call, facts).map(|_| job(KIND, None, json!({"call_id": id})));
    let called_back = facts::called_back(call).map(|callback| {
        let payload = json!({"callback_id": callback, "call_id": id});
        job(CALLED_BACK, Some(id.to_owned()), payload)
    });
    follow.into_iter().chain(called_back)
}

/// What a call tells of the other side.
#[derive(Debug, PartialEq, Eq)]
struct Learnt {
    phone: E164,
    /// What they said they are called.
    name: Option<String>,
    /// Whether they are not to be called again.
    wants_no_calls: bool,
}

/// What a call tells that is worth keeping.
fn learnt(call: &Map<String, Value>, facts: &Facts) -> Option<Learnt> {
    let learnt = Learnt {
        phone: facts.other_side().and_then(|it| E164::parse(it).ok())?,
        name: facts::collected(call, &NAMES).and_then(|said| name(&said)),
        wants_no_calls: facts.disconnection_reason.as_deref() == Some(WANTS_NO_CALLS),
    };
    (learnt.name.is_some() || learnt.wants_no_calls).then_some(learnt)
}

/// What was said, as far as it is a name.
fn name(said: &str) -> Option<String> {
    let name = said.split_whitespace().collect::<Vec<_>>().join(" ");
    let is_one = name.chars().any(char::is_alphabetic)
        && name.chars().count() <= NAME_MAX_CHARS
        && !name.chars().any(char::is_control)
        && !NO_NAMES.contains(&name.to_lowercase().as_str());
    is_one.then_some(name)
}

async fn follow(cx: &Ground, tenant: &Tenant, id: &str) -> Result<(), StoreError> {
    // Deleted meanwhile, it tells nothing any more.
    let Some(call) = cx.store.calls().find(tenant, id).await? else {
        return Ok(());
    };
    let Some(learnt) = learnt(&call.retell, &Facts::of(&call.retell)) else {
        return Ok(());
    };
    let (contacts, now) = (cx.store.contacts(), cx.clock.now_ms());
    let (phone, author) = (&learnt.phone, Author::system());
    if learnt.wants_no_calls {
        contacts.call_no_more(tenant, phone, &author, now).await?;
    }
    if let Some(name) = &learnt.name {
        contacts
            .introduce(tenant, phone, name, &author, now)
            .await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_name_is_taken_for_one() {
        assert_eq!(name(" Ana\n García ").as_deref(), Some("Ana García"));
        for none in ["", "Unknown", "N/A", "null", "+34612345678", "?"] {
            assert_eq!(name(none), None, "{none}");
        }
    }
}
