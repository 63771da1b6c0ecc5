//! Custom functions the agent calls during a conversation (retell-protocol
//! C1–C3): really, over HTTP, where a URL is known; otherwise the scenario's
//! canned answer.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::{Map, Value};
use url::Url;

use crate::agents::FUNCTIONS_FIELD;
use crate::app::App;
use crate::delivery::{Outgoing, Sending, Subject};
use crate::resources::kinds;
use crate::scenario::{ToolStep, Variables};
use crate::unkind;

/// So much of an answer reaches the agent.
const MAX_CHARS: usize = 15_000;
/// The first wait before another attempt, doubled each time.
const BACKOFF_MS: u64 = 500;

/// What a function answered.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) content: String,
    pub(crate) successful: bool,
    pub(crate) variables: Variables,
}

/// Calls a function for a call or a chat; `view` is what it is told of that.
pub(crate) async fn call(
    app: &App,
    about: Subject<'_>,
    view: impl Fn() -> Value,
    tool: &ToolStep,
    arguments: &Map<String, Value>,
    variables: &Variables,
) -> Outcome {
    let (tool, arguments, written) = match written(about, tool, arguments, variables) {
        Ok(Some((tool, arguments))) => (tool, arguments, true),
        Ok(None) => (tool.clone(), arguments.clone(), false),
        Err(error) => return failed(&error),
    };
    let own = || tool.request.url.as_deref().map(|url| variables.fill(url));
    let url = if written {
        own()
    } else {
        place(app, about, &tool.name).or_else(own)
    };
    match url {
        Some(url) => {
            let outgoing = outgoing(app, about, view, &tool, &arguments, variables, &url);
            request(app, &tool, outgoing).await
        }
        None => {
            app.clock.sleep(tool.delay_ms).await;
            answered(
                &tool,
                variables.fill_json(&tool.result).to_string().as_bytes(),
            )
        }
    }
}

/// A function and its arguments.
type Written = (ToolStep, Map<String, Value>);

/// The function as the agent's own Retell LLM has it among its tools, and the
/// arguments with those that it fixes; `None` where that has no tools, so that
/// the scenario's word goes.
///
/// # Errors
/// When the agent has tools, but not this one, or not with these arguments.
fn written(
    about: Subject<'_>,
    tool: &ToolStep,
    arguments: &Map<String, Value>,
    variables: &Variables,
) -> Result<Option<Written>, String> {
    let tools = tools(about);
    if tools.is_empty() {
        return Ok(None);
    }
    let is_it = |it: &&Value| it["type"] == "custom" && it["name"] == tool.name.as_str();
    let own = tools
        .iter()
        .find(is_it)
        .ok_or_else(|| format!("Error: the agent has no tool {}", tool.name))?;
    let schema = own.get("parameters").unwrap_or(&Value::Null);
    let properties = schema.get("properties").and_then(Value::as_object);
    let fixed: Map<String, Value> = properties
        .into_iter()
        .flatten()
        .filter_map(|(name, it)| Some((name.clone(), it.get("const")?.clone())))
        .collect();
    let mut arguments = arguments.clone();
    arguments.extend(fixed.clone());
    retell_spec::check_schema(schema, &Value::Object(arguments.clone()))
        .map_err(|wrong| format!("Error: {}: {wrong}", tool.name))?;
    arguments.extend(variables.fill_object(&fixed));
    let text = |name: &str| own.get(name).and_then(Value::as_str).map(str::to_owned);
    let texts = |name: &str| {
        let all = own.get(name).cloned().unwrap_or_default();
        serde_json::from_value(all).unwrap_or_default()
    };
    let mut written = tool.clone();
    written.request.url = text("url");
    written.request.method = text("method").unwrap_or_else(|| Method::POST.to_string());
    written.request.headers = texts("headers");
    written.request.query_params = texts("query_params");
    written.request.args_at_root = own["args_at_root"] == true;
    if let Some(timeout_ms) = own["timeout_ms"].as_u64() {
        written.request.timeout_ms = timeout_ms;
    }
    if let Some(retries) = own["max_retry"].as_u64() {
        written.request.max_retry = u32::try_from(retries).unwrap_or_default();
    }
    written
        .response_variables
        .extend(texts("response_variables"));
    Ok(Some((written, arguments)))
}

/// The tools of the Retell LLM that the agent thinks with.
fn tools(about: Subject<'_>) -> Vec<Value> {
    let engine = about.agent.0.get("response_engine");
    let id = engine.and_then(|it| it.get("llm_id")?.as_str());
    let version = engine.and_then(|it| it.get("version"));
    let llm = id.and_then(|id| about.workspace.store().get(&kinds::LLM, id, version).ok());
    match llm.and_then(|mut llm| llm.remove("general_tools")) {
        Some(Value::Array(tools)) => tools,
        _ => Vec::new(),
    }
}

