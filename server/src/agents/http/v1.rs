//! The agents of the business's Retell account.

use api::keys::ApiScope;
use api::problem::Problem;
use axum::Json as JsonAnswer;
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use retell::models::ListAgents;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa_axum::router::OpenApiRouter;

use crate::accounts;
use crate::accounts::http::whole_account;
use crate::agents::mirror;
use crate::web::address::{Path, Query};
use crate::web::caller::ApiCaller;
use crate::web::json::Json;
use crate::web::problem::ApiError;
use crate::web::{Shared, routes};

pub(crate) fn routes<S: Shared>() -> OpenApiRouter<S>
where
    accounts::Context: FromRef<S>,
{
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(change, remove))
}

/// Where a page of agents begins.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Page {
    /// The `pagination_key` of the page before.
    pagination_key: Option<String>,
    /// How many, 1 to 1000; 50 when absent.
    limit: Option<u32>,
}

/// Lists agents
///
/// As Retell shows them. Scope `tenant:read`.
#[utoipa::path(get, path = "/api/retell/agents", tag = "agents", params(Page),
    responses((status = 200, body = Object), (status = "default", body = Problem)))]
async fn list(
    State(cx): State<accounts::Context>,
    caller: ApiCaller,
    Query(page): Query<Page>,
) -> Result<JsonAnswer<Value>, ApiError> {
    caller.require(ApiScope::TenantRead)?;
    let account = whole_account(&cx, &caller).await?;
    let query = ListAgents {
        limit: page.limit.map(|limit| limit.clamp(1, 1000)),
        pagination_key: page.pagination_key,
        ..ListAgents::default()
    };
    let agents = account.client.list_agents(&query).await?;
    answer(&agents)
}

/// Makes an agent
///
/// With Retell's fields; `voice_id` and `response_engine` are required. Scope
/// `tenant:write`.
#[utoipa::path(post, path = "/api/retell/agents", tag = "agents", request_body = Object,
    responses((status = 201, body = Object), (status = "default", body = Problem)))]
async fn create(
    State(cx): State<accounts::Context>,
    caller: ApiCaller,
    Json(fields): Json<Map<String, Value>>,
) -> Result<(StatusCode, JsonAnswer<Value>), ApiError> {
    caller.require(ApiScope::TenantWrite)?;
    let account = whole_account(&cx, &caller).await?;
    let agent = account.client.create_agent(&fields).await?;
    mirror::ask_soon(&cx, &caller.tenant).await;
    Ok((StatusCode::CREATED, answer(&agent)?))
}

/// Changes an agent
///
/// With Retell's fields; what is left out stays. Scope `tenant:write`.
#[utoipa::path(put, path = "/api/retell/agents/{id}", tag = "agents",
    params(("id" = String, Path, description = "The agent's id at Retell")), request_body = Object,
    responses((status = 200, body = Object), (status = "default", body = Problem)))]
async fn change(
    State(cx): State<accounts::Context>,
    caller: ApiCaller,
    Path(id): Path<String>,
    Json(fields): Json<Map<String, Value>>,
) -> Result<JsonAnswer<Value>, ApiError> {
    caller.require(ApiScope::TenantWrite)?;
    let account = whole_account(&cx, &caller).await?;
    let agent = account.client.update_agent(&id, &fields).await?;
    mirror::ask_soon(&cx, &caller.tenant).await;
    answer(&agent)
}

/// Deletes an agent
///
/// With all its versions. Scope `tenant:write`.
#[utoipa::path(delete, path = "/api/retell/agents/{id}", tag = "agents",
    params(("id" = String, Path, description = "The agent's id at Retell")),
    responses((status = 204), (status = "default", body = Problem)))]
async fn remove(
    State(cx): State<accounts::Context>,
    caller: ApiCaller,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    caller.require(ApiScope::TenantWrite)?;
    let account = whole_account(&cx, &caller).await?;
    account.client.delete_agent(&id).await?;
    mirror::ask_soon(&cx, &caller.tenant).await;
    Ok(StatusCode::NO_CONTENT)
}

/// What Retell said, field by field.
pub(crate) fn answer(said: &impl serde::Serialize) -> Result<JsonAnswer<Value>, ApiError> {
    serde_json::to_value(said)
        .map(JsonAnswer)
        .map_err(|_| ApiError::internal())
}
