//! What came of the call that was placed, once it is over: nobody reached is called again.

use std::time::Duration;

use api::callbacks::CallbackOutcome;
use axum::extract::FromRef;

use super::{MAX_TRIES, slots};
use crate::calls;
use crate::crm::Ended;
use crate::jobs::{Handler, Job, Outcome, Terms};
use crate::store::{StoreError, Tenant};
use crate::web::Shared;

/// A few statements each.
const TERMS: Terms = Terms {
    at_once: 4,
    each: 2,
    patience: None,
    apart: None,
    limit: Duration::from_secs(30),
};
/// How long after each try it is tried again at the earliest (ms).
const AGAIN_MS: [i64; MAX_TRIES as usize - 1] = [30 * 60 * 1000, 3 * 60 * 60 * 1000];

/// Follows.
pub(super) fn handler<S: Shared>() -> Handler<S>
where
    calls::Context: FromRef<S>,
{
    let kind = calls::CALLED_BACK;
    Handler::new(
        kind,
        TERMS,
        |cx: calls::Context, tenant, job: Job| async move {
            match follow(&cx, &tenant, &job).await {
                Ok(true) => Outcome::Done,
                Ok(false) => Outcome::Retry("The call is being placed.".to_owned()),
                Err(error) => Outcome::Retry(error.to_string()),
            }
        },
    )
}

async fn follow(cx: &calls::Context, tenant: &Tenant, job: &Job) -> Result<bool, StoreError> {
    let named = |name: &str| job.payload[name].as_str().unwrap_or_default();
    let (id, call_id) = (named("callback_id"), named("call_id"));
    let Some(call) = cx.store.calls().find(tenant, call_id).await? else {
        return Ok(true);
    };
    let outcome = match calls::ended(call.summary.disconnection_reason.as_deref()) {
        Ended::Connected => CallbackOutcome::Reached,
        Ended::NoAnswer => CallbackOutcome::NoAnswer,
        Ended::Busy => CallbackOutcome::Busy,
        Ended::Voicemail => CallbackOutcome::Voicemail,
        Ended::Failed => CallbackOutcome::CallFailed,
    };
    let settings = cx.store.tenants().settings(tenant).await?;
    let (zone, now) = (settings.time_zone(), cx.clock.now_ms());
    let again = |tries: i64| {
        let nth = usize::try_from(tries - 1).ok()?;
        slots::first_after(&settings.hours, &zone, now + AGAIN_MS.get(nth)?)
    };
    let callbacks = cx.store.callbacks();
    callbacks
        .ended(tenant, (id, call_id), outcome, again, now)
        .await
}
