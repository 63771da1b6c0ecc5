//! Our functions among an agent's tools at Retell: what writing them there would change, and
//! writing them.

use api::functions::{AgentTools, ToolChange, ToolDifference};
use retell::models::Agent;
use serde_json::{Map, Value, json};

use super::tool::END_CALL;
use crate::accounts::AccountError;
use crate::store::StoreError;

/// Why an agent's tools cannot be read, or written.
#[derive(Debug, thiserror::Error)]
pub(super) enum InstallError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The business's account cannot be used.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// Retell failed, or refused.
    #[error(transparent)]
    Retell(#[from] retell::Error),
    /// It does not think with a Retell LLM.
    #[error("the agent has no tools of its own")]
    NoTools,
}

/// The Retell LLM an agent thinks with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mind {
    id: String,
    version: Option<i64>,
}

impl Mind {
    fn of(agent: &Agent) -> Option<Self> {
        let engine = agent.response_engine.as_ref()?;
        let is_llm = engine.get("type")? == "retell-llm";
        is_llm.then_some(())?;
        Some(Self {
            id: engine.get("llm_id")?.as_str()?.to_owned(),
            version: engine.get("version").and_then(Value::as_i64),
        })
    }
}

/// What an agent thinks with, and the tools it has.
pub(super) async fn tools_of(
    client: &retell::Client,
    agent_id: &str,
) -> Result<(Mind, Vec<Value>), InstallError> {
    let agent = client.get_agent(agent_id, None).await?;
    let mind = Mind::of(&agent).ok_or(InstallError::NoTools)?;
    let mut llm = client.get_retell_llm(&mind.id, mind.version).await?;
    let tools = match llm.remove("general_tools") {
        Some(Value::Array(tools)) => tools,
        _ => Vec::new(),
    };
    Ok((mind, tools))
}

/// Gives an agent these tools instead of those it has.
pub(super) async fn write(
    client: &retell::Client,
    mind: &Mind,
    tools: Vec<Value>,
) -> Result<(), InstallError> {
    let fields = Map::from_iter([("general_tools".to_owned(), Value::Array(tools))]);
    client
        .update_retell_llm(&mind.id, mind.version, &fields)
        .await?;
    Ok(())
}

/// The tools an agent would have: of `ours` those that are not off. What is none of ours stays,
/// and where it is.
pub(super) fn joined(
    theirs: &[Value],
    ours: &[Value],
    is_off: impl Fn(&str) -> bool,
) -> (Vec<Value>, AgentTools) {
    let (off, on): (Vec<_>, Vec<_>) = ours.iter().partition(|it| is_off(name(it)));
    let mut items = Vec::new();
    for before in theirs {
        let (change, after) = match on.iter().find(|it| is_it(it, before)) {
            Some(after) if is_written(before, after) => (ToolChange::Same, Some(before.clone())),
            Some(after) => (ToolChange::Changed, Some((*after).clone())),
            None if off.iter().any(|it| is_it(it, before)) => (ToolChange::Removed, None),
            None => (ToolChange::Kept, Some(before.clone())),
        };
        items.push(ToolDifference {
            name: name(before).to_owned(),
            change,
            before: Some(before.clone()),
            after,
        });
    }
    // A name is one tool's, and one that hangs up is enough.
    let hangs_up = |it: &Value| it["type"] == END_CALL;
    let stands_for =
        |other: &Value, it: &Value| name(other) == name(it) || (hangs_up(other) && hangs_up(it));
    let is_new = |it: &&Value| !theirs.iter().any(|other| stands_for(other, it));
    items.extend(on.into_iter().filter(is_new).map(|after| ToolDifference {
        name: name(after).to_owned(),
        change: ToolChange::Added,
        before: None,
        after: Some(after.clone()),
    }));
    let tools = items.iter().filter_map(|it| it.after.clone()).collect();
    (tools, AgentTools { items })
}

/// Whether a tool that an agent has is that one of ours. Most agents can hang up in their own
/// words, and those stay; a custom tool at our address that did not hang up does not.
fn is_it(ours: &Value, theirs: &Value) -> bool {
    let is_type = match ours["type"] == END_CALL {
        true => is_written(theirs, ours) || is_goodbye(theirs),
        false => ours["type"] == theirs["type"],
    };
    name(ours) == name(theirs) && is_type
}

