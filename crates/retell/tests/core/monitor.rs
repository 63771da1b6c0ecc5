//! The monitor stream against a local WebSocket server.

#![expect(
    clippy::unwrap_used,
    reason = "a function that a test calls may fail the test"
)]

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use retell::models::{DisconnectionReason, MonitorMessage};
use retell::monitor::{CloseCause, Monitor, MonitorEvent, ReconnectPolicy};
use retell::{Client, Error};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::{WebSocketStream, accept_hdr_async};
use wiremock::matchers::{header, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

const KEY: &str = "key_secret_of_the_test";

/// What the server does with one connection after the handshake.
enum Script {
    /// Sends these, then closes with a code.
    Close(Vec<Value>, u16),
    /// Sends these, then drops the connection.
    Drop(Vec<Value>),
    /// Sends what is no JSON, no text and no known message, then closes with 1000.
    Noise,
    /// Never reads or writes again.
    Freeze,
    /// Waits for a ping, answers it, then closes with 1000.
    AwaitPing,
    /// Reports how the client closes.
    AwaitClose(oneshot::Sender<bool>),
}

fn update(id: &str) -> Value {
    json!({"type": "transcript_updated",
           "transcripts": [{"id": id, "time_sec": 1.0, "role": "user", "content": "Hello"}]})
}

fn ended() -> Value {
    json!({"type": "call_ended", "disconnection_reason": "user_hangup"})
}

async fn perform(mut socket: WebSocketStream<TcpStream>, script: Script) {
    let text = |value: &Value| Message::text(value.to_string());
    let close = |code: u16| {
        Message::Close(Some(CloseFrame {
            code: code.into(),
            reason: "the reason".into(),
        }))
    };
    match script {
        Script::Close(messages, code) => {
            for message in &messages {
                socket.send(text(message)).await.unwrap();
            }
            socket.send(close(code)).await.unwrap();
            while let Some(Ok(_)) = socket.next().await {}
        }
        Script::Drop(messages) => {
            for message in &messages {
                socket.send(text(message)).await.unwrap();
            }
        }
        Script::Noise => {
            socket.send(Message::text("not json")).await.unwrap();
            socket.send(Message::text("[]")).await.unwrap();
            socket.send(Message::binary(vec![1, 2, 3])).await.unwrap();
            socket.send(Message::Ping(vec![9].into())).await.unwrap();
            let half_an_emoji = r#"{"type":"weather","sky":"\ud83c"}"#;
            socket.send(Message::text(half_an_emoji)).await.unwrap();
            socket.send(close(1000)).await.unwrap();
            while let Some(Ok(_)) = socket.next().await {}
        }
        Script::Freeze => {
            // Kept open until the test's runtime goes.
            tokio::spawn(async move {
                std::future::pending::<()>().await;
                drop(socket);
            });
        }
        Script::AwaitPing => {
            while let Some(Ok(message)) = socket.next().await {
                if message.is_ping() {
                    socket.flush().await.unwrap();
                    socket.send(close(1000)).await.unwrap();
                }
            }
        }
        Script::AwaitClose(report) => {
            socket.send(text(&update("u1"))).await.unwrap();
            let polite = loop {
                match socket.next().await {
                    Some(Ok(Message::Close(_))) => break true,
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => break false,
                }
            };
            report.send(polite).unwrap();
        }
    }
}

/// A server that performs one script for each connection, in order, and then
/// refuses connections. Yields path and authorization of each handshake.
async fn server(scripts: Vec<Script>) -> (String, mpsc::UnboundedReceiver<(String, String)>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/prefix/", listener.local_addr().unwrap());
    let (connected, connections) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        for script in scripts {
            let (stream, _) = listener.accept().await.unwrap();
            #[expect(clippy::result_large_err, reason = "the signature is tungstenite's")]
            let callback = |request: &Request, response: Response| {
                let authorization = request.headers()["authorization"]
                    .to_str()
                    .unwrap()
                    .to_owned();
                connected
                    .send((request.uri().path().to_owned(), authorization))
                    .unwrap();
                Ok(response)
            };
            let socket = accept_hdr_async(stream, callback).await.unwrap();
            perform(socket, script).await;
        }
    });
    (base, connections)
}

