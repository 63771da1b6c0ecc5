//! The webhook inbox, for admins: bodies carry what was said.

use api::inbox::{
    AlertList, DeliveryDetail, DeliveryFilter, DeliveryPage, ImportList, Replay, Replayed,
    StartImport,
};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json as JsonAnswer, Router};

use crate::calls::import;
use crate::http::address::{Path, Query};
use crate::http::inbox;
use crate::http::json::Json;
use crate::http::paging::Page;
use crate::http::problem::{ApiError, body_invalid};
use crate::http::staff::Staff;
use crate::staff::Role;
use crate::state::App;
use crate::store::Tenant;

/// How many runs are shown.
const IMPORTS: u32 = 20;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/api/desk/deliveries", get(page))
        .route("/api/desk/deliveries/replay", post(replay))
        .route("/api/desk/deliveries/{id}", get(one))
        .route("/api/desk/alerts", get(alerts))
        .route("/api/desk/alerts/{id}/dismiss", post(dismiss))
        .route("/api/desk/imports", get(imports).post(start_import))
}

/// Where Retell has to post a tenant's webhooks: the address that takes nobody
/// else's.
pub(super) fn webhook_url(app: &App, tenant: &Tenant) -> String {
    app.config
        .url_of(&format!("/api/webhooks/retell/{}", tenant.id()))
}

async fn page(
    State(app): State<App>,
    staff: Staff,
    Query(page): Query<Page>,
    Query(filter): Query<DeliveryFilter>,
) -> Result<JsonAnswer<DeliveryPage>, ApiError> {
    staff.require(Role::Admin)?;
    let page = inbox::page(&app, &staff.tenant, &page, &filter).await?;
    Ok(JsonAnswer(page))
}

async fn one(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<JsonAnswer<DeliveryDetail>, ApiError> {
    staff.require(Role::Admin)?;
    Ok(JsonAnswer(inbox::one(&app, &staff.tenant, &id).await?))
}

async fn replay(
    State(app): State<App>,
    staff: Staff,
    Json(replay): Json<Replay>,
) -> Result<JsonAnswer<Replayed>, ApiError> {
    staff.require(Role::Admin)?;
    let replayed = inbox::replay(&app, &staff.tenant, replay, &staff.author()).await?;
    Ok(JsonAnswer(replayed))
}

async fn alerts(State(app): State<App>, staff: Staff) -> Result<JsonAnswer<AlertList>, ApiError> {
    staff.require(Role::Supervisor)?;
    let items = app.store.open_alerts(&staff.tenant).await?;
    Ok(JsonAnswer(AlertList { items }))
}

async fn dismiss(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    staff.require(Role::Supervisor)?;
    let (author, now) = (staff.author(), app.clock.now_ms());
    let dismissed = app
        .store
        .dismiss_alert(&staff.tenant, &id, &author, now)
        .await?;
    if dismissed {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ApiError::not_found())
    }
}

async fn imports(State(app): State<App>, staff: Staff) -> Result<JsonAnswer<ImportList>, ApiError> {
    staff.require(Role::Admin)?;
    Ok(JsonAnswer(import_list(&app, &staff.tenant).await?))
}

async fn import_list(app: &App, tenant: &Tenant) -> Result<ImportList, ApiError> {
    Ok(ImportList {
        items: app.store.imports(tenant, IMPORTS).await?,
        webhook_url: webhook_url(app, tenant),
    })
}

async fn start_import(
    State(app): State<App>,
    staff: Staff,
    Json(start): Json<StartImport>,
) -> Result<(StatusCode, JsonAnswer<ImportList>), ApiError> {
    staff.require(Role::Admin)?;
    if let (Some(from), Some(to)) = (start.from, start.to)
        && from >= to
    {
        return Err(body_invalid("The time has to begin before it ends."));
    }
    let name = Some(staff.user.name.clone());
    let range = (start.from, start.to);
    import::begin(&app, &staff.tenant, "desk", name, range).await?;
    let list = import_list(&app, &staff.tenant).await?;
    Ok((StatusCode::ACCEPTED, JsonAnswer(list)))
}
