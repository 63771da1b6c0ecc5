//! The JSON of the Retell API as Rust types; no I/O, compiles to wasm.
//!
//! Retell adds fields and enum values weekly, so reading is lenient: unknown
//! fields are kept in `extra` or ignored, enums are open (`Other` holds the raw
//! text), `null` counts as absent. Writing leaves out what was never given.
//! Timestamps are Unix milliseconds; word times and `time_sec` are seconds.

pub mod agents;
pub mod calls;
pub mod filter;
pub mod function;
mod lenient;
pub mod live;
pub mod monitor;
mod open_enum;
pub mod phone;
pub mod transcript;
pub mod web_call;
pub mod webhook;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use agents::{
    Agent, AgentFilter, AgentSummary, AgentTag, ApiKeyInfo, Channel, Concurrency, ListAgents, Voice,
};
pub use calls::{
    Call, CallAnalysis, CallCost, CallStatus, CallType, DataStorageSetting, Direction,
    DisconnectionReason, Latency, LatencyStats, ListCalls, LlmTokenUsage, ProductCost, SortOrder,
    TelephonyIdentifier, UpdateCall, UserSentiment,
};
pub use filter::CallFilter;
pub use function::FunctionCall;
pub use live::{
    CallControl, FieldsToOverride, ListenLiveCall, Success, TakeOverLiveCall, UpdateLiveCall,
};
pub use monitor::{MonitorItem, MonitorMessage, Transcripts};
pub use phone::{CreatePhoneCall, PhoneNumber, WeightedAgent};
pub use transcript::{
    Dtmf, Injected, NodeTransition, Role, Sms, ToolCallInvocation, ToolCallResult, TranscriptItem,
    TransitionType, Utterance, UtteranceMetadata, Word,
};
pub use web_call::{
    CreateWebCall, IceServer, Transport, WebCallAccess, WebCallOffer, WebCallSession,
};
pub use webhook::{Webhook, WebhookEvent};

/// Names to values that an agent's prompt is filled with. Retell takes strings only.
pub type DynamicVariables = BTreeMap<String, String>;

/// A page of `POST /v3/list-calls`. Its calls carry no transcripts.
pub type CallList = Page<Call>;

/// One page of any list endpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The entries.
    #[serde(default = "Vec::new")]
    pub items: Vec<T>,
    /// Whether a further page exists.
    #[serde(default)]
    pub has_more: bool,
    /// Goes into the next request's `pagination_key`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pagination_key: Option<String>,
    /// How many entries match in all; only when `include_total` was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
}

/// Which page of a list endpoint that takes no filter.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PageQuery {
    /// At most this many (default 50, at most 1000).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// From the previous page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pagination_key: Option<String>,
    /// Which end comes first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort_order: Option<SortOrder>,
}

/// Which version of an agent: a number, or a tag such as `prod`, `latest` or
/// `latest_published`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum VersionRef {
    /// A numbered version.
    Number(u64),
    /// An environment tag, `latest` or `latest_published`.
    Tag(String),
}

impl std::fmt::Display for VersionRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Tag(tag) => f.pad(tag),
        }
    }
}

impl From<u64> for VersionRef {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for VersionRef {
    fn from(tag: &str) -> Self {
        Self::Tag(tag.to_owned())
    }
}