fn quick(max_retries: u32) -> ReconnectPolicy {
    ReconnectPolicy {
        max_retries,
        first_delay: Duration::from_millis(1),
        max_delay: Duration::from_millis(4),
        max_jitter: Duration::from_millis(1),
        ..ReconnectPolicy::default()
    }
}

fn open(base: &str, policy: ReconnectPolicy) -> Monitor {
    let client = Client::builder(KEY).base_url(base).build().unwrap();
    Monitor::open(&client, "call_1", policy).unwrap()
}

/// The ids of the items seen, and how the stream ended.
async fn watch(mut monitor: Monitor) -> (Vec<String>, CloseCause, Option<u16>, String) {
    let mut ids = Vec::new();
    loop {
        match monitor
            .next()
            .await
            .expect("an end before the channel closes")
        {
            MonitorEvent::Message(MonitorMessage::TranscriptUpdated(update)) => {
                ids.extend(update.transcripts.into_iter().map(|item| item.id));
            }
            MonitorEvent::Message(_) => {}
            MonitorEvent::Closed {
                cause,
                code,
                reason,
            } => {
                assert_eq!(monitor.next().await, None);
                return (ids, cause, code, reason);
            }
        }
    }
}

#[tokio::test]
async fn messages_pass_and_a_normal_close_ends() {
    let script = Script::Close(vec![update("u1"), update("u2"), ended()], 1000);
    let (base, mut connections) = server(vec![script]).await;
    let mut monitor = open(&base, quick(2));
    for id in ["u1", "u2"] {
        let Some(MonitorEvent::Message(MonitorMessage::TranscriptUpdated(update))) =
            monitor.next().await
        else {
            panic!("no update");
        };
        assert_eq!(update.transcripts[0].id, id);
    }
    // As a stream, too.
    let Some(MonitorEvent::Message(MonitorMessage::CallEnded(ended))) =
        StreamExt::next(&mut monitor).await
    else {
        panic!("no end");
    };
    assert_eq!(
        ended.disconnection_reason,
        Some(DisconnectionReason::UserHangup)
    );
    let (_, cause, code, reason) = watch(monitor).await;
    assert_eq!(
        (cause, code, reason.as_str()),
        (CloseCause::Ended, Some(1000), "the reason")
    );
    let (path, authorization) = connections.recv().await.unwrap();
    assert_eq!(path, "/prefix/v2/monitor-call/call_1");
    assert_eq!(authorization, format!("Bearer {KEY}"));
    assert!(connections.try_recv().is_err());
}

#[tokio::test]
async fn a_call_that_is_not_ongoing_yet_is_tried_again() {
    let scripts = vec![
        Script::Close(vec![], 4004),
        Script::Close(vec![], 4004),
        Script::Close(vec![update("u1"), ended()], 1000),
    ];
    let (base, connections) = server(scripts).await;
    let (ids, cause, ..) = watch(open(&base, quick(2))).await;
    assert_eq!(
        (ids, cause, connections.len()),
        (vec!["u1".to_owned()], CloseCause::Ended, 3)
    );
}

#[tokio::test]
async fn a_call_that_never_is_ongoing_is_given_up() {
    let (base, connections) = server((0..3).map(|_| Script::Close(vec![], 4004)).collect()).await;
    let (ids, cause, code, _) = watch(open(&base, quick(2))).await;
    assert_eq!(
        (ids.len(), cause, code),
        (0, CloseCause::NotOngoing, Some(4004))
    );
    assert_eq!(connections.len(), 3);
}

#[tokio::test]
async fn a_refusal_is_final() {
    for (code, expected) in [
        (4001, CloseCause::Refused),
        (4003, CloseCause::Refused),
        (4999, CloseCause::Refused),
        (4008, CloseCause::WatcherLimit),
    ] {
        let (base, connections) = server(vec![Script::Close(vec![], code)]).await;
        let (_, cause, got, reason) = watch(open(&base, quick(2))).await;
        assert_eq!(
            (cause, got, reason.as_str()),
            (expected, Some(code), "the reason")
        );
        assert_eq!(connections.len(), 1);
    }
}

