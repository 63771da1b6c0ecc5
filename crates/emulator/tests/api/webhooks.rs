//! Webhooks: who gets them, retries, and being lost.

use std::time::Duration;

use emulator::Config;
use receiver::Receiver;
use serde_json::json;

use crate::support::{Bench, until};

#[tokio::test]
async fn an_agents_own_url_replaces_the_accounts_and_filters() {
    let (account, own) = (Receiver::start().await, Receiver::start().await);
    let webhook_url = Some(account.url("/account"));
    let bench = Bench::with(Config {
        webhook_url,
        ..Config::default()
    })
    .await;
    let agent = json!({
        "agent_id": "agent_own",
        "emulator_scenario": "test-transfer",
        "webhook_url": own.url("/{{call_type}}"),
        "webhook_events": [
            "call_ended", "transcript_updated", "transfer_started", "transfer_bridged", "transfer_ended",
        ],
    });
    bench.control("/seed", json!({ "agents": [agent] })).await;
    bench.settings(json!({ "analysis_delay_ms": 0 })).await;
    let (id, _peer) = bench.joined("agent_own").await;
    bench
        .control(
            &format!("/calls/{id}/say"),
            json!({"role": "user", "text": "The desk."}),
        )
        .await;
    let mut events = Vec::new();
    let (mut bridged, mut last_update) = (None, None);
    loop {
        let got = own.next().await;
        assert_eq!(got.path, "/web_call", "variables fill the URL");
        match got.event().as_str() {
            "transfer_bridged" => bridged = Some(got.json()),
            "transcript_updated" => last_update = Some(got.json()),
            _ => {}
        }
        events.push(got.event());
        if got.event() == "call_ended" {
            break;
        }
    }
    let others: Vec<&str> = events
        .iter()
        .map(String::as_str)
        .filter(|e| *e != "transcript_updated")
        .collect();
    assert_eq!(
        others,
        [
            "transfer_started",
            "transfer_bridged",
            "transfer_ended",
            "call_ended"
        ]
    );
    assert!(
        events
            .iter()
            .filter(|event| *event == "transcript_updated")
            .count()
            >= 4
    );
    assert_eq!(
        bridged.unwrap()["transfer_destination"],
        json!({ "number": "+14155550199" })
    );
    let update = last_update.unwrap();
    assert!(
        update["transcript_with_tool_calls"]
            .as_array()
            .unwrap()
            .len()
            >= 5
    );
    let call = bench.analyzed(&id).await;
    assert_eq!(call.disconnection_reason.unwrap().as_str(), "call_transfer");
    assert_eq!(call.transfer_destination.as_deref(), Some("+14155550199"));
    let (_, deliveries) = bench.get("/_emulator/deliveries").await;
    let urls: Vec<_> = deliveries
        .as_array()
        .unwrap()
        .iter()
        .map(|d| &d["url"])
        .collect();
    assert!(
        urls.iter().all(|url| **url == json!(own.url("/web_call"))),
        "{urls:?}"
    );
}

#[tokio::test]
async fn a_failing_webhook_is_tried_four_times_and_holds_nobody_back() {
    let receiver = Receiver::start().await;
    receiver.answer(500, "");
    let webhook_url = Some(receiver.url("/"));
    let bench = Bench::with(Config {
        webhook_url,
        ..Config::default()
    })
    .await;
    // The retry of the first event comes long after the second event.
    bench
        .settings(json!({ "webhook_backoff_ms": 3_600_000, "analysis_delay_ms": 0 }))
        .await;
    let (id, peer) = bench.joined("agent_test_silent").await;
    peer.hang_up().await.unwrap();
    let first = until(&receiver, "call_analyzed").await;
    assert_eq!(first, ["call_started", "call_ended", "call_analyzed"]);

    bench.control("/clock", json!({ "speed": 1e8 })).await;
    let mut again: Vec<String> = Vec::new();
    while again.len() < 9 {
        again.push(receiver.next().await.event());
    }
    for event in first {
        assert_eq!(
            again.iter().filter(|name| **name == event).count(),
            3,
            "{again:?}"
        );
    }
    bench.ended(&id).await;
    let (_, deliveries) = bench.get("/_emulator/deliveries").await;
    assert_eq!(deliveries[0]["attempts"][0]["status"], json!(500));
    assert_eq!(deliveries[0]["delivered"], json!(false));
}

#[tokio::test]
async fn a_webhook_that_succeeds_later_is_delivered() {
    let receiver = Receiver::start().await;
    receiver.answer(503, "");
    let bench = Bench::start().await;
    // Named afterwards, by a receiver that had to know the emulator first.
    bench
        .settings(json!({ "webhook_backoff_ms": 60_000, "webhook_url": receiver.url("/") }))
        .await;
    let (_id, _peer) = bench.joined("agent_test_silent").await;
    assert_eq!(receiver.next().await.event(), "call_started");
    receiver.answer(204, "");
    bench.control("/clock", json!({ "speed": 1e4 })).await;
    // At this speed the silent call ends too; its webhooks come in between.
    until(&receiver, "call_started").await;
    let delivered = async {
        loop {
            let (_, deliveries) = bench.get("/_emulator/deliveries").await;
            if deliveries[0]["delivered"] == json!(true) {
                return deliveries;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let deliveries = tokio::time::timeout(crate::support::PATIENCE, delivered)
        .await
        .unwrap();
    assert_eq!(deliveries[0]["attempts"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn webhooks_can_be_lost() {
    let receiver = Receiver::start().await;
    let webhook_url = Some(receiver.url("/"));
    let bench = Bench::with(Config {
        webhook_url,
        ..Config::default()
    })
    .await;
    bench
        .settings(json!({ "lose_webhooks": true, "analysis_delay_ms": 0 }))
        .await;
    let (id, peer) = bench.joined("agent_test_silent").await;
    peer.hang_up().await.unwrap();
    bench.analyzed(&id).await;
    let (_, deliveries) = bench.get("/_emulator/deliveries").await;
    let lost = deliveries.as_array().unwrap();
    assert!(
        lost.iter()
            .all(|d| d["lost"] == json!(true) && d["attempts"] == json!([]))
    );
    assert!(lost.len() >= 2, "{lost:?}");
    bench.settings(json!({ "lose_webhooks": false })).await;
    bench.joined("agent_test_silent").await;
    let next = receiver.next().await.json();
    assert_ne!(
        next["call"]["call_id"],
        json!(id),
        "the lost ones never come"
    );
}
