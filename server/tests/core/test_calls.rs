//! Calls the staff hold with an agent themselves, from the desk.

use std::sync::atomic::{AtomicU32, Ordering};

use api::desk::{AgentList, AgentVariables, CallDetail, CallPage, CallStatus};
use api::problem::slug;
use api::public::CallAccess;
use emulator::testing::Peer;
use serde_json::{Value, json};
use server::deeds::Author;
use server::people::Role;
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{
    Desk, Scratch, TestServer, a_moment, answers, asked, in_time, problem, retell_that_mints,
};

const PATH: &str = "/api/desk/web-calls";

/// A Retell that mints `call_1`, `call_2` …
async fn retell() -> MockServer {
    let retell = MockServer::start().await;
    let minted = AtomicU32::new(0);
    Mock::given(path("/v3/create-web-call"))
        .respond_with(move |_: &wiremock::Request| {
            let call_id = format!("call_{}", minted.fetch_add(1, Ordering::SeqCst) + 1);
            ResponseTemplate::new(201).set_body_json(json!({
                "call_id": call_id, "access_token": "token_1", "transport": "gateway",
            }))
        })
        .mount(&retell)
        .await;
    retell
}

async fn ids(desk: &Desk<'_>, query: &str) -> Vec<String> {
    let page: CallPage = desk.get(&format!("/api/desk/calls{query}")).await;
    page.items.into_iter().map(|call| call.id).collect()
}

#[tokio::test]
async fn whoever_works_calls_tries_an_agent_and_the_call_is_marked_as_theirs() {
    for scratch in Scratch::each().await {
        let retell = retell().await;
        let server = TestServer::start_with(scratch, &retell.uri(), |_| {}).await;
        let agent = Desk::sign_in(&server, Role::Agent).await;
        let wanted = json!({"agent_id": "agent_1", "dynamic_variables": {"first_name": "Ana"}});
        let access: CallAccess = agent.post(PATH, &wanted).await;
        assert_eq!(access.call_id, "call_1");
        let told: Value = asked(&retell).await[0].body_json().unwrap();
        assert_eq!(
            told,
            json!({
                "agent_id": "agent_1",
                "metadata": {
                    "switchboard_tenant": "tenant_1",
                    "switchboard_tester": "user_agent_1",
                },
                "retell_llm_dynamic_variables": {"first_name": "Ana"},
            })
        );

        // A website cannot pass for the staff.
        let forged = json!({"key": "pk_open", "metadata": {"switchboard_tester": "user_agent_1"}});
        assert_eq!(server.mint(&forged).await.status(), 201);
        let theirs: CallDetail = agent.get("/api/desk/calls/call_2").await;
        assert_eq!((theirs.tested_by, theirs.summary.direction), (None, None));

        // It is in the list as any, and told from those of visitors.
        let call: CallDetail = agent.get("/api/desk/calls/call_1").await;
        assert_eq!(call.tested_by.as_deref(), Some("user_agent_1"));
        assert_eq!(call.summary.direction.as_deref(), Some("internal"));
        assert_eq!(call.summary.call_type, "web_call");
        assert_eq!(call.summary.public_key_id, None);
        assert_eq!(call.dynamic_variables["first_name"], "Ana");
        assert_eq!(call.metadata, None);
        assert_eq!(ids(&agent, "").await.len(), 2);
        assert_eq!(ids(&agent, "?direction=internal").await, ["call_1"]);
        assert!(ids(&agent, "?direction=inbound").await.is_empty());

        let admin = Desk::sign_in(&server, Role::Admin).await;
        let trail: Value = admin.get("/api/desk/audit").await;
        let deeds = trail["items"].as_array().unwrap();
        let tested = deeds.iter().find(|it| it["action"] == "call.tested");
        let tested = tested.expect("it is in the trail");
        assert_eq!(tested["subject_id"], "call_1");
        assert_eq!(tested["details"], json!({"agent": "agent_1"}));
        server.stop().await;
    }
}

#[tokio::test]
async fn one_person_starts_ten_calls_a_minute_and_a_colleague_is_not_held_up() {
    let retell = retell().await;
    let server = TestServer::start(&retell).await;
    let agent = Desk::sign_in(&server, Role::Agent).await;
    let wanted = json!({"agent_id": "agent_1"});
    // What could start no call does not count.
    let unknown = json!({"agent_id": "agent_of_nobody_we_know"});
    server
        .app()
        .store
        .tenants()
        .upsert("tenant_2", "Aurora", "Europe/Madrid", 1)
        .await
        .unwrap();
    let refused = agent.send("POST", PATH, Some(&unknown)).await;
    problem(refused, 422, slug::AGENT_UNKNOWN).await;
    for _ in 0..10 {
        let _: CallAccess = agent.post(PATH, &wanted).await;
    }
    let refused = agent.send("POST", PATH, Some(&wanted)).await;
    assert!(refused.headers().contains_key("retry-after"));
    problem(refused, 429, slug::RATE_LIMITED).await;
    assert_eq!(asked(&retell).await.len(), 10);
    let colleague = Desk::sign_in(&server, Role::Supervisor).await;
    let _: CallAccess = colleague.post(PATH, &wanted).await;
    server.stop().await;
}

