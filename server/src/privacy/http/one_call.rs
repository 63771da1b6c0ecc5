//! Deleting one call, or what was said in it, for supervisors and programs.

use api::keys::ApiScope;
use api::problem::{Problem, slug};
use axum::Router;
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::routing;
use utoipa_axum::router::OpenApiRouter;

use crate::accounts;
use crate::people::http::Actor;
use crate::people::{self, Role};
use crate::privacy::one_call::{self, Extent, OneCallError};
use crate::web::address::Path;
use crate::web::problem::ApiError;
use crate::web::{Routes, Shared, boxed, routes};

pub(super) fn routes<S: Shared>() -> Routes<S>
where
    accounts::Context: FromRef<S>,
    people::Context: FromRef<S>,
{
    let desk = Router::new()
        .route("/api/desk/calls/{id}", routing::delete(boxed(delete)))
        .route("/api/desk/calls/{id}/redact", routing::post(boxed(redact)));
    let v1 = OpenApiRouter::new()
        .routes(routes!(delete))
        .routes(routes!(redact));
    Routes::new().desk(desk).v1(v1)
}

/// Deletes a call
///
/// With everything there is about it, here and at Retell, for good. One that goes on is 409
/// `call-not-over`. Where Retell does not delete it, nothing is deleted. Scope `calls:write`.
#[utoipa::path(delete, path = "/api/v1/calls/{id}", tag = "calls",
    params(("id" = String, Path, description = "Retell's call id")),
    responses((status = 204), (status = "default", body = Problem)))]
async fn delete(
    State(cx): State<accounts::Context>,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    deleted(&cx, &actor, &id, Extent::All).await
}

/// Deletes what was said in a call
///
/// Its transcript, its recording and what was made of them in words, here; at Retell, which
/// deletes nothing less, the call. Its figures stay, and what the business's people wrote down.
/// One that goes on is 409 `call-not-over`. Scope `calls:write`.
#[utoipa::path(post, path = "/api/v1/calls/{id}/redact", tag = "calls",
    params(("id" = String, Path, description = "Retell's call id")),
    responses((status = 204), (status = "default", body = Problem)))]
async fn redact(
    State(cx): State<accounts::Context>,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    deleted(&cx, &actor, &id, Extent::Words).await
}

async fn deleted(
    cx: &accounts::Context,
    actor: &Actor,
    id: &str,
    extent: Extent,
) -> Result<StatusCode, ApiError> {
    actor.require(Role::Supervisor, ApiScope::CallsWrite)?;
    one_call::delete(cx, &actor.tenant, id, extent, &actor.author).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<OneCallError> for ApiError {
    fn from(error: OneCallError) -> Self {
        match error {
            OneCallError::Unknown => Self::call_unknown(),
            OneCallError::NotOver => Self::new(
                StatusCode::CONFLICT,
                slug::CALL_NOT_OVER,
                "The call goes on.",
            ),
            OneCallError::Account(error) => error.into(),
            OneCallError::Retell(error) => error.into(),
            OneCallError::Store(error) => error.into(),
        }
    }
}
