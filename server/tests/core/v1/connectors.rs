//! The addresses and actions that other tools know.

use api::keys::ApiScope;
use api::problem::slug;
use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use crate::support::{TestServer, answers, asked, problem};
use crate::v1::{program, retell};

#[tokio::test]
async fn the_addresses_of_older_integrations_work() {
    let retell = retell().await;
    let info = ResponseTemplate::new(200).set_body_json(json!({"org_id": "org"}));
    answers(&retell, "GET", "/get-api-key-info", info).await;
    let agents = json!({"items": [{"agent_id": "agent_1", "agent_name": "Emma"}]});
    let agents = ResponseTemplate::new(200).set_body_json(agents);
    answers(&retell, "POST", "/v2/list-agents", agents).await;
    let agent = ResponseTemplate::new(200).set_body_json(json!({"agent_id": "agent_1"}));
    answers(&retell, "PATCH", "/update-agent/agent_1", agent.clone()).await;
    answers(&retell, "POST", "/create-agent", agent).await;
    answers(
        &retell,
        "DELETE",
        "/delete-agent/agent_1",
        ResponseTemplate::new(204),
    )
    .await;
    let server = TestServer::start(&retell).await;
    let old = program(&server, &ApiScope::ALL).await;
    for body in [
        json!({"phoneNumber": "+34911230100", "agentId": "agent_1", "metadata": {"a": 1}}),
        json!({"to_number": "+34911230100", "agent_id": "agent_1",
               "metadata": {"lead_id": "7", "campaign": "spring"}}),
        json!({"to_number": "+34911230100", "phone": "+34 911 23 01 00", "agentId": "agent_1",
               "agent_id": "agent_1", "metadata": "{\"order\":1}",
               "dynamic_variables": {"count": 3, "vip": true, "note": null}}),
        json!({"number": "tel:+34911230100", "agent": "agent_1", "metadata": null,
               "dynamic_variables": null, "from_number": null}),
    ] {
        let call = old.send("POST", "/crm/make-call", &body).await;
        assert_eq!(call.status(), 201);
        let call: Value = call.json().await.unwrap();
        assert_eq!(call["call_id"], "call_phone");
        assert!(!call.to_string().contains("secret_of_the_call"));
    }
    let asked = asked(&retell).await;
    let mut dialled = asked
        .iter()
        .filter(|it| it.url.path() == "/v2/create-phone-call");
    let lenient: Value = dialled.nth(2).unwrap().body_json().unwrap();
    assert_eq!(
        lenient["retell_llm_dynamic_variables"],
        json!({"count": "3", "vip": "true"})
    );
    assert_eq!(lenient["metadata"]["order"], 1);
    for (address, body) in [
        (
            "/crm/make-call",
            json!({"to_number": "+34911230100", "phone": "+34911230101"}),
        ),
        (
            "/api/v1/hooks",
            json!({"target_url": "https://h.example/1", "hookUrl": "https://h.example/2",
                   "event": "call.ended"}),
        ),
    ] {
        let refused = old.send("POST", address, &body).await;
        let refused = problem(refused, 422, slug::VALUE_INVALID).await;
        let detail = refused.detail.unwrap();
        assert!(detail.ends_with("mean the same and differ."), "{detail}");
    }
    let number = json!({"phoneNumber": 12_025_550_143_u64});
    let number = old.send("POST", "/crm/make-call", &number).await;
    problem(number, 400, slug::BODY_INVALID).await;
    for (address, body, id) in [
        (
            "/crm/create-web-call",
            json!({"agentId": "agent_1"}),
            "call_1",
        ),
        (
            "/api/retell/test-call",
            json!({"agent_id": "agent_1"}),
            "call_1",
        ),
        (
            "/api/retell/test-call",
            json!({"agent_id": "a", "number": "+34911230100"}),
            "call_phone",
        ),
    ] {
        let call: Value = old.send("POST", address, &body).await.json().await.unwrap();
        assert_eq!(call["call_id"], id, "{address}");
    }
    let status: Value = old.get("/api/retell/status").await.json().await.unwrap();
    assert_eq!(status["retell_reachable"], true);
    assert_eq!(status["live_calls"], 2);
    let listed: Value = old.get("/api/retell/agents").await.json().await.unwrap();
    assert_eq!(listed["items"][0]["agent_name"], "Emma");
    let one = "/api/retell/agents/agent_1";
    let named = json!({"agent_name": "Ema"});
    assert_eq!(
        old.send("POST", "/api/retell/agents", &named)
            .await
            .status(),
        201
    );
    assert_eq!(old.send("PUT", one, &named).await.status(), 200);
    assert_eq!(old.send("DELETE", one, &Value::Null).await.status(), 204);
    server.stop().await;
}

