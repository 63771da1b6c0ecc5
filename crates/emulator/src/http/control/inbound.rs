//! Somebody telephones one of the workspace's numbers (retell-protocol B).

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use retell::models::Direction;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::calls::create::{self, Given, Telephone};
use crate::webhooks;

use super::super::body::Body;
use super::super::error::ApiError;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Inbound {
    from_number: String,
    to_number: String,
}

/// Rings one of the numbers. The number's inbound webhook may change or
/// reject the call; 201 with the call object, or 204 if it was not taken.
pub(super) async fn call(
    State(app): State<App>,
    Body(inbound): Body<Inbound>,
) -> Result<Response, ApiError> {
    let (agent, webhook) = {
        let numbers = app.phone_numbers();
        let number = numbers.get(&inbound.to_number);
        let number = number.ok_or_else(|| ApiError::not_found("Phone number not found"))?;
        let webhook = number.get("inbound_webhook_url").and_then(Value::as_str);
        (
            numbers.agent(&inbound.to_number, "inbound_agents"),
            webhook.map(str::to_owned),
        )
    };
    let asked = match &webhook {
        Some(url) => {
            webhooks::ask_inbound(&app, url, "", question(&inbound, agent.as_deref())).await
        }
        None => None,
    };
    let answer = asked.unwrap_or_default();
    if answer.get("reject") == Some(&Value::Bool(true)) {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let instead = answer
        .get("override_agent_id")
        .and_then(Value::as_str)
        .map(str::to_owned);
    let Some(agent_id) = instead.or(agent) else {
        return Ok(StatusCode::NO_CONTENT.into_response());
    };
    let call = create::phone_call(
        &app,
        &mut app.calls(),
        &given(agent_id, &answer),
        Telephone {
            from_number: inbound.from_number,
            to_number: inbound.to_number,
            direction: Direction::Inbound,
        },
    )?;
    let object = call.state().stored();
    Ok((StatusCode::CREATED, Json(object)).into_response())
}

fn question(inbound: &Inbound, agent: Option<&str>) -> Value {
    let mut question = json!({
        "from_number": inbound.from_number,
        "to_number": inbound.to_number,
    });
    if let (Some(agent), Value::Object(question)) = (agent, &mut question) {
        question.insert("agent_id".to_owned(), agent.into());
        question.insert("agent_version".to_owned(), 0.into());
    }
    question
}

fn given(agent_id: String, answer: &Map<String, Value>) -> Given {
    let variables = answer
        .get("dynamic_variables")
        .and_then(Value::as_object)
        .map(|variables| {
            let texts = variables.iter().filter_map(|(name, value)| {
                value.as_str().map(|value| (name.clone(), value.to_owned()))
            });
            texts.collect()
        });
    Given {
        agent_id,
        agent_override: answer.get("agent_override").cloned(),
        metadata: answer
            .get("metadata")
            .filter(|metadata| metadata.is_object())
            .cloned(),
        variables,
        custom_sip_headers: None,
    }
}
