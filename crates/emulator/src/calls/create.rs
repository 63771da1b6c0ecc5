//! New calls: web calls, and telephone calls to or from somebody simulated.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use http::StatusCode;
use retell::models::{
    self, CallStatus, CallType, DataStorageSetting, Direction, DisconnectionReason,
    TelephonyIdentifier,
};
use serde_json::Value;
use tokio::sync::{broadcast, mpsc};
use uuid::Uuid;

use crate::agents::Agent;
use crate::app::{App, variables};
use crate::conversation::{Latencies, Rules};
use crate::http::error::ApiError;
use crate::media::LegRole;
use crate::scenario::Scenario;

use super::access::{Access, CLIENT};
use super::driver::{self, Beginning};
use super::{Call, CallState, Calls, MONITOR_BACKLOG};

/// How long a token can be used, in ms.
pub(crate) const TOKEN_LIFE_MS: u64 = 30_000;

/// What a caller of the API gives with a new call.
#[derive(Debug, Clone, Default)]
pub(crate) struct Given {
    pub(crate) agent_id: String,
    pub(crate) agent_override: Option<Value>,
    pub(crate) metadata: Option<Value>,
    pub(crate) variables: Option<BTreeMap<String, String>>,
    pub(crate) custom_sip_headers: Option<BTreeMap<String, String>>,
}

/// What a web call's creator gets to join with.
#[derive(Debug)]
pub(crate) struct WebAccess {
    pub(crate) call_id: String,
    pub(crate) token: String,
    pub(crate) expires_at: u64,
}

/// The most a call's metadata may take as JSON, in bytes.
pub(crate) const MAX_METADATA: usize = 50_000;

/// Makes a web call. Whoever holds `calls` meanwhile is the only one who makes
/// any, so that together they keep to the limit.
///
/// # Errors
/// When the agent or its scenario does not exist, metadata is too large, or
/// there are too many calls.
pub(crate) fn web_call(app: &App, calls: &mut Calls, given: &Given) -> Result<WebAccess, ApiError> {
    let (agent, scenario) = chosen(app, calls, given)?;
    let now = app.clock.now_ms();
    let mut access = Access::default();
    // The clock may run fast, the time of day does not: a token never dies
    // before its call does.
    let expires_at = now + TOKEN_LIFE_MS.max(app.settings().join_window_ms);
    let token = access.grant(CLIENT.to_owned(), LegRole::Client, expires_at);
    let mut object = object(&agent, given);
    object.call_type = Some(CallType::WebCall);
    object.access_token = Some(token.clone());
    let rules = agent.rules();
    let call = start(
        app,
        calls,
        agent,
        scenario,
        object,
        access,
        rules,
        Beginning::Joined,
    );
    open_room_later(app.clone(), &call);
    Ok(WebAccess {
        call_id: call.id.clone(),
        token,
        expires_at,
    })
}

/// Who telephones whom.
#[derive(Debug, Clone)]
pub(crate) struct Telephone {
    pub(crate) from_number: String,
    pub(crate) to_number: String,
    pub(crate) direction: Direction,
}

/// Makes a telephone call. The person at the other end is simulated: they
/// answer, and say the visitor's lines of the scenario. How a dialled number
/// ends decides what happens instead (see the crate's README).
///
/// # Errors
/// As [`web_call`].
pub(crate) fn phone_call(
    app: &App,
    calls: &mut Calls,
    given: &Given,
    telephone: Telephone,
) -> Result<Arc<Call>, ApiError> {
    let (agent, scenario) = chosen(app, calls, given)?;
    let mut object = object(&agent, given);
    let outbound = telephone.direction == Direction::Outbound;
    let beginning = match telephone
        .to_number
        .get(telephone.to_number.len().saturating_sub(4)..)
    {
        Some("9901") if outbound => Beginning::NotAnswered(DisconnectionReason::DialBusy),
        Some("9902") if outbound => Beginning::NotAnswered(DisconnectionReason::DialNoAnswer),
        Some("9903") if outbound => Beginning::NotAnswered(DisconnectionReason::DialFailed),
        Some("9904") if outbound => Beginning::NotAnswered(DisconnectionReason::UserDeclined),
        _ => Beginning::Answered,
    };
    object.call_type = Some(CallType::PhoneCall);
    object.from_number = Some(telephone.from_number);
    object.to_number = Some(telephone.to_number);
    object.direction = Some(telephone.direction);
    object.custom_sip_headers = given.custom_sip_headers.clone();
    object.telephony_identifier = Some(TelephonyIdentifier {
        twilio_call_sid: Some(format!("CA{}", Uuid::new_v4().simple())),
        ..TelephonyIdentifier::default()
    });
    let rules = Rules {
        simulated_caller: true,
        ..agent.rules()
    };
    let call = start(
        app,
        calls,
        agent,
        scenario,
        object,
        Access::default(),
        rules,
        beginning,
    );
    call.state().room_open = true;
    Ok(call)
}

