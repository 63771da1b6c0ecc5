//! Retention: what is older than a business keeps it is deleted, a bounded
//! batch at a time. Each business's is a job of its own.

use std::time::Duration;

use api::privacy::Retention;
use serde_json::{Map, Value, json};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::clock::DAY_MS;
use crate::deeds::{Author, Deed};
use crate::ground::Ground;
use crate::jobs::{Handler, NewJob, Outcome, Terms};
use crate::keeps::{Aging, Batch, Keepers};
use crate::store::{Scope, Store, StoreError, Tenant};

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
/// How many rows are deleted in one transaction: webhooks must not wait.
const BATCH: u32 = 500;

/// The longest that can be set: a hundred years.
pub const MAX_DAYS: u32 = 36_500;

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

/// Has every business's retention applied once an hour, and forgets what the server
/// keeps for its own work.
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
pub fn handler(cx: &Ground) -> Handler {
    let cx = cx.clone();
    Handler::new(KIND, TERMS, move |tenant, job| {
        let cx = cx.clone();
        async move {
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
    })
}

/// Deletes everything that is too old now. Returns how many rows that were. One
/// business's that cannot be deleted keep nobody else's; one that is switched off
/// promised it to its callers all the same.
///
/// # Errors
/// When the database fails: then that is tried again later, the rest is done.
pub async fn apply(keepers: &Keepers, store: &Store, now: i64) -> Result<u64, StoreError> {
    let mut done = Vec::new();
    for (tenant, retention) in store.retentions().await? {
        let removed = apply_to(keepers, store, &tenant, &retention, now).await;
        if let Err(error) = &removed {
            tracing::error!(tenant_id = tenant.id(), %error, "retention cannot be applied");
        }
        done.push(removed);
    }
    done.push(expire(keepers, store, now).await);
    done.into_iter().sum()
}

/// Deletes what is over and no business's to decide about. Returns how many rows.
async fn expire(keepers: &Keepers, store: &Store, now: i64) -> Result<u64, StoreError> {
    let mut all = 0;
    for expire in keepers.expiring() {
        all += in_batches(|| expire(store, now, BATCH)).await?;
    }
    Ok(all)
}

/// Deletes a batch after another until one is not full. Returns how many rows.
async fn in_batches<D>(delete: impl Fn() -> D) -> Result<u64, StoreError>
where
    D: Future<Output = Result<u64, StoreError>>,
{
    let mut all = 0;
    loop {
        let batch = delete().await?;
        all += batch;
        if batch < u64::from(BATCH) {
            return Ok(all);
        }
    }
}

async fn apply_to(
    keepers: &Keepers,
    store: &Store,
    tenant: &Tenant,
    retention: &Retention,
    now: i64,
) -> Result<u64, StoreError> {
    let mut counts = Map::new();
    let mut all = 0;
    for aging in keepers.aging() {
        let Some(days) = (aging.days)(retention) else {
            continue;
        };
        let batch = Batch {
            keepers,
            tenant,
            before: now.saturating_sub(i64::from(days).saturating_mul(DAY_MS)),
            limit: BATCH,
            now,
        };
        let removed = in_batches(|| remove(store, aging, &batch)).await?;
        if removed > 0 {
            counts.insert(aging.name.to_owned(), removed.into());
        }
        all += removed;
    }
    if all > 0 {
        let deed = Deed::of_business("retention.applied", json!(counts));
        store
            .record_deed(tenant, &Author::system(), &deed, now)
            .await?;
        tracing::info!(tenant_id = tenant.id(), rows = all, "retention applied");
    }
    Ok(all)
}

async fn remove(store: &Store, aging: &Aging, batch: &Batch<'_>) -> Result<u64, StoreError> {
    let mut write = store.write(Scope::Of(batch.tenant)).await?;
    let removed = (aging.remove)(store, &mut write, batch).await?;
    write.commit().await?;
    Ok(removed)
}
