//! The business's secret API keys, for admins.

use api::keys::{ApiKeyList, CreatedApiKey, NewApiKey, Rotate};
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::routing::{delete, get, post};
use axum::{Json as JsonAnswer, Router};

use crate::ground::Ground;
use crate::keys::admin;
use crate::people::http::staff::Staff;
use crate::people::{self, Role};
use crate::web::address::Path;
use crate::web::json::Json;
use crate::web::problem::ApiError;
use crate::web::{Shared, boxed};

pub(crate) fn routes<S: Shared>() -> Router<S>
where
    Ground: FromRef<S>,
    people::Context: FromRef<S>,
{
    Router::new()
        .route("/api/desk/api-keys", get(boxed(list)).post(boxed(create)))
        .route("/api/desk/api-keys/{id}", delete(boxed(revoke)))
        .route("/api/desk/api-keys/{id}/rotate", post(boxed(rotate)))
}

async fn list(State(cx): State<Ground>, staff: Staff) -> Result<JsonAnswer<ApiKeyList>, ApiError> {
    staff.require(Role::Admin)?;
    let keys = cx.store.api_keys().list(&staff.tenant).await?;
    let items = keys.into_iter().map(admin::api_key_view).collect();
    Ok(JsonAnswer(ApiKeyList { items }))
}

async fn create(
    State(cx): State<Ground>,
    staff: Staff,
    Json(new): Json<NewApiKey>,
) -> Result<(StatusCode, JsonAnswer<CreatedApiKey>), ApiError> {
    staff.require(Role::Admin)?;
    let key = admin::create_api_key(&cx, &staff.tenant, new, &staff.author()).await?;
    Ok((StatusCode::CREATED, JsonAnswer(key)))
}

async fn rotate(
    State(cx): State<Ground>,
    staff: Staff,
    Path(id): Path<String>,
    Json(rotate): Json<Rotate>,
) -> Result<(StatusCode, JsonAnswer<CreatedApiKey>), ApiError> {
    staff.require(Role::Admin)?;
    let author = staff.author();
    let key = admin::rotate_api_key(&cx, &staff.tenant, &id, rotate, &author).await?;
    Ok((StatusCode::CREATED, JsonAnswer(key)))
}

async fn revoke(
    State(cx): State<Ground>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    staff.require(Role::Admin)?;
    admin::revoke_api_key(&cx, &staff.tenant, &id, &staff.author()).await?;
    Ok(StatusCode::NO_CONTENT)
}
