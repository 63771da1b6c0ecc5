//! Background work: each business's retention once an hour, what the server keeps for its
//! own work, and whoever is to be erased.

use std::time::Duration;

use api::privacy::ErasureState;
use axum::extract::FromRef;
use serde_json::{Value, json};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use super::erasing::{EraseError, Erasing};
use super::retention::{BATCH, apply_to, expire, in_batches};
use super::searching::Searching;
use crate::accounts::{self, AccountError};
use crate::clock::{DAY_MS, HOUR_MS};
use crate::ground::Ground;
use crate::jobs::{Handler, Job, NewJob, Outcome, Terms};
use crate::keeps::Keepers;
use crate::privacy::Erasures;
use crate::store::{Scope, Store, StoreError, Tenant};
use crate::web::Shared;

/// The kind of the jobs that delete what is too old of one business.
pub const KIND: &str = "privacy.retention";
/// How often a job may fail before that is left to the next one.
const ATTEMPTS: u32 = 6;
/// How long a finished job is remembered, and its key with it (ms).
const JOBS_KEPT_MS: i64 = 3 * DAY_MS;
/// The kind of the jobs that erase somebody.
pub const ERASE: &str = "privacy.erase";
/// How often that may fail before a person has to look.
const ERASE_ATTEMPTS: u32 = 12;
/// The kind of the jobs that look for what there is about somebody.
pub const SEARCH: &str = "privacy.search";
/// How often that may fail before a person has to look.
const SEARCH_ATTEMPTS: u32 = 6;
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
    for (tenant, _) in store.retentions().all().await? {
        let job = NewJob {
            kind: KIND,
            group: None,
            dedupe_key: Some(format!("hour {}", now.div_euclid(HOUR_MS))),
            payload: Value::Null,
            run_at: now,
            max_attempts: ATTEMPTS,
        };
        store.jobs().add(&tenant, &job, now).await?;
    }
    in_batches(|| store.jobs().forget_finished(now - JOBS_KEPT_MS, BATCH)).await?;
    expire(keepers, store, now).await.map(drop)
}

/// Runs the jobs of this domain.
#[must_use]
pub(super) fn handlers<S: Shared>() -> Vec<Handler<S>>
where
    Ground: FromRef<S>,
    accounts::Context: FromRef<S>,
{
    vec![
        Handler::new(KIND, TERMS, retain),
        Handler::new(ERASE, TERMS, erase),
        Handler::new(SEARCH, TERMS, search),
    ]
}

/// The job that carries out an order to erase somebody.
pub(super) fn erasure(id: &str, now: i64) -> NewJob {
    NewJob {
        kind: ERASE,
        group: None,
        dedupe_key: None,
        payload: json!({"erasure": id}),
        run_at: now,
        max_attempts: ERASE_ATTEMPTS,
    }
}

/// The job that looks for all there is about somebody.
pub(super) fn search_of(id: &str, now: i64) -> NewJob {
    NewJob {
        kind: SEARCH,
        group: None,
        dedupe_key: None,
        payload: json!({"search": id}),
        run_at: now,
        max_attempts: SEARCH_ATTEMPTS,
    }
}

/// Looks for what there is about somebody, from where it stopped.
async fn search(cx: Ground, tenant: Tenant, job: Job) -> Outcome {
    let searching: Searching = match serde_json::from_value(job.payload) {
        Ok(searching) => searching,
        Err(error) => return Outcome::Park(error.to_string()),
    };
    match searching.go_on(&cx, &tenant, &job.id).await {
        Ok(()) => Outcome::Done,
        Err(error) => Outcome::Retry(error.to_string()),
    }
}

async fn retain(cx: Ground, tenant: Tenant, job: Job) -> Outcome {
    let now = cx.clock.now_ms();
    let done = async {
        let retention = cx.store.retentions().of(&tenant).await?;
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

/// Erases somebody, from where it stopped.
async fn erase(cx: accounts::Context, tenant: Tenant, job: Job) -> Outcome {
    let id = job.payload["erasure"].as_str().unwrap_or_default();
    match carry_out(&cx, &tenant, id).await {
        Ok(()) => Outcome::Done,
        Err(error) => Outcome::Retry(error.to_string()),
    }
}

/// Carries out the order of this id, unless it is carried out.
async fn carry_out(cx: &accounts::Context, tenant: &Tenant, id: &str) -> Result<(), AccountError> {
    let Some(order) = cx.store.erasures().open(tenant, id).await? else {
        return Ok(());
    };
    let account = match order.at_retell {
        true => Some(cx.account(tenant).await?),
        false => None,
    };
    let erasing = Erasing {
        keepers: &cx.keepers,
        store: &cx.store,
        tenant,
        person: &order.person,
        retell: account.as_deref().map(|account| &account.client),
        author: &order.author,
        now: cx.clock.now_ms(),
        order: Some(id),
    };
    match erasing.go_on(order.so_far.erased).await {
        Ok(_) => Ok(()),
        Err(EraseError::Store(error)) => Err(error.into()),
        Err(EraseError::LastAdmin) => {
            let mut write = cx.store.write(Scope::Of(tenant)).await?;
            let stopped = ErasureState::LastAdmin;
            Erasures::is_at(&mut write, tenant, id, stopped, &order.so_far).await?;
            Ok(write.commit().await?)
        }
    }
}
