//! Joining a room: tokens, sessions, and what is refused.

use std::time::Duration;

use emulator::Config;
use emulator::testing::{Peer, PeerError};
use http::Method;
use retell::models::{CallStatus, DisconnectionReason};
use serde_json::json;
use str0m::media::Direction;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::support::Bench;

fn refusal(error: PeerError) -> u16 {
    match error {
        PeerError::Refused { status, .. } => status,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_web_call_gives_a_token_for_the_gateway() {
    let bench = Bench::start().await;
    let call = json!({
        "agent_id": "agent_test_short",
        "metadata": { "tenant": "t1" },
        "retell_llm_dynamic_variables": { "name": "Ada" },
        "some_future_field": 1,
    });
    let (status, access) = bench.post("/v3/create-web-call", call).await;
    assert_eq!((status, &access["transport"]), (201, &json!("gateway")));
    assert!(access["expires_at"].as_i64().is_some() && access["ice_servers"].is_array());
    let id = access["call_id"].as_str().unwrap();
    let (_, call) = bench.get(&format!("/v2/get-call/{id}")).await;
    assert_eq!(call["call_status"], "registered");
    assert_eq!(call["access_token"], access["access_token"]);
    assert_eq!(call["metadata"], json!({ "tenant": "t1" }));
    assert_eq!(
        call["retell_llm_dynamic_variables"],
        json!({ "name": "Ada" })
    );
    assert!(call.get("transcript").is_none());
}

#[tokio::test]
async fn a_room_that_is_not_there_yet_answers_404() {
    let bench = Bench::start().await;
    bench.settings(json!({ "room_delay_ms": 600_000 })).await;
    let access = bench.web_call("agent_test_short").await;
    let join = || Peer::connect(bench.emulator.url(), &access.access_token, &access.call_id);
    assert_eq!(refusal(join().await.unwrap_err()), 404);
    bench.control("/clock", json!({ "speed": 100_000.0 })).await;
    bench
        .call_until(&access.call_id, |call| {
            call.call_status == Some(CallStatus::Error)
        })
        .await;
}

#[tokio::test]
async fn tokens_are_checked() {
    let bench = Bench::start().await;
    bench.settings(json!({ "room_delay_ms": 0 })).await;
    let access = bench.web_call("agent_test_silent").await;
    let (url, id, token) = (bench.emulator.url(), &access.call_id, &access.access_token);

    assert_eq!(
        refusal(Peer::connect(url, "wrong", id).await.unwrap_err()),
        401
    );
    assert_eq!(
        refusal(Peer::connect(url, token, "call_none").await.unwrap_err()),
        404
    );
    assert_eq!(
        refusal(Peer::listen(url, token, id, "someone").await.unwrap_err()),
        403
    );
    let other = bench.web_call("agent_test_silent").await;
    assert_eq!(
        refusal(
            Peer::connect(url, &other.access_token, id)
                .await
                .unwrap_err()
        ),
        401
    );

    // An offer that is none does not use the token up.
    let sessions = bench.url(&format!("/webrtc-proxy/{id}/v1/webrtc/sessions"));
    let nonsense = json!({ "identity": "client", "sdp": "v=nonsense" });
    let answer = bench
        .http
        .post(&sessions)
        .bearer_auth(token)
        .json(&nonsense)
        .send()
        .await;
    assert_eq!(answer.unwrap().status(), 400);

    let _peer = Peer::connect(url, token, id).await.unwrap();
    bench
        .call_until(id, |call| call.call_status == Some(CallStatus::Ongoing))
        .await;
    assert_eq!(
        refusal(Peer::connect(url, token, id).await.unwrap_err()),
        401,
        "spent"
    );
}

#[tokio::test]
async fn a_session_is_its_tokens() {
    let bench = Bench::start().await;
    let access = bench.web_call("agent_test_silent").await;
    let (_peer, offer) = Peer::offer(Direction::SendRecv).await.unwrap();
    let sessions = bench.url(&format!(
        "/webrtc-proxy/{}/v1/webrtc/sessions",
        access.call_id
    ));
    let body = json!({ "identity": "client", "sdp": offer });
    let token = &access.access_token;
    let joined = bench
        .http
        .post(&sessions)
        .bearer_auth(token)
        .json(&body)
        .send()
        .await
        .unwrap();
    assert_eq!(joined.status(), 201);
    let joined: serde_json::Value = joined.json().await.unwrap();
    assert!(joined["sdp"].as_str().unwrap().starts_with("v=0"));
    let session = format!("{sessions}/{}", joined["session_id"].as_str().unwrap());

    let send = async |url: &str, method: Method, token: &str, body: serde_json::Value| {
        let request = bench
            .http
            .request(method, url)
            .bearer_auth(token)
            .json(&body);
        request.send().await.unwrap().status().as_u16()
    };
    let mdns = json!({ "candidate": {
        "candidate": "candidate:1 1 udp 2113937151 0a1b2c3d.local 51234 typ host",
        "sdpMid": "0", "sdpMLineIndex": 0,
    }});
    assert_eq!(
        send(&session, Method::PATCH, token, mdns.clone()).await,
        204
    );
    let last = json!({ "candidate": { "candidate": "" } });
    assert_eq!(send(&session, Method::PATCH, token, last).await, 400);
    assert_eq!(send(&session, Method::PATCH, token, json!({})).await, 400);
    let bad = json!({ "candidate": { "candidate": "candidate:nonsense" } });
    assert_eq!(send(&session, Method::PATCH, token, bad).await, 400);
    assert_eq!(
        send(&session, Method::PATCH, "other", mdns.clone()).await,
        401
    );
    assert_eq!(
        send(&session, Method::DELETE, "other", json!({})).await,
        401
    );
    let unknown = format!("{sessions}/none");
    assert_eq!(send(&unknown, Method::PATCH, token, mdns).await, 404);
    assert_eq!(send(&session, Method::DELETE, token, json!({})).await, 204);
    // Having left already is what leaving asks for.
    assert_eq!(send(&session, Method::DELETE, token, json!({})).await, 204);
}

#[tokio::test]
async fn nobody_joining_ends_the_call_with_an_error() {
    let bench = Bench::start().await;
    let access = bench.web_call("agent_test_short").await;
    bench.control("/clock", json!({ "speed": 10_000.0 })).await;
    let call = bench.analyzed(&access.call_id).await;
    assert_eq!(call.call_status, Some(CallStatus::Error));
    assert_eq!(
        call.disconnection_reason,
        Some(DisconnectionReason::ErrorUserNotJoined)
    );
    assert_eq!((call.start_timestamp, call.recording_url), (None, None));
    let late = Peer::connect(bench.emulator.url(), &access.access_token, &access.call_id).await;
    assert_eq!(refusal(late.unwrap_err()), 401);
}

#[tokio::test]
async fn candidates_that_are_none_are_of_no_use_to_a_gentle_gateway_too_but_no_error() {
    let bench = Bench::with(Config {
        gentle: true,
        ..Config::default()
    })
    .await;
    let (id, _visitor) = bench.joined("agent_test_silent").await;
    let inside = bench.inside_until(&id, "connected").await;
    let session = inside["sessions"][0]["session_id"].as_str().unwrap();
    let token = bench
        .client
        .get_call(&id)
        .await
        .unwrap()
        .access_token
        .unwrap();
    let url = bench.url(&format!("/webrtc-proxy/{id}/v1/webrtc/sessions/{session}"));
    for candidate in ["", "candidate:2 1 udp 2122260223 127.0.0.1 9 typ host"] {
        let request = bench.http.patch(&url).bearer_auth(&token);
        let request = request.json(&json!({ "candidate": { "candidate": candidate } }));
        assert_eq!(request.send().await.unwrap().status(), 204, "{candidate}");
    }
}

#[tokio::test]
async fn who_goes_away_while_joining_can_come_again() {
    let bench = Bench::start().await;
    let access = bench.web_call("agent_test_silent").await;
    let (url, id, token) = (bench.emulator.url(), &access.call_id, &access.access_token);
    let (_peer, offer) = Peer::offer(Direction::SendRecv).await.unwrap();
    let body = json!({ "identity": "client", "sdp": offer }).to_string();
    let head = format!(
        "POST /webrtc-proxy/{id}/v1/webrtc/sessions HTTP/1.1\r\nhost: here\r\n\
         authorization: Bearer {token}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    let mut gone = TcpStream::connect(bench.emulator.addr()).await.unwrap();
    gone.write_all(format!("{head}{body}").as_bytes())
        .await
        .unwrap();
    drop(gone);
    // Until its join is done, and undone.
    let peer = loop {
        match Peer::connect(url, token, id).await {
            Ok(peer) => break peer,
            Err(PeerError::Refused { status: 401, body }) if body.contains("used") => {}
            Err(error) => panic!("{error}"),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    peer.wait_for("the connection", |view| view.connected)
        .await
        .unwrap();
}
