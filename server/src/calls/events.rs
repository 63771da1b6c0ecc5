//! What is told of a call to the endpoints of its business: its progress, each
//! step once.

mod example;

use api::wrap_up::WrapUp;
use serde_json::{Map, Value, json};

use super::facts::{self, Facts};
use super::{Stage, status};
use crate::clock::DAY_MS;
use crate::notify::event::{Event, EventType, MAX_BODY_BYTES, iso, payload};
use crate::phone;

pub use example::example;

/// Longer summaries are cut; they are there twice.
const MAX_SUMMARY_BYTES: usize = 3000;
/// What `data` may measure, so that the rest has its place, too.
const MAX_DATA_BYTES: usize = MAX_BODY_BYTES - 2 * MAX_SUMMARY_BYTES - 1000;
/// News older than this is history, such as an import, and is not told (ms).
const NEWS_MS: i64 = 3 * DAY_MS;

/// How far a call had come before news of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Before {
    /// Its stage.
    pub stage: Stage,
    /// Whether it had connected, and it was known when.
    pub connected: bool,
}

impl Before {
    /// Of a call as it was stored.
    #[must_use]
    pub fn of(stage: Stage, facts: &Facts) -> Self {
        Self {
            stage,
            connected: connected_at(stage, facts).is_some(),
        }
    }
}

fn connected_at(stage: Stage, facts: &Facts) -> Option<i64> {
    facts.started_at.filter(|_| stage >= Stage::Ongoing)
}

/// What a call's progress tells: each stage it has passed, once, in order, and when
/// that was (Unix ms). `before` is `None` for a call that is new.
#[must_use]
pub fn progress(
    facts: &Facts,
    before: Option<Before>,
    stage: Stage,
    now: i64,
) -> Vec<(EventType, i64)> {
    let passed = |reached| stage >= reached && before.is_none_or(|before| before.stage < reached);
    let mut told = Vec::new();
    if before.is_none() {
        told.push((EventType::CallCreated, facts.started_at.unwrap_or(now)));
    }
    // What is said in a call, or its end, may be told before its start.
    let was_connected = before.is_some_and(|before| before.connected);
    if let Some(at) = connected_at(stage, facts).filter(|_| !was_connected) {
        told.push((EventType::CallStarted, at));
    }
    let ended_at = facts.ended_at.unwrap_or(now);
    if passed(Stage::Ended) {
        told.push((EventType::CallEnded, ended_at));
    }
    if passed(Stage::Analyzed) {
        told.push((EventType::CallAnalyzed, now));
    }
    // An analysis is as old as its call.
    told.retain(|(kind, at)| match kind {
        EventType::CallAnalyzed => now.saturating_sub(ended_at) <= NEWS_MS,
        _ => now.saturating_sub(*at) <= NEWS_MS,
    });
    told
}

/// One event of a call's [`progress`].
#[must_use]
pub fn of_call(
    id: &str,
    call: &Map<String, Value>,
    facts: &Facts,
    stage: Stage,
    (kind, happened_at): (EventType, i64),
) -> Event {
    Event {
        kind,
        happened_at,
        payload: call_payload(id, call, facts, stage, None),
    }
}

/// What people said of a call.
#[must_use]
pub fn of_wrap_up(
    id: &str,
    call: &Map<String, Value>,
    stage: Stage,
    said: &WrapUp,
    now: i64,
) -> Event {
    Event {
        kind: EventType::CallDisposition,
        happened_at: now,
        payload: call_payload(id, call, &Facts::of(call), stage, Some(said)),
    }
}

