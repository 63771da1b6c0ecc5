//! Connected apps and the CRM (retell-protocol H8). Nothing is connected to:
//! an app's key decides whether it works.

use serde_json::{Value, json};

use super::asked::Asked;
use super::contacts::{job, start_job};
use super::{Outcome, success};
use crate::error::ApiError;
use crate::resources::Fields;
use crate::resources::kinds::{AGENT, APP, CRM, LLM};
use crate::resources::pages::page;

/// The most apps of one provider.
const MOST: usize = 20;

/// Fields of `auth_config` that are never shown again.
const SECRETS: [&str; 3] = ["client_secret", "api_key", "password"];

/// A request's fields as they are kept: whether the app works is known from
/// its key, and the key is forgotten.
fn kept(asked: &Asked) -> Fields {
    let mut fields = asked.body.clone();
    let given = matches!(fields.get("auth_config"), Some(Value::Object(_)));
    let status = match fields.get_mut("auth_config") {
        Some(Value::Object(auth)) => {
            let wrong = SECRETS
                .iter()
                .any(|name| auth.get(*name).is_some_and(|it| it == "wrong"));
            auth.retain(|name, _| !SECRETS.contains(&name.as_str()));
            if wrong { "error" } else { "connected" }
        }
        _ => "not_connected",
    };
    if given || asked.id().is_empty() {
        fields.insert("connection_status".to_owned(), status.into());
    }
    fields
}

pub(super) fn create(asked: &Asked) -> Outcome {
    let mut fields = kept(asked);
    fields.insert("org_id".to_owned(), asked.workspace.org_id().into());
    let mut store = asked.workspace.store();
    let same = store
        .all(&APP)
        .iter()
        .filter(|(_, app)| app.get("provider") == fields.get("provider"))
        .count();
    if same >= MOST {
        let message = format!("There are {MOST} apps of this provider already");
        asked.refuse(ApiError::bad_request(message))?;
    }
    let made = store.create(&APP, fields, asked.now_ms())?;
    Ok(Value::Object(made))
}

pub(super) fn update(asked: &Asked) -> Outcome {
    let mut store = asked.workspace.store();
    let changed = store.update(&APP, asked.id(), None, None, kept(asked), asked.now_ms())?;
    Ok(Value::Object(changed))
}

fn app(asked: &Asked) -> Result<Fields, ApiError> {
    asked.workspace.store().get(&APP, asked.id(), None)
}

pub(super) fn test_auth(asked: &Asked) -> Outcome {
    let connected = app(asked)?
        .get("connection_status")
        .is_some_and(|it| it == "connected");
    if connected {
        Ok(success())
    } else {
        Ok(json!({ "success": false }))
    }
}

/// The steps of a tool's form: here always one.
pub(super) fn tool_schema(asked: &Asked) -> Outcome {
    app(asked)?;
    let given: Vec<Value> = asked.get("parameters").unwrap_or_default();
    let schema = json!({ "type": "object", "properties": {}, "required": [] });
    if given.is_empty() {
        return Ok(json!({ "complete": false, "input_schema": schema }));
    }
    Ok(json!({ "complete": true, "response_schema": schema }))
}

/// The agents that have a tool of the app.
pub(super) fn usages(asked: &Asked) -> Outcome {
    app(asked)?;
    let store = asked.workspace.store();
    let uses = |agent: &Fields| {
        let engine = agent.get("response_engine")?;
        let llm = store
            .get(&LLM, engine.get(LLM.id)?.as_str()?, engine.get("version"))
            .ok()?;
        let tools = llm.get("general_tools")?.as_array()?.clone();
        tools
            .iter()
            .any(|tool| tool[APP.id] == asked.id())
            .then_some(())
    };
    let agents = store.all(&AGENT).into_iter();
    let rows = agents
        .filter(|(_, agent)| uses(agent).is_some())
        .map(|(made, agent)| {
            let usage = json!({
                "type": "agent",
                "agent_id": agent.get(AGENT.id),
                "agent_versions": [agent.get("version")],
                "configured_timestamp": agent.get("last_modification_timestamp"),
            });
            (made, usage)
        });
    page(asked.id(), rows.collect(), &asked.list())
}

pub(super) fn crm_config(asked: &Asked) -> Outcome {
    let id = asked.workspace.org_id();
    let mut store = asked.workspace.store();
    if !store.has(&CRM, &id) {
        store.insert(&CRM, id.clone(), Fields::new(), asked.now_ms());
    }
    Ok(Value::Object(store.get(&CRM, &id, None)?))
}

pub(super) fn update_crm(asked: &Asked) -> Outcome {
    crm_config(asked)?;
    let (id, mut changes) = (asked.workspace.org_id(), asked.body.clone());
    if let Some(Value::Array(tags)) = changes.get_mut("contact_tags") {
        for tag in tags {
            if tag.get("id").is_none() {
                tag["id"] = uuid::Uuid::new_v4().simple().to_string().into();
            }
        }
    }
    let mut store = asked.workspace.store();
    let changed = store.update(&CRM, &id, None, None, changes, asked.now_ms())?;
    Ok(Value::Object(changed))
}

/// The fields of a CRM: what any of them has.
pub(super) fn crm_schema(asked: &Asked) -> Outcome {
    let config = crm_config(asked)?;
    let named = asked
        .query
        .get(APP.id)
        .cloned()
        .or_else(|| config.get(APP.id).cloned());
    let named = named.as_ref().and_then(Value::as_str);
    let named = named.ok_or_else(|| ApiError::not_found("No CRM is connected"))?;
    let app = asked.workspace.store().get(&APP, named, None)?;
    let fields = ["firstname", "lastname", "phone", "email"];
    let fields = fields.map(|name| json!({ "name": name, "type": "string" }));
    Ok(json!({ "provider": app.get("provider"), "fields": fields }))
}

const SYNC: &str = "crm-sync";

pub(super) fn sync(asked: &Asked) -> Outcome {
    start_job(asked, SYNC, |_| (0, 0))
}

pub(super) fn sync_status(asked: &Asked) -> Outcome {
    Ok(job(asked, SYNC))
}
