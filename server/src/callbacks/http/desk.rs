//! Call-backs, for everybody at the desk.

use api::callbacks::CallbackPage;
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;

use crate::callbacks::{self, CallbackCursor};
use crate::people::http::staff::Staff;
use crate::web::Shared;
use crate::web::address::{Path, Query};
use crate::web::problem::{ApiError, request_invalid};
use crate::{calls, people};

/// How many call-backs a page has.
const PAGE: u32 = 50;

pub(crate) fn routes<S: Shared>() -> Router<S>
where
    calls::Context: FromRef<S>,
    people::Context: FromRef<S>,
{
    Router::new()
        .route("/api/desk/callbacks", get(list))
        .route("/api/desk/callbacks/{id}/cancel", post(cancel))
        .route("/api/desk/callbacks/{id}/call-now", post(call_now))
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    over: bool,
    cursor: Option<String>,
}

async fn list(
    State(cx): State<calls::Context>,
    staff: Staff,
    Query(asked): Query<Asked>,
) -> Result<Json<CallbackPage>, ApiError> {
    let after: Option<CallbackCursor> = asked
        .cursor
        .map(|cursor| cursor.parse())
        .transpose()
        .map_err(|()| request_invalid("The cursor is not one this list gave."))?;
    let (store, tenant) = (&cx.store, &staff.tenant);
    let items = match asked.over {
        true => store.callbacks_over(tenant, after.as_ref(), PAGE).await?,
        false => store.callbacks_to_do(tenant, after.as_ref(), PAGE).await?,
    };
    let full = items.len() == PAGE as usize;
    let last = items.last().filter(|_| full);
    Ok(Json(CallbackPage {
        next_cursor: last.map(|last| CallbackCursor::after(last).to_string()),
        items,
    }))
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
