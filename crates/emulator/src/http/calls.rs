//! Calls: making them, reading them, changing finished ones (retell-protocol
//! F1, G1).

use axum::extract::State;
use axum::routing::{delete, get, patch, post};
use axum::{Json, Router};
use http::StatusCode;
use retell::models::{
    self, CallList, CreatePhoneCall, CreateWebCall, DataStorageSetting, Direction, ListCalls,
    Transport, UpdateCall, WebCallAccess,
};
use serde_json::Value;

use crate::app::App;
use crate::calls::create::{self, Given, Telephone, check_metadata};
use crate::calls::list::{self, Row};

use super::body::{Body, Path};
use super::error::ApiError;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/v3/create-web-call", post(create_web_call))
        .route("/v2/create-phone-call", post(create_phone_call))
        .route("/v2/get-call/{id}", get(one))
        .route("/v3/list-calls", post(list_calls))
        .route("/v2/update-call/{id}", patch(update))
        .route("/v2/delete-call/{id}", delete(remove))
}

async fn create_web_call(
    State(app): State<App>,
    Body(body): Body<CreateWebCall>,
) -> Result<(StatusCode, Json<WebCallAccess>), ApiError> {
    let access = create::web_call(
        &app,
        &mut app.calls(),
        &Given {
            agent_id: body.agent_id,
            agent_override: body.agent_override,
            metadata: body.metadata,
            variables: body.retell_llm_dynamic_variables,
            custom_sip_headers: None,
        },
    )?;
    let answer = WebCallAccess {
        call_id: access.call_id,
        access_token: access.token,
        transport: Some(Transport::Gateway),
        // None: host candidates are enough for what runs on this machine, and
        // a STUN server elsewhere would need the internet.
        ice_servers: Vec::new(),
        expires_at: i64::try_from(access.expires_at).ok(),
    };
    Ok((StatusCode::CREATED, Json(answer)))
}

async fn create_phone_call(
    State(app): State<App>,
    Body(body): Body<CreatePhoneCall>,
) -> Result<(StatusCode, Json<models::Call>), ApiError> {
    let now = app.clock.now_ms();
    // Held until the key is remembered: who asks again meanwhile waits.
    let mut calls = app.calls();
    if let Some(key) = &body.idempotency_key
        && let Some(call) = calls.with_key(key, now)
    {
        return Ok((StatusCode::CREATED, Json(call.state().stored())));
    }
    let agent_of_number = {
        let numbers = app.phone_numbers();
        if numbers.get(&body.from_number).is_none() {
            return Err(ApiError::unprocessable("The from number was not found"));
        }
        numbers.agent(&body.from_number, "outbound_agents")
    };
    if body.ignore_e164_validation != Some(true) && !is_e164(&body.to_number) {
        return Err(ApiError::bad_request(format!(
            "{} is not E.164",
            body.to_number
        )));
    }
    let Some(agent_id) = body.override_agent_id.or(agent_of_number) else {
        return Err(ApiError::bad_request(
            "The number has no outbound agent".to_owned(),
        ));
    };
    let call = create::phone_call(
        &app,
        &mut calls,
        &Given {
            agent_id,
            agent_override: body.agent_override,
            metadata: body.metadata,
            variables: body.retell_llm_dynamic_variables,
            custom_sip_headers: body.custom_sip_headers,
        },
        Telephone {
            from_number: body.from_number,
            to_number: body.to_number,
            direction: Direction::Outbound,
        },
    )?;
    if let Some(key) = body.idempotency_key {
        calls.remember_key(key, call.id.clone(), now);
    }
    Ok((StatusCode::CREATED, Json(call.state().stored())))
}

/// A plus and 7 to 15 digits, the first of which is not 0.
fn is_e164(number: &str) -> bool {
    number.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len())
            && digits.bytes().all(|digit| digit.is_ascii_digit())
            && !digits.starts_with('0')
    })
}

