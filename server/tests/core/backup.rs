//! Backups: consistent under writes, and from either engine into either.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use flate2::read::MultiGzDecoder;
use serde_json::{Value, json};
use server::accounts::{SealedKeys, retell_key_purpose, webhook_key_purpose};
use server::app::{keepers, outward_jobs};
use server::backup::{self, BackupError};
use server::config::{Database, Secret};
use server::jobs::NewJob;
use server::store::{Before, RefillError, Store};
use server::vault::Vault;
use sqlx::{Connection, Row};
use wiremock::MockServer;

use crate::support::{
    API_KEY, Scratch, TestServer, a_moment, life_of_a_call, raw_connection, with,
};

/// The rows of each table of an archive, in an order of their own.
fn tables(path: &Path) -> BTreeMap<String, Vec<String>> {
    let mut text = String::new();
    MultiGzDecoder::new(std::fs::File::open(path).unwrap())
        .read_to_string(&mut text)
        .unwrap();
    let mut tables = BTreeMap::new();
    let mut current = String::new();
    for line in text.lines().skip(1) {
        if line.starts_with('[') {
            let rows: &mut Vec<String> = tables.get_mut(&current).unwrap();
            rows.push(line.to_owned());
        } else if let Some(name) = serde_json::from_str::<Value>(line).unwrap()["table"].as_str() {
            current = name.to_owned();
            tables.insert(current.clone(), Vec::new());
        }
    }
    for rows in tables.values_mut() {
        rows.sort_unstable();
    }
    tables
}

/// The webhooks of the nth call of a stream.
fn life_of(n: usize) -> Vec<Value> {
    let id = json!({"call_id": format!("call_{n}")});
    life_of_a_call()
        .into_iter()
        .map(|mut webhook| {
            webhook["call"] = with(&webhook["call"], &id);
            webhook
        })
        .collect()
}

/// A server that has had some calls, and what it is backed up to while calls
/// go on.
async fn backed_up_under_load(scratch: Scratch, path: &Path) -> Scratch {
    let retell = MockServer::start().await;
    let server = TestServer::start_with(scratch, &retell.uri(), |_| {}).await;
    let app = server.app();
    let key = app
        .vault
        .seal(&retell_key_purpose("tenant_1"), "key_own")
        .unwrap();
    // What signs the webhooks of this test.
    let webhook_key = app
        .vault
        .seal(&webhook_key_purpose("tenant_1"), API_KEY)
        .unwrap();
    let author = server::deeds::Author::operator();
    app.store
        .account_keys()
        .set(
            &server.tenant,
            &keepers(),
            &SealedKeys {
                retell_key: Some(key),
                webhook_key: Some(webhook_key),
                version: 0,
            },
            &author,
            1,
        )
        .await
        .unwrap();
    let done = AtomicBool::new(false);
    let acknowledged = AtomicUsize::new(0);
    let stream = async {
        let mut n = 0;
        while !done.load(Ordering::Relaxed) {
            for webhook in life_of(n) {
                assert_eq!(server.webhook(&webhook).await.status(), 204);
                acknowledged.fetch_add(1, Ordering::Relaxed);
            }
            n += 1;
        }
    };
    let back_up = async {
        // What was acknowledged is not worked off yet where that went quickly.
        let is_worked_off = async || {
            let known = app.store.calls().known(&server.tenant, "call_0").await;
            known
                .unwrap()
                .is_some_and(|(_, has_transcript)| has_transcript)
        };
        while acknowledged.load(Ordering::Relaxed) < 40 || !is_worked_off().await {
            a_moment().await;
        }
        let before = acknowledged.load(Ordering::Relaxed);
        let contents = backup::back_up(&app.config.database, path, 7)
            .await
            .unwrap();
        let after = acknowledged.load(Ordering::Relaxed);
        done.store(true, Ordering::Relaxed);
        (before, contents, after)
    };
    let ((), (before, contents, after)) = tokio::join!(stream, back_up);
    let kept = contents
        .tables
        .iter()
        .find(|one| one.table == "webhook_deliveries")
        .unwrap();
    let kept = usize::try_from(kept.rows).unwrap();
    assert!(
        (before..=after + 1).contains(&kept),
        "{kept} of {before} to {after}"
    );
    assert_eq!(backup::verify(path).unwrap(), contents);
    server.stop_for_now().await
}

