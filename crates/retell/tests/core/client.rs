//! The REST client against a server that fails in every way it should survive.

#![expect(
    clippy::unwrap_used,
    reason = "a function that a test calls may fail the test"
)]

mod failures;
mod retries;
mod routes;

use std::time::Duration;

use retell::models::{
    CallControl, CreatePhoneCall, CreateWebCall, FieldsToOverride, UpdateLiveCall,
};
use retell::{Client, RetryPolicy};
use serde_json::{Map, Value, json};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

pub(crate) const KEY: &str = "key_secret_of_the_test";

/// Two quick retries.
pub(crate) fn quick() -> RetryPolicy {
    RetryPolicy {
        first_delay: Duration::from_millis(1),
        max_delay: Duration::from_millis(4),
        ..RetryPolicy::default()
    }
}

pub(crate) fn client(base_url: &str) -> Client {
    Client::builder(KEY)
        .base_url(base_url)
        .retry(quick())
        .build()
        .unwrap()
}

pub(crate) fn new_web_call() -> CreateWebCall {
    CreateWebCall {
        agent_id: "agent_1".into(),
        ..CreateWebCall::default()
    }
}

pub(crate) fn new_phone_call(idempotency_key: Option<&str>) -> CreatePhoneCall {
    CreatePhoneCall {
        from_number: "+14155550100".into(),
        to_number: "+493012345678".into(),
        idempotency_key: idempotency_key.map(Into::into),
        ..CreatePhoneCall::default()
    }
}

pub(crate) fn context() -> UpdateLiveCall {
    UpdateLiveCall {
        call_control: Some(CallControl {
            additional_context: Some("member".into()),
            trigger_response: None,
        }),
        ..UpdateLiveCall::default()
    }
}

pub(crate) fn overrides() -> UpdateLiveCall {
    UpdateLiveCall {
        fields_to_override: Some(FieldsToOverride {
            metadata: Some(json!({"a": 1})),
            ..FieldsToOverride::default()
        }),
        ..UpdateLiveCall::default()
    }
}

pub(crate) async fn answering(status: u16, body: Value) -> MockServer {
    let server = MockServer::start().await;
    let template = ResponseTemplate::new(status).set_body_json(body);
    Mock::given(any())
        .respond_with(template)
        .mount(&server)
        .await;
    server
}

pub(crate) async fn requests(server: &MockServer) -> usize {
    server.received_requests().await.unwrap().len()
}

/// Checks each request a server got by the operation of the official SDK that it is: its path,
/// its query and every key of its body.
pub(crate) async fn expect_by_the_sdk(server: &MockServer) {
    for request in server.received_requests().await.unwrap() {
        let asked = format!("{} {}", request.method, request.url.path());
        let (name, operation) = retell_spec::operations()
            .find(|(name, _)| fits(name, &asked))
            .unwrap_or_else(|| panic!("the SDK has no {asked}"));
        let query: Map<String, Value> = request
            .url
            .query_pairs()
            .map(|(key, value)| (key.into_owned(), value.into()))
            .collect();
        for key in query.keys() {
            let known = operation.query_names().any(|it| it == key);
            assert!(known, "{name} takes no {key} in its query");
        }
        if let Err(wrong) = operation.read_query(query) {
            panic!("{name}: {wrong}");
        }
        let body = match &request.body[..] {
            [] => json!({}),
            body => serde_json::from_slice(body).unwrap(),
        };
        if let Err(wrong) = operation.check_every_key(&body) {
            panic!("{name}: {wrong}");
        }
        let empty = body.as_object().is_some_and(Map::is_empty);
        assert!(operation.takes_body() || empty, "{name} takes no body");
    }
}

/// Whether a request is for the operation of this name, whose path has parameters.
fn fits(name: &str, asked: &str) -> bool {
    let (mut name, mut asked) = (name.split('/'), asked.split('/'));
    loop {
        match (name.next(), asked.next()) {
            (None, None) => return true,
            (Some(part), Some(its)) if part == its || part.starts_with('{') => {}
            _ => return false,
        }
    }
}

/// Fails `failures` times with a status, then answers.
pub(crate) async fn recovering(status: u16, failures: u64, body: Value) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(status))
        .up_to_n_times(failures)
        .mount(&server)
        .await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(200).set_body_json(body))
        .mount(&server)
        .await;
    server
}
