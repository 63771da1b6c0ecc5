//! Calls: making them, reading them, changing finished ones (retell-protocol
//! F1, G1, H6).

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use retell::models::{self, Direction};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::Outcome;
use super::asked::Asked;
use super::contacts::with_number;
use crate::app::App;
use crate::calls::{Call, Calls};
use crate::conduct::create::{self, Given, Telephone, check_metadata};
use crate::error::ApiError;
use crate::filters;
use crate::resources::kinds::{AGENT, LLM, PHONE_NUMBER};
use crate::resources::pages::page;
use crate::resources::{Fields, check_reference};
use crate::workspaces::Workspace;

/// What a request gives with a new call.
fn given(workspace: &Arc<Workspace>, agent_id: String, body: &Fields) -> Given {
    let read = |name: &str| body.get(name).filter(|value| !value.is_null()).cloned();
    let texts = |name: &str| -> Option<BTreeMap<String, String>> {
        serde_json::from_value(read(name)?).ok()
    };
    let version = read("agent_version").or_else(|| read("override_agent_version"));
    Given {
        agent_version: version,
        agent_override: read("agent_override"),
        metadata: read("metadata"),
        variables: texts("retell_llm_dynamic_variables"),
        custom_sip_headers: texts("custom_sip_headers"),
        ..Given::of(workspace, agent_id)
    }
}

pub(super) fn create_web(asked: &Asked) -> Outcome {
    let given = Given {
        node: asked.string("current_node_id"),
        ..given(
            &asked.workspace,
            asked.string("agent_id").unwrap_or_default(),
            &asked.body,
        )
    };
    check_state(asked, &given)?;
    let access = create::web_call(&asked.app, &mut asked.app.calls(), &given)?;
    Ok(json!({
        "call_id": access.call_id,
        "access_token": access.token,
        "transport": "gateway",
        "ice_servers": ice_servers(&asked.app),
        "expires_at": access.expires_at,
    }))
}

/// Host candidates are enough for what runs on this machine. Unless it is to
/// be gentle, servers are named that never answer (RFC 5737): nobody may wait
/// for them.
pub(super) fn ice_servers(app: &App) -> Value {
    if app.config.gentle {
        return json!([]);
    }
    json!([
        { "urls": "stun:192.0.2.1:3478" },
        {
            "urls": ["turn:192.0.2.1:3478?transport=udp", "turn:192.0.2.1:3478?transport=tcp"],
            "username": "1893456000:emulator",
            "credential": "never-asked-for",
        },
    ])
}

/// Refuses a state that the agent's Retell LLM does not have.
fn check_state(asked: &Asked, given: &Given) -> Result<(), ApiError> {
    let Some(state) = asked.text("current_state") else {
        return Ok(());
    };
    let store = asked.workspace.store();
    let agent = store.get(&AGENT, &given.agent_id, given.agent_version.as_ref())?;
    let llm = agent.get("response_engine").and_then(|engine| {
        let id = engine.get(LLM.id)?.as_str()?;
        store.get(&LLM, id, engine.get("version")).ok()
    });
    let states = llm.as_ref().and_then(|llm| llm.get("states")?.as_array());
    if states.into_iter().flatten().any(|it| it["name"] == state) {
        return Ok(());
    }
    let message = format!("current_state: state `{state}` not found");
    asked.refuse(ApiError::unprocessable(&message))
}

pub(super) fn create_phone(asked: &Asked) -> Outcome {
    let now = asked.now_ms();
    // Held until the key is remembered: who asks again meanwhile waits.
    let mut calls = asked.app.calls();
    let key = asked.string("idempotency_key");
    if let Some(key) = &key {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
        if !key.bytes().all(plain) {
            let message = "idempotency_key has characters that are not allowed".to_owned();
            return Err(ApiError::bad_request(message));
        }
        if let Some(call) = calls.with_key(&asked.workspace, key, now) {
            return stored(&call);
        }
    }
    let call = dial(&asked.app, &asked.workspace, &mut calls, &asked.body, None)?;
    if let Some(key) = key {
        calls.remember_key(key, &call, now);
    }
    stored(&call)
}

