//! The inbox as people look into it: whose key signed what, why something
//! failed, and having it worked on again.

use api::inbox::{
    AlertList, EntryDetail, EntryFilter, EntryPage, EntrySummary, ImportList, Replayed,
};
use api::problem::slug;
use retell::signature;
use serde_json::{Value, json};
use server::accounts::{SealedKeys, retell_key_purpose, webhook_key_purpose};
use server::deeds::Author;
use server::inbox::InboxScope;
use server::people::Role;
use server::store::Tenant;

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use wiremock::{MockServer, ResponseTemplate};

use crate::support::{
    Desk, Scratch, TestServer, a_moment, answers, asked, in_time, life_of_a_call, problem,
    raw_connection, run, until_blocked, with,
};

async fn with_own_key(
    server: &TestServer,
    id: &str,
    key: &str,
    webhook_key: Option<&str>,
) -> Tenant {
    let app = server.app();
    let tenant = app
        .store
        .tenants()
        .upsert(id, id, "Europe/Madrid", 0)
        .await
        .unwrap();
    give_key(server, &tenant, key, webhook_key).await;
    tenant
}

async fn give_key(server: &TestServer, tenant: &Tenant, key: &str, webhook_key: Option<&str>) {
    let app = server.app();
    let sealed = app
        .vault
        .seal(&retell_key_purpose(tenant.id()), key)
        .unwrap();
    let webhook = webhook_key.map(|key| {
        let purpose = webhook_key_purpose(tenant.id());
        app.vault.seal(&purpose, key).unwrap()
    });
    let keys = app.store.account_keys();
    let version = keys.sealed(tenant).await.unwrap().version;
    keys.set(
        tenant,
        &app.keepers,
        &SealedKeys {
            retell_key: Some(sealed),
            webhook_key: webhook,
            version,
        },
        &Author::system(),
        0,
    )
    .await
    .unwrap();
}

async fn post(server: &TestServer, path: &str, key: &str, body: &Value) -> reqwest::Response {
    let body = body.to_string();
    let now = u64::try_from(server.app().clock.now_ms()).unwrap();
    let signature = signature::sign(body.as_bytes(), key, now);
    let request = server.http.post(server.url(path)).body(body);
    let request = request.header("x-retell-signature", signature);
    request.send().await.unwrap()
}

const SHARED: &str = "/api/webhooks/retell";

async fn newest(server: &TestServer, tenant: &Tenant) -> Option<EntrySummary> {
    let scope = InboxScope::Of(tenant);
    let filter = EntryFilter::default();
    let page = server
        .app()
        .store
        .inbox_entries()
        .page(scope, &filter, None, 1);
    page.await.unwrap().pop().map(|row| row.summary)
}

fn started(call_id: &str) -> Value {
    json!({"event": "call_started", "call": {"call_id": call_id, "agent_id": "agent_1"}})
}

async fn whose(server: &TestServer, call_id: &str) -> Option<String> {
    let tenant = server.app().store.calls().tenant_of(call_id).await.unwrap();
    tenant.map(|tenant| tenant.id().to_owned())
}

#[tokio::test]
async fn each_key_signs_for_its_own_business_and_a_change_counts_at_once() {
    for scratch in Scratch::each().await {
        let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
        // The keys are read before there is another.
        assert_eq!(server.webhook(&started("call_0")).await.status(), 204);
        let own = with_own_key(&server, "own", "key_a", Some("badge_a")).await;
        let refused = post(&server, SHARED, "key_a", &started("call_1")).await;
        problem(refused, 401, slug::SIGNATURE_INVALID).await;
        let taken = post(&server, SHARED, "badge_a", &started("call_1")).await;
        assert_eq!(taken.status(), 204);
        server.settled().await;
        assert_eq!(whose(&server, "call_1").await.as_deref(), Some("own"));
        // The server's key is still that of the business without one.
        server.webhook(&started("call_2")).await;
        server.settled().await;
        assert_eq!(whose(&server, "call_2").await.as_deref(), Some("tenant_1"));

        give_key(&server, &own, "key_b", None).await;
        let taken = post(&server, SHARED, "key_b", &started("call_3")).await;
        assert_eq!(taken.status(), 204);
        server.settled().await;
        assert_eq!(whose(&server, "call_3").await.as_deref(), Some("own"));
        server.stop().await;
    }
}

