//! Agents: listing them, their versions and tags, and what they are made of.

use serde_json::{Map, Value, json};

use super::Outcome;
use super::asked::Asked;
use crate::error::ApiError;
use crate::filters;
use crate::resources::kinds::{AGENT, CHAT_AGENT, COMPONENT, FLOW, KNOWLEDGE_BASE, LLM, VOICE};
use crate::resources::pages::page;
use crate::resources::{Fields, Kind, Store, Tag};

/// Whether the agent that is asked for talks or chats.
///
/// # Errors
/// When there is none.
pub(super) fn kind_of(asked: &Asked) -> Result<&'static Kind, ApiError> {
    let store = asked.workspace.store();
    [&AGENT, &CHAT_AGENT]
        .into_iter()
        .find(|kind| store.has(kind, asked.id()))
        .ok_or_else(|| ApiError::not_found("Agent not found"))
}

pub(super) fn list(asked: &Asked) -> Outcome {
    let filter = asked
        .body
        .get("filter_criteria")
        .cloned()
        .unwrap_or_default();
    let store = asked.workspace.store();
    let mut rows: Vec<(u64, Value)> = [&AGENT, &CHAT_AGENT]
        .into_iter()
        .flat_map(|kind| store.all(kind))
        .filter_map(|(made, agent)| Some((made, summary(&store, &agent)?)))
        .filter(|(_, agent)| is_wanted(agent, &filter))
        .collect();
    rows.sort_by_key(|(made, _)| *made);
    page("agents", rows, &asked.list())
}

/// An agent as lists show it. One without a name is called by its id, as the
/// name has to be text.
fn summary(store: &Store, agent: &Fields) -> Option<Value> {
    let id = agent.get(AGENT.id)?.as_str()?;
    let kind = if store.has(&AGENT, id) {
        &AGENT
    } else {
        &CHAT_AGENT
    };
    let name = agent.get("agent_name").filter(|name| name.is_string());
    Some(json!({
        "agent_id": id,
        "agent_name": name.cloned().unwrap_or_else(|| id.into()),
        "channel": agent.get("channel"),
        "is_suspended": false,
        "is_transfer_agent": agent.get("is_transfer_agent") == Some(&Value::Bool(true)),
        "tags": store.tags(kind, id).ok()?,
        "user_modified_timestamp": agent.get("last_modification_timestamp"),
    }))
}

fn is_wanted(agent: &Value, filter: &Value) -> bool {
    let conditions: Map<String, Value> = ["channel", "is_transfer_agent"]
        .into_iter()
        .filter_map(|key| Some((key.to_owned(), filter.get(key)?.clone())))
        .collect();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_lowercase();
    let query = filter.get("query").map(text).unwrap_or_default();
    filters::hold(&conditions, agent, &Value::Null)
        && ["agent_name", "agent_id"]
            .iter()
            .any(|key| text(&agent[*key]).contains(&query))
}

/// What an agent thinks with, where that is kept here and has versions too.
fn engine(agent: &Fields) -> Option<(&'static Kind, String, u64)> {
    let engine = agent.get("response_engine")?;
    let kind = match engine.get("type")?.as_str()? {
        "retell-llm" => &LLM,
        "conversation-flow" => &FLOW,
        _ => return None,
    };
    let version = engine.get("version").and_then(Value::as_u64);
    let id = engine.get(kind.id)?.as_str()?;
    Some((kind, id.to_owned(), version.unwrap_or(0)))
}

fn number(fields: &Fields, name: &str) -> u64 {
    fields.get(name).and_then(Value::as_u64).unwrap_or_default()
}

/// A draft of a version, and one of what that thinks with.
pub(super) fn create_version(asked: &Asked) -> Outcome {
    let kind = kind_of(asked)?;
    let (mut store, now_ms) = (asked.workspace.store(), asked.now_ms());
    let base = number(&asked.body, "base_version");
    let draft = store.create_version(kind, asked.id(), base, now_ms)?;
    let Some((engine_kind, id, version)) = engine(&draft) else {
        return Ok(Value::Object(draft));
    };
    if let Ok(engine) = store.create_version(engine_kind, &id, version, now_ms) {
        let version = engine.get("version").cloned().unwrap_or_default();
        store.amend(kind, asked.id(), |fields| {
            if let Some(Value::Object(named)) = fields.get_mut("response_engine") {
                named.insert("version".to_owned(), version);
            }
        });
    }
    let draft = store.get(kind, asked.id(), draft.get("version"))?;
    Ok(Value::Object(draft))
}

pub(super) fn delete_version(asked: &Asked) -> Outcome {
    let kind = kind_of(asked)?;
    let version = number(&asked.query, "version");
    let mut store = asked.workspace.store();
    store.remove_version(kind, asked.id(), version)?;
    Ok(Value::Null)
}

pub(super) fn list_versions(asked: &Asked) -> Outcome {
    let kind = kind_of(asked)?;
    let versions = asked.workspace.store().versions(kind, asked.id())?;
    let shown = [
        "version",
        "is_published",
        "base_version",
        "version_title",
        "version_description",
        "last_modification_timestamp",
    ];
    let rows = versions.into_iter().map(|(number, mut fields)| {
        fields.retain(|name, _| shown.contains(&name.as_str()));
        (number, Value::Object(fields))
    });
    page(asked.id(), rows.collect(), &asked.list())
}

