//! The filter grammar of list-calls (protocol G3).
//!
//! On the wire a condition is `{type, op, value}`; here each key has the type
//! that allows only the conditions Retell knows for it.

use serde::{Deserialize, Serialize};

use super::{
    CallStatus, CallType, DataStorageSetting, Direction, DisconnectionReason, UserSentiment,
};

mod condition;

pub use condition::{
    Condition, Flag, KeyedFilter, NumberFilter, NumberOp, OneOf, Presence, TextFilter, TextOp,
    UnexpectedCondition,
};

/// Which calls to list: all given conditions must hold.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct CallFilter {
    /// Any of these agents.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub agent: Vec<AgentVersions>,
    /// The environment tag used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_tag: Option<OneOf<String>>,
    /// The batch the call belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch_call_id: Option<TextFilter>,
    /// The id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_id: Option<TextOrOneOf>,
    /// Where the call stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_status: Option<OneOf<CallStatus>>,
    /// Whether it reached its aim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_successful: Option<Flag>,
    /// Web or phone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_type: Option<OneOf<CallType>>,
    /// What it cost (cents).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub combined_cost: Option<NumberFilter>,
    /// What the analysis extracted; the key is the output's name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub custom_analysis_data: Vec<KeyedFilter>,
    /// The workspace's own attributes; the key is the attribute's id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub custom_attributes: Vec<KeyedFilter>,
    /// What is kept of the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_storage_setting: Option<OneOf<DataStorageSetting>>,
    /// Who called whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<OneOf<Direction>>,
    /// Why it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disconnection_reason: Option<OneOf<DisconnectionReason>>,
    /// How long it lasted (ms).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<NumberFilter>,
    /// The variables stored with the call, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dynamic_variables: Vec<KeyedFilter>,
    /// The median end-to-end latency (ms).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub e2e_latency_p50: Option<NumberFilter>,
    /// When it ended (Unix ms).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_timestamp: Option<NumberFilter>,
    /// The caller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_number: Option<TextFilter>,
    /// Whether a voicemail answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_voicemail: Option<Flag>,
    /// The metadata's top-level values, by key.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub metadata: Vec<KeyedFilter>,
    /// When it connected (Unix ms).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_timestamp: Option<NumberFilter>,
    /// The called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_number: Option<TextFilter>,
    /// The tools called; all of them must have been.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tool_calls: Vec<ToolCallFilter>,
    /// How the person felt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_sentiment: Option<OneOf<UserSentiment>>,
}

/// An agent, in all or some of its versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentVersions {
    /// The agent.
    pub agent_id: String,
    /// Its versions; empty means all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub version: Vec<u64>,
}

/// A text, or one of several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum TextOrOneOf {
    /// Compared as text.
    Text(TextFilter),
    /// One of these.
    OneOf(OneOf<String>),
}

/// A tool that was called.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ToolCallFilter {
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its kind (`custom`, `end_call`, …).
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Whether it succeeded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub success: Option<Flag>,
    /// How long it took (ms).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_ms: Option<NumberFilter>,
}
