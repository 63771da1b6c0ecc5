//! Deleting the log of an endpoint that was deleted, a bounded step at a time: a long one
//! must not keep others from writing.

use std::time::Duration;

use axum::extract::FromRef;
use serde_json::json;

use super::Context;
use crate::jobs::{Handler, Job, NewJob, Outcome, Terms};
use crate::store::Tenant;
use crate::web::Shared;

/// The kind of the jobs that delete logs.
const KIND: &str = "hook.forget";
/// How many entries go at once, each with its attempts.
const STEP: u32 = 500;
/// How often a step may fail, before a person has to look at it.
const MAX_ATTEMPTS: u32 = 20;
const TERMS: Terms = Terms {
    at_once: 1,
    each: 1,
    patience: None,
    apart: None,
    limit: Duration::from_secs(60),
};

/// The job that deletes the log of an endpoint.
pub(super) fn job(endpoint_id: &str, now: i64) -> NewJob {
    NewJob {
        kind: KIND,
        group: None,
        dedupe_key: Some(endpoint_id.to_owned()),
        payload: json!({"endpoint_id": endpoint_id}),
        run_at: now,
        max_attempts: MAX_ATTEMPTS,
    }
}

/// Runs the jobs that delete logs.
#[must_use]
pub(super) fn handler<S: Shared>() -> Handler<S>
where
    Context: FromRef<S>,
{
    Handler::new(KIND, TERMS, forget)
}

async fn forget(cx: Context, tenant: Tenant, job: Job) -> Outcome {
    let Some(id) = job.payload["endpoint_id"].as_str() else {
        return Outcome::Park("The job names no endpoint.".to_owned());
    };
    match cx.store.endpoints().forget_log(&tenant, id, STEP).await {
        Ok(true) => Outcome::Done,
        // At the end of the line: others delete, too.
        Ok(false) => Outcome::Later(cx.clock.now_ms()),
        Err(error) => Outcome::Retry(error.to_string()),
    }
}