/// The agent with the call's overrides, and the scenario it plays.
fn chosen(app: &App, calls: &Calls, given: &Given) -> Result<(Agent, Arc<Scenario>), ApiError> {
    check_metadata(given.metadata.as_ref())?;
    let agent = app.agents().get(&given.agent_id).cloned().ok_or_else(|| {
        ApiError::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            format!("Agent {} not found", given.agent_id),
        )
    })?;
    let agent = agent.with_override(given.agent_override.as_ref());
    let asked = given
        .metadata
        .as_ref()
        .and_then(|all| all.get(crate::agents::SCENARIO_FIELD));
    let id = asked
        .and_then(Value::as_str)
        .map_or_else(|| agent.scenario(), str::to_owned);
    let scenario = app.library().get(&id).ok_or_else(|| {
        ApiError::bad_request(format!(
            "There is no scenario `{id}` for agent {}",
            agent.id()
        ))
    })?;
    if calls.active() >= app.settings().concurrency_limit {
        return Err(ApiError::new(
            StatusCode::TOO_MANY_REQUESTS,
            "Concurrency limit reached".to_owned(),
        ));
    }
    Ok((agent, scenario))
}

/// Refuses metadata that is no object or too large.
pub(crate) fn check_metadata(metadata: Option<&Value>) -> Result<(), ApiError> {
    match metadata {
        None | Some(Value::Null) => Ok(()),
        Some(Value::Object(map)) => {
            let size = serde_json::to_vec(map).map_or(usize::MAX, |json| json.len());
            if size > MAX_METADATA {
                return Err(ApiError::bad_request(
                    "metadata is larger than 50 kB".to_owned(),
                ));
            }
            Ok(())
        }
        Some(_) => Err(ApiError::bad_request(
            "metadata must be an object".to_owned(),
        )),
    }
}

fn object(agent: &Agent, given: &Given) -> models::Call {
    let storage = agent.text("data_storage_setting").unwrap_or("everything");
    models::Call {
        call_id: format!("call_{}", Uuid::now_v7().simple()),
        agent_id: Some(agent.id().to_owned()),
        agent_version: Some(agent.version()),
        agent_name: agent.text("agent_name").map(str::to_owned),
        call_status: Some(CallStatus::Registered),
        metadata: given
            .metadata
            .clone()
            .filter(|metadata| !metadata.is_null()),
        retell_llm_dynamic_variables: given.variables.clone(),
        data_storage_setting: Some(DataStorageSetting::from(storage)),
        opt_in_signed_url: Some(false),
        ..models::Call::default()
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "each is a part of the one call that is put together here"
)]
fn start(
    app: &App,
    calls: &mut Calls,
    agent: Agent,
    scenario: Arc<Scenario>,
    object: models::Call,
    access: Access,
    rules: Rules,
    beginning: Beginning,
) -> Arc<Call> {
    let (room, events) = app.media.open_room(&object.call_id);
    let (commands, received) = mpsc::unbounded_channel();
    let mut given = variables(object.retell_llm_dynamic_variables.as_ref());
    system_variables(&mut given, &object);
    let call = Arc::new(Call {
        id: object.call_id.clone(),
        created_ms: app.clock.now_ms(),
        agent,
        scenario,
        room,
        secret: Uuid::new_v4().simple().to_string(),
        tasks: app.tasks(),
        state: Mutex::new(CallState {
            object,
            items: Vec::new(),
            latencies: Latencies::default(),
            room_open: false,
            access,
            watchers: 0,
            transcribed: true,
            taken_over: false,
            complete: false,
            recording: None,
            custom_attributes: serde_json::Map::new(),
        }),
        commands,
        monitor: broadcast::Sender::new(MONITOR_BACKLOG),
    });
    calls.insert(Arc::clone(&call));
    driver::spawn(
        app,
        Arc::clone(&call),
        events,
        received,
        rules,
        &given,
        beginning,
    );
    call
}

/// The variables every call has (retell-protocol G6); those given go first.
fn system_variables(variables: &mut crate::scenario::Variables, call: &models::Call) {
    let mut system = vec![
        ("call_id", Some(call.call_id.clone())),
        ("session_type", Some("voice".to_owned())),
    ];
    system.push((
        "call_type",
        call.call_type.as_ref().map(ToString::to_string),
    ));
    system.push((
        "direction",
        call.direction.as_ref().map(ToString::to_string),
    ));
    let (user, agent) = match call.direction {
        Some(Direction::Inbound) => (&call.from_number, &call.to_number),
        _ => (&call.to_number, &call.from_number),
    };
    system.push(("user_number", user.clone()));
    system.push(("agent_number", agent.clone()));
    for (name, value) in system {
        if let Some(value) = value
            && variables.get(name).is_none()
        {
            variables.set(name, value);
        }
    }
}

/// Lets the visitor in after a while, as a real room takes time to appear.
fn open_room_later(app: App, call: &Arc<Call>) {
    let delay = app.settings().room_delay_ms;
    if delay == 0 {
        call.state().room_open = true;
        return;
    }
    let opened = Arc::clone(call);
    call.tasks.spawn(async move {
        app.clock.sleep(delay).await;
        opened.state().room_open = true;
    });
}
