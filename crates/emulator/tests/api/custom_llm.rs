//! Agents that think elsewhere: a WebSocket server of the test's is asked,
//! and its words are spoken.

use futures_util::{SinkExt, StreamExt};
use http::Method;
use retell::models::{Call, CreateWebCall, DisconnectionReason};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::{WebSocketStream, accept_hdr_async};

use emulator::testing::Peer;

use crate::support::{Bench, PATIENCE};

/// A server for agents to think with.
struct Server {
    listener: TcpListener,
    agent: String,
}

impl Server {
    /// One, and an agent that thinks with it.
    async fn start(bench: &Bench) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!(
            "ws://{}/llm/?who={{{{name}}}}",
            listener.local_addr().unwrap()
        );
        let agent = json!({
            "response_engine": { "type": "custom-llm", "llm_websocket_url": url },
            "voice_id": "retell-Cimo",
            "language": "en-US",
            "end_call_after_silence_ms": 86_400_000,
        });
        let (status, agent) = bench.post("/create-agent", agent).await;
        assert_eq!(status, 201, "{agent}");
        let agent = agent["agent_id"].as_str().unwrap().to_owned();
        Self { listener, agent }
    }

    /// The next connection, and what was asked for.
    async fn accept(&self) -> (Socket, String) {
        let accepting = async {
            let (stream, _) = self.listener.accept().await.unwrap();
            let mut path = String::new();
            #[expect(clippy::result_large_err, reason = "the library's own type")]
            let noted = |request: &Request, response: Response| {
                path = request.uri().to_string();
                Ok(response)
            };
            let stream = accept_hdr_async(stream, noted).await.unwrap();
            (Socket(stream), path)
        };
        tokio::time::timeout(PATIENCE, accepting)
            .await
            .expect("a connection")
    }
}

/// A call of an agent's, whose visitor has joined.
async fn begin(bench: &Bench, agent: &str) -> (String, Peer) {
    let settings = json!({ "join_window_ms": 86_400_000 });
    bench.settings(settings).await;
    let call = CreateWebCall {
        agent_id: agent.to_owned(),
        retell_llm_dynamic_variables: Some([("name".to_owned(), "Ada".to_owned())].into()),
        ..CreateWebCall::default()
    };
    let access = bench.client.create_web_call(&call).await.unwrap();
    let (url, token) = (bench.emulator.url(), &access.access_token);
    let visitor = Peer::connect(url, token, &access.call_id).await.unwrap();
    (access.call_id, visitor)
}

struct Socket(WebSocketStream<TcpStream>);

impl Socket {
    async fn send(&mut self, frame: Value) {
        self.0.send(Message::text(frame.to_string())).await.unwrap();
    }

    /// Answers, all at once.
    async fn say(&mut self, id: u64, content: &str) {
        let frame = json!({
            "response_type": "response", "response_id": id,
            "content": content, "content_complete": true,
        });
        self.send(frame).await;
    }

    async fn message(&mut self) -> Message {
        let next = tokio::time::timeout(PATIENCE, self.0.next()).await;
        next.expect("a message").unwrap().unwrap()
    }

    /// The next frame of this type.
    async fn next(&mut self, kind: &str) -> Value {
        loop {
            if let Message::Text(text) = self.message().await {
                let frame: Value = serde_json::from_str(&text).unwrap();
                if frame["interaction_type"] == kind {
                    return frame;
                }
            }
        }
    }

    /// The code it is closed with.
    async fn closed(&mut self) -> Option<u16> {
        loop {
            if let Message::Close(frame) = self.message().await {
                return frame.map(|frame| frame.code.into());
            }
        }
    }
}

async fn user_says(bench: &Bench, call: &str, text: &str) {
    let body = json!({ "role": "user", "text": text });
    bench.control(&format!("/calls/{call}/say"), body).await;
}

fn tools(call: &Call) -> Vec<Value> {
    let items = serde_json::to_value(&call.transcript_with_tool_calls).unwrap();
    let all = items.as_array().unwrap().iter();
    all.filter(|item| item["role"] != "agent" && item["role"] != "user")
        .cloned()
        .collect()
}