/// Calls a number from one of the workspace's.
fn dial(
    app: &App,
    workspace: &Arc<Workspace>,
    calls: &mut Calls,
    body: &Fields,
    batch: Option<&str>,
) -> Result<Arc<Call>, ApiError> {
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let flag = |name: &str| body.get(name) == Some(&Value::Bool(true));
    let (from_number, to_number) = (
        text("from_number").unwrap_or(""),
        text("to_number").unwrap_or(""),
    );
    let (number, contact) = {
        let store = workspace.store();
        let number = store.get(&PHONE_NUMBER, from_number, None);
        let number =
            number.map_err(|_| ApiError::unprocessable("The from number was not found"))?;
        (number, with_number(&store, to_number))
    };
    if !flag("ignore_e164_validation") && !is_e164(to_number) {
        return Err(ApiError::bad_request(format!("{to_number} is not E.164")));
    }
    let bought = number
        .get("phone_number_type")
        .is_some_and(|kind| kind != "custom");
    if bought && !to_number.starts_with("+1") {
        let message = "This number calls destinations in the US only".to_owned();
        return Err(ApiError::bad_request(message));
    }
    let refuses =
        contact.is_some_and(|contact| contact.get("do_not_call") == Some(&Value::Bool(true)));
    if flag("honor_internal_dnc") && refuses {
        let message = "The contact does not want to be called".to_owned();
        return Err(ApiError::bad_request(message));
    }
    let agent = number
        .get("outbound_agents")
        .and_then(|agents| agents.get(0));
    let own = |name: &str| agent.and_then(|agent| agent.get(name)).cloned();
    let id = text("override_agent_id").map(str::to_owned);
    let mut given = match id {
        Some(id) => given(workspace, id, body),
        None => {
            let id = own("agent_id").and_then(|id| Some(id.as_str()?.to_owned()));
            let id = id.ok_or_else(|| {
                ApiError::bad_request("The number has no outbound agent".to_owned())
            })?;
            let given = given(workspace, id, body);
            let agent_version = given.agent_version.clone().or_else(|| own("agent_version"));
            Given {
                agent_version,
                ..given
            }
        }
    };
    given.batch = batch.map(str::to_owned);
    let telephone = Telephone {
        from_number: from_number.to_owned(),
        to_number: to_number.to_owned(),
        direction: Direction::Outbound,
        registered: false,
        turned_away: None,
    };
    create::phone_call(app, calls, &given, telephone)
}

/// A call that somebody else is to dial into.
pub(super) fn register(asked: &Asked) -> Outcome {
    let agent_id = asked.string("agent_id").unwrap_or_default();
    let given = given(&asked.workspace, agent_id, &asked.body);
    let inbound = asked.text("direction") == Some("inbound");
    let telephone = Telephone {
        from_number: asked.string("from_number").unwrap_or_default(),
        to_number: asked.string("to_number").unwrap_or_default(),
        direction: if inbound {
            Direction::Inbound
        } else {
            Direction::Outbound
        },
        registered: true,
        turned_away: None,
    };
    let call = create::phone_call(&asked.app, &mut asked.app.calls(), &given, telephone)?;
    stored(&call)
}

/// Calls many, now or later; those that fall outside the window of the day
/// wait for it.
pub(super) fn create_batch(asked: &Asked) -> Outcome {
    let now = asked.now_ms();
    let tasks: Vec<Fields> = asked.get("tasks").unwrap_or_default();
    if tasks.is_empty() {
        return Err(ApiError::bad_request(
            "tasks: must have at least 1".to_owned(),
        ));
    }
    let from = asked.text("from_number").unwrap_or_default();
    asked.workspace.store().get(&PHONE_NUMBER, from, None)?;
    for (n, task) in tasks.iter().enumerate() {
        check_task(asked, n, task).or_else(|error| asked.refuse(error))?;
    }
    let at = asked.body.get("trigger_timestamp").and_then(Value::as_f64);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "times are whole and after 1970"
    )]
    let at = at.map_or(now, |at| at as u64);
    if at < now {
        let message = "trigger_timestamp: must be in the future".to_owned();
        asked.refuse(ApiError::bad_request(message))?;
    }
    let window = asked.body.get("call_time_window").cloned();
    let wait = until_open(window.as_ref(), at);
    let wait = wait.or_else(|error| asked.refuse(error).map(|()| 0))?;
    let id = format!("batch_call_{}", Uuid::new_v4().simple());
    let answer = json!({
        "batch_call_id": id,
        "name": asked.text("name").unwrap_or(&id),
        "from_number": from,
        "scheduled_timestamp": at,
        "total_task_count": tasks.len(),
    });
    let (app, workspace) = (asked.app.clone(), Arc::clone(&asked.workspace));
    let from = from.to_owned();
    asked.app.tasks().spawn(async move {
        app.clock.sleep(at.saturating_sub(now) + wait).await;
        for mut task in tasks {
            task.insert("from_number".to_owned(), from.clone().into());
            loop {
                let dialled = dial(&app, &workspace, &mut app.calls(), &task, Some(&id));
                match dialled {
                    // One after the other where there are too many at once.
                    Err(error) if error.is_too_many() => app.clock.sleep(1_000).await,
                    Err(error) => {
                        tracing::info!(batch = id, ?error, "a task of a batch was not called");
                        break;
                    }
                    Ok(_) => break,
                }
            }
        }
    });
    Ok(answer)
}

