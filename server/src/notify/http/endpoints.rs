//! Endpoints for outgoing webhooks, for admins and for programs.

use api::keys::ApiScope;
use api::notify::{Endpoint, EndpointList, EndpointSecret, SaveEndpoint, TestSent};
use api::problem::Problem;
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json as JsonAnswer, Router};
use utoipa_axum::router::OpenApiRouter;

use super::{ONE, of_tenant, with_secret};
use crate::notify::{self, Context, EndpointForm, EventType, wire};
use crate::people::http::Actor;
use crate::people::{self, Role};
use crate::web::address::{Path, Query};
use crate::web::json::Json;
use crate::web::problem::ApiError;
use crate::web::revised::Revised;
use crate::web::{Routes, Shared, boxed, routes};

pub(super) fn routes<S: Shared>() -> Routes<S>
where
    Context: FromRef<S>,
    people::Context: FromRef<S>,
{
    let under = |path: &str| format!("{ONE}/{path}");
    let desk = Router::new()
        .route(
            "/api/desk/webhook-endpoints",
            get(boxed(list)).post(boxed(create)),
        )
        .route(
            ONE,
            get(boxed(one)).put(boxed(change)).delete(boxed(remove)),
        )
        .route(&under("rotate-secret"), post(boxed(rotate)))
        .route(&under("switch-on"), post(boxed(switch_on)))
        .route(&under("switch-off"), post(boxed(switch_off)))
        .route(&under("test"), post(boxed(test)));
    let v1 = OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(one, change, remove))
        .routes(routes!(rotate))
        .routes(routes!(switch_on))
        .routes(routes!(switch_off))
        .routes(routes!(test));
    Routes::new().desk(desk).v1(v1)
}

/// Lists endpoints
///
/// The oldest first, with the event types there are. Scope `webhooks:read`.
#[utoipa::path(get, path = "/api/v1/webhook-endpoints", tag = "outgoing webhooks",
    responses((status = 200, body = EndpointList), (status = "default", body = Problem)))]
async fn list(
    State(cx): State<Context>,
    actor: Actor,
) -> Result<JsonAnswer<EndpointList>, ApiError> {
    actor.require(Role::Admin, ApiScope::WebhooksRead)?;
    let items = cx.store.endpoints().list(&actor.tenant).await?;
    let offered = EventType::ALL.iter().map(|kind| kind.name().to_owned());
    Ok(JsonAnswer(EndpointList {
        items: items.into_iter().map(wire::endpoint).collect(),
        event_types: offered.collect(),
    }))
}

/// Adds an endpoint
///
/// The secret is told only here. Scope `webhooks:write`.
#[utoipa::path(post, path = "/api/v1/webhook-endpoints", tag = "outgoing webhooks",
    request_body = SaveEndpoint,
    responses((status = 201, body = EndpointSecret), (status = "default", body = Problem)))]
async fn create(
    State(cx): State<Context>,
    actor: Actor,
    Json(save): Json<SaveEndpoint>,
) -> Result<(StatusCode, JsonAnswer<EndpointSecret>), ApiError> {
    actor.require(Role::Admin, ApiScope::WebhooksWrite)?;
    let headers = save.headers.clone().unwrap_or_default();
    let (tenant, author) = (&actor.tenant, &actor.author);
    let created = notify::create(&cx, tenant, author, form(save), &headers).await?;
    Ok((StatusCode::CREATED, JsonAnswer(with_secret(created))))
}

/// Gets an endpoint
///
/// Scope `webhooks:read`.
#[utoipa::path(get, path = "/api/v1/webhook-endpoints/{id}", tag = "outgoing webhooks",
    params(("id" = String, Path)),
    responses((status = 200, body = Endpoint), (status = "default", body = Problem)))]
