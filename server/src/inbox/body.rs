//! What a webhook's body says (retell-protocol A2), read leniently: only what
//! we act on must have the right shape.

use std::ops::Range;

use memchr::memmem;
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
    /// Its name, in today's spelling.
    pub(super) name: String,
    /// The call object, if it is about a call.
    pub(super) call: Option<Map<String, Value>>,
    /// What else the body holds: `chat`, `alert`, `call_inbound`, …
    pub(super) rest: Map<String, Value>,
}

/// What an event is about, if not a call.
const OTHERS: [&str; 4] = ["chat", "call_inbound", "chat_inbound", "alert"];

/// Why a body is no event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoEvent {
    NotJson,
    OtherShape,
}

impl Body {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, NoEvent> {
        if says_nothing(bytes) {
            return Ok(Self::Ping);
        }
        let value: Value = lenient::from_slice(bytes).map_err(|_| NoEvent::NotJson)?;
        let Value::Object(mut body) = value else {
            return Err(NoEvent::OtherShape);
        };
        if let Some(event) = older(&body) {
            return Ok(Self::Event(event));
        }
        let name = match body.remove("event") {
            Some(Value::String(name)) if !name.is_empty() => name,
            _ => return Err(NoEvent::OtherShape),
        };
        let mut call = match body.remove("call") {
            Some(Value::Object(call)) => Some(call),
            _ => None,
        };
        if let Some(call) = &mut call {
            gather(call, &mut body);
        }
        Ok(Self::Event(Event {
            name,
            call,
            rest: body,
        }))
    }
}

/// Puts into the call what stands beside it. The documentation leaves open
/// where a transcript is; a transfer is always described beside the call, while
/// the call object has the number alone (retell-protocol A2, G2).
fn gather(call: &mut Map<String, Value>, body: &mut Map<String, Value>) {
    if let Some(transcript) = body.remove("transcript_with_tool_calls") {
        call.insert("transcript_with_tool_calls".to_owned(), transcript);
    }
    let destination = match body.remove("transfer_destination") {
        Some(Value::Object(destination)) => destination.get("number").cloned(),
        other => other,
    };
    let option = body.remove("transfer_option");
    for (name, value) in [
        ("transfer_destination", destination.filter(Value::is_string)),
        ("transfer_option", option.filter(Value::is_object)),
    ] {
        if let Some(value) = value {
            call.entry(name).or_insert(value);
        }
    }
}

