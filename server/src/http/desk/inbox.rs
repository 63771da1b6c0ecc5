//! The webhook inbox, for admins: bodies carry what was said.

use api::inbox::{
    AlertList, DeliveryDetail, DeliveryFilter, DeliveryPage, ImportList, Replay, Replayed,
    StartImport,
};
use api::problem::slug;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json as JsonAnswer, Router};
use serde::Deserialize;

use crate::calls::import;
use crate::http::address::{Path, Query};
use crate::http::json::Json;
use crate::http::problem::{ApiError, body_invalid};
use crate::http::staff::Staff;
use crate::staff::Role;
use crate::state::App;
use crate::store::{DeliveryScope, Tenant};

/// How many deliveries a page has.
const PAGE: u32 = 50;
/// How many deliveries may be named at once.
const REPLAY_IDS_MAX: usize = 500;
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

#[derive(Deserialize)]
struct List {
    cursor: Option<String>,
    #[serde(flatten)]
    filter: DeliveryFilter,
}

async fn page(
    State(app): State<App>,
    staff: Staff,
    Query(list): Query<List>,
) -> Result<JsonAnswer<DeliveryPage>, ApiError> {
    staff.require(Role::Admin)?;
    let scope = DeliveryScope::Of(&staff.tenant);
    // One more than shown tells whether there is a next page.
    let mut rows = app
        .store
        .delivery_page(scope, &list.filter, list.cursor.as_deref(), PAGE + 1)
        .await?;
    let is_last = rows.len() <= PAGE as usize;
    rows.truncate(PAGE as usize);
    let next_cursor = rows
        .last()
        .filter(|_| !is_last)
        .map(|row| row.summary.id.clone());
    Ok(JsonAnswer(DeliveryPage {
        items: rows.into_iter().map(|row| row.summary).collect(),
        next_cursor,
    }))
}

async fn one(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<JsonAnswer<DeliveryDetail>, ApiError> {
    staff.require(Role::Admin)?;
    let scope = DeliveryScope::Of(&staff.tenant);
    let delivery = app.store.delivery(scope, &id).await?;
    Ok(JsonAnswer(delivery.ok_or_else(ApiError::not_found)?))
}

async fn replay(
    State(app): State<App>,
    staff: Staff,
    Json(replay): Json<Replay>,
) -> Result<JsonAnswer<Replayed>, ApiError> {
    staff.require(Role::Admin)?;
    let (scope, author) = (DeliveryScope::Of(&staff.tenant), staff.author());
    let now = app.clock.now_ms();
    let count = match (replay.ids, replay.filter) {
        (Some(ids), None) if (1..=REPLAY_IDS_MAX).contains(&ids.len()) => {
            let store = &app.store;
            store.replay_deliveries(scope, &ids, &author, now).await?
        }
        (None, Some(filter)) => {
            let store = &app.store;
            store.replay_matching(scope, &filter, &author, now).await?
        }
        _ => return Err(body_invalid("Name 1 to 500 deliveries, or a filter.")),
    };
    if count == 0 {
        return Err(ApiError::new(
            StatusCode::CONFLICT,
            slug::NOTHING_TO_REPLAY,
            "None of these deliveries can be worked on again.",
        )
        .detail("What was refused is never acted on, and a question is answered only once."));
    }
    Ok(JsonAnswer(Replayed { count }))
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
