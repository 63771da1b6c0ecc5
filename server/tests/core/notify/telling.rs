//! What is told, to whom, and how it is signed.

use std::collections::BTreeSet;

use receiver::Receiver;
use server::notify::{self, EndpointForm};
use sqlx::Connection as _;
use wiremock::MockServer;

use crate::bench::{Bench, somebody};
use crate::notify::{CALLS, DAY, fresh_life, mint};
use crate::support::{Scratch, TestServer, raw_connection};

#[tokio::test]
async fn a_call_s_life_is_told_signed_and_only_to_who_asked() {
    let retell = MockServer::start().await;
    for scratch in Scratch::each().await {
        let server = TestServer::start_with(scratch, &retell.uri(), |config| {
            config.outbound.allow_private = vec!["127.0.0.1".parse().unwrap()];
        })
        .await;
        let (all, ends) = (Receiver::start().await, Receiver::start().await);
        let (app, tenant) = (server.app(), &server.tenant);
        let endpoint = async |url: &str, events: &[&str]| {
            let form = EndpointForm {
                url: url.to_owned(),
                description: String::new(),
                events: events.iter().map(|&event| event.to_owned()).collect(),
            };
            let headers = [("x-make-apikey".to_owned(), "make_key".to_owned())].into();
            notify::create(&app.notify, tenant, &somebody(), form, &headers)
                .await
                .unwrap()
        };
        let (_, secret) = endpoint(&format!("{}/hook", all.url), &CALLS).await;
        let (_, other_secret) = endpoint(&ends.url, &["call.ended"]).await;
        for webhook in fresh_life(app.clock.now_ms()) {
            // Told twice, done once.
            for _ in 0..2 {
                assert_eq!(server.webhook(&webhook).await.status(), 204);
            }
        }
        let mut types = BTreeSet::new();
        let mut ids = BTreeSet::new();
        for _ in CALLS {
            let got = all.next().await;
            assert!(got.is_signed_with(secret.expose()));
            assert!(!got.is_signed_with(other_secret.expose()));
            assert_eq!(got.path, "/hook");
            assert_eq!(got.headers["x-make-apikey"], "make_key");
            let body = got.json();
            assert_eq!(body["id"], got.id());
            assert_eq!(body["call_id"], "call_1");
            ids.insert(got.id().to_owned());
            types.insert(body["type"].as_str().unwrap().to_owned());
            if body["type"] == "call.analyzed" {
                assert_eq!(body["summary"], "Said hello.");
                assert_eq!(body["data"]["analysis_data"]["mood"], "sunny");
                assert_eq!(body["data"]["duration_ms"], 30_000);
                assert_eq!(body["desk_url"], server.url("/desk/calls/call_1"));
            }
        }
        assert_eq!(types, CALLS.map(str::to_owned).into());
        assert_eq!(ids.len(), CALLS.len());
        let got = ends.next().await;
        assert!(got.is_signed_with(other_secret.expose()));
        assert_eq!(got.json()["type"], "call.ended");
        server.settled().await;
        assert!(all.rest().is_empty() && ends.rest().is_empty());
        server.stop().await;
    }
}

#[tokio::test]
async fn nothing_is_written_where_nobody_asked() {
    for scratch in Scratch::each().await {
        let bench = Bench::set(scratch).await;
        mint(&bench, "call_1").await;
        let receiver = Receiver::start().await;
        let (endpoint, _) = bench.endpoint(&receiver.url, &["call.ended"]).await;
        mint(&bench, "call_2").await;
        assert_eq!(bench.work_off().await, 0);
        assert!(bench.log(&endpoint).await.is_empty());
        bench.clear().await;
    }
}

#[tokio::test]
async fn both_secrets_sign_for_a_day_after_a_rotation() {
    let bench = Bench::set(Scratch::sqlite()).await;
    let receiver = Receiver::start().await;
    let (endpoint, old) = bench.endpoint(&receiver.url, &["call.created"]).await;
    let (rotated, new) =
        notify::rotate(&bench.app.notify, &bench.tenant, &somebody(), &endpoint.id)
            .await
            .unwrap();
    assert!(rotated.previous_until.is_some());
    assert_ne!(old, new);
    bench.test_event(&endpoint).await;
    bench.work_off().await;
    let got = receiver.next().await;
    assert!(got.is_signed_with(old.expose()) && got.is_signed_with(new.expose()));
    bench.pass(DAY);
    bench.test_event(&endpoint).await;
    bench.work_off().await;
    let got = receiver.next().await;
    let signatures = got.headers["webhook-signature"].to_str().unwrap();
    assert_eq!(signatures.split(' ').count(), 1);
    bench.clear().await;
}

