//! For how long what there is is kept.

use super::*;

#[tokio::test]
async fn what_nobody_could_assign_is_deleted_by_its_age() {
    for scratch in Scratch::each().await {
        let server =
            TestServer::start_with(scratch, &MockServer::start().await.uri(), |_| {}).await;
        let store = &server.app().store;
        // Of two it could be either's.
        store
            .tenants()
            .upsert("t2", "Other", "UTC", 1)
            .await
            .unwrap();
        let forged = server
            .post_webhook(r#"{"event":"call_ended"}"#, Some("v=1,d=00"))
            .await;
        assert_eq!(forged.status(), 401);
        let now = server.app().clock.now_ms();
        assert_eq!(applied(store, now + 30 * DAY - 60_000).await, 0);
        assert_eq!(applied(store, now + 30 * DAY + 60_000).await, 1);
        server.stop().await;
    }
}

#[tokio::test]
async fn each_kind_is_kept_as_long_as_the_business_says() {
    for scratch in Scratch::each().await {
        let retell = MockServer::start().await;
        let server = TestServer::start_with(scratch, &retell.uri(), |_| {}).await;
        call_with(&server, "call_old", &json!({})).await;
        let (store, tenant) = (&server.app().store, &server.tenant);
        let author = Author::operator();
        // It began then; what was said and the webhooks are of today.
        let began = 1_790_000_001_000;
        let now = server.app().clock.now_ms();
        let keep = async |retention: Retention| {
            store
                .retentions()
                .set(tenant, &retention, None, &author, now)
                .await
                .unwrap();
            assert_eq!(store.retentions().of(tenant).await.unwrap(), retention);
        };

        keep(Retention::default()).await;
        assert_eq!(applied(store, i64::MAX / 2).await, 0);

        let days = Some(10);
        keep(Retention {
            recordings_days: days,
            ..Retention::default()
        })
        .await;
        assert_eq!(applied(store, began + 10 * DAY).await, 0);
        assert_eq!(applied(store, began + 10 * DAY + 1).await, 1);
        let recording = store
            .calls()
            .recording(tenant, "call_old")
            .await
            .unwrap()
            .unwrap();
        assert_eq!((recording.mono, recording.multi_channel), (None, None));

        let later = now.max(began) + 20 * DAY;
        keep(Retention {
            webhooks_days: days,
            ..Retention::default()
        })
        .await;
        assert_eq!(applied(store, later).await, 4);
        assert!(
            store
                .inbox_entries()
                .inbox_entries(10)
                .await
                .unwrap()
                .is_empty()
        );

        keep(Retention {
            transcripts_days: days,
            ..Retention::default()
        })
        .await;
        assert_eq!(applied(store, later).await, 1);
        let call = store
            .calls()
            .find(tenant, "call_old")
            .await
            .unwrap()
            .unwrap();
        assert!(call.items.is_empty());

        keep(Retention {
            calls_days: days,
            ..Retention::default()
        })
        .await;
        assert_eq!(applied(store, later).await, 1);
        assert!(!is_there(store, tenant, "call_old").await);

        keep(Retention {
            audit_days: days,
            ..Retention::default()
        })
        .await;
        assert!(applied(store, later).await > 5);
        // Left is what each run that was given a later time said of itself then.
        let trail = store.audit_events().page(tenant, None, 10).await.unwrap();
        assert_eq!(trail.len(), 4, "{trail:?}");
        assert!(trail.iter().all(|entry| entry.actor_kind == "system"));
        assert!(
            trail
                .iter()
                .all(|entry| entry.action == "retention.applied")
        );
        server.stop().await;
    }
}

#[tokio::test]
async fn answers_kept_for_repetitions_go_although_nobody_asks_any_more() {
    for scratch in Scratch::each().await {
        let store = scratch.store().await;
        let tenant = store.tenants().upsert("t", "T", "UTC", 1).await.unwrap();
        store
            .idempotency_keys()
            .begin(&tenant, "order 7", "hash", 1)
            .await
            .unwrap();
        assert_eq!(applied(&store, DAY / 2).await, 0);
        assert_eq!(applied(&store, 2 * DAY).await, 1);
        store.close().await;
        scratch.remove().await;
    }
}

#[tokio::test]
async fn one_business_whose_data_cannot_be_deleted_keeps_nobody_else_s() {
    for scratch in Scratch::each().await {
        let store = scratch.store().await;
        let author = Author::operator();
        let mut connection = raw_connection(&scratch.database).await;
        for id in ["a", "b", "c"] {
            let tenant = store.tenants().upsert(id, id, "UTC", 1).await.unwrap();
            let retention = Retention {
                audit_days: Some(1),
                ..Retention::default()
            };
            store
                .retentions()
                .set(&tenant, &retention, None, &author, 1)
                .await
                .unwrap();
        }
        crate::support::refuse(
            &mut connection,
            &scratch,
            "DELETE",
            "audit_events",
            "OLD.tenant_id = 'b'",
        )
        .await;
        retention::apply(&keepers(), &store, 9 * DAY)
            .await
            .unwrap_err();
        let left = "SELECT tenant_id FROM audit_events WHERE action = 'retention.changed'";
        let left: Vec<String> = sqlx::query_scalar(left)
            .fetch_all(&mut connection)
            .await
            .unwrap();
        assert_eq!(left, ["b"]);
        connection.close().await.unwrap();
        store.close().await;
        scratch.remove().await;
    }
}
