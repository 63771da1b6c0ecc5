//! The store, on SQLite and on PostgreSQL.

use std::future::poll_fn;
use std::task::Poll;

use api::desk::CallSummary;
use db::Scope;
use futures_util::poll;
use serde_json::{Map, Value, json};
use server::accounts::Signers;
use server::bus::{Signal, Topic};
use server::calls::{CallCursor, CallFilter, CallRows, Observation};
use server::config::Healing;
use server::deeds::Author;
use server::inbox::{InboxWriter, NewEntry, Outcome, Verdict, Vouched};
use server::keys::PublicKey;
use server::store::{Engine, Store, StoreError, Tenant};

use sqlx::{AnyConnection, Connection, Row};

use crate::support::{Scratch, in_time, key, not_run, raw_connection, until_blocked};

const NOW: i64 = 1_790_000_000_000;

async fn tenants(store: &Store) -> (Tenant, Tenant) {
    let one = store
        .tenants()
        .upsert("one", "One", "Europe/Berlin", NOW)
        .await
        .unwrap();
    let two = store
        .tenants()
        .upsert("two", "Two", "Europe/Madrid", NOW)
        .await
        .unwrap();
    (one, two)
}

fn seen(event: &str, at: i64, call: Value) -> Observation {
    let Value::Object(call) = call else {
        panic!("not an object")
    };
    Observation::from_event(event, call, at).unwrap()
}

async fn observe(store: &Store, tenant: &Tenant, seen: &Observation) -> Option<CallSummary> {
    store
        .calls()
        .observe(tenant, seen, NOW, &Healing::default())
        .await
        .unwrap()
}

#[tokio::test]
async fn opening_twice_migrates_once() {
    for scratch in Scratch::each().await {
        let store = scratch.store().await;
        tenants(&store).await;
        store.close().await;
        let store = scratch.store().await;
        assert_eq!(store.tenant("one").await.unwrap().unwrap().name(), "One");
        store.close().await;
        scratch.remove().await;
    }
}

#[tokio::test]
async fn postgresql_sorts_by_bytes_and_as_most_installations_do() {
    let mut as_people_do = Vec::new();
    for scratch in Scratch::each_sorted().await.into_iter().skip(1) {
        let mut connection = raw_connection(&scratch.database).await;
        let row = sqlx::query("SELECT '~' < '0' AS linguistic")
            .fetch_one(&mut connection)
            .await
            .unwrap();
        as_people_do.push(row.try_get::<bool, _>("linguistic").unwrap());
        connection.close().await.unwrap();
        scratch.remove().await;
    }
    assert!(
        matches!(as_people_do[..], [] | [false, true]),
        "{as_people_do:?}"
    );
}

#[tokio::test]
async fn what_is_committed_is_told_wherever_its_request_was_dropped() {
    let scratch = Scratch::sqlite();
    let store = scratch.store().await;
    let (tenant, _) = tenants(&store).await;
    let author = Author::operator();
    let mut told = store.bus().listen(Topic::Keys);
    // Dropped at each of the places where it waits for the database.
    for place in 0.. {
        let id = format!("pk_{place}");
        let key = key(&id);
        let mut change = Box::pin(store.public_keys().create(&tenant, &key, &author, NOW));
        let mut waits = 0;
        let finished = poll_fn(|context| match change.as_mut().poll(context) {
            Poll::Ready(done) => Poll::Ready(done.is_ok()),
            Poll::Pending if waits == place => Poll::Ready(false),
            Poll::Pending => {
                waits += 1;
                Poll::Pending
            }
        })
        .await;
        drop(change);
        // Another change takes its turn after this one is done, or undone.
        tenants(&store).await;
        if store
            .public_keys()
            .own(&tenant, &id)
            .await
            .unwrap()
            .is_some()
        {
            assert_eq!(in_time(told.next()).await, Signal::KeysChanged, "{place}");
        }
        if finished {
            break;
        }
    }
    store.close().await;
    scratch.remove().await;
}

