//! How fast a call was and what it cost.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::super::lenient;

/// Latencies in ms, by the part that caused them.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Latency {
    /// From the person's last word to the agent's first, without the network to the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub e2e: Option<LatencyStats>,
    /// The language model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub llm: Option<LatencyStats>,
    /// Speech synthesis.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tts: Option<LatencyStats>,
    /// Speech recognition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asr: Option<LatencyStats>,
    /// A speech-to-speech model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub s2s: Option<LatencyStats>,
    /// Knowledge-base retrieval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub knowledge_base: Option<LatencyStats>,
    /// The network to a custom LLM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub llm_websocket_network_rtt: Option<LatencyStats>,
    /// Everything else.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A distribution, in ms.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct LatencyStats {
    /// The median.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p50: Option<f64>,
    /// The 90th percentile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p90: Option<f64>,
    /// The 95th percentile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p95: Option<f64>,
    /// The 99th percentile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p99: Option<f64>,
    /// The smallest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// The largest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// How many were measured.
    #[serde(
        default,
        deserialize_with = "lenient::integer",
        skip_serializing_if = "Option::is_none"
    )]
    pub num: Option<i64>,
    /// Each of them.
    #[serde(
        default,
        deserialize_with = "lenient::or_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub values: Vec<f64>,
}

/// How many tokens the agent's model used.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct LlmTokenUsage {
    /// Per request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub average: Option<f64>,
    /// How many requests.
    #[serde(
        default,
        deserialize_with = "lenient::integer",
        skip_serializing_if = "Option::is_none"
    )]
    pub num_requests: Option<i64>,
    /// Each request's.
    #[serde(
        default,
        deserialize_with = "lenient::or_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub values: Vec<f64>,
}

/// What a call cost, in US cents.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct CallCost {
    /// Everything together (cents).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub combined_cost: Option<f64>,
    /// Each product's part.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub product_costs: Vec<ProductCost>,
    /// What was billed (s).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_duration_seconds: Option<f64>,
    /// All products together (cents per second).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_duration_unit_price: Option<f64>,
    /// Everything else.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// What one product cost.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ProductCost {
    /// The product's name.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub product: String,
    /// Its part (cents).
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub cost: f64,
    /// Its price (cents per second).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_price: Option<f64>,
    /// Whether it was for the transferred leg.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_transfer_leg_cost: Option<bool>,
}
