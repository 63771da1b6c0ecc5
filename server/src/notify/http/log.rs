//! What was sent to an endpoint, and sending it again.

use api::hooks::{DeliveryDetail, DeliveryPage, ReplayFailed, Replayed};
use api::keys::ApiScope;
use api::problem::Problem;
use axum::Json as JsonAnswer;
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::notify::{self, Context, http as endpoints};
use crate::web::Shared;
use crate::web::address::{Path, Query};
use crate::web::caller::ApiCaller;
use crate::web::json::Json;
use crate::web::paging::Page;
use crate::web::problem::ApiError;

pub(crate) fn routes<S: Shared>() -> OpenApiRouter<S>
where
    Context: FromRef<S>,
{
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
    State(cx): State<Context>,
    caller: ApiCaller,
    Path(id): Path<String>,
    Query(page): Query<Page>,
) -> Result<JsonAnswer<DeliveryPage>, ApiError> {
    caller.require(ApiScope::WebhooksRead)?;
    let log = endpoints::log(&cx, &caller.tenant, &id, &page).await?;
    Ok(JsonAnswer(log))
}

/// Gets what was sent to an endpoint
///
/// With its body and its attempts. Scope `webhooks:read`.
#[utoipa::path(get, path = "/api/v1/webhook-endpoints/{id}/deliveries/{delivery}",
    tag = "outgoing webhooks", params(("id" = String, Path), ("delivery" = String, Path)),
    responses((status = 200, body = DeliveryDetail), (status = "default", body = Problem)))]
async fn delivery(
    State(cx): State<Context>,
    caller: ApiCaller,
    Path((id, delivery)): Path<(String, String)>,
) -> Result<JsonAnswer<DeliveryDetail>, ApiError> {
    caller.require(ApiScope::WebhooksRead)?;
    let detail = endpoints::delivery(&cx, &caller.tenant, &id, &delivery).await?;
    Ok(JsonAnswer(detail))
}

/// Sends something to an endpoint again
///
/// With the same event id. Scope `webhooks:write`.
#[utoipa::path(post, path = "/api/v1/webhook-endpoints/{id}/deliveries/{delivery}/replay",
    tag = "outgoing webhooks", params(("id" = String, Path), ("delivery" = String, Path)),
    responses((status = 202), (status = "default", body = Problem)))]
async fn replay(
    State(cx): State<Context>,
    caller: ApiCaller,
    Path((id, delivery)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    caller.require(ApiScope::WebhooksWrite)?;
    notify::replay(&cx, &caller.tenant, &caller.author(), &id, &delivery).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Sends an endpoint again what failed
///
/// All that was given up since a time. Scope `webhooks:write`.
#[utoipa::path(post, path = "/api/v1/webhook-endpoints/{id}/replay-failed",
    tag = "outgoing webhooks", params(("id" = String, Path)), request_body = ReplayFailed,
    responses((status = 202, body = Replayed), (status = "default", body = Problem)))]
async fn replay_failed(
    State(cx): State<Context>,
    caller: ApiCaller,
    Path(id): Path<String>,
    Json(from): Json<ReplayFailed>,
) -> Result<(StatusCode, JsonAnswer<Replayed>), ApiError> {
    caller.require(ApiScope::WebhooksWrite)?;
    let author = caller.author();
    let deliveries = endpoints::replay_failed(cx, caller.tenant, author, id, from.since).await?;
    Ok((StatusCode::ACCEPTED, JsonAnswer(Replayed { deliveries })))
}
