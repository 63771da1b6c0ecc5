//! Agents, voices and the key's own workspace (protocol H1, H5, H9).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::filter::{Flag, TextFilter};
use super::lenient;
use super::open_enum::open_enum;
use super::{DataStorageSetting, DynamicVariables, SortOrder, WebhookEvent};

/// A voice agent. The many fields without a member of their own are in `extra`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Agent {
    /// The agent's id, `agent_…`.
    pub agent_id: String,
    /// This version's number.
    #[serde(
        default,
        deserialize_with = "lenient::integer",
        skip_serializing_if = "Option::is_none"
    )]
    pub version: Option<i64>,
    /// Whether this version is published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_published: Option<bool>,
    /// Its name in the dashboard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_name: Option<String>,
    /// A locale such as `en-US`, or several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Value>,
    /// The voice it speaks with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voice_id: Option<String>,
    /// What thinks for it: `{type: "retell-llm" | "custom-llm" | "conversation-flow", …}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_engine: Option<Value>,
    /// Its own webhook; replaces the account's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook_url: Option<String>,
    /// Which events are sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook_events: Option<Vec<WebhookEvent>>,
    /// How long a webhook may take (ms).
    #[serde(
        default,
        deserialize_with = "lenient::integer",
        skip_serializing_if = "Option::is_none"
    )]
    pub webhook_timeout_ms: Option<i64>,
    /// How long a call may last (ms).
    #[serde(
        default,
        deserialize_with = "lenient::integer",
        skip_serializing_if = "Option::is_none"
    )]
    pub max_call_duration_ms: Option<i64>,
    /// After how much silence the call is ended (ms).
    #[serde(
        default,
        deserialize_with = "lenient::integer",
        skip_serializing_if = "Option::is_none"
    )]
    pub end_call_after_silence_ms: Option<i64>,
    /// What is kept of its calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_storage_setting: Option<DataStorageSetting>,
    /// When it last changed (Unix ms).
    #[serde(
        default,
        deserialize_with = "lenient::integer",
        skip_serializing_if = "Option::is_none"
    )]
    pub last_modification_timestamp: Option<i64>,
    /// Everything else.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

open_enum! {
    /// What an agent talks over.
    pub enum Channel {
        /// Calls.
        Voice = "voice",
        /// Chats.
        Chat = "chat",
    }
}

/// One row of `POST /v2/list-agents`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AgentSummary {
    /// The agent's id.
    pub agent_id: String,
    /// Its name in the dashboard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_name: Option<String>,
    /// What it talks over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
    /// Whether Retell has suspended it.
    #[serde(default)]
    pub is_suspended: bool,
    /// Whether it only does warm transfers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_transfer_agent: Option<bool>,
    /// Its environment tags by name.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub tags: BTreeMap<String, AgentTag>,
    /// When a person last changed it (Unix ms).
    #[serde(
        default,
        deserialize_with = "lenient::integer",
        skip_serializing_if = "Option::is_none"
    )]
    pub user_modified_timestamp: Option<i64>,
}

/// What an environment tag stands for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AgentTag {
    /// The version it points at.
    #[serde(
        default,
        deserialize_with = "lenient::integer",
        skip_serializing_if = "Option::is_none"
    )]
    pub version: Option<i64>,
    /// The variables it sets.
    #[serde(
        default,
        deserialize_with = "lenient::variables",
        skip_serializing_if = "Option::is_none"
    )]
    pub dynamic_variables: Option<DynamicVariables>,
}

/// What `POST /v2/list-agents` is asked: the filter goes into the body, the rest
/// into the query.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ListAgents {
    /// At most this many (default 50, at most 1000).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// From the previous page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pagination_key: Option<String>,
    /// Which end comes first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort_order: Option<SortOrder>,
    /// Which agents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter_criteria: Option<AgentFilter>,
}

/// Which agents to list; all given conditions must hold.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct AgentFilter {
    /// `voice` or `chat`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<TextFilter>,
    /// Only, or no, warm-transfer agents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_transfer_agent: Option<Flag>,
    /// Part of the name (any case) or of the id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
}

/// A voice an agent can speak with.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Voice {
    /// The voice's id.
    pub voice_id: String,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voice_name: Option<String>,
    /// Whose voice it is (`elevenlabs`, `openai`, …).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// `male` or `female`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gender: Option<String>,
    /// Its accent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accent: Option<String>,
    /// The age it sounds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age: Option<String>,
    /// A sample to listen to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preview_audio_url: Option<String>,
    /// Everything else.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// Whose key it is (`GET /get-api-key-info`); the cheapest way to check a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKeyInfo {
    /// The workspace's id.
    pub org_id: String,
    /// The workspace's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub org_name: Option<String>,
    /// The key's name in the dashboard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_key_name: Option<String>,
}

/// How many calls a workspace has at once (`GET /get-concurrency`, protocol H9).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Concurrency {
    /// Calls going on now.
    #[serde(
        default,
        deserialize_with = "lenient::integer",
        skip_serializing_if = "Option::is_none"
    )]
    pub current_concurrency: Option<i64>,
    /// How many there may be.
    #[serde(
        default,
        deserialize_with = "lenient::integer",
        skip_serializing_if = "Option::is_none"
    )]
    pub concurrency_limit: Option<i64>,
    /// Everything else.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}