#[tokio::test]
async fn an_agent_of_another_business_is_neither_called_nor_told_of() {
    for scratch in Scratch::each().await {
        let retell = retell_that_mints().await;
        let server = TestServer::start_with(scratch, &retell.uri(), |_| {}).await;
        let store = &server.app().store;
        let other = store
            .tenants()
            .upsert("tenant_2", "Aurora", "Europe/Madrid", 1)
            .await
            .unwrap();
        let operator = Author::operator();
        store
            .agents()
            .assign(&other, "agent_2", "Nora", &operator, 1)
            .await
            .unwrap();
        let desk = Desk::sign_in(&server, Role::Admin).await;
        let wanted = json!({"agent_id": "agent_2"});
        let refused = desk.send("POST", PATH, Some(&wanted)).await;
        problem(refused, 422, slug::AGENT_UNKNOWN).await;
        let variables = "/api/desk/agents/agent_2/variables";
        let refused = desk.send("GET", variables, None).await;
        problem(refused, 404, slug::NOT_FOUND).await;
        let own: AgentList = desk.get("/api/desk/agents").await;
        let names: Vec<_> = own.items.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, ["Emma"]);
        assert!(asked(&retell).await.is_empty(), "Retell was bothered");
        server.stop().await;
    }
}

#[tokio::test]
async fn visitors_who_wait_go_first() {
    let retell = MockServer::start().await;
    let full = ResponseTemplate::new(429).set_body_json(json!({"message": "Too many calls."}));
    answers(&retell, "POST", "/v3/create-web-call", full).await;
    answers(
        &retell,
        "GET",
        "/get-concurrency",
        ResponseTemplate::new(200)
            .set_body_json(json!({"current_concurrency": 1, "concurrency_limit": 1})),
    )
    .await;
    let server = TestServer::start(&retell).await;
    let waits = server.mint(&json!({"key": "pk_open", "wait": true})).await;
    let place = problem(waits, 429, slug::LINES_BUSY).await.waiting;
    assert!(place.is_some(), "the visitor waits");
    let minted = |asked: Vec<wiremock::Request>| {
        let minted = |it: &&wiremock::Request| it.url.path() == "/v3/create-web-call";
        asked.iter().filter(minted).count()
    };
    let before = minted(asked(&retell).await);
    let desk = Desk::sign_in(&server, Role::Agent).await;
    let wanted = json!({"agent_id": "agent_1"});
    let refused = desk.send("POST", PATH, Some(&wanted)).await;
    let refused = problem(refused, 429, slug::LINES_BUSY).await;
    assert_eq!(refused.waiting, None);
    assert_eq!(minted(asked(&retell).await), before);
    server.stop().await;
}

#[tokio::test]
async fn what_an_agent_has_by_default_is_told_whatever_thinks_for_it() {
    let retell = retell_that_mints().await;
    let server = TestServer::start(&retell).await;
    let desk = Desk::sign_in(&server, Role::Agent).await;
    let variables = async |id: &str| {
        let told: AgentVariables = desk.get(&format!("/api/desk/agents/{id}/variables")).await;
        serde_json::to_value(told.defaults).unwrap()
    };
    let defaults = json!({"default_dynamic_variables": {"practice": "Sunrise"}});
    for (agent, engine) in [
        (
            "agent_1",
            json!({"type": "retell-llm", "llm_id": "llm_1", "version": 3}),
        ),
        (
            "agent_2",
            json!({"type": "conversation-flow", "conversation_flow_id": "flow_1"}),
        ),
        (
            "agent_3",
            json!({"type": "custom-llm", "llm_websocket_url": "wss://a.test"}),
        ),
    ] {
        let told = json!({"agent_id": agent, "response_engine": engine});
        let told = ResponseTemplate::new(200).set_body_json(told);
        answers(&retell, "GET", &format!("/get-agent/{agent}"), told).await;
    }
    for route in ["/get-retell-llm/llm_1", "/get-conversation-flow/flow_1"] {
        let told = ResponseTemplate::new(200).set_body_json(&defaults);
        answers(&retell, "GET", route, told).await;
    }
    assert_eq!(variables("agent_1").await, json!({"practice": "Sunrise"}));
    assert_eq!(variables("agent_2").await, json!({"practice": "Sunrise"}));
    assert_eq!(variables("agent_3").await, json!({}));
    let asked = asked(&retell).await;
    let of_llm = asked
        .iter()
        .find(|it| it.url.path() == "/get-retell-llm/llm_1");
    assert_eq!(of_llm.unwrap().url.query(), Some("version=3"));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_of_the_staff_is_held_and_stays_marked_to_its_end() {
    for scratch in Scratch::each().await {
        let (server, emulator) = TestServer::emulated_on(scratch, |_| {}).await;
        let operator = Author::operator();
        server
            .app()
            .store
            .agents()
            .assign(&server.tenant, "agent_test_long", "Long", &operator, 0)
            .await
            .unwrap();
        let desk = Desk::sign_in(&server, Role::Agent).await;
        let wanted = json!({"agent_id": "agent_test_long"});
        let call: CallAccess = desk.post(PATH, &wanted).await;
        let peer = Peer::connect(&call.gateway_url, &call.access_token, &call.call_id)
            .await
            .unwrap();
        peer.wait_for_voice().await.unwrap();
        let page = format!("/api/desk/calls/{}", call.call_id);
        let until = async |status| {
            let reached = async {
                loop {
                    let call: CallDetail = desk.get(&page).await;
                    if call.summary.status == status {
                        return call;
                    }
                    a_moment().await;
                }
            };
            in_time(reached).await
        };
        let live = until(CallStatus::Ongoing).await;
        assert_eq!(live.summary.direction.as_deref(), Some("internal"));
        // The ticket ends it, as a visitor's does.
        let end = server.url(&format!("/api/public/web-calls/{}/end", call.call_id));
        let ended = server.http.post(end).bearer_auth(&call.ticket).send();
        assert_eq!(ended.await.unwrap().status(), 204);
        let over = until(CallStatus::Ended).await;
        assert_eq!(over.tested_by.as_deref(), Some("user_agent_1"));
        assert_eq!(over.summary.direction.as_deref(), Some("internal"));
        server.stop().await;
        emulator.shutdown().await;
    }
}
