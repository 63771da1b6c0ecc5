//! Calls to be read, for everybody at the desk and for programs.

use api::calls::{CallChoices, CallQuery, DeeperQuery, ExportedCall};
use api::desk::{CallDetail, CallPage};
use api::keys::ApiScope;
use api::problem::Problem;
use axum::body::Body;
use axum::extract::{FromRef, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json as JsonAnswer, Router};
use serde_json::json;
use utoipa_axum::router::OpenApiRouter;

use super::recording::recording;
use crate::calls::Context;
use crate::calls::export::{Format, export};
use crate::deeds::Deed;
use crate::people::http::{Actor, Staff};
use crate::people::{self, Role};
use crate::web::address::{Path, Query};
use crate::web::paging::PageQuery;
use crate::web::problem::ApiError;
use crate::web::{Routes, Shared, boxed, routes};

pub(super) fn routes<S: Shared>() -> Routes<S>
where
    Context: FromRef<S>,
    people::Context: FromRef<S>,
{
    let desk = Router::new()
        .route("/api/desk/calls", get(boxed(list)))
        .route("/api/desk/calls/choices", get(boxed(choices)))
        .route("/api/desk/calls/export", get(boxed(exported)))
        .route("/api/desk/calls/{id}", get(boxed(one)))
        .route("/api/desk/calls/{id}/recording", get(boxed(recording)));
    let v1 = OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(exported))
        .routes(routes!(one));
    Routes::new().desk(desk).v1(v1)
}

/// Lists calls
///
/// Live ones first, then the newest first. Scope `calls:read`.
#[utoipa::path(get, path = "/api/v1/calls", tag = "calls", params(PageQuery, CallQuery, DeeperQuery),
    responses((status = 200, body = CallPage), (status = "default", body = Problem)))]
async fn list(
    State(cx): State<Context>,
    actor: Actor,
    Query(page): Query<PageQuery>,
    Query(query): Query<CallQuery>,
    Query(deeper): Query<DeeperQuery>,
) -> Result<JsonAnswer<CallPage>, ApiError> {
    actor.require(Role::Agent, ApiScope::CallsRead)?;
    let filter = super::wanted(&actor.tenant, &query, &deeper)?;
    let mut page = super::page(&cx, &actor.tenant, &page, &filter).await?;
    for call in &mut page.items {
        super::seen_by(|scope| actor.require(Role::Agent, scope), call);
    }
    Ok(JsonAnswer(page))
}

/// How a file is to be written.
#[derive(Debug, Default, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Written {
    /// `csv`, or `jsonl`: an object a line.
    #[serde(default)]
    format: Format,
}

/// Exports calls
///
/// All that pass a filter, in the order of the list, as they are found. Who the contacts are takes
/// `contacts:read`. Scope `calls:read`.
#[utoipa::path(get, path = "/api/v1/calls/export", tag = "calls",
    params(Written, CallQuery, DeeperQuery),
    responses((status = 200, body = ExportedCall, content_type = "application/jsonl"),
        (status = "default", body = Problem)))]
async fn exported(
    State(cx): State<Context>,
    actor: Actor,
    Query(Written { format }): Query<Written>,
    Query(query): Query<CallQuery>,
    Query(deeper): Query<DeeperQuery>,
) -> Result<Response, ApiError> {
    actor.require(Role::Supervisor, ApiScope::CallsRead)?;
    let filter = super::wanted(&actor.tenant, &query, &deeper)?;
    let tells_contacts = actor.require(Role::Agent, ApiScope::ContactsRead).is_ok();
    let (kind, ending) = format.names();
    let deed = Deed::of_business("calls.exported", json!({}));
    let (deeds, now) = (cx.store.deeds(), cx.clock.now_ms());
    deeds
        .record_deed(&actor.tenant, &actor.author, &deed, now)
        .await?;
    let file = export(&cx.store, &actor.tenant, filter, format, tells_contacts);
    let name = format!("attachment; filename=\"calls.{ending}\"");
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, name),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, Body::from_stream(file)).into_response())
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
