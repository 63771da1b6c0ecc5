//! Retention, and one person's right to a copy and to being forgotten.

use api::desk::CallStatus;
use api::privacy::{Retention, Traces};
use api::public::{Consent, Rating};
use serde_json::json;
use server::bus::{Signal, Topic};
use server::contacts::Person;
use server::deeds::Author;
use server::notify::{EndpointChange, NewEndpoint};
use server::people::{Role, SessionOrigin, User};
use server::privacy::{self, EraseError, retention};
use server::store::{Store, Tenant};
use sqlx::Connection;
use wiremock::{MockServer, ResponseTemplate};

use crate::support::{Scratch, TestServer, answers, in_time, life_of_a_call, raw_connection, with};

const CALLER: &str = "+4930901820";
const DAY: i64 = 24 * 60 * 60 * 1000;

/// Posts the life of a call with somebody.
async fn call_with(server: &TestServer, id: &str, more: &serde_json::Value) {
    for mut webhook in life_of_a_call() {
        webhook["call"] = with(&with(&webhook["call"], &json!({"call_id": id})), more);
        assert_eq!(server.webhook(&webhook).await.status(), 204);
    }
    server.settled().await;
}

async fn is_there(store: &Store, tenant: &Tenant, id: &str) -> bool {
    store.call(tenant, id).await.unwrap().is_some()
}

fn user(id: &str, email: &str) -> User {
    User {
        id: id.to_owned(),
        email: email.to_owned(),
        name: "Robin".to_owned(),
        role: Role::Admin,
        password_hash: None,
    }
}

#[tokio::test]
async fn a_person_is_found_exported_and_erased() {
    for scratch in Scratch::each().await {
        let retell = MockServer::start().await;
        answers(
            &retell,
            "DELETE",
            "/v2/delete-call/call_phone",
            ResponseTemplate::new(204),
        )
        .await;
        answers(
            &retell,
            "DELETE",
            "/v2/delete-call/call_named",
            ResponseTemplate::new(404),
        )
        .await;
        answers(
            &retell,
            "DELETE",
            "/v2/delete-call/call_kept",
            ResponseTemplate::new(403),
        )
        .await;
        let server = TestServer::start_with(scratch, &retell.uri(), |_| {}).await;
        call_with(
            &server,
            "call_phone",
            &json!({"from_number": CALLER, "to_number": "+493090"}),
        )
        .await;
        let named = json!({"retell_llm_dynamic_variables": {"phone": "+4930901820"}});
        call_with(&server, "call_named", &named).await;
        call_with(&server, "call_kept", &json!({"to_number": CALLER})).await;
        call_with(
            &server,
            "call_other",
            &json!({"from_number": "+49309018201"}),
        )
        .await;

        let (store, tenant) = (&server.app().store, &server.tenant);
        let mut connection = raw_connection(&server.app().config.database).await;
        sqlx::raw_sql(
            "INSERT INTO contacts (id, tenant_id, phone, name, vip, notes, fields, created_at, \
                 updated_at) \
             VALUES ('c1', 'tenant_1', '+4930901820', 'Zoe', 0, 'likes tea', '{}', 1, 1)",
        )
        .execute(&mut connection)
        .await
        .unwrap();
        connection.close().await.unwrap();
        let person = Person::parse("+49 30 901820").unwrap();
        let found = privacy::find(store, tenant, &person).await.unwrap();
        let all = Traces {
            calls: 3,
            transcripts: 3,
            recordings: 3,
            deliveries: 12,
            contacts: 1,
            ..Traces::default()
        };
        assert_eq!((found.person.as_str(), found.found), (CALLER, all));

        let author = Author::operator();
        let copy = privacy::export(store, tenant, &person, &author, 1)
            .await
            .unwrap();
        assert_eq!(copy["calls"].as_array().unwrap().len(), 3);
        for part in ["Said hello.", "Hello", "call_ended", "likes tea", CALLER] {
            assert!(copy.to_string().contains(part), "{part}");
        }

        let client = &server.app().accounts.accounts.server().client;
        let erased = privacy::erase(store, tenant, &person, Some(client), &author, 2)
            .await
            .unwrap();
        assert_eq!((erased.erased.calls, erased.erased.contacts), (2, 1));
        assert_eq!(erased.refused_by_retell, ["call_kept"]);
        for (id, expected) in [
            ("call_phone", false),
            ("call_named", false),
            ("call_kept", true),
            ("call_other", true),
        ] {
            assert_eq!(is_there(store, tenant, id).await, expected, "{id}");
        }
        let again = privacy::erase(store, tenant, &person, None, &author, 3)
            .await
            .unwrap();
        assert_eq!(again.erased.calls, 1);
        let left = privacy::find(store, tenant, &person).await.unwrap();
        assert_eq!(left.found, Traces::default());

        // Nobody can tell from the trail whom it was about.
        let trail = store.audit_page(tenant, None, 10).await.unwrap();
        assert_eq!(trail[0].action, "person.erased");
        assert_eq!(trail[0].details["erased"]["calls"], 1);
        assert!(!format!("{trail:?}").contains("901820"));

        // A late webhook does not bring it back.
        let mut late = life_of_a_call().remove(3);
        late["call"]["call_id"] = "call_phone".into();
        late["call"]["late"] = true.into();
        assert_eq!(server.webhook(&late).await.status(), 204);
        server.settled().await;
        assert!(!is_there(store, tenant, "call_phone").await);
        server.stop().await;
    }
}

