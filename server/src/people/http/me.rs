//! One's own account: name, password, and where one is signed in.

use api::desk::Session;
use api::people::{ChangeMe, ChangePassword, OpenSession, OpenSessions};
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::routing::{delete, get, patch, put};
use axum::{Json as JsonAnswer, Router};

use super::session;
use super::staff::Staff;
use crate::people::{self, Context, PeopleError, PersonChange};
use crate::web::address::Path;
use crate::web::json::Json;
use crate::web::problem::ApiError;
use crate::web::{Shared, boxed};

pub(crate) fn routes<S: Shared>() -> Router<S>
where
    Context: FromRef<S>,
{
    Router::new()
        .route("/api/desk/me", patch(boxed(change)))
        .route("/api/desk/me/password", put(boxed(change_password)))
        .route(
            "/api/desk/me/sessions",
            get(boxed(sessions)).delete(boxed(revoke_others)),
        )
        .route("/api/desk/me/sessions/{id}", delete(boxed(revoke)))
}

async fn change(
    State(cx): State<Context>,
    staff: Staff,
    Json(ChangeMe { name }): Json<ChangeMe>,
) -> Result<JsonAnswer<Session>, ApiError> {
    let change = PersonChange {
        name: Some(name.clone()),
        ..PersonChange::default()
    };
    people::change(&cx, &staff.tenant, &staff.user.id, change, &staff.author()).await?;
    let mut who = staff.who();
    name.trim().clone_into(&mut who.user.name);
    Ok(JsonAnswer(session::session(who)))
}

async fn change_password(
    State(cx): State<Context>,
    staff: Staff,
    Json(ChangePassword { current, new }): Json<ChangePassword>,
) -> Result<StatusCode, ApiError> {
    // Whoever finds an open desk must not guess at leisure either.
    cx.throttle.attempt_own(&staff.user.email)?;
    let (who, author) = (staff.who(), staff.author());
    people::change_own_password(&cx, &who, current, new, &staff.session, &author).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn sessions(
    State(cx): State<Context>,
    staff: Staff,
) -> Result<JsonAnswer<OpenSessions>, ApiError> {
    let own = staff.session.hash();
    let now = cx.clock.now_ms();
    let open = cx
        .store
        .sign_ins()
        .open_sessions(&staff.tenant, &staff.user.id, now)
        .await?;
    let items = open.into_iter().map(|session| OpenSession {
        this_one: session.token_hash == own,
        id: session.id,
        created_at: session.created_at,
        last_seen_at: session.last_seen_at,
        remote_ip: session.remote_ip,
        user_agent: session.user_agent,
    });
    Ok(JsonAnswer(OpenSessions {
        items: items.collect(),
    }))
}

async fn revoke(
    State(cx): State<Context>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let (author, now) = (staff.author(), cx.clock.now_ms());
    cx.store
        .sign_ins()
        .revoke_session(&staff.tenant, &staff.user.id, &id, &author, now)
        .await?
        .ok_or(PeopleError::Unknown)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn revoke_others(State(cx): State<Context>, staff: Staff) -> Result<StatusCode, ApiError> {
    let (author, now) = (staff.author(), cx.clock.now_ms());
    let keep = staff.session.hash();
    cx.store
        .sign_ins()
        .revoke_other_sessions(&staff.tenant, &staff.user.id, &keep, &author, now)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
