//! Acting on a call while it is held (retell-protocol F4).

use std::sync::Arc;

use axum::extract::State;
use axum::routing::{patch, post};
use axum::{Json, Router};
use http::StatusCode;
use retell::models::{
    DisconnectionReason, ListenLiveCall, Success, TakeOverLiveCall, Transport, UpdateLiveCall,
};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::app::{App, variables};
use crate::calls::create::{TOKEN_LIFE_MS, check_metadata};
use crate::calls::{Call, Command};
use crate::conversation::Input;
use crate::media::LegRole;

use super::body::{Body, Path};
use super::calls::{tighten, unknown};
use super::error::ApiError;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/v2/stop-call/{id}", post(stop))
        .route("/v2/listen-live-call/{id}", post(listen))
        .route("/v2/take-over-live-call/{id}", post(take_over))
        .route("/v2/update-live-call/{id}", patch(update))
}

/// The call, if it is being held.
fn ongoing(app: &App, id: &str) -> Result<Arc<Call>, ApiError> {
    let call = app.calls().get(id).ok_or_else(unknown)?;
    let ongoing = call.state().is_ongoing();
    if ongoing {
        Ok(call)
    } else {
        Err(ApiError::unprocessable("The call is not ongoing"))
    }
}

async fn stop(State(app): State<App>, Path(id): Path<String>) -> Result<StatusCode, ApiError> {
    let call = ongoing(&app, &id)?;
    let reason = DisconnectionReason::ManualStopped.to_string();
    call.tell(Command::Give(Input::End(reason)));
    Ok(StatusCode::NO_CONTENT)
}

async fn listen(
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Json<ListenLiveCall>, ApiError> {
    let call = ongoing(&app, &id)?;
    let participant_id = format!("listener_{}", Uuid::new_v4().simple());
    let expires_at = app.clock.now_ms() + TOKEN_LIFE_MS;
    let mut state = call.state();
    let access_token = state
        .access
        .grant(participant_id.clone(), LegRole::Listener, expires_at);
    Ok(Json(ListenLiveCall {
        access_token,
        expires_at: i64::try_from(expires_at).ok(),
        participant_id,
        room_name: Some(id),
        transport: Some(Transport::Gateway),
        url: None,
        ice_servers: Vec::new(),
        gateway_ip: Some(app.media.local_addr().ip().to_string()),
    }))
}

async fn take_over(
    State(app): State<App>,
    Path(id): Path<String>,
    Body(body): Body<TakeOverLiveCall>,
) -> Result<Json<Success>, ApiError> {
    let call = ongoing(&app, &id)?;
    let mut state = call.state();
    if state.taken_over {
        return Err(ApiError::unprocessable(
            "The call has been taken over already",
        ));
    }
    let session = state.access.with_identity(&body.participant_id);
    let Some(leg) = session
        .filter(|s| s.role == LegRole::Listener)
        .map(|s| s.leg)
    else {
        return Err(ApiError::unprocessable(
            "The participant is not listening to the call",
        ));
    };
    state.taken_over = true;
    call.tell(Command::TakeOver(leg));
    Ok(Json(Success { success: true }))
}

async fn update(
    State(app): State<App>,
    Path(id): Path<String>,
    Body(body): Body<Map<String, Value>>,
) -> Result<Json<Success>, ApiError> {
    let body: UpdateLiveCall = serde_json::from_value(Value::Object(body))
        .map_err(|error| ApiError::bad_request(format!("Invalid body: {error}")))?;
    let control = body.call_control.unwrap_or_default();
    if control
        .additional_context
        .as_ref()
        .is_some_and(|context| context.trim().is_empty())
    {
        return Err(ApiError::bad_request(
            "additional_context must not be empty".to_owned(),
        ));
    }
    if control.trigger_response == Some(false) {
        return Err(ApiError::bad_request(
            "trigger_response can only be true".to_owned(),
        ));
    }
    let fields = body.fields_to_override.unwrap_or_default();
    check_metadata(fields.metadata.as_ref())?;
    let call = ongoing(&app, &id)?;
    {
        let mut state = call.state();
        if let Some(setting) = fields.data_storage_setting {
            tighten(&mut state.object, setting)?;
        }
        if fields.metadata.is_some() {
            state.object.metadata = fields.metadata;
        }
    }
    if let Some(overrides) = fields.override_dynamic_variables {
        let overrides = overrides.map(|overrides| variables(Some(&overrides)));
        call.tell(Command::Give(Input::Override(overrides)));
    }
    if let Some(context) = control.additional_context {
        call.tell(Command::Give(Input::Inject(context)));
    }
    if control.trigger_response == Some(true) {
        call.tell(Command::Give(Input::TriggerResponse));
    }
    Ok(Json(Success { success: true }))
}