/// Refuses a task that could never be called.
fn check_task(asked: &Asked, n: usize, task: &Fields) -> Result<(), ApiError> {
    let text = |name: &str| task.get(name).and_then(Value::as_str);
    let strict = task.get("ignore_e164_validation") != Some(&Value::Bool(true));
    if strict && !text("to_number").is_some_and(is_e164) {
        let message = format!("tasks[{n}].to_number: is not E.164");
        return Err(ApiError::bad_request(message));
    }
    if let Some(agent) = text("override_agent_id") {
        let version = task.get("override_agent_version");
        version.map_or(Ok(()), check_reference)?;
        asked.workspace.store().get(&AGENT, agent, version)?;
    }
    Ok(())
}

/// How long from a time until a window of the day is open, in ms.
fn until_open(window: Option<&Value>, at_ms: u64) -> Result<u64, ApiError> {
    let Some(window) = window else {
        return Ok(0);
    };
    let zone = window.get("timezone").and_then(Value::as_str);
    let zone = zone.unwrap_or("America/Los_Angeles");
    let wrong = |what: &str| ApiError::bad_request(format!("call_time_window: {what}"));
    let at = Timestamp::from_millisecond(i64::try_from(at_ms).unwrap_or(i64::MAX))
        .map_err(|_| wrong("there is no such time"))?
        .in_tz(zone)
        .map_err(|_| wrong("the timezone is not known"))?;
    let days = window.get("day").and_then(Value::as_array);
    let is_day = |day: jiff::civil::Weekday| {
        days.is_none_or(|days| days.iter().any(|it| *it == format!("{day:?}")))
    };
    let windows: Vec<(i64, i64)> = window["windows"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|it| Some((it.get("start")?.as_i64()?, it.get("end")?.as_i64()?)))
        .collect();
    if windows.is_empty()
        || windows
            .iter()
            .any(|(start, end)| start >= end || *start < 0 || *end > 1_440)
    {
        return Err(wrong("windows are minutes of the day, from start to end"));
    }
    let minute = i64::from(at.hour()) * 60 + i64::from(at.minute());
    (0..8 * 1_440)
        .find(|passed| {
            let (days, of_day) = ((minute + passed) / 1_440, (minute + passed) % 1_440);
            let day = (0..days).fold(at.weekday(), |day, _| day.next());
            is_day(day)
                && windows
                    .iter()
                    .any(|(start, end)| (*start..*end).contains(&of_day))
        })
        .and_then(|minutes| u64::try_from(minutes * 60_000).ok())
        .ok_or_else(|| wrong("it is never open"))
}

/// A plus and 7 to 15 digits, the first of which is not 0.
pub(super) fn is_e164(number: &str) -> bool {
    number.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len())
            && digits.bytes().all(|digit| digit.is_ascii_digit())
            && !digits.starts_with('0')
    })
}

fn stored(call: &Call) -> Outcome {
    Ok(view(&call.state().stored()))
}

fn view(call: &models::Call) -> Value {
    // Maps with text keys and numbers are always JSON.
    serde_json::to_value(call).unwrap_or_default()
}

/// The call that is asked for.
pub(super) fn one(asked: &Asked) -> Option<Arc<Call>> {
    asked.app.calls().of(&asked.workspace, asked.id())
}

pub(super) fn unknown() -> ApiError {
    ApiError::unprocessable("Call not found")
}

fn not_ended() -> ApiError {
    ApiError::unprocessable("The call has not ended")
}

pub(super) fn get(asked: &Asked) -> Outcome {
    let call = one(asked).ok_or_else(unknown)?;
    stored(&call)
}

