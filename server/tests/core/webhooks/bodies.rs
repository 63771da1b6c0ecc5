//! How large a body may be, and how long it may take to come.

use api::problem::slug;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Scratch, TestServer, problem, sign};
use crate::webhooks::{deliveries, started};

#[tokio::test]
async fn a_long_transcript_is_taken_and_an_endless_body_is_not() {
    let server = started().await;
    let long = "word ".repeat(1024 * 1024);
    let webhook = json!({"event": "call_ended", "call": {"call_id": "call_1", "transcript": long}});
    let free = server.app().inbox.large_bodies.available_permits();
    assert_eq!(server.webhook(&webhook).await.status(), 204);
    assert_eq!(server.app().inbox.large_bodies.available_permits(), free);
    let signature = sign(b"", server.app().clock.now_ms());
    let answer = half_sent(&server, Some(&signature), 8 * 1024 * 1024 + 1, b"").await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.contains(slug::BODY_TOO_LARGE), "{answer}");
    server.stop().await;
}

/// The answer to a webhook that declares a length, or none and comes in one
/// chunk, and of which no more comes than `beginning`.
async fn half_sent(
    server: &TestServer,
    signature: Option<&str>,
    declared: impl Into<Option<usize>>,
    beginning: &[u8],
) -> String {
    let mut head = "POST /api/webhooks/retell HTTP/1.1\r\nhost: localhost\r\n".to_owned();
    if let Some(signature) = signature {
        head += &format!("x-retell-signature: {signature}\r\n");
    }
    if beginning.is_empty() {
        // Were the body read, the answer would begin with a 100.
        head += "expect: 100-continue\r\n";
    }
    match declared.into() {
        Some(length) => head += &format!("content-length: {length}\r\n\r\n"),
        None => {
            let length = beginning.len();
            head += &format!("transfer-encoding: chunked\r\n\r\n{length:x}\r\n");
        }
    }
    let mut stream = TcpStream::connect(server.running.address()).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(beginning).await.unwrap();
    let mut answer = Vec::new();
    // The server hangs up: it does not wait for a body it will not read.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn a_large_body_without_a_likely_signature_is_refused_unread() {
    let server = started().await;
    let now = server.app().clock.now_ms();
    for (signature, slug) in [
        (None, slug::SIGNATURE_MISSING),
        (Some("v=1,d=zz".to_owned()), slug::SIGNATURE_INVALID),
    ] {
        // One more byte than is read of anybody's.
        let large = 16 * 1024 + 1;
        let declared = half_sent(&server, signature.as_deref(), large, b"").await;
        let body = vec![b' '; large];
        let undeclared = half_sent(&server, signature.as_deref(), None, &body).await;
        for answer in [declared, undeclared] {
            assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
            assert!(answer.contains(slug), "{answer}");
        }
    }
    // One that may be genuine is read, and then found not to be.
    let body = format!("{:20000}", "{");
    let response = server.post_webhook(body, Some(&sign(b"other", now))).await;
    problem(response, 401, slug::SIGNATURE_INVALID).await;
    let kept = deliveries(&server).await;
    assert_eq!((kept.len(), kept[0].body.len()), (1, 1024));
    server.stop().await;
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let server = impatient().await;
    let answer = half_sent(&server, None, 100, b"{").await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains(slug::BODY_TIMEOUT), "{answer}");
    assert!(deliveries(&server).await.is_empty());
    server.stop().await;
}

#[tokio::test]
async fn only_so_many_large_bodies_are_read_at_once() {
    let server = impatient().await;
    let places = &server.app().inbox.large_bodies;
    let taken = places.acquire_many(16).await.unwrap();
    assert_eq!(places.available_permits(), 0);
    let signature = sign(b"", server.app().clock.now_ms());
    let answer = half_sent(&server, Some(&signature), 20_000, b"").await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    drop(taken);
    server.stop().await;
}

/// A server that waits for a body for a short time only.
async fn impatient() -> TestServer {
    TestServer::start_with(Scratch::sqlite(), "http://127.0.0.1:9", |config| {
        config.webhooks.body_timeout = std::time::Duration::from_millis(50);
    })
    .await
}