/// Where all functions are: the agent's place for them, or the emulator's.
fn place(app: &App, about: Subject<'_>, name: &str) -> Option<String> {
    let base = about
        .agent
        .text(FUNCTIONS_FIELD)
        .or(app.config.functions_url.as_deref())?;
    Some(if base.contains("{tool}") {
        base.replace("{tool}", name)
    } else {
        format!("{}/{name}", base.trim_end_matches('/'))
    })
}

async fn request(app: &App, tool: &ToolStep, outgoing: Result<Outgoing, String>) -> Outcome {
    let outgoing = match outgoing {
        Ok(outgoing) => outgoing,
        Err(error) => return failed(&error),
    };
    let mut error = String::new();
    for attempt in 0..=tool.request.max_retry {
        if attempt > 0 {
            app.clock.sleep(BACKOFF_MS << (attempt - 1)).await;
        }
        match outgoing.send(app).await {
            Ok(answer) if answer.is_success() => return answered(tool, &answer.body),
            Ok(answer) => {
                let text = String::from_utf8_lossy(&answer.body);
                error = format!("Error: status {} {text}", answer.status);
            }
            Err(why) => error = format!("Error: {why}"),
        }
    }
    failed(&error)
}

fn outgoing(
    app: &App,
    about: Subject<'_>,
    view: impl Fn() -> Value,
    tool: &ToolStep,
    arguments: &Map<String, Value>,
    variables: &Variables,
    url: &str,
) -> Result<Outgoing, String> {
    let request = &tool.request;
    let mut url = Url::parse(url).map_err(|error| format!("Error: {error}"))?;
    for (name, value) in &request.query_params {
        url.query_pairs_mut()
            .append_pair(name, &variables.fill(value));
    }
    let method = Method::from_bytes(request.method.as_bytes()).map_err(|e| e.to_string())?;
    let mut headers = HeaderMap::new();
    for (name, value) in &request.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|e| e.to_string())?;
        let value = HeaderValue::from_str(&variables.fill(value)).map_err(|e| e.to_string())?;
        headers.insert(name, value);
    }
    let body = if method == Method::GET || method == Method::DELETE {
        Bytes::new()
    } else if request.args_at_root {
        Bytes::from(Value::Object(arguments.clone()).to_string())
    } else {
        let mut body = view();
        body["name"] = tool.name.as_str().into();
        body["args"] = Value::Object(arguments.clone());
        Bytes::from(unkind::text(&body, app.config.gentle))
    };
    let sending = Sending {
        kind: "function",
        name: &tool.name,
        about: about.id,
        method,
        url: url.into(),
        headers,
        body,
        timeout: Duration::from_millis(request.timeout_ms),
        lost: false,
    };
    Ok(Outgoing::new(app, about.workspace, sending))
}

fn answered(tool: &ToolStep, body: &[u8]) -> Outcome {
    let text = String::from_utf8_lossy(body);
    let mut variables = Variables::default();
    if let Ok(answer) = serde_json::from_slice::<Value>(body) {
        variables.extract(&answer, &tool.response_variables);
    }
    Outcome {
        content: text.chars().take(MAX_CHARS).collect(),
        successful: true,
        variables,
    }
}

fn failed(error: &str) -> Outcome {
    let content = error.chars().take(MAX_CHARS).collect();
    Outcome {
        content,
        successful: false,
        variables: Variables::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Step;
    use crate::scenario::parse::parse;

    fn tool() -> ToolStep {
        let text = "name = \"S\"\n[[steps]]\ntool = \"f\"\nvariables = { a = \"x\", b = \"n.m\" }";
        match parse("s.toml", text).unwrap().steps.remove(0) {
            Step::Tool(tool) => tool,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_answer_sets_variables_and_is_cut_for_the_agent() {
        let long = format!(r#"{{"x": "{}", "n": {{"m": [1]}}}}"#, "y".repeat(20_000));
        let outcome = answered(&tool(), long.as_bytes());
        assert_eq!(outcome.content.len(), MAX_CHARS);
        assert_eq!(outcome.variables.get("a").map(str::len), Some(20_000));
        assert_eq!(outcome.variables.get("b"), Some("[1]"));
    }

    #[test]
    fn an_answer_that_is_no_json_is_only_text() {
        let outcome = answered(&tool(), b"plain \xff");
        assert!(outcome.successful && outcome.variables.is_empty());
        assert!(outcome.content.starts_with("plain"));
    }
}
