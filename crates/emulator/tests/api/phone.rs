//! Telephone calls with a simulated person at the other end.

use futures_util::future::join_all;
use receiver::Receiver;
use retell::models::{CallStatus, CreatePhoneCall, Direction, DisconnectionReason};
use serde_json::{Value, json};

use crate::support::{Bench, until};
use emulator::Config;

fn to(number: &str) -> CreatePhoneCall {
    CreatePhoneCall {
        from_number: "+14155550100".to_owned(),
        to_number: number.to_owned(),
        ..CreatePhoneCall::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_dials_once_however_often_it_is_asked_with_at_once() {
    let bench = Bench::start().await;
    bench.settings(json!({ "ring_ms": 600_000 })).await;
    for key in 0..24 {
        let body = json!({
            "from_number": "+14155550100",
            "to_number": "+14155550123",
            "idempotency_key": format!("key-{key}"),
        });
        let asked = (0..8).map(|_| bench.post("/v2/create-phone-call", body.clone()));
        let answers = join_all(asked).await;
        for (status, call) in &answers {
            assert_eq!((*status, &call["call_id"]), (201, &answers[0].1["call_id"]));
        }
    }
    let (_, calls) = bench.get("/_emulator/calls").await;
    assert_eq!(calls.as_array().map(Vec::len), Some(24));
}

#[tokio::test]
async fn a_phone_call_rings_is_answered_and_can_be_listened_to() {
    let bench = Bench::start().await;
    bench.settings(json!({ "ring_ms": 50 })).await;
    let call = bench
        .client
        .create_phone_call(&to("+14155550123"))
        .await
        .unwrap();
    assert_eq!(call.call_status, Some(CallStatus::Registered));
    assert_eq!(call.direction, Some(Direction::Outbound));
    assert_eq!(call.agent_id.as_deref(), Some("agent_demo_reminder"));
    let id = call.call_id;
    bench
        .call_until(&id, |call| call.call_status == Some(CallStatus::Ongoing))
        .await;
    let (_, staff) = bench.listener(&id).await;
    staff.wait_for_voice().await.unwrap();
    bench
        .call_until(&id, |call| {
            let transcript = call.transcript.as_deref().unwrap_or_default();
            transcript.starts_with("User: Hello?\nAgent: Hello, this is Emma from Sunrise Dental.")
        })
        .await;
    staff
        .wait_for("the agent's end", |view| view.is_quiet(200))
        .await
        .unwrap();
    bench.client.stop_call(&id).await.unwrap();
    let call = bench.ended(&id).await;
    let wav = bench
        .http
        .get(call.recording_multi_channel_url.as_ref().unwrap())
        .send()
        .await;
    let wav = wav.unwrap().bytes().await.unwrap();
    let mut reader = hound::WavReader::new(wav.as_ref()).unwrap();
    let samples: Vec<i16> = reader.samples().map(Result::unwrap).collect();
    let loud = |channel: usize| {
        samples
            .iter()
            .skip(channel)
            .step_by(2)
            .any(|sample| sample.unsigned_abs() > 1_000)
    };
    assert!(loud(0) && loud(1), "both are recorded");
    assert_eq!(call.to_number.as_deref(), Some("+14155550123"));
    assert!(call.access_token.is_none());
}

#[tokio::test]
async fn a_number_that_does_not_answer_is_told_by_its_ending() {
    let receiver = Receiver::start().await;
    let webhook_url = Some(receiver.url("/"));
    let bench = Bench::with(Config {
        webhook_url,
        ..Config::default()
    })
    .await;
    bench
        .settings(json!({ "ring_ms": 0, "analysis_delay_ms": 0 }))
        .await;
    for (number, reason) in [
        ("+14155559901", DisconnectionReason::DialBusy),
        ("+14155559902", DisconnectionReason::DialNoAnswer),
        ("+14155559903", DisconnectionReason::DialFailed),
        ("+14155559904", DisconnectionReason::UserDeclined),
    ] {
        let call = bench.client.create_phone_call(&to(number)).await.unwrap();
        let call = bench.ended(&call.call_id).await;
        assert_eq!(call.call_status, Some(CallStatus::NotConnected));
        assert_eq!(call.disconnection_reason, Some(reason));
        assert_eq!(
            until(&receiver, "call_analyzed").await,
            ["call_ended", "call_analyzed"]
        );
    }
}

#[tokio::test]
async fn the_same_key_dials_once() {
    let bench = Bench::start().await;
    let keyed = |key: &str| CreatePhoneCall {
        idempotency_key: Some(key.to_owned()),
        ..to("+14155550123")
    };
    let first = bench
        .client
        .create_phone_call(&keyed("key-a"))
        .await
        .unwrap();
    let again = bench
        .client
        .create_phone_call(&keyed("key-a"))
        .await
        .unwrap();
    let other = bench
        .client
        .create_phone_call(&keyed("key-b"))
        .await
        .unwrap();
    assert_eq!(first.call_id, again.call_id);
    assert_ne!(first.call_id, other.call_id);
}

#[tokio::test]
async fn wrong_numbers_are_refused() {
    let bench = Bench::start().await;
    for number in ["4155550123", "+1", "tel:+14155550123"] {
        let error = bench
            .client
            .create_phone_call(&to(number))
            .await
            .unwrap_err();
        assert_eq!(error.status(), Some(400), "{number}");
    }
    let foreign = CreatePhoneCall {
        from_number: "+19995550100".to_owned(),
        ..to("+14155550123")
    };
    assert_eq!(
        bench
            .client
            .create_phone_call(&foreign)
            .await
            .unwrap_err()
            .status(),
        Some(422)
    );
}

#[tokio::test]
async fn a_call_from_outside_asks_who_is_to_answer() {
    let receiver = Receiver::start().await;
    let bench = Bench::start().await;
    bench.settings(json!({ "ring_ms": 0 })).await;
    let number = json!({
        "phone_number": "+14155550188",
        "inbound_agents": [{ "agent_id": "agent_test_short", "weight": 1 }],
        "inbound_webhook_url": receiver.url("/inbound"),
    });
    bench
        .control("/seed", json!({ "phone_numbers": [number] }))
        .await;
    let ring = json!({ "from_number": "+14155550123", "to_number": "+14155550188" });

    let answer = json!({ "call_inbound": {
        "override_agent_id": "agent_test_silent",
        "dynamic_variables": { "name": "Ada" },
        "metadata": { "known": true },
    }});
    receiver.answer(200, &answer.to_string());
    let (status, call) = bench.post("/_emulator/inbound-call", ring.clone()).await;
    assert_eq!((status, &call["direction"]), (201, &json!("inbound")));
    assert_eq!(call["agent_id"], "agent_test_silent");
    assert_eq!(call["metadata"], json!({ "known": true }));
    let asked = receiver.next().await.json();
    assert_eq!(asked["event"], "call_inbound");
    assert_eq!(asked["call_inbound"]["from_number"], "+14155550123");
    assert_eq!(asked["call_inbound"]["agent_id"], "agent_test_short");
    assert!(asked["event_timestamp"].is_u64());
    bench.settings(json!({ "untimed_questions": true })).await;
    bench.post("/_emulator/inbound-call", ring.clone()).await;
    assert_eq!(receiver.next().await.json().get("event_timestamp"), None);

    receiver.answer(200, r#"{"call_inbound": {"reject": true}}"#);
    assert_eq!(
        bench.post("/_emulator/inbound-call", ring.clone()).await.0,
        204
    );

    // Nobody answers the webhook: the number's own agent does.
    receiver.answer(500, "");
    bench.settings(json!({ "webhook_backoff_ms": 0 })).await;
    let (_, call) = bench.post("/_emulator/inbound-call", ring).await;
    assert_eq!(call["agent_id"], "agent_test_short");
}

#[tokio::test]
async fn a_call_from_outside_waits_at_the_limit_and_is_turned_away_in_the_end() {
    let bench = Bench::start().await;
    bench
        .settings(json!({ "ring_ms": 0, "concurrency_limit": 1, "join_window_ms": 86_400_000 }))
        .await;
    let number = |number: &str, fallback: Value| {
        json!({
            "phone_number": number,
            "inbound_agents": [{ "agent_id": "agent_test_silent", "weight": 1 }],
            "fallback_number": fallback,
        })
    };
    let (plain, falling_back) = ("+14155550188", "+14155550189");
    let numbers = json!([
        number(plain, Value::Null),
        number(falling_back, "+14155550190".into())
    ]);
    bench
        .control("/seed", json!({ "phone_numbers": numbers }))
        .await;
    let waiting = bench.web_call("agent_test_silent").await;
    bench.control("/clock", json!({ "speed": 1_000 })).await;
    let ring = async |to: &str| {
        let ring = json!({ "from_number": "+14155550123", "to_number": to });
        let (status, call) = bench.post("/_emulator/inbound-call", ring).await;
        assert_eq!(status, 201, "{call}");
        call["call_id"].as_str().unwrap().to_owned()
    };
    for (to, status, reason) in [
        (
            plain,
            CallStatus::Error,
            DisconnectionReason::ConcurrencyLimitReached,
        ),
        (
            falling_back,
            CallStatus::Ended,
            DisconnectionReason::NoConcurrencyFallback,
        ),
    ] {
        let call = bench.ended(&ring(to).await).await;
        assert_eq!(
            (call.call_status, call.disconnection_reason),
            (Some(status), Some(reason))
        );
    }
    // Another call ends while it waits.
    bench.control("/clock", json!({ "speed": 10 })).await;
    let kill = format!("/calls/{}/kill", waiting.call_id);
    let ((), taken) = tokio::join!(bench.control(&kill, Value::Null), ring(plain));
    bench
        .call_until(&taken, |call| call.call_status == Some(CallStatus::Ongoing))
        .await;
}

#[tokio::test]
async fn a_call_says_whether_its_links_are_signed() {
    let bench = Bench::start().await;
    for signed in [true, false] {
        let agent = json!({
            "agent_id": "agent_signed", "emulator_scenario": "test-silent", "opt_in_signed_url": signed,
        });
        bench.control("/seed", json!({ "agents": [agent] })).await;
        let access = bench.web_call("agent_signed").await;
        let call = bench.client.get_call(&access.call_id).await.unwrap();
        assert_eq!(call.opt_in_signed_url, Some(signed));
    }
}
