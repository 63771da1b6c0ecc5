//! The functions there are, and what Retell is told of them.

use api::functions::OwnFunction;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::answer::{Answer, No};
use super::asking::{Arguments, Asking};
use super::tools;
use super::usage::Told;
use crate::config::Config;
use crate::routing::destinations::{TRANSFER_NOW, TRANSFER_TO};
use crate::store::{Store, StoreError, Tenant};

/// How long Retell waits for one (ms): longer than it takes, so that the answer that it
/// took too long is ours.
const TIMEOUT_MS: u64 = 15_000;

/// What ends a call. Only Retell's own tool of that type hangs up: ours says goodbye to agents
/// that have it as a custom one.
pub(super) const END_CALL: &str = "end_call";

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

    /// What an agent is told of it.
    pub(super) fn told(&self) -> Told<'static> {
        Told {
            names: self.names,
            about: self.about,
            parameters: (self.parameters)(),
            changes: self.changes,
        }
    }
}

/// The function of this name.
pub(super) fn find(name: &str) -> Option<&'static Tool> {
    tools::ALL.iter().find(|tool| tool.names.contains(&name))
}

/// Whether this server has a function or a tool of this name.
pub(super) fn is_ours(name: &str) -> bool {
    name == TRANSFER_NOW || find(name).is_some()
}

/// The functions as Retell's `general_tools` has them, for a server with these
/// settings and a business with these functions of its own.
#[must_use]
pub fn general_tools(config: &Config, own: &[OwnFunction]) -> Value {
    let told = |name: &str, about: &str, parameters: Value, changes: bool| {
        json!({
            "type": "custom",
            "name": name,
            "description": about,
            "url": config.url_of(&format!("/api/functions/{name}")),
            "method": "POST",
            "parameters": parameters,
            "speak_during_execution": changes,
            "speak_after_execution": true,
            "timeout_ms": TIMEOUT_MS,
        })
    };
    let ours = tools::ALL.iter().map(|tool| {
        let name = tool.name();
        if name == END_CALL {
            return json!({"type": END_CALL, "name": name, "description": tool.about});
        }
        let mut told = told(name, tool.about, (tool.parameters)(), tool.changes);
        if !tool.variables.is_empty() {
            let variables = tool.variables.iter();
            let variables = variables.map(|(name, path)| ((*name).to_owned(), (*path).into()));
            told["response_variables"] = Value::Object(variables.collect());
        }
        told
    });
    let handing_over = json!({
        "type": "transfer_call",
        "name": TRANSFER_NOW,
        "description": "Hands the call over. Only after transfer_call answered with the action transfer, or when a supervisor says so.",
        "transfer_destination": {"type": "predefined", "number": format!("{{{{{TRANSFER_TO}}}}}")},
        "transfer_option": {"type": "cold_transfer"},
        "ignore_e164_validation": true,
    });
    let own = own.iter().map(|it| &it.details).filter(|it| it.active);
    let own = own.map(|it| told(&it.name, &it.description, it.parameters.clone(), it.changes));
    ours.chain([handing_over]).chain(own).collect()
}

/// The functions as [`general_tools`] has them for a business; for one of its agents, those that
/// are not off for it.
///
/// # Errors
/// When the database fails.
pub async fn exported(
    config: &Config,
    store: &Store,
    tenant: &Tenant,
    agent_id: Option<&str>,
) -> Result<Value, StoreError> {
    let own = store.own_functions().list(tenant).await?;
    let mut told = general_tools(config, &own);
    if let (Some(id), Value::Array(tools)) = (agent_id, &mut told) {
        let off = store.functions().off(tenant).await?;
        tools.retain(|tool| {
            !off.iter()
                .any(|(agent, name)| agent == id && tool["name"] == **name)
        });
    }
    Ok(told)
}
