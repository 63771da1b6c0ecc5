//! Where calls are transferred to.

use api::keys::ApiScope;
use api::problem::Problem;
use api::routing::{Destination, DestinationDetails, DestinationList};
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::routing::{get, put};
use axum::{Json as JsonAnswer, Router};
use utoipa_axum::router::OpenApiRouter;

use crate::ground::Ground;
use crate::invalid::Invalid;
use crate::people::http::Actor;
use crate::people::{self, Role};
use crate::routing::destinations::checked;
use crate::web::address::{Path, Query};
use crate::web::json::Json;
use crate::web::problem::ApiError;
use crate::web::revised::Revised;
use crate::web::{Routes, Shared, boxed, routes};

pub(super) fn routes<S: Shared>() -> Routes<S>
where
    Ground: FromRef<S>,
    people::Context: FromRef<S>,
{
    let desk = Router::new()
        .route(
            "/api/desk/transfer-destinations",
            get(boxed(list)).post(boxed(add)),
        )
        .route(
            "/api/desk/transfer-destinations/{id}",
            put(boxed(change)).delete(boxed(remove)),
        );
    let v1 = OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(change, remove));
    Routes::new().desk(desk).v1(v1)
}

/// Lists where calls can be transferred to
///
/// In the order they are tried. Scope `tenant:read`.
#[utoipa::path(get, path = "/api/v1/transfer-destinations", tag = "transfer destinations",
    responses((status = 200, body = DestinationList), (status = "default", body = Problem)))]
async fn list(
    State(cx): State<Ground>,
    actor: Actor,
) -> Result<JsonAnswer<DestinationList>, ApiError> {
    actor.require(Role::Agent, ApiScope::TenantRead)?;
    let items = cx.store.routing_rules().destinations(&actor.tenant).await?;
    Ok(JsonAnswer(DestinationList { items }))
}

/// Adds somebody calls can be transferred to
///
/// Scope `tenant:write`.
#[utoipa::path(post, path = "/api/v1/transfer-destinations", tag = "transfer destinations",
    request_body = DestinationDetails,
    responses((status = 201, body = Destination), (status = "default", body = Problem)))]
async fn add(
    State(cx): State<Ground>,
    actor: Actor,
    Json(details): Json<DestinationDetails>,
) -> Result<(StatusCode, JsonAnswer<Destination>), ApiError> {
    actor.require(Role::Admin, ApiScope::TenantWrite)?;
    let details = of_the_business(&cx, &actor, checked(details)?).await?;
    let now = cx.clock.now_ms();
    let id = cx
        .store
        .lists()
        .add(&actor.tenant, &details, &actor.author, now)
        .await?;
    let added = Destination {
        id,
        details,
        revision: 0,
    };
    Ok((StatusCode::CREATED, JsonAnswer(added)))
}

/// Replaces where calls can be transferred to
///
/// Scope `tenant:write`.
#[utoipa::path(put, path = "/api/v1/transfer-destinations/{id}", tag = "transfer destinations",
    params(("id" = String, Path), Revised), request_body = DestinationDetails,
    responses((status = 200, body = Destination), (status = "default", body = Problem)))]
async fn change(
    State(cx): State<Ground>,
    actor: Actor,
    Path(id): Path<String>,
    Query(read): Query<Revised>,
    Json(details): Json<DestinationDetails>,
) -> Result<JsonAnswer<Destination>, ApiError> {
    actor.require(Role::Admin, ApiScope::TenantWrite)?;
    let details = of_the_business(&cx, &actor, checked(details)?).await?;
    let now = cx.clock.now_ms();
    let (tenant, author) = (&actor.tenant, &actor.author);
    let changed = cx
        .store
        .lists()
        .change(tenant, &id, &details, read.revision, author, now)
        .await?;
    let revision = changed.ok_or_else(unknown)?;
    Ok(JsonAnswer(Destination {
        id,
        details,
        revision,
    }))
}

/// Removes somebody calls can be transferred to
///
/// Scope `tenant:write`.
#[utoipa::path(delete, path = "/api/v1/transfer-destinations/{id}", tag = "transfer destinations",
    params(("id" = String, Path)),
    responses((status = 204), (status = "default", body = Problem)))]
async fn remove(
    State(cx): State<Ground>,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    actor.require(Role::Admin, ApiScope::TenantWrite)?;
    let now = cx.clock.now_ms();
    let removed = cx
        .store
        .lists()
        .remove::<DestinationDetails>(&actor.tenant, &id, &actor.author, now)
        .await?;
    removed
        .then_some(StatusCode::NO_CONTENT)
        .ok_or_else(unknown)
}

/// Whoever answers there works here.
async fn of_the_business(
    cx: &Ground,
    actor: &Actor,
    details: DestinationDetails,
) -> Result<DestinationDetails, ApiError> {
    if let Some(person) = &details.person
        && cx
            .store
            .people()
            .find(&actor.tenant, person)
            .await?
            .is_none()
    {
        return Err(Invalid::of("person", "person: there is nobody of this id.").into());
    }
    Ok(details)
}

fn unknown() -> ApiError {
    ApiError::not_found().detail("There is no such destination.")
}