#[tokio::test]
async fn a_call_belongs_to_one_tenant() {
    for scratch in Scratch::each().await {
        let store = scratch.store().await;
        let (one, two) = tenants(&store).await;
        let start = seen(
            "call_started",
            NOW,
            json!({"call_id": "c", "agent_id": "a"}),
        );
        observe(&store, &one, &start).await.unwrap();
        assert!(store.calls().find(&one, "c").await.unwrap().is_some());
        assert!(store.calls().find(&two, "c").await.unwrap().is_none());
        assert!(store.calls().summary(&two, "c").await.unwrap().is_none());
        assert!(store.calls().recording(&two, "c").await.unwrap().is_none());
        assert_eq!(
            store
                .calls()
                .page(&two, &CallFilter::default(), None, 10)
                .await
                .unwrap(),
            CallRows::default()
        );
        let end = seen("call_ended", NOW, json!({"call_id": "c"}));
        let crossed = store
            .calls()
            .observe(&two, &end, NOW, &Healing::default())
            .await;
        assert!(
            matches!(crossed, Err(StoreError::OtherTenant { .. })),
            "{crossed:?}"
        );
        assert!(
            store
                .calls()
                .summary(&one, "c")
                .await
                .unwrap()
                .unwrap()
                .status
                .is_live()
        );
        store.close().await;
        scratch.remove().await;
    }
}

#[tokio::test]
async fn a_key_belongs_to_one_tenant() {
    for scratch in Scratch::each().await {
        let store = scratch.store().await;
        let (one, two) = tenants(&store).await;
        let mine = PublicKey {
            family: "pk".to_owned(),
            created_at: NOW,
            ..key("pk")
        };
        store.public_keys().upsert(&one, &mine, NOW).await.unwrap();
        let theirs = PublicKey {
            origins: vec!["https://evil.test".to_owned()],
            ..key("pk")
        };
        store
            .public_keys()
            .upsert(&two, &theirs, NOW)
            .await
            .unwrap();
        let (tenant, stored) = store.public_keys().find("pk").await.unwrap().unwrap();
        assert_eq!((tenant.id(), &stored), ("one", &mine));
        let disabled = PublicKey {
            disabled: true,
            ..mine
        };
        store
            .public_keys()
            .upsert(&one, &disabled, NOW)
            .await
            .unwrap();
        assert!(
            store
                .public_keys()
                .find("pk")
                .await
                .unwrap()
                .unwrap()
                .1
                .disabled
        );
        assert_eq!(
            store.public_keys().allowed_origins(NOW).await.unwrap(),
            Vec::<String>::new()
        );
        store.close().await;
        scratch.remove().await;
    }
}

#[tokio::test]
async fn pages_of_calls_have_live_ones_first_and_no_gaps() {
    for scratch in Scratch::each_sorted().await {
        let store = scratch.store().await;
        let (one, two) = tenants(&store).await;
        for index in 0..7_i64 {
            // Two of them began in the same millisecond.
            let began = NOW + (index / 2) * 1000;
            let call = json!({"call_id": format!("c{index}"), "start_timestamp": began});
            observe(&store, &one, &seen("call_started", NOW, call.clone()))
                .await
                .unwrap();
            if index % 3 != 0 {
                observe(&store, &one, &seen("call_ended", NOW, call))
                    .await
                    .unwrap();
            }
        }
        let foreign = seen("call_started", NOW, json!({"call_id": "other"}));
        observe(&store, &two, &foreign).await.unwrap();
        for limit in [1, 2, 3, 7, 100] {
            let mut ids = Vec::new();
            let mut after: Option<CallCursor> = None;
            loop {
                let page = store
                    .calls()
                    .page(&one, &CallFilter::default(), after.as_ref(), limit)
                    .await
                    .unwrap();
                let (calls, next) = (page.calls, page.next);
                assert!(calls.len() <= limit as usize);
                ids.extend(calls.into_iter().map(|call| call.id));
                // As it travels through a browser.
                match next.map(|next| next.to_string().parse().unwrap()) {
                    Some(next) => after = Some(next),
                    None => break,
                }
            }
            assert_eq!(
                ids,
                ["c6", "c3", "c0", "c5", "c4", "c2", "c1"],
                "pages of {limit}"
            );
        }
        store.close().await;
        scratch.remove().await;
    }
}

#[tokio::test]
async fn a_change_is_told_only_if_it_can_be_seen() {
    for scratch in Scratch::each().await {
        let store = scratch.store().await;
        let (one, _) = tenants(&store).await;
        let start = seen(
            "call_started",
            NOW,
            json!({"call_id": "c", "agent_id": "a"}),
        );
        assert!(observe(&store, &one, &start).await.is_some());
        assert!(observe(&store, &one, &start).await.is_none());
        let again = seen(
            "call_started",
            NOW + 1,
            json!({"call_id": "c", "agent_id": "a"}),
        );
        assert!(observe(&store, &one, &again).await.is_none());
        store
            .agents()
            .assign(&one, "a", "Emma", &Author::operator(), NOW)
            .await
            .unwrap();
        let end = seen("call_ended", NOW + 2, json!({"call_id": "c"}));
        let ended = observe(&store, &one, &end).await.unwrap();
        assert_eq!(ended.agent_name.as_deref(), Some("Emma"));
        store.close().await;
        scratch.remove().await;
    }
}

