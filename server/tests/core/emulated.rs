//! The server with the emulator as its Retell: real signatures, real order,
//! real audio.

use std::time::Duration;

use api::desk::{CallStatus, CallSummary};
use api::live::ItemKind;
use api::problem::slug;
use api::public::CallAccess;
use emulator::Emulator;
use emulator::testing::{Peer, PeerError};
use serde_json::{Value, json};
use server::keys::PublicKey;

use crate::support::{TestServer, a_moment, in_time, key, next_change, problem};

async fn with_test_agents() -> (TestServer, Emulator) {
    with_healing(Duration::from_secs(3600)).await
}

async fn with_healing(interval: Duration) -> (TestServer, Emulator) {
    let (server, emulator) = TestServer::emulated(|config| {
        config.healing.interval = interval;
        config.healing.registered_after = interval;
        config.healing.ongoing_after = interval;
        config.healing.analysis_after = interval;
    })
    .await;
    let test = PublicKey {
        agents: vec!["agent_test_hangup".to_owned(), "agent_of_nobody".to_owned()],
        ..key("pk_test")
    };
    let store = &server.app().store;
    store
        .public_keys()
        .upsert(&server.tenant, &test, 0)
        .await
        .unwrap();
    (server, emulator)
}

async fn call(server: &TestServer) -> (CallAccess, Peer) {
    let answer = server.mint(&json!({"key": "pk_test"})).await;
    let access: CallAccess = answer.json().await.unwrap();
    loop {
        let joined = Peer::connect(&access.gateway_url, &access.access_token, &access.call_id);
        match joined.await {
            // The room appears a moment after the call.
            Err(PeerError::Refused { status: 404, .. }) => a_moment().await,
            joined => return (access, joined.unwrap()),
        }
    }
}

/// The visitor's part in `agent_test_hangup`, until the agent hangs up.
async fn hold(server: &TestServer, id: &str, visitor: &Peer) {
    until_said(server, id, "this call will be short.").await;
    visitor
        .wait_for("the end of the greeting", |view| view.is_quiet(400))
        .await
        .unwrap();
    visitor.hum(Some(440.0));
    until_said(server, id, "User: That").await;
    visitor.hum(None);
    visitor
        .wait_for("the hang-up", |view| !view.control.is_empty())
        .await
        .unwrap();
}

async fn until_said(server: &TestServer, id: &str, text: &str) {
    let said = async {
        loop {
            let call = server
                .app()
                .accounts
                .accounts
                .server()
                .client
                .get_call(id)
                .await
                .unwrap();
            if call.transcript.unwrap_or_default().contains(text) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    in_time(said).await;
}

async fn control(emulator: &Emulator, path: &str, body: &Value) {
    let url = format!("{}/_emulator/{path}", emulator.url());
    let answer = reqwest::Client::new()
        .put(url)
        .json(body)
        .send()
        .await
        .unwrap();
    assert!(answer.status().is_success(), "{path}: {}", answer.status());
}

/// Waits for the analysis and checks that the whole call is known.
async fn completed(server: &TestServer, id: &str) -> CallSummary {
    let stored = server
        .app()
        .store
        .calls()
        .find(&server.tenant, id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(stored.summary.status, CallStatus::Ended);
    assert_eq!(
        stored.summary.disconnection_reason.as_deref(),
        Some("agent_hangup")
    );
    assert!(stored.summary.has_recording && stored.summary.duration_ms > Some(2000));
    let said: Vec<_> = stored
        .items
        .iter()
        .filter_map(|item| match &item.kind {
            ItemKind::Agent { content } => Some(("agent", content.as_str())),
            ItemKind::User { content } => Some(("user", content.as_str())),
            _ => None,
        })
        .collect();
    assert_eq!(
        said,
        [
            ("agent", "Hello, this call will be short."),
            ("user", "That is fine, goodbye."),
            ("agent", "Thank you, goodbye."),
        ]
    );
    assert!(
        stored
            .items
            .is_sorted_by(|one, next| one.time_ms < next.time_ms)
    );
    stored.summary
}

#[tokio::test]
async fn a_call_is_held_and_its_webhooks_tell_everything() {
    let (server, emulator) = with_test_agents().await;
    let mut changes = server.app().store.bus().subscribe();
    let (access, visitor) = call(&server).await;
    hold(&server, &access.call_id, &visitor).await;
    let mut statuses = Vec::new();
    loop {
        let call = next_change(&mut changes).await.call;
        statuses.push(call.status);
        if call.user_sentiment.is_some() {
            break;
        }
    }
    assert!(statuses.is_sorted(), "{statuses:?}");
    assert_eq!(statuses[..2], [CallStatus::Registered, CallStatus::Ongoing]);
    completed(&server, &access.call_id).await;
    emulator.shutdown().await;
    server.stop().await;
}

#[tokio::test]
async fn a_call_whose_webhooks_are_lost_is_healed() {
    let (server, emulator) = with_healing(Duration::from_millis(50)).await;
    control(&emulator, "settings", &json!({"lose_webhooks": true})).await;
    let mut changes = server.app().store.bus().subscribe();
    let (access, visitor) = call(&server).await;
    hold(&server, &access.call_id, &visitor).await;
    while next_change(&mut changes)
        .await
        .call
        .user_sentiment
        .is_none()
    {}
    completed(&server, &access.call_id).await;
    assert!(
        server
            .app()
            .store
            .inbox_entries()
            .inbox_entries(10)
            .await
            .unwrap()
            .is_empty()
    );
    emulator.shutdown().await;
    server.stop().await;
}

#[tokio::test]
async fn an_agent_that_does_not_exist_is_told_as_such() {
    let (server, emulator) = with_test_agents().await;
    let answer = server
        .mint(&json!({"key": "pk_test", "agent_id": "agent_of_nobody"}))
        .await;
    problem(answer, 422, slug::AGENT_UNKNOWN).await;
    emulator.shutdown().await;
    server.stop().await;
}

#[tokio::test]
async fn a_visitor_ends_the_call_by_asking_us() {
    let (server, emulator) = with_test_agents().await;
    let mut changes = server.app().store.bus().subscribe();
    let (access, visitor) = call(&server).await;
    while next_change(&mut changes).await.call.status != CallStatus::Ongoing {}
    let CallAccess {
        call_id, ticket, ..
    } = access;
    let url = server.url(&format!("/api/public/web-calls/{call_id}/end"));
    let request = server.http.post(url).bearer_auth(ticket);
    assert_eq!(request.send().await.unwrap().status(), 204);
    visitor
        .wait_for("the end", |view| !view.control.is_empty())
        .await
        .unwrap();
    let ended = loop {
        let call = next_change(&mut changes).await.call;
        if !call.status.is_live() {
            break call;
        }
    };
    assert_eq!(
        ended.disconnection_reason.as_deref(),
        Some("manual_stopped")
    );
    emulator.shutdown().await;
    server.stop().await;
}
