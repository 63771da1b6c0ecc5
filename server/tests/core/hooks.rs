//! Outgoing webhooks: what is told, how it is signed, repeated, given up and
//! replayed.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use server::calls::Observation;
use server::hooks::address::BadAddress;
use server::hooks::policy::PAUSES;
use server::hooks::{self, EndpointError, EndpointForm};
use server::store::{DeliveryDetail, Endpoint};
use wiremock::MockServer;

use crate::receiver::{Bench, Receiver, somebody};
use crate::support::{Scratch, TestServer, life_of_a_call, with};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const CALLS: [&str; 4] = [
    "call.created",
    "call.started",
    "call.ended",
    "call.analyzed",
];

/// A call that happened just now, as Retell's webhooks tell it.
fn fresh_life(now: i64) -> Vec<Value> {
    let mut life = life_of_a_call();
    for webhook in &mut life {
        let times = json!({"start_timestamp": now - 40_000, "end_timestamp": now - 10_000});
        if webhook["call"]["start_timestamp"].is_i64() {
            let ended = webhook["call"]["end_timestamp"].is_i64();
            webhook["call"] = with(&webhook["call"], &times);
            if !ended {
                webhook["call"]
                    .as_object_mut()
                    .unwrap()
                    .remove("end_timestamp");
            }
        }
    }
    life
}

/// Lets the call `id` be minted, which is an event.
async fn mint(bench: &Bench, id: &str) {
    let minted = Observation::minted(
        id,
        "agent_1",
        serde_json::Map::new(),
        serde_json::Map::new(),
        bench.now(),
    );
    bench
        .app
        .store
        .observe(
            &bench.tenant,
            &minted,
            bench.now(),
            &bench.app.config.healing,
        )
        .await
        .unwrap();
}

async fn detail(bench: &Bench, endpoint: &Endpoint, delivery: &str) -> DeliveryDetail {
    bench
        .app
        .store
        .delivery_detail(&bench.tenant, &endpoint.id, delivery)
        .await
        .unwrap()
        .unwrap()
}

