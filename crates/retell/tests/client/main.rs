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
use serde_json::{Value, json};
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
