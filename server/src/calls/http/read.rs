//! Calls to be read, for everybody at the desk and for programs.

use api::calls::{CallChoices, CallQuery};
use api::desk::{CallDetail, CallPage};
use api::keys::ApiScope;
use api::problem::Problem;
use axum::extract::{FromRef, State};
use axum::routing::get;
use axum::{Json as JsonAnswer, Router};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::recording::recording;
use crate::calls::Context;
use crate::people::http::{Actor, Staff};
use crate::people::{self, Role};
use crate::web::address::{Path, Query};
use crate::web::paging::PageQuery;
use crate::web::problem::ApiError;
use crate::web::{Routes, Shared};

pub(super) fn routes<S: Shared>() -> Routes<S>
where
    Context: FromRef<S>,
    people::Context: FromRef<S>,
{
    let desk = Router::new()
        .route("/api/desk/calls", get(list))
        .route("/api/desk/calls/choices", get(choices))
        .route("/api/desk/calls/{id}", get(one))
        .route("/api/desk/calls/{id}/recording", get(recording));
    let v1 = OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(one));
    Routes::new().desk(desk).v1(v1)
}

/// Lists calls
///
/// Live ones first, then the newest first. Scope `calls:read`.
#[utoipa::path(get, path = "/api/v1/calls", tag = "calls", params(PageQuery, CallQuery),
    responses((status = 200, body = CallPage), (status = "default", body = Problem)))]
async fn list(
    State(cx): State<Context>,
    actor: Actor,
    Query(page): Query<PageQuery>,
    Query(query): Query<CallQuery>,
) -> Result<JsonAnswer<CallPage>, ApiError> {
    actor.require(Role::Agent, ApiScope::CallsRead)?;
    let mut page = super::page(&cx, &actor.tenant, &page, &query).await?;
    for call in &mut page.items {
        super::seen_by(|scope| actor.require(Role::Agent, scope), call);
    }
    Ok(JsonAnswer(page))
}

/// Gets a call
///
/// With its transcript, what its analysis found, and the visitor's consent and
/// rating. Scope `calls:read`.
#[utoipa::path(get, path = "/api/v1/calls/{id}", tag = "calls",
    params(("id" = String, Path, description = "Retell's call id")),
    responses((status = 200, body = CallDetail), (status = "default", body = Problem)))]
async fn one(
    State(cx): State<Context>,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<JsonAnswer<CallDetail>, ApiError> {
    actor.require(Role::Agent, ApiScope::CallsRead)?;
    let mut call = super::detail(&cx, &actor.tenant, &id).await?;
    super::seen_by(|scope| actor.require(Role::Agent, scope), &mut call.summary);
    Ok(JsonAnswer(call))
}

async fn choices(
    State(cx): State<Context>,
    staff: Staff,
) -> Result<JsonAnswer<CallChoices>, ApiError> {
    let (calls, wrap_ups) = (cx.store.calls(), cx.store.wrap_ups());
    Ok(JsonAnswer(CallChoices {
        dispositions: wrap_ups.dispositions(&staff.tenant).await?,
        tags: wrap_ups.tags(&staff.tenant).await?,
        ..calls.choices(&staff.tenant).await?
    }))
}
