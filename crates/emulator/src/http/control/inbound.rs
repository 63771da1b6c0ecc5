//! Somebody telephones one of the workspace's numbers (retell-protocol B).

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use retell::models::{Direction, DisconnectionReason};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::calls::Call;
use crate::conduct::create::{self, Given, Telephone};
use crate::error::ApiError;
use crate::resources::kinds::{AGENT, PHONE_NUMBER};
use crate::webhooks;
use crate::workspaces::Workspace;

use super::super::body::Body;

/// How long somebody who calls waits while there are too many calls, in
/// seconds of the emulator's clock (retell-protocol I).
const AT_LIMIT_S: u32 = 40;

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
    let unknown = || ApiError::not_found("Phone number not found");
    let workspace = app.workspaces().with(&PHONE_NUMBER, &inbound.to_number);
    let workspace = workspace.ok_or_else(unknown)?;
    let number = workspace
        .store()
        .get(&PHONE_NUMBER, &inbound.to_number, None)?;
    let agent = number
        .get("inbound_agents")
        .and_then(|agents| agents.get(0));
    let own = |name: &str| agent.and_then(|agent| agent.get(name));
    let id = create::new_id();
    let asked = match number.get("inbound_webhook_url").and_then(Value::as_str) {
        Some(url) => {
            let question = question(&workspace, &inbound, own("agent_id"), own("agent_version"));
            webhooks::ask_inbound(&app, &workspace, url, &id, question).await
        }
        None => None,
    };
    let answer = asked.unwrap_or_default();
    let not_taken = || StatusCode::NO_CONTENT.into_response();
    if answer.get("reject") == Some(&Value::Bool(true)) && is_valid(&answer) {
        return Ok(not_taken());
    }
    let instead = answer.get("override_agent_id").cloned();
    let version = match &instead {
        Some(_) => answer.get("override_agent_version").cloned(),
        None => own("agent_version").cloned(),
    };
    let agent = instead.or_else(|| own("agent_id").cloned());
    let Some(agent_id) = agent.as_ref().and_then(Value::as_str) else {
        return Ok(not_taken());
    };
    let given = Given {
        agent_version: version,
        id: Some(id),
        ..given(Given::of(&workspace, agent_id.to_owned()), &answer)
    };
    let telephone = Telephone {
        from_number: inbound.from_number,
        to_number: inbound.to_number,
        direction: Direction::Inbound,
        registered: false,
        turned_away: None,
    };
    let fallback = number.get("fallback_number").is_some_and(Value::is_string);
    let call = taken(&app, &given, telephone, fallback).await?;
    let object = call.state().stored();
    Ok((StatusCode::CREATED, Json(object)).into_response())
}

/// The call, once there are not too many others; or one that is turned away,
/// when that takes too long.
async fn taken(
    app: &App,
    given: &Given,
    mut telephone: Telephone,
    fallback: bool,
) -> Result<Arc<Call>, ApiError> {
    for _ in 0..AT_LIMIT_S {
        let tried = create::phone_call(app, &mut app.calls(), given, telephone.clone());
        match tried {
            Err(error) if error.is_too_many() => app.clock.sleep(1_000).await,
            tried => return tried,
        }
    }
    telephone.turned_away = Some(if fallback {
        DisconnectionReason::NoConcurrencyFallback
    } else {
        DisconnectionReason::ConcurrencyLimitReached
    });
    create::phone_call(app, &mut app.calls(), given, telephone)
}

fn question(
    workspace: &Workspace,
    inbound: &Inbound,
    agent_id: Option<&Value>,
    version: Option<&Value>,
) -> Value {
    let mut question = json!({
        "from_number": inbound.from_number,
        "to_number": inbound.to_number,
    });
    if let Some(id) = agent_id.and_then(Value::as_str) {
        let agent = workspace.store().get(&AGENT, id, version);
        let version = agent.ok().and_then(|agent| agent.get("version").cloned());
        question["agent_id"] = id.into();
        question["agent_version"] = version.unwrap_or_else(|| 0.into());
    }
    question
}

/// Whether what stands beside a `reject` is as it must be: otherwise the call
/// is not rejected (retell-protocol B).
fn is_valid(answer: &Map<String, Value>) -> bool {
    answer.iter().all(|(name, value)| match name.as_str() {
        "override_agent_id" => value.is_string(),
        "override_agent_version" => value.is_u64() || value.is_string(),
        "dynamic_variables" => value
            .as_object()
            .is_some_and(|variables| variables.values().all(Value::is_string)),
        "metadata" | "agent_override" => value.is_object(),
        _ => true,
    })
}

fn given(plain: Given, answer: &Map<String, Value>) -> Given {
    let variables = answer.get("dynamic_variables").and_then(Value::as_object);
    let variables = variables.map(|variables| {
        let texts = variables
            .iter()
            .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
        texts.collect()
    });
    let metadata = answer
        .get("metadata")
        .filter(|metadata| metadata.is_object());
    Given {
        agent_override: answer.get("agent_override").cloned(),
        metadata: metadata.cloned(),
        variables,
        ..plain
    }
}
