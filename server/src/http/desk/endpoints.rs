//! Outgoing webhooks, for admins.

use api::hooks::{
    DeliveryDetail, DeliveryPage, Endpoint, EndpointList, EndpointSecret, ReplayFailed, Replayed,
    SaveEndpoint, TestSent,
};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json as JsonAnswer, Router};
use serde::Deserialize;

use crate::hooks::{self, EndpointForm, EventType, wire};
use crate::http::address::{Path, Query};
use crate::http::json::Json;
use crate::http::problem::ApiError;
use crate::http::staff::Staff;
use crate::staff::Role;
use crate::state::App;

/// How many deliveries a page has.
const PAGE: u32 = 50;

pub(super) fn routes() -> Router<App> {
    const ONE: &str = "/api/desk/webhook-endpoints/{id}";
    let under = |path: &str| format!("{ONE}/{path}");
    Router::new()
        .route("/api/desk/webhook-endpoints", get(list).post(create))
        .route(ONE, get(show).put(change).delete(remove))
        .route(&under("rotate-secret"), post(rotate))
        .route(&under("switch-on"), post(switch_on))
        .route(&under("switch-off"), post(switch_off))
        .route(&under("test"), post(test))
        .route(&under("replay-failed"), post(replay_failed))
        .route(&under("deliveries"), get(deliveries))
        .route(&under("deliveries/{delivery}"), get(delivery))
        .route(&under("deliveries/{delivery}/replay"), post(replay))
}

async fn list(State(app): State<App>, staff: Staff) -> Result<JsonAnswer<EndpointList>, ApiError> {
    staff.require(Role::Admin)?;
    let items = app.store.endpoints(&staff.tenant).await?;
    let offered = EventType::ALL.iter().map(|kind| kind.name().to_owned());
    Ok(JsonAnswer(EndpointList {
        items: items.into_iter().map(wire::endpoint).collect(),
        event_types: offered.collect(),
    }))
}

async fn show(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<JsonAnswer<Endpoint>, ApiError> {
    staff.require(Role::Admin)?;
    let endpoint = app.store.endpoint(&staff.tenant, &id).await?;
    let endpoint = endpoint.ok_or_else(ApiError::not_found)?;
    Ok(JsonAnswer(wire::endpoint(endpoint)))
}

async fn create(
    State(app): State<App>,
    staff: Staff,
    Json(save): Json<SaveEndpoint>,
) -> Result<(StatusCode, JsonAnswer<EndpointSecret>), ApiError> {
    staff.require(Role::Admin)?;
    let headers = save.headers.clone().unwrap_or_default();
    let (endpoint, secret) =
        hooks::create(&app, &staff.tenant, &staff.author(), form(save), &headers).await?;
    let created = EndpointSecret {
        endpoint: wire::endpoint(endpoint),
        secret: secret.expose().to_owned(),
    };
    Ok((StatusCode::CREATED, JsonAnswer(created)))
}

async fn change(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<String>,
    Json(save): Json<SaveEndpoint>,
) -> Result<JsonAnswer<Endpoint>, ApiError> {
    staff.require(Role::Admin)?;
    let headers = save.headers.clone();
    let (tenant, author) = (&staff.tenant, &staff.author());
    let mut endpoint = hooks::change(&app, tenant, author, &id, form(save)).await?;
    if let Some(headers) = headers {
        endpoint = hooks::set_headers(&app, tenant, author, &id, &headers).await?;
    }
    Ok(JsonAnswer(wire::endpoint(endpoint)))
}

async fn remove(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    staff.require(Role::Admin)?;
    let now = app.clock.now_ms();
    let was_there = app
        .store
        .delete_endpoint(&staff.tenant, &id, &staff.author(), now)
        .await?;
    if !was_there {
        return Err(ApiError::not_found());
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn rotate(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<JsonAnswer<EndpointSecret>, ApiError> {
    staff.require(Role::Admin)?;
    let (endpoint, secret) = hooks::rotate(&app, &staff.tenant, &staff.author(), &id).await?;
    Ok(JsonAnswer(EndpointSecret {
        endpoint: wire::endpoint(endpoint),
        secret: secret.expose().to_owned(),
    }))
}

async fn switch_on(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<JsonAnswer<Endpoint>, ApiError> {
    staff.require(Role::Admin)?;
    let endpoint = hooks::switch_on(&app, &staff.tenant, &staff.author(), &id).await?;
    Ok(JsonAnswer(wire::endpoint(endpoint)))
}

async fn switch_off(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<JsonAnswer<Endpoint>, ApiError> {
    staff.require(Role::Admin)?;
    let endpoint = hooks::switch_off(&app, &staff.tenant, &staff.author(), &id).await?;
    Ok(JsonAnswer(wire::endpoint(endpoint)))
}

async fn test(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<(StatusCode, JsonAnswer<TestSent>), ApiError> {
    staff.require(Role::Admin)?;
    let delivery_id = hooks::send_test(&app, &staff.tenant, &staff.author(), &id).await?;
    Ok((StatusCode::ACCEPTED, JsonAnswer(TestSent { delivery_id })))
}

async fn replay_failed(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<String>,
    Json(from): Json<ReplayFailed>,
) -> Result<(StatusCode, JsonAnswer<Replayed>), ApiError> {
    staff.require(Role::Admin)?;
    let (tenant, author) = (&staff.tenant, &staff.author());
    let deliveries = hooks::replay_failed(&app, tenant, author, &id, from.since).await?;
    Ok((StatusCode::ACCEPTED, JsonAnswer(Replayed { deliveries })))
}

#[derive(Deserialize)]
struct From {
    cursor: Option<String>,
}

async fn deliveries(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<String>,
    Query(from): Query<From>,
) -> Result<JsonAnswer<DeliveryPage>, ApiError> {
    staff.require(Role::Admin)?;
    let before = from.cursor.filter(|cursor| !cursor.contains('\0'));
    let endpoint = app.store.endpoint(&staff.tenant, &id).await?;
    let endpoint = endpoint.ok_or_else(ApiError::not_found)?;
    let rows = app
        .store
        .delivery_log(&staff.tenant, &endpoint.id, before.as_deref(), PAGE)
        .await?;
    let full = rows.len() == PAGE as usize;
    let next_cursor = rows.last().filter(|_| full).map(|last| last.id.clone());
    Ok(JsonAnswer(DeliveryPage {
        items: rows.into_iter().map(wire::delivery).collect(),
        next_cursor,
    }))
}

async fn delivery(
    State(app): State<App>,
    staff: Staff,
    Path((id, delivery)): Path<(String, String)>,
) -> Result<JsonAnswer<DeliveryDetail>, ApiError> {
    staff.require(Role::Admin)?;
    let detail = app
        .store
        .delivery_detail(&staff.tenant, &id, &delivery)
        .await?
        .ok_or_else(ApiError::not_found)?;
    Ok(JsonAnswer(wire::detail(detail, &app.config)))
}

async fn replay(
    State(app): State<App>,
    staff: Staff,
    Path((id, delivery)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    staff.require(Role::Admin)?;
    hooks::replay(&app, &staff.tenant, &staff.author(), &id, &delivery).await?;
    Ok(StatusCode::ACCEPTED)
}

fn form(save: SaveEndpoint) -> EndpointForm {
    EndpointForm {
        url: save.url,
        description: save.description,
        events: save.events,
    }
}
