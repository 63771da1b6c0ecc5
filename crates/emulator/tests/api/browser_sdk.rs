//! What Retell's browser SDK 3.x does that others do not: its headers across
//! origins, and its second try of a take-over.

use http::{Method, StatusCode};
use serde_json::json;
use str0m::media::Direction;

use crate::support::{Bench, participant};

const VERSION: &str = "x-retell-client-js-sdk-version";
const TOLD: [&str; 2] = [
    "x-retell-client-js-sdk-min-version",
    "x-retell-client-js-sdk-recommended-version",
];

#[tokio::test]
async fn a_page_of_another_origin_may_send_and_read_the_sdks_headers() {
    let bench = Bench::start().await;
    let sessions = bench.url("/webrtc-proxy/call_x/v1/webrtc/sessions/s");
    let sent = "authorization,content-type,g-recaptcha-response,x-retell-client-js-sdk-version";
    for method in ["POST", "PATCH", "DELETE"] {
        let preflight = bench.http.request(Method::OPTIONS, &sessions);
        let preflight = preflight
            .header("origin", "https://shop.example")
            .header("access-control-request-method", method)
            .header("access-control-request-headers", sent);
        let allowed = preflight.send().await.unwrap();
        let header = |name: &str| allowed.headers()[name].to_str().unwrap();
        assert_eq!(
            header("access-control-allow-origin"),
            "https://shop.example"
        );
        assert_eq!(header("access-control-allow-headers"), sent);
        assert!(header("access-control-allow-methods").contains(method));
    }
    let ask = |key: &str| {
        let request = bench.http.get(bench.url("/get-concurrency"));
        let request = request.header("origin", "https://shop.example");
        request.header(VERSION, "3.0.2").bearer_auth(key).send()
    };
    let answer = ask(crate::support::KEY).await.unwrap();
    let exposed = answer.headers()["access-control-expose-headers"]
        .to_str()
        .unwrap();
    for name in TOLD {
        assert!(
            answer.headers().contains_key(name) && exposed.contains(name),
            "{name}"
        );
    }
    let refused = ask("wrong").await.unwrap();
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    assert!(
        !TOLD
            .iter()
            .any(|name| refused.headers().contains_key(*name))
    );
    let plain = bench
        .http
        .get(bench.url("/get-concurrency"))
        .send()
        .await
        .unwrap();
    assert!(!TOLD.iter().any(|name| plain.headers().contains_key(*name)));
}

#[tokio::test]
async fn a_take_over_whose_offer_failed_is_tried_again_on_the_same_session() {
    let bench = Bench::start().await;
    let (id, visitor) = bench.joined("agent_test_long").await;
    let (listening, staff) = bench.listener(&id).await;
    staff.wait_for_voice().await.unwrap();
    let taker = participant(&listening.participant_id);
    bench.client.take_over_live_call(&id, &taker).await.unwrap();

    let (_, inside) = bench.get(&format!("/_emulator/calls/{id}")).await;
    let sessions = inside["sessions"].as_array().unwrap().iter();
    let mut own = sessions.filter(|it| it["identity"] == listening.participant_id.as_str());
    let session = own.next().unwrap()["session_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("/webrtc-proxy/{id}/v1/webrtc/sessions/{session}");
    let fault =
        json!({ "match": { "method": "PATCH", "path_prefix": path }, "status": 503, "times": 1 });
    bench.control("/faults", fault).await;
    let offer = staff.change_direction(Direction::SendRecv).await.unwrap();
    let send = async || {
        let request = bench
            .http
            .patch(bench.url(&path))
            .bearer_auth(&listening.access_token);
        let request = request
            .header("content-type", "application/sdp")
            .body(offer.clone());
        request.send().await.unwrap()
    };
    assert_eq!(send().await.status(), 503);
    // An answer that is lost on its way.
    assert_eq!(send().await.status(), 200);
    let answer = send().await;
    assert_eq!(answer.status(), 200);
    staff.accept(answer.text().await.unwrap()).await.unwrap();
    staff.hum(Some(600.0));
    visitor
        .wait_for("the person's voice", |view| view.tone(600.0, 200) > 0.5)
        .await
        .unwrap();
}
