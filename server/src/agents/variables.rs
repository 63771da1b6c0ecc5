//! What stands in an agent's prompt where a call says nothing else.

use std::collections::BTreeMap;

use retell::Client;
use serde_json::Value;

/// An agent's default dynamic variables, by name; none where something else than Retell thinks
/// for it.
///
/// # Errors
/// When Retell does not tell them.
pub(super) async fn defaults(
    client: &Client,
    agent_id: &str,
) -> Result<BTreeMap<String, String>, retell::Error> {
    let agent = client.get_agent(agent_id, None).await?;
    let engine = agent.response_engine.unwrap_or_default();
    let version = engine["version"].as_i64();
    let id = |name: &str| engine[name].as_str();
    let told = match (id("llm_id"), id("conversation_flow_id")) {
        (Some(llm), _) => client.get_retell_llm(llm, version).await?,
        (None, Some(flow)) => client.get_conversation_flow(flow, version).await?,
        (None, None) => return Ok(BTreeMap::new()),
    };
    let defaults = told.get("default_dynamic_variables");
    let defaults = defaults.and_then(Value::as_object).into_iter().flatten();
    Ok(defaults
        .map(|(name, value)| (name.clone(), text(value)))
        .collect())
}

/// Retell takes text only; whatever else it should tell is shown as it came.
fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
