//! Functions a business defines itself: asked in a call, signed, once, and tried out.

use api::callbacks::CallbackPage;
use api::functions::{
    FunctionCallList, FunctionOutcome, FunctionRun, FunctionRunPage, FunctionUseList,
    OwnFunctionSecret, OwnFunctionTried,
};
use api::keys::ApiScope;
use receiver::Receiver;
use serde_json::{Value, json};
use server::people::Role;

use super::{CALLER, ask, call, furnish, invocation};
use crate::support::{Desk, Scratch, TestServer};
use crate::v1::{Program, program};

const PATH: &str = "/api/v1/own-functions";

async fn server(scratch: Scratch) -> TestServer {
    let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |config| {
        config.outbound.allow_private = vec!["127.0.0.1".parse().unwrap()];
    })
    .await;
    furnish(&server).await;
    server
}

/// Finds a car by its plate.
fn find_car(url: &str) -> Value {
    json!({
        "name": "find_car", "description": "Finds a car by its plate.",
        "parameters": {
            "type": "object", "required": ["plate"],
            "properties": {"plate": {"type": "string"}, "seats": {"type": "integer"}},
        },
        "url": format!("{url}/cars/{{{{args.plate}}}}"),
        "body": {"seats": "{{args.seats}}", "for": "{{caller.number}} ({{call.language}})"},
        "headers": {"x-key": "sesame", "x-call": "{{call.call_id}}"},
    })
}

async fn add(crm: &Program<'_>, body: &Value) -> OwnFunctionSecret {
    let added = crm.send("POST", PATH, body).await;
    assert_eq!(added.status(), 201);
    added.json().await.unwrap()
}

