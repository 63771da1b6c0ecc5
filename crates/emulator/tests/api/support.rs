//! An emulator for a test, a client of it, and a receiver of its webhooks.

use std::time::Duration;

use emulator::testing::Peer;
use emulator::{Config, Emulator};
use http::Method;
use receiver::Receiver;
use retell::Client;
use retell::models::{
    Call, CallStatus, CreateWebCall, ListenLiveCall, TakeOverLiveCall, WebCallAccess,
};
use serde_json::Value;

pub(crate) const KEY: &str = "key_for_tests";

/// Longer than anything takes; only what never happens waits so long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// An emulator and what talks to it.
pub(crate) struct Bench {
    pub(crate) emulator: Emulator,
    pub(crate) client: Client,
    pub(crate) http: reqwest::Client,
}

impl Bench {
    pub(crate) async fn start() -> Self {
        Self::with(Config::default()).await
    }

    pub(crate) async fn with(config: Config) -> Self {
        let config = Config {
            api_key: KEY.to_owned(),
            ..config
        };
        let emulator = Emulator::start(config).await.unwrap();
        let client = Client::builder(KEY)
            .base_url(emulator.url())
            .build()
            .unwrap();
        Self {
            emulator,
            client,
            http: reqwest::Client::new(),
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.emulator.url())
    }

    /// A request with the API key: status and JSON (null if none).
    pub(crate) async fn request(&self, method: Method, path: &str, body: Value) -> (u16, Value) {
        let request = self
            .http
            .request(method, self.url(path))
            .bearer_auth(KEY)
            .json(&body);
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        self.request(Method::GET, path, Value::Null).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.request(Method::POST, path, body).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> (u16, Value) {
        self.request(Method::PUT, path, body).await
    }

    /// Tells the emulator something that must work.
    pub(crate) async fn control(&self, path: &str, body: Value) {
        let (status, answer) = self.post(&format!("/_emulator{path}"), body).await;
        assert_eq!(status, 204, "{path}: {answer}");
    }

    pub(crate) async fn settings(&self, changes: Value) {
        let (status, answer) = self.put("/_emulator/settings", changes).await;
        assert_eq!(status, 200, "{answer}");
    }

    pub(crate) async fn web_call(&self, agent: &str) -> WebCallAccess {
        let call = CreateWebCall {
            agent_id: agent.to_owned(),
            ..CreateWebCall::default()
        };
        self.client.create_web_call(&call).await.unwrap()
    }

    /// A web call whose visitor has joined.
    pub(crate) async fn joined(&self, agent: &str) -> (String, Peer) {
        let access = self.web_call(agent).await;
        let peer = Peer::connect(self.emulator.url(), &access.access_token, &access.call_id)
            .await
            .unwrap();
        self.call_until(&access.call_id, |call| {
            call.call_status == Some(CallStatus::Ongoing)
        })
        .await;
        (access.call_id, peer)
    }

    /// Somebody who listens to a call, and what for they were let in.
    pub(crate) async fn listener(&self, id: &str) -> (ListenLiveCall, Peer) {
        let access = self.client.listen_live_call(id).await.unwrap();
        let (url, token) = (self.emulator.url(), &access.access_token);
        let peer = Peer::listen(url, token, id, &access.participant_id).await;
        (access, peer.unwrap())
    }

    /// Asks for a call until it is as wanted.
    pub(crate) async fn call_until(&self, id: &str, wanted: impl Fn(&Call) -> bool) -> Call {
        let asking = async {
            loop {
                let call = self.client.get_call(id).await.unwrap();
                if wanted(&call) {
                    return call;
                }
                tokio::time::sleep(Duration::from_millis(25)).await;
            }
        };
        match tokio::time::timeout(PATIENCE, asking).await {
            Ok(call) => call,
            Err(_) => {
                let call = self.client.get_call(id).await.unwrap();
                panic!(
                    "waited in vain: {}",
                    serde_json::to_string_pretty(&call).unwrap()
                )
            }
        }
    }

    /// Looks inside a call until its first leg is in this state.
    pub(crate) async fn inside_until(&self, id: &str, state: &str) -> Value {
        let looking = async {
            loop {
                let (_, inside) = self.get(&format!("/_emulator/calls/{id}")).await;
                if inside["room"]["legs"][0]["state"] == state {
                    return inside;
                }
                tokio::time::sleep(Duration::from_millis(25)).await;
            }
        };
        tokio::time::timeout(PATIENCE, looking).await.expect(state)
    }

    pub(crate) async fn ended(&self, id: &str) -> Call {
        self.call_until(id, |call| {
            call.call_status.as_ref().is_some_and(CallStatus::is_over)
        })
        .await
    }

    pub(crate) async fn analyzed(&self, id: &str) -> Call {
        self.call_until(id, |call| call.call_analysis.is_some())
            .await
    }
}

/// The body of take-over-live-call.
pub(crate) fn participant(id: &str) -> TakeOverLiveCall {
    TakeOverLiveCall {
        participant_id: id.to_owned(),
    }
}

/// Requests up to and with the one for this event; their events.
pub(crate) async fn until(receiver: &Receiver, event: &str) -> Vec<String> {
    let mut events = Vec::new();
    while events.last().is_none_or(|last| last != event) {
        events.push(receiver.next().await.event());
    }
    events
}
