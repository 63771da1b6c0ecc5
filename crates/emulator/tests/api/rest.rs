//! Routes that only read and write: account, agents, voices, numbers, errors.

use futures_util::future::join_all;
use http::Method;
use retell::Client;
use retell::models::{CreatePhoneCall, CreateWebCall, ListAgents, VersionRef};
use serde_json::{Value, json};

use crate::support::{Bench, KEY};

#[tokio::test]
async fn only_the_key_opens_the_api() {
    let bench = Bench::start().await;
    let info = bench.client.api_key_info().await.unwrap();
    assert!(!info.org_id.is_empty());

    let stranger = Client::builder("key_other")
        .base_url(bench.emulator.url())
        .build()
        .unwrap();
    let refused = stranger.api_key_info().await.unwrap_err();
    assert!(refused.is_unauthorized(), "{refused}");
    let without = bench
        .http
        .get(bench.url("/get-api-key-info"))
        .send()
        .await
        .unwrap();
    assert_eq!(without.status(), 401);
    let body: Value = without.json().await.unwrap();
    assert_eq!(body["status"], "error");
    assert!(body["message"].is_string());
    bench.emulator.shutdown().await;
}

#[tokio::test]
async fn unknown_routes_and_methods_are_not_found_in_retells_shape() {
    let bench = Bench::start().await;
    for (method, path) in [
        (Method::GET, "/v9/nothing"),
        (Method::PUT, "/v3/create-web-call"),
        (Method::GET, "/_emulator/x"),
    ] {
        let (status, body) = bench.request(method, path, json!({})).await;
        assert_eq!((status, &body["status"]), (404, &json!("error")), "{path}");
    }
}

#[tokio::test]
async fn a_body_that_is_no_json_is_refused() {
    let bench = Bench::start().await;
    for body in ["{", "[]", "{\"agent_id\": 3}", "{}"] {
        let request = bench
            .http
            .post(bench.url("/v3/create-web-call"))
            .bearer_auth(KEY);
        let response = request.body(body).send().await.unwrap();
        assert_eq!(response.status(), 400, "{body}");
        let answer: Value = response.json().await.unwrap();
        assert_eq!(answer["status"], "error");
    }
    let huge = json!({ "agent_id": "agent_demo_en", "metadata": { "x": "y".repeat(60_000) } });
    assert_eq!(bench.post("/v3/create-web-call", huge).await.0, 400);
    let huger = json!({ "x": "y".repeat(3_000_000) });
    assert_eq!(bench.post("/v3/create-web-call", huger).await.0, 413);
}