pub(super) fn list(asked: &Asked) -> Outcome {
    let filter: Fields = asked.get("filter_criteria").unwrap_or_default();
    let mut rows = chosen(&asked.app, &asked.workspace, &filter);
    for (_, row) in &mut rows {
        if let Value::Object(row) = row {
            row.retain(|name, _| !name.contains("transcript"));
        }
    }
    page("calls", rows, &asked.list())
}

/// The calls that a filter holds for, by their beginnings, each with its place.
pub(crate) fn chosen(
    app: &App,
    workspace: &Workspace,
    filter: &Fields,
) -> Vec<((i64, String), Value)> {
    let calls: Vec<Arc<Call>> = app.calls().all_of(workspace).cloned().collect();
    let mut rows = Vec::new();
    for call in calls {
        let (call_view, attributes) = {
            let state = call.state();
            (
                state.stored(),
                Value::Object(state.custom_attributes.clone()),
            )
        };
        let created = i64::try_from(call.created_ms).unwrap_or(i64::MAX);
        let time = call_view.start_timestamp.unwrap_or(created);
        let row = view(&call_view);
        if filters::hold(filter, &row, &attributes) {
            rows.push(((time, call.id.clone()), row));
        }
    }
    rows.sort_by(|(a, _), (b, _)| a.cmp(b));
    rows
}

pub(super) fn update(asked: &Asked) -> Outcome {
    let metadata = asked.body.get("metadata").filter(|it| !it.is_null());
    check_metadata(metadata)?;
    let call = one(asked).ok_or_else(unknown)?;
    let mut state = call.state();
    if !state.is_over() {
        asked.refuse(not_ended())?;
    }
    if let Some(setting) = asked.text("data_storage_setting") {
        tighten(&mut state.object, setting)?;
    }
    if let Some(metadata) = metadata {
        state.object.metadata = Some(metadata.clone());
    }
    let attributes: Map<String, Value> = asked.get("custom_attributes").unwrap_or_default();
    state.custom_attributes.extend(attributes);
    Ok(view(&state.stored()))
}

/// Changes what is kept of a call; only towards less.
pub(super) fn tighten(call: &mut models::Call, setting: &str) -> Result<(), ApiError> {
    let kept = |setting: &str| match setting {
        "basic_attributes_only" => 0,
        "everything_except_pii" => 1,
        _ => 2,
    };
    let current = call.data_storage_setting.as_ref().map(ToString::to_string);
    if kept(setting) > kept(current.as_deref().unwrap_or_default()) {
        let message = "data_storage_setting can only be made stricter".to_owned();
        return Err(ApiError::bad_request(message));
    }
    call.data_storage_setting = Some(setting.into());
    Ok(())
}

pub(super) fn delete(asked: &Asked) -> Outcome {
    let call = one(asked).ok_or_else(unknown)?;
    if !call.is_over() {
        asked.refuse(not_ended())?;
    }
    asked.app.calls().remove(&call.id);
    Ok(Value::Null)
}

/// The same analysis again: there is nothing here that could find another.
pub(super) fn rerun_analysis(asked: &Asked) -> Outcome {
    let call = one(asked).ok_or_else(|| ApiError::not_found("Call not found"))?;
    if !call.is_over() {
        asked.refuse(not_ended())?;
    }
    stored(&call)
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
        tighten(&mut call, "everything_except_pii").unwrap();
        tighten(&mut call, "basic_attributes_only").unwrap();
        assert!(tighten(&mut call, "everything").is_err());
        let setting = call.data_storage_setting.map(|it| it.to_string());
        assert_eq!(setting.as_deref(), Some("basic_attributes_only"));
    }

    #[test]
    fn a_batch_waits_for_its_window() {
        // Saturday, 2026-11-28, 12:00 in UTC.
        let noon = 1_795_867_200_000;
        let window = |start: u64, end: u64, day: Value| json!({"windows": [{"start": start, "end": end}], "day": day, "timezone": "UTC"});
        let every = json!(["Monday", "Saturday"]);
        let open = |window: Value| until_open(Some(&window), noon);
        assert_eq!(until_open(None, noon), Ok(0));
        assert_eq!(open(window(700, 721, every.clone())), Ok(0));
        assert_eq!(open(window(780, 800, every)), Ok(3_600_000));
        assert_eq!(
            open(window(720, 800, json!(["Monday"]))),
            Ok(2 * 86_400_000)
        );
        assert!(open(window(800, 780, json!(["Monday"]))).is_err());
        let nowhere = json!({"windows": [{"start": 0, "end": 1}], "timezone": "Nowhere/Town"});
        assert!(open(nowhere).is_err());
    }
}
