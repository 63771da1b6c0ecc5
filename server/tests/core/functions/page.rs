//! The page of the functions: what it shows, and what is done there.

use api::functions::{AgentTools, FunctionRun, FunctionRunPage, FunctionUseList, ToolChange};
use api::problem::slug;
use reqwest::Method;
use serde_json::{Value, json};
use server::bus::{Signal, Topic};
use server::functions::exported;
use server::people::Role;
use sqlx::Connection;

use super::{ask, bookings, call, server};
use crate::support::{Desk, Scratch, TestServer, in_time, problem, raw_connection};

#[tokio::test]
async fn what_agents_ask_is_told_counted_and_listed() {
    for scratch in Scratch::each().await {
        let database = scratch.database.clone();
        let server = server(scratch).await;
        let call = call("call_1", "en");
        let mut told = server.app().store.bus().listen(Topic::Desks);
        ask(&server, "get_business_hours", &json!({}), &call).await;
        let asked = || Signal::FunctionAsked {
            tenant_id: server.tenant.id().to_owned(),
            call_id: "call_1".to_owned(),
        };
        // When it begins, and when it has answered; what else is told is told of others.
        for _ in 0..2 {
            while in_time(told.next()).await != asked() {}
        }
        ask(
            &server,
            "check_availability_cal",
            &json!({"weekday": "x"}),
            &call,
        )
        .await;

        let desk = Desk::sign_in(&server, Role::Admin).await;
        let page: FunctionUseList = desk.get("/api/desk/functions/use").await;
        let of = |name: &str| page.items.iter().find(|it| it.name == name).unwrap();
        assert_eq!(
            (
                of("get_business_hours").asked,
                of("get_business_hours").failed
            ),
            (1, 0)
        );
        assert!(of("get_business_hours").p95_ms.is_some());
        let days = |page: &FunctionUseList, name: &str| -> Vec<(u32, u32)> {
            let it = page.items.iter().find(|it| it.name == name).unwrap();
            it.days.iter().map(|day| (day.asked, day.failed)).collect()
        };
        let (none, once) = ((0, 0), (1, 0));
        let today = [none, none, none, none, none, none, once];
        assert_eq!(days(&page, "get_business_hours"), today);
        assert_eq!(days(&page, "book_appointment"), [none; 7]);
        assert_eq!(of("check_availability").asked, 1, "by its other name");
        assert!(!of("check_availability").changes && of("book_appointment").changes);
        // At the last moment of the day before yesterday, and of the last one before all of them.
        let begins = of("get_business_hours").days.iter().map(|day| day.begins);
        let begins: Vec<_> = begins.collect();
        let mut connection = raw_connection(&database).await;
        for (begin, expected) in [
            (begins[5], [none, none, none, none, once, none, none]),
            (begins[0], [none; 7]),
        ] {
            let sql = "UPDATE function_calls SET at = $1 WHERE name = 'get_business_hours'";
            let update = sqlx::query(sql).bind(begin - 1);
            update.execute(&mut connection).await.unwrap();
            let page: FunctionUseList = desk.get("/api/desk/functions/use").await;
            assert_eq!(days(&page, "get_business_hours"), expected);
        }
        connection.close().await.unwrap();
        let runs: FunctionRunPage = desk
            .get("/api/desk/functions/check_availability/runs")
            .await;
        assert_eq!(runs.items.len(), 1);
        assert_eq!(runs.items[0].call_id.as_deref(), Some("call_1"));
        assert_eq!(
            runs.items[0].call.answer.as_ref().unwrap()["reason"],
            "arguments"
        );
        let none = desk
            .send("GET", "/api/desk/functions/no_such/runs", None)
            .await;
        problem(none, 404, slug::NOT_FOUND).await;
        server.stop().await;
    }
}

#[tokio::test]
async fn a_trial_really_does_it_and_is_marked() {
    let server = server(Scratch::sqlite()).await;
    let desk = Desk::sign_in(&server, Role::Admin).await;
    let attempt = async |name: &str, body: Value| -> FunctionRun {
        desk.post(&format!("/api/desk/functions/{name}/try"), &body)
            .await
    };
    let found = attempt("check_availability", json!({"language": "es"})).await;
    let answer = found.call.answer.unwrap();
    assert!(
        answer["message"]
            .as_str()
            .unwrap()
            .starts_with("Para Check-up hay"),
        "{answer}"
    );
    let slot = &answer["slots"][0]["slot"];
    let arguments = json!({"slot": slot, "name": "Ana", "phone": "+34612345678"});
    let booked = attempt("book_appointment", json!({"arguments": arguments})).await;
    assert!(booked.trial && booked.call_id.is_none());
    assert_eq!(bookings(&server).await.len(), 1);
    let runs: FunctionRunPage = desk.get("/api/desk/functions/book_appointment/runs").await;
    assert!(runs.items[0].trial);
    assert_eq!(runs.items[0].call.id, booked.call.id);
    let page: FunctionUseList = desk.get("/api/desk/functions/use").await;
    assert!(page.items.iter().all(|it| it.asked == 0), "nobody called");
    let agent = Desk::sign_in(&server, Role::Agent).await;
    let path = "/api/desk/functions/end_call/try";
    let refused = agent.send("POST", path, Some(&json!({}))).await;
    assert_eq!(refused.status(), 403);
    server.stop().await;
}

