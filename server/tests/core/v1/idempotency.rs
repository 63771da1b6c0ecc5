//! Requests that are sent again.

use std::time::Duration;

use api::keys::ApiScope;
use api::problem::slug;
use serde_json::{Value, json};
use wiremock::matchers::{body_partial_json, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{Scratch, TestServer, problem};
use crate::v1::{make, program, retell};

#[tokio::test]
async fn a_repeated_creation_is_done_once_even_over_a_restart() {
    for scratch in Scratch::each().await {
        let retell = retell().await;
        let server = TestServer::start_with(scratch, &retell.uri(), |_| {}).await;
        let made = make(&server, &server.tenant, &[ApiScope::CallsWrite]).await;
        let dial = async |server: &TestServer, key: &str, to: &str| {
            let request = server.http.post(server.url("/api/v1/phone-calls"));
            let body = json!({"to_number": to, "agent_id": "agent_1"});
            let request = request
                .bearer_auth(&made.secret)
                .header("idempotency-key", key);
            request.body(body.to_string()).send().await.unwrap()
        };
        let first = dial(&server, "order 7", "+34911230100").await;
        assert_eq!(first.status(), 201);
        assert!(!first.headers().contains_key("idempotency-replayed"));
        let first = first.text().await.unwrap();
        let again = dial(&server, "order 7", "+34911230100").await;
        assert_eq!(again.status(), 201);
        assert_eq!(again.headers()["idempotency-replayed"], "true");
        assert_eq!(again.headers()["content-type"], "application/json");
        assert_eq!(again.text().await.unwrap(), first);
        let other = dial(&server, "order 7", "+34911230101").await;
        problem(other, 422, slug::IDEMPOTENCY_KEY_REUSED).await;
        let wrong = dial(&server, &"x".repeat(256), "+34911230100").await;
        problem(wrong, 400, slug::REQUEST_INVALID).await;

        let scratch = server.stop_for_now().await;
        let server = TestServer::start_with(scratch, &retell.uri(), |_| {}).await;
        let later = dial(&server, "order 7", "+34911230100").await;
        assert_eq!(later.text().await.unwrap(), first);
        let asked = retell.received_requests().await.unwrap();
        let dialled: Vec<Value> = asked
            .iter()
            .filter(|asked| asked.url.path() == "/v2/create-phone-call")
            .map(|asked| asked.body_json().unwrap())
            .collect();
        assert_eq!(dialled.len(), 1, "Retell was asked once");
        assert!(dialled[0]["idempotency_key"].is_string());
        server.stop().await;
    }
}

#[tokio::test]
async fn a_creation_that_is_under_way_is_not_begun_again_and_a_failed_one_is() {
    let retell = MockServer::start().await;
    let server = TestServer::start(&retell).await;
    let program = program(&server, &[ApiScope::CallsWrite]).await;
    let mint = async || {
        let request = program.request("POST", "/api/v1/web-calls");
        let body = json!({"agent_id": "agent_1"}).to_string();
        request
            .header("idempotency-key", "one")
            .body(body)
            .send()
            .await
            .unwrap()
    };
    // It fails: it may be sent again.
    let failing = Mock::given(method("POST"))
        .respond_with(ResponseTemplate::new(500))
        .expect(1)
        .mount_as_scoped(&retell)
        .await;
    problem(mint().await, 502, slug::RETELL_FAILED).await;
    drop(failing);
    let access = json!({"call_id": "call_1", "access_token": "t", "transport": "gateway"});
    Mock::given(method("POST"))
        .and(path("/v3/create-web-call"))
        .and(body_partial_json(json!({"agent_id": "agent_1"})))
        .respond_with(
            ResponseTemplate::new(201)
                .set_body_json(access)
                // Long enough to be met under way.
                .set_delay(Duration::from_millis(500)),
        )
        .expect(1)
        .mount(&retell)
        .await;
    let (one, two) = tokio::join!(mint(), mint());
    let (done, early) = if one.status() == 201 {
        (one, two)
    } else {
        (two, one)
    };
    assert_eq!(done.status(), 201);
    // The other came while it was worked on, or after it.
    if early.status() != 201 {
        problem(early, 409, slug::IDEMPOTENCY_IN_PROGRESS).await;
    }
    assert_eq!(mint().await.status(), 201);
    server.stop().await;
}