async fn one(
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Json<models::Call>, ApiError> {
    let call = app.calls().get(&id).ok_or_else(unknown)?;
    Ok(Json(call.state().stored()))
}

async fn list_calls(
    State(app): State<App>,
    Body(body): Body<Value>,
) -> Result<Json<CallList>, ApiError> {
    if let Some(key) = body.get("filter_criteria").and_then(list::unknown_key) {
        return Err(ApiError::bad_request(format!("Unknown filter `{key}`")));
    }
    let query: ListCalls = serde_json::from_value(body)
        .map_err(|error| ApiError::bad_request(format!("Invalid body: {error}")))?;
    let calls = app.calls();
    let rows = calls.iter().map(|call| {
        let state = call.state();
        let object = state.stored();
        let created = i64::try_from(call.created_ms).unwrap_or(i64::MAX);
        Row {
            time: object.start_timestamp.unwrap_or(created),
            call: object,
            custom_attributes: state.custom_attributes.clone(),
        }
    });
    let rows = rows.collect();
    drop(calls);
    Ok(Json(list::page(rows, &query)))
}

async fn update(
    State(app): State<App>,
    Path(id): Path<String>,
    Body(body): Body<UpdateCall>,
) -> Result<Json<models::Call>, ApiError> {
    check_metadata(body.metadata.as_ref())?;
    let call = app.calls().get(&id).ok_or_else(unknown)?;
    let mut state = call.state();
    if !state.is_over() {
        return Err(ApiError::unprocessable("The call has not ended"));
    }
    if let Some(setting) = body.data_storage_setting {
        tighten(&mut state.object, setting)?;
    }
    if body.metadata.is_some() {
        state.object.metadata = body.metadata;
    }
    state
        .custom_attributes
        .extend(body.custom_attributes.into_iter().flatten());
    Ok(Json(state.stored()))
}

/// Changes what is kept of a call; only towards less.
pub(super) fn tighten(
    call: &mut models::Call,
    setting: DataStorageSetting,
) -> Result<(), ApiError> {
    let kept = |setting: &DataStorageSetting| match setting {
        DataStorageSetting::Everything => Some(2),
        DataStorageSetting::EverythingExceptPii => Some(1),
        DataStorageSetting::BasicAttributesOnly => Some(0),
        _ => None,
    };
    let current = call
        .data_storage_setting
        .as_ref()
        .and_then(kept)
        .unwrap_or(2);
    match kept(&setting) {
        Some(wanted) if wanted <= current => {
            call.data_storage_setting = Some(setting);
            Ok(())
        }
        Some(_) => Err(ApiError::bad_request(
            "data_storage_setting can only be made stricter".to_owned(),
        )),
        None => Err(ApiError::bad_request(format!(
            "Unknown data_storage_setting `{setting}`"
        ))),
    }
}

async fn remove(State(app): State<App>, Path(id): Path<String>) -> Result<StatusCode, ApiError> {
    let mut calls = app.calls();
    let call = calls.get(&id).ok_or_else(unknown)?;
    if !call.state().is_over() {
        return Err(ApiError::unprocessable("The call has not ended"));
    }
    calls.remove(&id);
    Ok(StatusCode::NO_CONTENT)
}

pub(super) fn unknown() -> ApiError {
    ApiError::unprocessable("Call not found")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_e164() {
        assert!(is_e164("+14155550100") && is_e164("+4930231251"));
        for wrong in [
            "14155550100",
            "+0155550100",
            "+1415555010O",
            "+1",
            "",
            "+1234567890123456",
        ] {
            assert!(!is_e164(wrong), "{wrong}");
        }
    }

    #[test]
    fn storage_only_gets_stricter() {
        let mut call = models::Call::default();
        tighten(&mut call, DataStorageSetting::EverythingExceptPii).unwrap();
        tighten(&mut call, DataStorageSetting::BasicAttributesOnly).unwrap();
        assert!(tighten(&mut call, DataStorageSetting::Everything).is_err());
        assert!(tighten(&mut call, DataStorageSetting::from("nothing")).is_err());
        assert_eq!(
            call.data_storage_setting,
            Some(DataStorageSetting::BasicAttributesOnly)
        );
    }
}
