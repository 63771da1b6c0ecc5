//! What was sent to an endpoint, and sending it again.

use api::hooks::{DeliveryDetail, DeliveryPage, ReplayFailed, Replayed};
use api::keys::ApiScope;
use api::problem::Problem;
use axum::Json as JsonAnswer;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::caller::ApiCaller;
use crate::hooks;
use crate::http::address::{Path, Query};
use crate::http::endpoints;
use crate::http::json::Json;
use crate::http::paging::Page;
use crate::http::problem::ApiError;
use crate::state::App;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(deliveries))
        .routes(routes!(delivery))
        .routes(routes!(replay))
        .routes(routes!(replay_failed))
}

/// Lists what was sent to an endpoint
///
/// The newest first. Scope `webhooks:read`.
#[utoipa::path(get, path = "/api/v1/webhook-endpoints/{id}/deliveries", tag = "outgoing webhooks",
    params(("id" = String, Path), Page),
    responses((status = 200, body = DeliveryPage), (status = "default", body = Problem)))]
async fn deliveries(
    State(app): State<App>,
    caller: ApiCaller,
    Path(id): Path<String>,
    Query(page): Query<Page>,
) -> Result<JsonAnswer<DeliveryPage>, ApiError> {
    caller.require(ApiScope::WebhooksRead)?;
    let log = endpoints::log(&app, &caller.tenant, &id, &page).await?;
    Ok(JsonAnswer(log))
}

/// Gets what was sent to an endpoint
///
/// With its body and its attempts. Scope `webhooks:read`.
#[utoipa::path(get, path = "/api/v1/webhook-endpoints/{id}/deliveries/{delivery}",
    tag = "outgoing webhooks", params(("id" = String, Path), ("delivery" = String, Path)),
    responses((status = 200, body = DeliveryDetail), (status = "default", body = Problem)))]
async fn delivery(
    State(app): State<App>,
    caller: ApiCaller,
    Path((id, delivery)): Path<(String, String)>,
) -> Result<JsonAnswer<DeliveryDetail>, ApiError> {
    caller.require(ApiScope::WebhooksRead)?;
    let detail = endpoints::delivery(&app, &caller.tenant, &id, &delivery).await?;
    Ok(JsonAnswer(detail))
}

/// Sends something to an endpoint again
///
/// With the same event id. Scope `webhooks:write`.
#[utoipa::path(post, path = "/api/v1/webhook-endpoints/{id}/deliveries/{delivery}/replay",
    tag = "outgoing webhooks", params(("id" = String, Path), ("delivery" = String, Path)),
    responses((status = 202), (status = "default", body = Problem)))]
async fn replay(
    State(app): State<App>,
    caller: ApiCaller,
    Path((id, delivery)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    caller.require(ApiScope::WebhooksWrite)?;
    hooks::replay(&app, &caller.tenant, &caller.author(), &id, &delivery).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Sends an endpoint again what failed
///
/// All that was given up since a time. Scope `webhooks:write`.
#[utoipa::path(post, path = "/api/v1/webhook-endpoints/{id}/replay-failed",
    tag = "outgoing webhooks", params(("id" = String, Path)), request_body = ReplayFailed,
    responses((status = 202, body = Replayed), (status = "default", body = Problem)))]
async fn replay_failed(
    State(app): State<App>,
    caller: ApiCaller,
    Path(id): Path<String>,
    Json(from): Json<ReplayFailed>,
) -> Result<(StatusCode, JsonAnswer<Replayed>), ApiError> {
    caller.require(ApiScope::WebhooksWrite)?;
    let author = caller.author();
    let deliveries = endpoints::replay_failed(app, caller.tenant, author, id, from.since).await?;
    Ok((StatusCode::ACCEPTED, JsonAnswer(Replayed { deliveries })))
}