#[tokio::test]
async fn a_transcript_survives_news_without_one() {
    for scratch in Scratch::each().await {
        let store = scratch.store().await;
        let (one, _) = tenants(&store).await;
        let said = json!([{"role": "user", "content": "Grüße \u{1F44B}, \u{0} & 'quotes'"}]);
        let end = seen(
            "call_ended",
            NOW,
            json!({"call_id": "c", "transcript_object": said}),
        );
        observe(&store, &one, &end).await.unwrap();
        let analysis = json!({"call_id": "c", "call_analysis": {"call_summary": "Short."}});
        observe(&store, &one, &seen("call_analyzed", NOW, analysis))
            .await
            .unwrap();
        let call = store.calls().find(&one, "c").await.unwrap().unwrap();
        assert_eq!(call.items.len(), 1);
        assert_eq!(call.retell["call_analysis"]["call_summary"], "Short.");
        assert!(!call.retell.contains_key("transcript_object"));
        store.close().await;
        scratch.remove().await;
    }
}

#[tokio::test]
async fn numbers_and_nothing_come_back_as_they_went_in() {
    for scratch in Scratch::each().await {
        let store = scratch.store().await;
        let (one, _) = tenants(&store).await;
        let call = json!({
            "call_id": "c", "call_type": "phone_call", "direction": "inbound",
            "from_number": "+491701234567", "to_number": "+4930123456",
            "start_timestamp": NOW, "end_timestamp": NOW + 5000,
            "call_cost": {"combined_cost": 1.25}, "latency": {"e2e": {"p50": 900}},
            "call_analysis": {"call_successful": false},
        });
        observe(&store, &one, &seen("call_analyzed", NOW, call))
            .await
            .unwrap();
        let detail = store
            .calls()
            .find(&one, "c")
            .await
            .unwrap()
            .unwrap()
            .into_detail();
        assert_eq!(detail.summary.duration_ms, Some(5000));
        assert_eq!(detail.summary.from_number.as_deref(), Some("+491701234567"));
        assert_eq!(detail.summary.successful, Some(false));
        assert_eq!(detail.summary.user_sentiment, None);
        assert_eq!(
            (detail.cost_cents, detail.latency_p50_ms),
            (Some(1.25), Some(900.0))
        );
        store.close().await;
        scratch.remove().await;
    }
}

/// On one connection the same statement is told a cost now and none then.
#[tokio::test]
async fn a_cost_is_kept_whatever_the_connection_wrote_before() {
    for scratch in Scratch::each().await {
        let store = scratch.store().await;
        let (tenant, _) = tenants(&store).await;
        for round in 0..20 {
            let id = format!("call_{round}");
            let begun = json!({"call_id": id, "agent_id": "a"});
            observe(&store, &tenant, &seen("call_started", NOW, begun)).await;
            let cost = json!({"call_id": id, "call_cost": {"combined_cost": 0.1},
                              "latency": {"e2e": {"p50": 820.25}}});
            observe(&store, &tenant, &seen("call_analyzed", NOW, cost)).await;
        }
        let mut connection = raw_connection(&scratch.database).await;
        let rows = sqlx::query(
            "SELECT DISTINCT cost_cents, latency_p50_ms FROM calls WHERE tenant_id = 'one'",
        )
        .fetch_all(&mut connection)
        .await
        .unwrap();
        let kept: Vec<(f64, f64)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
        assert_eq!(kept, [(0.1, 820.25)]);
        connection.close().await.unwrap();
        store.close().await;
        scratch.remove().await;
    }
}

