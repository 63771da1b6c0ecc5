//! Acting on live calls: stop, listen, take over, update.

use http::Method;
use retell::models::{
    CallControl, CallStatus, DisconnectionReason, FieldsToOverride, UpdateLiveCall,
};
use serde_json::json;

use crate::support::{Bench, participant};

#[tokio::test]
async fn a_call_is_stopped() {
    let bench = Bench::start().await;
    let waiting = bench.web_call("agent_test_silent").await;
    let early = bench.client.stop_call(&waiting.call_id).await.unwrap_err();
    assert_eq!(early.status(), Some(422), "not ongoing yet");
    let (id, peer) = bench.joined("agent_test_silent").await;
    peer.wait_for("the control channel", |view| view.control_open)
        .await
        .unwrap();
    bench.client.stop_call(&id).await.unwrap();
    peer.wait_for("the end", |view| !view.control.is_empty())
        .await
        .unwrap();
    let call = bench.ended(&id).await;
    assert_eq!(
        call.disconnection_reason,
        Some(DisconnectionReason::ManualStopped)
    );
    assert_eq!(
        bench.client.stop_call(&id).await.unwrap_err().status(),
        Some(422)
    );
    assert_eq!(
        bench
            .client
            .listen_live_call(&id)
            .await
            .unwrap_err()
            .status(),
        Some(404)
    );
}

#[tokio::test]
async fn a_listener_hears_both_and_can_take_over() {
    let bench = Bench::start().await;
    let (id, visitor) = bench.joined("agent_test_long").await;
    let (listening, staff) = bench.listener(&id).await;
    staff.wait_for_voice().await.unwrap();
    visitor.hum(Some(1_000.0));
    staff
        .wait_for("the visitor's voice", |view| view.tone(1_000.0, 200) > 0.5)
        .await
        .unwrap();
    visitor.hum(None);

    let stranger = bench
        .client
        .take_over_live_call(&id, &participant("listener_unknown"))
        .await;
    assert_eq!(stranger.unwrap_err().status(), Some(404));
    bench
        .client
        .take_over_live_call(&id, &participant(&listening.participant_id))
        .await
        .unwrap();
    staff.start_sending().await.unwrap();
    staff.hum(Some(600.0));
    visitor
        .wait_for("the person's voice", |view| view.tone(600.0, 200) > 0.5)
        .await
        .unwrap();
    let again = bench
        .client
        .take_over_live_call(&id, &participant(&listening.participant_id))
        .await;
    assert_eq!(again.unwrap_err().status(), Some(409));
    assert_eq!(
        bench.client.get_call(&id).await.unwrap().call_status,
        Some(CallStatus::Ongoing)
    );

    staff.hang_up().await.unwrap();
    let call = bench.ended(&id).await;
    assert_eq!(
        call.disconnection_reason,
        Some(DisconnectionReason::CallTakeOver)
    );
}

#[tokio::test]
async fn a_listener_who_leaves_while_taking_over_leaves_the_call_to_the_agent() {
    let bench = Bench::start().await;
    let (id, visitor) = bench.joined("agent_test_long").await;
    let (listening, staff) = bench.listener(&id).await;
    let taker = participant(&listening.participant_id);
    let (left, taken) = tokio::join!(
        staff.hang_up(),
        bench.client.take_over_live_call(&id, &taker)
    );
    left.unwrap();
    drop(taken);
    visitor.forget().await;
    // The taker was there, and has left: the call is over. Or the agent goes on.
    tokio::select! {
        call = bench.ended(&id) => {
            assert_eq!(call.disconnection_reason, Some(DisconnectionReason::CallTakeOver));
        }
        heard = visitor.wait_for_voice() => {
            heard.unwrap();
        }
    }
}

#[tokio::test]
async fn a_listener_may_come_and_go() {
    let bench = Bench::start().await;
    let (id, visitor) = bench.joined("agent_test_silent").await;
    for _ in 0..2 {
        let (_, staff) = bench.listener(&id).await;
        staff
            .wait_for("the connection", |view| view.packets > 5)
            .await
            .unwrap();
        // What it sends is dropped: it may not publish.
        visitor.forget().await;
        staff.hum(Some(600.0));
        let before = visitor.view().packets;
        visitor
            .wait_for("some packets", |view| view.packets > before + 20)
            .await
            .unwrap();
        assert!(visitor.view().tone(600.0, 200) < 0.1);
        staff.hang_up().await.unwrap();
    }
    assert_eq!(
        bench.client.get_call(&id).await.unwrap().call_status,
        Some(CallStatus::Ongoing)
    );
}

#[tokio::test]
async fn context_variables_and_nudges_reach_the_conversation() {
    let bench = Bench::start().await;
    let (id, _peer) = bench.joined("agent_test_short").await;
    let transcript = |call: &retell::models::Call| call.transcript.clone().unwrap_or_default();
    bench
        .call_until(&id, |call| transcript(call).contains("short test call."))
        .await;
    let update = UpdateLiveCall {
        fields_to_override: Some(FieldsToOverride {
            metadata: Some(json!({ "priority": "high" })),
            ..FieldsToOverride::default()
        }),
        call_control: Some(CallControl {
            additional_context: Some("The caller is a regular.".to_owned()),
            trigger_response: Some(true),
        }),
    };
    bench.client.update_live_call(&id, &update).await.unwrap();
    let call = bench
        .call_until(&id, |call| {
            transcript(call).contains("Agent: Here is a note. The caller is a regular.")
        })
        .await;
    assert_eq!(call.metadata, Some(json!({ "priority": "high" })));
    let roles: Vec<_> = call
        .transcript_with_tool_calls
        .as_ref()
        .unwrap()
        .iter()
        .map(|i| i.role().to_owned())
        .collect();
    assert_eq!(roles, ["agent", "injected", "agent"]);
}

#[tokio::test]
async fn an_update_that_makes_no_sense_is_refused() {
    let bench = Bench::start().await;
    let (id, _peer) = bench.joined("agent_test_silent").await;
    let path = format!("/v2/update-live-call/{id}");
    for wrong in [
        json!({ "call_control": { "additional_context": "  " } }),
        json!({ "call_control": { "trigger_response": false } }),
        json!({ "call_control": { "whisper": "x" } }),
        json!({ "colour": 1 }),
        json!({ "fields_to_override": { "metadata": "text" } }),
        json!({ "fields_to_override": { "data_storage_setting": "nothing" } }),
    ] {
        let (status, body) = bench.request(Method::PATCH, &path, wrong.clone()).await;
        assert_eq!((status, &body["status"]), (400, &json!("error")), "{wrong}");
    }
    let null = json!({ "fields_to_override": { "override_dynamic_variables": null } });
    let (status, done) = bench.request(Method::PATCH, &path, null).await;
    assert_eq!((status, &done["success"]), (200, &json!(true)));
    let unknown = "/v2/update-live-call/call_none";
    assert_eq!(
        bench.request(Method::PATCH, unknown, json!({})).await.0,
        422
    );
}
