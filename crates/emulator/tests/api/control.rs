//! The emulator's own routes.

use std::time::Duration;

use emulator::Config;
use http::Method;
use receiver::Receiver;
use retell::models::{CallStatus, DisconnectionReason};
use serde_json::json;

use crate::support::{Bench, until};

#[tokio::test]
async fn requests_are_written_down_without_secrets() {
    let bench = Bench::start().await;
    bench
        .post("/v2/list-agents?limit=3", json!({ "filter_criteria": {} }))
        .await;
    let (_, requests) = bench.get("/_emulator/requests").await;
    let request = &requests[0];
    assert_eq!(
        (&request["method"], &request["path"]),
        (&json!("POST"), &json!("/v2/list-agents"))
    );
    assert_eq!(
        (&request["query"], &request["status"]),
        (&json!("limit=3"), &json!(200))
    );
    assert_eq!(request["body"], json!(r#"{"filter_criteria":{}}"#));
    assert_eq!(request["headers"]["authorization"], json!("Bearer"));
    assert_eq!(
        requests.as_array().unwrap().len(),
        1,
        "its own routes are not"
    );
}

#[tokio::test]
async fn faults_happen_and_go_away() {
    let bench = Bench::start().await;
    let fault = json!({
        "match": { "method": "GET", "path_prefix": "/get-api-key" },
        "status": 429,
        "body": { "status": "error", "message": "slow down" },
        "headers": { "retry-after": "7" },
        "times": 1,
    });
    bench.control("/faults", fault).await;
    let client = bench.client.clone();
    // The client repeats what is safe to repeat; plain HTTP shows the fault.
    let response = bench
        .http
        .get(bench.url("/get-api-key-info"))
        .send()
        .await
        .unwrap();
    assert_eq!(
        (
            response.status().as_u16(),
            &response.headers()["retry-after"]
        ),
        (429, &"7".parse().unwrap())
    );
    client.api_key_info().await.unwrap();

    bench
        .control(
            "/faults",
            json!({ "match": { "path_prefix": "/v2/" }, "status": 503 }),
        )
        .await;
    assert_eq!(bench.post("/v2/list-agents", json!({})).await.0, 503);
    assert_eq!(
        bench
            .get("/_emulator/faults")
            .await
            .1
            .as_array()
            .map(Vec::len),
        Some(1)
    );
    assert_eq!(
        bench
            .request(Method::DELETE, "/_emulator/faults", json!({}))
            .await
            .0,
        204
    );
    assert_eq!(bench.post("/v2/list-agents", json!({})).await.0, 200);
    assert_eq!(
        bench
            .post("/_emulator/faults", json!({ "status": 7 }))
            .await
            .0,
        400
    );
}

#[tokio::test]
async fn settings_change_one_by_one() {
    let bench = Bench::start().await;
    let (status, settings) = bench
        .put("/_emulator/settings", json!({ "room_delay_ms": 7 }))
        .await;
    assert_eq!((status, &settings["room_delay_ms"]), (200, &json!(7)));
    assert_eq!(settings["join_window_ms"], json!(30_000));
    assert_eq!(
        bench
            .put("/_emulator/settings", json!({ "colour": 7 }))
            .await
            .0,
        400
    );
    assert_eq!(
        bench
            .put("/_emulator/settings", json!({ "room_delay_ms": -1 }))
            .await
            .0,
        400
    );
    assert_eq!(
        bench
            .post("/_emulator/clock", json!({ "speed": 0 }))
            .await
            .0,
        400
    );
    bench.settings(json!({ "concurrency_limit": 1 })).await;
    bench.web_call("agent_test_short").await;
    let (status, _) = bench
        .post(
            "/v3/create-web-call",
            json!({ "agent_id": "agent_test_short" }),
        )
        .await;
    assert_eq!(status, 429);
}

#[tokio::test]
async fn no_setting_is_so_large_that_sums_overflow() {
    let bench = Bench::start().await;
    for name in [
        "room_delay_ms",
        "join_window_ms",
        "analysis_delay_ms",
        "ring_ms",
        "concurrency_limit",
        "watcher_limit",
        "webhook_backoff_ms",
    ] {
        let huge = json!({ "room_delay_ms": 7, name: u64::MAX });
        let (status, error) = bench.put("/_emulator/settings", huge).await;
        assert_eq!(status, 400, "{name}: {error}");
        let message = error["message"].as_str().unwrap();
        assert!(message.starts_with(name), "{message}");
    }
    let (_, settings) = bench.get("/_emulator/settings").await;
    assert_eq!(settings["room_delay_ms"], json!(0), "nothing of it is set");
    bench
        .settings(json!({ "join_window_ms": 86_400_000 }))
        .await;
    bench.web_call("agent_test_short").await;
}

#[tokio::test]
async fn pages_of_other_sites_control_nothing() {
    let bench = Bench::start().await;
    bench.web_call("agent_test_short").await;
    let own = bench.emulator.url();
    let reset = |headers: &[(&'static str, &str)]| {
        let mut request = bench.http.post(bench.url("/_emulator/reset"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        async move { request.send().await.unwrap().status().as_u16() }
    };
    let foreign: [&[(&str, &str)]; 5] = [
        &[("sec-fetch-site", "cross-site")],
        // Another port of this machine, as a site somebody works on.
        &[("sec-fetch-site", "same-site"), ("origin", own)],
        &[("origin", "https://elsewhere.example")],
        &[("origin", "http://127.0.0.1:1")],
        &[("origin", "null"), ("content-type", "text/plain")],
    ];
    for headers in foreign {
        assert_eq!(reset(headers).await, 403, "{headers:?}");
    }
    assert_ne!(bench.get("/_emulator/calls").await.1, json!([]));
    let allowed: [&[(&str, &str)]; 4] = [
        &[],
        &[("origin", own)],
        &[("sec-fetch-site", "same-origin"), ("origin", own)],
        &[("sec-fetch-site", "none")],
    ];
    for headers in allowed {
        assert_eq!(reset(headers).await, 204, "{headers:?}");
    }
}

#[tokio::test]
async fn a_killed_room_is_retells_error() {
    let bench = Bench::start().await;
    let (id, peer) = bench.joined("agent_test_silent").await;
    bench.control(&format!("/calls/{id}/kill"), json!({})).await;
    let call = bench.ended(&id).await;
    assert_eq!(call.call_status, Some(CallStatus::Error));
    assert_eq!(
        call.disconnection_reason,
        Some(DisconnectionReason::ErrorRetell)
    );
    let view = peer
        .wait_for("the connection to close", |view| view.closed)
        .await
        .unwrap();
    assert_eq!(view.control, [] as [&str; 0]);
    assert_eq!(
        bench
            .post(&format!("/_emulator/calls/{id}/kill"), json!({}))
            .await
            .0,
        422
    );
    assert_eq!(
        bench.post("/_emulator/calls/none/kill", json!({})).await.0,
        404
    );
}

#[tokio::test]
async fn calls_end_for_any_reason_that_is_asked_for() {
    let bench = Bench::start().await;
    let (id, _peer) = bench.joined("agent_test_silent").await;
    bench
        .control(&format!("/calls/{id}/dtmf"), json!({ "digit": "5" }))
        .await;
    bench
        .control(
            &format!("/calls/{id}/end"),
            json!({ "reason": "inactivity" }),
        )
        .await;
    let call = bench.ended(&id).await;
    assert_eq!(
        call.disconnection_reason,
        Some(DisconnectionReason::Inactivity)
    );
    assert_eq!(call.transcript_with_tool_calls.unwrap()[0].role(), "dtmf");
}

#[tokio::test]
async fn scenarios_can_be_seeded_and_are_checked() {
    let bench = Bench::start().await;
    let toml =
        "name = \"Mine\"\n[[steps]]\nagent = \"My own words.\"\n[[steps]]\nend = \"agent_hangup\"";
    let seed = json!({
        "scenarios": [{ "id": "mine", "toml": toml }],
        "agents": [{ "agent_id": "agent_mine", "emulator_scenario": "mine" }],
    });
    bench.control("/seed", seed).await;
    let (id, _peer) = bench.joined("agent_mine").await;
    let call = bench.ended(&id).await;
    assert_eq!(call.transcript.as_deref(), Some("Agent: My own words.\n"));

    let wrong =
        json!({ "scenarios": [{ "id": "bad", "toml": "name = \"x\"\n[[steps]]\nsay = \"y\"" }] });
    let (status, error) = bench.post("/_emulator/seed", wrong).await;
    assert_eq!(status, 400);
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .starts_with("bad.toml:2:"),
        "{error}"
    );
    let none = json!({ "agents": [{ "agent_id": "agent_none", "emulator_scenario": "none" }] });
    bench.control("/seed", none).await;
    let (status, _) = bench
        .post("/v3/create-web-call", json!({ "agent_id": "agent_none" }))
        .await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn a_reset_forgets_everything() {
    let bench = Bench::start().await;
    let (_, peer) = bench.joined("agent_test_silent").await;
    bench
        .control(
            "/seed",
            json!({ "agents": [{ "agent_id": "agent_extra" }] }),
        )
        .await;
    bench
        .control(
            "/faults",
            json!({ "match": { "path_prefix": "/v9" }, "status": 500 }),
        )
        .await;
    bench.control("/reset", json!({})).await;
    assert_eq!(bench.get("/_emulator/calls").await.1, json!([]));
    assert_eq!(bench.get("/_emulator/faults").await.1, json!([]));
    assert_eq!(bench.get("/_emulator/requests").await.1, json!([]));
    assert_eq!(bench.get("/get-agent/agent_extra").await.0, 422);
    assert_eq!(
        bench.get("/_emulator/settings").await.1["room_delay_ms"],
        json!(0)
    );
    peer.wait_for("the connection to close", |view| view.closed)
        .await
        .unwrap();
    assert_eq!(bench.get("/_emulator/reset").await.0, 404);
    let (status, health) = bench.get("/_emulator/health").await;
    assert_eq!(
        (status, &health["status"], &health["active_calls"]),
        (200, &json!("ok"), &json!(0))
    );
}

#[tokio::test]
async fn nothing_of_the_time_before_a_reset_comes_after_it() {
    let receiver = Receiver::start().await;
    let webhook_url = Some(receiver.url("/"));
    let bench = Bench::with(Config {
        webhook_url,
        ..Config::default()
    })
    .await;
    let (_, scenarios) = bench.get("/_emulator/scenarios").await;
    let toml = "name = \"Other\"\n[[steps]]\nagent = \"Other words.\"";
    let seed = ["test-silent", "mine"].map(|id| json!({ "id": id, "toml": toml }));
    bench.control("/seed", json!({ "scenarios": seed })).await;

    // One call is held, one is over and waits for its analysis, and webhooks
    // of both wait to be sent again.
    receiver.answer(500, "");
    let (_, _visitor) = bench.joined("agent_test_long").await;
    let (_, peer) = bench.joined("agent_test_silent").await;
    peer.hang_up().await.unwrap();
    until(&receiver, "call_ended").await;
    bench.control("/reset", json!({})).await;
    assert_eq!(bench.get("/_emulator/deliveries").await.1, json!([]));
    assert_eq!(bench.get("/_emulator/scenarios").await.1, scenarios);

    receiver.answer(204, "");
    receiver.rest();
    let (id, _peer) = bench.joined("agent_test_long").await;
    // The call ends by itself, and whatever still was to come would come now.
    bench.control("/clock", json!({ "speed": 1e8 })).await;
    loop {
        let got = receiver.next().await;
        assert_eq!(got.json()["call"]["call_id"], json!(id), "{}", got.event());
        if got.event() == "call_analyzed" {
            break;
        }
    }
    let (_, deliveries) = bench.get("/_emulator/deliveries").await;
    for delivery in deliveries.as_array().unwrap() {
        assert_eq!(delivery["call_id"], json!(id), "{}", delivery["name"]);
    }
}

#[tokio::test]
async fn a_request_from_before_a_reset_is_not_written_down_after_it() {
    let bench = Bench::start().await;
    bench
        .control("/faults", json!({ "delay_ms": 300, "times": 1 }))
        .await;
    let resetting = async {
        // Once the fault is used up, the request is under way.
        while bench.get("/_emulator/faults").await.1 != json!([]) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        bench.control("/reset", json!({})).await;
    };
    let ((status, _), ()) = tokio::join!(bench.get("/list-voices"), resetting);
    assert_eq!(status, 200);
    assert_eq!(bench.get("/_emulator/requests").await.1, json!([]));
}
