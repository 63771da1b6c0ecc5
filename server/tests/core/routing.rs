//! Who answers an inbound call: the question Retell asks, and the rules people
//! make at the desk.

use api::problem::slug;
use api::routing::{NumberList, NumbersImported, RouteAnswer, Rule, RuleList};
use emulator::Emulator;
use serde_json::{Value, json};
use server::people::Role;

use crate::support::{Desk, Scratch, TestServer, answers, life_of_a_call, next_change, problem};
use wiremock::{MockServer, ResponseTemplate};

const OURS: &str = "+493023125100";
const CALLER: &str = "+491701234567";

fn question(to: &str) -> Value {
    json!({"event": "call_inbound", "event_timestamp": 1, "call_inbound": {
        "from_number": CALLER, "to_number": to, "agent_id": "agent_1", "agent_version": 0,
    }})
}

async fn ask(server: &TestServer, question: &Value) -> Value {
    let answer = server.webhook(question).await;
    assert_eq!(answer.status(), 200);
    answer.json().await.unwrap()
}

/// A Retell with one number.
async fn retell_with_a_number() -> MockServer {
    let retell = MockServer::start().await;
    let list = json!({"has_more": false, "items": [{
        "phone_number": OURS, "nickname": "Reception",
        "inbound_agents": [{"agent_id": "agent_1", "weight": 1}],
    }]});
    let answer = ResponseTemplate::new(200).set_body_json(list);
    answers(&retell, "GET", "/v2/list-phone-numbers", answer).await;
    retell
}

#[tokio::test]
async fn a_caller_in_an_older_form_of_the_number_is_known() {
    let server = TestServer::start_with(Scratch::sqlite(), "http://127.0.0.1:9", |_| {}).await;
    let desk = Desk::sign_in(&server, Role::Admin).await;
    let contact = json!({"phone": "+52 55 1234 5678", "name": "Lupe"});
    desk.post::<Value>("/api/desk/contacts", &contact).await;
    desk.post::<Value>(
        "/api/desk/routing-rules",
        &json!({"name": "All", "enabled": true, "action": {
            "do": "agent", "variables": {"name": "{{contact.name}}", "number": "{{caller.number}}"},
        }}),
    )
    .await;
    let mut question = question(OURS);
    // As WhatsApp and older CRMs write it.
    question["call_inbound"]["from_number"] = "+5215512345678".into();
    let answer = ask(&server, &question).await;
    assert_eq!(
        answer["call_inbound"]["dynamic_variables"],
        json!({"name": "Lupe", "caller_name": "Lupe", "number": "+525512345678"})
    );
    server.stop().await;
}

#[tokio::test]
async fn what_comes_on_top_of_so_many_calls_has_a_rule_of_its_own() {
    for scratch in Scratch::each().await {
        let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
        let desk = Desk::sign_in(&server, Role::Admin).await;
        let rule = json!({"name": "Overflow", "enabled": true, "calls_from": 2,
                          "action": {"do": "agent", "agent_id": "agent_demo_es"}});
        desk.post::<Value>("/api/desk/routing-rules", &rule).await;
        let mut calls = life_of_a_call();
        calls.truncate(1);
        for id in ["call_1", "call_2"] {
            let free = ask(&server, &question(OURS)).await;
            assert_eq!(free, json!({}), "before {id}");
            let mut started = calls[0].clone();
            started["call"]["call_id"] = id.into();
            let mut changes = server.app().store.bus().subscribe();
            assert!(server.webhook(&started).await.status().is_success());
            next_change(&mut changes).await;
        }
        let full = ask(&server, &question(OURS)).await;
        assert_eq!(full["call_inbound"]["override_agent_id"], "agent_demo_es");
        server.stop().await;
    }
}