#[tokio::test]
async fn a_key_pasted_with_what_nobody_sees_is_the_key() {
    let retell = MockServer::start().await;
    let answer = ResponseTemplate::new(200).set_body_json(json!({"org_id": "org_1"}));
    answers(&retell, "GET", "/get-api-key-info", answer).await;
    let server = TestServer::start(&retell).await;
    let desk = Desk::sign_in(&server, Role::Admin).await;
    let keys =
        json!({"retell_key": "\u{200b}key_own\r\n", "webhook_key": "\u{feff}key_badge\u{200b}"});
    let changed = desk.send("PUT", "/api/desk/account", Some(&keys)).await;
    assert_eq!(changed.status(), 200);
    let asked = asked(&retell).await;
    assert!(!asked.is_empty());
    for one in asked {
        assert_eq!(one.headers["authorization"], "Bearer key_own");
    }
    let taken = post(&server, SHARED, "key_badge", &started("call_1")).await;
    assert_eq!(taken.status(), 204);
    server.stop().await;
}

#[tokio::test]
async fn what_a_key_signed_never_touches_the_calls_of_another_business() {
    for scratch in Scratch::each().await {
        let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
        let own = with_own_key(&server, "own", "key_a", None).await;
        for webhook in &life_of_a_call()[..1] {
            assert_eq!(server.webhook(webhook).await.status(), 204);
        }
        server.settled().await;
        let before = server
            .app()
            .store
            .calls()
            .find(&server.tenant, "call_1")
            .await
            .unwrap();
        let forged = json!({"event": "call_ended", "call": {
            "call_id": "call_1", "call_status": "ended", "agent_id": "agent_1",
        }});
        let by_key = json!({"event": "call_started", "call": {
            "call_id": "call_9", "metadata": {"switchboard_key": "pk_open"},
        }});
        for body in [&forged, &by_key] {
            assert_eq!(post(&server, SHARED, "key_a", body).await.status(), 204);
            server.settled().await;
            let kept = newest(&server, &own).await.unwrap();
            assert_eq!(
                (kept.verdict.as_str(), kept.state.as_str(), kept.attempts),
                ("wrong-key", "parked", 1)
            );
        }
        let now = server
            .app()
            .store
            .calls()
            .find(&server.tenant, "call_1")
            .await
            .unwrap();
        assert_eq!(now, before);
        assert_eq!(whose(&server, "call_9").await, None);
        // The business it was aimed at does not see it, and a replay does nothing.
        assert_eq!(
            newest(&server, &server.tenant)
                .await
                .unwrap()
                .event
                .as_deref(),
            Some("call_started")
        );
        let id = newest(&server, &own).await.unwrap().id;
        let scope = InboxScope::Of(&own);
        let store = &server.app().store;
        let count = store
            .inbox_entries()
            .replay(scope, &[id], &Author::operator(), 0)
            .await;
        assert_eq!(count.unwrap(), 1);
        server.settled().await;
        let kept = newest(&server, &own).await.unwrap();
        assert_eq!((kept.verdict.as_str(), kept.attempts), ("wrong-key", 2));
        assert_eq!(whose(&server, "call_9").await, None);
        server.stop().await;
    }
}

