//! New calls: web calls, and telephone calls to or from somebody simulated.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

use http::StatusCode;
use retell::models::{
    self, CallStatus, CallType, DataStorageSetting, Direction, DisconnectionReason,
    TelephonyIdentifier,
};
use serde_json::Value;
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::agents::Agent;
use crate::app::App;
use crate::calls::access::{Access, CLIENT};
use crate::calls::{Call, CallState, Calls};
use crate::conversation::{Latencies, Rules};
use crate::error::ApiError;
use crate::media::LegRole;
use crate::resources::{check_reference, kinds};
use crate::scenario::{Scenario, Step, Variables};
use crate::workspaces::Workspace;

use super::driver::{self, Beginning};

/// How long a token can be used, in ms.
pub(crate) const TOKEN_LIFE_MS: u64 = 30_000;

/// What a caller of the API gives with a new call.
#[derive(Debug, Clone)]
pub(crate) struct Given {
    /// Whose call it is.
    pub(crate) workspace: Arc<Workspace>,
    pub(crate) agent_id: String,
    /// Which version of it; the latest if not said.
    pub(crate) agent_version: Option<Value>,
    pub(crate) agent_override: Option<Value>,
    pub(crate) metadata: Option<Value>,
    pub(crate) variables: Option<BTreeMap<String, String>>,
    pub(crate) custom_sip_headers: Option<BTreeMap<String, String>>,
    /// The node of the flow it begins with.
    pub(crate) node: Option<String>,
    /// The batch it belongs to.
    pub(crate) batch: Option<String>,
    /// Its id, where that has been told before.
    pub(crate) id: Option<String>,
}

