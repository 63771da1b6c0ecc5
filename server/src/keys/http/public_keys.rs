//! The business's public keys, for admins.

use api::keys::{PublicKeyList, PublicKeySettings, PublicKeyView, Rotate};
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json as JsonAnswer, Router};

use crate::ground::Ground;
use crate::keys::admin;
use crate::people::http::staff::Staff;
use crate::people::{self, Role};
use crate::web::Shared;
use crate::web::address::Path;
use crate::web::json::Json;
use crate::web::problem::ApiError;

pub(crate) fn routes<S: Shared>() -> Router<S>
where
    Ground: FromRef<S>,
    people::Context: FromRef<S>,
{
    Router::new()
        .route("/api/desk/public-keys", get(list).post(create))
        .route(
            "/api/desk/public-keys/{id}",
            get(one).put(change).delete(remove),
        )
        .route("/api/desk/public-keys/{id}/rotate", post(rotate))
}

async fn list(
    State(cx): State<Ground>,
    staff: Staff,
) -> Result<JsonAnswer<PublicKeyList>, ApiError> {
    staff.require(Role::Admin)?;
    let items = admin::public_keys(&cx, &staff.tenant).await?;
    Ok(JsonAnswer(PublicKeyList { items }))
}

async fn one(
    State(cx): State<Ground>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<JsonAnswer<PublicKeyView>, ApiError> {
    staff.require(Role::Admin)?;
    Ok(JsonAnswer(
        admin::public_key(&cx, &staff.tenant, &id).await?,
    ))
}

async fn create(
    State(cx): State<Ground>,
    staff: Staff,
    Json(settings): Json<PublicKeySettings>,
) -> Result<(StatusCode, JsonAnswer<PublicKeyView>), ApiError> {
    staff.require(Role::Admin)?;
    let key = admin::create_public_key(&cx, &staff.tenant, settings, &staff.author()).await?;
    Ok((StatusCode::CREATED, JsonAnswer(key)))
}

async fn change(
    State(cx): State<Ground>,
    staff: Staff,
    Path(id): Path<String>,
    Json(settings): Json<PublicKeySettings>,
) -> Result<JsonAnswer<PublicKeyView>, ApiError> {
    staff.require(Role::Admin)?;
    let author = staff.author();
    let key = admin::change_public_key(&cx, &staff.tenant, &id, settings, &author).await?;
    Ok(JsonAnswer(key))
}

async fn rotate(
    State(cx): State<Ground>,
    staff: Staff,
    Path(id): Path<String>,
    Json(rotate): Json<Rotate>,
) -> Result<(StatusCode, JsonAnswer<PublicKeyView>), ApiError> {
    staff.require(Role::Admin)?;
    let author = staff.author();
    let key = admin::rotate_public_key(&cx, &staff.tenant, &id, rotate, &author).await?;
    Ok((StatusCode::CREATED, JsonAnswer(key)))
}

async fn remove(
    State(cx): State<Ground>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    staff.require(Role::Admin)?;
    admin::delete_public_key(&cx, &staff.tenant, &id, &staff.author()).await?;
    Ok(StatusCode::NO_CONTENT)
}