fn call_payload(
    id: &str,
    call: &Map<String, Value>,
    facts: &Facts,
    stage: Stage,
    said: Option<&WrapUp>,
) -> Map<String, Value> {
    let mut data = call_data(id, call, facts, stage);
    if let Some(WrapUp {
        disposition,
        tags,
        note,
    }) = said
    {
        data["disposition"] = json!(disposition);
        data["tags"] = json!(tags);
        data["note"] = note[..note.floor_char_boundary(MAX_SUMMARY_BYTES)].into();
    }
    // The bulky things go first; the desk has them all.
    for bulky in ["metadata", "dynamic_variables", "analysis_data"] {
        if size(&data) > MAX_DATA_BYTES {
            data[bulky] = Value::Null;
            data["truncated"] = true.into();
        }
    }
    payload(&data)
}

fn call_data(id: &str, call: &Map<String, Value>, facts: &Facts, stage: Stage) -> Value {
    let variables = facts::dynamic_variables(call);
    let summary = facts::analysis_summary(call).map(|mut summary| {
        summary.truncate(summary.floor_char_boundary(MAX_SUMMARY_BYTES));
        summary
    });
    json!({
        "call_id": id,
        "call_type": facts.call_type,
        "direction": facts.direction,
        "status": status_name(facts, stage),
        "caller_phone_e164": facts.other_side().map(phone::canonical),
        "from_number": facts.from_number,
        "to_number": facts.to_number,
        "agent_id": facts.agent_id,
        "agent_name": facts.agent_name,
        "started_at": facts.started_at.map(iso),
        "ended_at": facts.ended_at.map(iso),
        "duration_ms": facts.duration_ms,
        "disconnection_reason": facts.disconnection_reason,
        "user_sentiment": facts.user_sentiment,
        "call_successful": facts.successful,
        "summary": summary,
        "has_recording": facts.has_recording(),
        "cost_cents": facts.cost_cents,
        "analysis_data": facts::analysis_data(call),
        "dynamic_variables": variables,
        "metadata": facts::metadata(call),
        "truncated": false,
    })
}

fn status_name(facts: &Facts, stage: Stage) -> &'static str {
    match stage {
        Stage::Registered => "registered",
        Stage::Ongoing => "ongoing",
        Stage::Ended | Stage::Analyzed => {
            status::name(status::from_reason(facts.disconnection_reason.as_deref()))
        }
    }
}

