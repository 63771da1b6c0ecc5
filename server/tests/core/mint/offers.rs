//! The offer travels with the request for a call, and the answer with the call.

use std::time::Duration;

use api::public::CallAccess;
use serde_json::{Value, json};
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{TestServer, answers, asked, in_time, retell_that_mints};

const SESSIONS: &str = "/webrtc-proxy/call_1/v1/webrtc/sessions";

async fn mint(server: &TestServer) -> CallAccess {
    let request = json!({"key": "pk_open", "offer": "v=0 of the visitor"});
    let answer = in_time(server.mint(&request)).await;
    assert_eq!(answer.status(), 201);
    answer.json().await.unwrap()
}

fn joined() -> ResponseTemplate {
    let session = json!({"session_id": "session_1", "sdp": "v=0 of the gateway"});
    ResponseTemplate::new(201).set_body_json(session)
}

/// The bodies of the offers the gateway got, with the token of each.
async fn offers(retell: &MockServer) -> Vec<(String, Value)> {
    let mut asked = asked(retell).await;
    asked.retain(|it| it.url.path() == SESSIONS);
    let read = |it: &wiremock::Request| {
        let token = it.headers["authorization"].to_str().unwrap().to_owned();
        (token, serde_json::from_slice(&it.body).unwrap())
    };
    asked.iter().map(read).collect()
}

#[tokio::test]
async fn the_answer_comes_with_the_call() {
    let retell = retell_that_mints().await;
    // The room appears a moment after the call.
    Mock::given(path(SESSIONS))
        .respond_with(ResponseTemplate::new(404))
        .up_to_n_times(2)
        .mount(&retell)
        .await;
    answers(&retell, "POST", SESSIONS, joined()).await;
    let server = TestServer::start(&retell).await;
    let access = mint(&server).await;
    assert_eq!(access.call_id, "call_1");
    let answer = access.answer.expect("an answer");
    assert_eq!(answer.session_id, "session_1");
    assert_eq!(answer.sdp.0, "v=0 of the gateway");
    let offer = json!({"identity": "client", "sdp": "v=0 of the visitor"});
    let offer = ("Bearer token_1".to_owned(), offer);
    assert_eq!(offers(&retell).await, [offer.clone(), offer.clone(), offer]);
    server.stop().await;
}

#[tokio::test]
async fn who_sends_no_offer_gets_a_call_to_join() {
    let retell = retell_that_mints().await;
    let server = TestServer::start(&retell).await;
    let answer = server.mint(&json!({"key": "pk_open"})).await;
    let access: Value = answer.json().await.unwrap();
    assert_eq!(access.get("answer"), None);
    assert!(offers(&retell).await.is_empty());
    server.stop().await;
}

#[tokio::test]
async fn a_gateway_that_takes_no_offer_is_left_to_the_panel() {
    let refusals = [400, 401, 409, 500].map(ResponseTemplate::new);
    // Neither a session nor an end to it.
    let odd = ResponseTemplate::new(201).set_body_string("<html>");
    let slow = joined().set_delay(Duration::from_secs(60));
    for refusal in refusals.into_iter().chain([odd, slow]) {
        let retell = retell_that_mints().await;
        answers(&retell, "POST", SESSIONS, refusal).await;
        let server = TestServer::start(&retell).await;
        let access = mint(&server).await;
        assert_eq!(access.access_token, "token_1");
        assert_eq!(access.answer, None);
        // The token may be spent: it is not asked again from here.
        assert_eq!(offers(&retell).await.len(), 1);
        server.stop().await;
    }
}

#[tokio::test]
async fn a_room_that_does_not_come_soon_is_left_to_the_panel() {
    let retell = retell_that_mints().await;
    let server = TestServer::start(&retell).await;
    assert_eq!(mint(&server).await.answer, None);
    assert!(offers(&retell).await.len() > 2);
    server.stop().await;
}
