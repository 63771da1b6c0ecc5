//! Outgoing webhooks, for admins.

use api::hooks::{
    DeliveryDetail, DeliveryPage, Endpoint, EndpointList, EndpointSecret, ReplayFailed, Replayed,
    SaveEndpoint, TestSent,
};
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json as JsonAnswer, Router};

use crate::notify::{self, Context, http as endpoints, wire};
use crate::people::http::staff::Staff;
use crate::people::{self, Role};
use crate::web::Shared;
use crate::web::address::{Path, Query};
use crate::web::json::Json;
use crate::web::paging::Page;
use crate::web::problem::ApiError;

pub(crate) fn routes<S: Shared>() -> Router<S>
where
    Context: FromRef<S>,
    people::Context: FromRef<S>,
{
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

async fn list(
    State(cx): State<Context>,
    staff: Staff,
) -> Result<JsonAnswer<EndpointList>, ApiError> {
    staff.require(Role::Admin)?;
    Ok(JsonAnswer(endpoints::list(&cx, &staff.tenant).await?))
}

async fn show(
    State(cx): State<Context>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<JsonAnswer<Endpoint>, ApiError> {
    staff.require(Role::Admin)?;
    Ok(JsonAnswer(endpoints::one(&cx, &staff.tenant, &id).await?))
}

async fn create(
    State(cx): State<Context>,
    staff: Staff,
    Json(save): Json<SaveEndpoint>,
) -> Result<(StatusCode, JsonAnswer<EndpointSecret>), ApiError> {
    staff.require(Role::Admin)?;
    let created = endpoints::create(&cx, &staff.tenant, &staff.author(), save).await?;
    Ok((StatusCode::CREATED, JsonAnswer(created)))
}

async fn change(
    State(cx): State<Context>,
    staff: Staff,
    Path(id): Path<String>,
    Json(save): Json<SaveEndpoint>,
) -> Result<JsonAnswer<Endpoint>, ApiError> {
    staff.require(Role::Admin)?;
    let changed = endpoints::change(&cx, &staff.tenant, &staff.author(), &id, save).await?;
    Ok(JsonAnswer(changed))
}

async fn remove(
    State(cx): State<Context>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    staff.require(Role::Admin)?;
    endpoints::remove(&cx, &staff.tenant, &staff.author(), &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn rotate(
    State(cx): State<Context>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<JsonAnswer<EndpointSecret>, ApiError> {
    staff.require(Role::Admin)?;
    let rotated = endpoints::rotate(&cx, &staff.tenant, &staff.author(), &id).await?;
    Ok(JsonAnswer(rotated))
}

async fn switch_on(
    State(cx): State<Context>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<JsonAnswer<Endpoint>, ApiError> {
    staff.require(Role::Admin)?;
    let endpoint = notify::switch_on(&cx, &staff.tenant, &staff.author(), &id).await?;
    Ok(JsonAnswer(wire::endpoint(endpoint)))
}

async fn switch_off(
    State(cx): State<Context>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<JsonAnswer<Endpoint>, ApiError> {
    staff.require(Role::Admin)?;
    let endpoint = notify::switch_off(&cx, &staff.tenant, &staff.author(), &id).await?;
    Ok(JsonAnswer(wire::endpoint(endpoint)))
}

async fn test(
    State(cx): State<Context>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<(StatusCode, JsonAnswer<TestSent>), ApiError> {
    staff.require(Role::Admin)?;
    let delivery_id = notify::send_test(&cx, &staff.tenant, &staff.author(), &id).await?;
    Ok((StatusCode::ACCEPTED, JsonAnswer(TestSent { delivery_id })))
}

async fn replay_failed(
    State(cx): State<Context>,
    staff: Staff,
    Path(id): Path<String>,
    Json(from): Json<ReplayFailed>,
) -> Result<(StatusCode, JsonAnswer<Replayed>), ApiError> {
    staff.require(Role::Admin)?;
    let author = staff.author();
    let deliveries = endpoints::replay_failed(cx, staff.tenant, author, id, from.since).await?;
    Ok((StatusCode::ACCEPTED, JsonAnswer(Replayed { deliveries })))
}

async fn deliveries(
    State(cx): State<Context>,
    staff: Staff,
    Path(id): Path<String>,
    Query(page): Query<Page>,
) -> Result<JsonAnswer<DeliveryPage>, ApiError> {
    staff.require(Role::Admin)?;
    let log = endpoints::log(&cx, &staff.tenant, &id, &page).await?;
    Ok(JsonAnswer(log))
}

async fn delivery(
    State(cx): State<Context>,
    staff: Staff,
    Path((id, delivery)): Path<(String, String)>,
) -> Result<JsonAnswer<DeliveryDetail>, ApiError> {
    staff.require(Role::Admin)?;
    let detail = endpoints::delivery(&cx, &staff.tenant, &id, &delivery).await?;
    Ok(JsonAnswer(detail))
}

async fn replay(
    State(cx): State<Context>,
    staff: Staff,
    Path((id, delivery)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    staff.require(Role::Admin)?;
    notify::replay(&cx, &staff.tenant, &staff.author(), &id, &delivery).await?;
    Ok(StatusCode::ACCEPTED)
}