fn is_goodbye(tool: &Value) -> bool {
    let url = tool["url"].as_str().unwrap_or_default();
    tool["type"] == "custom" && url.ends_with("/api/functions/end_call")
}

fn name(tool: &Value) -> &str {
    tool["name"].as_str().unwrap_or_default()
}

/// Whether what we would write is there; Retell adds what it takes for granted.
fn is_written(before: &Value, after: &Value) -> bool {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => after
            .iter()
            .all(|(field, value)| before.get(field).unwrap_or(&json!(null)) == value),
        _ => before == after,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ours_are_put_among_theirs_and_nothing_of_theirs_is_lost() {
        let ours = [
            json!({"type": "custom", "name": "book", "url": "https://ours"}),
            json!({"type": "custom", "name": "find", "url": "https://ours"}),
            json!({"type": "custom", "name": "move", "url": "https://ours"}),
            json!({"type": "custom", "name": "off", "url": "https://ours"}),
            json!({"type": "end_call", "name": "end_call", "description": "Ours."}),
        ];
        let theirs = [
            json!({"type": "end_call", "name": "end_call"}),
            json!({"type": "custom", "name": "book", "url": "https://old"}),
            json!({"type": "custom", "name": "find", "url": "https://ours", "method": "POST"}),
            json!({"type": "custom", "name": "off", "url": "https://ours"}),
            json!({"type": "custom", "name": "pay", "url": "https://shop"}),
        ];
        let is_off = |name: &str| name == "off";
        let (tools, difference) = joined(&theirs, &ours, is_off);
        let changes: Vec<_> = difference
            .items
            .iter()
            .map(|it| (it.name.as_str(), it.change))
            .collect();
        let expected = [
            ("end_call", ToolChange::Kept),
            ("book", ToolChange::Changed),
            ("find", ToolChange::Same),
            ("off", ToolChange::Removed),
            ("pay", ToolChange::Kept),
            ("move", ToolChange::Added),
        ];
        assert_eq!(changes, expected);
        assert_eq!(tools[2]["method"], "POST", "what Retell added stays");
        let (again, difference) = joined(&tools, &ours, is_off);
        assert_eq!(again, tools);
        let done = |it: &ToolDifference| matches!(it.change, ToolChange::Same | ToolChange::Kept);
        assert!(difference.items.iter().all(done));
    }

    #[test]
    fn an_agent_hangs_up_by_retells_own_tool() {
        let ours = [json!({"type": "end_call", "name": "end_call", "description": "Ends it."})];
        let change = |theirs: &[Value], off: bool| {
            let (tools, difference) = joined(theirs, &ours, |_| off);
            (tools, difference.items.first().map(|it| it.change))
        };
        let added = (ours.to_vec(), Some(ToolChange::Added));
        assert_eq!(change(&[], false), added);
        let address = "https://ours/api/functions/end_call";
        let goodbye = [json!({"type": "custom", "name": "end_call", "url": address})];
        let changed = (ours.to_vec(), Some(ToolChange::Changed));
        assert_eq!(change(&goodbye, false), changed);
        assert_eq!(
            change(&ours, false),
            (ours.to_vec(), Some(ToolChange::Same))
        );
        assert_eq!(change(&ours, true), (vec![], Some(ToolChange::Removed)));
        for name in ["end_call", "hang_up"] {
            let own = [json!({"type": "end_call", "name": name, "description": "Hangs up."})];
            assert_eq!(change(&own, false), (own.to_vec(), Some(ToolChange::Kept)));
        }
    }

    #[test]
    fn only_a_retell_llm_has_tools() {
        let agent = |engine: Value| Agent {
            response_engine: Some(engine),
            ..Agent::default()
        };
        let llm = json!({"type": "retell-llm", "llm_id": "llm_1", "version": 2});
        let mind = Mind::of(&agent(llm)).unwrap();
        assert_eq!((mind.id.as_str(), mind.version), ("llm_1", Some(2)));
        assert_eq!(Mind::of(&agent(json!({"type": "custom-llm"}))), None);
        assert_eq!(Mind::of(&Agent::default()), None);
    }
}
