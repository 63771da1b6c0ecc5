//! The functions a business defines itself, for admins and for programs.

use api::functions::{
    FunctionOutcome, OwnFunction, OwnFunctionList, OwnFunctionSecret, OwnFunctionTried,
    SaveOwnFunction, TryOwnFunction,
};
use api::keys::ApiScope;
use api::problem::Problem;
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json as JsonAnswer, Router};
use serde_json::json;
use spoken::Language;
use tokio::time::Instant;
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use crate::functions::answer::No;
use crate::functions::invoke::DEADLINE;

use crate::functions::own::{self, OwnError, Scope};
use crate::functions::{Context, schema};
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
    const ONE: &str = "/api/desk/own-functions/{id}";
    let desk = Router::new()
        .route(
            "/api/desk/own-functions",
            get(boxed(list)).post(boxed(create)),
        )
        .route(
            ONE,
            get(boxed(one)).put(boxed(change)).delete(boxed(remove)),
        )
        .route(&format!("{ONE}/rotate-secret"), post(boxed(rotate)))
        .route(&format!("{ONE}/try"), post(boxed(tried)));
    let v1 = OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(one, change, remove))
        .routes(routes!(rotate))
        .routes(routes!(tried));
    Routes::new().desk(desk).v1(v1)
}

/// Lists the business's own functions
///
/// In the order they were added. Scope `tenant:read`.
#[utoipa::path(get, path = "/api/v1/own-functions", tag = "own functions",
    responses((status = 200, body = OwnFunctionList), (status = "default", body = Problem)))]
async fn list(
    State(cx): State<Context>,
    actor: Actor,
) -> Result<JsonAnswer<OwnFunctionList>, ApiError> {
    actor.require(Role::Admin, ApiScope::TenantRead)?;
    let items = cx.store.own_functions().list(&actor.tenant).await?;
    Ok(JsonAnswer(OwnFunctionList { items }))
}

/// Adds a function
///
/// The secret its requests are signed with is told only here. Scope `tenant:write`.
#[utoipa::path(post, path = "/api/v1/own-functions", tag = "own functions",
    request_body = SaveOwnFunction,
    responses((status = 201, body = OwnFunctionSecret), (status = "default", body = Problem)))]
async fn create(
    State(cx): State<Context>,
    actor: Actor,
    Json(save): Json<SaveOwnFunction>,
) -> Result<(StatusCode, JsonAnswer<OwnFunctionSecret>), ApiError> {
    actor.require(Role::Admin, ApiScope::TenantWrite)?;
    let (function, secret) = own::create(&cx, &actor.tenant, &actor.author, save).await?;
    let secret = secret.expose().to_owned();
    let answer = JsonAnswer(OwnFunctionSecret { function, secret });
    Ok((StatusCode::CREATED, answer))
}

/// Gets a function
///
/// Scope `tenant:read`.
#[utoipa::path(get, path = "/api/v1/own-functions/{id}", tag = "own functions",
    params(("id" = String, Path)),
    responses((status = 200, body = OwnFunction), (status = "default", body = Problem)))]
async fn one(
    State(cx): State<Context>,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<JsonAnswer<OwnFunction>, ApiError> {
    actor.require(Role::Admin, ApiScope::TenantRead)?;
    let revisions = cx
        .store
        .revisions()
        .of_kind(&actor.tenant, own::KIND)
        .await?;
    let kept = own::one(&cx, &actor.tenant, &id).await?;
    Ok(JsonAnswer(OwnFunction {
        revision: revisions.of(&id),
        ..kept.function
    }))
}

/// Replaces a function
///
/// Headers that are left out stay. Scope `tenant:write`.
#[utoipa::path(put, path = "/api/v1/own-functions/{id}", tag = "own functions",
    params(("id" = String, Path), Revised), request_body = SaveOwnFunction,
    responses((status = 200, body = OwnFunction), (status = "default", body = Problem)))]
async fn change(
    State(cx): State<Context>,
    actor: Actor,
    Path(id): Path<String>,
    Query(read): Query<Revised>,
    Json(save): Json<SaveOwnFunction>,
) -> Result<JsonAnswer<OwnFunction>, ApiError> {
    actor.require(Role::Admin, ApiScope::TenantWrite)?;
    let changed = own::change(&cx, &actor.tenant, &actor.author, &id, save, read.revision).await?;
    Ok(JsonAnswer(changed))
}

