//! What was acknowledged is there, whatever happens.

use api::desk::CallStatus;
use api::problem::slug;
use serde_json::{Value, json};
use server::accounts::Signers;
use server::calls::CallFilter;
use server::inbox::InboxWriter;

use crate::support::{Scratch, TestServer, life_of_a_call, problem};
use crate::webhooks::{detail, started};

#[tokio::test]
async fn nothing_is_acknowledged_that_is_not_stored() {
    let server = started().await;
    server.app().store.close().await;
    let response = server.webhook(&life_of_a_call()[0]).await;
    problem(response, 503, slug::STORE_UNAVAILABLE).await;
    server.stop().await;
}

#[tokio::test]
async fn what_was_acknowledged_before_a_crash_is_worked_off_after_it() {
    for scratch in Scratch::each().await {
        // A server that took a webhook in and died before working it off.
        let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
        let scratch = server.stop_for_now().await;
        let store = scratch.store().await;
        let (writer, _task) = InboxWriter::start(store.clone());
        let body = json!({"event": "call_ended", "call": {"call_id": "call_1"}}).to_string();
        writer.keep(accepted(body)).await.unwrap();
        store.close().await;

        let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
        server.settled().await;
        assert_eq!(
            detail(&server).await.unwrap().summary.status,
            CallStatus::Ended
        );
        server.stop().await;
    }
}

fn accepted(body: String) -> server::inbox::NewEntry {
    server::inbox::NewEntry {
        id: uuid::Uuid::now_v7().to_string(),
        received_at: 1,
        body_sha256: "hash".to_owned(),
        body: body.into_bytes(),
        signature: None,
        content_type: None,
        user_agent: None,
        remote_ip: None,
        verdict: server::inbox::Verdict::Accepted,
        vouched: Some(server::inbox::Vouched {
            dedupe_key: "hash".to_owned(),
            signed_at: 1,
            event: Some("call_ended".to_owned()),
            call_id: Some("call_1".to_owned()),
            signers: Signers::server(),
        }),
        tenant_id: None,
        answered: None,
    }
}

#[tokio::test]
async fn many_webhooks_at_once_are_all_kept_and_each_acts_once() {
    for scratch in Scratch::each().await {
        let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
        let bodies: Vec<Value> = (0..150)
            .map(|index| {
                let call = json!({"call_id": format!("call_{}", index % 50), "n": index});
                json!({"event": "call_started", "call": call})
            })
            .collect();
        let answers =
            futures_util::future::join_all(bodies.iter().map(|body| server.webhook(body))).await;
        assert!(answers.iter().all(|answer| answer.status() == 204));
        server.settled().await;
        let page = server
            .app()
            .store
            .call_page(&server.tenant, &CallFilter::default(), None, 100)
            .await
            .unwrap();
        assert_eq!((page.calls.len(), page.next), (50, None));
        let kept = server.app().store.deliveries(1000).await.unwrap();
        assert_eq!(kept.len(), 150);
        assert!(
            kept.iter()
                .all(|one| one.state == "done" && one.attempts == 1)
        );
        server.stop().await;
    }
}
