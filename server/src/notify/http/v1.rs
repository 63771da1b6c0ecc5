//! Endpoints for outgoing webhooks.

use api::hooks::{Endpoint, EndpointList, EndpointSecret, SaveEndpoint, TestSent};
use api::keys::ApiScope;
use api::problem::Problem;
use axum::Json as JsonAnswer;
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::notify::{self, Context, http as endpoints, wire};
use crate::web::Shared;
use crate::web::address::Path;
use crate::web::caller::ApiCaller;
use crate::web::json::Json;
use crate::web::problem::ApiError;

pub(crate) fn routes<S: Shared>() -> OpenApiRouter<S>
where
    Context: FromRef<S>,
{
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(one, change, remove))
        .routes(routes!(rotate))
        .routes(routes!(switch_on))
        .routes(routes!(switch_off))
        .routes(routes!(test))
}

/// Lists endpoints
///
/// The oldest first, with the event types there are. Scope `webhooks:read`.
#[utoipa::path(get, path = "/api/v1/webhook-endpoints", tag = "outgoing webhooks",
    responses((status = 200, body = EndpointList), (status = "default", body = Problem)))]
async fn list(
    State(cx): State<Context>,
    caller: ApiCaller,
) -> Result<JsonAnswer<EndpointList>, ApiError> {
    caller.require(ApiScope::WebhooksRead)?;
    Ok(JsonAnswer(endpoints::list(&cx, &caller.tenant).await?))
}

/// Adds an endpoint
///
/// The secret is told only here. Scope `webhooks:write`.
#[utoipa::path(post, path = "/api/v1/webhook-endpoints", tag = "outgoing webhooks",
    request_body = SaveEndpoint,
    responses((status = 201, body = EndpointSecret), (status = "default", body = Problem)))]
async fn create(
    State(cx): State<Context>,
    caller: ApiCaller,
    Json(save): Json<SaveEndpoint>,
) -> Result<(StatusCode, JsonAnswer<EndpointSecret>), ApiError> {
    caller.require(ApiScope::WebhooksWrite)?;
    let created = endpoints::create(&cx, &caller.tenant, &caller.author(), save).await?;
    Ok((StatusCode::CREATED, JsonAnswer(created)))
}

/// Gets an endpoint
///
/// Scope `webhooks:read`.
#[utoipa::path(get, path = "/api/v1/webhook-endpoints/{id}", tag = "outgoing webhooks",
    params(("id" = String, Path)),
    responses((status = 200, body = Endpoint), (status = "default", body = Problem)))]
async fn one(
    State(cx): State<Context>,
    caller: ApiCaller,
    Path(id): Path<String>,
) -> Result<JsonAnswer<Endpoint>, ApiError> {
    caller.require(ApiScope::WebhooksRead)?;
    Ok(JsonAnswer(endpoints::one(&cx, &caller.tenant, &id).await?))
}

/// Replaces what an endpoint is
///
/// Headers that are left out stay. Scope `webhooks:write`.
#[utoipa::path(put, path = "/api/v1/webhook-endpoints/{id}", tag = "outgoing webhooks",
    params(("id" = String, Path)), request_body = SaveEndpoint,
    responses((status = 200, body = Endpoint), (status = "default", body = Problem)))]
async fn change(
    State(cx): State<Context>,
    caller: ApiCaller,
    Path(id): Path<String>,
    Json(save): Json<SaveEndpoint>,
) -> Result<JsonAnswer<Endpoint>, ApiError> {
    caller.require(ApiScope::WebhooksWrite)?;
    let changed = endpoints::change(&cx, &caller.tenant, &caller.author(), &id, save).await?;
    Ok(JsonAnswer(changed))
}

/// Deletes an endpoint
///
/// With its log; what is on its way to it is not sent. Scope `webhooks:write`.
#[utoipa::path(delete, path = "/api/v1/webhook-endpoints/{id}", tag = "outgoing webhooks",
    params(("id" = String, Path)),
    responses((status = 204), (status = "default", body = Problem)))]
async fn remove(
    State(cx): State<Context>,
    caller: ApiCaller,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    caller.require(ApiScope::WebhooksWrite)?;
    endpoints::remove(&cx, &caller.tenant, &caller.author(), &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes a new secret for an endpoint
///
/// For a day deliveries are signed with the previous one, too. The secret is
/// told only here. Scope `webhooks:write`.
#[utoipa::path(post, path = "/api/v1/webhook-endpoints/{id}/rotate-secret",
    tag = "outgoing webhooks", params(("id" = String, Path)),
    responses((status = 200, body = EndpointSecret), (status = "default", body = Problem)))]
async fn rotate(
    State(cx): State<Context>,
    caller: ApiCaller,
    Path(id): Path<String>,
) -> Result<JsonAnswer<EndpointSecret>, ApiError> {
    caller.require(ApiScope::WebhooksWrite)?;
    let rotated = endpoints::rotate(&cx, &caller.tenant, &caller.author(), &id).await?;
    Ok(JsonAnswer(rotated))
}

/// Switches an endpoint on
///
/// As if it had never failed. Scope `webhooks:write`.
#[utoipa::path(post, path = "/api/v1/webhook-endpoints/{id}/switch-on",
    tag = "outgoing webhooks", params(("id" = String, Path)),
    responses((status = 200, body = Endpoint), (status = "default", body = Problem)))]
async fn switch_on(
    State(cx): State<Context>,
    caller: ApiCaller,
    Path(id): Path<String>,
) -> Result<JsonAnswer<Endpoint>, ApiError> {
    caller.require(ApiScope::WebhooksWrite)?;
    let endpoint = notify::switch_on(&cx, &caller.tenant, &caller.author(), &id).await?;
    Ok(JsonAnswer(wire::endpoint(endpoint)))
}

/// Switches an endpoint off
///
/// What is on its way to it is given up, and can be replayed. Scope
/// `webhooks:write`.
#[utoipa::path(post, path = "/api/v1/webhook-endpoints/{id}/switch-off",
    tag = "outgoing webhooks", params(("id" = String, Path)),
    responses((status = 200, body = Endpoint), (status = "default", body = Problem)))]
async fn switch_off(
    State(cx): State<Context>,
    caller: ApiCaller,
    Path(id): Path<String>,
) -> Result<JsonAnswer<Endpoint>, ApiError> {
    caller.require(ApiScope::WebhooksWrite)?;
    let endpoint = notify::switch_off(&cx, &caller.tenant, &caller.author(), &id).await?;
    Ok(JsonAnswer(wire::endpoint(endpoint)))
}

/// Sends an endpoint a test event
///
/// `test.ping`, whatever events it gets. Scope `webhooks:write`.
#[utoipa::path(post, path = "/api/v1/webhook-endpoints/{id}/test", tag = "outgoing webhooks",
    params(("id" = String, Path)),
    responses((status = 202, body = TestSent), (status = "default", body = Problem)))]
async fn test(
    State(cx): State<Context>,
    caller: ApiCaller,
    Path(id): Path<String>,
) -> Result<(StatusCode, JsonAnswer<TestSent>), ApiError> {
    caller.require(ApiScope::WebhooksWrite)?;
    let delivery_id = notify::send_test(&cx, &caller.tenant, &caller.author(), &id).await?;
    Ok((StatusCode::ACCEPTED, JsonAnswer(TestSent { delivery_id })))
}
