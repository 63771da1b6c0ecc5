//! Events as the world sees them: their types, and their bodies.
//!
//! A body is one object with the same keys for every type, null where there is
//! nothing, so that Make, n8n and Zapier learn its fields from one sample. What
//! is in the `data` of an event, its domain says.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// Bodies stay below this; what is long in a call is left out first.
pub const MAX_BODY_BYTES: usize = 20_000;

/// What can happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventType {
    /// A call was heard of for the first time.
    CallCreated,
    /// A call connected.
    CallStarted,
    /// A call is over.
    CallEnded,
    /// A call's analysis is there.
    CallAnalyzed,
    /// Somebody said how a call came out, tagged it, or wrote something down of it.
    CallDisposition,
    /// A visitor asked to be called back.
    CallbackRequested,
    /// Somebody tests an endpoint. Every endpoint gets it.
    TestPing,
    /// An endpoint was switched off by the server.
    EndpointDisabled,
}

impl EventType {
    /// Every type, as they are offered.
    pub const ALL: [Self; 8] = [
        Self::CallCreated,
        Self::CallStarted,
        Self::CallEnded,
        Self::CallAnalyzed,
        Self::CallDisposition,
        Self::CallbackRequested,
        Self::EndpointDisabled,
        Self::TestPing,
    ];

    /// Its name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::CallCreated => "call.created",
            Self::CallStarted => "call.started",
            Self::CallEnded => "call.ended",
            Self::CallAnalyzed => "call.analyzed",
            Self::CallDisposition => "call.disposition",
            Self::CallbackRequested => "callback.requested",
            Self::TestPing => "test.ping",
            Self::EndpointDisabled => "endpoint.disabled",
        }
    }

    /// The type of a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }
}

/// Something that happened, to be told.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// What.
    pub kind: EventType,
    /// When (Unix ms).
    pub happened_at: i64,
    /// The body without `id`, `type` and `timestamp`; links begin with a slash.
    pub payload: Map<String, Value>,
}

impl Event {
    /// The call it tells of.
    #[must_use]
    pub fn call_id(&self) -> Option<&str> {
        self.payload.get("call_id").and_then(Value::as_str)
    }
}

/// An endpoint that was switched off. Its address is not told: it may be a
/// secret of its own.
#[must_use]
pub fn endpoint_disabled(id: &str, description: &str, reason: &str, now: i64) -> Event {
    Event {
        kind: EventType::EndpointDisabled,
        happened_at: now,
        payload: payload(&json!({
            "endpoint_id": id, "description": description, "reason": reason,
        })),
    }
}

/// What an event of this domain's own types looks like. A test looks like news of
/// a call, which is not made here.
#[must_use]
pub fn example(kind: &str, now: i64) -> Option<Map<String, Value>> {
    (kind == EventType::EndpointDisabled.name())
        .then(|| endpoint_disabled("ep_example", "CRM", "failing", now).payload)
}

/// What an automation wants at hand is beside `data`, too; links are paths.
#[must_use]
pub fn payload(data: &Value) -> Map<String, Value> {
    let of = |name: &str| data.get(name).cloned().unwrap_or_default();
    let call_id = data.get("call_id").and_then(Value::as_str);
    let desk_path = call_id.map(|id| format!("/desk/calls/{id}"));
    let has_recording = of("has_recording") == true;
    let recording_path = call_id
        .filter(|_| has_recording)
        .map(|id| format!("/api/desk/calls/{id}/recording"));
    let Value::Object(payload) = json!({
        "call_id": call_id,
        "caller_phone_e164": of("caller_phone_e164"),
        "summary": of("summary"),
        "recording_url": recording_path,
        "desk_url": desk_path,
        "data": data,
    }) else {
        unreachable!("an object")
    };
    payload
}

/// The body as it is sent. `link` makes an address of a path.
#[must_use]
pub fn body(
    id: &str,
    kind: &str,
    happened_at: i64,
    payload: &Map<String, Value>,
    link: impl Fn(&str) -> String,
) -> String {
    let mut body = Map::new();
    body.insert("id".to_owned(), id.into());
    body.insert("type".to_owned(), kind.into());
    body.insert("timestamp".to_owned(), iso(happened_at).into());
    for (name, value) in payload {
        let value = match (name.as_str(), value.as_str()) {
            ("recording_url" | "desk_url", Some(path)) => link(path).into(),
            _ => value.clone(),
        };
        body.insert(name.clone(), value);
    }
    Value::Object(body).to_string()
}

/// A time as bodies tell it.
#[must_use]
pub fn iso(ms: i64) -> String {
    Timestamp::from_millisecond(ms).map_or_else(|_| String::new(), |time| time.to_string())
}
