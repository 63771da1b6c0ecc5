//! The gateway's signalling (retell-protocol F2): how browsers join a room.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{patch, post};
use axum::{Json, Router};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::app::App;
use crate::calls::access::{Refusal, Session};
use crate::calls::{Call, Command};
use crate::error::ApiError;
use crate::media::MediaError;
use crate::workspaces::bearer;

use super::body::{Body, Path};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/webrtc-proxy/{call_id}/v1/webrtc/sessions", post(join))
        .route(
            "/webrtc-proxy/{call_id}/v1/webrtc/sessions/{session_id}",
            patch(change).delete(leave),
        )
}

#[derive(Deserialize)]
struct Offer {
    identity: String,
    sdp: String,
}

async fn join(
    State(app): State<App>,
    Path(call_id): Path<String>,
    headers: HeaderMap,
    Body(offer): Body<Offer>,
) -> Result<Response, ApiError> {
    let token = bearer(&headers).ok_or_else(no_token)?;
    let call = call(&app, &call_id)?;
    let role = {
        let mut state = call.state();
        if let Some(leg) = state.access.take_back(token) {
            call.room.leave(leg);
        }
        let known = state
            .access
            .check(token, app.clock.now_ms())
            .map_err(refused)?;
        let (identity, role) = (known.identity.clone(), known.role);
        if !state.room_open || state.is_over() {
            return Err(ApiError::not_found("The room does not exist"));
        }
        if identity != offer.identity {
            let message = "The identity is not the token's".to_owned();
            return Err(ApiError::new(StatusCode::FORBIDDEN, message));
        }
        // Before the answer is made, so that nobody joins twice meanwhile.
        state.access.set_spent(token, true);
        role
    };
    // To its end also when the one who asks goes away meanwhile: whoever joins
    // is in the room as a session, or is not, and may come again.
    let (answer, answered) = oneshot::channel();
    let (joining, token) = (Arc::clone(&call), token.to_owned());
    call.tasks.spawn(async move {
        let joined = match joining.room.join(role, offer.sdp).await {
            Ok((leg, sdp)) => {
                let session = joining.state().access.joined(&token, leg);
                session.map(|id| (leg, id, sdp)).ok_or_else(no_token)
            }
            Err(error) => Err(media_error(&error)),
        };
        let leg = joined.as_ref().map(|(leg, ..)| *leg).ok();
        if leg.is_none() {
            joining.state().access.set_spent(&token, false);
        }
        if answer.send(joined).is_err()
            && let Some(leg) = leg
        {
            joining.room.leave(leg);
            let mut state = joining.state();
            state.access.left(leg);
            state.access.set_spent(&token, false);
        }
    });
    let room_gone = || ApiError::not_found("The room does not exist");
    let (leg, session_id, sdp) = answered.await.map_err(|_| room_gone())??;
    call.tell(Command::Joined(leg, role));
    let answer = json!({ "session_id": session_id, "sdp": sdp });
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

async fn change(
    State(app): State<App>,
    Path((call_id, session_id)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, ApiError> {
    let (call, session) = session(&app, &call_id, &session_id, &headers)?;
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if kind.starts_with("application/sdp") {
        let offer = String::from_utf8(body.to_vec())
            .map_err(|_| ApiError::bad_request("The offer is not text".to_owned()))?;
        let answer = call.room.renegotiate(session.leg, offer).await;
        let answer = answer.map_err(|error| media_error(&error))?;
        return Ok(([(CONTENT_TYPE, "application/sdp")], answer).into_response());
    }
    let body: Value = serde_json::from_slice(&body)
        .map_err(|error| ApiError::bad_request(format!("Invalid body: {error}")))?;
    let candidate = match body.get("candidate") {
        // RTCIceCandidateInit; null and an empty text mean there are no more.
        Some(Value::Object(init)) => init.get("candidate").and_then(Value::as_str).unwrap_or(""),
        Some(Value::String(candidate)) => candidate,
        Some(Value::Null) => "",
        _ => return Err(ApiError::bad_request("candidate is required".to_owned())),
    };
    let added = call
        .room
        .add_candidate(session.leg, candidate.to_owned())
        .await;
    match added {
        Err(MediaError::BadCandidate(why)) if app.config.gentle => {
            tracing::debug!(why, "a candidate is of no use");
        }
        added => added.map_err(|error| media_error(&error))?,
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn leave(
    State(app): State<App>,
    Path((call_id, session_id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<StatusCode, ApiError> {
    let token = bearer(&headers).ok_or_else(no_token)?;
    let call = call(&app, &call_id)?;
    let leg = call
        .state()
        .access
        .session(&session_id, token)
        .map_err(refused)?
        .map(|session| session.leg);
    // A browser closes its connection before it says so here: by then the
    // session may be gone, which is what it asks for.
    if let Some(leg) = leg {
        call.room.leave(leg);
    }
    Ok(StatusCode::NO_CONTENT)
}

fn call(app: &App, id: &str) -> Result<Arc<Call>, ApiError> {
    app.calls()
        .get(id)
        .ok_or_else(|| ApiError::not_found("The room does not exist"))
}

fn session(
    app: &App,
    call_id: &str,
    session_id: &str,
    headers: &HeaderMap,
) -> Result<(Arc<Call>, Session), ApiError> {
    let token = bearer(headers).ok_or_else(no_token)?;
    let call = call(app, call_id)?;
    let session = call
        .state()
        .access
        .session(session_id, token)
        .map_err(refused)?
        .cloned();
    let session = session.ok_or_else(|| ApiError::not_found("The session does not exist"))?;
    Ok((call, session))
}

fn no_token() -> ApiError {
    ApiError::unauthorized("The access token is missing")
}

fn refused(refusal: Refusal) -> ApiError {
    ApiError::unauthorized(match refusal {
        Refusal::Unknown => "The access token is not valid",
        Refusal::Spent => "The access token has been used",
        Refusal::Expired => "The access token has expired",
    })
}

fn media_error(error: &MediaError) -> ApiError {
    match error {
        MediaError::BadOffer(_) | MediaError::BadCandidate(_) => {
            ApiError::bad_request(error.to_string())
        }
        MediaError::UnknownLeg | MediaError::RoomClosed => ApiError::not_found(&error.to_string()),
    }
}
