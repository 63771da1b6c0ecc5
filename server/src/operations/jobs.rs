//! The work of the server for a business, for admins.

use api::hooks::{JobCount, JobQueue, ParkedJob, ParkedJobs};
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use serde::Deserialize;

use crate::ground::Ground;
use crate::people::http::staff::Staff;
use crate::people::{self, Role};
use crate::web::Shared;
use crate::web::address::{Path, Query};
use crate::web::problem::ApiError;

/// How many parked jobs a page has.
const PAGE: u32 = 50;

pub(super) fn routes<S: Shared>() -> Router<S>
where
    Ground: FromRef<S>,
    people::Context: FromRef<S>,
{
    Router::new()
        .route("/api/desk/jobs", get(queue))
        .route("/api/desk/jobs/parked", get(parked))
        .route("/api/desk/jobs/{id}", delete(discard))
        .route("/api/desk/jobs/{id}/retry", post(retry))
}

async fn queue(State(cx): State<Ground>, staff: Staff) -> Result<Json<JobQueue>, ApiError> {
    staff.require(Role::Admin)?;
    let rows = cx.store.job_queue(&staff.tenant).await?;
    let items = rows
        .into_iter()
        .map(|row| JobCount {
            kind: row.kind,
            state: row.state,
            count: row.count,
            oldest_at: row.oldest_at,
        })
        .collect();
    Ok(Json(JobQueue { items }))
}

#[derive(Deserialize)]
struct From {
    cursor: Option<String>,
}

async fn parked(
    State(cx): State<Ground>,
    staff: Staff,
    Query(from): Query<From>,
) -> Result<Json<ParkedJobs>, ApiError> {
    staff.require(Role::Admin)?;
    let before = from.cursor.filter(|cursor| !cursor.contains('\0'));
    let rows = cx
        .store
        .parked_jobs(&staff.tenant, before.as_deref(), PAGE)
        .await?;
    let full = rows.len() == PAGE as usize;
    let next_cursor = rows.last().filter(|_| full).map(|last| last.id.clone());
    let items = rows
        .into_iter()
        .map(|job| ParkedJob {
            id: job.id,
            kind: job.kind,
            attempts: job.attempts,
            reason: job.last_error,
            created_at: job.created_at,
        })
        .collect();
    Ok(Json(ParkedJobs { items, next_cursor }))
}

async fn retry(
    State(cx): State<Ground>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    staff.require(Role::Admin)?;
    let now = cx.clock.now_ms();
    found(
        cx.store
            .retry_job(&staff.tenant, &id, &staff.author(), now)
            .await?,
    )
}

async fn discard(
    State(cx): State<Ground>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    staff.require(Role::Admin)?;
    let now = cx.clock.now_ms();
    found(
        cx.store
            .discard_job(&staff.tenant, &id, &staff.author(), now)
            .await?,
    )
}

fn found(found: bool) -> Result<StatusCode, ApiError> {
    found
        .then_some(StatusCode::NO_CONTENT)
        .ok_or_else(ApiError::not_found)
}