#[tokio::test]
async fn a_rule_made_at_the_desk_answers_the_question() {
    let retell = retell_with_a_number().await;
    for scratch in Scratch::each().await {
        let server = TestServer::start_with(scratch, &retell.uri(), |_| {}).await;
        let desk = Desk::sign_in(&server, Role::Admin).await;
        let imported: NumbersImported = desk.post("/api/desk/numbers/import", &json!({})).await;
        assert_eq!((imported.numbers, imported.of_others), (1, 0));
        let numbers: NumberList = desk.get("/api/desk/numbers").await;
        assert_eq!(numbers.items[0].agent_id.as_deref(), Some("agent_1"));

        // Without a rule the number's own agent answers.
        assert_eq!(ask(&server, &question(OURS)).await, json!({}));
        let rule: Rule = desk
            .post("/api/desk/routing-rules", &json!({
                "name": "Germans", "enabled": true, "number": "+49 30 23125100",
                "countries": ["de"], "caller": "unknown",
                "action": {"do": "agent", "agent_id": "agent_2", "agent_version": "3",
                           "variables": {"caller": "{{caller.number}}", "name": "{{contact.name}}"}},
            }))
            .await;
        assert_eq!(rule.body.number.as_deref(), Some(OURS));
        assert_eq!(
            ask(&server, &question(OURS)).await,
            json!({"call_inbound": {
                "override_agent_id": "agent_2", "override_agent_version": 3,
                "dynamic_variables": {"caller": CALLER},
                "metadata": {"switchboard_tenant": "tenant_1", "switchboard_rule": rule.id},
            }})
        );
        assert_eq!(ask(&server, &question("+4930901820")).await, json!({}));
        // A message is answered under its own key.
        let message = json!({"event": "chat_inbound", "chat_inbound": {
            "from_number": CALLER, "to_number": OURS,
        }});
        let answer = ask(&server, &message).await;
        assert_eq!(answer["chat_inbound"]["override_agent_id"], "agent_2");

        // The rule that comes first decides; a rejection stands alone.
        let reject: Rule = desk
            .post(
                "/api/desk/routing-rules",
                &json!({
                    "name": "Nobody", "enabled": true, "action": {"do": "reject"},
                }),
            )
            .await;
        let order = json!({"ids": [reject.id, rule.id]});
        let path = "/api/desk/routing-rules/order";
        assert_eq!(desk.send("PUT", path, Some(&order)).await.status(), 204);
        assert_eq!(
            ask(&server, &question(OURS)).await,
            json!({"call_inbound": {"reject": true}})
        );
        let list: RuleList = desk.get("/api/desk/routing-rules").await;
        let names: Vec<_> = list
            .items
            .iter()
            .map(|rule| rule.body.name.as_str())
            .collect();
        assert_eq!(names, ["Nobody", "Germans"]);

        // The desk says the same, and why.
        let told: RouteAnswer = desk
            .post(
                "/api/desk/routing-rules/test",
                &json!({"from_number": "", "to_number": OURS}),
            )
            .await;
        assert_eq!(
            (told.rule.as_deref(), told.rejected),
            (Some("Nobody"), true)
        );
        let path = format!("/api/desk/routing-rules/{}", reject.id);
        assert_eq!(desk.send("DELETE", &path, None).await.status(), 204);
        let told: RouteAnswer = desk
            .post(
                "/api/desk/routing-rules/test",
                &json!({"from_number": CALLER, "to_number": OURS}),
            )
            .await;
        assert_eq!(told.rule.as_deref(), Some("Germans"));
        assert_eq!(told.country.as_deref(), Some("DE"));
        server.stop().await;
    }
}

