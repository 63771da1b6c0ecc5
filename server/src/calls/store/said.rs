//! Which words were said in which calls: entered once a call is over, by and by, whether it ended
//! now or before there was a server that did this.

use std::collections::{BTreeMap, BTreeSet};

use api::live::Item;
use serde_json::{Map, Value};
use sqlx::{AssertSqlSafe, Row};

use crate::calls::{transcript, words};
use crate::store::{
    Scope, Store, StoreError, Tenant, Write, at_once, from_json, places, rows_of_places,
};

/// How many calls are entered in one transaction: others wait for it where one writes at a time.
const BATCH: i64 = 20;

/// A word in a call.
struct Word<'a> {
    tenant_id: &'a str,
    word: &'a str,
    created_at: i64,
    call_id: &'a str,
}

/// What is entered of a call, and what is to be.
struct Said {
    tenant_id: String,
    created_at: i64,
    before: BTreeSet<String>,
    now: BTreeSet<String>,
}

/// Enters what was said in some of the calls of which that is not entered yet. Returns how many.
pub(in crate::calls) async fn enter_some(store: &Store) -> Result<usize, StoreError> {
    // Most of the time there is nothing: then nobody waits who writes.
    let mut db = store.read(Scope::Server).await?;
    let due = sqlx::query(
        "SELECT t.call_id FROM transcripts t JOIN calls c ON c.id = t.call_id \
         WHERE t.entered = 0 AND c.live = 0 LIMIT 1",
    )
    .fetch_optional(db.connection())
    .await?;
    drop(db);
    if due.is_none() {
        return Ok(0);
    }
    let mut write = store.write(Scope::Server).await?;
    let sql = format!(
        "SELECT t.call_id, t.tenant_id, t.retell, t.words, c.created_at \
         FROM transcripts t JOIN calls c ON c.id = t.call_id \
         WHERE t.entered = 0 AND c.live = 0 LIMIT $1{}",
        store.for_update_skip_locked("t")
    );
    let rows = sqlx::query(AssertSqlSafe(sql))
        .bind(BATCH)
        .fetch_all(write.connection())
        .await?;
    let mut all = BTreeMap::new();
    for row in &rows {
        let id: String = row.try_get("call_id")?;
        // What cannot be read has no words; the others do not wait for it.
        let retell: Map<String, Value> =
            from_json(row.try_get("retell")?, "transcripts", &id).unwrap_or_default();
        let items: Vec<Item> = transcript::items(&retell);
        let said = Said {
            tenant_id: row.try_get("tenant_id")?,
            created_at: row.try_get("created_at")?,
            before: split(row.try_get("words")?),
            now: words::said(&items),
        };
        all.insert(id, said);
    }
    let mut new = Vec::new();
    for (call_id, said) in &all {
        let gone: Vec<_> = said.before.difference(&said.now).collect();
        remove(
            &mut write,
            &said.tenant_id,
            (call_id, said.created_at),
            &gone,
        )
        .await?;
        new.extend(said.now.difference(&said.before).map(|word| Word {
            tenant_id: &said.tenant_id,
            word,
            created_at: said.created_at,
            call_id,
        }));
    }
    add(&mut write, &new).await?;
    for (call_id, said) in &all {
        let words: Vec<_> = said.now.iter().map(String::as_str).collect();
        sqlx::query("UPDATE transcripts SET words = $2, entered = 1 WHERE call_id = $1")
            .bind(call_id)
            .bind(words.join(" "))
            .execute(write.connection())
            .await?;
    }
    write.commit().await?;
    Ok(all.len())
}

/// Forgets what was said in calls of the tenant, before their transcripts are deleted in the same
/// transaction.
pub(super) async fn forget(
    write: &mut Write,
    tenant: &Tenant,
    ids: &[String],
) -> Result<(), StoreError> {
    for id in ids {
        // An update, so that who enters it just now is waited for.
        let row = sqlx::query(
            "UPDATE transcripts SET entered = 1 WHERE call_id = $1 AND tenant_id = $2 \
             RETURNING words, (SELECT c.created_at FROM calls c WHERE c.id = call_id) AS created_at",
        )
        .bind(id)
        .bind(tenant.id())
        .fetch_optional(write.connection())
        .await?;
        if let Some(row) = row {
            let words = split(row.try_get("words")?);
            let words: Vec<_> = words.iter().collect();
            let call = (id.as_str(), row.try_get("created_at")?);
            remove(write, tenant.id(), call, &words).await?;
        }
    }
    Ok(())
}

fn split(words: &str) -> BTreeSet<String> {
    words.split_whitespace().map(str::to_owned).collect()
}

async fn add(write: &mut Write, words: &[Word<'_>]) -> Result<(), StoreError> {
    const COLUMNS: usize = 4;
    for words in at_once(words) {
        let sql = format!(
            "INSERT INTO said_words (tenant_id, word, created_at, call_id) VALUES {} \
             ON CONFLICT DO NOTHING",
            rows_of_places(words.len(), COLUMNS)
        );
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for word in words {
            query = query
                .bind(word.tenant_id)
                .bind(word.word)
                .bind(word.created_at)
                .bind(word.call_id);
        }
        query.execute(write.connection()).await?;
    }
    Ok(())
}

async fn remove(
    write: &mut Write,
    tenant_id: &str,
    (call_id, created_at): (&str, i64),
    words: &[&String],
) -> Result<(), StoreError> {
    for words in at_once(words) {
        let sql = format!(
            "DELETE FROM said_words WHERE tenant_id = $1 AND created_at = $2 AND call_id = $3 \
             AND word IN ({})",
            places(4, words.len())
        );
        let query = sqlx::query(AssertSqlSafe(sql))
            .bind(tenant_id)
            .bind(created_at)
            .bind(call_id);
        let query = words.iter().fold(query, |query, word| query.bind(*word));
        query.execute(write.connection()).await?;
    }
    Ok(())
}
