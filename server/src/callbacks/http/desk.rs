//! Call-backs, for everybody at the desk.

use api::callbacks::CallbackPage;
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;

use crate::callbacks::{self, CallbackCursor};
use crate::people::http::staff::Staff;
use crate::web::address::{Path, Query};
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
        .route("/api/desk/callbacks", get(boxed(list)))
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
) -> Result<Json<CallbackPage>, ApiError> {
    let after: Option<CallbackCursor> = page.after()?;
    let (store, tenant, after, rows) = (&cx.store, &staff.tenant, after.as_ref(), page.one_more());
    let rows = match asked.over {
        true => store.callbacks().over(tenant, after, rows).await?,
        false => store.callbacks().to_do(tenant, after, rows).await?,
    };
    Ok(Json(page.of(rows, callbacks::after, |row| row)))
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
