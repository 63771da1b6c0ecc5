//! Events that never happened: what a test sends, and what tools learn the
//! fields of an event from.

use api::wrap_up::WrapUp;
use serde_json::{Map, Value, json};

use super::call_payload;
use crate::calls::Stage;
use crate::calls::facts::Facts;
use crate::notify::EventType;

/// What is known of a call only once it connected, is over, or is analysed.
const SINCE_STARTED: [&str; 1] = ["start_timestamp"];
const SINCE_ENDED: [&str; 5] = [
    "end_timestamp",
    "duration_ms",
    "disconnection_reason",
    "recording_url",
    "call_cost",
];
const SINCE_ANALYZED: [&str; 1] = ["call_analysis"];

/// What an event of this type holds, as if it happened `now` (Unix ms). A
/// test comes with a call such as a real event has.
#[must_use]
pub fn example(kind: &str, now: i64) -> Option<Map<String, Value>> {
    let stage = match EventType::parse(kind)? {
        EventType::CallCreated => Stage::Registered,
        EventType::CallStarted => Stage::Ongoing,
        EventType::CallEnded => Stage::Ended,
        EventType::CallAnalyzed | EventType::CallDisposition | EventType::TestPing => {
            Stage::Analyzed
        }
        EventType::CallbackRequested | EventType::EndpointDisabled => return None,
    };
    let call = call(stage, now);
    let facts = Facts::of(&call);
    let said = WrapUp {
        disposition: Some("Appointment made".to_owned()),
        tags: vec!["new customer".to_owned()],
        note: "Wants the room with a view.".to_owned(),
    };
    let said = (kind == EventType::CallDisposition.name()).then_some(&said);
    Some(call_payload("call_example", &call, &facts, stage, said))
}

/// A call that has come so far, as Retell tells it.
fn call(stage: Stage, now: i64) -> Map<String, Value> {
    let Value::Object(mut call) = json!({
        "call_type": "phone_call", "direction": "inbound",
        "from_number": "+14155550123", "to_number": "+14155550100",
        "agent_id": "agent_example", "agent_name": "Emma",
        "start_timestamp": now - 95_000, "end_timestamp": now - 5_000, "duration_ms": 90_000,
        "disconnection_reason": "user_hangup",
        "recording_url": "example",
        "call_analysis": {
            "call_summary": "This is a test. The caller asked for an appointment on Tuesday at ten.",
            "user_sentiment": "Positive", "call_successful": true,
            "custom_analysis_data": {"appointment_wanted": true},
        },
        "call_cost": {"combined_cost": 12.5},
    }) else {
        unreachable!("an object")
    };
    for (since, fields) in [
        (Stage::Ongoing, &SINCE_STARTED[..]),
        (Stage::Ended, &SINCE_ENDED),
        (Stage::Analyzed, &SINCE_ANALYZED),
    ] {
        if stage < since {
            call.retain(|name, _| !fields.contains(&name.as_str()));
        }
    }
    call
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_knows_what_is_known_by_then() {
        let data = |kind: EventType| {
            let payload = example(kind.name(), 1_790_000_000_000);
            payload.unwrap()["data"].clone()
        };
        let of_calls = [
            EventType::CallCreated,
            EventType::CallStarted,
            EventType::CallEnded,
            EventType::CallAnalyzed,
            EventType::TestPing,
        ];
        let statuses = of_calls.map(|kind| data(kind)["status"].clone());
        assert_eq!(
            statuses,
            [
                json!("registered"),
                json!("ongoing"),
                json!("ended"),
                json!("ended"),
                json!("ended")
            ]
        );
        assert_eq!(data(EventType::CallCreated)["started_at"], Value::Null);
        assert_eq!(data(EventType::CallStarted)["ended_at"], Value::Null);
        assert_eq!(data(EventType::CallEnded)["summary"], Value::Null);
        assert!(data(EventType::CallEnded)["has_recording"] == true);
        assert!(data(EventType::CallAnalyzed)["summary"].is_string());
    }
}