#[tokio::test]
async fn a_call_is_led_by_what_its_own_server_says() {
    let bench = Bench::start().await;
    let server = Server::start(&bench).await;
    let (id, visitor) = begin(&bench, &server.agent).await;
    let (mut socket, path) = server.accept().await;
    assert_eq!(path, format!("/llm/{id}?who=Ada"));
    socket
        .send(json!({ "response_type": "config", "config": {
            "call_details": true, "transcript_with_tool_calls": true,
        }}))
        .await;
    let details = socket.next("call_details").await;
    assert_eq!(details["call"]["call_id"], id.as_str());
    assert_eq!(details["call"]["call_status"], "registered");

    // The first word is the server's, and is really heard.
    socket
        .say(0, "Hello, this is your own server speaking.")
        .await;
    visitor.wait_for_voice().await.unwrap();
    let update = socket.next("update_only").await;
    assert_eq!(update["turntaking"], "agent_turn");
    assert_eq!(update["transcript"][0]["role"], "agent");
    bench
        .call_until(&id, |call| {
            call.transcript.as_deref() == Some("Agent: Hello, this is your own server speaking.\n")
        })
        .await;

    user_says(&bench, &id, "What time is it?").await;
    let asked = socket.next("response_required").await;
    assert_eq!(asked["response_id"], 1);
    assert_eq!(asked["transcript"][1]["content"], "What time is it?");
    // Not asked for, of the wrong type, or out of date: no word of it is said.
    socket.say(7, "Nonsense.").await;
    socket
        .send(json!({ "response_id": "1", "content": 1 }))
        .await;
    socket
        .send(json!({
            "response_type": "tool_call_invocation",
            "tool_call_id": "t1", "name": "clock", "arguments": "{\"zone\":\"UTC\"}",
        }))
        .await;
    socket
        .send(json!({
            "response_type": "tool_call_result", "tool_call_id": "t1", "content": "noon", "successful": true,
        }))
        .await;
    socket
        .send(json!({
            "response_id": 1, "content": "It is noon. Goodbye.", "content_complete": true,
            "end_call": true, "digit_to_press": "1",
        }))
        .await;
    let call = bench.ended(&id).await;
    assert_eq!(
        call.disconnection_reason,
        Some(DisconnectionReason::AgentHangup)
    );
    let spoken = call.transcript.as_deref().unwrap();
    assert!(
        spoken.ends_with("User: What time is it?\nAgent: It is noon. Goodbye.\n"),
        "{spoken}"
    );
    let tools = tools(&call);
    let names: Vec<&str> = tools.iter().filter_map(|it| it["name"].as_str()).collect();
    assert_eq!(names, ["clock", "end_call"]);
    assert_eq!(tools[1]["content"], "noon");
    // There is no more to say.
    assert_eq!(socket.closed().await, None);
    drop(visitor);
}

#[tokio::test]
async fn a_silent_visitor_is_asked_about_and_the_server_can_interrupt_itself() {
    let bench = Bench::start().await;
    let server = Server::start(&bench).await;
    let (id, _visitor) = begin(&bench, &server.agent).await;
    let (mut socket, _) = server.accept().await;
    socket
        .send(json!({ "response_type": "update_agent", "agent_config": {
            "reminder_trigger_ms": 300, "reminder_max_count": 1,
        }}))
        .await;
    socket.say(0, "").await;
    let reminder = socket.next("reminder_required").await;
    assert_eq!(reminder["response_id"], 1);
    socket
        .send(json!({
            "response_id": 1, "content_complete": false,
            "content": "This is a line that is far too long to be listened to until it has come to its end.",
        }))
        .await;
    socket.next("update_only").await;
    socket
        .send(json!({
            "response_type": "agent_interrupt", "interrupt_id": 1,
            "content": "Wait.", "content_complete": true,
        }))
        .await;
    // It has cancelled the response.
    socket.say(1, "More of the line.").await;
    let heard = bench
        .call_until(&id, |call| {
            call.transcript
                .as_deref()
                .is_some_and(|it| it.ends_with("Agent: Wait.\n"))
        })
        .await;
    assert!(!heard.transcript.unwrap().contains("its end"));
    socket.0.close(None).await.unwrap();
    assert_eq!(
        bench.ended(&id).await.disconnection_reason,
        Some(DisconnectionReason::from("error_llm_websocket_open"))
    );
}