#[tokio::test]
async fn an_important_contact_is_known_by_number() {
    for scratch in Scratch::each().await {
        let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
        let desk = Desk::sign_in(&server, Role::Admin).await;
        let contact = json!({"phone": CALLER, "name": "Ada Lovelace", "language": "de-AT",
                             "vip": true, "fields": {"plan": "gold"}});
        let _: Value = desk.post("/api/desk/contacts", &contact).await;
        let rule = json!({
            "name": "VIP", "enabled": true, "caller": "vip", "language": "de",
            "action": {"do": "agent", "agent_id": "agent_2", "variables": {
                "first": "{{contact.first_name}}", "plan": "{{contact.plan}}",
            }},
        });
        let _: Rule = desk.post("/api/desk/routing-rules", &rule).await;
        let answer = ask(&server, &question(OURS)).await;
        let answer = &answer["call_inbound"];
        assert_eq!(answer["override_agent_id"], "agent_2");
        assert_eq!(
            answer["dynamic_variables"],
            json!({"first": "Ada", "plan": "gold",
                   "caller_name": "Ada Lovelace", "caller_language": "de-AT"})
        );
        server.stop().await;
    }
}

#[tokio::test]
async fn a_blocked_contact_is_declined_before_any_rule() {
    for scratch in Scratch::each().await {
        let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
        let desk = Desk::sign_in(&server, Role::Admin).await;
        let contact = json!({"phone": CALLER, "name": "Nuisance", "blocked": true});
        let contact: Value = desk.post("/api/desk/contacts", &contact).await;
        let rule = json!({"name": "All", "enabled": true,
                          "action": {"do": "agent", "agent_id": "agent_2"}});
        let _: Rule = desk.post("/api/desk/routing-rules", &rule).await;
        let declined = json!({"call_inbound": {"reject": true}});
        assert_eq!(ask(&server, &question(OURS)).await, declined);
        let numbers = json!({"from_number": CALLER, "to_number": OURS});
        let told: RouteAnswer = desk.post("/api/desk/routing-rules/test", &numbers).await;
        assert_eq!((told.rule, told.rejected), (None, true));

        let path = format!("/api/desk/contacts/{}", contact["id"].as_str().unwrap());
        let forgiven = json!({"phone": CALLER, "name": "Nuisance"});
        assert_eq!(desk.send("PUT", &path, Some(&forgiven)).await.status(), 200);
        let answer = ask(&server, &question(OURS)).await;
        assert_eq!(answer["call_inbound"]["override_agent_id"], "agent_2");
        server.stop().await;
    }
}

#[tokio::test]
async fn a_question_with_a_bad_signature_is_answered_with_nothing_else() {
    let server = TestServer::start_with(Scratch::sqlite(), "http://127.0.0.1:9", |_| {}).await;
    let now = server.app().clock.now_ms();
    let wrong = retell::signature::sign(b"other", "key_of_another", u64::try_from(now).unwrap());
    let refused = server
        .post_webhook(question(OURS).to_string(), Some(&wrong))
        .await;
    problem(refused, 401, slug::SIGNATURE_INVALID).await;
    server.stop().await;
}

#[tokio::test]
async fn a_broken_database_leaves_the_call_to_the_number_s_agent() {
    let server = TestServer::start_with(Scratch::sqlite(), "http://127.0.0.1:9", |_| {}).await;
    // The keys are known by now.
    assert_eq!(ask(&server, &question(OURS)).await, json!({}));
    server.app().store.close().await;
    // Nor are the keys forgotten that cannot be read any more.
    assert_eq!(ask(&server, &question("+4930901820")).await, json!({}));
    server.stop().await;
}

#[tokio::test]
async fn a_number_of_a_shared_account_is_not_taken_from_another_business() {
    let retell = retell_with_a_number().await;
    let server = TestServer::start_with(Scratch::sqlite(), &retell.uri(), |_| {}).await;
    let store = &server.app().store;
    let other = store
        .tenants()
        .upsert("tenant_2", "Aurora", "Europe/Madrid", 0)
        .await
        .unwrap();
    let author = server::deeds::Author::operator();
    let import = |tenant| server::agents::numbers::import(&server.app().accounts, tenant, &author);
    let taken = import(&other).await.unwrap();
    assert_eq!((taken.numbers, taken.of_others), (0, 1));
    let taken = import(&server.tenant).await.unwrap();
    assert_eq!((taken.numbers, taken.of_others), (1, 0));
    server.stop().await;
}

