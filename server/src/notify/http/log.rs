//! What was sent to an endpoint, and sending it again, for admins and for programs.

use api::Page;
use api::keys::ApiScope;
use api::notify::{Notification, NotificationDetail, ReplayFailed, Replayed};
use api::problem::Problem;
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json as JsonAnswer, Router};
use utoipa_axum::router::OpenApiRouter;

use super::{ONE, of_tenant};
use crate::notify::{self, Context, wire};
use crate::people::http::Actor;
use crate::people::{self, Role};
use crate::web::address::{Path, Query};
use crate::web::json::Json;
use crate::web::paging::PageQuery;
use crate::web::problem::ApiError;
use crate::web::{Routes, Shared, boxed, lasting, routes};

pub(super) fn routes<S: Shared>() -> Routes<S>
where
    Context: FromRef<S>,
    people::Context: FromRef<S>,
{
    let log = || {
        Router::new()
            .route("/", get(boxed(notifications)))
            .route("/{notification}", get(boxed(notification)))
            .route("/{notification}/replay", post(boxed(replay)))
    };
    let desk = Router::new()
        .route(&format!("{ONE}/replay-failed"), post(boxed(replay_failed)))
        .nest(&format!("{ONE}/notifications"), log());
    let aliases = Router::new().nest("/api/v1/webhook-endpoints/{id}/deliveries", log());
    let v1 = OpenApiRouter::new()
        .routes(routes!(notifications))
        .routes(routes!(notification))
        .routes(routes!(replay))
        .routes(routes!(replay_failed));
    Routes::new().desk(desk).v1(v1).aliases(aliases)
}

/// Lists what was sent to an endpoint
///
/// The newest first. Scope `webhooks:read`.
#[utoipa::path(get, path = "/api/v1/webhook-endpoints/{id}/notifications", tag = "outgoing webhooks",
    params(("id" = String, Path), PageQuery),
    responses((status = 200, body = Page<Notification>), (status = "default", body = Problem)))]
async fn notifications(
    State(cx): State<Context>,
    actor: Actor,
    Path(id): Path<String>,
    Query(page): Query<PageQuery>,
) -> Result<JsonAnswer<Page<Notification>>, ApiError> {
    actor.require(Role::Admin, ApiScope::WebhooksRead)?;
    let endpoint = of_tenant(&cx, &actor.tenant, &id).await?;
    let rows = cx
        .store
        .notifications()
        .page(&actor.tenant, &endpoint.id, page.cursor(), page.one_more())
        .await?;
    let page = page.of(rows, |row| row.id.clone(), wire::notification);
    Ok(JsonAnswer(page))
}

/// Gets what was sent to an endpoint
///
/// With its body and its attempts. Scope `webhooks:read`.
#[utoipa::path(get, path = "/api/v1/webhook-endpoints/{id}/notifications/{notification}",
    tag = "outgoing webhooks", params(("id" = String, Path), ("notification" = String, Path)),
    responses((status = 200, body = NotificationDetail), (status = "default", body = Problem)))]
async fn notification(
    State(cx): State<Context>,
    actor: Actor,
    Path((id, notification)): Path<(String, String)>,
) -> Result<JsonAnswer<NotificationDetail>, ApiError> {
    actor.require(Role::Admin, ApiScope::WebhooksRead)?;
    let detail = cx
        .store
        .notifications()
        .find(&actor.tenant, &id, &notification)
        .await?;
    let detail = detail.ok_or_else(ApiError::not_found)?;
    Ok(JsonAnswer(wire::detail(detail, &cx.config)))
}

/// Sends something to an endpoint again
///
/// With the same event id. Scope `webhooks:write`.
#[utoipa::path(post, path = "/api/v1/webhook-endpoints/{id}/notifications/{notification}/replay",
    tag = "outgoing webhooks", params(("id" = String, Path), ("notification" = String, Path)),
    responses((status = 202), (status = "default", body = Problem)))]
async fn replay(
    State(cx): State<Context>,
    actor: Actor,
    Path((id, notification)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    actor.require(Role::Admin, ApiScope::WebhooksWrite)?;
    notify::replay(&cx, &actor.tenant, &actor.author, &id, &notification).await?;
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
    actor: Actor,
    Path(id): Path<String>,
    Json(from): Json<ReplayFailed>,
) -> Result<(StatusCode, JsonAnswer<Replayed>), ApiError> {
    actor.require(Role::Admin, ApiScope::WebhooksWrite)?;
    // Also when whoever asked for it does not wait.
    let notifications = lasting::to_the_end(async move {
        notify::replay_failed(&cx, &actor.tenant, &actor.author, &id, from.since).await
    })
    .await?;
    Ok((StatusCode::ACCEPTED, JsonAnswer(Replayed { notifications })))
}