impl Given {
    /// Only an agent; the rest as it is without it.
    pub(crate) fn of(workspace: &Arc<Workspace>, agent_id: String) -> Self {
        Self {
            workspace: Arc::clone(workspace),
            agent_id,
            agent_version: None,
            agent_override: None,
            metadata: None,
            variables: None,
            custom_sip_headers: None,
            node: None,
            batch: None,
            id: None,
        }
    }
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
    let part = chosen(app, given)?;
    check_limit(app, calls, given)?;
    let now = app.clock.now_ms();
    let mut access = Access::default();
    // The clock may run fast, the time of day does not: a token never dies
    // before its call does.
    let expires_at = now + TOKEN_LIFE_MS.max(app.settings().join_window_ms);
    let token = access.grant(CLIENT.to_owned(), LegRole::Client, expires_at);
    let mut object = object(&part, given);
    object.call_type = Some(CallType::WebCall);
    object.access_token = Some(token.clone());
    let call = start(app, calls, given, part, object, access, Beginning::Joined);
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
    /// It is only registered: somebody else dials, or nobody does.
    pub(crate) registered: bool,
    /// Why nobody answers it here, where that is known before.
    pub(crate) turned_away: Option<DisconnectionReason>,
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
    let mut part = chosen(app, given)?;
    if telephone.turned_away.is_none() {
        check_limit(app, calls, given)?;
    }
    part.rules.simulated_caller = true;
    let mut object = object(&part, given);
    let outbound = telephone.direction == Direction::Outbound;
    let beginning = match telephone
        .to_number
        .get(telephone.to_number.len().saturating_sub(4)..)
    {
        Some("9901") if outbound => Beginning::NotAnswered(DisconnectionReason::DialBusy),
        Some("9902") if outbound => Beginning::NotAnswered(DisconnectionReason::DialNoAnswer),
        Some("9903") if outbound => Beginning::NotAnswered(DisconnectionReason::DialFailed),
        Some("9904") if outbound => Beginning::NotAnswered(DisconnectionReason::UserDeclined),
        _ if telephone.registered => Beginning::Dialled,
        _ => telephone
            .turned_away
            .map_or(Beginning::Answered, Beginning::NotAnswered),
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
    let access = Access::default();
    let call = start(app, calls, given, part, object, access, beginning);
    call.state().room_open = true;
    Ok(call)
}

/// What the agent's side of a call consists of.
struct Part {
    /// With the call's overrides.
    agent: Agent,
    scenario: Arc<Scenario>,
    rules: Rules,
    /// The environment's tag by which it was asked for, and its variables.
    tag: Option<String>,
    variables: BTreeMap<String, String>,
}

/// The agent with the call's overrides, and the scenario it plays.
fn chosen(app: &App, given: &Given) -> Result<Part, ApiError> {
    check_metadata(given.metadata.as_ref())?;
    let version = given.agent_version.as_ref();
    let (agent, tag) = {
        let store = given.workspace.store();
        version.map_or(Ok(()), check_reference)?;
        let agent = store.get(&kinds::AGENT, &given.agent_id, version)?;
        let name = version.and_then(Value::as_str);
        let tag = name.and_then(|name| {
            let mut tags = store.tags(&kinds::AGENT, &given.agent_id).ok()?;
            tags.remove_entry(name)
        });
        let changes = given.agent_override.as_ref().and_then(|it| it.get("agent"));
        if let Some(Value::Object(changes)) = changes {
            let named = store.check_references(&kinds::AGENT, changes);
            named.or_else(|error| given.workspace.refuse(error))?;
        }
        (Agent(agent), tag)
    };
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
    let scenario = match agent.llm_websocket_url() {
        Some(_) => Arc::new(scenario.of_visitor(agent.language())),
        None => begun_at(&given.workspace, scenario, given.node.as_deref())?,
    };
    let begin = "/retell_llm/begin_message";
    let begin = given
        .agent_override
        .as_ref()
        .and_then(|it| it.pointer(begin));
    let scenario = match begin.and_then(Value::as_str) {
        Some(line) => begun_with(scenario, line),
        None => scenario,
    };
    let (tag, variables) = match tag {
        Some((name, tag)) => (Some(name), tag.dynamic_variables),
        None => (None, BTreeMap::new()),
    };
    Ok(Part {
        rules: agent.rules(),
        agent,
        scenario,
        tag,
        variables,
    })
}

/// Refuses one call too many.
fn check_limit(app: &App, calls: &Calls, given: &Given) -> Result<(), ApiError> {
    if calls.active_of(&given.workspace) >= app.settings().concurrency_limit {
        return Err(ApiError::new(
            StatusCode::TOO_MANY_REQUESTS,
            "Concurrency limit reached".to_owned(),
        ));
    }
    Ok(())
}

/// The scenario from one of its nodes on.
fn begun_at(
    workspace: &Workspace,
    scenario: Arc<Scenario>,
    node: Option<&str>,
) -> Result<Arc<Scenario>, ApiError> {
    let Some(node) = node else {
        return Ok(scenario);
    };
    let is_it = |step: &Step| matches!(step, Step::Node(name) if name == node);
    let Some(place) = scenario.steps.iter().position(is_it) else {
        let message = format!("current_node_id: node `{node}` not found");
        workspace.refuse(ApiError::unprocessable(&message))?;
        return Ok(scenario);
    };
    let mut scenario = Scenario::clone(&scenario);
    scenario.steps.drain(..place);
    Ok(Arc::new(scenario))
}

/// The scenario with another first line, where the agent speaks first.
fn begun_with(scenario: Arc<Scenario>, line: &str) -> Arc<Scenario> {
    let mut changed = Scenario::clone(&scenario);
    match changed.steps.first_mut() {
        Some(Step::Agent(first)) => line.clone_into(first),
        _ => return scenario,
    }
    Arc::new(changed)
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

/// An id for a call.
pub(crate) fn new_id() -> String {
    format!("call_{}", Uuid::now_v7().simple())
}

fn object(part: &Part, given: &Given) -> models::Call {
    let agent = &part.agent;
    let storage = agent.text("data_storage_setting").unwrap_or("everything");
    let mut extra = serde_json::Map::new();
    for (name, value) in [("agent_tag", &part.tag), ("batch_call_id", &given.batch)] {
        if let Some(value) = value {
            extra.insert(name.to_owned(), value.as_str().into());
        }
    }
    models::Call {
        call_id: given.id.clone().unwrap_or_else(new_id),
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
        opt_in_signed_url: Some(agent.0.get("opt_in_signed_url") == Some(&Value::Bool(true))),
        extra,
        ..models::Call::default()
    }
}

fn start(
    app: &App,
    calls: &mut Calls,
    given: &Given,
    part: Part,
    object: models::Call,
    access: Access,
    beginning: Beginning,
) -> Arc<Call> {
    let (room, events) = app.media.open_room(&object.call_id);
    let (commands, received) = mpsc::unbounded_channel();
    let asked = object.retell_llm_dynamic_variables.clone();
    let asked = asked.into_iter().flatten();
    let mut variables: Variables = part.variables.into_iter().chain(asked).collect();
    system_variables(&mut variables, &object);
    let call = Arc::new(Call {
        id: object.call_id.clone(),
        created_ms: app.clock.now_ms(),
        workspace: Arc::clone(&given.workspace),
        agent: part.agent,
        scenario: part.scenario,
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
        monitor: Mutex::default(),
        over: AtomicBool::new(false),
    });
    calls.insert(Arc::clone(&call));
    driver::spawn(
        app,
        Arc::clone(&call),
        events,
        received,
        part.rules,
        &variables,
        beginning,
    );
    call
}

/// The variables every call has (retell-protocol G6); those given go first.
fn system_variables(variables: &mut Variables, call: &models::Call) {
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
