//! Calls whose webhooks never came.

use std::time::Duration;

use api::desk::CallStatus;
use serde_json::{Value, json};
use server::calls::heal;
use server::config::Config;
use wiremock::{MockServer, ResponseTemplate};

use crate::support::{
    Scratch, TestServer, answers, life_of_a_call, next_change, retell_that_mints,
};

/// Every call is due for a question the moment it changes.
fn at_once(config: &mut Config) {
    config.healing.registered_after = Duration::ZERO;
    config.healing.ongoing_after = Duration::ZERO;
    config.healing.analysis_after = Duration::ZERO;
}

async fn status(server: &TestServer) -> CallStatus {
    let store = &server.app().store;
    store
        .call_summary(&server.tenant, "call_1")
        .await
        .unwrap()
        .unwrap()
        .status
}

#[tokio::test]
async fn a_call_all_of_whose_webhooks_were_lost_is_told_by_retell() {
    for scratch in Scratch::each().await {
        let retell = retell_that_mints().await;
        let finished = life_of_a_call()[3]["call"].clone();
        let answer = ResponseTemplate::new(200).set_body_json(finished);
        answers(&retell, "GET", "/v2/get-call/call_1", answer).await;
        let server = TestServer::start_with(scratch, &retell.uri(), at_once).await;
        server.mint(&json!({"key": "pk_open"})).await;
        let mut changes = server.app().bus.subscribe();
        assert_eq!(heal::round(server.app()).await.unwrap(), 1);
        let change = next_change(&mut changes).await;
        assert_eq!(change.call.status, CallStatus::Ended);
        let call = server
            .app()
            .store
            .call(&server.tenant, "call_1")
            .await
            .unwrap()
            .unwrap();
        assert_eq!(call.items.len(), 3);
        assert_eq!(call.summary.user_sentiment.as_deref(), Some("Positive"));
        assert!(!format!("{call:?}").contains("token_1"));
        // Settled: nobody asks again.
        assert_eq!(heal::round(server.app()).await.unwrap(), 0);
        server.stop().await;
    }
}

#[tokio::test]
async fn the_task_asks_by_itself_and_again_until_the_analysis_is_there() {
    let retell = MockServer::start().await;
    let life = life_of_a_call();
    let ended = ResponseTemplate::new(200).set_body_json(&life[2]["call"]);
    let analyzed = ResponseTemplate::new(200).set_body_json(&life[3]["call"]);
    wiremock::Mock::given(wiremock::matchers::path("/v2/get-call/call_1"))
        .respond_with(ended)
        .up_to_n_times(2)
        .mount(&retell)
        .await;
    answers(&retell, "GET", "/v2/get-call/call_1", analyzed).await;
    let server = TestServer::start_with(Scratch::sqlite(), &retell.uri(), |config| {
        config.healing.interval = Duration::from_millis(5);
        config.healing.registered_after = Duration::from_millis(1);
        config.healing.ongoing_after = Duration::from_millis(1);
        config.healing.analysis_after = Duration::from_millis(1);
    })
    .await;
    let mut changes = server.app().bus.subscribe();
    server.webhook(&life[0]).await;
    while next_change(&mut changes)
        .await
        .call
        .user_sentiment
        .is_none()
    {}
    server.stop().await;
}

#[tokio::test]
async fn what_was_missed_during_a_downtime_is_asked_for_at_the_start() {
    let retell = retell_that_mints().await;
    let answer = ResponseTemplate::new(200).set_body_json(life_of_a_call()[3]["call"].clone());
    answers(&retell, "GET", "/v2/get-call/call_1", answer).await;
    // Neither server would ask about this call for an hour.
    let patient = |config: &mut Config| {
        config.healing.registered_after = Duration::from_secs(3600);
    };
    let server = TestServer::start_with(Scratch::sqlite(), &retell.uri(), patient).await;
    server.mint(&json!({"key": "pk_open"})).await;
    assert_eq!(heal::round(server.app()).await.unwrap(), 0);
    let scratch = server.stop_for_now().await;

    let server = TestServer::start_with(scratch, &retell.uri(), patient).await;
    let healed = async {
        while status(&server).await.is_live() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), healed)
        .await
        .unwrap();
    server.stop().await;
}

#[tokio::test]
async fn a_live_call_retell_denies_three_times_is_over() {
    let retell = retell_that_mints().await;
    let unknown = ResponseTemplate::new(422).set_body_json(json!({"status": "error"}));
    answers(&retell, "GET", "/v2/get-call/call_1", unknown).await;
    let server = TestServer::start_with(Scratch::sqlite(), &retell.uri(), at_once).await;
    server.mint(&json!({"key": "pk_open"})).await;
    for _ in 0..2 {
        assert_eq!(heal::round(server.app()).await.unwrap(), 1);
        assert_eq!(status(&server).await, CallStatus::Registered);
    }
    assert_eq!(heal::round(server.app()).await.unwrap(), 1);
    let store = &server.app().store;
    let call = store
        .call_summary(&server.tenant, "call_1")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(call.status, CallStatus::Error);
    assert_eq!(
        call.disconnection_reason.as_deref(),
        Some("unknown_to_retell")
    );
    server.stop().await;
}

#[tokio::test]
async fn a_retell_that_fails_or_tells_of_another_call_changes_nothing() {
    let answers_of_retell: [ResponseTemplate; 4] = [
        ResponseTemplate::new(401),
        ResponseTemplate::new(200).set_body_string("nonsense"),
        ResponseTemplate::new(200)
            .set_body_json(json!({"call_id": "call_2", "call_status": "ended"})),
        ResponseTemplate::new(200).set_body_json(Value::Null),
    ];
    for answer in answers_of_retell {
        let retell = retell_that_mints().await;
        answers(&retell, "GET", "/v2/get-call/call_1", answer).await;
        let server = TestServer::start_with(Scratch::sqlite(), &retell.uri(), at_once).await;
        server.mint(&json!({"key": "pk_open"})).await;
        for _ in 0..4 {
            assert_eq!(heal::round(server.app()).await.unwrap(), 1);
        }
        assert_eq!(status(&server).await, CallStatus::Registered);
        assert_eq!(
            server.app().store.tenant_of_call("call_2").await.unwrap(),
            None
        );
        server.stop().await;
    }
}
