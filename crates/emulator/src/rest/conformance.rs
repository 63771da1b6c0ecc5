//! The workspace for conformance. The tests that come with Retell's official
//! SDKs prove the shapes of requests and answers; they name what they have
//! never made, delete it and ask for it again, and keep few rules. Here all
//! that a request names is there, and is a draft; what is refused elsewhere is
//! [let pass](crate::workspaces::Workspace::refuse).

use serde_json::{Value, json};
use tokio::sync::OwnedMutexGuard;

use super::asked::Asked;
use super::chats;
use super::contacts::with_number;
use super::table::{GROUPS, Line};
use crate::conduct::create::{self, Given};
use crate::resources::kinds::{
    AGENT, APP, BATCH_TEST, CHAT_AGENT, COMPONENT, CONTACT, FLOW, KNOWLEDGE_BASE, LLM,
    PHONE_NUMBER, TEST_CASE, TEST_RUN, UPLOAD, VOICE,
};
use crate::resources::{Fields, Kind};

/// By which fields requests name what, beside the field of its id.
const NAMES: [(&str, &Kind); 6] = [
    ("agent_id", &CHAT_AGENT),
    ("override_agent_id", &AGENT),
    ("override_agent_id", &CHAT_AGENT),
    ("from_number", &PHONE_NUMBER),
    ("knowledge_base_ids", &KNOWLEDGE_BASE),
    ("test_case_definition_ids", &TEST_CASE),
];

/// The kinds that are named by their ids.
const KINDS: [&Kind; 13] = [
    &AGENT,
    &LLM,
    &FLOW,
    &COMPONENT,
    &PHONE_NUMBER,
    &KNOWLEDGE_BASE,
    &TEST_CASE,
    &BATCH_TEST,
    &TEST_RUN,
    &CONTACT,
    &APP,
    &UPLOAD,
    &VOICE,
];

/// Has all there that a request names, and keeps it there until the request is
/// answered; nothing where the workspace is not for conformance.
pub(super) async fn prepare(asked: &mut Asked, line: &Line) -> Option<OwnedMutexGuard<()>> {
    if !asked.workspace.setup.conformance {
        return None;
    }
    let turn = asked.workspace.turn().await;
    // A CRM is always connected.
    if line.name == "GET /get-crm-schema" {
        asked.query.entry(APP.id).or_insert("crm".into());
    }
    let version = latest_for_published(asked);
    for (name, id) in names(asked, line) {
        match name.as_str() {
            "call_id" => provide_call(asked, &id),
            "chat_id" => drop(chats::provide(asked, &id)),
            "source_id" => provide_source(asked, &id),
            _ => provide(asked, &name, &id, version),
        }
    }
    if line.name.starts_with("GET /get-contact-by-phone/") {
        provide_contact(asked);
    }
    Some(turn)
}

/// The version's number that the request names. `latest_published` is taken
/// for the latest: none is published for long.
fn latest_for_published(asked: &mut Asked) -> Option<u64> {
    let fields = [
        "version",
        "base_version",
        "agent_version",
        "override_agent_version",
    ];
    let (body, query) = (&mut asked.body, &mut asked.query);
    let named: Vec<Value> = fields
        .iter()
        .flat_map(|name| [body.get(*name).cloned(), query.get(*name).cloned()])
        .flatten()
        .collect();
    for fields in [body, query] {
        forget_published(fields);
    }
    named.iter().find_map(Value::as_u64)
}

/// The same for what is kept, such as the agents of a number.
fn forget_published(fields: &mut Fields) {
    fields.retain(|_, value| value != "latest_published");
    for value in fields.values_mut() {
        let inside = match value {
            Value::Array(values) => values.as_mut_slice(),
            value => std::slice::from_mut(value),
        };
        let inside = inside.iter_mut().filter_map(Value::as_object_mut);
        inside.for_each(forget_published);
    }
}

/// Everything a request names: by which field, and the id.
fn names(asked: &Asked, line: &Line) -> Vec<(String, String)> {
    let places = line
        .name
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let mut found: Vec<(String, String)> = places
        .map(str::to_owned)
        .zip(asked.path.iter().cloned())
        .collect();
    let mut inside = Vec::new();
    for fields in [&asked.query, &asked.body] {
        collect("", &Value::Object(fields.clone()), &mut inside);
    }
    // A number in a body is one that is to be made.
    inside.retain(|(name, _)| name != PHONE_NUMBER.id);
    found.extend(inside);
    found
}

fn collect(name: &str, value: &Value, found: &mut Vec<(String, String)>) {
    match value {
        Value::String(id) => found.push((name.to_owned(), id.clone())),
        Value::Array(items) => items.iter().for_each(|item| collect(name, item, found)),
        Value::Object(fields) => fields
            .iter()
            .for_each(|(name, value)| collect(name, value, found)),
        _ => {}
    }
}

fn provide(asked: &Asked, name: &str, id: &str, version: Option<u64>) {
    let by_id = KINDS.iter().filter(|kind| kind.id == name).copied();
    let otherwise = NAMES.iter().filter(|(field, _)| *field == name);
    let mut store = asked.workspace.store();
    for kind in by_id.chain(otherwise.map(|(_, kind)| *kind)) {
        store.provide(kind, id, version, || sample(kind), asked.now_ms());
        if kind.name == PHONE_NUMBER.name {
            store.amend(kind, id, |number| {
                for (field, agent) in [
                    ("outbound_agents", "agent_demo_reminder"),
                    ("outbound_sms_agents", "agent_chat_en"),
                ] {
                    let agents = json!([{ "agent_id": agent, "weight": 1 }]);
                    number.entry(field).or_insert(agents);
                }
            });
        }
    }
}

/// The least that is shown of one of a kind.
fn sample(kind: &Kind) -> Fields {
    let place = format!("/{{{}}}", kind.id);
    let mut lines = GROUPS.iter().flat_map(|(_, lines)| lines.iter());
    let get = lines.find(|line| line.name.starts_with("GET /get-") && line.name.contains(&place));
    let operation = get.and_then(|line| retell_spec::operation(line.name));
    match operation.map(retell_spec::Operation::sample_answer) {
        Some(Value::Object(fields)) => fields,
        _ => Fields::new(),
    }
}

/// A call is made, and waits for its visitor.
fn provide_call(asked: &Asked, id: &str) {
    let mut calls = asked.app.calls();
    if calls.of(&asked.workspace, id).is_none() {
        let given = Given {
            id: Some(id.to_owned()),
            ..Given::of(&asked.workspace, "agent_test_silent".to_owned())
        };
        // It is answered for as one that is not there.
        drop(create::web_call(&asked.app, &mut calls, &given));
    }
}

fn provide_source(asked: &Asked, id: &str) {
    let source = json!({ "type": "url", "source_id": id, "url": "https://example.com" });
    let mut store = asked.workspace.store();
    store.amend(&KNOWLEDGE_BASE, asked.id(), |base| {
        let sources = base.entry("knowledge_base_sources");
        if let Value::Array(sources) = sources.or_insert_with(|| json!([])) {
            sources.push(source);
        }
    });
}

fn provide_contact(asked: &Asked) {
    let mut store = asked.workspace.store();
    if with_number(&store, asked.id()).is_none() {
        let mut contact = sample(&CONTACT);
        contact.insert(PHONE_NUMBER.id.to_owned(), asked.id().into());
        store.provide(&CONTACT, asked.id(), None, || contact, asked.now_ms());
    }
}