#[tokio::test]
async fn what_is_no_rule_is_refused() {
    let server = TestServer::start_with(Scratch::sqlite(), "http://127.0.0.1:9", |_| {}).await;
    let desk = Desk::sign_in(&server, Role::Admin).await;
    let path = "/api/desk/routing-rules";
    for body in [
        json!({"name": "", "enabled": true, "action": {"do": "reject"}}),
        json!({"name": "x", "enabled": true, "action": {"do": "dance"}}),
        json!({"name": "x", "enabled": true, "number": "12", "action": {"do": "reject"}}),
        json!({"name": "x", "enabled": true, "countries": ["Germany"], "action": {"do": "reject"}}),
    ] {
        let refused = desk.send("POST", path, Some(&body)).await;
        problem(refused, 400, slug::BODY_INVALID).await;
    }
    let good = json!({"name": "x", "enabled": true, "action": {"do": "reject"}});
    for id in ["unheard-of", "%00"] {
        let path = format!("{path}/{id}");
        for (method, body) in [("PUT", Some(&good)), ("DELETE", None)] {
            problem(desk.send(method, &path, body).await, 404, slug::NOT_FOUND).await;
        }
    }
    let order = desk
        .send(
            "PUT",
            &format!("{path}/order"),
            Some(&json!({"ids": ["x"]})),
        )
        .await;
    problem(order, 409, slug::RULES_CHANGED).await;
    let test = json!({"from_number": "hello", "to_number": OURS});
    let refused = desk
        .send("POST", &format!("{path}/test"), Some(&test))
        .await;
    problem(refused, 400, slug::BODY_INVALID).await;
    let lower = Desk::sign_in(&server, Role::Agent).await;
    problem(
        lower.send("POST", path, Some(&good)).await,
        403,
        slug::ROLE_TOO_LOW,
    )
    .await;
    server.stop().await;
}

async fn control(emulator: &Emulator, path: &str, body: &Value) -> reqwest::Response {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}/_emulator/{path}", emulator.url());
    let answer = http.post(url).json(body).send().await.unwrap();
    assert!(answer.status().is_success(), "{answer:?}");
    answer
}

#[tokio::test]
async fn a_call_at_the_emulator_goes_where_the_rule_says() {
    let (server, emulator) = TestServer::emulated(|_| {}).await;
    let webhook = server.url("/api/webhooks/retell/tenant_1");
    let number = json!({"phone_numbers": [{
        "phone_number": OURS, "inbound_webhook_url": webhook,
        "inbound_agents": [{"agent_id": "agent_demo_de", "weight": 1}],
    }]});
    control(&emulator, "seed", &number).await;
    let desk = Desk::sign_in(&server, Role::Admin).await;
    let _: NumbersImported = desk.post("/api/desk/numbers/import", &json!({})).await;
    let rule: Rule = desk
        .post(
            "/api/desk/routing-rules",
            &json!({
                "name": "All", "enabled": true, "number": OURS,
                "action": {"do": "agent", "agent_id": "agent_test_hangup",
                           "variables": {"business": "{{business.name}}"}},
            }),
        )
        .await;
    let mut changes = server.app().store.bus().subscribe();
    let ring = json!({"from_number": CALLER, "to_number": OURS});
    let call: Value = control(&emulator, "inbound-call", &ring)
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(call["agent_id"], "agent_test_hangup");
    assert_eq!(call["metadata"]["switchboard_rule"], rule.id.as_str());
    assert_eq!(call["retell_llm_dynamic_variables"]["business"], "Sunrise");
    let id = call["call_id"].as_str().unwrap();
    while next_change(&mut changes).await.call.id != id {}

    let reject = json!({"name": "No", "enabled": true, "action": {"do": "reject"}});
    let path = format!("/api/desk/routing-rules/{}", rule.id);
    assert_eq!(desk.send("PUT", &path, Some(&reject)).await.status(), 200);
    let declined = control(&emulator, "inbound-call", &ring).await;
    assert_eq!(declined.status(), 204);
    emulator.shutdown().await;
    server.stop().await;
}
