//! What the staff, and programs, do with a call while it goes on.

use api::attend::{Attending, ChangeVariables, HandOver, ListenAccess, TakeOver, TellAgent};
use api::keys::ApiScope;
use api::problem::{Problem, slug};
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::routing::{get, patch, post, put};
use axum::{Json as JsonAnswer, Router};
use utoipa_axum::router::OpenApiRouter;

use crate::live::Context;
use crate::live::attend::{self, AttendError};
use crate::people::http::{Actor, Staff};
use crate::people::{self, Role};
use crate::store::Tenant;
use crate::web::address::Path;
use crate::web::json::Json;
use crate::web::lasting::to_the_end;
use crate::web::problem::{ApiError, retell_failed};
use crate::web::{Routes, Shared, boxed, routes};

pub(super) fn routes<S: Shared>() -> Routes<S>
where
    Context: FromRef<S>,
    people::Context: FromRef<S>,
{
    const ONE: &str = "/api/desk/calls/{id}";
    let desk = Router::new()
        .route(&format!("{ONE}/attending"), get(boxed(attending)))
        .route(&format!("{ONE}/listeners"), post(boxed(listen)))
        .route(
            &format!("{ONE}/listeners/{{listener}}"),
            put(boxed(stay)).delete(boxed(leave)),
        )
        .route(&format!("{ONE}/take-over"), post(boxed(take_over)))
        .route(&format!("{ONE}/tell"), post(boxed(tell_agent)))
        .route(&format!("{ONE}/variables"), patch(boxed(change_variables)))
        .route(&format!("{ONE}/hand-over"), post(boxed(hand_over)))
        .route(&format!("{ONE}/end"), post(boxed(end_call)));
    let v1 = OpenApiRouter::new()
        .routes(routes!(tell_agent))
        .routes(routes!(change_variables))
        .routes(routes!(hand_over))
        .routes(routes!(end_call));
    Routes::new().desk(desk).v1(v1)
}

async fn attending(
    State(cx): State<Context>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<JsonAnswer<Attending>, ApiError> {
    known(&cx, &staff.tenant, &id).await?;
    Ok(JsonAnswer(
        attend::attending(&cx, &staff.tenant, &id).await?,
    ))
}

/// Who may read a call may hear it.
async fn listen(
    State(cx): State<Context>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<(StatusCode, JsonAnswer<ListenAccess>), ApiError> {
    let author = staff.author();
    let access = attend::listen(&cx, &staff.tenant, &id, &staff.user, &author).await?;
    Ok((StatusCode::CREATED, JsonAnswer(access)))
}

async fn stay(
    State(cx): State<Context>,
    staff: Staff,
    Path((id, listener)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    known(&cx, &staff.tenant, &id).await?;
    let who = (listener.as_str(), staff.user.id.as_str());
    let now = cx.clock.now_ms();
    let attendance = cx.store.attendance();
    match attendance.seen(&staff.tenant, &id, who, now).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(AttendError::NotListening.into()),
    }
}

/// A page that goes away sends this without waiting: it may come late, or twice.
async fn leave(
    State(cx): State<Context>,
    staff: Staff,
    Path((id, listener)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    known(&cx, &staff.tenant, &id).await?;
    let who = (listener.as_str(), staff.user.id.as_str());
    let attendance = cx.store.attendance();
    attendance.leaves(&staff.tenant, &id, who).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// To its end also when whoever asked goes away: it is done, or it is not.
async fn take_over(
    State(cx): State<Context>,
    staff: Staff,
    Path(id): Path<String>,
    Json(TakeOver { listener }): Json<TakeOver>,
) -> Result<JsonAnswer<Attending>, ApiError> {
    staff.require(Role::Supervisor)?;
    let author = staff.author();
    let done = to_the_end(async move {
        attend::take_over(&cx, &staff.tenant, &id, &listener, &staff.user, &author).await
    });
    Ok(JsonAnswer(done.await?))
}

/// Tells the agent of a call something
///
/// While the call goes on: what the agent should know and the caller does not hear, or that
/// it is to speak now. Scope `calls:write`.
#[utoipa::path(post, path = "/api/v1/calls/{id}/tell", tag = "calls",
    params(("id" = String, Path, description = "Retell's call id")), request_body = TellAgent,
    responses((status = 204), (status = "default", body = Problem)))]
async fn tell_agent(
    State(cx): State<Context>,
    actor: Actor,
    Path(id): Path<String>,
    Json(what): Json<TellAgent>,
) -> Result<StatusCode, ApiError> {
    actor.require(Role::Supervisor, ApiScope::CallsWrite)?;
    attend::tell_agent(&cx, &actor.tenant, &id, &what, &actor.author).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Changes variables of a call
///
/// While it goes on; the agent uses the new values from then on. Scope `calls:write`.
#[utoipa::path(patch, path = "/api/v1/calls/{id}/variables", tag = "calls",
    params(("id" = String, Path, description = "Retell's call id")),
    request_body = ChangeVariables,
    responses((status = 204), (status = "default", body = Problem)))]
async fn change_variables(
    State(cx): State<Context>,
    actor: Actor,
    Path(id): Path<String>,
    Json(change): Json<ChangeVariables>,
) -> Result<StatusCode, ApiError> {
    actor.require(Role::Supervisor, ApiScope::CallsWrite)?;
    attend::change_variables(&cx, &actor.tenant, &id, &change, &actor.author).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Hands a call over
///
/// While it goes on, to one of the transfer destinations. Its agent is told to, and does it with
/// the tool `transfer_now`: an agent without that tool does not. Scope `calls:write`.
#[utoipa::path(post, path = "/api/v1/calls/{id}/hand-over", tag = "calls",
    params(("id" = String, Path, description = "Retell's call id")), request_body = HandOver,
    responses((status = 202), (status = "default", body = Problem)))]
