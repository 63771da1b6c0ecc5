//! The work of the server for a business, for admins.

use api::jobs::{JobCount, JobQueue, ParkedJob, ParkedJobs};
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use work::Resting;

use super::Context;
use crate::ground::Ground;
use crate::jobs::{self, QueueRow};
use crate::people::http::staff::Staff;
use crate::people::{self, Role};
use crate::web::address::{Path, Query};
use crate::web::paging::PageQuery;
use crate::web::problem::ApiError;
use crate::web::{Shared, boxed};

pub(super) fn routes<S: Shared>() -> Router<S>
where
    Context: FromRef<S>,
    Ground: FromRef<S>,
    people::Context: FromRef<S>,
{
    Router::new()
        .route("/api/desk/jobs", get(boxed(queue)))
        .route("/api/desk/jobs/parked", get(boxed(parked)))
        .route("/api/desk/jobs/{id}", delete(boxed(discard)))
        .route("/api/desk/jobs/{id}/retry", post(boxed(retry)))
}

async fn queue(State(cx): State<Context>, staff: Staff) -> Result<Json<JobQueue>, ApiError> {
    staff.require(Role::Admin)?;
    let rows = cx.store.jobs().queue(&staff.tenant).await?;
    let endpoints = cx.store.endpoints().list(&staff.tenant).await?;
    let named = |group: &str| {
        let endpoint = endpoints.iter().find(|endpoint| endpoint.id == group)?;
        Some(match endpoint.description.as_str() {
            "" => endpoint.url.clone(),
            description => description.to_owned(),
        })
    };
    let resting = cx.runner.resting();
    let rests = |row: &QueueRow| {
        let is_it = |one: &Resting| one.kind == row.kind && one.group == row.group;
        row.state == "waiting" && resting.iter().any(is_it)
    };
    let items = rows
        .into_iter()
        .map(|row| JobCount {
            whom: named(&row.group),
            state: match rests(&row) {
                true => "resting".to_owned(),
                false => row.state,
            },
            kind: row.kind,
            count: row.count,
            oldest_at: row.oldest_at,
        })
        .collect();
    Ok(Json(JobQueue { items }))
}

async fn parked(
    State(cx): State<Ground>,
    staff: Staff,
    Query(page): Query<PageQuery>,
) -> Result<Json<ParkedJobs>, ApiError> {
    staff.require(Role::Admin)?;
    let rows = cx
        .store
        .jobs()
        .parked(&staff.tenant, page.cursor(), page.one_more())
        .await?;
    let shown = |job: jobs::ParkedJob| ParkedJob {
        id: job.id,
        kind: job.kind,
        attempts: job.attempts,
        reason: job.last_error,
        created_at: job.created_at,
    };
    Ok(Json(page.of(rows, |row| row.id.clone(), shown)))
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
            .jobs()
            .retry(&staff.tenant, &id, &staff.author(), now)
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
            .jobs()
            .discard(&staff.tenant, &id, &staff.author(), now)
            .await?,
    )
}

fn found(found: bool) -> Result<StatusCode, ApiError> {
    found
        .then_some(StatusCode::NO_CONTENT)
        .ok_or_else(ApiError::not_found)
}