#[tokio::test]
async fn the_address_of_a_business_takes_its_own_key_only() {
    for scratch in Scratch::each().await {
        let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
        let own = with_own_key(&server, "own", "key_a", None).await;
        let at = |id: &str| format!("{SHARED}/{id}");
        let server_key = crate::support::API_KEY;
        for (path, key) in [(at("own"), server_key), (at("tenant_1"), "key_a")] {
            // The keys that were read a moment ago are good for a second.
            let refused = async {
                loop {
                    let answer = post(&server, &path, key, &started("call_1")).await;
                    if answer.status() != 204 {
                        return answer;
                    }
                    a_moment().await;
                }
            };
            let refused = in_time(refused).await;
            problem(refused, 401, slug::SIGNATURE_INVALID).await;
        }
        // Its admin sees what was refused there, and nobody else's.
        let refused = newest(&server, &own).await.unwrap();
        assert_eq!(refused.verdict, "signature-invalid");
        assert!(!refused.replayable);
        for (path, key) in [(at("own"), "key_a"), (at("tenant_1"), server_key)] {
            let call = started(&path);
            assert_eq!(post(&server, &path, key, &call).await.status(), 204);
            server.settled().await;
            let owner = whose(&server, &path).await.unwrap();
            assert!(path.ends_with(&owner), "{owner}");
        }
        for unknown in ["nobody", "%00"] {
            let refused = post(&server, &at(unknown), "key_a", &started("call_1")).await;
            problem(refused, 404, slug::NOT_FOUND).await;
        }
        server.stop().await;
    }
}

#[tokio::test]
async fn the_older_shape_of_an_event_is_understood() {
    let server = TestServer::start_with(Scratch::sqlite(), "http://127.0.0.1:9", |_| {}).await;
    let older = json!({"type": "call.ended", "data": {
        "call_id": "call_old", "agent_id": "agent_1", "disconnection_reason": "user_hangup",
    }});
    assert_eq!(server.webhook(&older).await.status(), 204);
    let unsigned = server.post_webhook(older.to_string(), None).await;
    problem(unsigned, 401, slug::SIGNATURE_MISSING).await;
    server.settled().await;
    let call = server
        .app()
        .store
        .calls()
        .find(&server.tenant, "call_old")
        .await
        .unwrap();
    let summary = call.unwrap().into_detail().summary;
    assert_eq!(summary.disconnection_reason.as_deref(), Some("user_hangup"));
    server.stop().await;
}

/// A server with two businesses that share its account, and a parked entry
/// about a call whose business is not known.
async fn with_parked(scratch: Scratch) -> (TestServer, Tenant) {
    let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |config| {
        config.webhooks.max_attempts = 2;
    })
    .await;
    let store = &server.app().store;
    let other = store
        .tenants()
        .upsert("tenant_2", "Aurora", "Europe/Madrid", 0)
        .await
        .unwrap();
    let body = with(
        &started("call_new"),
        &json!({"call": {"call_id": "call_new", "agent_id": "agent_new"}}),
    );
    assert_eq!(server.webhook(&body).await.status(), 204);
    server.settled().await;
    (server, other)
}

#[tokio::test]
async fn a_parked_entry_is_replayed_with_a_new_attempt() {
    for scratch in Scratch::each().await {
        let (server, other) = with_parked(scratch).await;
        let store = &server.app().store;
        let filter = EntryFilter {
            state: Some("parked".to_owned()),
            ..EntryFilter::default()
        };
        let parked = store
            .inbox_entries()
            .page(InboxScope::All, &filter, None, 10)
            .await
            .unwrap();
        assert_eq!(parked.len(), 1);
        assert_eq!(parked[0].tenant_id, None);
        let id = parked[0].summary.id.clone();
        let detail = store
            .inbox_entries()
            .find(InboxScope::All, &id)
            .await
            .unwrap()
            .unwrap();
        let outcomes: Vec<_> = detail
            .tries
            .iter()
            .map(|one| one.outcome.as_str())
            .collect();
        assert_eq!(outcomes, ["failed", "parked"]);
        assert!(
            detail
                .tries
                .iter()
                .all(|one| one.by_kind == "worker" && one.error.is_some())
        );

        // Somebody mends the reason, and has it worked on again; twice is no harm.
        store
            .agents()
            .assign(&other, "agent_new", "Lucía", &Author::operator(), 0)
            .await
            .unwrap();
        for attempts in [3, 4] {
            let filter = EntryFilter::default();
            let author = Author::operator();
            let count = store
                .inbox_entries()
                .replay_matching(InboxScope::All, &filter, &author, 0);
            assert_eq!(count.await.unwrap(), 1);
            server.settled().await;
            let detail = store
                .inbox_entries()
                .find(InboxScope::Of(&other), &id)
                .await
                .unwrap()
                .unwrap();
            assert_eq!(
                (detail.summary.state.as_str(), detail.summary.attempts),
                ("done", attempts)
            );
            assert_eq!(detail.tries.len(), usize::try_from(attempts).unwrap());
            let last = detail.tries.last().unwrap();
            assert_eq!(
                (last.outcome.as_str(), last.by_kind.as_str()),
                ("done", "operator")
            );
        }
        assert_eq!(
            whose(&server, "call_new").await.as_deref(),
            Some("tenant_2")
        );
        assert_eq!(
            store
                .inbox_entries()
                .find(InboxScope::Of(&server.tenant), &id)
                .await
                .unwrap(),
            None
        );
        server.stop().await;
    }
}