#[tokio::test]
async fn an_agent_asks_a_target_of_the_business_s() {
    for scratch in Scratch::each().await {
        let server = server(scratch).await;
        let crm = program(&server, &[ApiScope::TenantRead, ApiScope::TenantWrite]).await;
        let target = Receiver::start().await;
        let made = add(&crm, &find_car(&target.url)).await;
        assert_eq!(made.function.header_names, ["x-call", "x-key"]);
        target.answer(200, r#"{"message": "A red one.", "car": {"id": 7}}"#);
        let wish = json!({"plate": "B-AB 12/3", "seats": "4"});
        let first = invocation(call("call_1", "de"), "find_car", "t1");
        let answer = ask(&server, "find_car", &wish, &first).await;
        let told = json!({"ok": true, "message": "A red one.", "car": {"id": 7}});
        assert_eq!(answer, told);
        let got = target.next().await;
        assert_eq!(got.path, "/cars/B-AB%2012%2F3");
        assert_eq!(got.json(), json!({"seats": 4, "for": "+34612345678 (de)"}));
        assert_eq!(
            (&got.headers["x-key"], &got.headers["x-call"]),
            (&"sesame".parse().unwrap(), &"call_1".parse().unwrap())
        );
        assert!(got.is_signed_with(&made.secret));
        // Asked again, it is answered and the target hears nothing.
        assert_eq!(ask(&server, "find_car", &wish, &first).await, told);
        assert!(target.rest().is_empty());
        let desk = Desk::sign_in(&server, Role::Admin).await;
        let asked: FunctionCallList = desk.get("/api/desk/calls/call_1/functions").await;
        let [asked] = asked.items.try_into().unwrap();
        assert_eq!(
            (asked.name.as_str(), asked.outcome),
            ("find_car", FunctionOutcome::Done)
        );
        assert_eq!(asked.answer, Some(told));
        assert_eq!(got.id(), asked.id);
        // The page of the functions does with it what it does with ours.
        let page: FunctionUseList = desk.get("/api/desk/functions/use").await;
        let fares = page.items.iter().find(|it| it.name == "find_car").unwrap();
        assert_eq!((fares.asked, fares.failed, fares.changes), (1, 0, true));
        let tried = "/api/desk/functions/find_car/try";
        let plate = json!({"arguments": {"plate": "X"}});
        let tried: FunctionRun = desk.post(tried, &plate).await;
        assert_eq!(
            (tried.trial, tried.call.outcome),
            (true, FunctionOutcome::Done)
        );
        assert_eq!(target.next().await.path, "/cars/X");
        let runs: FunctionRunPage = desk.get("/api/desk/functions/find_car/runs").await;
        assert_eq!(runs.items.len(), 2);
        let switch = "/api/desk/agents/agent_1/functions/find_car";
        let off = desk.send("PUT", switch, Some(&json!({"on": false}))).await;
        assert_eq!(off.status(), 200);
        let answer = ask(&server, "find_car", &wish, &call("call_3", "de")).await;
        assert_eq!(answer["reason"], "switched_off");
        let on = desk.send("PUT", switch, Some(&json!({"on": true}))).await;
        assert_eq!(on.status(), 200);
        // Exported with the others, as long as it is switched on.
        let exported = async || -> bool {
            let all: Value = desk.get("/api/desk/functions").await;
            all.as_array()
                .unwrap()
                .iter()
                .any(|tool| tool["name"] == "find_car")
        };
        assert!(exported().await);
        let one = format!("{PATH}/{}", made.function.id);
        let mut off = find_car(&target.url);
        off["active"] = false.into();
        off.as_object_mut().unwrap().remove("headers");
        assert_eq!(crm.send("PUT", &one, &off).await.status(), 200);
        assert!(!exported().await);
        let unknown = ask(&server, "find_car", &wish, &call("call_2", "de")).await;
        assert_eq!(unknown["reason"], "unknown_function");
        // Neither in the database nor in an answer is a secret to be read.
        let kept: Value = crm.get(&one).await.json().await.unwrap();
        assert_eq!(
            kept["header_names"],
            json!(["x-call", "x-key"]),
            "they stay"
        );
        assert!(!kept.to_string().contains("sesame"));
        assert_eq!(crm.send("DELETE", &one, &json!({})).await.status(), 204);
        assert_eq!(crm.get(&one).await.status(), 404);
        server.stop().await;
    }
}

#[tokio::test]
async fn a_target_that_refuses_fails_or_hangs_is_an_answer() {
    let server = server(Scratch::sqlite()).await;
    let crm = program(&server, &[ApiScope::TenantRead, ApiScope::TenantWrite]).await;
    let target = Receiver::start().await;
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silence = format!("http://{}", silent.local_addr().unwrap());
    add(&crm, &find_car(&target.url)).await;
    let mut slow = find_car(&silence);
    (slow["name"], slow["timeout_ms"]) = ("find_slowly".into(), 500.into());
    add(&crm, &slow).await;
    let asked = async |name: &str, plate: &str| {
        let wish = json!({"plate": plate});
        let answer = ask(&server, name, &wish, &call("call_1", "en")).await;
        assert_eq!(answer["ok"], false, "{answer}");
        answer
    };
    target.answer(404, r#"{"message": "No such car.", "known": 3}"#);
    let refused = asked("find_car", "a").await;
    assert_eq!(
        (&refused["reason"], &refused["message"]),
        (&json!("refused"), &json!("No such car."))
    );
    assert_eq!(refused["known"], 3);
    target.answer(500, "no");
    let failed = asked("find_car", "b").await;
    assert_eq!(
        (&failed["reason"], &failed["callback"]),
        (&json!("failed"), &json!(true))
    );
    // What is promised then is left to the staff.
    let desk = Desk::sign_in(&server, Role::Agent).await;
    let left: CallbackPage = desk.get("/api/desk/callbacks").await;
    let [left] = left.items.as_slice() else {
        panic!("{left:?}")
    };
    assert_eq!(left.phone, CALLER);
    assert!(left.note.contains("find_car"), "{}", left.note);
    target.answer_with(302, &[("location", "http://127.0.0.1:1/")], "");
    assert_eq!(asked("find_car", "c").await["reason"], "failed");
    assert_eq!(asked("find_car", "..").await["reason"], "arguments");
    assert_eq!(asked("find_car", "").await["reason"], "arguments");
    assert_eq!(asked("find_slowly", "d").await["reason"], "late");
    drop(silent);
    server.stop().await;
}

#[tokio::test]
async fn a_function_is_tried_out_and_what_cannot_be_is_refused() {
    let server = server(Scratch::sqlite()).await;
    let desk = Desk::sign_in(&server, Role::Admin).await;
    let target = Receiver::start().await;
    let path = "/api/desk/own-functions";
    let made: OwnFunctionSecret = desk.post(path, &find_car(&target.url)).await;
    let one = format!("{path}/{}", made.function.id);
    target.answer(200, "[1, 2]");
    let trial = json!({"arguments": {"plate": "x"}, "caller_number": "+4930901820"});
    let tried: OwnFunctionTried = desk.post(&format!("{one}/try"), &trial).await;
    assert_eq!(tried.outcome, FunctionOutcome::Done);
    assert_eq!(tried.answer["result"], json!([1, 2]));
    assert_eq!(tried.url, Some(format!("{}/cars/x", target.url)));
    assert_eq!(tried.body.unwrap()["seats"], Value::Null);
    assert!(target.next().await.is_signed_with(&made.secret));
    let wrong: OwnFunctionTried = desk.post(&format!("{one}/try"), &json!({})).await;
    assert_eq!((wrong.outcome, wrong.url), (FunctionOutcome::Refused, None));
    target.answer(503, "no");
    let failed: OwnFunctionTried = desk.post(&format!("{one}/try"), &trial).await;
    assert_eq!(
        failed.error.as_deref(),
        Some("find_car: the target answered 503")
    );
    target.next().await;
    // A new secret signs at once, the previous one no more.
    let anew: OwnFunctionSecret = desk.post(&format!("{one}/rotate-secret"), &json!({})).await;
    let _: OwnFunctionTried = desk.post(&format!("{one}/try"), &trial).await;
    let got = target.next().await;
    assert!(got.is_signed_with(&anew.secret));
    assert!(!got.is_signed_with(&made.secret));
    assert_eq!(got.headers["x-key"], "sesame", "headers stay");
    for (field, value) in [
        ("name", json!("find_car")),
        ("name", json!("book_appointment")),
        ("url", json!("http://10.0.0.1/")),
        ("url", json!("https://{{args.plate}}/")),
        ("headers", json!({"webhook-id": "x"})),
        ("parameters", json!({"type": "array"})),
    ] {
        let mut body = find_car(&target.url);
        body["name"] = "another".into();
        body[field] = value;
        let refused = desk.send("POST", path, Some(&body)).await;
        assert_eq!(refused.status(), 422, "{field}: {body}");
    }
    server.stop().await;
}
