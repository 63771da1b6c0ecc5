//! Phone calls and phone numbers (protocol G1, H4). Numbers are E.164.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::lenient;
use super::{DynamicVariables, VersionRef};

/// The body of `POST /v2/create-phone-call`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct CreatePhoneCall {
    /// A number of the workspace.
    pub from_number: String,
    /// Whom to call.
    pub to_number: String,
    /// Instead of the number's own outbound agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub override_agent_id: Option<String>,
    /// Which version of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub override_agent_version: Option<VersionRef>,
    /// Changes to the agent for this call alone (protocol B).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_override: Option<Value>,
    /// Fills the agent's prompt.
    #[serde(
        default,
        deserialize_with = "lenient::variables",
        skip_serializing_if = "Option::is_none"
    )]
    pub retell_llm_dynamic_variables: Option<DynamicVariables>,
    /// Stored with the call; at most 50 kB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Value>,
    /// `X-*` headers for the SIP leg.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom_sip_headers: Option<BTreeMap<String, String>>,
    /// Dial what is not E.164 as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ignore_e164_validation: Option<bool>,
    /// Answer 400 when the contact asked not to be called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub honor_internal_dnc: Option<bool>,
    /// The same key within an hour gets the earlier call instead of a second one.
    /// Only with it does the client repeat the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
}

/// A phone number of the workspace.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct PhoneNumber {
    /// The number, which is also its id.
    pub phone_number: String,
    /// The number as people write it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone_number_pretty: Option<String>,
    /// `retell-twilio`, `retell-telnyx` or `custom`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone_number_type: Option<String>,
    /// Its name in the dashboard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nickname: Option<String>,
    /// Who answers; weights add up to 1.
    #[serde(
        default,
        deserialize_with = "lenient::or_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub inbound_agents: Vec<WeightedAgent>,
    /// Who calls; weights add up to 1.
    #[serde(
        default,
        deserialize_with = "lenient::or_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub outbound_agents: Vec<WeightedAgent>,
    /// Asked before a call is answered (protocol B).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inbound_webhook_url: Option<String>,
    /// Where calls go when no slot is free.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback_number: Option<String>,
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

/// One of a number's agents.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WeightedAgent {
    /// The agent.
    pub agent_id: String,
    /// Its share of the calls, 0 to 1.
    pub weight: f64,
    /// Which of its versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_version: Option<VersionRef>,
}