/// Removes a function
///
/// Scope `tenant:write`.
#[utoipa::path(delete, path = "/api/v1/own-functions/{id}", tag = "own functions",
    params(("id" = String, Path)),
    responses((status = 204), (status = "default", body = Problem)))]
async fn remove(
    State(cx): State<Context>,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    actor.require(Role::Admin, ApiScope::TenantWrite)?;
    let now = cx.clock.now_ms();
    let removed = cx
        .store
        .own_functions()
        .remove(&actor.tenant, &id, &actor.author, now)
        .await?;
    match removed {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(OwnError::Unknown.into()),
    }
}

/// Gives a function a new secret
///
/// It is told only here; the previous one signs no more. Scope `tenant:write`.
#[utoipa::path(post, path = "/api/v1/own-functions/{id}/rotate-secret", tag = "own functions",
    params(("id" = String, Path)),
    responses((status = 200, body = OwnFunctionSecret), (status = "default", body = Problem)))]
async fn rotate(
    State(cx): State<Context>,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<JsonAnswer<OwnFunctionSecret>, ApiError> {
    actor.require(Role::Admin, ApiScope::TenantWrite)?;
    let (function, secret) = own::rotate(&cx, &actor.tenant, &actor.author, &id).await?;
    let secret = secret.expose().to_owned();
    Ok(JsonAnswer(OwnFunctionSecret { function, secret }))
}

/// Tries a function out
///
/// Its target is really asked, as in a call but in none. Scope `tenant:write`.
#[utoipa::path(post, path = "/api/v1/own-functions/{id}/try", tag = "own functions",
    params(("id" = String, Path)), request_body = TryOwnFunction,
    responses((status = 200, body = OwnFunctionTried), (status = "default", body = Problem)))]
async fn tried(
    State(cx): State<Context>,
    actor: Actor,
    Path(id): Path<String>,
    Json(trial): Json<TryOwnFunction>,
) -> Result<JsonAnswer<OwnFunctionTried>, ApiError> {
    actor.require(Role::Admin, ApiScope::TenantWrite)?;
    let kept = own::one(&cx, &actor.tenant, &id).await?;
    let begun_at = cx.clock.now_ms();
    cx.store
        .own_functions()
        .note_tried(&actor.tenant, &kept, &actor.author, begun_at)
        .await?;
    let language = cx.store.tenants().first_language(&actor.tenant).await?;
    let language = Language::of(&language);
    let (sent, answered) = match schema::fit(&kept.function.details.parameters, trial.arguments) {
        Ok(arguments) => {
            let scope = Scope {
                id: Uuid::now_v7().to_string(),
                arguments,
                around: json!({
                    "call": {"call_id": "", "agent_id": "", "language": language.tag()},
                    "caller": {"number": trial.caller_number, "name": null},
                    "business": {"name": actor.tenant.name(), "timezone": actor.tenant.timezone()},
                }),
                language,
            };
            own::ask(&cx, &kept, scope, Instant::now() + DEADLINE).await
        }
        Err(wrong) => (own::Sent::default(), Err(No::arguments(language, &wrong))),
    };
    let error = match &answered {
        Err(No::Broken(error)) => Some(error.clone()),
        _ => None,
    };
    let (outcome, answer) = match answered {
        Ok(answer) => (FunctionOutcome::Done, answer.into_json()),
        Err(no) => (no.outcome(), no.into_json(language, false)),
    };
    Ok(JsonAnswer(OwnFunctionTried {
        answer,
        outcome,
        latency_ms: cx.clock.now_ms() - begun_at,
        url: sent.url,
        body: sent.body,
        error,
    }))
}

impl From<OwnError> for ApiError {
    fn from(error: OwnError) -> Self {
        match error {
            OwnError::Unknown => Self::not_found().detail("There is no such function."),
            OwnError::Invalid(invalid) => invalid.into(),
            OwnError::Vault(error) => {
                tracing::error!(%error, "a function's secrets cannot be sealed or opened");
                Self::internal()
            }
            OwnError::Store(error) => error.into(),
        }
    }
}
