//! The webhook inbox: what Retell posted, and what became of it.

use api::inbox::{DeliveryDetail, DeliveryFilter, DeliveryPage, Replay, Replayed};
use api::keys::ApiScope;
use api::problem::Problem;
use axum::Json as JsonAnswer;
use axum::extract::{FromRef, State};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::inbox::{Context, http as inbox};
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
        .routes(routes!(list))
        .routes(routes!(replay))
        .routes(routes!(one))
        .routes(routes!(replay_one))
}

/// Lists incoming webhooks
///
/// The newest first. Scope `webhooks:read`.
#[utoipa::path(get, path = "/api/v1/deliveries", tag = "incoming webhooks",
    params(Page, DeliveryFilter),
    responses((status = 200, body = DeliveryPage), (status = "default", body = Problem)))]
async fn list(
    State(cx): State<Context>,
    caller: ApiCaller,
    Query(page): Query<Page>,
    Query(filter): Query<DeliveryFilter>,
) -> Result<JsonAnswer<DeliveryPage>, ApiError> {
    caller.require(ApiScope::WebhooksRead)?;
    let page = inbox::page(&cx, &caller.tenant, &page, &filter).await?;
    Ok(JsonAnswer(page))
}

/// Gets an incoming webhook
///
/// With its body and every time it was worked on. Scope `webhooks:read`.
#[utoipa::path(get, path = "/api/v1/deliveries/{id}", tag = "incoming webhooks",
    params(("id" = String, Path)),
    responses((status = 200, body = DeliveryDetail), (status = "default", body = Problem)))]
async fn one(
    State(cx): State<Context>,
    caller: ApiCaller,
    Path(id): Path<String>,
) -> Result<JsonAnswer<DeliveryDetail>, ApiError> {
    caller.require(ApiScope::WebhooksRead)?;
    Ok(JsonAnswer(inbox::one(&cx, &caller.tenant, &id).await?))
}

/// Replays an incoming webhook
///
/// Its handler runs again; what had its effect has no second one. 409 for what
/// was refused, for an answered question, and for what waits anyway. Scope
/// `webhooks:write`.
#[utoipa::path(post, path = "/api/v1/deliveries/{id}/replay", tag = "incoming webhooks",
    params(("id" = String, Path)),
    responses((status = 200, body = Replayed), (status = "default", body = Problem)))]
async fn replay_one(
    State(cx): State<Context>,
    caller: ApiCaller,
    Path(id): Path<String>,
) -> Result<JsonAnswer<Replayed>, ApiError> {
    caller.require(ApiScope::WebhooksWrite)?;
    let delivery = inbox::one(&cx, &caller.tenant, &id).await?;
    let this = Replay {
        ids: Some(vec![delivery.summary.id]),
        filter: None,
    };
    let replayed = inbox::replay(&cx, &caller.tenant, this, &caller.author()).await?;
    Ok(JsonAnswer(replayed))
}

/// Replays incoming webhooks
///
/// Those that are named, up to 500, or all that fit a filter. What cannot be
/// replayed is left out. Scope `webhooks:write`.
#[utoipa::path(post, path = "/api/v1/deliveries/replay", tag = "incoming webhooks",
    request_body = Replay,
    responses((status = 200, body = Replayed), (status = "default", body = Problem)))]
async fn replay(
    State(cx): State<Context>,
    caller: ApiCaller,
    Json(replay): Json<Replay>,
) -> Result<JsonAnswer<Replayed>, ApiError> {
    caller.require(ApiScope::WebhooksWrite)?;
    let replayed = inbox::replay(&cx, &caller.tenant, replay, &caller.author()).await?;
    Ok(JsonAnswer(replayed))
}