/// Publishes a version, and what it thinks with.
pub(super) fn publish_version(asked: &Asked) -> Outcome {
    let kind = kind_of(asked)?;
    let (mut store, now_ms) = (asked.workspace.store(), asked.now_ms());
    let mut titles = asked.body.clone();
    titles.remove("version");
    let version = number(&asked.body, "version");
    store.publish(kind, asked.id(), version, titles, now_ms)?;
    let agent = store.get(kind, asked.id(), Some(&version.into()))?;
    if let Some((kind, id, version)) = engine(&agent) {
        // An engine that is gone, or in no such version, is not published.
        drop(store.publish(kind, &id, version, Fields::new(), now_ms));
    }
    Ok(Value::Null)
}

/// Takes out of a draft what is not there any more.
pub(super) fn repair(asked: &Asked) -> Outcome {
    let kind = kind_of(asked)?;
    let mut store = asked.workspace.store();
    let agent = store.get(kind, asked.id(), asked.version())?;
    if agent.get("is_published") == Some(&Value::Bool(true)) {
        return Err(ApiError::conflict("A published version cannot be repaired"));
    }
    let voice = agent.get(VOICE.id).and_then(Value::as_str);
    if voice.is_some_and(|voice| !store.has(&VOICE, voice)) {
        let usual = Fields::from_iter([(VOICE.id.to_owned(), "retell-Cimo".into())]);
        store.update(
            kind,
            asked.id(),
            asked.version(),
            None,
            usual,
            asked.now_ms(),
        )?;
    }
    if let Some((engine_kind, id, version)) = engine(&agent)
        && let Ok(mut engine) = store.get(engine_kind, &id, Some(&version.into()))
        && engine.get("is_published") == Some(&Value::Bool(false))
        && let Some(Value::Array(mut bases)) = engine.remove("knowledge_base_ids")
    {
        bases.retain(|id| id.as_str().is_some_and(|id| store.has(&KNOWLEDGE_BASE, id)));
        let kept = Fields::from_iter([("knowledge_base_ids".to_owned(), Value::Array(bases))]);
        let version = Value::from(version);
        store.update(engine_kind, &id, Some(&version), None, kept, asked.now_ms())?;
    }
    Ok(Value::Object(store.get(
        kind,
        asked.id(),
        asked.version(),
    )?))
}

/// The tags of an agent (retell-protocol M).
pub(super) fn root(asked: &Asked) -> Outcome {
    let kind = kind_of(asked)?;
    let tags = asked.workspace.store().tags(kind, asked.id())?;
    Ok(json!({ "agent_id": asked.id(), "tags": tags }))
}

pub(super) fn update_root(asked: &Asked) -> Outcome {
    let kind = kind_of(asked)?;
    let tags = asked.body.get("tags").cloned().unwrap_or_default();
    let tags = serde_json::from_value::<std::collections::BTreeMap<String, Tag>>(tags)
        .map_err(|error| ApiError::bad_request(format!("tags: {error}")))?;
    let if_match = asked.if_match.as_deref();
    asked
        .workspace
        .store()
        .set_tags(kind, asked.id(), if_match, tags)?;
    root(asked)
}

/// The tools of an MCP server of the agent. None is asked here: those the
/// agent's Retell LLM names are told.
pub(super) fn mcp_tools(asked: &Asked) -> Outcome {
    let store = asked.workspace.store();
    let agent = store.get(&AGENT, asked.id(), asked.version())?;
    let engine = engine(&agent);
    let engine = engine.and_then(|(kind, id, it)| store.get(kind, &id, Some(&it.into())).ok());
    let wanted = asked.query.get("mcp_id");
    let tools = engine
        .as_ref()
        .and_then(|it| it.get("general_tools")?.as_array());
    let tools = tools
        .into_iter()
        .flatten()
        .filter(|tool| tool["type"] == "mcp" && tool.get("mcp_id") == wanted);
    let told = tools.map(|tool| {
        json!({
            "name": tool["name"],
            "description": tool["description"],
            "inputSchema": tool.get("input_schema").cloned().unwrap_or_else(|| json!({})),
        })
    });
    Ok(told.collect())
}

/// Deletes a component; the flows that share it keep copies of their own.
pub(super) fn delete_component(asked: &Asked) -> Outcome {
    let mut store = asked.workspace.store();
    let mut copy = store.get(&COMPONENT, asked.id(), None)?;
    copy.remove("user_modified_timestamp");
    let uses_it =
        |node: &Value| node["component_type"] == "shared" && node["component_id"] == asked.id();
    for (_, flow) in store.all(&FLOW) {
        let nodes = flow.get("nodes").and_then(Value::as_array);
        let id = flow.get(FLOW.id).and_then(Value::as_str);
        let (Some(nodes), Some(id)) = (nodes, id) else {
            continue;
        };
        if !nodes.iter().any(uses_it) {
            continue;
        }
        store.amend(&FLOW, id, |flow| {
            if let Some(Value::Array(nodes)) = flow.get_mut("nodes") {
                for node in nodes.iter_mut().filter(|node| uses_it(node)) {
                    node["component_type"] = "local".into();
                }
            }
            let own = flow.entry("components").or_insert_with(|| json!([]));
            if let Value::Array(own) = own {
                own.push(Value::Object(copy.clone()));
            }
        });
    }
    store.remove(&COMPONENT, asked.id(), true)?;
    Ok(Value::Null)
}
