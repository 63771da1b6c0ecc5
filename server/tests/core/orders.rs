//! A call's events in any order, any number of times, through the inbox and its
//! table: the same call comes out.

use api::desk::CallDetail;
use api::inbox::EntryFilter;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use server::calls::StoredCall;
use server::deeds::Author;
use server::inbox::InboxScope;
use uuid::Uuid;

use crate::support::{Scratch, TestServer, life_of_a_call, sign, with};

/// Everything Retell may send about one call, about a transfer too.
fn full_life(call_id: &str) -> Vec<Value> {
    let mut life = life_of_a_call();
    let destination = json!({"transfer_destination": {"number": "+4930901820"}});
    for event in ["transfer_started", "transfer_bridged", "transfer_ended"] {
        let told = json!({"event": event, "call": {"agent_id": "agent_1"}});
        life.push(with(&told, &destination));
    }
    life.push(json!({"type": "call.started", "data": {}}));
    for webhook in &mut life {
        let about = if webhook["data"].is_object() {
            "data"
        } else {
            "call"
        };
        webhook[about]["call_id"] = call_id.into();
    }
    life
}

/// What is known of a call, but for its id and what its first news decides: where it
/// stands in the list.
async fn stored(server: &TestServer, call_id: &str) -> Option<CallDetail> {
    let store = &server.app().store;
    let call = store.calls().find(&server.tenant, call_id).await.unwrap();
    let mut call = call.map(StoredCall::into_detail)?;
    call.summary.created_at = 0;
    call.summary.id.clear();
    Some(call)
}

/// Posts the events of a new call with these indexes, each signed in the order of its
/// life, has everything replayed, and returns the call.
async fn arrive(server: &TestServer, order: &[usize]) -> CallDetail {
    let call_id = Uuid::now_v7().to_string();
    let life = full_life(&call_id);
    let now = server.app().clock.now_ms();
    for index in order {
        let body = life[*index].to_string();
        let signed_at = now + i64::try_from(*index).unwrap();
        let signature = sign(body.as_bytes(), signed_at);
        let answer = server.post_webhook(body, Some(&signature)).await;
        assert_eq!(answer.status(), 204);
    }
    server.settled().await;
    let call = stored(server, &call_id).await.unwrap();
    let filter = EntryFilter {
        call_id: Some(call_id.clone()),
        ..EntryFilter::default()
    };
    let store = &server.app().store;
    let author = Author::system();
    let replayed = store
        .inbox_entries()
        .replay_matching(InboxScope::All, &filter, &author, 0);
    assert!(replayed.await.unwrap() > 0);
    server.settled().await;
    assert_eq!(
        stored(server, &call_id).await.as_ref(),
        Some(&call),
        "a replay changed the call"
    );
    call
}

#[test]
fn any_order_and_any_repetition_end_with_the_same_call() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let servers = runtime.block_on(async {
        let mut servers = Vec::new();
        for scratch in Scratch::each().await {
            servers.push(TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await);
        }
        servers
    });
    let count = full_life("").len();
    let in_order: Vec<_> = (0..count).collect();
    let expected = runtime.block_on(arrive(&servers[0], &in_order));
    let orders = prop::collection::vec(0..count, 0..8).prop_flat_map(move |again| {
        let all: Vec<_> = (0..count).chain(again).collect();
        Just(all).prop_shuffle()
    });
    let mut runner = TestRunner::new(Config::with_cases(24));
    runner
        .run(&orders, |order| {
            // One engine for each case, in turn by the order itself.
            let server = &servers[order[0] % servers.len()];
            let call = runtime.block_on(arrive(server, &order));
            prop_assert_eq!(&call, &expected);
            Ok(())
        })
        .unwrap();
    runtime.block_on(async {
        for server in servers {
            server.stop().await;
        }
    });
}
