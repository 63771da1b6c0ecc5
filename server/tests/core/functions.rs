//! Functions as Retell asks for them: signed, in every body there is, in three
//! languages, twice, too often, and without saying in which call.

mod booking;
mod handing;
mod journey;
pub(crate) mod languages;
mod own;
mod page;

use std::collections::BTreeSet;

use api::calendar::{BookingState, ServiceDetails};
use api::functions::{FunctionCallList, FunctionOutcome};
use api::problem::slug;
use reqwest::Method;
use serde_json::{Value, json};
use server::app::keepers;
use server::calendar::BookingFilter;
use server::functions::general_tools;
use server::people::Role;
use server::person::Person;
use server::privacy;
use server::tenants::TenantSettings;

use crate::bench::somebody;
use crate::support::{
    Desk, Scratch, TestServer, a_moment, problem, raw_connection, run, sign, with,
};

const CALLER: &str = "+34612345678";

/// A server whose business is open around the clock and offers one service.
async fn server(scratch: Scratch) -> TestServer {
    let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
    furnish(&server).await;
    server
}

/// Opens the business around the clock, with a service that is booked.
pub(crate) async fn furnish(server: &TestServer) {
    let (store, tenant) = (&server.app().store, &server.tenant);
    let day = json!([{"from": "00:00", "to": "24:00"}]);
    let hours = json!({"week": [day, day, day, day, day, day, day]});
    let settings = TenantSettings {
        hours: serde_json::from_value(hours).unwrap(),
        ..store.tenants().settings(tenant).await.unwrap()
    };
    store
        .tenants()
        .set_settings(tenant, &settings, None, &somebody(), 1)
        .await
        .unwrap();
    let details: ServiceDetails = serde_json::from_value(json!({
        "name": "Check-up", "minutes": 30, "price": {"cents": 4550, "currency": "EUR"},
    }))
    .unwrap();
    store
        .lists()
        .add(tenant, &details, &somebody(), 1)
        .await
        .unwrap();
}

/// The call as Retell sends it along, spoken in this language.
fn call(id: &str, language: &str) -> Value {
    json!({
        "call_id": id, "call_type": "phone_call", "agent_id": "agent_1", "direction": "inbound",
        "call_status": "ongoing", "from_number": CALLER, "to_number": "+4930901820",
        "retell_llm_dynamic_variables": {"language": language},
    })
}

/// Tells which invocation it is.
fn invocation(mut call: Value, name: &str, id: &str) -> Value {
    let item = json!({"role": "tool_call_invocation", "tool_call_id": id, "name": name});
    call["transcript_with_tool_calls"] = json!([item]);
    call
}

async fn post(server: &TestServer, verb: Method, path: &str, body: &str) -> reqwest::Response {
    let signature = sign(body.as_bytes(), server.app().clock.now_ms());
    let request = server.http.request(verb, server.url(path));
    let request = request.header("x-retell-signature", signature);
    request.body(body.to_owned()).send().await.unwrap()
}

/// What a function answers in a call.
pub(crate) async fn ask(server: &TestServer, name: &str, args: &Value, call: &Value) -> Value {
    let body = json!({"name": name, "args": args, "call": call}).to_string();
    let answer = post(
        server,
        Method::POST,
        &format!("/api/functions/{name}"),
        &body,
    )
    .await;
    assert_eq!(answer.status(), 200, "{name}");
    let answer: Value = answer.json().await.unwrap();
    assert!(
        answer["message"].as_str().is_some_and(|it| !it.is_empty()),
        "{answer}"
    );
    answer
}

async fn bookings(server: &TestServer) -> Vec<api::calendar::Booking> {
    let filter = BookingFilter {
        cancelled: true,
        ..BookingFilter::default()
    };
    let (store, now) = (&server.app().store, server.app().clock.now_ms());
    let page = store
        .bookings()
        .page(&server.tenant, &filter, None, 100, now)
        .await;
    page.unwrap()
}

