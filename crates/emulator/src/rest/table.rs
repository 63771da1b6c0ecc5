//! All operations, in the order of Retell's reference: how a good request is
//! answered, and what is done. Most are a line about a kind of resource.

use std::pin::Pin;

use http::StatusCode;

use super::asked::Asked;
use super::{Outcome, agents, apps, calls, chats, contacts, knowledge, live, numbers, trials};
use super::{voices, workspace};
use crate::resources::Kind;
use crate::resources::kinds::{
    AGENT, APP, CHAT, CHAT_AGENT, COMPONENT, CONTACT, EXPORT, FLOW, KNOWLEDGE_BASE, LLM,
    PHONE_NUMBER, TEST_CASE, VOICE,
};

use Act::{Array, Create, Delete, Get, Later, List, Own, Update};

/// What an operation does.
#[derive(Debug, Clone, Copy)]
pub(super) enum Act {
    /// Makes one of a kind.
    Create(&'static Kind),
    /// Shows one.
    Get(&'static Kind),
    /// Changes one.
    Update(&'static Kind),
    /// Deletes one.
    Delete(&'static Kind),
    /// Shows all, by pages.
    List(&'static Kind),
    /// Shows all at once.
    Array(&'static Kind),
    /// Something of its own.
    Own(fn(&Asked) -> Outcome),
    /// Something of its own that takes a while.
    Later(fn(Asked) -> Pin<Box<dyn Future<Output = Outcome> + Send>>),
}

/// One operation.
#[derive(Debug)]
pub(super) struct Line {
    /// `METHOD /path/{parameter}`, as in the specification.
    pub(super) name: &'static str,
    pub(super) status: StatusCode,
    /// It costs: without means of payment it is refused.
    pub(super) paid: bool,
    pub(super) act: Act,
}

const fn line(name: &'static str, status: StatusCode, act: Act) -> Line {
    Line {
        name,
        status,
        paid: false,
        act,
    }
}

const fn paid(name: &'static str, status: StatusCode, act: Act) -> Line {
    Line {
        name,
        status,
        paid: true,
        act,
    }
}

const OK: StatusCode = StatusCode::OK;
const MADE: StatusCode = StatusCode::CREATED;
const TAKEN: StatusCode = StatusCode::ACCEPTED;
const GONE: StatusCode = StatusCode::NO_CONTENT;

/// The operations by the group of permissions they belong to. Each is a line,
/// whatever its length.
pub(super) static GROUPS: &[(&str, &[Line])] = &[
    ("Call", &CALLS),
    ("Chat", &CHATS),
    ("Agent", &AGENTS),
    ("PhoneNumber", &NUMBERS),
    ("KnowledgeBase", &KNOWLEDGE),
    ("Voice", &VOICES),
    ("Test", &TESTS),
    ("Workspace", &WORKSPACE),
    ("Contact", &CONTACTS),
    ("App", &APPS),
];

#[rustfmt::skip]
static CALLS: [Line; 13] = [
    line("GET /v2/get-call/{call_id}", OK, Own(calls::get)),
    line("PATCH /v2/update-call/{call_id}", OK, Own(calls::update)),
    line("POST /v3/list-calls", OK, Own(calls::list)),
    line("DELETE /v2/delete-call/{call_id}", GONE, Own(calls::delete)),
    paid("POST /v2/create-phone-call", MADE, Own(calls::create_phone)),
    paid("POST /v3/create-web-call", MADE, Own(calls::create_web)),
    line("POST /v2/listen-live-call/{call_id}", OK, Own(live::listen)),
    paid("POST /v2/register-phone-call", MADE, Own(calls::register)),
    paid("PUT /rerun-call-analysis/{call_id}", MADE, Own(calls::rerun_analysis)),
    line("POST /v2/stop-call/{call_id}", GONE, Own(live::stop)),
    line("POST /v2/take-over-live-call/{call_id}", OK, Own(live::take_over)),
    line("PATCH /v2/update-live-call/{call_id}", OK, Own(live::update)),
    line("POST /create-batch-call", MADE, Own(calls::create_batch)),
];

#[rustfmt::skip]
static CHATS: [Line; 9] = [
    paid("POST /create-chat", MADE, Later(chats::create)),
    line("GET /get-chat/{chat_id}", OK, Get(&CHAT)),
    line("PATCH /update-chat/{chat_id}", OK, Later(chats::update)),
    line("POST /v3/list-chats", OK, Own(chats::list)),
    line("DELETE /delete-chat/{chat_id}", GONE, Delete(&CHAT)),
    paid("POST /create-chat-completion", MADE, Later(chats::complete)),
    paid("POST /create-sms-chat", OK, Later(chats::create_sms)),
    line("PATCH /end-chat/{chat_id}", GONE, Own(chats::end)),
    paid("PUT /rerun-chat-analysis/{chat_id}", MADE, Own(chats::rerun_analysis)),
];

#[rustfmt::skip]
static AGENTS: [Line; 31] = [
    line("POST /create-agent", MADE, Create(&AGENT)),
    line("GET /get-agent/{agent_id}", OK, Get(&AGENT)),
    line("PATCH /update-agent/{agent_id}", OK, Update(&AGENT)),
    line("POST /v2/list-agents", OK, Own(agents::list)),
    line("DELETE /delete-agent/{agent_id}", GONE, Delete(&AGENT)),
    line("POST /create-agent-version/{agent_id}", MADE, Own(agents::create_version)),
    line("DELETE /delete-agent-version/{agent_id}", GONE, Own(agents::delete_version)),
    line("GET /list-agent-versions/{agent_id}", OK, Own(agents::list_versions)),
    line("POST /publish-agent-version/{agent_id}", OK, Own(agents::publish_version)),
    line("POST /repair-agent/{agent_id}", OK, Own(agents::repair)),
    line("GET /get-agent-root/{agent_id}", OK, Own(agents::root)),
    line("PATCH /update-agent-root/{agent_id}", OK, Own(agents::update_root)),
    paid("POST /create-chat-agent", MADE, Create(&CHAT_AGENT)),
    line("GET /get-chat-agent/{agent_id}", OK, Get(&CHAT_AGENT)),
    line("PATCH /update-chat-agent/{agent_id}", OK, Update(&CHAT_AGENT)),
    line("DELETE /delete-chat-agent/{agent_id}", GONE, Delete(&CHAT_AGENT)),
    line("POST /create-retell-llm", MADE, Create(&LLM)),
    line("GET /get-retell-llm/{llm_id}", OK, Get(&LLM)),
    line("PATCH /update-retell-llm/{llm_id}", OK, Update(&LLM)),
    line("GET /v2/list-retell-llms", OK, List(&LLM)),
    line("DELETE /delete-retell-llm/{llm_id}", GONE, Delete(&LLM)),
    line("POST /create-conversation-flow", MADE, Create(&FLOW)),
    line("GET /get-conversation-flow/{conversation_flow_id}", OK, Get(&FLOW)),
    line("PATCH /update-conversation-flow/{conversation_flow_id}", OK, Update(&FLOW)),
    line("GET /v2/list-conversation-flows", OK, List(&FLOW)),
    line("DELETE /delete-conversation-flow/{conversation_flow_id}", GONE, Delete(&FLOW)),
    line("POST /create-conversation-flow-component", MADE, Create(&COMPONENT)),
    line("GET /get-conversation-flow-component/{conversation_flow_component_id}", OK, Get(&COMPONENT)),
    line("PATCH /update-conversation-flow-component/{conversation_flow_component_id}", OK, Update(&COMPONENT)),
    line("GET /v2/list-conversation-flow-components", OK, List(&COMPONENT)),
    line("DELETE /delete-conversation-flow-component/{conversation_flow_component_id}", GONE, Own(agents::delete_component)),
];

#[rustfmt::skip]
static NUMBERS: [Line; 6] = [
    line("POST /create-phone-number", MADE, Own(numbers::create)),
    line("GET /get-phone-number/{phone_number}", OK, Get(&PHONE_NUMBER)),
    line("PATCH /update-phone-number/{phone_number}", OK, Own(numbers::update)),
    line("GET /v2/list-phone-numbers", OK, List(&PHONE_NUMBER)),
    line("DELETE /delete-phone-number/{phone_number}", GONE, Delete(&PHONE_NUMBER)),
    line("POST /import-phone-number", MADE, Own(numbers::import)),
];

#[rustfmt::skip]
static KNOWLEDGE: [Line; 6] = [
    paid("POST /create-knowledge-base", MADE, Own(knowledge::create)),
    line("GET /get-knowledge-base/{knowledge_base_id}", OK, Get(&KNOWLEDGE_BASE)),
    line("GET /list-knowledge-bases", OK, Array(&KNOWLEDGE_BASE)),
    line("DELETE /delete-knowledge-base/{knowledge_base_id}", GONE, Delete(&KNOWLEDGE_BASE)),
    paid("POST /add-knowledge-base-sources/{knowledge_base_id}", MADE, Own(knowledge::add_sources)),
    line("DELETE /delete-knowledge-base-source/{knowledge_base_id}/source/{source_id}", OK, Own(knowledge::delete_source)),
];

#[rustfmt::skip]
static VOICES: [Line; 6] = [
    line("GET /get-voice/{voice_id}", OK, Get(&VOICE)),
    line("GET /list-voices", OK, Array(&VOICE)),
    line("POST /add-community-voice", OK, Own(voices::add)),
    paid("POST /clone-voice", MADE, Own(voices::clone)),
    line("POST /search-community-voice", OK, Own(voices::search)),
    line("POST /create-asset", MADE, Own(workspace::create_asset)),
];

#[rustfmt::skip]
static TESTS: [Line; 12] = [
    paid("POST /create-batch-test", MADE, Own(trials::create)),
    paid("POST /create-test-case-definition", MADE, Create(&TEST_CASE)),
    line("DELETE /delete-test-case-definition/{test_case_definition_id}", GONE, Delete(&TEST_CASE)),
    line("GET /get-batch-test/{test_case_batch_job_id}", OK, Own(trials::get)),
    line("GET /get-test-case-definition/{test_case_definition_id}", OK, Get(&TEST_CASE)),
    line("GET /get-test-run/{test_case_job_id}", OK, Own(trials::run)),
    line("GET /v2/list-batch-tests", OK, Own(trials::list)),
    line("GET /v2/list-test-case-definitions", OK, Own(trials::list_cases)),
    line("GET /v2/list-test-runs/{test_case_batch_job_id}", OK, Own(trials::list_runs)),
    line("PUT /update-test-case-definition/{test_case_definition_id}", OK, Update(&TEST_CASE)),
    paid("POST /agent-playground-completion/{agent_id}", OK, Own(trials::playground)),
    line("GET /get-mcp-tools/{agent_id}", OK, Own(agents::mcp_tools)),
];

#[rustfmt::skip]
static WORKSPACE: [Line; 3] = [
    line("GET /get-concurrency", OK, Own(workspace::concurrency)),
    line("GET /get-api-key-info", OK, Own(workspace::key_info)),
    line("GET /v2/list-export-requests", OK, List(&EXPORT)),
];

#[rustfmt::skip]
static CONTACTS: [Line; 12] = [
    line("POST /create-contact", MADE, Own(contacts::create)),
    line("PATCH /update-contact/{contact_id}", OK, Own(contacts::update)),
    line("POST /list-contacts", OK, Own(contacts::list)),
    line("DELETE /delete-contact/{contact_id}", GONE, Delete(&CONTACT)),
    line("POST /backfill-contact-analysis-data", MADE, Own(contacts::backfill)),
    line("POST /create-contact-import", TAKEN, Own(contacts::import)),
    line("GET /get-contact/{contact_id}", OK, Get(&CONTACT)),
    line("GET /get-backfill-contact-job-status", OK, Own(contacts::backfill_status)),
    line("GET /get-contact-by-phone/{phone_number}", OK, Own(contacts::by_phone)),
    line("GET /get-contact-import", OK, Own(contacts::import_status)),
    line("GET /list-contact-conversations/{contact_id}", OK, Own(contacts::conversations)),
    line("POST /upload-contact-import-file", MADE, Own(contacts::upload)),
];

#[rustfmt::skip]
static APPS: [Line; 13] = [
    line("POST /create-app", MADE, Own(apps::create)),
    line("PATCH /update-app/{app_id}", OK, Own(apps::update)),
    line("GET /list-apps", OK, List(&APP)),
    line("DELETE /delete-app/{app_id}", GONE, Delete(&APP)),
    line("GET /get-app/{app_id}", OK, Get(&APP)),
    line("POST /get-app-tool-schema/{app_id}", OK, Own(apps::tool_schema)),
    line("GET /list-app-usages/{app_id}", OK, Own(apps::usages)),
    line("POST /test-app-auth/{app_id}", OK, Own(apps::test_auth)),
    line("GET /get-crm-config", OK, Own(apps::crm_config)),
    line("GET /get-crm-schema", OK, Own(apps::crm_schema)),
    line("GET /get-sync-job-status", OK, Own(apps::sync_status)),
    line("POST /run-sync-job", MADE, Own(apps::sync)),
    line("POST /update-crm-config", OK, Own(apps::update_crm)),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_operation_has_its_line() {
        let lines = GROUPS.iter().flat_map(|(_, lines)| lines.iter());
        let mut there: BTreeSet<&str> = lines.map(|line| line.name).collect();
        // Known from others' clients only (retell-protocol M).
        assert!(there.remove("GET /get-agent-root/{agent_id}"));
        assert!(there.remove("PATCH /update-agent-root/{agent_id}"));
        let specified: BTreeSet<&str> = retell_spec::operations().map(|(name, _)| name).collect();
        assert_eq!(there, specified);
    }
}
