//! An agent of the local Retell books during a call.

use std::time::Duration;

use api::calendar::BookingState;
use api::functions::{FunctionCallList, FunctionOutcome};
use emulator::testing::{Peer, PeerError};
use serde_json::{Value, json};
use server::keys::PublicKey;
use server::people::Role;

use super::{bookings, furnish};
use crate::support::{Desk, Scratch, TestServer, a_moment, in_time, key};

/// The steps of an agent that books what is free.
const SCENARIO: &str = r#"
name = "Booking"
language = "en-US"

[[steps]]
tool = "check_availability"
arguments = { relative_day = "tomorrow" }
variables = { slot = "slots[0].slot" }

[[steps]]
tool = "book_appointment"
arguments = { slot = "{{slot}}", name = "Ana", phone = "+34612345678" }
variables = { reference = "booking.reference" }

[[steps]]
end = "agent_hangup"

[analysis]
summary = "Booked {{reference}}."
"#;

#[tokio::test]
async fn an_agent_books_during_a_call_and_the_call_s_page_tells_it() {
    let scratch = Scratch::sqlite();
    let scenarios = scratch.directory.join("scenarios");
    std::fs::create_dir_all(&scenarios).unwrap();
    std::fs::write(scenarios.join("test-tools.toml"), SCENARIO).unwrap();
    let (server, _emulator) = TestServer::emulated_so(
        scratch,
        |_| {},
        |retell, own| emulator::Config {
            functions_url: Some(format!("{own}/api/functions")),
            scenarios: Some(scenarios),
            ..retell
        },
    )
    .await;
    furnish(&server).await;
    let store = &server.app().store;
    let public = PublicKey {
        agents: vec!["agent_test_tools".to_owned()],
        ..key("pk_test")
    };
    store
        .public_keys()
        .upsert(&server.tenant, &public, 0)
        .await
        .unwrap();
    let minted = server.mint(&json!({"key": "pk_test"})).await;
    let access: api::public::CallAccess = minted.json().await.unwrap();
    let visitor = loop {
        let joined = Peer::connect(&access.gateway_url, &access.access_token, &access.call_id);
        match joined.await {
            Err(PeerError::Refused { status: 404, .. }) => a_moment().await,
            joined => break joined.unwrap(),
        }
    };
    let booked = async {
        loop {
            let all = bookings(&server).await;
            if let [booking] = all.as_slice() {
                break booking.clone();
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let booking = in_time(booked).await;
    assert_eq!(booking.state, BookingState::Confirmed);
    assert_eq!(booking.call_id.as_deref(), Some(access.call_id.as_str()));
    assert_eq!(booking.name, "Ana");
    let desk = Desk::sign_in(&server, Role::Agent).await;
    let path = format!("/api/desk/calls/{}/functions", access.call_id);
    let told = async {
        loop {
            let asked: FunctionCallList = desk.get(&path).await;
            if asked.items.len() == 2 && asked.items.iter().all(|it| it.answer.is_some()) {
                break asked;
            }
            a_moment().await;
        }
    };
    let asked = in_time(told).await;
    let names: Vec<_> = asked.items.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["check_availability", "book_appointment"]);
    // By which the desk knows them again among what Retell tells of the call.
    let ids = asked.items.iter().map(|it| it.tool_call_id.as_deref());
    assert!(ids.eq([Some("tool_call_1"), Some("tool_call_2")]));
    let answer = asked.items[1].answer.as_ref().unwrap();
    assert_eq!(answer["booking"]["reference"], booking.reference);
    drop(visitor);
    server.stop().await;
}

#[tokio::test]
async fn the_demos_agents_book_move_and_cancel_in_three_languages() {
    let (server, emulator) = TestServer::emulated_so(
        Scratch::sqlite(),
        |_| {},
        |retell, own| emulator::Config {
            functions_url: Some(format!("{own}/api/functions")),
            ..retell
        },
    )
    .await;
    furnish(&server).await;
    let desk = Desk::sign_in(&server, Role::Agent).await;
    let key = server.app().config.retell.api_key.expose();
    let post = async |path: &str, body: Value| -> Value {
        let request = server.http.post(format!("{}{path}", emulator.url()));
        let answer = request.bearer_auth(key).json(&body).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json().await.unwrap_or_default()
    };
    for language in ["en", "es", "de"] {
        // What is written takes no time to be said.
        let agent =
            json!({"agent_id": language, "emulator_scenario": format!("dental-{language}")});
        post("/_emulator/seed", json!({"chat_agents": [agent]})).await;
        let chat = post("/create-chat", json!({"agent_id": language})).await;
        let id = chat["chat_id"].as_str().unwrap();
        for _ in 0..6 {
            let said = json!({"chat_id": id, "content": "…"});
            post("/create-chat-completion", said).await;
        }
        let asked: FunctionCallList = desk.get(&format!("/api/desk/calls/{id}/functions")).await;
        let became: Vec<_> = asked
            .items
            .iter()
            .map(|it| (it.name.as_str(), it.outcome))
            .collect();
        let done = [
            "check_availability",
            "book_appointment",
            "reschedule_appointment",
            "cancel_appointment",
        ];
        assert_eq!(
            became,
            done.map(|it| (it, FunctionOutcome::Done)),
            "{language}"
        );
    }
    let all = bookings(&server).await;
    assert_eq!(all.len(), 3);
    assert!(all.iter().all(|it| it.state == BookingState::Cancelled));
    server.stop().await;
}