async fn hand_over(
    State(cx): State<Context>,
    actor: Actor,
    Path(id): Path<String>,
    Json(to): Json<HandOver>,
) -> Result<StatusCode, ApiError> {
    actor.require(Role::Supervisor, ApiScope::CallsWrite)?;
    attend::hand_over(&cx, &actor.tenant, &id, &to, &actor.author).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Ends a call
///
/// One that is over already is ended, too. Scope `calls:write`.
#[utoipa::path(post, path = "/api/v1/calls/{id}/end", tag = "calls",
    params(("id" = String, Path, description = "Retell's call id")),
    responses((status = 204), (status = "default", body = Problem)))]
async fn end_call(
    State(cx): State<Context>,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    actor.require(Role::Supervisor, ApiScope::CallsWrite)?;
    attend::end_call(&cx, &actor.tenant, &id, &actor.author).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn known(cx: &Context, tenant: &Tenant, id: &str) -> Result<(), ApiError> {
    let call = cx.store.calls().summary(tenant, id).await?;
    call.map(drop).ok_or_else(ApiError::call_unknown)
}

impl From<AttendError> for ApiError {
    fn from(error: AttendError) -> Self {
        let conflict = |slug, title| Self::new(StatusCode::CONFLICT, slug, title);
        match error {
            AttendError::Unknown => Self::call_unknown(),
            AttendError::NotLive => conflict(slug::CALL_NOT_LIVE, "The call is not live.")
                .detail("It has not begun, or is over."),
            AttendError::Invalid(invalid) => invalid.into(),
            AttendError::TakenOver(who) => {
                let error = conflict(slug::TAKEN_OVER, "Somebody else has taken the call over.");
                match who.filter(|who| !who.is_empty()) {
                    Some(who) => error.detail(format!("{who} has it.")),
                    None => error,
                }
            }
            AttendError::NotListening => conflict(
                slug::NOT_LISTENING,
                "Nobody listens to the call by that name.",
            )
            .detail("Listen first."),
            AttendError::TakeOverRefused => conflict(
                slug::TAKE_OVER_REFUSED,
                "Retell lets nobody take the call over now.",
            )
            .detail("A payment is being taken in it, or somebody has it from elsewhere."),
            AttendError::TransportUnsupported => {
                tracing::error!("Retell offered to listen over LiveKit, which it has retired");
                retell_failed()
            }
            AttendError::Retell(error) => error.into(),
            AttendError::Account(error) => error.into(),
            AttendError::Store(error) => error.into(),
        }
    }
}