#[tokio::test]
async fn functions_are_switched_off_for_an_agent_and_put_into_it() {
    for scratch in Scratch::each().await {
        let (server, emulator) = TestServer::emulated_on(scratch, |_| {}).await;
        let retell = emulator.url().to_owned();
        let at_retell = async |verb: Method, path: &str, body: Value| -> Value {
            let request = server.http.request(verb, format!("{retell}{path}"));
            let request = request.bearer_auth(emulator_key(&server)).json(&body);
            let answer = request.send().await.unwrap();
            assert!(answer.status().is_success(), "{path} {}", answer.status());
            answer.json().await.unwrap()
        };
        let own = json!({"type": "end_call", "name": "end_call", "description": "Hangs up."});
        let llm = json!({"general_tools": [own]});
        let llm = at_retell(Method::POST, "/create-retell-llm", llm).await;
        let engine = json!({"type": "retell-llm", "llm_id": llm["llm_id"]});
        let agent =
            json!({"response_engine": engine, "voice_id": "11labs-Adrian", "agent_name": "Emma"});
        let agent = at_retell(Method::POST, "/create-agent", agent).await;
        let agent = agent["agent_id"].as_str().unwrap().to_owned();

        let desk = Desk::sign_in(&server, Role::Admin).await;
        let path = format!("/api/desk/agents/{agent}/functions");
        let off = desk
            .send(
                "PUT",
                &format!("{path}/cancel_appointment"),
                Some(&json!({"on": false})),
            )
            .await;
        assert_eq!(off.status(), 200);
        let mut call = call("call_off", "en");
        call["agent_id"] = agent.as_str().into();
        let answer = ask(&server, "cancel_appointment", &json!({}), &call).await;
        assert_eq!(answer["reason"], "switched_off", "{answer}");
        let page: FunctionUseList = desk.get("/api/desk/functions/use").await;
        let cancel = page.items.iter().find(|it| it.name == "cancel_appointment");
        assert_eq!(cancel.unwrap().off_for, [agent.as_str()]);

        let before: AgentTools = desk.get(&path).await;
        let change = |tools: &AgentTools, name: &str| {
            let found = tools.items.iter().find(|it| it.name == name);
            found.map(|it| it.change)
        };
        assert_eq!(change(&before, "end_call"), Some(ToolChange::Kept));
        assert_eq!(change(&before, "book_appointment"), Some(ToolChange::Added));
        assert_eq!(change(&before, "cancel_appointment"), None);
        let written = desk.send("PUT", &path, None).await;
        assert_eq!(written.status(), 200);
        let after: AgentTools = desk.get(&path).await;
        assert_eq!(change(&after, "book_appointment"), Some(ToolChange::Same));
        let llm = format!("/get-retell-llm/{}", llm["llm_id"].as_str().unwrap());
        let llm = at_retell(Method::GET, &llm, json!({})).await;
        let names: Vec<_> = llm["general_tools"].as_array().unwrap().iter().collect();
        assert!(
            names.iter().any(|it| it["name"] == "book_appointment"),
            "{names:?}"
        );
        assert!(names.iter().all(|it| it["name"] != "cancel_appointment"));

        // What is printed for it lacks what is off, and nothing else.
        let (app, tenant) = (server.app(), &server.tenant);
        let printed = async |agent: Option<&str>| -> Vec<String> {
            let told = exported(&app.config, &app.store, tenant, agent).await;
            let told = told.unwrap();
            let names = told.as_array().unwrap().iter();
            names
                .map(|it| it["name"].as_str().unwrap().to_owned())
                .collect()
        };
        let mut all = printed(None).await;
        assert_eq!(printed(Some("another")).await, all);
        all.retain(|it| it != "cancel_appointment");
        assert_eq!(printed(Some(&agent)).await, all);

        drop(emulator);
        server.stop().await;
    }
}

/// The key of the local Retell's account.
fn emulator_key(server: &TestServer) -> String {
    server.app().config.retell.api_key.expose().to_owned()
}
