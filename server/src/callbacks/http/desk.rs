//! Call-backs, for everybody at the desk.

use api::callbacks::{CallbackChange, CallbackPage, EnterCallback};
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::routing::{get, patch, post, put};
use axum::{Json as JsonAnswer, Router};
use serde::Deserialize;

use crate::callbacks::{self, CallbackCursor};
use crate::people::Role;
use crate::people::http::staff::Staff;
use crate::web::address::{Path, Query};
use crate::web::json::Json;
use crate::web::paging::PageQuery;
use crate::web::problem::ApiError;
use crate::web::{Shared, boxed};
use crate::{calls, people};

pub(crate) fn routes<S: Shared>() -> Router<S>
where
    calls::Context: FromRef<S>,
    people::Context: FromRef<S>,
{
    Router::new()
        .route("/api/desk/callbacks", get(boxed(list)).post(boxed(enter)))
        .route("/api/desk/callbacks/{id}", patch(boxed(change)))
        .route(
            "/api/desk/callbacks/{id}/claim",
            put(boxed(claim)).delete(boxed(release)),
        )
        .route("/api/desk/callbacks/{id}/cancel", post(boxed(cancel)))
        .route("/api/desk/callbacks/{id}/call-now", post(boxed(call_now)))
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    over: bool,
}

async fn list(
    State(cx): State<calls::Context>,
    staff: Staff,
    Query(page): Query<PageQuery>,
    Query(asked): Query<Asked>,
) -> Result<JsonAnswer<CallbackPage>, ApiError> {
    let after: Option<CallbackCursor> = page.after()?;
    let (store, tenant, after, rows) = (&cx.store, &staff.tenant, after.as_ref(), page.one_more());
    let rows = match asked.over {
        true => store.callbacks().over(tenant, after, rows).await?,
        false => store.callbacks().to_do(tenant, after, rows).await?,
    };
    Ok(JsonAnswer(page.of(rows, callbacks::after, |row| row)))
}

async fn cancel(
    State(cx): State<calls::Context>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    callbacks::cancel(&cx, &staff.tenant, &id, &staff.author()).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn call_now(
    State(cx): State<calls::Context>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    callbacks::call_now(&cx, &staff.tenant, &id, &staff.author()).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn enter(
    State(cx): State<calls::Context>,
    staff: Staff,
    Json(new): Json<EnterCallback>,
) -> Result<StatusCode, ApiError> {
    let (by, author) = (&staff.user.name, staff.author());
    callbacks::enter(&cx, &staff.tenant, new, by, &author).await?;
    Ok(StatusCode::CREATED)
}

async fn change(
    State(cx): State<calls::Context>,
    staff: Staff,
    Path(id): Path<String>,
    Json(change): Json<CallbackChange>,
) -> Result<StatusCode, ApiError> {
    callbacks::change(&cx, &staff.tenant, &id, change, &staff.author()).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn claim(
    State(cx): State<calls::Context>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let (me, author) = (&staff.user.id, staff.author());
    callbacks::claim(&cx, &staff.tenant, &id, me, &author).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Agents let go of their own, supervisors of everybody's.
async fn release(
    State(cx): State<calls::Context>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let own = (staff.user.role < Role::Supervisor).then_some(staff.user.id.as_str());
    callbacks::release(&cx, &staff.tenant, &id, own, &staff.author()).await?;
    Ok(StatusCode::NO_CONTENT)
}
