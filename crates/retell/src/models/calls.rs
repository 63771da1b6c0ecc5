//! The call object and what is done with finished calls (protocol G).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::filter::CallFilter;
use super::lenient;
use super::open_enum::open_enum;
use super::{DynamicVariables, TranscriptItem, Utterance};

mod disconnection;
mod numbers;

pub use disconnection::DisconnectionReason;
pub use numbers::{CallCost, Latency, LatencyStats, LlmTokenUsage, ProductCost};

open_enum! {
    /// Where a call stands.
    pub enum CallStatus {
        /// Created, not joined.
        Registered = "registered",
        /// The other side was never reached.
        NotConnected = "not_connected",
        /// Being held.
        Ongoing = "ongoing",
        /// Over.
        Ended = "ended",
        /// Over, by a failure.
        Error = "error",
    }
}

impl CallStatus {
    /// Whether the call cannot change by itself any more. A status this crate
    /// does not know counts as not over.
    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(self, Self::NotConnected | Self::Ended | Self::Error)
    }
}

open_enum! {
    /// How a call is carried.
    pub enum CallType {
        /// In a browser.
        WebCall = "web_call",
        /// By telephone.
        PhoneCall = "phone_call",
    }
}

open_enum! {
    /// Who called whom, seen from the workspace.
    pub enum Direction {
        /// The person called.
        Inbound = "inbound",
        /// The agent called.
        Outbound = "outbound",
    }
}

open_enum! {
    /// What Retell keeps of a call. It can only be tightened.
    pub enum DataStorageSetting {
        /// All of it.
        Everything = "everything",
        /// Scrubbed copies only.
        EverythingExceptPii = "everything_except_pii",
        /// No transcript, recording, logs or variables.
        BasicAttributesOnly = "basic_attributes_only",
    }
}

open_enum! {
    /// How the person felt, as the analysis judges.
    pub enum UserSentiment {
        /// Unhappy.
        Negative = "Negative",
        /// Happy.
        Positive = "Positive",
        /// Neither.
        Neutral = "Neutral",
        /// Not to be told.
        Unknown = "Unknown",
    }
}

