//! The webhook inbox, for admins: bodies carry what was said.

use api::inbox::{AlertList, DeliveryDetail, DeliveryFilter, DeliveryPage, Replay, Replayed};
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json as JsonAnswer, Router};

use crate::inbox::{Context, http as inbox};
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
    Router::new()
        .route("/api/desk/deliveries", get(page))
        .route("/api/desk/deliveries/replay", post(replay))
        .route("/api/desk/deliveries/{id}", get(one))
        .route("/api/desk/alerts", get(alerts))
        .route("/api/desk/alerts/{id}/dismiss", post(dismiss))
}

async fn page(
    State(cx): State<Context>,
    staff: Staff,
    Query(page): Query<Page>,
    Query(filter): Query<DeliveryFilter>,
) -> Result<JsonAnswer<DeliveryPage>, ApiError> {
    staff.require(Role::Admin)?;
    let page = inbox::page(&cx, &staff.tenant, &page, &filter).await?;
    Ok(JsonAnswer(page))
}

async fn one(
    State(cx): State<Context>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<JsonAnswer<DeliveryDetail>, ApiError> {
    staff.require(Role::Admin)?;
    Ok(JsonAnswer(inbox::one(&cx, &staff.tenant, &id).await?))
}

async fn replay(
    State(cx): State<Context>,
    staff: Staff,
    Json(replay): Json<Replay>,
) -> Result<JsonAnswer<Replayed>, ApiError> {
    staff.require(Role::Admin)?;
    let replayed = inbox::replay(&cx, &staff.tenant, replay, &staff.author()).await?;
    Ok(JsonAnswer(replayed))
}

async fn alerts(
    State(cx): State<Context>,
    staff: Staff,
) -> Result<JsonAnswer<AlertList>, ApiError> {
    staff.require(Role::Supervisor)?;
    let items = cx.store.open_alerts(&staff.tenant).await?;
    Ok(JsonAnswer(AlertList { items }))
}

async fn dismiss(
    State(cx): State<Context>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    staff.require(Role::Supervisor)?;
    let (author, now) = (staff.author(), cx.clock.now_ms());
    let dismissed = cx
        .store
        .dismiss_alert(&staff.tenant, &id, &author, now)
        .await?;
    if dismissed {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ApiError::not_found())
    }
}