#[tokio::test]
async fn keys_are_pressed_and_calls_handed_over_after_the_words() {
    let bench = Bench::start().await;
    let server = Server::start(&bench).await;
    let (id, _visitor) = begin(&bench, &server.agent).await;
    let (mut socket, _) = server.accept().await;
    socket
        .send(json!({
            "response_id": 0, "content": "One.", "content_complete": true, "digit_to_press": "1",
        }))
        .await;
    bench
        .call_until(&id, |call| {
            call.transcript_with_tool_calls
                .as_ref()
                .is_some_and(|it| it.len() == 2)
        })
        .await;
    user_says(&bench, &id, "A person, please.").await;
    let asked = socket.next("response_required").await;
    bench.control("/clock", json!({ "speed": 50 })).await;
    socket
        .send(json!({
            "response_id": asked["response_id"], "content": "One moment.", "content_complete": true,
            "transfer_number": "+14155550123",
        }))
        .await;
    let call = bench.ended(&id).await;
    assert_eq!(
        call.disconnection_reason,
        Some(DisconnectionReason::CallTransfer)
    );
    assert_eq!(call.transfer_destination.as_deref(), Some("+14155550123"));
    let tools = tools(&call);
    assert_eq!(tools[0]["name"], "press_digit");
    assert_eq!(tools[0]["arguments"], r#"{"digit":"1"}"#);
    assert_eq!(tools[1]["name"], "transfer_call");
}

#[tokio::test]
async fn every_end_of_the_socket_has_its_meaning() {
    let bench = Bench::start().await;
    let server = Server::start(&bench).await;
    let close = |code: u16| {
        let reason = "".into();
        Message::Close(Some(CloseFrame {
            code: code.into(),
            reason,
        }))
    };
    for (last, reason, answer) in [
        (close(1000), "agent_hangup", Some(1000)),
        (Message::Close(None), "error_llm_websocket_open", None),
        (close(1011), "error_llm_websocket_runtime", Some(1011)),
        (
            Message::binary(vec![1]),
            "error_llm_websocket_corrupt_payload",
            Some(1007),
        ),
    ] {
        let (id, _visitor) = begin(&bench, &server.agent).await;
        let (mut socket, _) = server.accept().await;
        socket.0.send(last).await.unwrap();
        assert_eq!(socket.closed().await, answer, "{reason}");
        let call = bench.ended(&id).await;
        assert_eq!(
            call.disconnection_reason,
            Some(DisconnectionReason::from(reason))
        );
        let status = if reason == "agent_hangup" {
            "ended"
        } else {
            "error"
        };
        assert_eq!(call.call_status.unwrap().as_str(), status);
    }
}

#[tokio::test]
async fn a_server_that_cannot_be_had_or_kept_ends_the_call() {
    let bench = Bench::start().await;
    let server = Server::start(&bench).await;

    // It breaks: four times it is connected anew.
    let (id, _visitor) = begin(&bench, &server.agent).await;
    for _ in 0..5 {
        drop(server.accept().await);
    }
    let reason = |reason: &str| Some(DisconnectionReason::from(reason));
    let call = bench.ended(&id).await;
    assert_eq!(
        call.disconnection_reason,
        reason("error_llm_websocket_runtime")
    );

    // It does not answer pings: twice it is connected anew.
    bench.control("/clock", json!({ "speed": 10 })).await;
    let (id, _visitor) = begin(&bench, &server.agent).await;
    let mut silent = Vec::new();
    let serving = async {
        loop {
            let (mut socket, _) = server.accept().await;
            let config = json!({ "auto_reconnect": true });
            socket
                .send(json!({ "response_type": "config", "config": config }))
                .await;
            silent.push(socket);
        }
    };
    let call = tokio::select! {
        call = bench.ended(&id) => call,
        () = serving => return,
    };
    let lost = reason("error_llm_websocket_lost_connection");
    assert_eq!((call.disconnection_reason, silent.len()), (lost, 3));

    // It is not there.
    bench.control("/clock", json!({ "speed": 50 })).await;
    let Server { listener, agent } = server;
    drop(listener);
    let (id, _visitor) = begin(&bench, &agent).await;
    let call = bench.ended(&id).await;
    assert_eq!(
        call.disconnection_reason,
        reason("error_llm_websocket_open")
    );
}

#[tokio::test]
async fn a_server_that_answers_pings_is_kept() {
    let bench = Bench::start().await;
    bench.control("/clock", json!({ "speed": 4 })).await;
    let server = Server::start(&bench).await;
    let (id, _visitor) = begin(&bench, &server.agent).await;
    let (mut socket, _) = server.accept().await;
    let config = json!({ "auto_reconnect": true });
    socket
        .send(json!({ "response_type": "config", "config": config }))
        .await;
    // For longer than it takes to be given up.
    for _ in 0..5 {
        let ping = socket.next("ping_pong").await;
        assert!(ping["timestamp"].is_u64());
        let pong = json!({ "response_type": "ping_pong", "timestamp": ping["timestamp"] });
        socket.send(pong).await;
    }
    let end = format!("/calls/{id}/end");
    bench.control(&end, json!({})).await;
    assert_eq!(socket.closed().await, None);
}

#[tokio::test]
async fn where_custom_llms_are_not_supported_they_are_refused() {
    let bench = Bench::start().await;
    let server = Server::start(&bench).await;
    let playground = format!("/agent-playground-completion/{}", server.agent);
    let (status, _) = bench.post(&playground, json!({ "messages": [] })).await;
    assert_eq!(status, 400);
    let nowhere = json!({ "type": "custom-llm", "llm_websocket_url": "ftp://nowhere" });
    let path = format!("/update-agent/{}", server.agent);
    let changed = bench
        .request(Method::PATCH, &path, json!({ "response_engine": nowhere }))
        .await;
    assert_eq!(changed.0, 200);
    let (id, _visitor) = begin(&bench, &server.agent).await;
    assert_eq!(
        bench.ended(&id).await.disconnection_reason,
        Some(DisconnectionReason::from("error_llm_websocket_open"))
    );
}
