//! The business's secret API keys, for admins.

use api::keys::{ApiKeyList, CreatedApiKey, NewApiKey, Rotate};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{delete, get, post};
use axum::{Json as JsonAnswer, Router};

use crate::http::address::Path;
use crate::http::json::Json;
use crate::http::problem::ApiError;
use crate::http::staff::Staff;
use crate::keys::admin;
use crate::staff::Role;
use crate::state::App;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/api/desk/api-keys", get(list).post(create))
        .route("/api/desk/api-keys/{id}", delete(revoke))
        .route("/api/desk/api-keys/{id}/rotate", post(rotate))
}

async fn list(State(app): State<App>, staff: Staff) -> Result<JsonAnswer<ApiKeyList>, ApiError> {
    staff.require(Role::Admin)?;
    let keys = app.store.api_keys(&staff.tenant).await?;
    let items = keys.into_iter().map(admin::api_key_view).collect();
    Ok(JsonAnswer(ApiKeyList { items }))
}

async fn create(
    State(app): State<App>,
    staff: Staff,
    Json(new): Json<NewApiKey>,
) -> Result<(StatusCode, JsonAnswer<CreatedApiKey>), ApiError> {
    staff.require(Role::Admin)?;
    let key = admin::create_api_key(&app, &staff.tenant, new, &staff.author()).await?;
    Ok((StatusCode::CREATED, JsonAnswer(key)))
}

async fn rotate(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<String>,
    Json(rotate): Json<Rotate>,
) -> Result<(StatusCode, JsonAnswer<CreatedApiKey>), ApiError> {
    staff.require(Role::Admin)?;
    let author = staff.author();
    let key = admin::rotate_api_key(&app, &staff.tenant, &id, rotate, &author).await?;
    Ok((StatusCode::CREATED, JsonAnswer(key)))
}

async fn revoke(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    staff.require(Role::Admin)?;
    admin::revoke_api_key(&app, &staff.tenant, &id, &staff.author()).await?;
    Ok(StatusCode::NO_CONTENT)
}