#[tokio::test]
async fn what_was_sent_agreed_to_and_rated_goes_with_the_call_and_desks_hear_of_it() {
    for scratch in Scratch::each().await {
        let server =
            TestServer::start_with(scratch, &MockServer::start().await.uri(), |_| {}).await;
        let (store, tenant) = (&server.app().store, &server.tenant);
        let now = server.app().clock.now_ms();
        let author = Author::operator();
        let endpoint = NewEndpoint {
            id: "ep_1".to_owned(),
            change: EndpointChange {
                url: "https://hooks.example.com".to_owned(),
                description: String::new(),
                events: vec!["call.analyzed".to_owned()],
            },
            secret: "sealed".to_owned(),
            headers: None,
            header_names: Vec::new(),
        };
        store
            .create_endpoint(tenant, &endpoint, &author, now)
            .await
            .unwrap();
        let fresh = json!({
            "from_number": CALLER,
            "start_timestamp": now - 40_000,
            "end_timestamp": now - 10_000,
        });
        call_with(&server, "call_gone", &fresh).await;
        call_with(
            &server,
            "call_kept",
            &with(&fresh, &json!({"from_number": "+493090"})),
        )
        .await;
        for id in ["call_gone", "call_kept"] {
            let consent = Consent {
                text: "Recorded, yes.".to_owned(),
                language: None,
            };
            store.add_consent(tenant, id, &consent, now).await.unwrap();
            let rating = Rating {
                stars: 4,
                comment: Some("Quick.".to_owned()),
            };
            store.rate(tenant, id, &rating, now).await.unwrap();
        }

        let person = Person::parse(CALLER).unwrap();
        let found = privacy::find(store, tenant, &person).await.unwrap().found;
        assert_eq!((found.events, found.consents, found.ratings), (1, 1, 1));
        let copy = privacy::export(store, tenant, &person, &author, now)
            .await
            .unwrap()
            .to_string();
        for part in ["call.analyzed", "Recorded, yes.", "Quick."] {
            assert!(copy.contains(part), "{part}");
        }

        let mut told = server.app().store.bus().listen(Topic::Calls);
        privacy::erase(store, tenant, &person, None, &author, now)
            .await
            .unwrap();
        assert_eq!(in_time(told.next()).await, Signal::CallsDeleted);
        let left = [
            "webhook_deliveries",
            "outgoing_events",
            "endpoint_deliveries",
            "consents",
            "ratings",
        ]
        .map(|table| format!("SELECT COUNT(*) FROM {table}"));
        let mut connection = raw_connection(&server.app().config.database).await;
        for (sql, expected) in left.into_iter().zip([4, 1, 1, 1, 1]) {
            let count: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(sql.clone()))
                .fetch_one(&mut connection)
                .await
                .unwrap();
            assert_eq!(count, expected, "{sql}");
        }
        connection.close().await.unwrap();
        server.stop().await;
    }
}

