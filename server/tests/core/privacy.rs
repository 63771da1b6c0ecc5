//! Retention, and one person's right to a copy and to being forgotten.

mod copies;
mod erasing;
mod kept;
mod one_call;
mod whole;

use std::sync::atomic::{AtomicUsize, Ordering};

use api::desk::CallStatus;
use api::inbox::EntryFilter;
use api::privacy::{Retention, Traces};
use api::public::{Consent, Rating};
use futures_util::TryStreamExt as _;
use serde_json::{Value, json};
use server::app::keepers;
use server::backup;
use server::bus::{Signal, Topic};
use server::calls::{heal, import};
use server::deeds::Author;
use server::inbox::InboxScope;
use server::notify::{EndpointChange, NewEndpoint};
use server::people::{NewUser, Role, SessionOrigin, Token, User};
use server::person::Person;
use server::privacy::{self, EraseError, retention};
use server::store::{Before, Store, Tenant};
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

/// Everything there is about somebody.
pub(crate) async fn copy_of(store: &Store, tenant: &Tenant, person: &Person) -> Value {
    let author = Author::operator();
    let pieces = privacy::export(&keepers(), store, tenant, person, &author, 1).await;
    let copy: String = pieces.unwrap().try_collect().await.unwrap();
    serde_json::from_str(&copy).unwrap()
}

async fn is_there(store: &Store, tenant: &Tenant, id: &str) -> bool {
    store.calls().find(tenant, id).await.unwrap().is_some()
}

fn user(id: &str, email: &str) -> User {
    User {
        id: id.to_owned(),
        email: email.to_owned(),
        name: "Robin".to_owned(),
        role: Role::Admin,
        password_hash: Some("hash".to_owned()),
    }
}

/// How many rows retention deletes.
async fn applied(store: &Store, now: i64) -> u64 {
    retention::apply(&keepers(), store, now).await.unwrap()
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
        let found = privacy::find(&keepers(), store, tenant, &person)
            .await
            .unwrap();
        let all = Traces {
            calls: 3,
            transcripts: 3,
            recordings: 3,
            webhooks: 12,
            contacts: 1,
            ..Traces::default()
        };
        assert_eq!((found.person.as_str(), found.found), (CALLER, all));

        let author = Author::operator();
        let copy = copy_of(store, tenant, &person).await;
        assert_eq!(copy["calls"].as_array().unwrap().len(), 3);
        for part in ["Said hello.", "Hello", "call_ended", "likes tea", CALLER] {
            assert!(copy.to_string().contains(part), "{part}");
        }

        let client = &server.app().accounts.accounts.server().client;
        let erased = privacy::erase(&keepers(), store, tenant, &person, Some(client), &author, 2)
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
        let again = privacy::erase(&keepers(), store, tenant, &person, None, &author, 3)
            .await
            .unwrap();
        assert_eq!(again.erased.calls, 1);
        let left = privacy::find(&keepers(), store, tenant, &person)
            .await
            .unwrap();
        assert_eq!(left.found, Traces::default());

        // Nobody can tell from the trail whom it was about.
        let trail = store.audit_events().page(tenant, None, 10).await.unwrap();
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
            .endpoints()
            .create(tenant, &endpoint, &author, now)
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
            store
                .calls()
                .add_consent(tenant, id, &consent, now)
                .await
                .unwrap();
            let rating = Rating {
                stars: 4,
                comment: Some("Quick.".to_owned()),
            };
            store.calls().rate(tenant, id, &rating, now).await.unwrap();
        }

        let person = Person::parse(CALLER).unwrap();
        let found = privacy::find(&keepers(), store, tenant, &person)
            .await
            .unwrap()
            .found;
        assert_eq!((found.events, found.consents, found.ratings), (1, 1, 1));
        let copy = copy_of(store, tenant, &person).await.to_string();
        for part in ["call.analyzed", "Recorded, yes.", "Quick."] {
            assert!(copy.contains(part), "{part}");
        }

        let mut told = server.app().store.bus().listen(Topic::Calls);
        privacy::erase(&keepers(), store, tenant, &person, None, &author, now)
            .await
            .unwrap();
        let deleted = Signal::CallsDeleted(server.tenant.id().to_owned());
        assert_eq!(in_time(told.next()).await, deleted);
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

/// A Retell that has kept these calls as they were when they were analyzed.
async fn retell_that_knows(ids: &[&str]) -> MockServer {
    let retell = MockServer::start().await;
    let call = life_of_a_call().remove(3)["call"].take();
    let calls: Vec<_> = ids
        .iter()
        .map(|id| with(&call, &json!({"call_id": id, "from_number": CALLER})))
        .collect();
    for (id, call) in ids.iter().zip(&calls) {
        let route = format!("/v2/get-call/{id}");
        let told = ResponseTemplate::new(200).set_body_json(call);
        answers(&retell, "GET", &route, told).await;
    }
    let list = json!({"items": calls, "has_more": false, "total": calls.len()});
    let list = ResponseTemplate::new(200).set_body_json(list);
    answers(&retell, "POST", "/v3/list-calls", list).await;
    retell
}