/// An event of the older shape, `{type: "call.started", data: {call_id, …}}`.
fn older(body: &Map<String, Value>) -> Option<Event> {
    if body.contains_key("event") {
        return None;
    }
    let name = body.get("type")?.as_str()?.replace('.', "_");
    let data = body.get("data")?.as_object()?;
    let call = match data.get("call") {
        Some(Value::Object(call)) => call.clone(),
        _ => data.clone(),
    };
    (!name.is_empty() && call.contains_key("call_id")).then(|| Event {
        name,
        call: Some(call),
        rest: Map::new(),
    })
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

    /// The agent it is about, or whose call.
    pub(super) fn agent(&self) -> Option<&str> {
        let of_call = || self.call.as_ref()?.get("agent_id")?.as_str();
        of_call().or_else(|| self.agent_id())
    }

    /// Whether the same bytes are the same event: they name what it is about, or
    /// when it was. A caller may ask for the same number again.
    pub(super) fn is_unmistakable(&self) -> bool {
        let names = |about: &str| {
            let ids = ["call_id", "chat_id", "alert_incident_id"];
            ids.iter()
                .any(|id| self.rest.get(about).is_some_and(|it| it[*id].is_string()))
        };
        self.call_id().is_some()
            || self.rest.contains_key("event_timestamp")
            || OTHERS.iter().any(|about| names(about))
    }

    /// The agent of what it is about, if that is no call.
    pub(super) fn agent_id(&self) -> Option<&str> {
        OTHERS
            .iter()
            .find_map(|name| self.rest.get(*name)?.get("agent_id")?.as_str())
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

/// Whether there is nothing in a body, or an empty object. Told without
/// parsing: nobody may have vouched for it yet.
pub(super) fn says_nothing(bytes: &[u8]) -> bool {
    let inside = match bytes.trim_ascii() {
        [b'{', inside @ .., b'}'] => inside,
        all => all,
    };
    inside.iter().all(u8::is_ascii_whitespace)
}

/// The body with every value named `access_token` blotted out, whatever the
/// body is: JSON, JSON within a string of JSON, a form, or a part of these.
/// JSON stays JSON, and every other byte stays as it came.
pub(super) fn without_access_tokens(body: &[u8]) -> Vec<u8> {
    const NAME: &[u8] = b"access_token";
    let mut kept = body.to_vec();
    let mut from = 0;
    while let Some(at) = memmem::find(&kept[from..], NAME) {
        from += at + NAME.len();
        let value = value_at(&kept[from..]);
        kept[from + value.start..from + value.end].fill(b'*');
        from += value.end;
    }
    kept
}

/// Where the value is in what follows a name. Empty when no text follows.
fn value_at(rest: &[u8]) -> Range<usize> {
    let skip = |from: usize| {
        let spaces = rest[from..].iter().take_while(|b| b.is_ascii_whitespace());
        from + spaces.count()
    };
    // The name and its value are quoted in the same way, or neither is.
    let quote: &[u8] = [&b"\""[..], b"\\\""]
        .into_iter()
        .find(|quote| rest.starts_with(quote))
        .unwrap_or_default();
    let mut at = skip(quote.len());
    if !matches!(rest.get(at), Some(b':' | b'=')) {
        return 0..0;
    }
    at = skip(at + 1);
    if !rest[at..].starts_with(quote) {
        return at..at;
    }
    let start = at + quote.len();
    let mut end = start;
    while let Some(byte) = rest.get(end) {
        match (quote.len(), byte) {
            (_, b'"') | (0 | 2, b'\\') | (0, b',' | b'&' | b'}' | b' ' | b'\t' | b'\r' | b'\n') => {
                break;
            }
            // An escaped character, which may be the quote.
            (1, b'\\') => end += 2,
            _ => end += 1,
        }
    }
    start..end.min(rest.len())
}

/// The body with a token blotted out wherever it is a string of its own, every
/// other byte as it came. A token is plain ASCII, so JSON spells it as it is.
pub(super) fn without(token: &str, body: &[u8]) -> Vec<u8> {
    let quoted = format!("\"{token}\"").into_bytes();
    let mut kept = body.to_vec();
    let mut from = 0;
    while let Some(at) = memmem::find(&kept[from..], &quoted) {
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
        for body in ["", " \n", "{}", " { \n} "] {
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
    fn a_transfer_s_destination_is_put_into_the_call() {
        let event = event(&json!({
            "event": "transfer_started",
            "call": {"call_id": "call_1"},
            "transfer_destination": {"number": "+4930901820", "extension": "7"},
            "transfer_option": {"type": "warm_transfer", "showTransfereeAsCaller": true},
        }));
        let call = event.call.unwrap();
        assert_eq!(call["transfer_destination"], "+4930901820");
        assert_eq!(call["transfer_option"]["type"], "warm_transfer");
    }

    #[test]
    fn the_older_shape_is_understood() {
        for data in [
            json!({"call_id": "call_1", "agent_id": "a"}),
            json!({"call": {"call_id": "call_1", "agent_id": "a"}}),
        ] {
            let event = event(&json!({"type": "call.started", "data": data}));
            assert_eq!(event.name, "call_started");
            assert_eq!(event.call_id(), Some("call_1"));
        }
        let other = json!({"type": "invoice.paid", "data": {"id": 7}});
        assert_eq!(
            Body::parse(other.to_string().as_bytes()),
            Err(NoEvent::OtherShape)
        );
    }

    #[test]
    fn events_without_a_call_are_events() {
        let event = event(&json!({"event": "alert_triggered", "alert": {}}));
        assert_eq!((event.call_id(), event.access_token()), (None, None));
    }

    #[test]
    fn values_named_access_token_are_blotted_out_of_anything() {
        for (body, kept) in [
            (
                r#"{"access_token":"abc","b":"c"}"#,
                r#"{"access_token":"***","b":"c"}"#,
            ),
            (
                r#"{"access_token" : "a\/\"c","b":1"#,
                r#"{"access_token" : "******","b":1"#,
            ),
            (r#"{"access_token":"ab"#, r#"{"access_token":"**"#),
            (r#"{"access_token":"ab\"#, r#"{"access_token":"***"#),
            (
                r#""{\"access_token\": \"abc\",\"b\":2}""#,
                r#""{\"access_token\": \"***\",\"b\":2}""#,
            ),
            ("a=b&access_token=abc&c=d", "a=b&access_token=***&c=d"),
            ("access_token: abc\n", "access_token: ***\n"),
            (
                r#"[{"access_token":"a"},{"access_token":"b"}]"#,
                r#"[{"access_token":"*"},{"access_token":"*"}]"#,
            ),
        ] {
            let blotted = without_access_tokens(body.as_bytes());
            assert_eq!(String::from_utf8(blotted).unwrap(), kept);
        }
        for body in [
            r#"{"access_token":null,"access_token":7}"#,
            r#"{"say":"access_token: ","next":"one","last":"access_token"}"#,
            r#"{"access_token":""#,
            "access_token",
            "access_token=",
            "\u{fc}",
        ] {
            assert_eq!(without_access_tokens(body.as_bytes()), body.as_bytes());
        }
    }

    proptest::proptest! {
        #[test]
        fn json_stays_json_without_its_tokens(
            name in "(access_token)?[\"\\\\:= ]{0,3}",
            text in "[a\"\\\\:=,{} ]{0,4}(access_token)?[a\"\\\\:=,{} ]{0,9}",
        ) {
            let value = json!({"access_token": text, "inner": {"text": text, name: text}});
            let inner = value.to_string();
            let value = json!({"inner": inner, "list": [value, 1]});
            let kept = without_access_tokens(value.to_string().as_bytes());
            let kept: Value = serde_json::from_slice(&kept).unwrap();
            let token = kept["list"][0]["access_token"].as_str().unwrap();
            proptest::prop_assert!(token.bytes().all(|byte| byte == b'*'), "{}", kept);
        }
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
