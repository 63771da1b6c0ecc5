//! A call's events in any order, any number of times, through the inbox and its
//! table: the same call comes out.

use api::desk::CallDetail;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use server::calls::StoredCall;
use server::deeds::Author;
use server::inbox::InboxScope;

use crate::support::{Scratch, TestServer, life_of_a_call, sign, with};

/// Everything Retell may send about one call, about a transfer too.
fn full_life() -> Vec<Value> {
    let mut life = life_of_a_call();
    let destination = json!({"transfer_destination": {"number": "+4930901820"}});
    for event in ["transfer_started", "transfer_bridged", "transfer_ended"] {
        let told = json!({"event": event, "call": {"call_id": "call_1", "agent_id": "agent_1"}});
        life.push(with(&told, &destination));
    }
    life.push(json!({"type": "call.started", "data": {"call_id": "call_1"}}));
    life
}

async fn stored(server: &TestServer) -> Option<CallDetail> {
    let store = &server.app().store;
    let call = store.call(&server.tenant, "call_1").await.unwrap();
    let mut call = call.map(StoredCall::into_detail)?;
    // The first news decides where it stands in the list.
    call.summary.created_at = 0;
    Some(call)
}

/// Posts the events with these indexes, each signed in the order of its life,
/// has everything replayed, and returns the call.
async fn arrive(scratch: Scratch, order: &[usize]) -> CallDetail {
    let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
    let life = full_life();
    let now = server.app().clock.now_ms();
    for index in order {
        let body = life[*index].to_string();
        let signed_at = now + i64::try_from(*index).unwrap();
        let signature = sign(body.as_bytes(), signed_at);
        let answer = server.post_webhook(body, Some(&signature)).await;
        assert_eq!(answer.status(), 204);
    }
    server.settled().await;
    let call = stored(&server).await.unwrap();
    let filter = api::inbox::DeliveryFilter::default();
    server
        .app()
        .store
        .replay_matching(InboxScope::All, &filter, &Author::system(), 0)
        .await
        .unwrap();
    server.settled().await;
    assert_eq!(
        stored(&server).await.as_ref(),
        Some(&call),
        "a replay changed the call"
    );
    server.stop().await;
    call
}

#[test]
fn any_order_and_any_repetition_end_with_the_same_call() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let count = full_life().len();
    let in_order: Vec<_> = (0..count).collect();
    let expected = runtime.block_on(arrive(Scratch::sqlite(), &in_order));
    let orders = prop::collection::vec(0..count, 0..8).prop_flat_map(move |again| {
        let all: Vec<_> = (0..count).chain(again).collect();
        Just(all).prop_shuffle()
    });
    let mut runner = TestRunner::new(Config::with_cases(24));
    runner
        .run(&orders, |order| {
            let scratch = runtime.block_on(async {
                let mut all = Scratch::each().await;
                // One engine for each case, in turn by the order itself.
                let index = order[0] % all.len();
                let chosen = all.swap_remove(index);
                for other in all {
                    other.remove().await;
                }
                chosen
            });
            let call = runtime.block_on(arrive(scratch, &order));
            prop_assert_eq!(&call, &expected);
            Ok(())
        })
        .unwrap();
}
