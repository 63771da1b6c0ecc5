//! Webhook bodies (protocol A) and monitor messages (protocol E).

#![expect(
    clippy::unwrap_used,
    reason = "a function that a test calls may fail the test"
)]

use proptest::prelude::*;
use retell::models::{
    DisconnectionReason, MonitorItem, MonitorMessage, TranscriptItem, Webhook, WebhookEvent,
};
use serde_json::{Value, json};

fn webhook(value: &Value) -> Webhook {
    Webhook::from_body(value.to_string().as_bytes())
        .unwrap()
        .unwrap()
}

#[test]
fn lifecycle_events_are_read_and_keyed_by_event_and_call() {
    let call: Value = serde_json::from_str(include_str!("data/web_call.json")).unwrap();
    let ended = webhook(&json!({"event": "call_ended", "call": call}));
    assert_eq!(ended.event, WebhookEvent::CallEnded);
    assert_eq!(
        ended.dedupe_key().unwrap(),
        "call_ended:call_f1a2b3c4d5e6f708192a3b4c5d6"
    );
    let analyzed = webhook(&json!({"event": "call_analyzed", "call": call}));
    assert_ne!(analyzed.dedupe_key(), ended.dedupe_key());
    assert_eq!(serde_json::to_value(&ended).unwrap()["call"], call);
}

#[test]
fn the_transcript_is_found_in_either_place() {
    let items = json!([{"role": "user", "content": "Hello"}]);
    for value in [
        json!({"event": "transcript_updated", "call": {"call_id": "c"},
               "transcript_with_tool_calls": items}),
        json!({"event": "transcript_updated",
               "call": {"call_id": "c", "transcript_with_tool_calls": items}}),
    ] {
        let webhook = webhook(&value);
        let transcript = webhook.transcript().unwrap();
        assert_eq!(transcript[0].as_utterance().unwrap().content, "Hello");
        // Every delivery is news.
        assert_eq!(webhook.dedupe_key(), None);
    }
}

#[test]
fn transfers_of_one_call_are_told_apart() {
    let transfer = |event: &str, started: i64, number: &str| {
        webhook(&json!({
            "event": event,
            "call": {"call_id": "c", "start_timestamp": started},
            "transfer_destination": {"number": number},
            "transfer_option": {"type": "cold_transfer", "showTransfereeAsCaller": true}
        }))
        .dedupe_key()
        .unwrap()
    };
    let first = transfer("transfer_started", 1, "+1");
    assert_eq!(first, transfer("transfer_started", 1, "+1"));
    assert_ne!(first, transfer("transfer_bridged", 1, "+1"));
    assert_ne!(first, transfer("transfer_started", 2, "+1"));
    assert_ne!(first, transfer("transfer_started", 1, "+2"));
    // The second to one destination, after the first came to nothing.
    let invocation = |id: &str| {
        json!({"role": "tool_call_invocation", "tool_call_id": id, "name": "hand_over",
               "arguments": "{}", "type": "transfer_call"})
    };
    let nth = |invocations: &[Value]| {
        webhook(&json!({
            "event": "transfer_started",
            "call": {"call_id": "c", "start_timestamp": 1, "transcript_with_tool_calls": invocations},
            "transfer_destination": {"number": "+1"},
        }))
        .dedupe_key()
        .unwrap()
    };
    let both = [invocation("1"), invocation("2")];
    assert_ne!(nth(&both[..1]), nth(&both));
    assert_eq!(nth(&both), nth(&both));
}

#[test]
fn other_events_are_read_too() {
    let alert = webhook(&json!({"event": "alert_triggered", "alert": {"alert_rule_id": "a"}}));
    assert_eq!(
        (alert.event.clone(), alert.dedupe_key()),
        (WebhookEvent::AlertTriggered, None)
    );
    assert_eq!(alert.extra["alert"]["alert_rule_id"], "a");
    let new = webhook(&json!({"event": "call_dreamt", "call": {"call_id": "c"}}));
    assert_eq!(new.event, WebhookEvent::Other("call_dreamt".into()));
}

#[test]
fn a_test_ping_is_no_event_and_nonsense_is_an_error() {
    for ping in ["", " \n", "{}", " { } "] {
        assert!(
            Webhook::from_body(ping.as_bytes()).unwrap().is_none(),
            "{ping:?}"
        );
    }
    for nonsense in [
        "null",
        "[]",
        "hello",
        "{",
        r#"{"call":{}}"#,
        r#"{"event":7}"#,
        "\u{0}",
    ] {
        assert!(
            Webhook::from_body(nonsense.as_bytes()).is_err(),
            "{nonsense:?}"
        );
    }
}

