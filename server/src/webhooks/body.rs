//! What a webhook's body says (retell-protocol A2), read leniently: only what
//! we act on must have the right shape.

use serde_json::{Map, Value};

/// The content of a body.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Body {
    /// Nothing: empty, or an empty object. A test of the address.
    Ping,
    /// An event.
    Event(Event),
}

/// An event and the call it is about.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Event {
    /// Its name.
    pub(super) name: String,
    /// The call object, if it is about a call.
    pub(super) call: Option<Map<String, Value>>,
}

/// Why a body is no event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoEvent {
    NotJson,
    OtherShape,
}

impl Body {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, NoEvent> {
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self::Ping);
        }
        let value: Value = serde_json::from_slice(bytes).map_err(|_| NoEvent::NotJson)?;
        let Value::Object(mut body) = value else {
            return Err(NoEvent::OtherShape);
        };
        if body.is_empty() {
            return Ok(Self::Ping);
        }
        let name = match body.remove("event") {
            Some(Value::String(name)) if !name.is_empty() => name,
            _ => return Err(NoEvent::OtherShape),
        };
        let mut call = match body.remove("call") {
            Some(Value::Object(call)) => Some(call),
            _ => None,
        };
        // The documentation leaves open whether it is in the call or beside it.
        if let (Some(call), Some(transcript)) =
            (&mut call, body.remove("transcript_with_tool_calls"))
        {
            call.insert("transcript_with_tool_calls".to_owned(), transcript);
        }
        Ok(Self::Event(Event { name, call }))
    }
}

impl Event {
    /// The id of the call it is about.
    pub(super) fn call_id(&self) -> Option<&str> {
        self.call
            .as_ref()?
            .get("call_id")?
            .as_str()
            .filter(|id| !id.is_empty())
    }

    /// The token in a web call's body, which is not to be kept.
    pub(super) fn access_token(&self) -> Option<&str> {
        self.call
            .as_ref()?
            .get("access_token")?
            .as_str()
            .filter(|token| !token.is_empty())
    }
}

/// The body with a token blotted out wherever it is a string of its own, every
/// other byte as it came. A token is plain ASCII, so JSON spells it as it is.
pub(super) fn without(token: &str, body: &[u8]) -> Vec<u8> {
    let quoted = format!("\"{token}\"").into_bytes();
    let mut kept = body.to_vec();
    let mut from = 0;
    while let Some(at) = kept[from..]
        .windows(quoted.len())
        .position(|window| window == quoted)
    {
        let end = from + at + quoted.len();
        kept[from + at + 1..end - 1].fill(b'*');
        from = end;
    }
    kept
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(value: &Value) -> Event {
        match Body::parse(value.to_string().as_bytes()) {
            Ok(Body::Event(event)) => event,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn nothing_is_a_ping() {
        for body in ["", " \n", "{}", " { } "] {
            assert_eq!(Body::parse(body.as_bytes()), Ok(Body::Ping), "{body:?}");
        }
    }

    #[test]
    fn what_is_no_event_is_told_from_what_is_no_json() {
        for body in ["{", "event", "{\"event\":\"call_ended\"", "\u{feff}{}"] {
            assert_eq!(
                Body::parse(body.as_bytes()),
                Err(NoEvent::NotJson),
                "{body:?}"
            );
        }
        assert_eq!(Body::parse(b"\xff\xfe"), Err(NoEvent::NotJson));
        for body in [
            "[]",
            "null",
            "7",
            "{\"call\":{}}",
            "{\"event\":7}",
            "{\"event\":\"\"}",
        ] {
            assert_eq!(
                Body::parse(body.as_bytes()),
                Err(NoEvent::OtherShape),
                "{body:?}"
            );
        }
    }

    #[test]
    fn a_transcript_beside_the_call_is_found() {
        let event = event(&json!({
            "event": "transcript_updated",
            "call": {"call_id": "call_1"},
            "transcript_with_tool_calls": [1],
        }));
        assert_eq!(
            event.call.unwrap()["transcript_with_tool_calls"],
            json!([1])
        );
    }

    #[test]
    fn events_without_a_call_are_events() {
        let event = event(&json!({"event": "alert_triggered", "alert": {}}));
        assert_eq!((event.call_id(), event.access_token()), (None, None));
    }

    #[test]
    fn a_token_is_blotted_out_and_nothing_else() {
        let body = br#"{"event":"x","call":{"access_token":"token","again":["token"]}}"#;
        let kept = without("token", body);
        assert_eq!(
            kept,
            br#"{"event":"x","call":{"access_token":"*****","again":["*****"]}}"#
        );
    }
}