/// A call, as get-call, list-calls, webhooks and functions show it. Only the id is
/// always there: some senders give no more, and stored calls lose what is personal.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Call {
    /// The call's id, `call_…`.
    pub call_id: String,
    /// Web or phone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_type: Option<CallType>,
    /// The agent that talks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<String>,
    /// The version of the agent.
    #[serde(
        default,
        deserialize_with = "lenient::integer",
        skip_serializing_if = "Option::is_none"
    )]
    pub agent_version: Option<i64>,
    /// The agent's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_name: Option<String>,
    /// The environment tag the version was found by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_tag: Option<String>,
    /// Where the call stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_status: Option<CallStatus>,
    /// The token to join with; web calls only. Secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_token: Option<String>,
    /// The caller; phone calls only, and absent when scrubbed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_number: Option<String>,
    /// The called; phone calls only, and absent when scrubbed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_number: Option<String>,
    /// Who called whom; phone calls only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<Direction>,
    /// The carrier's ids; phone calls only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub telephony_identifier: Option<TelephonyIdentifier>,
    /// When it connected (Unix ms).
    #[serde(
        default,
        deserialize_with = "lenient::integer",
        skip_serializing_if = "Option::is_none"
    )]
    pub start_timestamp: Option<i64>,
    /// When it ended (Unix ms).
    #[serde(
        default,
        deserialize_with = "lenient::integer",
        skip_serializing_if = "Option::is_none"
    )]
    pub end_timestamp: Option<i64>,
    /// When the transferred leg ended (Unix ms).
    #[serde(
        default,
        deserialize_with = "lenient::integer",
        skip_serializing_if = "Option::is_none"
    )]
    pub transfer_end_timestamp: Option<i64>,
    /// How long it lasted (ms).
    #[serde(
        default,
        deserialize_with = "lenient::integer",
        skip_serializing_if = "Option::is_none"
    )]
    pub duration_ms: Option<i64>,
    /// Why it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disconnection_reason: Option<DisconnectionReason>,
    /// Where it was transferred to: E.164 or a SIP address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transfer_destination: Option<String>,
    /// What its creator stored with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Value>,
    /// What its creator filled the prompt with.
    #[serde(
        default,
        deserialize_with = "lenient::variables",
        skip_serializing_if = "Option::is_none"
    )]
    pub retell_llm_dynamic_variables: Option<DynamicVariables>,
    /// What was learned during the call.
    #[serde(
        default,
        deserialize_with = "lenient::variables",
        skip_serializing_if = "Option::is_none"
    )]
    pub collected_dynamic_variables: Option<DynamicVariables>,
    /// The SIP leg's headers.
    #[serde(
        default,
        deserialize_with = "lenient::variables",
        skip_serializing_if = "Option::is_none"
    )]
    pub custom_sip_headers: Option<BTreeMap<String, String>>,
    /// What is kept of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_storage_setting: Option<DataStorageSetting>,
    /// Whether its links are signed and expire.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opt_in_signed_url: Option<bool>,
    /// The transcript as `Agent: …` and `User: …` lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transcript: Option<String>,
    /// The turns with word times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transcript_object: Option<Vec<Utterance>>,
    /// The turns and all that happened between them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transcript_with_tool_calls: Option<Vec<TranscriptItem>>,
    /// The same, scrubbed of personal data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scrubbed_transcript_with_tool_calls: Option<Vec<TranscriptItem>>,
    /// The recording, both voices in one channel (WAV).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recording_url: Option<String>,
    /// The recording, a channel for each voice (WAV).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recording_multi_channel_url: Option<String>,
    /// The recording, scrubbed of personal data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scrubbed_recording_url: Option<String>,
    /// The two-channel recording, scrubbed of personal data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scrubbed_recording_multi_channel_url: Option<String>,
    /// The platform's log of the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_log_url: Option<String>,
    /// How fast the agent was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency: Option<Latency>,
    /// How many tokens the agent used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub llm_token_usage: Option<LlmTokenUsage>,
    /// What it cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_cost: Option<CallCost>,
    /// What the analysis found, once done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_analysis: Option<CallAnalysis>,
    /// Everything else.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl std::fmt::Debug for Call {
    /// Ids and states only: neither the token nor what was said belongs into a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Call")
            .field("call_id", &self.call_id)
            .field("call_type", &self.call_type)
            .field("agent_id", &self.agent_id)
            .field("call_status", &self.call_status)
            .field("disconnection_reason", &self.disconnection_reason)
            .field("start_timestamp", &self.start_timestamp)
            .field("end_timestamp", &self.end_timestamp)
            .finish_non_exhaustive()
    }
}

/// The carrier's ids of a phone call.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TelephonyIdentifier {
    /// Twilio's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub twilio_call_sid: Option<String>,
    /// Everything else.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// What the analysis after a call found.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct CallAnalysis {
    /// The call in a few sentences.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_summary: Option<String>,
    /// Whether it reached its aim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_successful: Option<bool>,
    /// How the person felt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_sentiment: Option<UserSentiment>,
    /// Whether a voicemail answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_voicemail: Option<bool>,
    /// What the agent's owner asked to be extracted: name to value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom_analysis_data: Option<Map<String, Value>>,
    /// Everything else.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

open_enum! {
    /// Which end of a list comes first.
    pub enum SortOrder {
        /// Oldest first.
        Ascending = "ascending",
        /// Newest first.
        Descending = "descending",
    }
}

/// The body of `POST /v3/list-calls`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ListCalls {
    /// Which calls; all of them when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter_criteria: Option<CallFilter>,
    /// By `start_timestamp`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort_order: Option<SortOrder>,
    /// At most this many (default 50, at most 1000).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// From the previous page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pagination_key: Option<String>,
    /// Leave out this many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skip: Option<u64>,
    /// Count all matches too; slower.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub include_total: Option<bool>,
}

/// The body of `PATCH /v2/update-call/{call_id}`; ended calls only.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct UpdateCall {
    /// Replaces the call's metadata; at most 50 kB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Value>,
    /// Only towards stricter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_storage_setting: Option<DataStorageSetting>,
    /// Attributes defined in the dashboard: text, number or flag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom_attributes: Option<BTreeMap<String, Value>>,
}
