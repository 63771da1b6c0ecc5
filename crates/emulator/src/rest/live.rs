//! Acting on a call while it is held (retell-protocol F4).

use std::collections::BTreeMap;
use std::sync::Arc;

use retell::models::DisconnectionReason;
use serde_json::{Value, json};
use uuid::Uuid;

use super::asked::Asked;
use super::calls::{ice_servers, one, tighten, unknown};
use super::{Outcome, success};
use crate::calls::{Call, Command};
use crate::conduct::create::{TOKEN_LIFE_MS, check_metadata};
use crate::conversation::Input;
use crate::error::ApiError;
use crate::media::LegRole;
use crate::scenario::Variables;

/// The call, if it is being held.
fn ongoing(asked: &Asked) -> Result<Arc<Call>, ApiError> {
    let call = one(asked).ok_or_else(unknown)?;
    let ongoing = call.state().is_ongoing();
    if !ongoing {
        asked.refuse(ApiError::unprocessable("The call is not ongoing"))?;
    }
    Ok(call)
}

/// The same for newer operations, to which it is not there otherwise.
fn there(asked: &Asked) -> Result<Arc<Call>, ApiError> {
    ongoing(asked).map_err(|_| ApiError::not_found("There is no such ongoing call"))
}

pub(super) fn stop(asked: &Asked) -> Outcome {
    let reason = DisconnectionReason::ManualStopped.to_string();
    ongoing(asked)?.tell(Command::Give(Input::End(reason)));
    Ok(Value::Null)
}

pub(super) fn listen(asked: &Asked) -> Outcome {
    let call = there(asked)?;
    let participant_id = format!("listener_{}", Uuid::new_v4().simple());
    let expires_at = asked.now_ms() + TOKEN_LIFE_MS;
    let mut state = call.state();
    let access_token = state
        .access
        .grant(participant_id.clone(), LegRole::Listener, expires_at);
    Ok(json!({
        "access_token": access_token,
        "expires_at": expires_at,
        "participant_id": participant_id,
        "room_name": call.id,
        "transport": "gateway",
        "ice_servers": ice_servers(&asked.app),
        "gateway_ip": asked.app.media.local_addr().ip().to_string(),
    }))
}

pub(super) fn take_over(asked: &Asked) -> Outcome {
    let call = there(asked)?;
    let mut state = call.state();
    if state.taken_over {
        return Err(ApiError::conflict("The call has been taken over already"));
    }
    let participant = asked.text("participant_id").unwrap_or_default();
    let session = state.access.with_identity(participant);
    let session = session.filter(|session| session.role == LegRole::Listener);
    match session.map(|session| session.leg) {
        Some(leg) => {
            state.taken_over = true;
            call.tell(Command::TakeOver(leg));
        }
        None => asked.refuse(ApiError::not_found(
            "The participant is not listening to the call",
        ))?,
    }
    Ok(success())
}

pub(super) fn update(asked: &Asked) -> Outcome {
    let part = |name: &str| asked.body.get(name).filter(|part| !part.is_null());
    let (control, fields) = (part("call_control"), part("fields_to_override"));
    let control = |name: &str| control.and_then(|control| control.get(name));
    let field = |name: &str| fields.and_then(|fields| fields.get(name));
    let context = control("additional_context").and_then(Value::as_str);
    if context.is_some_and(|context| context.trim().is_empty()) {
        return Err(ApiError::bad_request(
            "additional_context must not be empty".to_owned(),
        ));
    }
    let nudge = control("trigger_response");
    if nudge == Some(&Value::Bool(false)) {
        return Err(ApiError::bad_request(
            "trigger_response can only be true".to_owned(),
        ));
    }
    let metadata = field("metadata").filter(|metadata| !metadata.is_null());
    check_metadata(metadata)?;
    let call = ongoing(asked)?;
    {
        let mut state = call.state();
        if let Some(setting) = field("data_storage_setting").and_then(Value::as_str) {
            tighten(&mut state.object, setting)?;
        }
        if let Some(metadata) = metadata {
            state.object.metadata = Some(metadata.clone());
        }
    }
    if let Some(overrides) = field("override_dynamic_variables") {
        let given = serde_json::from_value::<Option<BTreeMap<String, String>>>(overrides.clone());
        let given = given.unwrap_or_default();
        let given = given.map(|all| all.into_iter().collect::<Variables>());
        call.tell(Command::Give(Input::Override(given)));
    }
    if let Some(context) = context {
        call.tell(Command::Give(Input::Inject(context.to_owned())));
    }
    if nudge == Some(&Value::Bool(true)) {
        call.tell(Command::Give(Input::TriggerResponse));
    }
    Ok(success())
}