#[tokio::test]
async fn concurrent_news_of_one_call_is_all_joined() {
    for scratch in Scratch::each().await {
        let store = scratch.store().await;
        let (one, _) = tenants(&store).await;
        let news: Vec<_> = (0..40)
            .map(|index| {
                let mut call = Map::new();
                call.insert("call_id".to_owned(), "c".into());
                call.insert(format!("field_{index}"), index.into());
                Observation::from_event("call_started", call, NOW).unwrap()
            })
            .collect();
        futures_util::future::join_all(news.iter().map(|news| observe(&store, &one, news))).await;
        let call = store.calls().find(&one, "c").await.unwrap().unwrap();
        for index in 0..40 {
            assert_eq!(call.retell[&format!("field_{index}")], index);
        }
        store.close().await;
        scratch.remove().await;
    }
}

#[tokio::test]
async fn unsettled_calls_are_taken_once_and_then_put_off() {
    for scratch in Scratch::each().await {
        let store = scratch.store().await;
        let (one, _) = tenants(&store).await;
        let healing = Healing::default();
        observe(
            &store,
            &one,
            &seen("call_started", NOW, json!({"call_id": "live"})),
        )
        .await;
        observe(
            &store,
            &one,
            &seen("call_analyzed", NOW, json!({"call_id": "done"})),
        )
        .await;
        assert!(
            store
                .calls()
                .take_unsettled(NOW, 10, &healing)
                .await
                .unwrap()
                .is_empty()
        );
        let later = NOW + 120_000;
        let due = store
            .calls()
            .take_unsettled(later, 10, &healing)
            .await
            .unwrap();
        let due: Vec<_> = due.iter().map(|call| call.call_id.as_str()).collect();
        assert_eq!(due, ["live"]);
        assert!(
            store
                .calls()
                .take_unsettled(later, 10, &healing)
                .await
                .unwrap()
                .is_empty()
        );
        store.calls().hasten_checks(later).await.unwrap();
        assert_eq!(
            store
                .calls()
                .take_unsettled(later, 10, &healing)
                .await
                .unwrap()[0]
                .call_id,
            "live"
        );
        store.close().await;
        scratch.remove().await;
    }
}

fn entry(id: usize, verdict: Verdict) -> NewEntry {
    let vouched = (verdict == Verdict::Accepted).then(|| Vouched {
        dedupe_key: format!("key {id}"),
        signed_at: NOW,
        event: Some("call_started".to_owned()),
        call_id: None,
        signers: Signers::server(),
    });
    NewEntry {
        due_at: 0,
        // Sorts by number.
        id: format!("{id:08}-{:?}", uuid::Uuid::now_v7()),
        received_at: NOW,
        body: vec![0, 255, 7],
        body_sha256: String::new(),
        signature: None,
        content_type: None,
        user_agent: None,
        remote_ip: None,
        verdict,
        vouched,
        tenant_id: None,
        answered: None,
    }
}

#[tokio::test]
async fn entries_are_kept_in_groups_and_told_from_repetitions() {
    for scratch in Scratch::each().await {
        let store = scratch.store().await;
        let (writer, task) = InboxWriter::start(store.clone());
        let all = (0..300).map(|id| writer.keep(entry(id % 200, Verdict::Accepted)));
        let outcomes = futures_util::future::join_all(all).await;
        let count = |wanted| {
            outcomes
                .iter()
                .filter(|outcome| *outcome.as_ref().unwrap() == wanted)
                .count()
        };
        assert_eq!(
            (count(Outcome::Stored), count(Outcome::Duplicate)),
            (200, 100)
        );
        let kept = store.inbox_entries().inbox_entries(1000).await.unwrap();
        assert_eq!(kept.len(), 200);
        assert_eq!(kept[0].body, [0, 255, 7]);
        assert_eq!(kept.iter().map(|one| one.duplicates).sum::<i64>(), 100);
        drop(writer);
        task.await.unwrap();
        store.close().await;
        scratch.remove().await;
    }
}

/// Locks entries that are free, until the transaction ends. Returns how many.
async fn lock(connection: &mut AnyConnection, key: &str, how: &str) -> usize {
    try_lock(connection, key, how).await.unwrap()
}

/// The same, and fails where this transaction is given up for another's sake.
async fn try_lock(
    connection: &mut AnyConnection,
    key: &str,
    how: &str,
) -> Result<usize, sqlx::Error> {
    let sql = format!("SELECT id FROM webhook_deliveries WHERE dedupe_key = $1 FOR UPDATE {how}");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(key);
    Ok(rows.fetch_all(connection).await?.len())
}

