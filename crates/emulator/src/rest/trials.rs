//! Simulated tests (retell-protocol H9) and the playground: the scenarios,
//! talked through at once, with tools that are mocked.

use std::sync::Arc;

use serde_json::{Value, json};

use super::Outcome;
use super::asked::Asked;
use crate::agents::{Agent, SCENARIO_FIELD};
use crate::app::App;
use crate::error::ApiError;
use crate::resources::kinds::{AGENT, BATCH_TEST, FLOW, LLM, TEST_CASE, TEST_RUN};
use crate::resources::pages::page;
use crate::resources::{Fields, Store};
use crate::scenario::{Scenario, ToolStep, Variables};
use crate::talks::{Talk, Turn};

/// Runs test cases against what an agent thinks with.
pub(super) fn create(asked: &Asked) -> Outcome {
    let (mut store, now_ms) = (asked.workspace.store(), asked.now_ms());
    let cases: Vec<String> = asked.get("test_case_definition_ids").unwrap_or_default();
    let mut fields = asked.body.clone();
    fields.insert("status".to_owned(), "in_progress".into());
    let batch = store.create(&BATCH_TEST, fields, now_ms)?;
    let batch_id = batch.get(BATCH_TEST.id).cloned().unwrap_or_default();
    let mut runs = Vec::new();
    for case in cases {
        let definition = store.get(&TEST_CASE, &case, None)?;
        let run = json!({
            "test_case_definition_id": case,
            "test_case_definition_snapshot": definition,
            "status": "pending",
            "batch": batch_id,
        });
        let run = store.create(&TEST_RUN, object(run), now_ms)?;
        runs.extend(
            run.get(TEST_RUN.id)
                .and_then(Value::as_str)
                .map(str::to_owned),
        );
    }
    let shown = with_counts(&store, batch);
    drop(store);
    let (app, workspace) = (asked.app.clone(), Arc::clone(&asked.workspace));
    let engine = asked
        .body
        .get("response_engine")
        .cloned()
        .unwrap_or_default();
    asked.app.tasks().spawn(async move {
        for run in runs {
            let status = |status: &'static str, result: Fields| {
                let now_ms = app.clock.now_ms();
                workspace.store().amend(&TEST_RUN, &run, |fields| {
                    fields.extend(result);
                    fields.insert("status".to_owned(), status.into());
                    fields.insert("user_modified_timestamp".to_owned(), now_ms.into());
                });
            };
            status("in_progress", Fields::new());
            let delay = app.settings().knowledge_delay_ms;
            app.clock.sleep(delay).await;
            let case = workspace
                .store()
                .get(&TEST_RUN, &run, None)
                .unwrap_or_default();
            let case = case
                .get("test_case_definition_snapshot")
                .cloned()
                .unwrap_or_default();
            let scenario = scenario(&app, &workspace.store(), &engine);
            let (outcome, result) = tried(scenario, &case);
            status(outcome, result);
        }
        workspace.store().amend(
            &BATCH_TEST,
            batch_id.as_str().unwrap_or_default(),
            |fields| {
                fields.insert("status".to_owned(), "complete".into());
            },
        );
    });
    Ok(shown)
}

fn object(value: Value) -> Fields {
    match value {
        Value::Object(fields) => fields,
        _ => Fields::new(),
    }
}

/// The scenario of an engine: the one it names, or that of an agent which
/// thinks with it.
fn scenario(app: &App, store: &Store, engine: &Value) -> Option<Arc<Scenario>> {
    let (kind, id) = match engine.get(FLOW.id) {
        Some(id) => (&FLOW, id),
        None => (&LLM, engine.get(LLM.id)?),
    };
    let own = store.get(kind, id.as_str()?, None).ok()?;
    let named = own
        .get(SCENARIO_FIELD)
        .and_then(Value::as_str)
        .map(str::to_owned);
    let of_agent = || {
        let agents = store.all(&AGENT).into_iter();
        let mut thinking = agents.filter(|(_, agent)| {
            agent.get("response_engine").and_then(|it| it.get(kind.id)) == Some(id)
        });
        thinking.next().map(|(_, agent)| Agent(agent).scenario())
    };
    app.library().get(&named.or_else(of_agent)?)
}

