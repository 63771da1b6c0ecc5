//! What agents ask our server to do during calls.

use std::collections::BTreeMap;

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
    /// One of a newer server's, to who does not know it.
    #[serde(other)]
    Unknown,
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
    /// The same of each day, the oldest first, also of those on which nobody asked for it. Where
    /// so much was asked that not all is looked at, the oldest are missing.
    #[serde(default)]
    pub days: Vec<FunctionDay>,
}

/// How a function fared on a day of the business's time zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FunctionDay {
    /// When the day begins (Unix ms).
    pub begins: i64,
    /// How often it was asked for.
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
    /// Of how many of the business's days what was asked is counted, today included.
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
    /// One of a newer server's, to who does not know it.
    #[serde(other)]
    Unknown,
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

/// How a target is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "UPPERCASE")]
pub enum TargetMethod {
    /// Without a body.
    Get,
    /// With a body.
    #[default]
    Post,
    /// With a body.
    Put,
    /// With a body.
    Patch,
    /// Without a body.
    Delete,
}

/// A function a business defines itself: everything about it that can be changed, but for
/// its headers. In `url`, `headers` and `body`, `{{args.day}}` and the like are filled in from
/// `args` (the arguments), `call` (`call_id`, `agent_id`, `language`), `caller` (`number`,
/// `name`) and `business` (`name`, `timezone`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OwnFunctionDetails {
    /// What it is called: 1 to 64 of A-Z, a-z, 0-9, `_` and `-`.
    pub name: String,
    /// When the agent is to ask for it.
    pub description: String,
    /// What it is asked: a JSON Schema of an object.
    pub parameters: Value,
    /// How its target is asked.
    #[serde(default)]
    pub method: TargetMethod,
    /// Where its target is. The host is fixed; what follows it may have places to fill in.
    pub url: String,
    /// What is sent, as JSON: a text that is one place alone becomes what is there, whatever
    /// it is. `name`, `args` and `call` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// Where in the answer the sentence to be spoken is, such as `data.text`; `message` when
    /// absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// What else the agent is told of the answer, each with where it is; all of it when empty.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, String>,
    /// Whether it has an effect: asked again in a call, it is not done again.
    #[serde(default = "yes")]
    pub changes: bool,
    /// How long its target may take (ms), up to 7500.
    #[serde(default = "five_seconds")]
    pub timeout_ms: u32,
    /// Whether agents may ask for it.
    #[serde(default = "yes")]
    pub active: bool,
}

fn yes() -> bool {
    true
}

fn five_seconds() -> u32 {
    5_000
}

/// `POST /api/v1/own-functions`, `PUT /api/v1/own-functions/{id}`.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SaveOwnFunction {
    /// What it is.
    #[serde(flatten)]
    pub details: OwnFunctionDetails,
    /// Headers its target is sent, kept sealed; those there are stay when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub headers: Option<BTreeMap<String, String>>,
}

impl std::fmt::Debug for SaveOwnFunction {
    /// Leaves the headers out, so that none reaches a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SaveOwnFunction")
            .field("details", &self.details)
            .finish_non_exhaustive()
    }
}

/// A function a business defined itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OwnFunction {
    /// Which one.
    pub id: String,
    /// What it is.
    #[serde(flatten)]
    pub details: OwnFunctionDetails,
    /// The names of the headers its target is sent.
    pub header_names: Vec<String>,
    /// Which revision of it this is; a change says which one it is of.
    #[serde(default)]
    pub revision: i64,
}

/// `GET /api/v1/own-functions`: all of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OwnFunctionList {
    /// In the order they were added.
    pub items: Vec<OwnFunction>,
}

/// A function with the secret its requests are signed with, which is told only here.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OwnFunctionSecret {
    /// The function.
    pub function: OwnFunction,
    /// The secret, as Standard Webhooks has it (`whsec_…`).
    pub secret: String,
}

impl std::fmt::Debug for OwnFunctionSecret {
    /// Leaves the secret out, so that it reaches no log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OwnFunctionSecret")
            .field("function", &self.function)
            .finish_non_exhaustive()
    }
}

/// `POST /api/v1/own-functions/{id}/try`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct TryOwnFunction {
    /// What it is asked.
    pub arguments: Map<String, Value>,
    /// From which number the caller would be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caller_number: Option<String>,
}

/// How a function that was tried went: really asked, in no call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OwnFunctionTried {
    /// What the agent would be told.
    pub answer: Value,
    /// What became of it.
    pub outcome: FunctionOutcome,
    /// How long it took (ms).
    pub latency_ms: i64,
    /// Where its target was asked; absent where it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// What is wrong, where something is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}
