//! The emulator's own routes.

use http::Method;
use retell::models::{CallStatus, DisconnectionReason};
use serde_json::json;

use crate::support::Bench;

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
        json!(20)
    );
    peer.wait_for("the connection to close", |view| view.closed)
        .await
        .unwrap();
    let (status, health) = bench.get("/_emulator/health").await;
    assert_eq!(
        (status, &health["status"], &health["active_calls"]),
        (200, &json!("ok"), &json!(0))
    );
}
