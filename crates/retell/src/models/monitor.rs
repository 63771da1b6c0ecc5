//! The messages of the monitor stream (protocol E). Merging them is the reader's task:
//! key by item id, replace whole items, order by `time_sec`.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::lenient;
use super::{DisconnectionReason, TranscriptItem};

/// One frame of the monitor stream.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum MonitorMessage {
    /// The history so far. It may arrive after the first update.
    TranscriptSnapshot(Transcripts),
    /// New and changed items only.
    TranscriptUpdated(Transcripts),
    /// The call is over; the stream closes with 1000 next.
    CallEnded(CallEnded),
    /// A type this crate does not know, whole.
    #[serde(untagged)]
    Other(Map<String, Value>),
}

impl<'de> Deserialize<'de> for MonitorMessage {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let map = Map::deserialize(deserializer)?;
        let message = match map.get("type").and_then(Value::as_str) {
            Some("transcript_snapshot") => {
                Transcripts::deserialize(&map).map(Self::TranscriptSnapshot)
            }
            Some("transcript_updated") => {
                Transcripts::deserialize(&map).map(Self::TranscriptUpdated)
            }
            Some("call_ended") => CallEnded::deserialize(&map).map(Self::CallEnded),
            _ => return Ok(Self::Other(map)),
        };
        message.map_err(serde::de::Error::custom)
    }
}

/// The items of a snapshot or an update.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Transcripts {
    /// The call's items. One without an id could not be merged and is left out.
    #[serde(default, deserialize_with = "lenient::readable")]
    pub transcripts: Vec<MonitorItem>,
    /// The items of the tools run before the call; they live on a clock of their own.
    #[serde(
        default,
        deserialize_with = "lenient::readable",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub pre_session_transcripts: Vec<MonitorItem>,
}

/// The last message of a stream.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CallEnded {
    /// When the call ended (Unix ms).
    #[serde(
        default,
        deserialize_with = "lenient::integer",
        skip_serializing_if = "Option::is_none"
    )]
    pub event_timestamp: Option<i64>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disconnection_reason: Option<DisconnectionReason>,
}

/// One item of a live transcript. Its text may still change: there is no "final" flag.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct MonitorItem {
    /// Stable while the text grows.
    pub id: String,
    /// When it began, in seconds from the start of the call.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub time_sec: f64,
    /// Who or what it is.
    #[serde(flatten)]
    pub item: TranscriptItem,
}

impl Serialize for MonitorItem {
    /// By hand: `sms` and `injected` items may carry a `time_sec` of their own,
    /// and a JSON object must not have the key twice.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::Error as _;
        let mut value = serde_json::to_value(&self.item).map_err(S::Error::custom)?;
        if let Value::Object(map) = &mut value {
            map.insert("id".to_owned(), self.id.clone().into());
            map.insert("time_sec".to_owned(), self.time_sec.into());
        }
        value.serialize(serializer)
    }
}
