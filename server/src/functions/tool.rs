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
        json!({
            "type": "custom",
            "name": name,
            "description": tool.about,
            "url": config.url_of(&format!("/api/functions/{name}")),
            "method": "POST",
            "parameters": (tool.parameters)(),
            "speak_during_execution": tool.changes,
            "speak_after_execution": true,
            "timeout_ms": TIMEOUT_MS,
        })
    };
    tools::ALL.iter().map(tool).collect()
}