fn size(value: &Value) -> usize {
    value.to_string().len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notify::event::{body, endpoint_disabled};

    const NOW: i64 = 1_790_000_100_000;

    fn call(value: Value) -> Map<String, Value> {
        let Value::Object(call) = value else {
            panic!("not an object")
        };
        call
    }

    fn told(call: &Map<String, Value>, before: Option<Before>, stage: Stage) -> Vec<Event> {
        let facts = Facts::of(call);
        let progress = progress(&facts, before, stage, NOW);
        let event = |one| of_call("c1", call, &facts, stage, one);
        progress.into_iter().map(event).collect()
    }

    fn after(stage: Stage) -> Before {
        Before::of(stage, &Facts::of(&call(lived())))
    }

    fn kinds(before: Option<Stage>, stage: Stage, fields: Value) -> Vec<&'static str> {
        let events = told(&call(fields), before.map(after), stage);
        events.iter().map(|event| event.kind.name()).collect()
    }

    fn lived() -> Value {
        json!({"start_timestamp": NOW - 60_000, "end_timestamp": NOW - 1000})
    }

    #[test]
    fn every_stage_is_told_once_and_none_is_left_out() {
        use Stage::{Analyzed, Ended, Ongoing, Registered};
        assert_eq!(kinds(None, Registered, json!({})), ["call.created"]);
        assert_eq!(kinds(Some(Registered), Ongoing, lived()), ["call.started"]);
        assert_eq!(kinds(Some(Ongoing), Ended, lived()), ["call.ended"]);
        assert_eq!(kinds(Some(Ended), Analyzed, lived()), ["call.analyzed"]);
        assert_eq!(
            kinds(None, Analyzed, lived()),
            [
                "call.created",
                "call.started",
                "call.ended",
                "call.analyzed"
            ]
        );
        assert_eq!(kinds(Some(Analyzed), Analyzed, lived()), [""; 0]);
        assert_eq!(
            kinds(Some(Registered), Ended, json!({})),
            ["call.ended"],
            "never connected"
        );
    }

    #[test]
    fn a_start_that_is_told_late_is_told() {
        let without = Before::of(Stage::Ongoing, &Facts::default());
        let of = |before, stage| {
            let events = told(&call(lived()), Some(before), stage);
            let names = events.iter().map(|event| event.kind.name());
            names.collect::<Vec<_>>()
        };
        assert_eq!(of(without, Stage::Ongoing), ["call.started"]);
        assert_eq!(of(without, Stage::Ended), ["call.started", "call.ended"]);
        assert_eq!(of(after(Stage::Ongoing), Stage::Ongoing), [""; 0]);
    }

    #[test]
    fn history_is_not_news() {
        let old = NOW - NEWS_MS - 1;
        let fields = json!({"start_timestamp": old - 1000, "end_timestamp": old});
        assert_eq!(kinds(None, Stage::Analyzed, fields), [""; 0]);
    }

    #[test]
    fn a_body_has_the_same_keys_whatever_happened() {
        let keys = |event: &Event| {
            let body = body(
                "evt_1",
                event.kind.name(),
                NOW,
                &event.payload,
                str::to_owned,
            );
            let body: Map<String, Value> = serde_json::from_str(&body).unwrap();
            body.keys().cloned().collect::<Vec<_>>()
        };
        let new = &told(&Map::new(), None, Stage::Registered)[0];
        let disabled = endpoint_disabled("ep_1", "CRM", "gone", NOW);
        let ping = Event {
            kind: EventType::TestPing,
            happened_at: NOW,
            payload: example(EventType::TestPing.name(), NOW).unwrap(),
        };
        assert_eq!(keys(new), keys(&ping));
        assert_eq!(keys(new), keys(&disabled));
        let data = |event: &Event| {
            let data = event.payload["data"].as_object().unwrap();
            data.keys().cloned().collect::<Vec<_>>()
        };
        assert_eq!(data(new), data(&ping));
    }

    #[test]
    fn links_lead_to_us_and_never_to_retell() {
        let mut fields = lived();
        fields["recording_url"] = "https://retell.example/secret.wav".into();
        let event = &told(&call(fields), Some(after(Stage::Ongoing)), Stage::Ended)[0];
        let body = body("evt_1", "call.ended", NOW, &event.payload, |path| {
            format!("https://desk.example{path}")
        });
        let body_value: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(body_value["desk_url"], "https://desk.example/desk/calls/c1");
        assert_eq!(
            body_value["recording_url"],
            "https://desk.example/api/desk/calls/c1/recording"
        );
        assert_eq!(body_value["timestamp"], "2026-09-21T14:15:00Z");
        assert!(!body.contains("retell.example"), "{body}");
    }

    #[test]
    fn the_caller_is_the_other_side() {
        let caller = |direction: &str| {
            let fields = json!({"direction": direction, "from_number": "+1", "to_number": "+2"});
            let event = &told(&call(fields), None, Stage::Registered)[0];
            event.payload["caller_phone_e164"].clone()
        };
        assert_eq!(caller("inbound"), "+1");
        assert_eq!(caller("outbound"), "+2");
    }

    #[test]
    fn a_body_stays_below_twenty_kilobytes() {
        let mut fields = lived();
        fields["metadata"] = json!({"page": "x".repeat(40_000)});
        fields["call_analysis"] = json!({
            "call_summary": "ü".repeat(9000),
            "custom_analysis_data": {"notes": "y".repeat(30_000)},
        });
        let event = &told(&call(fields), Some(after(Stage::Ended)), Stage::Analyzed)[0];
        let body = body("evt_1", "call.analyzed", NOW, &event.payload, str::to_owned);
        assert!(body.len() < MAX_BODY_BYTES, "{}", body.len());
        let data = &event.payload["data"];
        assert_eq!(data["truncated"], true);
        assert_eq!(data["metadata"], Value::Null);
    }
}
