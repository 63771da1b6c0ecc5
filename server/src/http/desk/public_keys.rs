//! The business's public keys, for admins.

use api::keys::{PublicKeyList, PublicKeySettings, PublicKeyView, Rotate};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
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
        .route("/api/desk/public-keys", get(list).post(create))
        .route(
            "/api/desk/public-keys/{id}",
            get(one).put(change).delete(remove),
        )
        .route("/api/desk/public-keys/{id}/rotate", post(rotate))
}

async fn list(State(app): State<App>, staff: Staff) -> Result<JsonAnswer<PublicKeyList>, ApiError> {
    staff.require(Role::Admin)?;
    let items = admin::public_keys(&app, &staff.tenant).await?;
    Ok(JsonAnswer(PublicKeyList { items }))
}

async fn one(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<JsonAnswer<PublicKeyView>, ApiError> {
    staff.require(Role::Admin)?;
    Ok(JsonAnswer(
        admin::public_key(&app, &staff.tenant, &id).await?,
    ))
}

async fn create(
    State(app): State<App>,
    staff: Staff,
    Json(settings): Json<PublicKeySettings>,
) -> Result<(StatusCode, JsonAnswer<PublicKeyView>), ApiError> {
    staff.require(Role::Admin)?;
    let key = admin::create_public_key(&app, &staff.tenant, settings, &staff.author()).await?;
    Ok((StatusCode::CREATED, JsonAnswer(key)))
}

async fn change(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<String>,
    Json(settings): Json<PublicKeySettings>,
) -> Result<JsonAnswer<PublicKeyView>, ApiError> {
    staff.require(Role::Admin)?;
    let author = staff.author();
    let key = admin::change_public_key(&app, &staff.tenant, &id, settings, &author).await?;
    Ok(JsonAnswer(key))
}

async fn rotate(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<String>,
    Json(rotate): Json<Rotate>,
) -> Result<(StatusCode, JsonAnswer<PublicKeyView>), ApiError> {
    staff.require(Role::Admin)?;
    let author = staff.author();
    let key = admin::rotate_public_key(&app, &staff.tenant, &id, rotate, &author).await?;
    Ok((StatusCode::CREATED, JsonAnswer(key)))
}

async fn remove(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    staff.require(Role::Admin)?;
    admin::delete_public_key(&app, &staff.tenant, &id, &staff.author()).await?;
    Ok(StatusCode::NO_CONTENT)
}
