//! What is repeated, given up, switched off and replayed.

use std::collections::BTreeSet;
use std::time::Duration;

use receiver::Receiver;
use serde_json::Value;
use server::config::PAUSES;
use server::notify::{self, EndpointError};

use crate::bench::{Bench, somebody};
use crate::notify::{DAY, detail, mint};
use crate::support::Scratch;

#[tokio::test]
async fn a_receiver_that_recovers_gets_everything() {
    for scratch in Scratch::each().await {
        let bench = Bench::set(scratch).await;
        let receiver = Receiver::start().await;
        let (endpoint, secret) = bench.endpoint(&receiver.url, &["call.created"]).await;
        receiver.answer(500, &format!("broken {}", "x".repeat(3000)));
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
        receiver.answer(200, "no");
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
            !got.is_signed_with(secret.expose()),
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
async fn what_a_business_would_be_told_waits_while_it_is_off() {
    for scratch in Scratch::each().await {
        let bench = Bench::set(scratch).await;
        let (store, tenant) = (&bench.app.store, &bench.tenant);
        let receiver = Receiver::start().await;
        let (endpoint, _) = bench.endpoint(&receiver.url, &["call.created"]).await;
        mint(&bench, "call_1").await;
        store
            .tenants()
            .disable(tenant, &somebody(), bench.now())
            .await
            .unwrap();
        for _ in 0..20 {
            assert_eq!(bench.work_off().await, 1);
            bench.pass(Duration::from_secs(11 * 60));
        }
        assert!(receiver.rest().is_empty());
        store
            .tenants()
            .enable(tenant, &somebody(), bench.now())
            .await
            .unwrap();
        assert_eq!(bench.work_off().await, 1);
        assert_eq!(receiver.next().await.json()["call_id"], "call_1");
        assert_eq!(bench.log(&endpoint).await[0].attempts, 1);
        bench.clear().await;
    }
}

#[tokio::test]
async fn a_clock_that_jumps_sends_nothing_twice_and_loses_nothing() {
    let hour = Duration::from_secs(60 * 60);
    for scratch in Scratch::each().await {
        let bench = Bench::set(scratch).await;
        let receiver = Receiver::start().await;
        bench.endpoint(&receiver.url, &["call.created"]).await;
        mint(&bench, "call_1").await;
        bench.pass(hour);
        assert_eq!(bench.work_off().await, 1);
        assert_eq!(receiver.next().await.json()["call_id"], "call_1");
        // Set back while one waits: it goes out when the clock says so again.
        mint(&bench, "call_2").await;
        bench.set_back(hour);
        assert_eq!(bench.work_off().await, 0);
        bench.pass(hour);
        assert_eq!(bench.work_off().await, 1);
        assert_eq!(receiver.next().await.json()["call_id"], "call_2");
        bench.pass(2 * hour);
        assert_eq!(bench.work_off().await, 0);
        assert!(receiver.rest().is_empty());
        bench.clear().await;
    }
}

#[tokio::test]
async fn a_notification_is_given_up_after_its_last_attempt_and_can_be_replayed() {
    for scratch in Scratch::each().await {
        let bench = Bench::set(scratch).await;
        let receiver = Receiver::start().await;
        let (endpoint, _) = bench.endpoint(&receiver.url, &["call.created"]).await;
        receiver.answer(404, "no");
        mint(&bench, "call_1").await;
        for _ in 0..10 {
            assert_eq!(bench.work_off().await, 1);
            bench.pass(DAY + DAY / 10);
            // Days pass here; nothing else does.
            notify::switch_on(&bench.app.notify, &bench.tenant, &somebody(), &endpoint.id)
                .await
                .unwrap();
        }
        assert_eq!(bench.work_off().await, 0);
        assert_eq!(receiver.rest().len(), 10);
        let failed = bench.log(&endpoint).await.remove(0);
        assert_eq!((failed.state.as_str(), failed.attempts), ("failed", 10));

        receiver.answer(204, "no");
        let replay = async |notification: &str| {
            notify::replay(
                &bench.app.notify,
                &bench.tenant,
                &somebody(),
                &endpoint.id,
                notification,
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
    let receiver = Receiver::start().await;
    let (endpoint, _) = bench.endpoint(&receiver.url, &["call.created"]).await;
    mint(&bench, "before").await;
    bench.work_off().await;
    let since = bench.now() + 1000;
    notify::switch_off(&bench.app.notify, &bench.tenant, &somebody(), &endpoint.id)
        .await
        .unwrap();
    // Events while an endpoint is off are not its own.
    mint(&bench, "while off").await;
    notify::switch_on(&bench.app.notify, &bench.tenant, &somebody(), &endpoint.id)
        .await
        .unwrap();
    bench.pass(Duration::from_secs(1));
    receiver.rest();
    receiver.answer(500, "no");
    for number in 0..250 {
        mint(&bench, &format!("call_{number}")).await;
    }
    notify::switch_off(&bench.app.notify, &bench.tenant, &somebody(), &endpoint.id)
        .await
        .unwrap();
    assert_eq!(bench.work_off().await, 250, "given up without being sent");
    assert!(receiver.rest().is_empty());
    let replay = async || {
        let (app, tenant) = (&bench.app, &bench.tenant);
        notify::replay_failed(&app.notify, tenant, &somebody(), &endpoint.id, since).await
    };
    assert!(matches!(replay().await, Err(EndpointError::Disabled)));
    notify::switch_on(&bench.app.notify, &bench.tenant, &somebody(), &endpoint.id)
        .await
        .unwrap();
    receiver.answer(200, "no");
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
        let (gone, other) = (Receiver::start().await, Receiver::start().await);
        let (endpoint, _) = bench.endpoint(&gone.url, &["call.created"]).await;
        bench.endpoint(&other.url, &["endpoint.disabled"]).await;
        gone.answer(410, "no");
        mint(&bench, "call_1").await;
        assert_eq!(
            bench.work_off().await,
            2,
            "the notification, and the news of it"
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
            .audit_events()
            .page(&bench.tenant, None, 1)
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
    let receiver = Receiver::start().await;
    let (endpoint, _) = bench.endpoint(&receiver.url, &["call.created"]).await;
    receiver.answer(500, "no");
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
    notify::switch_on(&bench.app.notify, &bench.tenant, &somebody(), &endpoint.id)
        .await
        .unwrap();
    let on = bench.look(&endpoint).await;
    assert_eq!((on.disabled_at, on.failing_since), (None, None));
    bench.clear().await;
}

#[tokio::test]
async fn who_asks_for_less_is_left_alone() {
    let bench = Bench::set(Scratch::sqlite()).await;
    let receiver = Receiver::start().await;
    let (endpoint, _) = bench.endpoint(&receiver.url, &["call.created"]).await;
    receiver.answer_with(429, &[("retry-after", "120")], "slow down");
    mint(&bench, "call_1").await;
    bench.work_off().await;
    assert_eq!(receiver.rest().len(), 1);
    receiver.answer(200, "no");
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
