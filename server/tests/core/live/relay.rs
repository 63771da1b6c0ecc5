//! One call, one upstream socket, any number of readers.

use futures_util::future::join_all;
use serde_json::json;

use crate::retell_stub::{said, tool_result};
use crate::sse::Events;
use crate::stage::Stage;
use crate::support::{API_KEY, in_time, problem};

const STAFF: &str = "/api/desk/calls/call_1/events";

async fn set_with_call() -> Stage {
    let stage = Stage::set().await;
    stage.call("call_1").await;
    stage
}

#[tokio::test]
async fn two_hundred_viewers_share_one_upstream_socket() {
    let stage = Stage::set_with(|config| {
        config.edge.streams_per_ticket = 100;
        config.edge.streams_per_session = 100;
    })
    .await;
    stage.call("call_1").await;
    let cookie = stage.cookie().await;
    let mut visitors = join_all((0..100).map(|_| stage.visitor("call_1"))).await;
    let mut staff = join_all((0..100).map(|_| stage.staff_stream(STAFF, &cookie, None))).await;

    let upstream = stage.retell.accepted().await;
    assert_eq!(upstream.call_id, "call_1");
    assert_eq!(upstream.authorization, format!("Bearer {API_KEY}"));
    upstream.snapshot(&[said("1", "agent", "Hello"), tool_result("2")]);
    for events in &mut visitors {
        let snapshot = events.expect("snapshot").await;
        assert_eq!(snapshot.items(), ["1", "2"]);
        assert_eq!(snapshot.data["items"][1]["content"], "");
        assert_eq!(events.retry_ms, Some(2000));
        assert_eq!(events.response_headers["x-accel-buffering"], "no");
        assert_eq!(
            events.response_headers["cache-control"],
            "no-cache, no-transform"
        );
    }
    for events in &mut staff {
        assert_eq!(events.expect("snapshot").await.items(), ["1", "2"]);
    }
    let counted = stage.get("/metrics").send().await.unwrap();
    let counted = counted.text().await.unwrap();
    for line in [
        "switchboard_call_streams{audience=\"visitor\"} 100",
        "switchboard_call_streams{audience=\"staff\"} 100",
        "switchboard_upstream_sockets 1",
    ] {
        assert!(counted.contains(line), "{line} in\n{counted}");
    }
    upstream.update(&[said("3", "user", "Hi")]);
    upstream.end("user_hangup");
    for events in visitors.iter_mut().chain(&mut staff) {
        assert_eq!(events.expect("items").await.items(), ["3"]);
        let ended = events.expect("ended").await;
        assert_eq!(ended.data, json!({"reason": "user_hangup"}));
        events.expect_end().await;
    }
    assert_eq!(stage.retell.connections(), 1);
    stage.stop().await;
}

#[tokio::test]
async fn a_broken_stream_resumes_without_loss_or_doubles() {
    let stage = set_with_call().await;
    let mut witness = stage.visitor("call_1").await;
    let mut reader = stage.visitor("call_1").await;
    let upstream = stage.retell.accepted().await;
    upstream.snapshot(&[said("1", "agent", "Hel")]);
    reader.expect("snapshot").await;
    let last = reader.last_id.clone().unwrap();
    drop(reader);

    upstream.update(&[said("1", "agent", "Hello")]);
    upstream.update(&[said("2", "user", "Hi")]);
    witness.expect("snapshot").await;
    while witness.expect("items").await.items().last() != Some(&"2") {}

    let mut reader = Events::of(stage.visit("call_1", Some(&last)).await);
    let missed = reader.expect("items").await;
    assert_eq!(missed.items(), ["1", "2"]);
    assert_eq!(missed.data["items"][0]["content"], "Hello");
    // Caught up: the same id brings only what comes next.
    let mut again = Events::of(stage.visit("call_1", missed.id.as_deref()).await);
    upstream.update(&[said("3", "agent", "How can I help?")]);
    assert_eq!(reader.expect("items").await.items(), ["3"]);
    assert_eq!(again.expect("items").await.items(), ["3"]);
    assert_eq!(stage.retell.connections(), 1);
    stage.stop().await;
}

#[tokio::test]
async fn an_id_of_another_time_or_too_old_brings_a_snapshot() {
    let stage = set_with_call().await;
    let mut witness = stage.visitor("call_1").await;
    let upstream = stage.retell.accepted().await;
    upstream.snapshot(&[said("0", "agent", "Hello")]);
    let first = witness.expect("snapshot").await.id.unwrap();
    let mut restarted = Events::of(stage.visit("call_1", Some("deadbeef-1")).await);
    assert_eq!(restarted.expect("snapshot").await.items(), ["0"]);

    let last = server::live::log::RING + 1;
    for n in 1..=last {
        upstream.update(&[said(&n.to_string(), "agent", "…")]);
    }
    let last = last.to_string();
    while witness.expect("items").await.items().last() != Some(&last.as_str()) {}
    let mut late = Events::of(stage.visit("call_1", Some(&first)).await);
    let snapshot = late.expect("snapshot").await;
    assert_eq!(snapshot.items().len(), server::live::log::RING + 2);
    stage.stop().await;
}

