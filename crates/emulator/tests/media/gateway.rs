//! The test peer through the emulator's front door: REST and signalling.

use std::time::Duration;

use emulator::testing::{Peer, PeerError};
use emulator::{Config, Emulator};
use serde_json::{Value, json};

struct Gateway {
    emulator: Emulator,
    api_key: String,
    http: reqwest::Client,
}

impl Gateway {
    async fn start() -> Gateway {
        let config = Config::default();
        let api_key = config.api_key.clone();
        let emulator = Emulator::start(config).await.expect("it starts");
        Gateway {
            emulator,
            api_key,
            http: reqwest::Client::new(),
        }
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let request = self
            .http
            .post(format!("{}{path}", self.emulator.url()))
            .json(&body);
        let response = request
            .bearer_auth(&self.api_key)
            .send()
            .await
            .expect("an answer");
        assert!(
            response.status().is_success(),
            "{path}: {}",
            response.status()
        );
        response.json().await.expect("JSON")
    }

    /// A call and its visitor.
    async fn call(&self) -> (String, Peer) {
        let call = self
            .post(
                "/v3/create-web-call",
                json!({"agent_id": "agent_test_short"}),
            )
            .await;
        let id = call["call_id"].as_str().expect("an id").to_owned();
        let token = call["access_token"].as_str().expect("a token");
        // The room appears a moment after the call.
        loop {
            match Peer::connect(self.emulator.url(), token, &id).await {
                Err(PeerError::Refused { status: 404, .. }) => {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                joined => return (id, joined.expect("the visitor joins")),
            }
        }
    }
}

#[tokio::test]
async fn a_visitor_hears_the_agent_and_hangs_up() {
    let gateway = Gateway::start().await;
    let (_, visitor) = gateway.call().await;
    visitor.wait_for_voice().await.unwrap();
    visitor.reconnect().await.unwrap();
    visitor.forget().await;
    visitor
        .wait_for("audio after a restart", |view| view.heard.len() > 8_000)
        .await
        .unwrap();
    visitor.hang_up().await.unwrap();
    gateway.emulator.shutdown().await;
}

#[tokio::test]
async fn a_supervisor_listens_and_takes_over() {
    let gateway = Gateway::start().await;
    let (id, visitor) = gateway.call().await;
    visitor
        .wait_for("the connection", |view| view.connected)
        .await
        .unwrap();
    let access = loop {
        // Listening needs a call that is live, which it becomes on connecting.
        let url = format!("{}/v2/listen-live-call/{id}", gateway.emulator.url());
        let request = gateway
            .http
            .post(url)
            .bearer_auth(&gateway.api_key)
            .json(&json!({}));
        let response = request.send().await.unwrap();
        if response.status().is_success() {
            break response.json::<Value>().await.unwrap();
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    let token = access["access_token"].as_str().unwrap();
    let participant = access["participant_id"].as_str().unwrap();
    let supervisor = Peer::listen(gateway.emulator.url(), token, &id, participant)
        .await
        .unwrap();
    visitor.hum(Some(1_200.0));
    let visitor_heard = |view: &emulator::testing::View| view.tone(1_200.0, 300) > 0.5;
    supervisor
        .wait_for("the visitor", visitor_heard)
        .await
        .unwrap();

    let taken = json!({"participant_id": participant});
    gateway
        .post(&format!("/v2/take-over-live-call/{id}"), taken)
        .await;
    supervisor.start_sending().await.unwrap();
    supervisor.hum(Some(600.0));
    visitor
        .wait_for("the supervisor", |view| view.tone(600.0, 300) > 0.9)
        .await
        .unwrap();
    gateway.emulator.shutdown().await;
}
