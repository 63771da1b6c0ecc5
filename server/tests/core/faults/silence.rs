//! A PostgreSQL that says nothing any more, or only reads, and no connection that
//! breaks to tell of it.

use std::time::{Duration, Instant};

use api::problem::slug;
use serde_json::{Value, json};
use server::people::Role;
use sqlx::Connection as _;

use crate::faults::proxy::Proxy;
use crate::faults::storm::{Storm, add_endpoint};
use crate::support::{
    Desk, Scratch, TestServer, a_moment, in_time, life_of_a_call, not_run, problem, raw_connection,
    run, session_cookie, sign,
};

/// How long the servers of these tests wait for their database.
const PATIENCE: Duration = Duration::from_millis(1500);

pub(super) async fn impatient(scratch: Scratch) -> TestServer {
    TestServer::start_with(scratch, "http://127.0.0.1:9", |config| {
        config.database_patience = PATIENCE;
    })
    .await
}

async fn postgres() -> Option<Scratch> {
    let scratch = Scratch::on_postgres().await;
    if scratch.is_none() {
        not_run("SWITCHBOARD_TEST_POSTGRES_URL names no server");
    }
    scratch
}

async fn status(server: &TestServer, path: &str) -> u16 {
    let answer = server.http.get(server.url(path)).send().await.unwrap();
    answer.status().as_u16()
}

/// Retell hears so before it gives up.
pub(super) async fn refused_in_time(server: &TestServer) {
    let asked = Instant::now();
    // Of no call that is looked at later: nobody knows whether it was kept.
    let mut webhook = life_of_a_call().remove(0);
    webhook["call"]["call_id"] = "call_apart".into();
    let answer = server.webhook(&webhook).await;
    let told = problem(answer, 503, slug::STORE_UNAVAILABLE).await;
    assert!(told.retry_after_s.is_some());
    assert!(asked.elapsed() < 2 * PATIENCE, "{:?}", asked.elapsed());
}

pub(super) async fn ready_again(server: &TestServer) {
    let ready = async {
        while status(server, "/readyz").await != 200 {
            a_moment().await;
        }
    };
    in_time(ready).await;
}

#[tokio::test]
async fn a_database_that_falls_silent_is_told_and_left_behind() {
    let Some(mut scratch) = postgres().await else {
        return;
    };
    let proxy = Proxy::before(&mut scratch).await;
    let server = impatient(scratch).await;
    let cookie = session_cookie(&server.app().store, &server.tenant).await;
    let calls = || {
        server
            .http
            .get(server.url("/api/desk/calls"))
            .header("cookie", &cookie)
    };
    add_endpoint(&server.app().store, &server.tenant).await;
    let storm = Storm::new();
    let senders = storm.blow(&server.url(""), 50).await;

    proxy.fall_silent();
    let (looked, ()) = tokio::join!(calls().send(), refused_in_time(&server));
    problem(looked.unwrap(), 503, slug::STORE_UNAVAILABLE).await;
    assert_eq!(status(&server, "/readyz").await, 503);
    assert_eq!(status(&server, "/healthz").await, 200);
    // Nor does it hang when the connections it had are given up.
    refused_in_time(&server).await;

    proxy.speak();
    ready_again(&server).await;
    let more = storm.blow(&server.url(""), 50).await;
    assert_eq!(calls().send().await.unwrap().status(), 200);
    drop((senders, more));
    assert!(storm.refused() > 0);
    let result = storm.found(&server.scratch, &server.tenant).await;
    assert_eq!((result.lost, result.doubled), (0, 0), "{result}");
    println!(
        "PostgreSQL fell silent: {} refused, {result}",
        storm.refused()
    );
    server.stop().await;
}