#[tokio::test]
async fn a_ticket_opens_its_own_call_only() {
    let stage = set_with_call().await;
    stage.call("call_2").await;
    let now = stage.app().clock.now_ms();
    let expired = stage
        .app()
        .signer
        .call_ticket("call_1", now - 30 * 60 * 60 * 1000);
    let nonce = stage.app().signer.panel_nonce("call_1", now);
    for ticket in [
        stage.ticket("call_2"),
        expired,
        nonce,
        "nonsense".into(),
        String::new(),
    ] {
        for path in ["events", "end", ""] {
            let path = format!("/api/public/web-calls/call_1/{path}");
            let path = path.trim_end_matches('/');
            let request = if path.contains("/end") {
                stage.post(path)
            } else {
                stage.get(path)
            };
            let request = request.bearer_auth(&ticket);
            problem(request.send().await.unwrap(), 401, "ticket-invalid").await;
        }
    }
    // Proxies write addresses down: nothing that stands in one opens anything.
    let ticket = stage.ticket("call_1");
    for name in ["ticket", "stream"] {
        let path = format!("/api/public/web-calls/call_1/events?{name}={ticket}");
        let refused = stage.get(&path).send();
        problem(refused.await.unwrap(), 401, "ticket-invalid").await;
    }
    problem(stage.visit("call_3", None).await, 404, "call-unknown").await;
    assert_eq!(stage.retell.connections(), 0);
    assert_eq!(stage.retell.stopped(), Vec::<String>::new());
    stage.stop().await;
}

#[tokio::test]
async fn a_refused_monitor_is_told_and_the_transcript_comes_at_the_end() {
    let stage = Stage::set().await;
    for code in [4003, 4008] {
        let id = format!("call_{code}");
        stage.call(&id).await;
        stage.retell.refuse(&[code]);
        let mut events = stage.visitor(&id).await;
        let told = events.expect("unavailable").await;
        assert_eq!(told.data, json!({"problem": "monitor-refused"}));
        assert_eq!(told.id, None);
        let call = json!({
            "call_id": id, "call_status": "ended", "disconnection_reason": "agent_hangup",
            "transcript_with_tool_calls": [
                {"role": "agent", "content": "Goodbye"},
                {"role": "tool_call_result", "tool_call_id": "t", "content": "x"}],
        });
        stage.hear("call_ended", call).await;
        let transcript = events.expect("snapshot").await;
        assert_eq!(transcript.items().len(), 2);
        assert_eq!(transcript.data["items"][0]["content"], "Goodbye");
        assert_eq!(transcript.data["items"][1]["content"], "");
        assert_eq!(
            events.expect("ended").await.data,
            json!({"reason": "agent_hangup"})
        );
        events.expect_end().await;
    }
    assert_eq!(stage.retell.connections(), 2);
    stage.stop().await;
}

#[tokio::test]
async fn a_lost_upstream_is_opened_again_without_anybody_noticing() {
    let stage = set_with_call().await;
    let mut events = stage.visitor("call_1").await;
    let upstream = stage.retell.accepted().await;
    upstream.snapshot(&[said("1", "agent", "Hello")]);
    events.expect("snapshot").await;
    upstream.lose();

    let upstream = stage.retell.accepted().await;
    upstream.snapshot(&[said("1", "agent", "Hello"), said("2", "user", "Hi")]);
    assert_eq!(events.expect("items").await.items(), ["2"]);
    assert_eq!(stage.retell.connections(), 2);
    stage.stop().await;
}

#[tokio::test]
async fn a_call_that_starts_late_is_read_from_its_start() {
    let stage = set_with_call().await;
    stage.retell.refuse(&[4004, 4004]);
    let mut events = stage.visitor("call_1").await;
    stage
        .hear(
            "call_started",
            json!({"call_id": "call_1", "call_status": "ongoing"}),
        )
        .await;
    let upstream = stage.retell.accepted().await;
    upstream.snapshot(&[said("1", "agent", "Hello")]);
    assert_eq!(events.expect("snapshot").await.items(), ["1"]);
    stage.stop().await;
}

#[tokio::test]
async fn the_last_words_come_before_the_end_a_webhook_told() {
    let stage = set_with_call().await;
    let mut events = stage.visitor("call_1").await;
    let upstream = stage.retell.accepted().await;
    upstream.snapshot(&[]);
    events.expect("snapshot").await;
    stage
        .hear(
            "call_ended",
            json!({"call_id": "call_1", "call_status": "ended",
                   "disconnection_reason": "agent_hangup"}),
        )
        .await;
    upstream.update(&[said("1", "agent", "Goodbye")]);
    upstream.end("agent_hangup");
    assert_eq!(events.expect("items").await.items(), ["1"]);
    assert_eq!(
        events.expect("ended").await.data,
        json!({"reason": "agent_hangup"})
    );
    events.expect_end().await;
    stage.stop().await;
}

