//! Whose a call is, and that a supervisor should look at it.

use api::desk::GivenCalls;
use api::keys::ApiScope;
use api::marks::{ClaimCall, FlagCall};
use api::problem::{Problem, slug};
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::routing::{get, put};
use axum::{Json as JsonAnswer, Router};
use utoipa_axum::router::OpenApiRouter;

use crate::calls::TakenFrom;
use crate::calls::marks::{self, MarkError};
use crate::ground::Ground;
use crate::invalid::Invalid;
use crate::people::http::{Actor, Staff};
use crate::people::{self, Role};
use crate::web::address::Path;
use crate::web::json::Json;
use crate::web::problem::ApiError;
use crate::web::{Routes, Shared, boxed, routes};

pub(super) fn routes<S: Shared>() -> Routes<S>
where
    Ground: FromRef<S>,
    people::Context: FromRef<S>,
{
    let desk = Router::new()
        .route("/api/desk/calls/given", get(boxed(given)))
        .route(
            "/api/desk/calls/{id}/claim",
            put(boxed(claim)).delete(boxed(release)),
        )
        .route("/api/desk/calls/{id}/claim/seen", put(boxed(seen)))
        .route(
            "/api/desk/calls/{id}/flag",
            put(boxed(flag)).delete(boxed(unflag)),
        );
    let v1 = OpenApiRouter::new()
        .routes(routes!(claim, release))
        .routes(routes!(flag, unflag));
    Routes::new().desk(desk).v1(v1)
}

/// Claims a call
///
/// For one of the business's people, who sees to it from then on, and is told where somebody else
/// gives it to them. Of one that is somebody else's the answer is 409 `call-claimed`, unless it is
/// taken from them. Scope `calls:write`.
#[utoipa::path(put, path = "/api/v1/calls/{id}/claim", tag = "calls",
    params(("id" = String, Path, description = "Retell's call id")), request_body = ClaimCall,
    responses((status = 204), (status = "default", body = Problem)))]
async fn claim(
    State(cx): State<Ground>,
    actor: Actor,
    Path(id): Path<String>,
    Json(ClaimCall {
        user_id,
        take,
        from,
    }): Json<ClaimCall>,
) -> Result<StatusCode, ApiError> {
    actor.require(Role::Agent, ApiScope::CallsWrite)?;
    let may_all = actor.require(Role::Supervisor, ApiScope::CallsWrite);
    let me = actor.author.actor.person();
    let for_me = user_id.is_none() || user_id.as_deref() == me;
    let whose = user_id.as_deref().or(me);
    let whose =
        whose.ok_or_else(|| Invalid::of("user_id", "user_id: say whose the call is to be."))?;
    let taken_from = match (&may_all, me) {
        // What people hold, or have given away themselves, is theirs to give or to take back.
        (Err(_), Some(me)) if take || !for_me => TakenFrom::OwnOrGiven(me),
        _ if !take => TakenFrom::Nobody,
        _ => from.as_deref().map_or(TakenFrom::Anybody, TakenFrom::Of),
    };
    let claimed = marks::claim(&cx, &actor.tenant, &id, whose, taken_from, &actor.author).await;
    match (claimed, taken_from) {
        // Who did not say whose they thought it was has no say in it.
        (Err(MarkError::Claimed(_) | MarkError::NotTheirs), TakenFrom::OwnOrGiven(_))
            if from.is_none() =>
        {
            may_all.map(|()| StatusCode::NO_CONTENT)
        }
        (claimed, _) => Ok(claimed.map(|()| StatusCode::NO_CONTENT)?),
    }
}

/// What was given to whoever asks.
async fn given(State(cx): State<Ground>, staff: Staff) -> Result<JsonAnswer<GivenCalls>, ApiError> {
    let items = cx
        .store
        .calls()
        .given(&staff.tenant, &staff.user.id)
        .await?;
    Ok(JsonAnswer(GivenCalls { items }))
}

/// They know.
async fn seen(
    State(cx): State<Ground>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    marks::seen(&cx, &staff.tenant, &id, &staff.user.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Releases a call
///
/// It is nobody's then. Scope `calls:write`.
#[utoipa::path(delete, path = "/api/v1/calls/{id}/claim", tag = "calls",
    params(("id" = String, Path, description = "Retell's call id")),
    responses((status = 204), (status = "default", body = Problem)))]
async fn release(
    State(cx): State<Ground>,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let only_of = own_only(&actor)?;
    marks::release(&cx, &actor.tenant, &id, only_of, &actor.author).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Flags a call
///
/// For a supervisor to look at. Flagged again, it has the new reason. Scope `calls:write`.
#[utoipa::path(put, path = "/api/v1/calls/{id}/flag", tag = "calls",
    params(("id" = String, Path, description = "Retell's call id")), request_body = FlagCall,
    responses((status = 204), (status = "default", body = Problem)))]
async fn flag(
    State(cx): State<Ground>,
    actor: Actor,
    Path(id): Path<String>,
    Json(flag): Json<FlagCall>,
) -> Result<StatusCode, ApiError> {
    actor.require(Role::Agent, ApiScope::CallsWrite)?;
    marks::flag(&cx, &actor.tenant, &id, &flag, &actor.author).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes the flag off a call
///
/// Scope `calls:write`.
#[utoipa::path(delete, path = "/api/v1/calls/{id}/flag", tag = "calls",
    params(("id" = String, Path, description = "Retell's call id")),
    responses((status = 204), (status = "default", body = Problem)))]
async fn unflag(
    State(cx): State<Ground>,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let only_of = own_only(&actor)?;
    marks::unflag(&cx, &actor.tenant, &id, only_of, &actor.author).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whose marks alone somebody takes off: agents their own, supervisors and programs all.
fn own_only(actor: &Actor) -> Result<Option<&str>, ApiError> {
    actor.require(Role::Agent, ApiScope::CallsWrite)?;
    let may_all = actor
        .require(Role::Supervisor, ApiScope::CallsWrite)
        .is_ok();
    Ok(actor.author.actor.person().filter(|_| !may_all))
}

impl From<MarkError> for ApiError {
    fn from(error: MarkError) -> Self {
        match error {
            MarkError::Unknown => Self::call_unknown(),
            MarkError::Invalid(invalid) => invalid.into(),
            MarkError::Claimed(name) => {
                let title = "Somebody else has claimed the call.";
                let error = Self::new(StatusCode::CONFLICT, slug::CALL_CLAIMED, title);
                match name.is_empty() {
                    true => error,
                    false => error.detail(format!("It is {name}'s.")),
                }
            }
            MarkError::NotTheirs => {
                let title = "Only a supervisor takes off what others have marked.";
                Self::new(StatusCode::FORBIDDEN, slug::ROLE_TOO_LOW, title)
            }
            MarkError::Store(error) => error.into(),
        }
    }
}