#[tokio::test]
async fn agents_are_made_changed_listed_and_deleted() {
    let bench = Bench::start().await;
    let seeded = bench
        .client
        .list_agents(&ListAgents::default())
        .await
        .unwrap();
    let ids: Vec<&str> = seeded
        .items
        .iter()
        .map(|agent| agent.agent_id.as_str())
        .collect();
    for id in [
        "agent_demo_en",
        "agent_demo_es",
        "agent_demo_de",
        "agent_test_short",
    ] {
        assert!(ids.contains(&id), "{ids:?}");
    }
    let emma = bench.client.get_agent("agent_demo_en", None).await.unwrap();
    assert_eq!(emma.agent_name.as_deref(), Some("Sunrise Dental – Emma"));

    let fields = json!({
        "response_engine": { "type": "retell-llm", "llm_id": "llm_test-short" },
        "voice_id": "retell-Cimo",
        "language": "de-DE",
    });
    let (status, agent) = bench.post("/create-agent", fields).await;
    assert_eq!(status, 201);
    let id = agent["agent_id"].as_str().unwrap().to_owned();
    assert_eq!(
        (&agent["version"], &agent["language"]),
        (&json!(0), &json!("de-DE"))
    );
    assert!(agent["last_modification_timestamp"].as_u64().is_some());

    let change = json!({ "agent_name": "Neu", "agent_id": "agent_other" });
    let (status, changed) = bench
        .request(
            Method::PATCH,
            &format!("/update-agent/{id}?version=0"),
            change,
        )
        .await;
    assert_eq!((status, &changed["agent_name"]), (200, &json!("Neu")));
    assert_eq!(changed["agent_id"], json!(id));

    let query = json!({ "filter_criteria": { "query": "neu" } });
    let (_, page) = bench.post("/v2/list-agents?limit=1", query).await;
    assert_eq!(
        (page["items"].as_array().map(Vec::len), &page["has_more"]),
        (Some(1), &json!(false))
    );
    let (_, page) = bench.post("/v2/list-agents?limit=2", json!({})).await;
    assert_eq!(page["has_more"], json!(true));
    let next = format!(
        "/v2/list-agents?pagination_key={}",
        page["pagination_key"].as_str().unwrap()
    );
    let (_, rest) = bench.post(&next, json!({})).await;
    assert_eq!(
        rest["items"].as_array().map(Vec::len),
        Some(seeded.items.len() + 1 - 2)
    );

    assert_eq!(
        bench
            .request(Method::DELETE, &format!("/delete-agent/{id}"), json!({}))
            .await
            .0,
        204
    );
    assert_eq!(bench.get(&format!("/get-agent/{id}")).await.0, 422);
    assert_eq!(
        bench
            .post("/create-agent", json!({ "voice_id": "x" }))
            .await
            .0,
        400
    );
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_in_retells_shape() {
    let bench = Bench::start().await;
    for (method, path) in [
        (Method::POST, "/v2/list-agents?limit=abc"),
        (Method::GET, "/v2/list-phone-numbers?limit=-1"),
        (Method::GET, "/get-agent/%ff"),
        (Method::GET, "/get-voice/%ff"),
        (Method::GET, "/v2/get-call/%ff"),
        (Method::GET, "/v2/monitor-call/call_x"),
        (Method::GET, "/recordings/call_x/%ff/recording.wav"),
        (Method::DELETE, "/webrtc-proxy/%ff/v1/webrtc/sessions/x"),
        (Method::POST, "/_emulator/calls/%ff/kill"),
    ] {
        let (status, error) = bench.request(method, path, json!({})).await;
        assert_eq!((status, &error["status"]), (400, &json!("error")), "{path}");
        assert!(error["message"].is_string(), "{path}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_asked_for_at_once_keep_to_the_limit() {
    let bench = Bench::start().await;
    for _ in 0..8 {
        bench.settings(json!({ "concurrency_limit": 5 })).await;
        let body = json!({ "agent_id": "agent_test_short" });
        let asked = (0..24).map(|_| bench.post("/v3/create-web-call", body.clone()));
        let answers = join_all(asked).await;
        let made = answers.iter().filter(|(status, _)| *status == 201).count();
        assert_eq!(made, 5);
        bench.control("/reset", json!({})).await;
    }
}

#[tokio::test]
async fn an_agent_that_does_not_exist_makes_no_call() {
    let bench = Bench::start().await;
    let call = CreateWebCall {
        agent_id: "agent_none".to_owned(),
        ..CreateWebCall::default()
    };
    let error = bench.client.create_web_call(&call).await.unwrap_err();
    assert_eq!(error.status(), Some(422), "{error}");
    assert_eq!(bench.get("/_emulator/calls").await.1, json!([]));
}

#[tokio::test]
async fn voices_numbers_and_concurrency_are_there() {
    let bench = Bench::start().await;
    let voices = bench.client.list_voices().await.unwrap();
    assert!(voices.iter().any(|voice| voice.voice_id == "retell-Cimo"));
    assert_eq!(
        bench.get("/get-voice/retell-Cimo").await.1["voice_name"],
        "Cimo"
    );
    assert_eq!(bench.get("/get-voice/none").await.0, 422);
    let numbers = bench
        .client
        .list_phone_numbers(&Default::default())
        .await
        .unwrap();
    assert_eq!(numbers.items.len(), 3);
    let number = bench.client.get_phone_number("+14155550100").await.unwrap();
    assert_eq!(number.nickname.as_deref(), Some("Sunrise Dental"));
    bench.web_call("agent_test_short").await;
    assert_eq!(
        bench.get("/get-concurrency").await.1["current_concurrency"],
        json!(1)
    );
}

#[tokio::test]
async fn browsers_of_any_origin_may_call() {
    let bench = Bench::start().await;
    let preflight = bench
        .http
        .request(
            Method::OPTIONS,
            bench.url("/webrtc-proxy/call_x/v1/webrtc/sessions"),
        )
        .header("origin", "https://customer.example")
        .header("access-control-request-method", "PATCH")
        .header(
            "access-control-request-headers",
            "authorization,content-type,x-retell-client-js-sdk-version",
        )
        .send()
        .await
        .unwrap();
    assert!(preflight.status().is_success());
    let allowed = |name: &str| preflight.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(
        allowed("access-control-allow-origin"),
        "https://customer.example"
    );
    assert!(allowed("access-control-allow-methods").contains("PATCH"));
    assert!(allowed("access-control-allow-headers").contains("authorization"));

    let refused = bench
        .http
        .post(bench.url("/webrtc-proxy/call_x/v1/webrtc/sessions"))
        .header("origin", "https://customer.example")
        .send()
        .await
        .unwrap();
    assert!(
        refused
            .headers()
            .contains_key("access-control-allow-origin")
    );
}

/// Retell ignores a key that it does not know: what is misspelt has no effect, and nobody is told.
#[test]
fn every_key_our_client_sends_is_one_that_retell_knows() {
    let variables = || Some([("customer".to_owned(), "Ada".to_owned())].into());
    let web = CreateWebCall {
        agent_id: "agent_1".to_owned(),
        agent_version: Some(VersionRef::Number(0)),
        agent_override: Some(json!({"agent": {"voice_speed": 1}})),
        metadata: Some(json!({"tenant": "a"})),
        retell_llm_dynamic_variables: variables(),
        current_node_id: Some("node".to_owned()),
        current_state: Some("state".to_owned()),
    };
    let phone = CreatePhoneCall {
        from_number: "+14155550100".to_owned(),
        to_number: "+14155550123".to_owned(),
        override_agent_id: Some("agent_1".to_owned()),
        override_agent_version: Some(VersionRef::Number(0)),
        agent_override: Some(json!({"retell_llm": {"begin_message": "Hello"}})),
        retell_llm_dynamic_variables: variables(),
        metadata: Some(json!({"tenant": "a"})),
        custom_sip_headers: variables(),
        ignore_e164_validation: Some(true),
        honor_internal_dnc: Some(true),
        idempotency_key: Some("key_1".to_owned()),
    };
    let body = |request: Result<Value, serde_json::Error>| request.unwrap();
    for (name, body) in [
        ("POST /v3/create-web-call", body(serde_json::to_value(web))),
        (
            "POST /v2/create-phone-call",
            body(serde_json::to_value(phone)),
        ),
    ] {
        let operation = retell_spec::operation(name).unwrap();
        operation.check_every_key(&body).unwrap();
        let mut misspelt = body;
        misspelt["metadatas"] = json!({});
        let wrong = operation.check_every_key(&misspelt).unwrap_err();
        assert_eq!(wrong.to_string(), "metadatas: is not known");
    }
}
