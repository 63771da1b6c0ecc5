//! What was said and done during a call (protocol G4, and E for the live form).

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::lenient;
use super::open_enum::open_enum;

open_enum! {
    /// Who speaks.
    pub enum Role {
        /// The AI agent.
        Agent = "agent",
        /// The person on the other side.
        User = "user",
        /// The person the call was transferred to.
        TransferTarget = "transfer_target",
    }
}

impl Default for Role {
    fn default() -> Self {
        Self::Other(String::new())
    }
}

open_enum! {
    /// How a conversation flow moved to another node.
    pub enum TransitionType {
        /// A global node took over.
        Global = "global",
        /// Back from a global node.
        GlobalGoBack = "global_go_back",
        /// Back after an interruption.
        InterruptGoBack = "interrupt_go_back",
        /// Along an edge of the flow.
        Normal = "normal",
    }
}

/// One turn of speech.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Utterance {
    /// Who said it.
    pub role: Role,
    /// The text.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub content: String,
    /// The words with their times. Empty on the monitor stream.
    #[serde(
        default,
        deserialize_with = "lenient::or_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub words: Vec<Word>,
    /// What the platform says about the turn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<UtteranceMetadata>,
}

/// A word and when it was spoken, in seconds from the start of the call.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Word {
    /// The word, with its spacing and punctuation.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub word: String,
    /// When it begins (s).
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub start: f64,
    /// When it ends (s).
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub end: f64,
}

/// What the platform says about a turn.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct UtteranceMetadata {
    /// The response it belongs to.
    #[serde(
        default,
        deserialize_with = "lenient::integer",
        skip_serializing_if = "Option::is_none"
    )]
    pub response_id: Option<i64>,
    /// The agent interruption it belongs to.
    #[serde(
        default,
        deserialize_with = "lenient::integer",
        skip_serializing_if = "Option::is_none"
    )]
    pub interrupt_id: Option<i64>,
    /// Whether it is only a listener's "uh-huh".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_backchannel: Option<bool>,
    /// Everything else, such as `backup_model_used`.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// The agent calls a tool.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ToolCallInvocation {
    /// Pairs it with its [`ToolCallResult`].
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub tool_call_id: String,
    /// The tool's name; a flow node's name may contain spaces.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub name: String,
    /// The arguments: JSON as text.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub arguments: String,
    /// The kind of tool (`custom`, `end_call`, …; an open list).
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Everything else, such as `thought_signature` and `metadata`.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// What a tool answered.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ToolCallResult {
    /// Pairs it with its [`ToolCallInvocation`].
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub tool_call_id: String,
    /// The answer as the agent reads it.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub content: String,
    /// Whether the tool succeeded; absent when unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub successful: Option<bool>,
    /// Everything else.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A conversation flow moved to another node.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct NodeTransition {
    /// The id of the node it left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub former_node_id: Option<String>,
    /// The name of the node it left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub former_node_name: Option<String>,
    /// The id of the node it entered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_node_id: Option<String>,
    /// The name of the node it entered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_node_name: Option<String>,
    /// Why it moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transition_type: Option<TransitionType>,
    /// Everything else.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A key was pressed.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Dtmf {
    /// The key.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub digit: String,
    /// Everything else.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A text message exchanged during the call.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Sms {
    /// Its text.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub content: String,
    /// When, in seconds from the start of the call. On a [`MonitorItem`](super::MonitorItem)
    /// the item itself carries the time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_sec: Option<f64>,
    /// Everything else, such as `multimedia`.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// Context given to the agent from outside (`update-live-call`).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Injected {
    /// Its text.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub content: String,
    /// When, in seconds from the start of the call. On a [`MonitorItem`](super::MonitorItem)
    /// the item itself carries the time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_sec: Option<f64>,
    /// Everything else.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// One entry of `transcript_with_tool_calls`, told apart by `role`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "role", rename_all = "snake_case")]
pub enum TranscriptItem {
    /// `tool_call_invocation`
    ToolCallInvocation(ToolCallInvocation),
    /// `tool_call_result`
    ToolCallResult(ToolCallResult),
    /// `node_transition`
    NodeTransition(NodeTransition),
    /// `dtmf`
    Dtmf(Dtmf),
    /// `sms`
    Sms(Sms),
    /// `injected`
    Injected(Injected),
    /// `agent`, `user` or `transfer_target`
    #[serde(untagged)]
    Utterance(Utterance),
    /// A role this crate does not know, or an item of an unexpected shape, whole.
    #[serde(untagged)]
    Other(Map<String, Value>),
}

impl TranscriptItem {
    /// The role as spelled on the wire; empty when there is none.
    #[must_use]
    pub fn role(&self) -> &str {
        match self {
            Self::Utterance(utterance) => utterance.role.as_str(),
            Self::ToolCallInvocation(_) => "tool_call_invocation",
            Self::ToolCallResult(_) => "tool_call_result",
            Self::NodeTransition(_) => "node_transition",
            Self::Dtmf(_) => "dtmf",
            Self::Sms(_) => "sms",
            Self::Injected(_) => "injected",
            Self::Other(map) => map.get("role").and_then(Value::as_str).unwrap_or_default(),
        }
    }

    /// The turn of speech, if it is one.
    #[must_use]
    pub fn as_utterance(&self) -> Option<&Utterance> {
        match self {
            Self::Utterance(utterance) => Some(utterance),
            _ => None,
        }
    }

    fn from_map(mut map: Map<String, Value>) -> Self {
        fn read<T: serde::de::DeserializeOwned>(map: &Map<String, Value>) -> Option<T> {
            T::deserialize(map).ok()
        }
        let Some(role) = map.get("role").and_then(Value::as_str).map(str::to_owned) else {
            return Self::Other(map);
        };
        // The variant says it; what is left over goes into `extra`.
        map.remove("role");
        let item = match role.as_str() {
            "tool_call_invocation" => read(&map).map(Self::ToolCallInvocation),
            "tool_call_result" => read(&map).map(Self::ToolCallResult),
            "node_transition" => read(&map).map(Self::NodeTransition),
            "dtmf" => read(&map).map(Self::Dtmf),
            "sms" => read(&map).map(Self::Sms),
            "injected" => read(&map).map(Self::Injected),
            _ => None,
        };
        if let Some(item) = item {
            return item;
        }
        let speech = matches!(role.as_str(), "agent" | "user" | "transfer_target");
        map.insert("role".to_owned(), Value::String(role));
        if speech && let Some(utterance) = read(&map) {
            return Self::Utterance(utterance);
        }
        Self::Other(map)
    }
}

impl<'de> Deserialize<'de> for TranscriptItem {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Map::deserialize(deserializer).map(Self::from_map)
    }
}

impl From<Utterance> for TranscriptItem {
    fn from(utterance: Utterance) -> Self {
        Self::Utterance(utterance)
    }
}