/// Nothing in the archive refers to what is not in it, and no webhook counts
/// as done whose effect is missing.
async fn check_whole(database: &Database) {
    let mut connection = raw_connection(database).await;
    let row = sqlx::query(
        "SELECT COUNT(*) AS n FROM webhook_deliveries d WHERE d.state = 'done' \
         AND NOT EXISTS (SELECT 1 FROM calls c WHERE c.id = d.call_id)",
    )
    .fetch_one(&mut connection)
    .await
    .unwrap();
    assert_eq!(row.get::<i64, _>("n"), 0);
    connection.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_under_writes_restores_into_the_other_engine() {
    let (mut from, mut to) = (Scratch::each().await, Scratch::each().await);
    // Alone, an engine restores into itself; two cross over.
    to.reverse();
    while let (Some(source), Some(target)) = (from.pop(), to.pop()) {
        let first = source.directory.join("first.backup");
        let second = source.directory.join("second.backup");
        let source = backed_up_under_load(source, &first).await;

        let (restored, _) = backup::restore(&target.database, &first, Before::Empty, &[])
            .await
            .unwrap();
        assert!(restored.rows() > 40);
        check_whole(&target.database).await;
        backup::back_up(&target.database, &second, 8).await.unwrap();
        let (one, other) = (tables(&first), tables(&second));
        assert_eq!(one.len(), other.len());
        for (name, rows) in &one {
            assert_eq!(rows, &other[name], "{name}");
        }
        for table in ["tenants", "calls", "transcripts", "webhook_deliveries"] {
            assert!(!one[table].is_empty(), "{table}");
        }
        assert!(one["tenants"].iter().all(|row| !row.contains("key_own")));

        // A server starts on it.
        let store = Store::open(&target.database).await.unwrap();
        let tenant = store.tenant("tenant_1").await.unwrap().unwrap();
        assert!(
            store
                .calls()
                .find(&tenant, "call_0")
                .await
                .unwrap()
                .is_some()
        );
        store.close().await;
        source.remove().await;
        target.remove().await;
    }
}

#[tokio::test]
async fn a_database_with_something_in_it_is_replaced_only_when_told_to() {
    for scratch in Scratch::each().await {
        let store = scratch.store().await;
        for id in ["one", "two"] {
            store.tenants().upsert(id, id, "UTC", 1).await.unwrap();
        }
        let file = scratch.directory.join("a.backup");
        backup::back_up(&scratch.database, &file, 1).await.unwrap();
        store
            .tenants()
            .upsert("three", "3", "UTC", 1)
            .await
            .unwrap();

        let refused = backup::restore(&scratch.database, &file, Before::Empty, &[]).await;
        assert!(
            matches!(refused, Err(BackupError::Refused(RefillError::NotEmpty(_)))),
            "{refused:?}"
        );
        assert!(store.tenant("three").await.unwrap().is_some());
        let again = backup::back_up(&scratch.database, &file, 1).await;
        assert!(matches!(again, Err(BackupError::Exists(_))), "{again:?}");

        backup::restore(&scratch.database, &file, Before::Emptied, &[])
            .await
            .unwrap();
        assert!(store.tenant("three").await.unwrap().is_none());
        assert!(store.tenant("two").await.unwrap().is_some());
        store.close().await;
        scratch.remove().await;
    }
}

#[tokio::test]
async fn what_may_have_been_sent_since_a_backup_waits_for_people() {
    let outward = outward_jobs();
    assert_eq!(
        outward,
        ["hook.deliver", "crm.write", "callback.place", "sms.send"]
    );
    for scratch in Scratch::each().await {
        let store = scratch.store().await;
        let tenant = store
            .tenants()
            .upsert("one", "One", "UTC", 1)
            .await
            .unwrap();
        for kind in outward.iter().copied().chain(["calls.import"]) {
            let job = NewJob {
                kind,
                group: None,
                dedupe_key: None,
                payload: Value::Null,
                run_at: 1,
                max_attempts: 1,
            };
            store.jobs().add(&tenant, &job, 1).await.unwrap();
        }
        let file = scratch.directory.join("a.backup");
        backup::back_up(&scratch.database, &file, 1).await.unwrap();
        let parked = async || {
            let jobs = store.jobs().parked(&tenant, None, 10).await.unwrap();
            jobs.into_iter().map(|job| job.kind).collect::<Vec<_>>()
        };
        let restore = async |held| {
            let done = backup::restore(&scratch.database, &file, Before::Emptied, held);
            done.await.unwrap().1
        };
        assert_eq!(restore(&outward).await, 4);
        assert_eq!(
            parked().await,
            ["sms.send", "callback.place", "crm.write", "hook.deliver"]
        );
        // Of a server that was stopped before, everything goes on.
        assert_eq!(restore(&[]).await, 0);
        assert_eq!(parked().await, [""; 0]);
        store.close().await;
        scratch.remove().await;
    }
}

#[tokio::test]
async fn a_damaged_backup_changes_nothing() {
    let scratch = Scratch::sqlite();
    let store = scratch.store().await;
    store
        .tenants()
        .upsert("one", "One", "UTC", 1)
        .await
        .unwrap();
    let file = scratch.directory.join("a.backup");
    backup::back_up(&scratch.database, &file, 1).await.unwrap();
    store.close().await;

    let whole = std::fs::read(&file).unwrap();
    let mut turned = whole.clone();
    let middle = turned.len() / 2;
    turned[middle] ^= 0x55;
    let mut lines = String::new();
    MultiGzDecoder::new(&whole[..])
        .read_to_string(&mut lines)
        .unwrap();
    let forged = lines.replace("\"One\"", "\"Two\"");
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut gz, forged.as_bytes()).unwrap();
    let cases = [
        ("cut short", whole[..whole.len() - 20].to_vec()),
        ("a bit turned", turned),
        ("forged", gz.finish().unwrap()),
        ("no archive", b"SELECT 1".to_vec()),
        ("empty", Vec::new()),
    ];
    for (what, bytes) in cases {
        std::fs::write(&file, bytes).unwrap();
        let refused = backup::restore(&scratch.database, &file, Before::Emptied, &[]).await;
        assert!(
            matches!(refused, Err(BackupError::Damaged(_))),
            "{what}: {refused:?}"
        );
    }
    let store = scratch.store().await;
    assert!(store.tenant("one").await.unwrap().is_some());
    store.close().await;
    scratch.remove().await;
}