#[tokio::test]
async fn the_actions_of_connectors_work_on_the_emulator() {
    let (server, emulator) = TestServer::emulated(|_| {}).await;
    let connector = program(&server, &ApiScope::ALL).await;
    let catalogue: Value = connector.get("/api/v1/actions").await.json().await.unwrap();
    assert_eq!(catalogue["items"].as_array().unwrap().len(), 10);
    let run = async |name: &str, arguments: Value| {
        let address = format!("/api/v1/actions/RETELLAI_{name}");
        let answer = connector.send("POST", &address, &arguments).await;
        assert_eq!(answer.status(), 200, "{name}");
        answer.json::<Value>().await.unwrap()
    };
    let done = async |name: &str, arguments: Value| {
        let answer = run(name, arguments).await;
        assert_eq!(answer["successful"], true, "{name}: {answer}");
        assert_eq!(answer["error"], Value::Null, "{name}");
        answer["data"].clone()
    };
    let bound = json!({"area_code": 415, "nickname": "New", "inbound_agent_id": "agent_demo_en"});
    let number = done("BUY_A_NEW_PHONE_NUMBER_BIND_AGENTS", bound).await;
    assert_eq!(number["inbound_agents"][0]["agent_id"], "agent_demo_en");
    let number = json!({"phone_number": number["phone_number"]});
    let mut renamed = number.clone();
    renamed["nickname"] = "Newer".into();
    done("UPDATE_PHONE_NUMBER", renamed).await;
    let one = done(
        "RETRIEVE_DETAILS_OF_A_SPECIFIC_PHONE_NUMBER",
        number.clone(),
    )
    .await;
    assert_eq!(one["nickname"], "Newer");
    let before = done("LIST_ALL_PHONE_NUMBERS", json!({})).await;
    done("DELETE_PHONE_NUMBER", number).await;
    let after = done("LIST_ALL_PHONE_NUMBERS", json!({})).await;
    let count = |list: &Value| list.as_array().unwrap().len();
    assert_eq!(count(&before), count(&after) + 1);
    let voice = json!({"voice_id": "retell-Cimo"});
    let voice = done("RETRIEVE_DETAILS_OF_A_SPECIFIC_VOICE", voice).await;
    assert_eq!(voice["voice_name"], "Cimo");
    let web = done(
        "CREATE_A_NEW_WEB_CALL",
        json!({"agent_id": "agent_demo_en"}),
    )
    .await;
    let dial = json!({"from_number": "+14155550100", "to_number": "+34911230100"});
    done("CREATE_A_NEW_OUTBOUND_PHONE_CALL", dial).await;
    let listed = done("RETRIEVE_CALL_DETAILS", json!({"limit": 1})).await;
    assert_eq!(count(&listed["calls"]), 1);
    assert!(listed["pagination_key"].is_string());
    let call = json!({"call_id": web["call_id"]});
    let call = done("RETRIEVE_CALL_DETAILS_BY_ID", call).await;
    assert_eq!(call["call_id"], web["call_id"]);

    let failed = run("RETRIEVE_CALL_DETAILS_BY_ID", json!({"call_id": "call_x"})).await;
    assert_eq!(
        (&failed["successful"], &failed["data"]),
        (&json!(false), &json!({}))
    );
    assert!(failed["error"].is_string());
    let unknown = connector
        .send("POST", "/api/v1/actions/X", &json!({}))
        .await;
    problem(unknown, 404, slug::NOT_FOUND).await;
    server.stop().await;
    emulator.shutdown().await;
}
