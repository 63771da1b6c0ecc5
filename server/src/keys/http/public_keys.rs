//! Public keys, for admins and for programs.

use api::keys::{ApiScope, PublicKeyList, PublicKeySettings, PublicKeyView, Rotate};
use api::problem::Problem;
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json as JsonAnswer, Router};
use utoipa_axum::router::OpenApiRouter;

use crate::ground::Ground;
use crate::keys::{Context, admin};
use crate::people::http::Actor;
use crate::people::{self, Role};
use crate::web::address::{Path, Query};
use crate::web::json::Json;
use crate::web::problem::ApiError;
use crate::web::revised::Revised;
use crate::web::{Routes, Shared, boxed, routes};

pub(super) fn routes<S: Shared>() -> Routes<S>
where
    Ground: FromRef<S>,
    Context: FromRef<S>,
    people::Context: FromRef<S>,
{
    let desk = Router::new()
        .route(
            "/api/desk/public-keys",
            get(boxed(list)).post(boxed(create)),
        )
        .route(
            "/api/desk/public-keys/{id}",
            get(boxed(one)).put(boxed(change)).delete(boxed(remove)),
        )
        .route("/api/desk/public-keys/{id}/rotate", post(boxed(rotate)));
    let v1 = OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(one, change, remove))
        .routes(routes!(rotate));
    Routes::new().desk(desk).v1(v1)
}

/// Lists public keys
///
/// Scope `keys:read`.
#[utoipa::path(get, path = "/api/v1/keys", tag = "keys",
    responses((status = 200, body = PublicKeyList), (status = "default", body = Problem)))]
async fn list(
    State(cx): State<Context>,
    actor: Actor,
) -> Result<JsonAnswer<PublicKeyList>, ApiError> {
    actor.require(Role::Admin, ApiScope::KeysRead)?;
    let items = admin::public_keys(&cx, &actor.tenant).await?;
    Ok(JsonAnswer(PublicKeyList { items }))
}

/// Makes a public key
///
/// Scope `keys:write`.
#[utoipa::path(post, path = "/api/v1/keys", tag = "keys", request_body = PublicKeySettings,
    responses((status = 201, body = PublicKeyView), (status = "default", body = Problem)))]
async fn create(
    State(cx): State<Ground>,
    actor: Actor,
    Json(settings): Json<PublicKeySettings>,
) -> Result<(StatusCode, JsonAnswer<PublicKeyView>), ApiError> {
    actor.require(Role::Admin, ApiScope::KeysWrite)?;
    let key = admin::create_public_key(&cx, &actor.tenant, settings, &actor.author).await?;
    Ok((StatusCode::CREATED, JsonAnswer(key)))
}

/// Gets a public key
///
/// Scope `keys:read`.
#[utoipa::path(get, path = "/api/v1/keys/{id}", tag = "keys", params(("id" = String, Path)),
    responses((status = 200, body = PublicKeyView), (status = "default", body = Problem)))]
async fn one(
    State(cx): State<Context>,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<JsonAnswer<PublicKeyView>, ApiError> {
    actor.require(Role::Admin, ApiScope::KeysRead)?;
    let key = admin::public_key(&cx, &actor.tenant, &id).await?;
    Ok(JsonAnswer(key))
}

/// Replaces what a public key allows
///
/// Scope `keys:write`.
#[utoipa::path(put, path = "/api/v1/keys/{id}", tag = "keys",
    params(("id" = String, Path), Revised), request_body = PublicKeySettings,
    responses((status = 200, body = PublicKeyView), (status = "default", body = Problem)))]
async fn change(
    State(cx): State<Context>,
    actor: Actor,
    Path(id): Path<String>,
    Query(read): Query<Revised>,
    Json(settings): Json<PublicKeySettings>,
) -> Result<JsonAnswer<PublicKeyView>, ApiError> {
    actor.require(Role::Admin, ApiScope::KeysWrite)?;
    let (tenant, author) = (&actor.tenant, &actor.author);
    let key = admin::change_public_key(&cx, tenant, &id, settings, read.revision, author).await?;
    Ok(JsonAnswer(key))
}

/// Deletes a public key
///
/// Its calls stay. Scope `keys:write`.
#[utoipa::path(delete, path = "/api/v1/keys/{id}", tag = "keys", params(("id" = String, Path)),
    responses((status = 204), (status = "default", body = Problem)))]
async fn remove(
    State(cx): State<Ground>,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    actor.require(Role::Admin, ApiScope::KeysWrite)?;
    admin::delete_public_key(&cx, &actor.tenant, &id, &actor.author).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Replaces a public key by a new one
///
/// With the same settings. The old one works on until the chosen time. Scope
/// `keys:write`.
#[utoipa::path(post, path = "/api/v1/keys/{id}/rotate", tag = "keys",
    params(("id" = String, Path)), request_body = Rotate,
    responses((status = 201, body = PublicKeyView), (status = "default", body = Problem)))]
async fn rotate(
    State(cx): State<Ground>,
    actor: Actor,
    Path(id): Path<String>,
    Json(rotate): Json<Rotate>,
) -> Result<(StatusCode, JsonAnswer<PublicKeyView>), ApiError> {
    actor.require(Role::Admin, ApiScope::KeysWrite)?;
    let key = admin::rotate_public_key(&cx, &actor.tenant, &id, rotate, &actor.author).await?;
    Ok((StatusCode::CREATED, JsonAnswer(key)))
}
