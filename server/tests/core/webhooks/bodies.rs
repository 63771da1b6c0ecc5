//! How large a body may be, and how long it may take to come.

use std::io::Write;
use std::time::Duration;

use api::problem::slug;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Scratch, TestServer, in_time, problem, sign};
use crate::webhooks::{entries, started};

const SOON: Duration = Duration::from_millis(50);
const NEVER: Duration = Duration::from_secs(3600);

#[tokio::test]
async fn a_body_that_does_not_come_is_waited_for_nowhere() {
    let server = TestServer::start_with(Scratch::sqlite(), "http://127.0.0.1:9", |config| {
        config.edge.body_pause = SOON;
    })
    .await;
    for path in [
        "/api/public/web-calls",
        "/api/desk/session",
        "/api/v1/web-calls",
    ] {
        let mut stream = TcpStream::connect(server.running.address()).await.unwrap();
        let head =
            format!("POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\n{{");
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = String::new();
        let _ = in_time(stream.read_to_string(&mut answer)).await;
        // Nobody waits who is not even signed in.
        let expected = if path.contains("v1") {
            "HTTP/1.1 401 "
        } else {
            "HTTP/1.1 408 "
        };
        assert!(answer.starts_with(expected), "{path}: {answer}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_long_transcript_is_taken_and_an_endless_body_is_not() {
    let server = started().await;
    let long = "word ".repeat(1024 * 1024);
    let webhook = json!({"event": "call_ended", "call": {"call_id": "call_1", "transcript": long}});
    let free = server.app().inbox.inbox.memory.free();
    assert_eq!(server.webhook(&webhook).await.status(), 204);
    assert_eq!(server.app().inbox.inbox.memory.free(), free);
    let signature = sign(b"", server.app().clock.now_ms());
    let answer = half_sent(&server, Some(&signature), 8 * 1024 * 1024 + 1, b"").await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.contains(slug::BODY_TOO_LARGE), "{answer}");
    server.stop().await;
}

/// The answer to a webhook that is begun and not sent to its end.
async fn half_sent(
    server: &TestServer,
    signature: Option<&str>,
    declared: impl Into<Option<usize>>,
    beginning: &[u8],
) -> String {
    let mut stream = begin(server, signature, declared, beginning).await;
    let mut answer = Vec::new();
    // The server hangs up: it does not wait for a body it will not read.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

/// Sends a webhook that declares a length, or none and comes in one chunk, and of
/// which no more comes than `beginning`.
async fn begin(
    server: &TestServer,
    signature: Option<&str>,
    declared: impl Into<Option<usize>>,
    beginning: &[u8],
) -> TcpStream {
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
    stream
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
    let kept = entries(&server).await;
    assert_eq!((kept.len(), kept[0].body.len()), (1, 1024));
    server.stop().await;
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    for (pause, whole) in [(SOON, NEVER), (NEVER, SOON)] {
        let server = patient(pause, whole).await;
        let answer = half_sent(&server, None, 100, b"{").await;
        assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
        assert!(answer.contains(slug::BODY_TIMEOUT), "{answer}");
        assert!(entries(&server).await.is_empty());
        server.stop().await;
    }
}

#[tokio::test]
async fn strangers_who_stop_sending_hold_nobody_up() {
    let server = patient(NEVER, NEVER).await;
    let signature = sign(b"", server.app().clock.now_ms());
    let mut strangers = Vec::new();
    for _ in 0..40 {
        strangers.push(begin(&server, Some(&signature), 200_000, &[b' '; 17_000]).await);
    }
    let memory = &server.app().inbox.inbox.memory;
    let free = memory.free();
    for number in 0..10 {
        let call = json!({"call_id": format!("call_{number}"), "transcript": "word ".repeat(8000)});
        let webhook = json!({"event": "call_ended", "call": call});
        let taken = in_time(server.webhook(&webhook)).await;
        assert_eq!(taken.status(), 204, "{number}");
    }
    assert!(memory.free() <= free, "the strangers are still there");
    drop(strangers);
    server.stop().await;
}

#[tokio::test]
async fn a_body_that_pauses_gives_its_memory_back() {
    let server = patient(SOON, NEVER).await;
    let memory = &server.app().inbox.inbox.memory;
    let free = memory.free();
    let signature = sign(b"", server.app().clock.now_ms());
    let answer = half_sent(&server, Some(&signature), 200_000, &[b' '; 17_000]).await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert_eq!(memory.free(), free);
    server.stop().await;
}

#[tokio::test]
async fn who_waits_for_memory_is_told_to_come_again() {
    let server = patient(NEVER, SOON * 10).await;
    let mut others = server
        .app()
        .inbox
        .inbox
        .memory
        .of("127.0.0.1".parse().unwrap());
    others.grow_to(32 * 1024 * 1024).await;
    let webhook = json!({"event": "call_ended", "call": {"call_id": "call_1", "transcript": "word ".repeat(8000)}});
    let refused = server.webhook(&webhook).await;
    assert!(refused.headers().contains_key("retry-after"));
    problem(refused, 503, slug::SERVER_BUSY).await;
    // What is small needs none.
    let small = json!({"event": "call_ended", "call": {"call_id": "call_1"}});
    assert_eq!(server.webhook(&small).await.status(), 204);
    drop(others);
    assert_eq!(server.webhook(&webhook).await.status(), 204);
    server.stop().await;
}

#[tokio::test]
async fn a_relay_may_have_packed_the_body() {
    let server = started().await;
    let send = |coding: &'static str, body: Vec<u8>, signed: &[u8]| {
        let signature = sign(signed, server.app().clock.now_ms());
        let request = server.http.post(server.url("/api/webhooks/retell"));
        let request = request.header("x-retell-signature", signature);
        request.header("content-encoding", coding).body(body).send()
    };
    let plain = |id: &str| {
        let call = json!({"call_id": id, "transcript": "word ".repeat(40_000)});
        json!({"event": "call_ended", "call": call})
            .to_string()
            .into_bytes()
    };
    let body = plain("call_1");
    for (coding, sent) in [
        ("gzip", gzip(&body)),
        ("x-gzip", gzip(&plain("call_2"))),
        ("identity", plain("call_3")),
    ] {
        let signed = match coding {
            "gzip" => body.clone(),
            "x-gzip" => plain("call_2"),
            _ => sent.clone(),
        };
        assert_eq!(
            send(coding, sent, &signed).await.unwrap().status(),
            204,
            "{coding}"
        );
    }
    let kept = entries(&server).await;
    assert!(
        kept.iter().any(|entry| entry.body == body),
        "as it was signed"
    );

    let packed = gzip(&body);
    let refused = send("gzip", packed.clone(), &packed).await.unwrap();
    problem(refused, 401, slug::SIGNATURE_INVALID).await;
    let broken = send("gzip", body.clone(), &body).await.unwrap();
    problem(broken, 400, slug::BODY_INVALID).await;
    for coding in ["br", "zstd", "gzip, gzip"] {
        let refused = send(coding, body.clone(), &body).await.unwrap();
        problem(refused, 415, slug::CODING_UNSUPPORTED).await;
    }
    let free = server.app().inbox.inbox.memory.free();
    let bomb = gzip(&vec![b' '; 64 * 1024 * 1024]);
    problem(
        send("gzip", bomb, b"").await.unwrap(),
        413,
        slug::BODY_TOO_LARGE,
    )
    .await;
    assert_eq!(server.app().inbox.inbox.memory.free(), free);
    server.stop().await;
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut packing = GzEncoder::new(Vec::new(), Compression::fast());
    packing.write_all(plain).unwrap();
    packing.finish().unwrap()
}

/// A server that waits this long for a body that pauses, and for one in all.
async fn patient(pause: Duration, whole: Duration) -> TestServer {
    TestServer::start_with(Scratch::sqlite(), "http://127.0.0.1:9", |config| {
        config.webhooks.body_pause = pause;
        config.webhooks.body_timeout = whole;
        config.edge.body_pause = NEVER;
        config.edge.body = NEVER;
    })
    .await
}