#[tokio::test]
async fn two_servers_that_are_told_the_same_again_do_not_wait_for_each_other() {
    let Some(scratch) = Scratch::on_postgres().await else {
        return;
    };
    let stores = [scratch.store().await, scratch.store().await];
    let writers = [0, 1].map(|n: usize| InboxWriter::start(stores[n].clone()).0);
    let told = async |writer: &InboxWriter, ids: Vec<usize>| {
        let all = ids
            .into_iter()
            .map(|id| writer.keep(entry(id, Verdict::Accepted)));
        futures_util::future::join_all(all).await
    };
    for outcome in told(&writers[0], (1..9).collect()).await {
        assert_eq!(outcome.unwrap(), Outcome::Stored);
    }
    let mut held = raw_connection(&scratch.database).await;
    let mut other = raw_connection(&scratch.database).await;

    sqlx::raw_sql("BEGIN").execute(&mut held).await.unwrap();
    assert_eq!(lock(&mut held, "key 4", "").await, 1);
    let release = async {
        until_blocked(&mut other, 2).await;
        // Both began at the same end, so that the other one is nobody's.
        assert_eq!(lock(&mut other, "key 8", "SKIP LOCKED").await, 1);
        sqlx::raw_sql("COMMIT").execute(&mut held).await.unwrap();
    };
    let (up, down) = ((1..9).collect(), (1..9).rev().collect());
    let (one, two, ()) = tokio::join!(told(&writers[0], up), told(&writers[1], down), release);
    for outcome in one.into_iter().chain(two) {
        assert_eq!(outcome.unwrap(), Outcome::Duplicate);
    }

    // Who is given up for another's sake comes once more. PostgreSQL gives up whoever waits when
    // it looks: where we came late that is us, and it is tried again.
    loop {
        sqlx::raw_sql("BEGIN").execute(&mut held).await.unwrap();
        assert_eq!(lock(&mut held, "key 8", "").await, 1);
        let crossing = async {
            until_blocked(&mut other, 1).await;
            let crossed = try_lock(&mut held, "key 1", "").await;
            let end = if crossed.is_ok() {
                "COMMIT"
            } else {
                "ROLLBACK"
            };
            sqlx::raw_sql(end).execute(&mut held).await.unwrap();
            crossed.is_ok()
        };
        let (outcomes, crossed) = tokio::join!(told(&writers[0], vec![1, 8]), crossing);
        for outcome in outcomes {
            assert_eq!(outcome.unwrap(), Outcome::Duplicate);
        }
        if crossed {
            break;
        }
    }
    for connection in [held, other] {
        connection.close().await.unwrap();
    }
    for store in stores {
        store.close().await;
    }
    scratch.remove().await;
}

#[tokio::test]
async fn a_call_that_another_server_adds_first_is_joined_with_what_was_heard_here() {
    let Some(scratch) = Scratch::on_postgres().await else {
        return not_run("SWITCHBOARD_TEST_POSTGRES_URL names no server");
    };
    let store = scratch.store().await;
    let (one, _) = tenants(&store).await;
    let about = |call_id: &str| json!({"call_id": call_id, "agent_id": "a"});
    observe(&store, &one, &seen("call_started", NOW, about("c"))).await;
    let mut first = raw_connection(&scratch.database).await;
    let mut other = raw_connection(&scratch.database).await;
    let add = "BEGIN; CREATE TEMP TABLE copied ON COMMIT DROP AS SELECT * FROM calls; \
         UPDATE copied SET id = 'd', retell = replace(retell, '\"c\"', '\"d\"'); \
         INSERT INTO calls SELECT * FROM copied";
    sqlx::raw_sql(add).execute(&mut first).await.unwrap();
    let end = json!({"call_id": "d", "disconnection_reason": "user_hangup"});
    let end = seen("call_ended", NOW, end);
    let goes_on = async {
        until_blocked(&mut other, 1).await;
        sqlx::raw_sql("COMMIT").execute(&mut first).await.unwrap();
    };
    let (call, ()) = tokio::join!(observe(&store, &one, &end), goes_on);
    let call = call.unwrap();
    assert_eq!((call.id.as_str(), call.agent_id.as_str()), ("d", "a"));
    assert!(!call.status.is_live());
    for connection in [first, other] {
        connection.close().await.unwrap();
    }
    store.close().await;
    scratch.remove().await;
}