#[tokio::test]
async fn secrets_and_headers_are_not_in_the_database_in_clear() {
    let bench = Bench::set(Scratch::sqlite()).await;
    let receiver = Receiver::start().await;
    let (endpoint, secret) = bench.endpoint(&receiver.url, &["call.created"]).await;
    assert_eq!(endpoint.header_names, ["x-make-apikey"]);
    let scratch = bench.leave().await;
    let mut found = Vec::new();
    for file in std::fs::read_dir(&scratch.directory).unwrap() {
        found.extend(std::fs::read(file.unwrap().path()).unwrap());
    }
    let holds = |text: &str| {
        found
            .windows(text.len())
            .any(|part| part == text.as_bytes())
    };
    assert!(holds("x-make-apikey"), "the search works");
    assert!(!holds("make_key"));
    assert!(!holds(secret.expose().trim_start_matches("whsec_")));
    scratch.remove().await;
}

#[tokio::test]
async fn old_events_are_forgotten_with_their_log() {
    let bench = Bench::set(Scratch::sqlite()).await;
    let receiver = Receiver::start().await;
    let (endpoint, _) = bench.endpoint(&receiver.url, &["call.created"]).await;
    bench.test_event(&endpoint).await;
    bench.work_off().await;
    let store = &bench.app.store;
    store
        .notifications()
        .forget_old_events(bench.now(), 500)
        .await
        .unwrap();
    assert_eq!(bench.log(&endpoint).await.len(), 1);
    bench.pass(DAY * 31);
    store
        .notifications()
        .forget_old_events(bench.now(), 500)
        .await
        .unwrap();
    assert!(bench.log(&endpoint).await.is_empty());
    bench.clear().await;
}

#[tokio::test]
async fn a_deleted_endpoint_is_gone_at_once_and_its_log_in_steps() {
    for scratch in Scratch::each().await {
        let bench = Bench::set(scratch).await;
        let receiver = Receiver::start().await;
        let (endpoint, _) = bench.endpoint(&receiver.url, &["call.created"]).await;
        let notification = bench.test_event(&endpoint).await;
        for number in 0..3 {
            mint(&bench, &format!("call_{number}")).await;
        }
        let (store, tenant) = (&bench.app.store, &bench.tenant);
        let id = endpoint.id.as_str();
        let now = bench.now();
        assert!(
            store
                .endpoints()
                .delete(tenant, id, &somebody(), now)
                .await
                .unwrap()
        );
        assert!(
            !store
                .endpoints()
                .delete(tenant, id, &somebody(), now)
                .await
                .unwrap()
        );
        assert!(store.endpoints().list(tenant).await.unwrap().is_empty());
        assert!(store.endpoints().find(tenant, id).await.unwrap().is_none());
        let detail = store
            .notifications()
            .find(tenant, id, &notification)
            .await
            .unwrap();
        assert!(detail.is_none());
        // What waits for it is not sent, and nothing more is told to it.
        mint(&bench, "call_after").await;
        assert_eq!(bench.log(&endpoint).await.len(), 4);
        assert!(!store.endpoints().forget_log(tenant, id, 3).await.unwrap());
        assert_eq!(bench.log(&endpoint).await.len(), 1);
        bench.work_off().await;
        assert!(receiver.rest().is_empty());
        let mut connection = raw_connection(&bench.database()).await;
        for table in ["webhook_endpoints", "endpoint_deliveries"] {
            let sql = format!("SELECT 1 FROM {table}");
            let rows = sqlx::query(sqlx::AssertSqlSafe(sql));
            let rows = rows.fetch_all(&mut connection).await.unwrap();
            assert!(rows.is_empty(), "{table}");
        }
        connection.close().await.unwrap();
        bench.clear().await;
    }
}