#[tokio::test]
async fn a_call_is_routed_as_the_last_one_was_while_the_database_is_silent() {
    let Some(mut scratch) = postgres().await else {
        return;
    };
    let proxy = Proxy::before(&mut scratch).await;
    let server = impatient(scratch).await;
    let desk = Desk::sign_in(&server, Role::Admin).await;
    let contact = json!({"phone": "+491701234567", "name": "Ada"});
    desk.post::<Value>("/api/desk/contacts", &contact).await;
    for (name, caller, agent) in [
        ("Strangers", Some("unknown"), "agent_1"),
        ("All", None, "agent_demo_es"),
    ] {
        let mut rule = json!({"name": name, "enabled": true, "action": {
            "do": "agent", "agent_id": agent, "variables": {"name": "{{contact.name}}"},
        }});
        if let Some(caller) = caller {
            rule["caller"] = caller.into();
        }
        desk.post::<Value>("/api/desk/routing-rules", &rule).await;
    }
    let own = format!("/api/webhooks/retell/{}", server.tenant.id());
    let shared = "/api/webhooks/retell";
    let nuisance = json!({"phone": "+491709999999", "name": "Nuisance", "blocked": true});
    desk.post::<Value>("/api/desk/contacts", &nuisance).await;
    let ask_of = async |path: &str, to: &str, from: &str| {
        let question = json!({"event": "call_inbound", "event_timestamp": 1, "call_inbound": {
            "from_number": from, "to_number": to, "agent_id": "agent_1",
        }});
        let body = question.to_string();
        let signature = sign(body.as_bytes(), server.app().clock.now_ms());
        let asking = server.http.post(server.url(path)).body(body);
        let asking = asking.header("x-retell-signature", signature);
        let asked = Instant::now();
        let answer = asking.send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        (answer.json::<Value>().await.unwrap(), asked.elapsed())
    };
    let ask = async |path: &str, to: &str| ask_of(path, to, "+491701234567").await;
    let declined = json!({"call_inbound": {"reject": true}});
    let (blocked, _) = ask_of(shared, "+493023125100", "+491709999999").await;
    assert_eq!(blocked, declined);
    let (known, _) = ask(shared, "+493023125100").await;
    assert_eq!(known["call_inbound"]["override_agent_id"], "agent_demo_es");
    assert_eq!(known["call_inbound"]["dynamic_variables"]["name"], "Ada");
    let (same, _) = ask(&own, "+493023125100").await;
    assert_eq!(same, known);

    proxy.fall_silent();
    // Long enough for the keys to be asked for again.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    for path in [shared, &own] {
        let (answer, took) = ask(path, "+493023125100").await;
        // Who called lately is known, and who is blocked stays so.
        assert_eq!(answer, known, "{path}");
        assert!(took < Duration::from_secs(1), "{path}: {took:?}");
    }
    let (blocked, took) = ask_of(shared, "+493023125100", "+491709999999").await;
    assert_eq!(blocked, declined);
    assert!(took < Duration::from_secs(1), "{took:?}");
    // Of anybody else nobody can say whether it is a stranger, so no rule for those decides.
    let (answer, _) = ask_of(shared, "+493023125100", "+491701111111").await;
    let told = &answer["call_inbound"];
    assert_eq!(told["override_agent_id"], "agent_demo_es", "{answer}");
    assert!(told["dynamic_variables"].is_null(), "{answer}");
    // A number that was not called before is its own agent's.
    let (answer, took) = ask(shared, "+493023125199").await;
    assert_eq!(answer, json!({}));
    assert!(took < Duration::from_secs(1), "{took:?}");
    proxy.speak();
    ready_again(&server).await;
    server.stop().await;
}

#[tokio::test]
async fn connections_to_a_database_that_only_reads_are_not_kept() {
    let Some(scratch) = postgres().await else {
        return;
    };
    let server = impatient(scratch).await;
    let mut admin = raw_connection(&server.scratch.database).await;
    add_endpoint(&server.app().store, &server.tenant).await;
    let storm = Storm::new();
    let senders = storm.blow(&server.url(""), 50).await;
    // As one that another took over from: it goes on answering.
    run(
        &mut admin,
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', \
             current_database()); END $$",
    )
    .await;
    run(
        &mut admin,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
    .await;
    let refused = async {
        while status(&server, "/readyz").await != 503 {
            a_moment().await;
        }
    };
    in_time(refused).await;
    refused_in_time(&server).await;
    assert_eq!(status(&server, "/readyz").await, 503);
    // From now on connections write; those there are do not.
    run(
        &mut admin,
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I RESET default_transaction_read_only', \
             current_database()); END $$",
    )
    .await;
    ready_again(&server).await;
    let more = storm.blow(&server.url(""), 50).await;
    drop((senders, more));
    let result = storm.found(&server.scratch, &server.tenant).await;
    assert_eq!((result.lost, result.doubled), (0, 0), "{result}");
    println!(
        "PostgreSQL only read: {} refused, {result}",
        storm.refused()
    );
    admin.close().await.unwrap();
    server.stop().await;
}

#[tokio::test]
async fn a_lock_that_is_held_for_long_is_not_waited_for() {
    let Some(scratch) = postgres().await else {
        return;
    };
    let server = impatient(scratch).await;
    let mut holder = raw_connection(&server.scratch.database).await;
    run(
        &mut holder,
        "BEGIN; LOCK TABLE webhook_deliveries IN EXCLUSIVE MODE",
    )
    .await;
    refused_in_time(&server).await;
    run(&mut holder, "ROLLBACK").await;
    let answer = server.webhook(&life_of_a_call().remove(0)).await;
    assert_eq!(answer.status(), 204);
    holder.close().await.unwrap();
    server.stop().await;
}
