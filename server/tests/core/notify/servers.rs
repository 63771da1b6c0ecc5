//! Several servers, one that dies, and several businesses.

use std::collections::BTreeSet;

use receiver::Receiver;
use server::notify::{self, EndpointForm};
use wiremock::MockServer;

use crate::bench::{Bench, somebody};
use crate::notify::mint;
use crate::support::{Scratch, TestServer};

#[tokio::test]
async fn a_crash_between_the_commit_and_the_notification_loses_nothing() {
    for scratch in Scratch::each().await {
        let receiver = Receiver::start().await;
        let bench = Bench::set(scratch).await;
        let (_, secret) = bench.endpoint(&receiver.url, &["call.created"]).await;
        mint(&bench, "call_1").await;
        // Here the first server dies: its jobs never ran.
        let scratch = bench.leave().await;
        assert!(receiver.rest().is_empty());
        let retell = MockServer::start().await;
        let server = TestServer::start_with(scratch, &retell.uri(), |config| {
            config.outbound.allow_private = vec!["127.0.0.1".parse().unwrap()];
        })
        .await;
        let got = receiver.next().await;
        assert!(got.is_signed_with(secret.expose()));
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
        let receiver = Receiver::start().await;
        bench.endpoint(&receiver.url, &["call.created"]).await;
        for number in 0..500 {
            mint(&bench, &format!("call_{number}")).await;
        }
        let other = bench.app.runner.clone();
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
        let notification = bench.test_event(&endpoint).await;
        let store = &bench.app.store;
        let other = store
            .tenants()
            .upsert("t2", "Other", "UTC", 1)
            .await
            .unwrap();
        let (app, id, author) = (&bench.app, endpoint.id.as_str(), somebody());
        assert!(store.endpoints().list(&other).await.unwrap().is_empty());
        assert!(store.endpoints().find(&other, id).await.unwrap().is_none());
        assert!(
            store
                .notifications()
                .page(&other, id, None, 9)
                .await
                .unwrap()
                .is_empty()
        );
        assert!(
            store
                .notifications()
                .find(&other, id, &notification)
                .await
                .unwrap()
                .is_none()
        );
        assert!(
            !store
                .endpoints()
                .delete(&other, id, &author, 1)
                .await
                .unwrap()
        );
        assert!(
            notify::rotate(&app.notify, &other, &author, id)
                .await
                .is_err()
        );
        assert!(
            notify::switch_off(&app.notify, &other, &author, id)
                .await
                .is_err()
        );
        assert!(
            notify::send_test(&app.notify, &other, &author, id)
                .await
                .is_err()
        );
        assert!(
            notify::replay(&app.notify, &other, &author, id, &notification)
                .await
                .is_err()
        );
        assert!(
            notify::replay_failed(&app.notify, &other, &author, id, 0)
                .await
                .is_err()
        );
        let form = EndpointForm {
            url: receiver.url.clone(),
            description: String::new(),
            events: vec!["call.ended".to_owned()],
        };
        assert!(
            notify::change(&app.notify, &other, &author, id, form, None)
                .await
                .is_err()
        );
        assert_eq!(bench.look(&endpoint).await, endpoint);
        bench.clear().await;
    }
}