#[tokio::test]
async fn a_webhook_s_end_is_enough_when_the_upstream_is_silent() {
    let stage = set_with_call().await;
    let mut events = stage.visitor("call_1").await;
    let upstream = stage.retell.accepted().await;
    upstream.snapshot(&[]);
    events.expect("snapshot").await;
    stage
        .hear(
            "call_ended",
            json!({"call_id": "call_1", "call_status": "ended",
                   "disconnection_reason": "user_hangup"}),
        )
        .await;
    assert_eq!(
        events.expect("ended").await.data,
        json!({"reason": "user_hangup"})
    );
    stage.stop().await;
}

#[tokio::test]
async fn a_call_that_is_over_is_read_from_the_store() {
    let stage = set_with_call().await;
    let cookie = stage.cookie().await;
    let mut desk = stage.staff_stream("/api/desk/events", &cookie, None).await;
    stage
        .hear(
            "call_ended",
            json!({"call_id": "call_1", "call_status": "ended", "duration_ms": 4000,
                   "disconnection_reason": "user_hangup",
                   "transcript_with_tool_calls": [
                       {"role": "agent", "content": "Hello", "words": []},
                       {"role": "tool_call_result", "tool_call_id": "t", "content": "x"}]}),
        )
        .await;
    while desk.until("call").await.data["status"] != "ended" {}

    let mut visitor = stage.visitor("call_1").await;
    let snapshot = visitor.expect("snapshot").await;
    // That a function was called, but not what it said.
    assert_eq!(snapshot.items().len(), 2);
    assert_eq!(snapshot.data["items"][0]["content"], "Hello");
    assert_eq!(snapshot.data["items"][1]["content"], "");
    let ended = visitor.expect("ended").await;
    assert_eq!(ended.data, json!({"reason": "user_hangup"}));
    visitor.expect_end().await;
    let mut staff = stage.staff_stream(STAFF, &cookie, None).await;
    assert_eq!(staff.expect("snapshot").await.items().len(), 2);
    // A browser that reconnects by itself is told to stop.
    let again = stage.visit("call_1", ended.id.as_deref()).await;
    assert_eq!(again.status(), 204);

    let asked = stage
        .get("/api/public/web-calls/call_1")
        .bearer_auth(stage.ticket("call_1"));
    let outcome: serde_json::Value = asked.send().await.unwrap().json().await.unwrap();
    let expected =
        json!({"status": "ended", "duration_ms": 4000, "disconnection_reason": "user_hangup"});
    assert_eq!(outcome, expected);
    assert_eq!(stage.retell.connections(), 0);
    stage.stop().await;
}

#[tokio::test]
async fn an_end_only_the_monitor_told_makes_retell_be_asked() {
    let stage = set_with_call().await;
    let cookie = stage.cookie().await;
    let mut desk = stage.staff_stream("/api/desk/events", &cookie, None).await;
    let mut events = stage.visitor("call_1").await;
    let upstream = stage.retell.accepted().await;
    stage.retell.set_call(json!({
        "call_id": "call_1", "call_type": "web_call", "agent_id": "agent_1",
        "access_token": "", "call_status": "ended", "disconnection_reason": "agent_hangup",
    }));
    upstream.end("agent_hangup");
    events.expect("ended").await;
    let healed = desk.until("call").await;
    assert_eq!(healed.data["id"], "call_1");
    assert_eq!(healed.data["status"], "ended");
    stage.stop().await;
}

#[tokio::test]
async fn a_visitor_may_end_its_call() {
    let stage = set_with_call().await;
    let request = stage
        .post("/api/public/web-calls/call_1/end")
        .bearer_auth(stage.ticket("call_1"));
    assert_eq!(request.send().await.unwrap().status(), 204);
    assert_eq!(stage.retell.stopped(), ["call_1"]);
    stage.stop().await;
}

#[tokio::test]
async fn every_stream_is_told_when_the_server_stops() {
    let stage = set_with_call().await;
    let cookie = stage.cookie().await;
    let mut visitor = stage.visitor("call_1").await;
    let mut desk = stage.staff_stream("/api/desk/events", &cookie, None).await;
    stage.stop().await;
    for events in [&mut visitor, &mut desk] {
        events.expect("closing").await;
        events.expect_end().await;
    }
}

#[tokio::test]
async fn a_ticket_opens_so_many_streams() {
    let stage = Stage::set().await;
    stage.call("call_1").await;
    let (path, ticket) = (
        "/api/public/web-calls/call_1/events",
        stage.ticket("call_1"),
    );
    let open = || async {
        let request = stage.get(path).bearer_auth(&ticket);
        request.send().await.unwrap()
    };
    let mut streams = Vec::new();
    for _ in 0..6 {
        streams.push(Events::of(open().await));
    }
    problem(open().await, 429, "too-many-open").await;
    // Another visitor's call is not concerned.
    stage.call("call_2").await;
    stage.visitor("call_2").await;
    streams.pop();
    in_time(async { while open().await.status() != 200 {} }).await;
    stage.stop().await;
}
