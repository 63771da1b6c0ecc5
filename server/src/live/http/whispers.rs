//! What the staff often tell agents, for everybody at the desk and for programs.

use api::attend::Whispers;
use api::keys::ApiScope;
use api::problem::Problem;
use axum::extract::{FromRef, State};
use axum::routing::get;
use axum::{Json as JsonAnswer, Router};
use utoipa_axum::router::OpenApiRouter;

use crate::ground::Ground;
use crate::live::whispers::checked;
use crate::people::http::Actor;
use crate::people::{self, Role};
use crate::web::address::Query;
use crate::web::json::Json;
use crate::web::problem::ApiError;
use crate::web::revised::Revised;
use crate::web::{Routes, Shared, boxed, routes};

pub(super) fn routes<S: Shared>() -> Routes<S>
where
    Ground: FromRef<S>,
    people::Context: FromRef<S>,
{
    let desk = Router::new().route(
        "/api/desk/whispers",
        get(boxed(whispers)).put(boxed(set_whispers)),
    );
    Routes::new()
        .desk(desk)
        .v1(OpenApiRouter::new().routes(routes!(whispers, set_whispers)))
}

/// Lists what the staff often tell agents
///
/// Sentences that are offered where an agent is told something during a call. Scope `tenant:read`.
#[utoipa::path(get, path = "/api/v1/whispers", tag = "calls",
    responses((status = 200, body = Whispers), (status = "default", body = Problem)))]
async fn whispers(
    State(cx): State<Ground>,
    actor: Actor,
) -> Result<JsonAnswer<Whispers>, ApiError> {
    actor.require(Role::Agent, ApiScope::TenantRead)?;
    Ok(JsonAnswer(cx.store.whispers().of(&actor.tenant).await?))
}

/// Says what the staff often tell agents
///
/// Up to 20 sentences, each of up to 300 characters; with none, the desk offers a few of its own.
/// Scope `tenant:write`.
#[utoipa::path(put, path = "/api/v1/whispers", tag = "calls", params(Revised),
    request_body = Whispers,
    responses((status = 200, body = Whispers), (status = "default", body = Problem)))]
async fn set_whispers(
    State(cx): State<Ground>,
    actor: Actor,
    Query(read): Query<Revised>,
    Json(said): Json<Whispers>,
) -> Result<JsonAnswer<Whispers>, ApiError> {
    actor.require(Role::Admin, ApiScope::TenantWrite)?;
    let items = checked(&said)?;
    let (whispers, now) = (cx.store.whispers(), cx.clock.now_ms());
    let revision = whispers
        .set(&actor.tenant, &items, read.revision, &actor.author, now)
        .await?;
    Ok(JsonAnswer(Whispers { items, revision }))
}
