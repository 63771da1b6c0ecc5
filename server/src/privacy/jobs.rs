//! Retention as background work: a job of each business once an hour, and what the server
//! keeps for its own work.

use std::time::Duration;

use axum::extract::FromRef;
use serde_json::Value;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use super::retention::{BATCH, apply_to, expire, in_batches};
use crate::clock::DAY_MS;
use crate::ground::Ground;
use crate::jobs::{Handler, Job, NewJob, Outcome, Terms};
use crate::keeps::Keepers;
use crate::store::{Store, StoreError, Tenant};
use crate::web::Shared;

/// The kind of the jobs that delete what is too old of one business.
pub const KIND: &str = "privacy.retention";
/// How often that is done (ms).
const EVERY_MS: i64 = 60 * 60 * 1000;
/// How often a job may fail before that is left to the next one.
const ATTEMPTS: u32 = 6;
/// One business after another; one that has much to delete does not keep the others
/// waiting.
const TERMS: Terms = Terms {
    at_once: 1,
    each: 1,
    patience: Some(Duration::from_secs(5)),
    apart: None,
    limit: Duration::from_secs(60 * 60),
};
/// How often it is looked for what is too old and belongs to the server.
const EVERY: Duration = Duration::from_secs(10 * 60);
/// How long a finished job is remembered, and its key with it (ms).
const JOBS_KEPT_MS: i64 = 3 * DAY_MS;

/// Has what is too old deleted until told to stop.
pub async fn run(cx: Ground, stop: CancellationToken) {
    let mut due = tokio::time::interval(EVERY);
    due.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = due.tick() => {}
        }
        tokio::select! {
            // What is under way is rolled back, and found again.
            () = stop.cancelled() => return,
            done = tidy_up(&cx.keepers, &cx.store, cx.clock.now_ms()) => if let Err(error) = done {
                tracing::error!(%error, "what is too old cannot be deleted");
            }
        }
    }
}

/// Has every business's retention applied once an hour, and what is no business's to
/// decide about deleted when its time is over.
async fn tidy_up(keepers: &Keepers, store: &Store, now: i64) -> Result<(), StoreError> {
    for (tenant, _) in store.retentions().await? {
        let job = NewJob {
            kind: KIND,
            group: None,
            dedupe_key: Some(format!("hour {}", now.div_euclid(EVERY_MS))),
            payload: Value::Null,
            run_at: now,
            max_attempts: ATTEMPTS,
        };
        store.add_job(&tenant, &job, now).await?;
    }
    in_batches(|| store.forget_finished_jobs(now - JOBS_KEPT_MS, BATCH)).await?;
    expire(keepers, store, now).await.map(drop)
}

/// Runs the jobs that delete what is too old of one business.
#[must_use]
pub(super) fn handler<S: Shared>() -> Handler<S>
where
    Ground: FromRef<S>,
{
    Handler::new(KIND, TERMS, retain)
}

async fn retain(cx: Ground, tenant: Tenant, job: Job) -> Outcome {
    let now = cx.clock.now_ms();
    let done = async {
        let retention = cx.store.retention(&tenant).await?;
        apply_to(&cx.keepers, &cx.store, &tenant, &retention, now).await
    };
    match done.await {
        // Within the hour it is tried again anyway: nobody has to decide.
        Err(error) if job.attempts < job.max_attempts => Outcome::Retry(error.to_string()),
        Err(error) => {
            tracing::error!(tenant_id = tenant.id(), %error, "retention cannot be applied");
            Outcome::Done
        }
        Ok(_) => Outcome::Done,
    }
}