/// How one test ends: it passes when the script can be talked to its end, no
/// mock says that its tool fails, and the scenario says that each of its
/// metrics holds, or, where it does not name them, that it is one of success.
fn tried(scenario: Option<Arc<Scenario>>, case: &Value) -> (&'static str, Fields) {
    let Some(scenario) = scenario else {
        let why = json!({ "result_explanation": "The response engine plays no scenario" });
        return ("error", object(why));
    };
    let variables = object(case["dynamic_variables"].clone()).into_iter();
    let variables = variables.filter_map(|(name, value)| Some((name, value.as_str()?.to_owned())));
    let mut talk = Talk::new(Agent(Fields::new()), scenario, &variables.collect());
    let mocks = case["tool_mocks"].as_array().cloned().unwrap_or_default();
    let (mut messages, mut failed) = (Vec::new(), None);
    loop {
        failed = failed.or(talked(&mut talk, &mocks, &mut messages));
        let Some(line) = talk.expected() else {
            break;
        };
        messages.push(json!({ "role": "user", "content": line }));
        talk.heard();
    }
    failed = failed.or_else(|| {
        let successful = talk.scenario().analysis.successful != Some(false);
        let holds = &talk.scenario().metrics;
        let metrics = case["metrics"].as_array().into_iter().flatten();
        let metrics: Vec<&str> = metrics.filter_map(Value::as_str).collect();
        if metrics.is_empty() && !successful {
            return Some("The scenario is one of failure".to_owned());
        }
        let wrong = |metric: &&&str| !holds.get(**metric).copied().unwrap_or(successful);
        let wrong = metrics.iter().find(wrong)?;
        Some(format!("\"{wrong}\" does not hold in the scenario"))
    });
    let status = if failed.is_none() { "pass" } else { "fail" };
    let result = json!({
        "result_explanation": failed.unwrap_or_else(|| "The script was played to its end".to_owned()),
        "transcript_snapshot": { "messages": messages },
    });
    (status, object(result))
}

/// Lets the agent have its turn; which tool failed, if one did.
fn talked(talk: &mut Talk, mocks: &[Value], messages: &mut Vec<Value>) -> Option<String> {
    let mut failed = None;
    while let Some(turn) = talk.next() {
        match turn {
            Turn::Says(content) => messages.push(json!({ "role": "agent", "content": content })),
            Turn::Sms(content) => messages.push(json!({ "role": "sms", "content": content })),
            Turn::Node { from, to } => messages.push(json!({
                "role": "node_transition", "former_node_name": from, "new_node_name": to,
            })),
            Turn::End { id } => messages.push(invocation(&id, "end_call", &Fields::new())),
            Turn::Tool {
                id,
                tool,
                arguments,
            } => {
                messages.push(invocation(&id, &tool.name, &arguments));
                let (content, successful, learned) =
                    mocked(&tool, &arguments, mocks, &talk.variables());
                talk.learn(&learned);
                if !successful {
                    failed.get_or_insert_with(|| format!("{} failed: {content}", tool.name));
                }
                messages.push(json!({
                    "role": "tool_call_result", "tool_call_id": id, "content": content, "successful": successful,
                }));
            }
        }
    }
    failed
}

fn invocation(id: &str, name: &str, arguments: &Fields) -> Value {
    let arguments = Value::Object(arguments.clone()).to_string();
    json!({ "role": "tool_call_invocation", "tool_call_id": id, "name": name, "arguments": arguments })
}

/// What a tool answers: the first mock whose rule fits, or the scenario.
fn mocked(
    tool: &ToolStep,
    arguments: &Fields,
    mocks: &[Value],
    variables: &Variables,
) -> (String, bool, Variables) {
    let fits = |mock: &&Value| {
        let wanted = mock["input_match_rule"]["args"].as_object();
        mock["tool_name"] == tool.name.as_str()
            && wanted.is_none_or(|it| {
                it.iter()
                    .all(|(name, value)| arguments.get(name) == Some(value))
            })
    };
    let (text, successful) = match mocks.iter().find(fits) {
        Some(mock) => (
            mock["output"].as_str().unwrap_or_default().to_owned(),
            mock.get("result") != Some(&Value::Bool(false)),
        ),
        None => (variables.fill_json(&tool.result).to_string(), true),
    };
    let mut learned = Variables::default();
    if let Ok(answer) = serde_json::from_str::<Value>(&text) {
        learned.extract(&answer, &tool.response_variables);
    }
    (text, successful, learned)
}

/// A batch with how many of its runs came to what.
fn with_counts(store: &Store, mut batch: Fields) -> Value {
    let id = batch.get(BATCH_TEST.id).cloned();
    let runs = store.all(&TEST_RUN);
    let mine: Vec<&Fields> = runs
        .iter()
        .map(|(_, run)| run)
        .filter(|run| run.get("batch") == id.as_ref())
        .collect();
    for (name, status) in [
        ("pass_count", "pass"),
        ("fail_count", "fail"),
        ("error_count", "error"),
    ] {
        let count = mine
            .iter()
            .filter(|run| run.get("status").is_some_and(|it| it == status))
            .count();
        batch.insert(name.to_owned(), count.into());
    }
    batch.insert("total_count".to_owned(), mine.len().into());
    batch.remove("test_case_definition_ids");
    Value::Object(batch)
}