async fn one(
    State(cx): State<Context>,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<JsonAnswer<Endpoint>, ApiError> {
    actor.require(Role::Admin, ApiScope::WebhooksRead)?;
    let endpoint = of_tenant(&cx, &actor.tenant, &id).await?;
    Ok(JsonAnswer(wire::endpoint(endpoint)))
}

/// Replaces what an endpoint is
///
/// Headers that are left out stay. Scope `webhooks:write`.
#[utoipa::path(put, path = "/api/v1/webhook-endpoints/{id}", tag = "outgoing webhooks",
    params(("id" = String, Path), Revised), request_body = SaveEndpoint,
    responses((status = 200, body = Endpoint), (status = "default", body = Problem)))]
async fn change(
    State(cx): State<Context>,
    actor: Actor,
    Path(id): Path<String>,
    Query(read): Query<Revised>,
    Json(save): Json<SaveEndpoint>,
) -> Result<JsonAnswer<Endpoint>, ApiError> {
    actor.require(Role::Admin, ApiScope::WebhooksWrite)?;
    let (tenant, author) = (&actor.tenant, &actor.author);
    let headers = save.headers.clone();
    let form = form(save);
    let mut endpoint = notify::change(&cx, tenant, author, &id, form, read.revision).await?;
    if let Some(headers) = headers {
        endpoint = notify::set_headers(&cx, tenant, author, &id, &headers).await?;
    }
    Ok(JsonAnswer(wire::endpoint(endpoint)))
}

/// Deletes an endpoint
///
/// With its log; what is on its way to it is not sent. Scope `webhooks:write`.
#[utoipa::path(delete, path = "/api/v1/webhook-endpoints/{id}", tag = "outgoing webhooks",
    params(("id" = String, Path)),
    responses((status = 204), (status = "default", body = Problem)))]
async fn remove(
    State(cx): State<Context>,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    actor.require(Role::Admin, ApiScope::WebhooksWrite)?;
    super::remove(&cx, &actor.tenant, &actor.author, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes a new secret for an endpoint
///
/// For a day notifications are signed with the previous one, too. The secret is
/// told only here. Scope `webhooks:write`.
#[utoipa::path(post, path = "/api/v1/webhook-endpoints/{id}/rotate-secret",
    tag = "outgoing webhooks", params(("id" = String, Path)),
    responses((status = 200, body = EndpointSecret), (status = "default", body = Problem)))]
async fn rotate(
    State(cx): State<Context>,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<JsonAnswer<EndpointSecret>, ApiError> {
    actor.require(Role::Admin, ApiScope::WebhooksWrite)?;
    let rotated = notify::rotate(&cx, &actor.tenant, &actor.author, &id).await?;
    Ok(JsonAnswer(with_secret(rotated)))
}

/// Switches an endpoint on
///
/// As if it had never failed. Scope `webhooks:write`.
#[utoipa::path(post, path = "/api/v1/webhook-endpoints/{id}/switch-on",
    tag = "outgoing webhooks", params(("id" = String, Path)),
    responses((status = 200, body = Endpoint), (status = "default", body = Problem)))]
async fn switch_on(
    State(cx): State<Context>,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<JsonAnswer<Endpoint>, ApiError> {
    actor.require(Role::Admin, ApiScope::WebhooksWrite)?;
    let endpoint = notify::switch_on(&cx, &actor.tenant, &actor.author, &id).await?;
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
    actor: Actor,
    Path(id): Path<String>,
) -> Result<JsonAnswer<Endpoint>, ApiError> {
    actor.require(Role::Admin, ApiScope::WebhooksWrite)?;
    let endpoint = notify::switch_off(&cx, &actor.tenant, &actor.author, &id).await?;
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
    actor: Actor,
    Path(id): Path<String>,
) -> Result<(StatusCode, JsonAnswer<TestSent>), ApiError> {
    actor.require(Role::Admin, ApiScope::WebhooksWrite)?;
    let notification_id = notify::send_test(&cx, &actor.tenant, &actor.author, &id).await?;
    Ok((
        StatusCode::ACCEPTED,
        JsonAnswer(TestSent { notification_id }),
    ))
}

fn form(save: SaveEndpoint) -> EndpointForm {
    EndpointForm {
        url: save.url,
        description: save.description,
        events: save.events,
    }
}
