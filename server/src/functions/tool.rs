//! The functions there are, and what Retell is told of them.

use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::answer::{Answer, No};
use super::asking::{Arguments, Asking};
use super::tools;
use crate::config::Config;

/// How long Retell waits for one (ms): longer than it takes, so that the answer that it
/// took too long is ours.
const TIMEOUT_MS: u64 = 15_000;

/// The variable of a call that says where it is handed over to.
pub(super) const TRANSFER_TO: &str = "transfer_to";

/// What a function does.
type Run = for<'a> fn(&'a Asking<'a>, &'a Arguments) -> BoxFuture<'a, Result<Answer, No>>;

/// A function an agent may ask for.
pub(super) struct Tool {
    /// Its name, and others it is known by.
    pub(super) names: &'static [&'static str],
    /// When the agent is to ask for it.
    pub(super) about: &'static str,
    /// What it is asked: a JSON Schema of an object.
    pub(super) parameters: fn() -> Value,
    /// Variables of the call that are filled from its answer: their names, and where each is.
    pub(super) variables: &'static [(&'static str, &'static str)],
    /// Whether it has an effect.
    pub(super) changes: bool,
    /// Does it.
    pub(super) run: Run,
}

impl Tool {
    /// What it is called by us.
    pub(super) fn name(&self) -> &'static str {
        self.names.first().copied().unwrap_or_default()
    }
}

/// The function of this name.
pub(super) fn find(name: &str) -> Option<&'static Tool> {
    tools::ALL.iter().find(|tool| tool.names.contains(&name))
}

/// The functions as Retell's `general_tools` has them, for a server with these
/// settings.
#[must_use]
pub fn general_tools(config: &Config) -> Value {
    let tool = |tool: &Tool| {
        let name = tool.names.first().copied().unwrap_or_default();
        let mut told = json!({
            "type": "custom",
            "name": name,
            "description": tool.about,
            "url": config.url_of(&format!("/api/functions/{name}")),
            "method": "POST",
            "parameters": (tool.parameters)(),
            "speak_during_execution": tool.changes,
            "speak_after_execution": true,
            "timeout_ms": TIMEOUT_MS,
        });
        if !tool.variables.is_empty() {
            let variables = tool.variables.iter();
            let variables = variables.map(|(name, path)| ((*name).to_owned(), (*path).into()));
            told["response_variables"] = Value::Object(variables.collect());
        }
        told
    };
    let handing_over = json!({
        "type": "transfer_call",
        "name": "transfer_now",
        "description": "Hands the call over. Only after transfer_call answered with the action transfer.",
        "transfer_destination": {"type": "predefined", "number": format!("{{{{{TRANSFER_TO}}}}}")},
        "transfer_option": {"type": "cold_transfer"},
        "ignore_e164_validation": true,
    });
    tools::ALL.iter().map(tool).chain([handing_over]).collect()
}
