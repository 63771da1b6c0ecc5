//! Outgoing webhooks, for admins.

use api::hooks::{
    DeliveryDetail, DeliveryPage, Endpoint, EndpointList, EndpointSecret, ReplayFailed, Replayed,
    SaveEndpoint, TestSent,
};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json as JsonAnswer, Router};

use crate::hooks::{self, wire};
use crate::http::address::{Path, Query};
use crate::http::endpoints;
use crate::http::json::Json;
use crate::http::paging::Page;
use crate::http::problem::ApiError;
use crate::http::staff::Staff;
use crate::staff::Role;
use crate::state::App;

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
    Ok(JsonAnswer(endpoints::list(&app, &staff.tenant).await?))
}

async fn show(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<JsonAnswer<Endpoint>, ApiError> {
    staff.require(Role::Admin)?;
    Ok(JsonAnswer(endpoints::one(&app, &staff.tenant, &id).await?))
}

async fn create(
    State(app): State<App>,
    staff: Staff,
    Json(save): Json<SaveEndpoint>,
) -> Result<(StatusCode, JsonAnswer<EndpointSecret>), ApiError> {
    staff.require(Role::Admin)?;
    let created = endpoints::create(&app, &staff.tenant, &staff.author(), save).await?;
    Ok((StatusCode::CREATED, JsonAnswer(created)))
}

async fn change(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<String>,
    Json(save): Json<SaveEndpoint>,
) -> Result<JsonAnswer<Endpoint>, ApiError> {
    staff.require(Role::Admin)?;
    let changed = endpoints::change(&app, &staff.tenant, &staff.author(), &id, save).await?;
    Ok(JsonAnswer(changed))
}

async fn remove(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    staff.require(Role::Admin)?;
    endpoints::remove(&app, &staff.tenant, &staff.author(), &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn rotate(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<JsonAnswer<EndpointSecret>, ApiError> {
    staff.require(Role::Admin)?;
    let rotated = endpoints::rotate(&app, &staff.tenant, &staff.author(), &id).await?;
    Ok(JsonAnswer(rotated))
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
    let author = staff.author();
    let deliveries = endpoints::replay_failed(app, staff.tenant, author, id, from.since).await?;
    Ok((StatusCode::ACCEPTED, JsonAnswer(Replayed { deliveries })))
}

async fn deliveries(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<String>,
    Query(page): Query<Page>,
) -> Result<JsonAnswer<DeliveryPage>, ApiError> {
    staff.require(Role::Admin)?;
    let log = endpoints::log(&app, &staff.tenant, &id, &page).await?;
    Ok(JsonAnswer(log))
}

async fn delivery(
    State(app): State<App>,
    staff: Staff,
    Path((id, delivery)): Path<(String, String)>,
) -> Result<JsonAnswer<DeliveryDetail>, ApiError> {
    staff.require(Role::Admin)?;
    let detail = endpoints::delivery(&app, &staff.tenant, &id, &delivery).await?;
    Ok(JsonAnswer(detail))
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