#[tokio::test]
async fn what_nobody_could_assign_is_deleted_by_its_age() {
    for scratch in Scratch::each().await {
        let server =
            TestServer::start_with(scratch, &MockServer::start().await.uri(), |_| {}).await;
        let store = &server.app().store;
        // Of two it could be either's.
        store.upsert_tenant("t2", "Other", "UTC", 1).await.unwrap();
        let forged = server
            .post_webhook(r#"{"event":"call_ended"}"#, Some("v=1,d=00"))
            .await;
        assert_eq!(forged.status(), 401);
        let now = server.app().clock.now_ms();
        assert_eq!(
            retention::apply(store, now + 30 * DAY - 60_000)
                .await
                .unwrap(),
            0
        );
        assert_eq!(
            retention::apply(store, now + 30 * DAY + 60_000)
                .await
                .unwrap(),
            1
        );
        server.stop().await;
    }
}

#[tokio::test]
async fn a_call_that_goes_on_is_left() {
    let server = TestServer::start(&MockServer::start().await).await;
    let mut started = life_of_a_call().remove(0);
    started["call"]["from_number"] = CALLER.into();
    assert_eq!(server.webhook(&started).await.status(), 204);
    server.settled().await;
    let (store, tenant) = (&server.app().store, &server.tenant);
    let person = Person::parse(CALLER).unwrap();
    let erased = privacy::erase(store, tenant, &person, None, &Author::operator(), 1)
        .await
        .unwrap();
    assert_eq!((erased.erased.calls, erased.live_calls), (0, 1));
    let call = store.call_summary(tenant, "call_1").await.unwrap().unwrap();
    assert_eq!(call.status, CallStatus::Ongoing);
    server.stop().await;
}

#[tokio::test]
async fn an_account_goes_with_its_sessions_but_never_the_last_admin() {
    for scratch in Scratch::each().await {
        let store = scratch.store().await;
        let tenant = store.upsert_tenant("t", "T", "UTC", 1).await.unwrap();
        let robin = user("u1", "robin@example.com");
        store.upsert_user(&tenant, &robin, 1).await.unwrap();
        store
            .create_session(
                &tenant,
                "u1",
                "hash",
                &SessionOrigin::default(),
                1,
                i64::MAX,
            )
            .await
            .unwrap();
        let person = Person::parse("Robin@Example.com").unwrap();
        let author = Author::operator();
        let refused = privacy::erase(&store, &tenant, &person, None, &author, 1).await;
        assert!(matches!(refused, Err(EraseError::LastAdmin)), "{refused:?}");

        let other = user("u2", "other@example.com");
        store.upsert_user(&tenant, &other, 1).await.unwrap();
        let erased = privacy::erase(&store, &tenant, &person, None, &author, 1)
            .await
            .unwrap();
        assert_eq!(erased.erased.accounts, 1);
        assert!(store.session("hash", 2).await.unwrap().is_none());
        assert!(
            store
                .user_by_email("robin@example.com")
                .await
                .unwrap()
                .is_none()
        );
        assert!(
            store
                .user_by_email("other@example.com")
                .await
                .unwrap()
                .is_some()
        );
        store.close().await;
        scratch.remove().await;
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
                .set_retention(tenant, &retention, &author, now)
                .await
                .unwrap();
            assert_eq!(store.retention(tenant).await.unwrap(), retention);
        };

        keep(Retention::default()).await;
        assert_eq!(retention::apply(store, i64::MAX / 2).await.unwrap(), 0);

        let days = Some(10);
        keep(Retention {
            recordings_days: days,
            ..Retention::default()
        })
        .await;
        assert_eq!(retention::apply(store, began + 10 * DAY).await.unwrap(), 0);
        assert_eq!(
            retention::apply(store, began + 10 * DAY + 1).await.unwrap(),
            1
        );
        let recording = store.recording(tenant, "call_old").await.unwrap().unwrap();
        assert_eq!((recording.mono, recording.multi_channel), (None, None));

        let later = now.max(began) + 20 * DAY;
        keep(Retention {
            transcripts_days: days,
            ..Retention::default()
        })
        .await;
        assert_eq!(retention::apply(store, later).await.unwrap(), 1);
        let call = store.call(tenant, "call_old").await.unwrap().unwrap();
        assert!(call.items.is_empty());

        keep(Retention {
            webhooks_days: days,
            ..Retention::default()
        })
        .await;
        assert_eq!(retention::apply(store, later).await.unwrap(), 4);
        assert!(store.deliveries(10).await.unwrap().is_empty());

        keep(Retention {
            calls_days: days,
            ..Retention::default()
        })
        .await;
        assert_eq!(retention::apply(store, later).await.unwrap(), 1);
        assert!(!is_there(store, tenant, "call_old").await);

        keep(Retention {
            audit_days: days,
            ..Retention::default()
        })
        .await;
        assert!(retention::apply(store, later).await.unwrap() > 5);
        // Left is what each run that was given a later time said of itself then.
        let trail = store.audit_page(tenant, None, 10).await.unwrap();
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