#[tokio::test]
async fn an_encryption_key_is_rotated_out() {
    let keys = |names: &[&str]| {
        let keys: Vec<_> = names.iter().map(|&name| Secret::new(name)).collect();
        Vault::new(&keys).unwrap()
    };
    let (old, both, new) = (keys(&["old"]), keys(&["new", "old"]), keys(&["new"]));
    let sealed = keepers().sealed();
    for scratch in Scratch::each().await {
        let store = scratch.store().await;
        let author = server::deeds::Author::operator();
        for n in 0..150 {
            let id = format!("tenant_{n}");
            let tenant = store.tenants().upsert(&id, "T", "UTC", 1).await.unwrap();
            let one = old.seal(&retell_key_purpose(&id), "key_one").unwrap();
            let two = old.seal(&webhook_key_purpose(&id), "key_two").unwrap();
            let keys = SealedKeys {
                retell_key: Some(one),
                webhook_key: Some(two),
                version: 0,
            };
            store
                .account_keys()
                .set(&tenant, &keepers(), &keys, &author, 1)
                .await
                .unwrap();
        }
        assert_eq!(
            store
                .check_sealed(&new, &sealed)
                .await
                .unwrap()
                .problems
                .len(),
            300
        );
        assert_eq!(store.check_sealed(&both, &sealed).await.unwrap().older, 300);
        assert_eq!(store.reseal(&both, &sealed).await.unwrap().older, 300);
        let after = store.reseal(&new, &sealed).await.unwrap();
        assert_eq!((after.older, after.current), (0, 300));
        assert!(after.problems.is_empty());
        let tenant = store.tenant("tenant_149").await.unwrap().unwrap();
        let sealed = store.account_keys().sealed(&tenant).await.unwrap();
        let opened = new.open(
            &webhook_key_purpose("tenant_149"),
            &sealed.webhook_key.unwrap(),
        );
        assert_eq!(opened.unwrap().expose(), "key_two");
        store.close().await;
        scratch.remove().await;
    }
}