pub(super) fn get(asked: &Asked) -> Outcome {
    let store = asked.workspace.store();
    let batch = store.get(&BATCH_TEST, asked.id(), None)?;
    Ok(with_counts(&store, batch))
}

/// Whether something is about the engine that a query names.
fn is_about(fields: &Fields, query: &Fields) -> bool {
    let engine = fields.get("response_engine");
    ["type", "llm_id", "conversation_flow_id", "version"]
        .iter()
        .all(|name| {
            query
                .get(*name)
                .is_none_or(|wanted| engine.and_then(|engine| engine.get(*name)) == Some(wanted))
        })
}

/// Refuses a query that names no engine of its type.
fn check_engine(asked: &Asked) -> Result<(), ApiError> {
    let wanted = if asked.query.get("type").is_some_and(|it| it == "retell-llm") {
        LLM.id
    } else {
        FLOW.id
    };
    if asked.query.contains_key(wanted) {
        Ok(())
    } else {
        asked.refuse(ApiError::bad_request(format!("{wanted}: is required")))
    }
}

pub(super) fn list(asked: &Asked) -> Outcome {
    check_engine(asked)?;
    let store = asked.workspace.store();
    let batches = store.all(&BATCH_TEST).into_iter();
    let rows = batches.filter(|(_, batch)| is_about(batch, &asked.query));
    let rows = rows.map(|(made, batch)| (made, with_counts(&store, batch)));
    page(BATCH_TEST.name, rows.collect(), &asked.list())
}

pub(super) fn list_cases(asked: &Asked) -> Outcome {
    check_engine(asked)?;
    let cases = asked.workspace.store().all(&TEST_CASE).into_iter();
    let rows = cases.filter(|(_, case)| is_about(case, &asked.query));
    let rows = rows.map(|(made, case)| (made, Value::Object(case)));
    page(TEST_CASE.name, rows.collect(), &asked.list())
}

fn shown(mut run: Fields) -> Value {
    run.remove("batch");
    Value::Object(run)
}

pub(super) fn run(asked: &Asked) -> Outcome {
    Ok(shown(asked.workspace.store().get(
        &TEST_RUN,
        asked.id(),
        None,
    )?))
}

pub(super) fn list_runs(asked: &Asked) -> Outcome {
    let store = asked.workspace.store();
    store.get(&BATCH_TEST, asked.id(), None)?;
    let runs = store.all(&TEST_RUN).into_iter();
    let rows = runs.filter(|(_, run)| run.get("batch").is_some_and(|it| it == asked.id()));
    page(
        asked.id(),
        rows.map(|(made, run)| (made, shown(run))).collect(),
        &asked.list(),
    )
}

/// What the agent would do after these messages: the script, as far as they
/// have come in it.
pub(super) fn playground(asked: &Asked) -> Outcome {
    let agent = asked
        .workspace
        .store()
        .get(&AGENT, asked.id(), asked.version())?;
    let agent = Agent(agent);
    if agent.llm_websocket_url().is_some() {
        let message = "The playground does not support custom LLMs".to_owned();
        return Err(ApiError::bad_request(message));
    }
    let scenario = asked.app.library().get(&agent.scenario());
    let scenario =
        scenario.ok_or_else(|| ApiError::bad_request("The agent has no scenario".to_owned()))?;
    let given: std::collections::BTreeMap<String, String> =
        asked.get("dynamic_variables").unwrap_or_default();
    let mut talk = Talk::new(agent, scenario, &given.into_iter().collect());
    let mocks: Vec<Value> = asked.get("tool_mocks").unwrap_or_default();
    let heard: Vec<Value> = asked.get("messages").unwrap_or_default();
    let heard = heard
        .iter()
        .filter(|message| message["role"] == "user")
        .count();
    let mut messages = Vec::new();
    talked(&mut talk, &mocks, &mut messages);
    for _ in 0..heard {
        messages.clear();
        talk.heard();
        talked(&mut talk, &mocks, &mut messages);
    }
    let ended = messages.iter().any(|message| message["name"] == "end_call");
    let variables = talk.variables();
    let variables: Fields = variables
        .iter()
        .map(|(name, it)| (name.to_owned(), it.into()))
        .collect();
    Ok(json!({ "messages": messages, "call_ended": ended, "dynamic_variables": variables }))
}
