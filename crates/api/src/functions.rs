//! What agents ask our server to do during calls.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What became of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FunctionOutcome {
    /// It goes on.
    Running,
    /// It did what it was asked.
    Done,
    /// It could not be done so, and the caller was told why.
    Refused,
    /// Something of ours is broken.
    Failed,
    /// It was not done in time.
    Late,
}

/// A function an agent asked for in a call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FunctionCall {
    /// Which one; ids sort by time.
    pub id: String,
    /// What the function is called.
    pub name: String,
    /// What it was asked.
    pub arguments: Map<String, Value>,
    /// What it answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Value>,
    /// What became of it.
    pub outcome: FunctionOutcome,
    /// How long it took (ms).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_ms: Option<i64>,
    /// When it was asked (Unix ms).
    pub at: i64,
}

/// `GET /api/v1/calls/{id}/functions`: what was asked in a call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FunctionCallList {
    /// In the order they were asked.
    pub items: Vec<FunctionCall>,
}
