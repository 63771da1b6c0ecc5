//! A receiver that takes its time.

use tokio_util::sync::CancellationToken;

use super::mint;
use crate::receiver::{Bench, Receiver};
use crate::support::{Scratch, in_time};

/// Takes connections and never answers; tells of each.
async fn never_answers() -> (String, tokio::sync::mpsc::UnboundedReceiver<()>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (came, coming) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((connection, _)) = listener.accept().await {
            held.push(connection);
            if came.send(()).is_err() {
                return;
            }
        }
    });
    (url, coming)
}

#[tokio::test]
async fn a_receiver_that_does_not_answer_keeps_nobody_elses_events_waiting() {
    let bench = Bench::set(Scratch::sqlite()).await;
    let (url, mut coming) = never_answers().await;
    bench.endpoint(&url, &["call.created"]).await;
    for number in 0..40 {
        mint(&bench, &format!("call_{number}")).await;
    }
    let mut receiver = Receiver::start().await;
    bench.endpoint(&receiver.url, &["call.created"]).await;
    mint(&bench, "call_last").await;

    let runner = bench.runner.clone();
    let running = tokio::spawn(async move { runner.run(CancellationToken::new()).await });
    assert_eq!(receiver.next().await.json()["call_id"], "call_last");
    // It has what an endpoint may have at once, and no more.
    for _ in 0..8 {
        in_time(coming.recv()).await.unwrap();
    }
    assert!(coming.try_recv().is_err());
    running.abort();
    drop(running.await);
    bench.clear().await;
}
