//! What agents ask our server to do during calls.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Page;
use crate::routing::AgentName;

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
    /// What Retell calls this asking, where it was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_call_id: Option<String>,
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

/// A function, and how it fares.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FunctionUse {
    /// What it is called.
    pub name: String,
    /// When an agent is to ask for it.
    pub description: String,
    /// What it is asked: a JSON Schema of an object.
    pub parameters: Value,
    /// Whether it has an effect.
    pub changes: bool,
    /// The agents, by their ids, for which it is switched off.
    pub off_for: Vec<String>,
    /// How often it was asked for lately.
    pub asked: u32,
    /// How often of those it failed, or was too late.
    pub failed: u32,
    /// The median of how long it took (ms).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p50_ms: Option<i64>,
    /// How long all but five in a hundred took at most (ms).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p95_ms: Option<i64>,
}

/// `GET /api/v1/functions/use`: all functions, and how they fare.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FunctionUseList {
    /// In the order an agent is told of them.
    pub items: Vec<FunctionUse>,
    /// The business's agents.
    pub agents: Vec<AgentName>,
    /// Of how many days what was asked is counted.
    pub days: u32,
}

/// Something a function was asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FunctionRun {
    /// In which call, where it was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_id: Option<String>,
    /// Whether a person tried it.
    pub trial: bool,
    /// What was asked and answered.
    #[serde(flatten)]
    pub call: FunctionCall,
}

/// A page of what a function was asked, the newest first.
pub type FunctionRunPage = Page<FunctionRun>;

/// `PUT /api/v1/agents/{id}/functions/{name}`: whether an agent may ask for a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SwitchFunction {
    /// Whether it may.
    pub on: bool,
}

/// `POST /api/v1/functions/{name}/try`: really asks a function, without a call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TryFunction {
    /// What it is asked.
    #[serde(default)]
    pub arguments: Map<String, Value>,
    /// In which language it answers; the business's when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

/// What writing our functions into an agent does to one of its tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ToolChange {
    /// It is new.
    Added,
    /// It is another one.
    Changed,
    /// It is taken away: it is switched off.
    Removed,
    /// It is ours, and stays as it is.
    Same,
    /// It is none of ours, and stays.
    Kept,
}

/// One of an agent's tools, before and after.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ToolDifference {
    /// What it is called.
    pub name: String,
    /// What becomes of it.
    pub change: ToolChange,
    /// As Retell has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// As it would have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
}

/// `GET /api/v1/agents/{id}/functions`: what writing our functions into an agent changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AgentTools {
    /// Its tools, in the order they would have.
    pub items: Vec<ToolDifference>,
}
