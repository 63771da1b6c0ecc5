//! Custom functions the agent calls during a conversation (retell-protocol
//! C1–C3): really, over HTTP, where a URL is known; otherwise the scenario's
//! canned answer.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::{Map, Value, json};
use url::Url;

use crate::agents::FUNCTIONS_FIELD;
use crate::app::App;
use crate::calls::Call;
use crate::delivery::Outgoing;
use crate::journal::Delivery;
use crate::scenario::{ToolStep, Variables};

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

/// Calls a function for a call.
pub(crate) async fn call(
    app: &App,
    call: &Call,
    tool: &ToolStep,
    arguments: &Map<String, Value>,
    variables: &Variables,
) -> Outcome {
    match url(app, call, tool, variables) {
        Some(url) => request(app, call, tool, arguments, variables, url).await,
        None => {
            app.clock.sleep(tool.delay_ms).await;
            answered(
                tool,
                variables.fill_json(&tool.result).to_string().as_bytes(),
            )
        }
    }
}

/// Where the function is: the agent's place for functions, the emulator's, or
/// the scenario's own URL.
fn url(app: &App, call: &Call, tool: &ToolStep, variables: &Variables) -> Option<String> {
    let base = call
        .agent
        .text(FUNCTIONS_FIELD)
        .or(app.config.functions_url.as_deref());
    match base {
        Some(base) if base.contains("{tool}") => Some(base.replace("{tool}", &tool.name)),
        Some(base) => Some(format!("{}/{}", base.trim_end_matches('/'), tool.name)),
        None => tool.request.url.as_deref().map(|url| variables.fill(url)),
    }
}

async fn request(
    app: &App,
    call: &Call,
    tool: &ToolStep,
    arguments: &Map<String, Value>,
    variables: &Variables,
    url: String,
) -> Outcome {
    let outgoing = match outgoing(app, call, tool, arguments, variables, &url) {
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
    call: &Call,
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
        let view = call.state().view();
        let body = json!({ "name": tool.name, "args": arguments, "call": view });
        Bytes::from(body.to_string())
    };
    let journal = app.journal.send(Delivery {
        id: 0,
        kind: "function",
        name: tool.name.clone(),
        call_id: call.id.clone(),
        url: url.to_string(),
        method: method.to_string(),
        body: String::from_utf8_lossy(&body).into_owned(),
        attempts: Vec::new(),
        delivered: false,
        lost: false,
    });
    Ok(Outgoing {
        journal,
        method,
        url: url.into(),
        headers,
        body,
        timeout: Duration::from_millis(request.timeout_ms),
    })
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