#[tokio::test]
async fn a_caller_books_moves_and_cancels_in_three_languages() {
    for scratch in Scratch::each().await {
        let server = server(scratch).await;
        let mut number = 34_612_345_678_i64;
        for (language, free, booked, moved, cancelled) in [
            (
                "en",
                "For Check-up there is: ",
                "That is booked: ",
                "That is moved: ",
                "That is cancelled: ",
            ),
            (
                "es-ES",
                "Para Check-up hay: ",
                "Queda reservado: ",
                "Queda cambiado: ",
                "Queda anulada: ",
            ),
            (
                "de",
                "Für Check-up ist frei: ",
                "Das ist gebucht: ",
                "Das ist verlegt: ",
                "Das ist abgesagt: ",
            ),
        ] {
            // Somebody else each time: who was booked is known by name.
            number += 1;
            let mut call = call(&format!("call_{language}"), language);
            call["from_number"] = format!("+{number}").into();
            let ask = async |name: &str, args: Value| ask(&server, name, &args, &call).await;
            let says = |answer: &Value, begins: &str| {
                let message = answer["message"].as_str().unwrap();
                assert!(message.starts_with(begins), "{message}");
                assert_eq!(answer["ok"], true, "{answer}");
            };
            let begun = ask("initialize_call", json!({})).await;
            assert_eq!(
                (&begun["open_now"], &begun["services"]),
                (&json!(true), &json!(["Check-up"]))
            );
            assert_eq!(begun["language"], language.split('-').next().unwrap());
            let services = ask("get_available_services", json!({})).await;
            assert_eq!(services["services"][0]["price"], "45.50 EUR");
            assert_eq!(ask("get_business_hours", json!({})).await["open_now"], true);

            let found = ask("check_availability", json!({"relative_day": "tomorrow"})).await;
            says(&found, free);
            let (slot, later) = (&found["slots"][0]["slot"], &found["slots"][1]["slot"]);
            let exact = ask("check_availability_cal", json!({"slot": slot})).await;
            assert_eq!(exact["available"], true, "{exact}");
            let nameless = ask("book_appointment", json!({"slot": slot})).await;
            assert_eq!(
                (&nameless["ok"], &nameless["reason"]),
                (&json!(false), &json!("name"))
            );
            let answer = ask("book_appointment", json!({"slot": slot, "name": "Ana"})).await;
            says(&answer, booked);
            let reference = answer["booking"]["reference"].clone();
            let taken = ask("check_availability", json!({"slot": slot})).await;
            assert_eq!(
                (&taken["ok"], &taken["reason"]),
                (&json!(false), &json!("taken"))
            );
            assert!(
                !taken["slots"].as_array().unwrap().is_empty(),
                "others are offered"
            );
            let near = ask("get_alternatives", json!({"slot": slot})).await;
            assert!(
                near["slots"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .all(|it| it["slot"] != *slot)
            );
            let listed = ask("list_appointments", json!({})).await;
            assert_eq!(listed["appointments"][0]["reference"], reference);
            says(
                &ask("reschedule_appointment", json!({"slot": later})).await,
                moved,
            );
            let customer = ask("get_customer_info", json!({})).await;
            assert_eq!(customer["next_appointment"]["slot"], *later, "{customer}");
            let gone = json!({"reference": reference});
            says(&ask("cancel_appointment", gone).await, cancelled);
            assert_eq!(
                ask("list_appointments", json!({})).await["appointments"],
                json!([])
            );
            assert_eq!(ask("end_call", json!({})).await["action"], "end");
        }
        let all = bookings(&server).await;
        assert_eq!(all.len(), 3);
        assert!(all.iter().all(|it| it.state == BookingState::Cancelled));
        let phones: BTreeSet<_> = all.into_iter().filter_map(|it| it.phone).collect();
        assert_eq!(phones.len(), 3);
        server.stop().await;
    }
}

#[tokio::test]
async fn a_time_is_held_while_the_caller_thinks_and_then_confirmed() {
    let server = server(Scratch::sqlite()).await;
    let call = call("call_1", "en");
    let ask = async |name: &str, args: Value| ask(&server, name, &args, &call).await;
    let found = ask("check_availability", json!({"relative_day": "tomorrow"})).await;
    let slot = |at: usize| found["slots"][at]["slot"].clone();
    let held = ask("start_booking", json!({"slot": slot(0)})).await;
    assert_eq!(held["missing"], json!(["name"]));
    // They change their mind: the first is free again.
    let other = ask("start_booking", json!({"slot": slot(1)})).await;
    assert_ne!(other["hold"], held["hold"]);
    let stranger = json!({"call_id": "call_2", "agent_id": "agent_1"});
    let first = self::ask(
        &server,
        "check_availability",
        &json!({"slot": slot(0)}),
        &stranger,
    )
    .await;
    assert_eq!(first["available"], true);
    let second = self::ask(
        &server,
        "check_availability",
        &json!({"slot": slot(1)}),
        &stranger,
    )
    .await;
    assert_eq!(second["reason"], "taken");
    assert_eq!(ask("confirm_booking", json!({})).await["reason"], "name");
    let done = ask(
        "confirm_booking",
        json!({"name": "Ana", "hold": other["hold"]}),
    )
    .await;
    assert_eq!(done["booking"]["slot"], slot(1), "{done}");
    let standing = bookings(&server).await;
    let confirmed = |it: &&api::calendar::Booking| it.state == BookingState::Confirmed;
    assert_eq!(standing.iter().filter(confirmed).count(), 1);
    let gone = ask(
        "confirm_booking",
        json!({"hold": held["hold"], "name": "Ana"}),
    )
    .await;
    assert_eq!(gone["reason"], "hold_gone");
    server.stop().await;
}

#[tokio::test]
async fn every_body_retell_and_older_integrations_send_is_answered() {
    let server = server(Scratch::sqlite()).await;
    let name = "get_available_services";
    let current = json!({"name": name, "args": {}, "call": call("call_1", "en")}).to_string();
    for path in [
        "/retell/functions",
        "/api/webhooks/retell/function",
        "/api/functions/get_available_services",
    ] {
        let answer = post(&server, Method::POST, path, &current).await;
        let answer: Value = answer.json().await.unwrap();
        assert_eq!(answer["services"][0]["name"], "Check-up", "{path}");
    }
    let started = json!({"event": "call_started", "call": call("call_1", "en")});
    assert_eq!(server.webhook(&started).await.status(), 204);
    server.settled().await;
    for older in [
        json!({"name": name, "arguments": {}, "call_id": "call_1"}),
        json!({"function_name": name, "parameters": {}, "call_id": "call_1"}),
    ] {
        let answer = post(
            &server,
            Method::POST,
            "/retell/functions",
            &older.to_string(),
        )
        .await;
        let answer: Value = answer.json().await.unwrap();
        assert_eq!(
            answer["result"]["services"][0]["name"], "Check-up",
            "{older}"
        );
    }
    let alone = post(
        &server,
        Method::PUT,
        "/api/functions/check_availability",
        "{\"in_days\": 1}",
    )
    .await;
    assert_eq!(alone.json::<Value>().await.unwrap()["available"], true);
    for verb in [Method::GET, Method::DELETE] {
        let path = "/api/functions/check_availability?in_days=1&call_id=call_1&language=de";
        let answer = post(&server, verb, path, "").await;
        let answer: Value = answer.json().await.unwrap();
        assert!(
            answer["message"]
                .as_str()
                .unwrap()
                .starts_with("Für Check-up"),
            "{answer}"
        );
    }
    let unheard_of = ask(&server, "make_coffee", &json!({}), &call("call_1", "es")).await;
    assert_eq!(unheard_of["reason"], "unknown_function");
    // Whoever wrote the prompt finds it where the call is.
    let functions = server.app().store.functions();
    let asked = functions.of_call(&server.tenant, "call_1").await.unwrap();
    let coffee = asked.iter().find(|it| it.name == "make_coffee").unwrap();
    assert_eq!(coffee.outcome, FunctionOutcome::Refused);
    let missing = ask(
        &server,
        "add_note",
        &json!({"note": ""}),
        &call("call_1", "es"),
    )
    .await;
    assert_eq!(missing["reason"], "arguments", "{missing}");
    let nothing = post(&server, Method::POST, "/retell/functions", "{}").await;
    problem(nothing, 400, slug::BODY_INVALID).await;
    let unsigned = server
        .http
        .post(server.url("/retell/functions"))
        .body(current.clone());
    problem(unsigned.send().await.unwrap(), 401, slug::SIGNATURE_MISSING).await;
    let forged = server
        .http
        .post(server.url("/retell/functions"))
        .body(current);
    let forged = forged.header(
        "x-retell-signature",
        sign(b"{}", server.app().clock.now_ms()),
    );
    problem(forged.send().await.unwrap(), 401, slug::SIGNATURE_INVALID).await;
    server.stop().await;
}

#[tokio::test]
async fn asked_again_it_is_answered_the_same_and_done_once() {
    for scratch in Scratch::each().await {
        let server = server(scratch).await;
        let found = json!({"relative_day": "tomorrow"});
        let found = ask(&server, "check_availability", &found, &call("call_1", "en")).await;
        let wish = json!({"slot": found["slots"][0]["slot"], "name": "Ana"});
        let first = invocation(call("call_1", "en"), "book_appointment", "t1");
        let asked = (0..10).map(|_| ask(&server, "book_appointment", &wish, &first));
        let answers = futures_util::future::join_all(asked).await;
        assert_eq!(answers[0]["ok"], true, "{}", answers[0]);
        assert!(answers.iter().all(|answer| *answer == answers[0]));
        assert_eq!(bookings(&server).await.len(), 1);
        // An id that is new, or none: it is what was booked before.
        let again = invocation(call("call_1", "en"), "book_appointment", "t2");
        assert_eq!(
            ask(&server, "book_appointment", &wish, &again).await,
            answers[0]
        );
        assert_eq!(
            ask(&server, "book_appointment", &wish, &call("call_1", "en")).await,
            answers[0]
        );
        assert_eq!(bookings(&server).await.len(), 1);
        server.stop().await;
    }
}

#[tokio::test]
async fn what_is_asked_again_after_something_else_is_done_again() {
    for scratch in Scratch::each().await {
        let server = server(scratch).await;
        let of = call("call_1", "en");
        // Whoever means any time names years.
        let ever = json!({"date_range": "2020-01-01/2199-12-31"});
        let found = ask(&server, "check_availability", &ever, &of).await;
        let wish = json!({"slot": found["slots"][0]["slot"], "name": "Ana"});
        let gone = json!({});
        for _ in 0..2 {
            let booked = ask(&server, "book_appointment", &wish, &of).await;
            assert_eq!(booked["ok"], true, "{booked}");
            let listed = ask(&server, "list_appointments", &json!({}), &of).await;
            let listed = listed["appointments"].as_array().unwrap().len();
            assert_eq!(listed, 1, "it is booked, and not only said to be");
            let cancelled = ask(&server, "cancel_appointment", &gone, &of).await;
            assert_eq!(cancelled["ok"], true, "{cancelled}");
        }
        assert_eq!(bookings(&server).await.len(), 2);
        server.stop().await;
    }
}

#[tokio::test]
async fn an_agent_is_told_of_the_last_visit_and_of_what_agents_noted() {
    for scratch in Scratch::each().await {
        let server = server(scratch).await;
        let of = call("call_1", "en");
        let tomorrow = json!({"relative_day": "tomorrow"});
        let found = ask(&server, "check_availability", &tomorrow, &of).await;
        let slot = &found["slots"][0]["slot"];
        ask(
            &server,
            "book_appointment",
            &json!({"slot": slot, "name": "Ana"}),
            &of,
        )
        .await;
        ask(&server, "add_note", &json!({"note": "Likes tea."}), &of).await;
        let mut connection = raw_connection(&server.scratch.database).await;
        let week =
            "UPDATE bookings SET starts_at = starts_at - 604800000, ends_at = ends_at - 604800000";
        run(&mut connection, week).await;
        let (store, caller) = (&server.app().store, CALLER.parse().unwrap());
        let contact = store.contacts().by_phone(&server.tenant, &caller).await;
        let mut contact = contact.unwrap().unwrap();
        contact.details.notes = format!("Owes us money.\n{}", contact.details.notes);
        let desk = Desk::sign_in(&server, Role::Agent).await;
        let path = format!("/api/desk/contacts/{}", contact.id);
        let changed = desk.send("PUT", &path, Some(&json!(contact.details))).await;
        assert_eq!(changed.status(), 200);
        let customer = ask(&server, "check_customer", &json!({}), &call("call_2", "en")).await;
        assert_eq!(customer["last_visit"]["service"], "Check-up", "{customer}");
        assert_eq!(customer["next_appointment"], Value::Null);
        let [note] = customer["notes"].as_array().unwrap().as_slice() else {
            panic!("{customer}")
        };
        let note = note.as_str().unwrap();
        assert!(
            note.ends_with(": Likes tea."),
            "not what people wrote: {customer}"
        );
        server.stop().await;
    }
}

#[tokio::test]
async fn what_was_asked_stands_with_its_call_until_that_is_erased() {
    for scratch in Scratch::each().await {
        let server = server(scratch).await;
        ask(
            &server,
            "add_note",
            &json!({"note": "Likes tea."}),
            &call("call_1", "en"),
        )
        .await;
        ask(
            &server,
            "confirm_booking",
            &json!({"name": "Ana"}),
            &call("call_1", "en"),
        )
        .await;
        let desk = Desk::sign_in(&server, Role::Agent).await;
        let asked: FunctionCallList = desk.get("/api/desk/calls/call_1/functions").await;
        let [note, confirmation] = asked.items.as_slice() else {
            panic!("{asked:?}")
        };
        assert_eq!(note.name, "add_note");
        assert_eq!(note.arguments["note"], "Likes tea.");
        assert_eq!(note.answer.as_ref().unwrap()["ok"], true);
        assert!(note.latency_ms.is_some());
        assert_eq!(note.outcome, FunctionOutcome::Done);
        assert_eq!(confirmation.outcome, FunctionOutcome::Refused);
        let store = &server.app().store;
        let caller = CALLER.parse().unwrap();
        let contact = store
            .contacts()
            .by_phone(&server.tenant, &caller)
            .await
            .unwrap();
        assert!(contact.unwrap().details.notes.ends_with("Likes tea."));
        let unknown = desk
            .send("GET", "/api/desk/calls/call_9/functions", None)
            .await;
        problem(unknown, 404, slug::CALL_UNKNOWN).await;
        let over = with(&call("call_1", "en"), &json!({"call_status": "ended"}));
        let ended = json!({"event": "call_ended", "call": over});
        assert_eq!(server.webhook(&ended).await.status(), 204);
        server.settled().await;
        let (who, tenant) = (Person::parse(CALLER).unwrap(), &server.tenant);
        privacy::erase(&keepers(), store, tenant, &who, None, &somebody(), 2)
            .await
            .unwrap();
        let left = store.functions().of_call(tenant, "call_1").await.unwrap();
        assert_eq!(left, []);
        server.stop().await;
    }
}

#[tokio::test]
async fn a_function_that_is_quicker_than_its_call_waits_for_it() {
    let server = server(Scratch::sqlite()).await;
    let body = r#"{"name": "add_note", "arguments": {"note": "Hi"}, "call_id": "call_1"}"#;
    let asked = post(&server, Method::POST, "/retell/functions", body);
    let told = async {
        a_moment().await;
        let started = json!({"event": "call_started", "call": call("call_1", "en")});
        server.webhook(&started).await
    };
    let (answer, told) = tokio::join!(asked, told);
    assert_eq!(told.status(), 204);
    let answer: Value = answer.json().await.unwrap();
    assert_eq!(answer["result"]["ok"], true);
    let caller = CALLER.parse().unwrap();
    let store = &server.app().store;
    let contact = store.contacts().by_phone(&server.tenant, &caller).await;
    assert!(contact.unwrap().is_some(), "the number is the call's");
    server.stop().await;
}

#[tokio::test]
async fn a_call_that_is_not_named_is_the_one_that_goes_on() {
    let server = server(Scratch::sqlite()).await;
    let started = json!({"event": "call_started", "call": call("call_1", "en")});
    assert_eq!(server.webhook(&started).await.status(), 204);
    server.settled().await;
    let answer = post(
        &server,
        Method::POST,
        "/api/functions/add_note",
        r#"{"note": "Hi"}"#,
    )
    .await;
    assert_eq!(answer.json::<Value>().await.unwrap()["ok"], true);
    let store = &server.app().store;
    let asked = store
        .functions()
        .of_call(&server.tenant, "call_1")
        .await
        .unwrap();
    assert_eq!(asked.len(), 1);
    let caller = CALLER.parse().unwrap();
    let contact = store
        .contacts()
        .by_phone(&server.tenant, &caller)
        .await
        .unwrap();
    assert!(contact.is_some(), "the caller's number is the call's");
    // Of two, nobody knows whose it is: nothing is told or kept of either.
    let mut other = call("call_2", "en");
    other["from_number"] = json!("+34612345679");
    let started = json!({"event": "call_started", "call": other});
    assert_eq!(server.webhook(&started).await.status(), 204);
    server.settled().await;
    let answer = post(&server, Method::POST, "/api/functions/check_customer", "{}").await;
    assert_eq!(answer.json::<Value>().await.unwrap()["found"], false);
    let named = format!(r#"{{"phone": "{CALLER}"}}"#);
    let answer = post(
        &server,
        Method::POST,
        "/api/functions/check_customer",
        &named,
    )
    .await;
    assert_eq!(answer.json::<Value>().await.unwrap()["found"], true);
    server.stop().await;
}

#[tokio::test]
async fn who_asks_too_often_is_told_to_wait() {
    let server = server(Scratch::sqlite()).await;
    let mut refused = 0;
    for _ in 0..60 {
        let answer = ask(
            &server,
            "get_available_services",
            &json!({}),
            &call("call_1", "en"),
        )
        .await;
        refused += usize::from(answer["reason"] == "too_often");
    }
    assert!((1..=20).contains(&refused), "{refused}");
    let other = ask(
        &server,
        "get_available_services",
        &json!({}),
        &call("call_2", "en"),
    )
    .await;
    assert_eq!(other["ok"], true, "another call of the business may");
    server.stop().await;
}

#[tokio::test]
async fn the_calls_of_a_business_have_a_limit_together() {
    let server = TestServer::start_with(Scratch::sqlite(), "http://127.0.0.1:9", |config| {
        config.limits.functions_per_minute = 3;
    })
    .await;
    furnish(&server).await;
    let asks = async |id: &str| {
        let of = call(id, "de");
        ask(&server, "get_available_services", &json!({}), &of).await
    };
    for nth in 0..3 {
        assert_eq!(asks(&format!("call_{nth}")).await["ok"], true, "{nth}");
    }
    let refused = asks("call_3").await;
    assert_eq!(refused["reason"], "too_often");
    assert_eq!(
        refused["message"],
        "Einen Moment bitte, ich versuche es gleich noch einmal."
    );
    server.stop().await;
}

#[tokio::test]
async fn what_names_no_call_of_several_businesses_is_nobody_s() {
    let server = server(Scratch::sqlite()).await;
    let other = &server.app().store;
    other
        .tenants()
        .upsert("tenant_2", "Aurora", "Europe/Madrid", 1)
        .await
        .unwrap();
    // The server's key is both businesses': what names no call of either is nobody's.
    let answer = post(&server, Method::POST, "/api/functions/end_call", "{}").await;
    problem(answer, 404, slug::CALL_UNKNOWN).await;
    server.stop().await;
}

#[tokio::test]
async fn what_retell_is_told_are_the_schemas_that_are_checked() {
    let server = server(Scratch::sqlite()).await;
    let desk = Desk::sign_in(&server, Role::Agent).await;
    let told: Value = desk.get("/api/desk/functions").await;
    assert_eq!(told, general_tools(&server.app().config, &[]));
    let names: Vec<_> = told
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["name"].as_str().unwrap())
        .collect();
    for name in [
        "initialize_call",
        "check_availability",
        "book_appointment",
        "cancel_appointment",
    ] {
        assert!(names.contains(&name), "{names:?}");
    }
    // As Retell takes them.
    let whole = json!({"general_tools": told});
    let create = retell_spec::operation("POST /create-retell-llm").unwrap();
    create.check_every_key(&whole).unwrap();
    let tools = told.as_array().unwrap();
    let hangs_up = tools
        .iter()
        .find(|tool| tool["name"] == "end_call")
        .unwrap();
    assert_eq!(
        hangs_up["type"], "end_call",
        "only Retell's own tool hangs up"
    );
    for tool in tools.iter().filter(|tool| tool["type"] == "custom") {
        let url = tool["url"].as_str().unwrap();
        assert!(url.ends_with(&format!(
            "/api/functions/{}",
            tool["name"].as_str().unwrap()
        )));
        assert_eq!(tool["parameters"]["type"], "object");
    }
    server.stop().await;
}