#[tokio::test]
async fn a_broken_connection_is_made_again_and_each_frame_gives_all_tries_back() {
    let mut scripts: Vec<_> = (0..6)
        .map(|turn| Script::Drop(vec![update(&format!("u{turn}"))]))
        .collect();
    scripts.push(Script::Close(vec![], 1011));
    scripts.push(Script::Close(vec![ended()], 1000));
    let (base, connections) = server(scripts).await;
    let (ids, cause, ..) = watch(open(&base, quick(2))).await;
    assert_eq!(ids, ["u0", "u1", "u2", "u3", "u4", "u5"]);
    assert_eq!((cause, connections.len()), (CloseCause::Ended, 8));
}

#[tokio::test]
async fn opening_alone_gives_no_tries_back() {
    let (base, connections) = server((0..9).map(|_| Script::Drop(vec![])).collect()).await;
    let (ids, cause, code, _) = watch(open(&base, quick(2))).await;
    assert_eq!(
        (ids.len(), cause, code),
        (0, CloseCause::ConnectionLost, None)
    );
    assert_eq!(connections.len(), 3);
}

#[tokio::test]
async fn whatever_follows_the_end_of_the_call_is_no_loss() {
    let (base, connections) = server(vec![Script::Drop(vec![update("u1"), ended()])]).await;
    let (ids, cause, code, _) = watch(open(&base, quick(2))).await;
    assert_eq!((ids.len(), cause, code), (1, CloseCause::Ended, Some(1000)));
    assert_eq!(connections.len(), 1);
}

#[tokio::test]
async fn noise_does_not_end_the_stream() {
    let (base, _connections) = server(vec![Script::Noise]).await;
    let mut monitor = open(&base, quick(2));
    let event = monitor.next().await;
    let Some(MonitorEvent::Message(MonitorMessage::Other(message))) = event else {
        panic!("{event:?}");
    };
    assert_eq!(
        (&message["type"], &message["sky"]),
        (&json!("weather"), &json!("\u{fffd}"))
    );
    assert_eq!(watch(monitor).await.1, CloseCause::Ended);
}

#[tokio::test]
async fn a_silent_connection_is_probed_and_a_dead_one_replaced() {
    let scripts = vec![Script::Freeze, Script::AwaitPing];
    let (base, connections) = server(scripts).await;
    let policy = ReconnectPolicy {
        probe_after: Duration::from_millis(250),
        ..quick(2)
    };
    let (_, cause, ..) = watch(open(&base, policy)).await;
    assert_eq!((cause, connections.len()), (CloseCause::Ended, 2));
}

#[tokio::test]
async fn dropping_the_monitor_closes_politely() {
    let (report, closed) = oneshot::channel();
    let (base, _connections) = server(vec![Script::AwaitClose(report)]).await;
    let mut monitor = open(&base, quick(2));
    assert!(monitor.next().await.is_some());
    drop(monitor);
    assert!(closed.await.unwrap());
}

async fn refusing(status: u16) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(path("/v2/monitor-call/call_1"))
        .and(header("authorization", format!("Bearer {KEY}").as_str()))
        .and(header("upgrade", "websocket"))
        .respond_with(ResponseTemplate::new(status))
        .mount(&server)
        .await;
    server
}

#[tokio::test]
async fn a_refused_handshake_ends_or_is_tried_again() {
    for (status, expected, tries) in [
        (401, CloseCause::Refused, 1),
        (403, CloseCause::Refused, 1),
        (422, CloseCause::Refused, 1),
        (404, CloseCause::NotOngoing, 3),
        (429, CloseCause::ConnectionLost, 3),
        (503, CloseCause::ConnectionLost, 3),
        (200, CloseCause::ConnectionLost, 3),
    ] {
        let server = refusing(status).await;
        let (_, cause, code, _) = watch(open(&server.uri(), quick(2))).await;
        assert_eq!((cause, code), (expected, Some(status)));
        assert_eq!(
            server.received_requests().await.unwrap().len(),
            tries,
            "{status}"
        );
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_given_up() {
    // Bound, so that nobody else gets the port, but not listening.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let base = format!("http://{}", socket.local_addr().unwrap());
    let (_, cause, code, _) = watch(open(&base, quick(2))).await;
    assert_eq!((cause, code), (CloseCause::ConnectionLost, None));
}

#[tokio::test]
async fn an_unusable_id_is_refused() {
    let client = Client::builder(KEY).build().unwrap();
    assert!(matches!(
        client.monitor_call(""),
        Err(Error::Argument { .. })
    ));
}
