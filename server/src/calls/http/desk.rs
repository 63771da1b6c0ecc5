//! Calls, for everybody at the desk.

use api::calls::{CallChoices, CallQuery};
use api::desk::{CallDetail, CallPage};
use axum::extract::{FromRef, State};
use axum::routing::get;
use axum::{Json, Router};

use crate::calls::Context;
use crate::people;
use crate::people::http::staff::Staff;
use crate::web::Shared;
use crate::web::address::{Path, Query};
use crate::web::paging::Page;
use crate::web::problem::ApiError;

pub(super) fn routes<S: Shared>() -> Router<S>
where
    Context: FromRef<S>,
    people::Context: FromRef<S>,
{
    Router::new()
        .route("/api/desk/calls", get(calls))
        .route("/api/desk/calls/choices", get(choices))
        .route("/api/desk/calls/{id}", get(call))
        .route(
            "/api/desk/calls/{id}/recording",
            get(super::recording::recording),
        )
}

async fn calls(
    State(cx): State<Context>,
    staff: Staff,
    Query(page): Query<Page>,
    Query(query): Query<CallQuery>,
) -> Result<Json<CallPage>, ApiError> {
    let page = super::page(&cx, &staff.tenant, &page, &query).await?;
    Ok(Json(page))
}

async fn choices(State(cx): State<Context>, staff: Staff) -> Result<Json<CallChoices>, ApiError> {
    Ok(Json(cx.store.call_choices(&staff.tenant).await?))
}

async fn call(
    State(cx): State<Context>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<Json<CallDetail>, ApiError> {
    Ok(Json(super::detail(&cx, &staff.tenant, &id).await?))
}