#[tokio::test]
async fn a_call_s_life_is_told_signed_and_only_to_who_asked() {
    let retell = MockServer::start().await;
    for scratch in Scratch::each().await {
        let server = TestServer::start_with(scratch, &retell.uri(), |config| {
            config.hooks.rules.allow_private = vec!["127.0.0.1".parse().unwrap()];
        })
        .await;
        let (mut all, mut ends) = (Receiver::start().await, Receiver::start().await);
        let (app, tenant) = (server.app(), &server.tenant);
        let endpoint = async |url: &str, events: &[&str]| {
            let form = EndpointForm {
                url: url.to_owned(),
                description: String::new(),
                events: events.iter().map(|&event| event.to_owned()).collect(),
            };
            let headers = [("x-make-apikey".to_owned(), "make_key".to_owned())].into();
            hooks::create(app, tenant, &somebody(), form, &headers)
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
            assert!(got.is_signed_with(&secret));
            assert!(!got.is_signed_with(&other_secret));
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
        assert!(got.is_signed_with(&other_secret));
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
async fn a_receiver_that_recovers_gets_everything() {
    for scratch in Scratch::each().await {
        let bench = Bench::set(scratch).await;
        let mut receiver = Receiver::start().await;
        let (endpoint, secret) = bench.endpoint(&receiver.url, &["call.created"]).await;
        receiver.answer_with(500, &[], format!("broken {}", "x".repeat(3000)));
        mint(&bench, "call_1").await;
        let mut id = None;
        for pause in PAUSES.iter().take(3) {
            assert_eq!(bench.work_off().await, 1);
            let got = receiver.next().await;
            let first = id.get_or_insert_with(|| got.id().to_owned());
            assert_eq!(first, got.id(), "the id is the same on every attempt");
            assert!(bench.look(&endpoint).await.failing_since.is_some());
            assert_eq!(bench.work_off().await, 0, "not at once");
            // With the longest jitter there is.
            bench.pass(*pause + *pause / 10);
        }
        receiver.answer(200);
        assert_eq!(bench.work_off().await, 1);
        let got = receiver.next().await;
        assert_eq!(Some(got.id()), id.as_deref());
        let timestamp = got.headers["webhook-timestamp"].to_str().unwrap();
        assert_eq!(
            timestamp,
            (bench.now() / 1000).to_string(),
            "of the attempt"
        );
        assert!(
            !got.is_signed_with(&secret),
            "the library refuses the future"
        );
        assert_eq!(bench.look(&endpoint).await.failing_since, None);
        let log = bench.log(&endpoint).await;
        assert_eq!((log[0].state.as_str(), log[0].attempts), ("delivered", 4));
        let detail = detail(&bench, &endpoint, &log[0].id).await;
        let statuses: Vec<_> = detail.tried.iter().map(|one| one.status).collect();
        assert_eq!(statuses, [Some(200), Some(500), Some(500), Some(500)]);
        let response = detail.tried[1].response.as_deref().unwrap();
        assert!(response.starts_with("broken x") && response.len() == 1024);
        bench.clear().await;
    }
}

#[tokio::test]
async fn a_delivery_is_given_up_after_its_last_attempt_and_can_be_replayed() {
    for scratch in Scratch::each().await {
        let bench = Bench::set(scratch).await;
        let mut receiver = Receiver::start().await;
        let (endpoint, _) = bench.endpoint(&receiver.url, &["call.created"]).await;
        receiver.answer(404);
        mint(&bench, "call_1").await;
        for _ in 0..10 {
            assert_eq!(bench.work_off().await, 1);
            bench.pass(DAY + DAY / 10);
            // Days pass here; nothing else does.
            hooks::switch_on(&bench.app, &bench.tenant, &somebody(), &endpoint.id)
                .await
                .unwrap();
        }
        assert_eq!(bench.work_off().await, 0);
        assert_eq!(receiver.rest().len(), 10);
        let failed = bench.log(&endpoint).await.remove(0);
        assert_eq!((failed.state.as_str(), failed.attempts), ("failed", 10));

        receiver.answer(204);
        let replay = async |delivery: &str| {
            hooks::replay(
                &bench.app,
                &bench.tenant,
                &somebody(),
                &endpoint.id,
                delivery,
            )
            .await
        };
        replay(&failed.id).await.unwrap();
        // It is on its way: once is enough.
        let twice = replay(&failed.id).await;
        assert!(matches!(twice, Err(EndpointError::Unknown)), "{twice:?}");
        assert_eq!(bench.work_off().await, 1);
        let got = receiver.next().await;
        assert_eq!(got.id(), failed.event_id, "a replay is the same event");
        let row = bench.log(&endpoint).await.remove(0);
        assert_eq!((row.state.as_str(), row.attempts), ("delivered", 11));
        // What has arrived can be sent again, too.
        replay(&failed.id).await.unwrap();
        assert_eq!(bench.work_off().await, 1);
        assert_eq!(receiver.next().await.id(), failed.event_id);
        bench.clear().await;
    }
}

#[tokio::test]
async fn everything_that_failed_since_a_time_is_replayed() {
    let bench = Bench::set(Scratch::sqlite()).await;
    let mut receiver = Receiver::start().await;
    let (endpoint, _) = bench.endpoint(&receiver.url, &["call.created"]).await;
    mint(&bench, "before").await;
    bench.work_off().await;
    let since = bench.now() + 1000;
    hooks::switch_off(&bench.app, &bench.tenant, &somebody(), &endpoint.id)
        .await
        .unwrap();
    // Events while an endpoint is off are not its own.
    mint(&bench, "while off").await;
    hooks::switch_on(&bench.app, &bench.tenant, &somebody(), &endpoint.id)
        .await
        .unwrap();
    bench.pass(Duration::from_secs(1));
    receiver.rest();
    receiver.answer(500);
    for number in 0..250 {
        mint(&bench, &format!("call_{number}")).await;
    }
    hooks::switch_off(&bench.app, &bench.tenant, &somebody(), &endpoint.id)
        .await
        .unwrap();
    assert_eq!(bench.work_off().await, 250, "given up without being sent");
    assert!(receiver.rest().is_empty());
    let replay = async || {
        let (app, tenant) = (&bench.app, &bench.tenant);
        hooks::replay_failed(app, tenant, &somebody(), &endpoint.id, since).await
    };
    assert!(matches!(replay().await, Err(EndpointError::Disabled)));
    hooks::switch_on(&bench.app, &bench.tenant, &somebody(), &endpoint.id)
        .await
        .unwrap();
    receiver.answer(200);
    assert_eq!(replay().await.unwrap(), 250);
    assert_eq!(replay().await.unwrap(), 0);
    assert_eq!(bench.work_off().await, 250);
    let ids: BTreeSet<_> = receiver
        .rest()
        .iter()
        .map(|got| got.id().to_owned())
        .collect();
    assert_eq!(ids.len(), 250);
    bench.clear().await;
}

#[tokio::test]
async fn gone_switches_an_endpoint_off_and_the_others_are_told() {
    for scratch in Scratch::each().await {
        let bench = Bench::set(scratch).await;
        let (mut gone, mut other) = (Receiver::start().await, Receiver::start().await);
        let (endpoint, _) = bench.endpoint(&gone.url, &["call.created"]).await;
        bench.endpoint(&other.url, &["endpoint.disabled"]).await;
        gone.answer(410);
        mint(&bench, "call_1").await;
        assert_eq!(
            bench.work_off().await,
            2,
            "the delivery, and the news of it"
        );
        gone.next().await;
        let news = other.next().await.json();
        assert_eq!(news["type"], "endpoint.disabled");
        assert_eq!(news["data"]["endpoint_id"], endpoint.id);
        assert_eq!(news["data"]["reason"], "gone");
        assert_eq!(news["call_id"], Value::Null);
        let off = bench.look(&endpoint).await;
        assert_eq!(off.disabled_at, Some(bench.now()));
        assert_eq!(off.disabled_reason.as_deref(), Some("gone"));
        let trail = bench
            .app
            .store
            .audit_page(&bench.tenant, None, 1)
            .await
            .unwrap();
        assert_eq!(trail[0].action, "endpoint.disabled");
        assert_eq!(trail[0].actor_kind, "system");
        mint(&bench, "call_2").await;
        assert_eq!(bench.work_off().await, 0);
        bench.clear().await;
    }
}

#[tokio::test]
async fn an_endpoint_that_fails_for_days_is_switched_off() {
    let bench = Bench::set(Scratch::sqlite()).await;
    let mut receiver = Receiver::start().await;
    let (endpoint, _) = bench.endpoint(&receiver.url, &["call.created"]).await;
    receiver.answer(500);
    mint(&bench, "call_1").await;
    bench.work_off().await;
    bench.pass(DAY * 5 - Duration::from_secs(1));
    bench.work_off().await;
    assert_eq!(bench.look(&endpoint).await.disabled_at, None);
    bench.pass(Duration::from_secs(1));
    mint(&bench, "call_2").await;
    bench.work_off().await;
    let off = bench.look(&endpoint).await;
    assert_eq!(off.disabled_reason.as_deref(), Some("failing"));
    receiver.rest();
    bench.pass(DAY);
    assert_eq!(bench.work_off().await, 1, "the other one is given up");
    assert!(receiver.rest().is_empty());
    assert!(
        bench
            .log(&endpoint)
            .await
            .iter()
            .all(|one| one.state == "failed")
    );
    // Switched on, it begins anew.
    hooks::switch_on(&bench.app, &bench.tenant, &somebody(), &endpoint.id)
        .await
        .unwrap();
    let on = bench.look(&endpoint).await;
    assert_eq!((on.disabled_at, on.failing_since), (None, None));
    bench.clear().await;
}

#[tokio::test]
async fn who_asks_for_less_is_left_alone() {
    let bench = Bench::set(Scratch::sqlite()).await;
    let mut receiver = Receiver::start().await;
    let (endpoint, _) = bench.endpoint(&receiver.url, &["call.created"]).await;
    receiver.answer_with(429, &[("retry-after", "120")], "slow down");
    mint(&bench, "call_1").await;
    bench.work_off().await;
    assert_eq!(receiver.rest().len(), 1);
    receiver.answer(200);
    mint(&bench, "call_2").await;
    bench.work_off().await;
    bench.pass(Duration::from_secs(119));
    bench.work_off().await;
    assert!(receiver.rest().is_empty(), "nothing before its time");
    bench.pass(Duration::from_secs(30));
    assert_eq!(bench.work_off().await, 2);
    assert_eq!(receiver.rest().len(), 2);
    let attempts: Vec<_> = bench
        .log(&endpoint)
        .await
        .iter()
        .map(|one| one.attempts)
        .collect();
    assert_eq!(attempts, [1, 2], "waiting is no attempt");
    bench.clear().await;
}

#[tokio::test]
async fn both_secrets_sign_for_a_day_after_a_rotation() {
    let bench = Bench::set(Scratch::sqlite()).await;
    let mut receiver = Receiver::start().await;
    let (endpoint, old) = bench.endpoint(&receiver.url, &["call.created"]).await;
    let (rotated, new) = hooks::rotate(&bench.app, &bench.tenant, &somebody(), &endpoint.id)
        .await
        .unwrap();
    assert!(rotated.previous_until.is_some());
    assert_ne!(old, new);
    bench.test_event(&endpoint).await;
    bench.work_off().await;
    let got = receiver.next().await;
    assert!(got.is_signed_with(&old) && got.is_signed_with(&new));
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
async fn a_redirect_is_not_followed() {
    let bench = Bench::set(Scratch::sqlite()).await;
    let (mut receiver, mut elsewhere) = (Receiver::start().await, Receiver::start().await);
    let (endpoint, _) = bench.endpoint(&receiver.url, &["call.created"]).await;
    receiver.answer_with(307, &[("location", &elsewhere.url)], "");
    bench.test_event(&endpoint).await;
    bench.work_off().await;
    receiver.next().await;
    assert!(elsewhere.rest().is_empty());
    assert_eq!(bench.log(&endpoint).await[0].last_status, Some(307));
    bench.clear().await;
}

#[tokio::test]
async fn a_private_address_is_refused_when_entered_and_again_when_sent() {
    let bench = Bench::set(Scratch::sqlite()).await;
    let mut receiver = Receiver::start().await;
    let port = receiver.url.rsplit_once(':').unwrap().1.to_owned();
    let (endpoint, _) = bench.endpoint(&receiver.url, &["call.created"]).await;
    // Names are looked at when they are resolved, for each attempt.
    let by_name = format!("http://ip4-localhost.invalid:{port}");
    let (unknown, _) = bench.endpoint(&by_name, &["call.created"]).await;
    // The operator takes the permission back: the same database, another server.
    let bench = Bench::set_with(bench.leave().await, |config| {
        config.hooks.rules.allow_private.clear();
    })
    .await;
    for url in [
        "http://127.0.0.1/",
        "https://127.0.0.1/",
        "https://localhost/",
    ] {
        let form = EndpointForm {
            url: url.to_owned(),
            description: String::new(),
            events: vec!["call.ended".to_owned()],
        };
        let none = std::collections::BTreeMap::new();
        let refused = hooks::create(&bench.app, &bench.tenant, &somebody(), form, &none).await;
        let Err(EndpointError::Address(BadAddress::NotHttps | BadAddress::Private)) = refused
        else {
            panic!("{url}: {refused:?}");
        };
    }
    bench.test_event(&endpoint).await;
    bench.work_off().await;
    assert!(receiver.rest().is_empty());
    let row = bench.log(&endpoint).await.remove(0);
    assert_eq!((row.state.as_str(), row.last_status), ("pending", None));
    assert!(row.last_error.unwrap().contains("https"));
    assert!(bench.log(&unknown).await.is_empty());
    bench.clear().await;
}

#[tokio::test]
async fn a_receiver_that_is_not_there_is_said_so() {
    let bench = Bench::set(Scratch::sqlite()).await;
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let (endpoint, _) = bench.endpoint(&nobody, &["call.created"]).await;
    let (lost, _) = bench
        .endpoint("http://no-such-host.invalid:8080/", &["call.created"])
        .await;
    bench.test_event(&endpoint).await;
    bench.test_event(&lost).await;
    assert_eq!(bench.work_off().await, 2);
    let error = async |of: &Endpoint| bench.log(of).await.remove(0).last_error.unwrap();
    assert_eq!(error(&endpoint).await, "No connection could be made.");
    assert_eq!(
        error(&lost).await,
        "The host in the address cannot be found."
    );
    bench.clear().await;
}

#[tokio::test]
async fn a_crash_between_the_commit_and_the_delivery_loses_nothing() {
    for scratch in Scratch::each().await {
        let mut receiver = Receiver::start().await;
        let bench = Bench::set(scratch).await;
        let (_, secret) = bench.endpoint(&receiver.url, &["call.created"]).await;
        mint(&bench, "call_1").await;
        // Here the first server dies: its jobs never ran.
        let scratch = bench.leave().await;
        assert!(receiver.rest().is_empty());
        let retell = MockServer::start().await;
        let server = TestServer::start_with(scratch, &retell.uri(), |config| {
            config.hooks.rules.allow_private = vec!["127.0.0.1".parse().unwrap()];
        })
        .await;
        let got = receiver.next().await;
        assert!(got.is_signed_with(&secret));
        assert_eq!(got.json()["call_id"], "call_1");
        server.stop().await;
        assert!(receiver.rest().is_empty());
    }
}

#[tokio::test]
async fn two_servers_send_every_event_once() {
    for scratch in Scratch::each().await {
        if matches!(scratch.database, server::config::Database::Sqlite(_)) {
            scratch.remove().await;
            continue;
        }
        let bench = Bench::set(scratch).await;
        let mut receiver = Receiver::start().await;
        bench.endpoint(&receiver.url, &["call.created"]).await;
        for number in 0..500 {
            mint(&bench, &format!("call_{number}")).await;
        }
        let other = server::jobs::runner(&bench.app);
        let (one, two) = tokio::join!(bench.runner.work_off(), other.work_off());
        assert_eq!(one.unwrap() + two.unwrap(), 500);
        let got = receiver.rest();
        let ids: BTreeSet<_> = got.iter().map(|one| one.id().to_owned()).collect();
        assert_eq!((got.len(), ids.len()), (500, 500));
        bench.clear().await;
    }
}

#[tokio::test]
async fn a_business_does_not_reach_another_s_endpoints() {
    for scratch in Scratch::each().await {
        let bench = Bench::set(scratch).await;
        let receiver = Receiver::start().await;
        let (endpoint, _) = bench.endpoint(&receiver.url, &["call.created"]).await;
        let delivery = bench.test_event(&endpoint).await;
        let store = &bench.app.store;
        let other = store.upsert_tenant("t2", "Other", "UTC", 1).await.unwrap();
        let (app, id, author) = (&bench.app, endpoint.id.as_str(), somebody());
        assert!(store.endpoints(&other).await.unwrap().is_empty());
        assert!(store.endpoint(&other, id).await.unwrap().is_none());
        assert!(
            store
                .delivery_log(&other, id, None, 9)
                .await
                .unwrap()
                .is_empty()
        );
        assert!(
            store
                .delivery_detail(&other, id, &delivery)
                .await
                .unwrap()
                .is_none()
        );
        assert!(!store.delete_endpoint(&other, id, &author, 1).await.unwrap());
        assert!(hooks::rotate(app, &other, &author, id).await.is_err());
        assert!(hooks::switch_off(app, &other, &author, id).await.is_err());
        assert!(hooks::send_test(app, &other, &author, id).await.is_err());
        assert!(
            hooks::replay(app, &other, &author, id, &delivery)
                .await
                .is_err()
        );
        assert!(
            hooks::replay_failed(app, &other, &author, id, 0)
                .await
                .is_err()
        );
        let form = EndpointForm {
            url: receiver.url.clone(),
            description: String::new(),
            events: vec!["call.ended".to_owned()],
        };
        assert!(hooks::change(app, &other, &author, id, form).await.is_err());
        assert_eq!(bench.look(&endpoint).await, endpoint);
        bench.clear().await;
    }
}

#[tokio::test]
async fn old_events_are_forgotten_with_their_log() {
    let bench = Bench::set(Scratch::sqlite()).await;
    let receiver = Receiver::start().await;
    let (endpoint, _) = bench.endpoint(&receiver.url, &["call.created"]).await;
    bench.test_event(&endpoint).await;
    bench.work_off().await;
    let store = &bench.app.store;
    store.forget_old_events(bench.now()).await.unwrap();
    assert_eq!(bench.log(&endpoint).await.len(), 1);
    bench.pass(DAY * 31);
    store.forget_old_events(bench.now()).await.unwrap();
    assert!(bench.log(&endpoint).await.is_empty());
    bench.clear().await;
}
