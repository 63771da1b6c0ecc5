//! What was acknowledged is there, whatever happens.

use api::desk::CallStatus;
use api::inbox::EntryFilter;
use api::problem::slug;
use serde_json::{Value, json};
use server::accounts::Signers;
use server::bus::{Signal, Topic};
use server::calls::CallFilter;
use server::deeds::Author;
use server::inbox::{InboxScope, InboxWriter};
use sqlx::Connection;

use crate::support::{
    Scratch, TestServer, in_time, life_of_a_call, problem, raw_connection, refuse, settled,
};
use crate::webhooks::{detail, entries, started};

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
        writer.keep(accepted("call_1")).await.unwrap();
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

#[tokio::test]
async fn a_turn_of_work_asks_once_for_what_all_of_it_needs() {
    /// As many as share a transaction.
    const TURN: usize = 64;
    for scratch in Scratch::each().await {
        let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
        let scratch = server.stop_for_now().await;
        let store = scratch.store().await;
        let (writer, _task) = InboxWriter::start(store.clone());
        for index in 0..TURN {
            let kept = writer.keep(accepted(&format!("call_{index}"))).await;
            kept.unwrap();
        }
        store.close().await;

        let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
        // Not by its own store: whoever looks goes that way, too.
        let looking = server.scratch.store().await;
        settled(&looking).await;
        looking.close().await;
        let filter = CallFilter::default();
        let (store, tenant) = (&server.app().store, &server.tenant);
        let ways = store.round_trips();
        let calls = store
            .calls()
            .page(tenant, &filter, None, 100)
            .await
            .unwrap();
        assert_eq!(calls.calls.len(), TURN);
        // All of it is for all of them, or for what a server does anyway.
        assert!(
            ways < 4 * TURN as u64,
            "{ways} ways to the database and back"
        );
        server.stop().await;
    }
}

/// The end of a call, as it is kept.
fn accepted(call_id: &str) -> server::inbox::NewEntry {
    let call = json!({"call_id": call_id, "agent_id": "agent_1"});
    let body = json!({"event": "call_ended", "call": call}).to_string();
    server::inbox::NewEntry {
        due_at: 0,
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
            dedupe_key: call_id.to_owned(),
            signed_at: 1,
            event: Some("call_ended".to_owned()),
            call_id: Some(call_id.to_owned()),
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
            .calls()
            .page(&server.tenant, &CallFilter::default(), None, 100)
            .await
            .unwrap();
        assert_eq!((page.calls.len(), page.next), (50, None));
        let kept = server
            .app()
            .store
            .inbox_entries()
            .inbox_entries(1000)
            .await
            .unwrap();
        assert_eq!(kept.len(), 150);
        assert!(
            kept.iter()
                .all(|one| one.state == "done" && one.attempts == 1)
        );
        server.stop().await;
    }
}

#[tokio::test]
async fn one_that_cannot_be_worked_off_is_parked_and_costs_the_others_nothing() {
    for scratch in Scratch::each().await {
        let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
        let scratch = server.stop_for_now().await;
        let mut connection = raw_connection(&scratch.database).await;
        let (verb, condition) = ("INSERT", "NEW.id = 'call_5'");
        refuse(&mut connection, &scratch, verb, "calls", condition).await;
        connection.close().await.unwrap();
        let store = scratch.store().await;
        let (writer, _task) = InboxWriter::start(store.clone());
        for n in 0..10 {
            writer.keep(accepted(&format!("call_{n}"))).await.unwrap();
        }
        store.close().await;

        let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |config| {
            config.webhooks.max_attempts = 3;
        })
        .await;
        server.settled().await;
        for one in entries(&server).await {
            let is_at_fault = String::from_utf8(one.body).unwrap().contains("call_5");
            let expected = if is_at_fault {
                ("parked", 3)
            } else {
                ("done", 1)
            };
            assert_eq!((one.state.as_str(), one.attempts), expected, "{}", one.id);
            assert_eq!(one.error.is_some(), is_at_fault);
        }
        server.stop().await;
    }
}

#[tokio::test]
async fn so_many_bodies_are_worked_on_at_once_as_memory_is_there_for() {
    for scratch in Scratch::each().await {
        let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
        let store = &server.app().store;
        for n in 0..3 {
            let text = "x".repeat(5 * 1024 * 1024);
            let large = json!({"event": "chat_ended", "chat": {"chat_id": n, "transcript": text}});
            assert_eq!(server.webhook(&large).await.status(), 204);
        }
        server.settled().await;
        let mut waiting = store.bus().listen(Topic::Webhooks);
        let (scope, filter) = (InboxScope::All, EntryFilter::default());
        let now = server.app().clock.now_ms();
        let author = Author::operator();
        let count = store
            .inbox_entries()
            .replay_matching(scope, &filter, &author, now)
            .await;
        assert_eq!(count.unwrap(), 3);
        // By the replay, and by the worker: it left one for another turn.
        for _ in 0..2 {
            assert_eq!(in_time(waiting.next()).await, Signal::WebhooksWaiting);
        }
        server.settled().await;
        let kept = entries(&server).await;
        assert!(
            kept.iter()
                .all(|one| (one.state.as_str(), one.attempts) == ("ignored", 2))
        );
        server.stop().await;
    }
}

#[tokio::test]
async fn a_flood_or_a_replay_keeps_nobody_else_s_events_waiting() {
    const FLOOD: usize = 600;
    for scratch in Scratch::each().await {
        let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
        let scratch = server.stop_for_now().await;
        let store = scratch.store().await;
        let (writer, _task) = InboxWriter::start(store.clone());
        let now = server::clock::Clock::system().now_ms();
        // As taking in has it: what is more than a share is due later.
        for n in 0..FLOOD {
            let mut entry = accepted(&format!("flood_{n}"));
            entry.due_at = now + i64::try_from(n).unwrap() * 5;
            writer.keep(entry).await.unwrap();
        }
        let late = async |call_id: &str| {
            let mut entry = accepted(call_id);
            entry.due_at = now;
            writer.keep(entry).await.unwrap();
        };
        late("other_1").await;
        let scratch = worked_off(scratch).await;
        assert!(behind(&scratch, "other_1").await > FLOOD / 2);

        // The whole history again, and somebody's event after it.
        let (scope, filter) = (InboxScope::All, EntryFilter::default());
        let author = Author::operator();
        let count = store
            .inbox_entries()
            .replay_matching(scope, &filter, &author, now)
            .await;
        assert_eq!(count.unwrap(), 601);
        late("other_2").await;
        let scratch = worked_off(scratch).await;
        assert!(behind(&scratch, "other_2").await > FLOOD / 2);
        store.close().await;
        scratch.remove().await;
    }
}

/// Has a server work everything off.
async fn worked_off(scratch: Scratch) -> Scratch {
    let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
    server.settled().await;
    server.stop_for_now().await
}

/// How many were worked off after the one about this call.
async fn behind(scratch: &Scratch, call_id: &str) -> usize {
    let mut connection = raw_connection(&scratch.database).await;
    let rows = sqlx::query(
        "SELECT id FROM webhook_deliveries WHERE processed_at > \
             (SELECT processed_at FROM webhook_deliveries WHERE call_id = $1)",
    )
    .bind(call_id)
    .fetch_all(&mut connection)
    .await
    .unwrap();
    connection.close().await.unwrap();
    rows.len()
}