fn message(value: &Value) -> MonitorMessage {
    let message: MonitorMessage = serde_json::from_value(value.clone()).unwrap();
    assert_eq!(&serde_json::to_value(&message).unwrap(), value);
    message
}

#[test]
fn a_snapshot_and_an_update_carry_items() {
    let items = json!([
        {"id": "u1", "time_sec": 0.4, "role": "agent", "content": "Hello",
         "metadata": {"response_id": 0, "is_backchannel": false}},
        {"id": "t1", "time_sec": 4.0, "role": "tool_call_invocation", "tool_call_id": "x",
         "name": "check", "arguments": "{}", "is_state_transition": false},
        {"id": "n1", "time_sec": 5.0, "role": "node_transition", "former_node_id": "a",
         "new_node_id": "b", "global_transition": true},
        {"id": "s1", "time_sec": 6.5, "role": "sms", "content": "Hi"},
        {"id": "i1", "time_sec": 7.0, "role": "injected", "content": "note"},
        {"id": "z1", "time_sec": 8.0, "role": "hologram", "colour": "blue"}
    ]);
    let snapshot = message(&json!({
        "type": "transcript_snapshot",
        "transcripts": items,
        "pre_session_transcripts":
            [{"id": "p1", "time_sec": 0.1, "role": "tool_call_result", "tool_call_id": "p",
              "content": "ok"}]
    }));
    let MonitorMessage::TranscriptSnapshot(snapshot) = snapshot else {
        panic!("{snapshot:?}")
    };
    assert_eq!(snapshot.transcripts.len(), 6);
    assert_eq!(snapshot.pre_session_transcripts[0].id, "p1");
    assert_eq!(snapshot.transcripts[3].time_sec, 6.5);
    assert!(matches!(
        snapshot.transcripts[5].item,
        TranscriptItem::Other(_)
    ));
    let update = message(&json!({"type": "transcript_updated", "transcripts": items}));
    assert!(
        matches!(update, MonitorMessage::TranscriptUpdated(update) if update.transcripts.len() == 6)
    );
}

#[test]
fn the_end_tells_its_reason_if_it_can() {
    let MonitorMessage::CallEnded(ended) = message(&json!({
        "type": "call_ended",
        "event_timestamp": 1_795_255_249_000_i64,
        "disconnection_reason": "call_take_over"
    })) else {
        panic!("not an end")
    };
    assert_eq!(
        ended.disconnection_reason,
        Some(DisconnectionReason::CallTakeOver)
    );
    assert!(matches!(
        message(&json!({"type": "call_ended"})),
        MonitorMessage::CallEnded(_)
    ));
}

#[test]
fn unknown_messages_are_kept_and_items_without_an_id_left_out() {
    let other = message(&json!({"type": "weather", "sun": true}));
    assert!(matches!(other, MonitorMessage::Other(map) if map["sun"] == true));
    let read: MonitorMessage = serde_json::from_value(json!({
        "type": "transcript_updated",
        "transcripts": [{"role": "user", "content": "lost"}, 7,
                        {"id": "u2", "role": "user", "content": "kept"}]
    }))
    .unwrap();
    let MonitorMessage::TranscriptUpdated(update) = read else {
        panic!("{read:?}")
    };
    let ids: Vec<_> = update
        .transcripts
        .iter()
        .map(|item| item.id.as_str())
        .collect();
    assert_eq!(ids, ["u2"]);
    assert_eq!(update.transcripts[0].time_sec, 0.0);
}

#[test]
fn an_items_time_is_written_once() {
    let item: TranscriptItem =
        serde_json::from_value(json!({"role": "sms", "content": "Hi", "time_sec": 2.0})).unwrap();
    let text = serde_json::to_string(&MonitorItem {
        id: "s".into(),
        time_sec: 3.0,
        item,
    })
    .unwrap();
    assert_eq!(text.matches("time_sec").count(), 1);
    assert_eq!(
        serde_json::from_str::<MonitorItem>(&text).unwrap().time_sec,
        3.0
    );
}

proptest! {
    #[test]
    fn no_body_makes_it_panic(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Webhook::from_body(&body);
    }
}