#[tokio::test]
async fn who_only_adds_does_not_wait_for_who_reads_before_writing_and_who_changes_does() {
    let scratch = Scratch::sqlite();
    let store = scratch.store().await;
    let mut reading = store.repeatable(Scope::Server).await.unwrap();
    store
        .add(Scope::Server)
        .await
        .unwrap()
        .commit()
        .await
        .unwrap();
    drop(store.single(Scope::Server).await.unwrap());
    let mut changing = Box::pin(store.write(Scope::Server));
    assert!(poll!(&mut changing).is_pending());
    let read = sqlx::query("SELECT 1")
        .fetch_all(reading.connection())
        .await;
    assert_eq!(read.unwrap().len(), 1);
    let write = reading.write().await.unwrap();
    assert!(poll!(&mut changing).is_pending());
    write.commit().await.unwrap();
    drop(in_time(changing).await.unwrap());
    store.close().await;
    scratch.remove().await;
}

#[tokio::test]
async fn work_that_leaves_the_disk_to_others_leaves_no_connection_that_does() {
    /// More than a pool has connections.
    const OFTEN: usize = 10;
    for scratch in Scratch::each().await {
        let store = scratch.store().await;
        for is_committed in [true, false] {
            let reading = store.repeatable(Scope::Server).await.unwrap();
            let write = reading.write().await.unwrap();
            if is_committed {
                write.commit().await.unwrap();
            }
            for _ in 0..OFTEN {
                assert_eq!(durability(&store).await, "full");
            }
        }
        store.close().await;
        scratch.remove().await;
    }
}

/// What a connection of the pool waits for when it commits.
async fn durability(store: &Store) -> &'static str {
    let mut db = store.read(Scope::Server).await.unwrap();
    let sql = match store.engine() {
        Engine::Sqlite => "SELECT CAST(synchronous AS TEXT) AS it FROM pragma_synchronous",
        Engine::Postgres => "SELECT current_setting('synchronous_commit') AS it",
    };
    let row = sqlx::query(sql).fetch_one(db.connection()).await.unwrap();
    let it: &str = row.try_get("it").unwrap();
    match it {
        "2" | "on" => "full",
        _ => "less",
    }
}

#[tokio::test]
async fn refused_entries_do_not_fill_the_disk() {
    for scratch in Scratch::each().await {
        let store = scratch.store().await;
        let (writer, _task) = InboxWriter::start(store.clone());
        writer.keep(entry(0, Verdict::Accepted)).await.unwrap();
        let verdicts = [
            Verdict::Malformed,
            Verdict::SignatureMissing,
            Verdict::SignatureInvalid,
            Verdict::SignatureStale,
        ];
        let refused = (1..1099).map(|id| writer.keep(entry(id, verdicts[id % 4])));
        for outcome in futures_util::future::join_all(refused).await {
            outcome.unwrap();
        }
        // Two transactions at once do not see each other's: what both leave goes with the next.
        writer.keep(entry(1099, verdicts[3])).await.unwrap();
        let kept = store.inbox_entries().inbox_entries(2000).await.unwrap();
        assert_eq!(kept.len(), 1001);
        assert!(kept[0].id.starts_with("00001099") && kept[999].id.starts_with("00000100"));
        assert_eq!(kept[1000].verdict, "accepted");
        store.close().await;
        scratch.remove().await;
    }
}

#[tokio::test]
async fn nothing_is_named_with_a_nul() {
    for scratch in Scratch::each().await {
        let store = scratch.store().await;
        let (one, _) = tenants(&store).await;
        let call = json!({"call_id": "call_1", "agent_id": "agent_1"});
        observe(&store, &one, &seen("call_started", NOW, call)).await;
        for id in ["\0", "call_1\0", "call\0_1"] {
            assert!(store.public_keys().find(id).await.unwrap().is_none());
            assert!(store.people().by_email(id).await.unwrap().is_none());
            assert!(store.calls().tenant_of(id).await.unwrap().is_none());
            assert!(store.calls().summary(&one, id).await.unwrap().is_none());
            assert!(store.calls().find(&one, id).await.unwrap().is_none());
            assert!(store.calls().recording(&one, id).await.unwrap().is_none());
        }
        let call = json!({"call_id": "call_2", "agent_id": "agent_1", "agent_name": "Em\0ma"});
        observe(&store, &one, &seen("call_started", NOW, call)).await;
        let kept = store
            .calls()
            .summary(&one, "call_2")
            .await
            .unwrap()
            .unwrap();
        assert_eq!(kept.agent_name.as_deref(), Some("Em\u{fffd}ma"));
        store.close().await;
        scratch.remove().await;
    }
}