#[tokio::test]
async fn a_replay_that_fails_again_has_as_many_attempts_as_at_first() {
    let (server, _) = with_parked(Scratch::sqlite()).await;
    let store = &server.app().store;
    let filter = EntryFilter::default();
    store
        .inbox_entries()
        .replay_matching(InboxScope::All, &filter, &Author::operator(), 0)
        .await
        .unwrap();
    server.settled().await;
    let page = store
        .inbox_entries()
        .page(InboxScope::All, &filter, None, 10)
        .await
        .unwrap();
    assert_eq!(
        (page[0].summary.state.as_str(), page[0].summary.attempts),
        ("parked", 4)
    );
    server.stop().await;
}

#[tokio::test]
async fn a_replay_goes_on_when_whoever_asked_for_it_hangs_up() {
    let Some(scratch) = Scratch::on_postgres().await else {
        return;
    };
    let (server, _) = with_parked(scratch).await;
    let desk = Desk::sign_in(&server, Role::Admin).await;
    for webhook in life_of_a_call() {
        server.webhook(&webhook).await;
    }
    server.settled().await;
    let database = &server.scratch.database;
    let (mut held, mut other) = (
        raw_connection(database).await,
        raw_connection(database).await,
    );
    run(&mut held, "BEGIN").await;
    run(&mut held, "SELECT id FROM webhook_deliveries FOR UPDATE").await;

    let (cookie, body) = (desk.cookie(), r#"{"filter":{"event":"call_ended"}}"#);
    let asking = format!(
        "POST /api/desk/inbox/replay HTTP/1.1\r\nhost: localhost\r\ncookie: {cookie}\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut client = TcpStream::connect(server.running.address()).await.unwrap();
    client.write_all(asking.as_bytes()).await.unwrap();
    until_blocked(&mut other, 1).await;
    drop(client);
    // Who comes after has been served, so that the server knows.
    let _: EntryPage = desk.get("/api/desk/inbox").await;
    run(&mut held, "COMMIT").await;

    let store = &server.app().store;
    let told = async {
        loop {
            let trail = store.audit_events().page(&server.tenant, None, 1).await;
            match trail.unwrap().first() {
                Some(last) if last.action == "webhook.replayed" => {
                    break last.details["count"].clone();
                }
                _ => a_moment().await,
            }
        }
    };
    assert_eq!(in_time(told).await, 1);
    server.stop().await;
}

#[tokio::test]
async fn admins_look_and_replay_at_the_desk_and_others_do_not() {
    for scratch in Scratch::each().await {
        let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
        for webhook in life_of_a_call() {
            server.webhook(&webhook).await;
        }
        server.settled().await;
        let desk = Desk::sign_in(&server, Role::Admin).await;
        let page: EntryPage = desk.get("/api/desk/inbox").await;
        assert_eq!(page.items.len(), 4);
        assert!(page.items.is_sorted_by(|a, b| a.id > b.id));
        assert!(page.items.iter().all(|one| one.latency_ms.is_some()));
        let imports: ImportList = desk.get("/api/desk/imports").await;
        assert!(
            imports
                .webhook_url
                .ends_with("/api/webhooks/retell/tenant_1")
        );
        let page: EntryPage = desk
            .get("/api/desk/inbox?event=call_ended&call_id=call_1&state=done&verdict=accepted")
            .await;
        let [ended] = page.items.as_slice() else {
            panic!("{page:?}")
        };
        let path = format!("/api/desk/inbox/{}", ended.id);
        let detail: EntryDetail = desk.get(&path).await;
        assert!(detail.body.contains("call_ended") && !detail.body.contains("token_1"));
        assert_eq!(detail.tries.len(), 1);

        let body = json!({"ids": [ended.id]});
        let replayed: Replayed = desk.post("/api/desk/inbox/replay", &body).await;
        assert_eq!(replayed.count, 1);
        server.settled().await;
        let detail: EntryDetail = desk.get(&path).await;
        let last = detail.tries.last().unwrap();
        assert_eq!(
            (last.by_kind.as_str(), last.by_name.as_deref()),
            ("user", Some("Robin"))
        );
        let trail = server
            .app()
            .store
            .audit_events()
            .page(&server.tenant, None, 5)
            .await
            .unwrap();
        assert_eq!(trail[0].action, "webhook.replayed");

        for body in [
            json!({}),
            json!({"ids": []}),
            json!({"ids": ["x"], "filter": {}}),
        ] {
            let refused = desk
                .send("POST", "/api/desk/inbox/replay", Some(&body))
                .await;
            problem(refused, 400, slug::BODY_INVALID).await;
        }
        let refused = desk
            .send(
                "POST",
                "/api/desk/inbox/replay",
                Some(&json!({"ids": ["unheard of"]})),
            )
            .await;
        problem(refused, 409, slug::NOTHING_TO_REPLAY).await;
        for path in ["/api/desk/inbox?cursor=%00", "/api/desk/inbox?event=%00"] {
            let refused = desk.send("GET", path, None).await;
            problem(refused, 400, "request-invalid").await;
        }
        let lower = Desk::sign_in(&server, Role::Supervisor).await;
        for path in [
            "/api/desk/inbox",
            &path,
            "/api/desk/imports",
            "/api/desk/numbers",
        ] {
            problem(lower.send("GET", path, None).await, 403, slug::ROLE_TOO_LOW).await;
        }
        server.stop().await;
    }
}

#[tokio::test]
async fn alerts_are_notices_until_somebody_dismisses_them() {
    for scratch in Scratch::each().await {
        let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
        let alert = |event: &str, resolved: Value| {
            json!({"event": event, "alert": {
                "alert_incident_id": "incident_1", "name": "Costs", "metric_type": "total_call_cost",
                "current_value": 900, "threshold_value": 500, "triggered_timestamp": 1000,
                "resolved_timestamp": resolved,
            }})
        };
        // The resolution may come first.
        server.webhook(&alert("alert_resolved", json!(2000))).await;
        server.settled().await;
        server.webhook(&alert("alert_triggered", Value::Null)).await;
        server.settled().await;
        let desk = Desk::sign_in(&server, Role::Supervisor).await;
        let alerts: AlertList = desk.get("/api/desk/alerts").await;
        assert_eq!(alerts.items.len(), 1);
        assert_eq!(alerts.items[0].resolved_at, Some(2000));
        assert_eq!(alerts.items[0].value, Some(json!(900)));
        let path = "/api/desk/alerts/incident_1/dismiss";
        assert_eq!(desk.send("POST", path, None).await.status(), 204);
        let again = desk.send("POST", path, None).await;
        problem(again, 404, slug::NOT_FOUND).await;
        let alerts: AlertList = desk.get("/api/desk/alerts").await;
        assert!(alerts.items.is_empty());
        server.stop().await;
    }
}

#[tokio::test]
async fn pages_follow_each_other_without_a_gap() {
    for scratch in Scratch::each_sorted().await {
        let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
        for index in 0..120 {
            server.webhook(&started(&format!("call_{index}"))).await;
        }
        server.settled().await;
        let desk = Desk::sign_in(&server, Role::Admin).await;
        let mut path = "/api/desk/inbox".to_owned();
        let mut ids = Vec::new();
        loop {
            let page: EntryPage = desk.get(&path).await;
            ids.extend(page.items.into_iter().map(|one| one.id));
            let Some(cursor) = page.next_cursor else {
                break;
            };
            path = format!("/api/desk/inbox?cursor={cursor}");
        }
        assert_eq!(ids.len(), 120);
        assert!(ids.is_sorted_by(|a, b| a > b));
        server.stop().await;
    }
}
