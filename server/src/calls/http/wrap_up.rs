//! What people say of calls, for everybody at the desk and for programs.

use api::keys::ApiScope;
use api::problem::{Problem, slug};
use api::wrap_up::{Dispositions, KeptWrapUp, WrapUp};
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json as JsonAnswer, Router};
use utoipa_axum::router::OpenApiRouter;

use crate::calls::Context;
use crate::calls::wrap_up::{WrapUpError, checked_dispositions, wrap_up};
use crate::people::http::Actor;
use crate::people::{self, Role};
use crate::web::address::{Path, Query};
use crate::web::json::Json;
use crate::web::problem::ApiError;
use crate::web::revised::Revised;
use crate::web::{Routes, Shared, boxed, routes};

pub(super) fn routes<S: Shared>() -> Routes<S>
where
    Context: FromRef<S>,
    people::Context: FromRef<S>,
{
    let desk = Router::new()
        .route(
            "/api/desk/calls/{id}/wrap-up",
            get(boxed(said)).put(boxed(say)),
        )
        .route(
            "/api/desk/dispositions",
            get(boxed(dispositions)).put(boxed(set_dispositions)),
        );
    let v1 = OpenApiRouter::new()
        .routes(routes!(said, say))
        .routes(routes!(dispositions, set_dispositions));
    Routes::new().desk(desk).v1(v1)
}

/// Gets what was said of a call
///
/// How it came out, its tags, and the last note. Scope `calls:read`.
#[utoipa::path(get, path = "/api/v1/calls/{id}/wrap-up", tag = "calls",
    params(("id" = String, Path, description = "Retell's call id")),
    responses((status = 200, body = KeptWrapUp), (status = "default", body = Problem)))]
async fn said(
    State(cx): State<Context>,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<JsonAnswer<KeptWrapUp>, ApiError> {
    actor.require(Role::Agent, ApiScope::CallsRead)?;
    let kept = cx.store.wrap_ups().of(&actor.tenant, &id).await?;
    Ok(JsonAnswer(kept.ok_or_else(ApiError::call_unknown)?))
}

/// Says how a call came out
///
/// With tags. What is left out is taken away, but for notes: a `note` is added, unless it is the
/// last one already. Scope `calls:write`.
#[utoipa::path(put, path = "/api/v1/calls/{id}/wrap-up", tag = "calls",
    params(("id" = String, Path, description = "Retell's call id"), Revised),
    request_body = WrapUp,
    responses((status = 200, body = KeptWrapUp), (status = "default", body = Problem)))]
async fn say(
    State(cx): State<Context>,
    actor: Actor,
    Path(id): Path<String>,
    Query(read): Query<Revised>,
    Json(said): Json<WrapUp>,
) -> Result<JsonAnswer<KeptWrapUp>, ApiError> {
    actor.require(Role::Agent, ApiScope::CallsWrite)?;
    let (tenant, author) = (&actor.tenant, &actor.author);
    let kept = wrap_up(&cx, tenant, &id, said, read.revision, author).await?;
    Ok(JsonAnswer(kept))
}

/// Lists how calls can come out
///
/// In the order they are offered. Scope `calls:read`.
#[utoipa::path(get, path = "/api/v1/dispositions", tag = "calls",
    responses((status = 200, body = Dispositions), (status = "default", body = Problem)))]
async fn dispositions(
    State(cx): State<Context>,
    actor: Actor,
) -> Result<JsonAnswer<Dispositions>, ApiError> {
    actor.require(Role::Agent, ApiScope::CallsRead)?;
    let said = cx.store.wrap_ups().dispositions(&actor.tenant).await?;
    Ok(JsonAnswer(said))
}

/// Says how calls can come out
///
/// Calls keep what they were given. Scope `tenant:write`.
#[utoipa::path(put, path = "/api/v1/dispositions", tag = "calls", params(Revised),
    request_body = Dispositions,
    responses((status = 200, body = Dispositions), (status = "default", body = Problem)))]
async fn set_dispositions(
    State(cx): State<Context>,
    actor: Actor,
    Query(read): Query<Revised>,
    Json(said): Json<Dispositions>,
) -> Result<JsonAnswer<Dispositions>, ApiError> {
    actor.require(Role::Admin, ApiScope::TenantWrite)?;
    let said = checked_dispositions(said)?;
    let (tenant, now) = (&actor.tenant, cx.clock.now_ms());
    let wrap_ups = cx.store.wrap_ups();
    let revision = wrap_ups
        .set_dispositions(tenant, &said, read.revision, &actor.author, now)
        .await?;
    Ok(JsonAnswer(Dispositions { revision, ..said }))
}

impl From<WrapUpError> for ApiError {
    fn from(error: WrapUpError) -> Self {
        let refused = |slug, title| Self::new(StatusCode::UNPROCESSABLE_ENTITY, slug, title);
        let sentence = error.to_string();
        match error {
            WrapUpError::Unknown => Self::call_unknown(),
            WrapUpError::Missing => {
                let title = "It is not said how the call came out.";
                refused(slug::DISPOSITION_MISSING, title).detail(sentence)
            }
            WrapUpError::NoSuch(_) => {
                let title = "No call comes out like this.";
                refused(slug::DISPOSITION_UNKNOWN, title).detail(sentence)
            }
            WrapUpError::Invalid(invalid) => invalid.into(),
            WrapUpError::Store(error) => error.into(),
        }
    }
}
