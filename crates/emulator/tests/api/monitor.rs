//! The monitor stream: both ways in, snapshot and deltas, limits, the end.

use std::collections::BTreeMap;

use futures_util::{SinkExt, StreamExt};
use retell::models::{DisconnectionReason, MonitorItem, MonitorMessage};
use retell::monitor::{CloseCause, MonitorEvent};
use serde_json::json;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Response;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::support::{Bench, KEY, PATIENCE, participant};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn watch(bench: &Bench, id: &str, header: (&'static str, &str)) -> (Socket, Response) {
    let url = bench
        .url(&format!("/v2/monitor-call/{id}"))
        .replace("http://", "ws://");
    let mut request = url.into_client_request().unwrap();
    request
        .headers_mut()
        .insert(header.0, header.1.parse().unwrap());
    connect_async(request).await.unwrap()
}

async fn by_header(bench: &Bench, id: &str) -> Socket {
    watch(bench, id, ("authorization", &format!("Bearer {KEY}")))
        .await
        .0
}

async fn next(socket: &mut Socket) -> Message {
    loop {
        let message = tokio::time::timeout(PATIENCE, socket.next())
            .await
            .expect("a message");
        match message.unwrap().unwrap() {
            Message::Ping(_) | Message::Pong(_) => {}
            message => return message,
        }
    }
}

async fn close_code(socket: &mut Socket) -> (u16, String) {
    loop {
        if let Message::Close(frame) = next(socket).await {
            let frame = frame.unwrap();
            return (frame.code.into(), frame.reason.to_string());
        }
    }
}

#[tokio::test]
async fn a_call_is_followed_word_by_word_to_its_end() {
    let bench = Bench::start().await;
    let (id, _peer) = bench.joined("agent_test_tools").await;
    let mut monitor = bench.client.monitor_call(&id).unwrap();
    let mut items: BTreeMap<String, MonitorItem> = BTreeMap::new();
    let mut growing = 0;
    let mut reason = None;
    let closed = loop {
        let event = tokio::time::timeout(PATIENCE, monitor.next())
            .await
            .unwrap()
            .unwrap();
        match event {
            MonitorEvent::Message(
                MonitorMessage::TranscriptSnapshot(new) | MonitorMessage::TranscriptUpdated(new),
            ) => {
                for item in new.transcripts {
                    let known = items.insert(item.id.clone(), item.clone());
                    growing += usize::from(known.is_some_and(|known| {
                        assert!((known.time_sec - item.time_sec).abs() < f64::EPSILON);
                        known != item
                    }));
                }
            }
            MonitorEvent::Message(MonitorMessage::CallEnded(end)) => {
                reason = end.disconnection_reason;
            }
            MonitorEvent::Message(other) => panic!("{other:?}"),
            MonitorEvent::Closed {
                cause,
                code,
                reason,
            } => break (cause, code, reason),
        }
    };
    assert_eq!(
        closed,
        (CloseCause::Ended, Some(1000), "call_ended".to_owned())
    );
    assert_eq!(reason, Some(DisconnectionReason::AgentHangup));
    assert!(growing > 0, "what is said grows while it is said");
    let call = bench.ended(&id).await;
    let final_items = call.transcript_with_tool_calls.unwrap();
    let mut ordered: Vec<&MonitorItem> = items.values().collect();
    ordered.sort_by(|a, b| a.time_sec.total_cmp(&b.time_sec));
    assert_eq!(ordered.len(), final_items.len());
    let mut roles: Vec<&str> = ordered.iter().map(|item| item.item.role()).collect();
    roles.sort_unstable();
    roles.dedup();
    let expected = [
        "agent",
        "dtmf",
        "node_transition",
        "sms",
        "tool_call_invocation",
        "tool_call_result",
    ];
    assert_eq!(roles, expected);
    let said = |wanted: &str| {
        ordered.iter().any(|item| {
            item.item
                .as_utterance()
                .is_some_and(|u| u.content == wanted)
        })
    };
    assert!(
        said("The answer is forty two, {{customer}}."),
        "{ordered:?}"
    );
}

#[tokio::test]
async fn browsers_authenticate_by_sub_protocol() {
    let bench = Bench::start().await;
    let (id, _peer) = bench.joined("agent_test_silent").await;
    for offer in [format!("bearer, {KEY}"), format!("bearer, {KEY}, org_1")] {
        let (mut socket, response) = watch(&bench, &id, ("sec-websocket-protocol", &offer)).await;
        assert_eq!(response.headers()["sec-websocket-protocol"], "bearer");
        let Message::Text(first) = next(&mut socket).await else {
            panic!("text")
        };
        let first: serde_json::Value = serde_json::from_str(&first).unwrap();
        assert_eq!(
            first,
            json!({ "type": "transcript_snapshot", "transcripts": [] })
        );
    }
    let (mut socket, _) = watch(&bench, &id, ("sec-websocket-protocol", "bearer, wrong")).await;
    assert_eq!(close_code(&mut socket).await.0, 4001);
    let (mut socket, _) = watch(&bench, &id, ("authorization", "Bearer wrong")).await;
    assert_eq!(close_code(&mut socket).await.0, 4001);
}

#[tokio::test]
async fn a_call_that_is_not_live_is_not_to_be_watched() {
    let bench = Bench::start().await;
    let waiting = bench.web_call("agent_test_silent").await.call_id;
    for id in [waiting.as_str(), "call_none"] {
        assert_eq!(
            close_code(&mut by_header(&bench, id).await).await.0,
            4004,
            "{id}"
        );
    }
}

#[tokio::test]
async fn five_may_watch_and_the_sixth_may_not() {
    let bench = Bench::start().await;
    let (id, _peer) = bench.joined("agent_test_silent").await;
    let mut watchers = Vec::new();
    for _ in 0..5 {
        let mut socket = by_header(&bench, &id).await;
        next(&mut socket).await;
        watchers.push(socket);
    }
    let (code, reason) = close_code(&mut by_header(&bench, &id).await).await;
    assert_eq!((code, reason.as_str()), (4008, "max watchers reached"));
    let mut leaving = watchers.pop().unwrap();
    leaving.close(None).await.unwrap();
    let mut admitted = false;
    for _ in 0..200 {
        let mut socket = by_header(&bench, &id).await;
        if matches!(next(&mut socket).await, Message::Text(_)) {
            admitted = true;
            break;
        }
    }
    assert!(admitted, "there was a place again");
    // What a watcher says is ignored.
    watchers[0]
        .send(Message::Text("hello?".into()))
        .await
        .unwrap();
    bench.client.stop_call(&id).await.unwrap();
    assert_eq!(
        close_code(&mut watchers[0]).await,
        (1000, "call_ended".to_owned())
    );
}

#[tokio::test]
async fn a_take_over_ends_the_transcript_for_everybody() {
    let bench = Bench::start().await;
    let (id, _peer) = bench.joined("agent_test_silent").await;
    let mut socket = by_header(&bench, &id).await;
    next(&mut socket).await;
    let (listening, _staff) = bench.listener(&id).await;
    bench
        .client
        .take_over_live_call(&id, &participant(&listening.participant_id))
        .await
        .unwrap();
    let Message::Text(last) = next(&mut socket).await else {
        panic!("text")
    };
    let last: serde_json::Value = serde_json::from_str(&last).unwrap();
    assert_eq!(last["type"], "call_ended");
    assert_eq!(last["disconnection_reason"], "call_take_over");
    assert_eq!(close_code(&mut socket).await.0, 1000);
    assert_eq!(close_code(&mut by_header(&bench, &id).await).await.0, 4004);
}

#[tokio::test]
async fn a_reset_sends_watchers_away() {
    let bench = Bench::start().await;
    let (id, _peer) = bench.joined("agent_test_silent").await;
    let mut socket = by_header(&bench, &id).await;
    bench.control("/reset", json!({})).await;
    assert_eq!(close_code(&mut socket).await.0, 1012);
}
