//! The kinds of resources.

use http::StatusCode;

use super::{Kind, tools};

const OLDER: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;
const NEWER: StatusCode = StatusCode::NOT_FOUND;

/// What most kinds are like.
const USUAL: Kind = Kind {
    name: "",
    id: "",
    prefix: "",
    versioned: false,
    made: None,
    changed: None,
    missing: OLDER,
    defaults: "{}",
    references: &[],
    kept: false,
    rule: |_| Ok(()),
};

pub(crate) static AGENT: Kind = Kind {
    name: "Agent",
    id: "agent_id",
    prefix: "agent_",
    versioned: true,
    changed: Some("last_modification_timestamp"),
    defaults: r#"{"channel": "voice"}"#,
    references: &[
        ("response_engine/llm_id", &LLM),
        ("response_engine/conversation_flow_id", &FLOW),
        ("voice_id", &VOICE),
    ],
    ..USUAL
};

pub(crate) static CHAT_AGENT: Kind = Kind {
    name: "Chat agent",
    id: "agent_id",
    prefix: "agent_",
    versioned: true,
    changed: Some("last_modification_timestamp"),
    defaults: r#"{"channel": "chat"}"#,
    references: &[
        ("response_engine/llm_id", &LLM),
        ("response_engine/conversation_flow_id", &FLOW),
    ],
    ..USUAL
};

pub(crate) static LLM: Kind = Kind {
    name: "Retell LLM",
    id: "llm_id",
    prefix: "llm_",
    versioned: true,
    changed: Some("last_modification_timestamp"),
    references: &[("knowledge_base_ids/*", &KNOWLEDGE_BASE)],
    kept: true,
    rule: tools::check,
    ..USUAL
};

pub(crate) static FLOW: Kind = Kind {
    name: "Conversation flow",
    id: "conversation_flow_id",
    prefix: "conversation_flow_",
    versioned: true,
    changed: Some("last_modification_timestamp"),
    missing: NEWER,
    references: &[
        ("knowledge_base_ids/*", &KNOWLEDGE_BASE),
        ("nodes/*/agent_id", &AGENT),
    ],
    kept: true,
    ..USUAL
};

pub(crate) static COMPONENT: Kind = Kind {
    name: "Conversation flow component",
    id: "conversation_flow_component_id",
    prefix: "conversation_flow_component_",
    changed: Some("user_modified_timestamp"),
    missing: NEWER,
    ..USUAL
};

pub(crate) static PHONE_NUMBER: Kind = Kind {
    name: "Phone number",
    id: "phone_number",
    changed: Some("last_modification_timestamp"),
    references: &[
        ("inbound_agents/*/agent_id", &AGENT),
        ("outbound_agents/*/agent_id", &AGENT),
        ("inbound_sms_agents/*/agent_id", &CHAT_AGENT),
        ("outbound_sms_agents/*/agent_id", &CHAT_AGENT),
    ],
    ..USUAL
};

pub(crate) static KNOWLEDGE_BASE: Kind = Kind {
    name: "Knowledge base",
    id: "knowledge_base_id",
    prefix: "knowledge_base_",
    ..USUAL
};

pub(crate) static VOICE: Kind = Kind {
    name: "Voice",
    id: "voice_id",
    prefix: "custom_voice_",
    ..USUAL
};

pub(crate) static CHAT: Kind = Kind {
    name: "Chat",
    id: "chat_id",
    prefix: "chat_",
    ..USUAL
};

pub(crate) static ASSET: Kind = Kind {
    name: "Asset",
    id: "asset_id",
    prefix: "asset_",
    made: Some("created_timestamp"),
    ..USUAL
};

pub(crate) static TEST_CASE: Kind = Kind {
    name: "Test case definition",
    id: "test_case_definition_id",
    prefix: "test_case_",
    made: Some("creation_timestamp"),
    changed: Some("user_modified_timestamp"),
    missing: NEWER,
    defaults: r#"{"type": "simulation", "dynamic_variables": {}, "llm_model": "gpt-4.1",
        "metrics": [], "tool_mocks": []}"#,
    references: &[
        ("response_engine/llm_id", &LLM),
        ("response_engine/conversation_flow_id", &FLOW),
    ],
    ..USUAL
};

pub(crate) static BATCH_TEST: Kind = Kind {
    name: "Batch test",
    id: "test_case_batch_job_id",
    prefix: "test_batch_",
    made: Some("creation_timestamp"),
    changed: Some("user_modified_timestamp"),
    missing: NEWER,
    references: &[
        ("response_engine/llm_id", &LLM),
        ("response_engine/conversation_flow_id", &FLOW),
        ("test_case_definition_ids/*", &TEST_CASE),
    ],
    ..USUAL
};

pub(crate) static TEST_RUN: Kind = Kind {
    name: "Test run",
    id: "test_case_job_id",
    prefix: "test_run_",
    made: Some("creation_timestamp"),
    changed: Some("user_modified_timestamp"),
    missing: NEWER,
    ..USUAL
};

pub(crate) static EXPORT: Kind = Kind {
    name: "Export request",
    id: "export_request_id",
    prefix: "export_",
    made: Some("created_timestamp"),
    ..USUAL
};

/// The file of an export; its id is the secret of the link to it.
pub(crate) static EXPORTED: Kind = Kind {
    name: "Exported file",
    id: "file_id",
    missing: NEWER,
    ..USUAL
};

pub(crate) static CONTACT: Kind = Kind {
    name: "Contact",
    id: "contact_id",
    prefix: "contact_",
    made: Some("created_timestamp"),
    changed: Some("user_modified_timestamp"),
    missing: NEWER,
    ..USUAL
};

pub(crate) static APP: Kind = Kind {
    name: "App",
    id: "app_id",
    prefix: "app_",
    made: Some("created_timestamp"),
    changed: Some("user_modified_timestamp"),
    missing: NEWER,
    kept: true,
    ..USUAL
};

/// Those that name others.
pub(super) static NAMING: [&Kind; 7] = [
    &AGENT,
    &CHAT_AGENT,
    &LLM,
    &FLOW,
    &PHONE_NUMBER,
    &TEST_CASE,
    &BATCH_TEST,
];

/// A file of contacts that was sent to be imported.
pub(crate) static UPLOAD: Kind = Kind {
    name: "Upload",
    id: "upload_id",
    prefix: "upload_",
    missing: NEWER,
    ..USUAL
};

/// Work in the background, of which a workspace has one of each name.
pub(crate) static JOB: Kind = Kind {
    name: "Job",
    id: "name",
    ..USUAL
};

/// The one configuration of contacts and CRM.
pub(crate) static CRM: Kind = Kind {
    name: "CRM configuration",
    id: "org_id",
    defaults: r#"{"default_contact_memory_update_prompt": "Keep what helps in the next conversation."}"#,
    references: &[("app_id", &APP)],
    ..USUAL
};
