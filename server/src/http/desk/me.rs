//! One's own account: name, password, and where one is signed in.

use api::desk::Session;
use api::people::{ChangeMe, ChangePassword, OpenSession, OpenSessions};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{delete, get, patch, put};
use axum::{Json as JsonAnswer, Router};

use super::session;
use crate::http::address::Path;
use crate::http::json::Json;
use crate::http::problem::ApiError;
use crate::http::staff::Staff;
use crate::staff::{self, PeopleError};
use crate::state::App;
use crate::store::PersonChange;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/api/desk/me", patch(change))
        .route("/api/desk/me/password", put(change_password))
        .route("/api/desk/me/sessions", get(sessions).delete(revoke_others))
        .route("/api/desk/me/sessions/{id}", delete(revoke))
}

async fn change(
    State(app): State<App>,
    staff: Staff,
    Json(ChangeMe { name }): Json<ChangeMe>,
) -> Result<JsonAnswer<Session>, ApiError> {
    let change = PersonChange {
        name: Some(name.clone()),
        ..PersonChange::default()
    };
    staff::change(&app, &staff.tenant, &staff.user.id, change, &staff.author()).await?;
    let mut who = staff.who();
    name.trim().clone_into(&mut who.user.name);
    Ok(JsonAnswer(session::session(who)))
}

async fn change_password(
    State(app): State<App>,
    staff: Staff,
    Json(ChangePassword { current, new }): Json<ChangePassword>,
) -> Result<StatusCode, ApiError> {
    // Whoever finds an open desk must not guess at leisure either.
    app.throttle.attempt_own(&staff.user.email)?;
    let (who, author) = (staff.who(), staff.author());
    staff::change_own_password(&app, &who, current, new, &staff.session, &author).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn sessions(
    State(app): State<App>,
    staff: Staff,
) -> Result<JsonAnswer<OpenSessions>, ApiError> {
    let own = staff.session.hash();
    let now = app.clock.now_ms();
    let open = app
        .store
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
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let (author, now) = (staff.author(), app.clock.now_ms());
    app.store
        .revoke_session(&staff.tenant, &staff.user.id, &id, &author, now)
        .await?
        .ok_or(PeopleError::Unknown)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn revoke_others(State(app): State<App>, staff: Staff) -> Result<StatusCode, ApiError> {
    let (author, now) = (staff.author(), app.clock.now_ms());
    let keep = staff.session.hash();
    app.store
        .revoke_other_sessions(&staff.tenant, &staff.user.id, &keep, &author, now)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
