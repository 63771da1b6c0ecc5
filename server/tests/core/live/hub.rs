//! When the upstream socket of a call opens and closes.

use std::time::Duration;

use retell::Client;
use server::live::{Audience, Hub, Settings, Viewer};
use tokio_util::sync::CancellationToken;

use crate::retell_stub::{RetellStub, said};
use crate::support::in_time;

fn client(stub: &RetellStub) -> Client {
    Client::builder("key")
        .base_url(stub.url.as_str())
        .build()
        .unwrap()
}

fn hub() -> Hub {
    let settings = Settings {
        linger: Duration::from_millis(50),
        try_again: Duration::from_millis(50),
        ..Settings::default()
    };
    Hub::new(settings, CancellationToken::new())
}

async fn next(viewer: &mut Viewer) -> (&'static str, String) {
    let frame = in_time(viewer.next()).await.unwrap();
    (frame.event, frame.data)
}

#[tokio::test]
async fn the_socket_closes_after_the_last_viewer_and_opens_for_the_next() {
    let stub = RetellStub::start().await;
    let hub = hub();
    let mut first = hub.watch(&client(&stub), "call_1", Audience::Staff, None);
    let second = hub.watch(&client(&stub), "call_1", Audience::Visitor, None);
    let mut upstream = stub.accepted().await;
    upstream.snapshot(&[said("1", "agent", "Hello")]);
    let frame = in_time(first.next()).await.unwrap();
    assert_eq!(frame.event, "snapshot");
    drop((first, second));
    upstream.closed().await;
    while !hub.watched().is_empty() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }

    // What it knew is forgotten: an id of before brings a snapshot.
    let mut third = hub.watch(
        &client(&stub),
        "call_1",
        Audience::Staff,
        frame.id.as_deref(),
    );
    let upstream = stub.accepted().await;
    upstream.snapshot(&[said("1", "agent", "Hello")]);
    assert_eq!(next(&mut third).await.0, "snapshot");
    assert_eq!(stub.connections(), 2);
}

#[tokio::test]
async fn the_watcher_limit_is_tried_again_while_somebody_watches() {
    let stub = RetellStub::start().await;
    stub.refuse(&[4008, 4008]);
    let hub = hub();
    let mut viewer = hub.watch(&client(&stub), "call_1", Audience::Visitor, None);
    assert_eq!(next(&mut viewer).await.0, "unavailable");
    let upstream = stub.accepted().await;
    upstream.snapshot(&[said("1", "agent", "Hello")]);
    assert_eq!(next(&mut viewer).await.0, "snapshot");
    assert_eq!(stub.connections(), 3);
}

#[tokio::test]
async fn an_end_told_before_anything_was_read_ends_at_once() {
    let stub = RetellStub::start().await;
    stub.refuse(&[4004]);
    let hub = hub();
    let mut viewer = hub.watch(&client(&stub), "call_1", Audience::Visitor, None);
    hub.ended("call_1", Some("error_user_not_joined"));
    let (event, data) = next(&mut viewer).await;
    assert_eq!(
        (event, data.as_str()),
        ("ended", r#"{"reason":"error_user_not_joined"}"#)
    );
    assert_eq!(in_time(viewer.next()).await, None);
}

#[tokio::test]
async fn nobody_joins_a_call_nobody_watches() {
    let stub = RetellStub::start().await;
    let hub = hub();
    assert!(hub.join("call_1", Audience::Staff, None).is_none());
    let _watching = hub.watch(&client(&stub), "call_1", Audience::Staff, None);
    assert!(hub.join("call_1", Audience::Staff, None).is_some());
}