/// Tells a call again in every way there is: by an import, by the inbox's own copies,
/// by asking, and by webhooks that nobody expects any more.
async fn tell_again(server: &TestServer, id: &str) {
    static LATE: AtomicUsize = AtomicUsize::new(0);
    let (app, tenant, author) = (server.app(), &server.tenant, Author::operator());
    let range = (Some(1_790_000_000_000), Some(1_790_000_100_000));
    let run = import::begin(&app.calls, tenant, "operator", None, range)
        .await
        .unwrap();
    let (_, error) = import::finish_by_id(&app.calls, &run, |_| {})
        .await
        .unwrap()
        .unwrap();
    assert!(error.is_none(), "{error:?}");
    let now = app.clock.now_ms();
    let all = EntryFilter::default();
    app.store
        .inbox_entries()
        .replay_matching(InboxScope::All, &all, &author, now)
        .await
        .unwrap();
    server.settled().await;
    heal::ask(&app.calls, id).await.unwrap();
    let late = json!({"late": LATE.fetch_add(1, Ordering::Relaxed)});
    call_with(server, id, &late).await;
}

/// What there is of a call: whether it is there, its transcript, its recording.
async fn left_of(server: &TestServer, id: &str) -> (bool, bool, bool) {
    let (store, tenant) = (&server.app().store, &server.tenant);
    let call = store.calls().find(tenant, id).await.unwrap();
    let said = call.as_ref().is_some_and(|call| !call.items.is_empty());
    let recording = store.calls().recording(tenant, id).await.unwrap();
    let heard = recording.is_some_and(|one| one.mono.is_some() || one.multi_channel.is_some());
    (call.is_some(), said, heard)
}

#[tokio::test]
async fn what_was_deleted_comes_back_by_no_door_not_even_after_a_restore() {
    let mut targets = Scratch::each().await;
    for scratch in Scratch::each().await {
        let retell = retell_that_knows(&["call_old", "call_known"]).await;
        let server = TestServer::start_with(scratch, &retell.uri(), |_| {}).await;
        let (store, tenant) = (&server.app().store, &server.tenant);
        let author = Author::operator();
        let now = server.app().clock.now_ms();
        let keep = async |retention: Retention| {
            store
                .retentions()
                .set(tenant, &retention, None, &author, now)
                .await
                .unwrap();
            applied(store, now + 20 * DAY).await;
        };
        let days = Some(10);
        tell_again(&server, "call_old").await;
        assert_eq!(left_of(&server, "call_old").await, (true, true, true));

        keep(Retention {
            transcripts_days: days,
            ..Retention::default()
        })
        .await;
        // Nor are there copies of what was said.
        let copies = EntryFilter {
            call_id: Some("call_old".to_owned()),
            ..EntryFilter::default()
        };
        let entries = store.inbox_entries();
        let left = entries
            .page(InboxScope::Of(tenant), &copies, None, 10)
            .await
            .unwrap();
        assert!(left.is_empty(), "{left:?}");
        tell_again(&server, "call_old").await;
        // Where the recording is heard may be asked anew: it is kept.
        assert_eq!(left_of(&server, "call_old").await, (true, false, true));

        keep(Retention {
            recordings_days: days,
            ..Retention::default()
        })
        .await;
        tell_again(&server, "call_old").await;
        assert_eq!(left_of(&server, "call_old").await, (true, false, false));
        let told = store
            .calls()
            .summary(tenant, "call_old")
            .await
            .unwrap()
            .unwrap();
        assert_eq!(told.status, CallStatus::Ended);

        keep(Retention {
            calls_days: days,
            webhooks_days: days,
            ..Retention::default()
        })
        .await;
        keep(Retention::default()).await;
        tell_again(&server, "call_old").await;
        assert_eq!(left_of(&server, "call_old").await, (false, false, false));

        // The import told of this one: it was deleted as well. Another is erased.
        call_with(&server, "call_erased", &json!({"from_number": CALLER})).await;
        let person = Person::parse(CALLER).unwrap();
        let erased = privacy::erase(&keepers(), store, tenant, &person, None, &author, now)
            .await
            .unwrap();
        assert_eq!(erased.erased.calls, 1);
        tell_again(&server, "call_erased").await;
        let rating = Rating {
            stars: 1,
            comment: Some("I was here.".to_owned()),
        };
        store
            .calls()
            .rate(tenant, "call_erased", &rating, now)
            .await
            .unwrap();
        assert_eq!(
            store.calls().rating(tenant, "call_erased").await.unwrap(),
            None
        );
        for id in ["call_old", "call_known", "call_erased"] {
            assert_eq!(left_of(&server, id).await, (false, false, false), "{id}");
        }
        // Nor is what was said kept as it came.
        for one in store.inbox_entries().inbox_entries(100).await.unwrap() {
            assert_eq!(
                (one.state.as_str(), one.body.as_slice()),
                ("ignored", b"".as_slice())
            );
        }

        let file = server.scratch.directory.join("a.backup");
        backup::back_up(&server.app().config.database, &file, 7)
            .await
            .unwrap();
        // Two engines cross over.
        let target = targets.pop().unwrap();
        backup::restore(&target.database, &file, Before::Empty, &[])
            .await
            .unwrap();
        server.stop().await;
        let server = TestServer::start_with(target, &retell.uri(), |_| {}).await;
        for id in ["call_old", "call_erased"] {
            tell_again(&server, id).await;
            assert_eq!(left_of(&server, id).await, (false, false, false), "{id}");
        }
        server.stop().await;
    }
}
