//! The calls a transaction is about, at hand: read, locked and written with as few
//! statements as that takes.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Map, Value};
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::calls::{Deleted, Known, Stage, Stamp, is_transcript, transcript};
use crate::notify::Endpoints;
use crate::store::{
    Store, StoreError, Tenant, Write, at_once, from_json, places, rows_of_places, to_json,
};

/// The calls at hand, until the transaction ends.
#[derive(Debug, Default)]
pub(crate) struct Hand {
    /// What is known of each; nothing of those that are not there.
    calls: HashMap<String, Option<Held>>,
    /// Whose those were that were deleted: a tenant's id by a call's.
    erased: HashMap<String, String>,
    /// Those of which more was said.
    said: BTreeSet<String>,
    /// Who is to be told.
    pub(super) endpoints: Endpoints,
}

/// A call at hand.
#[derive(Debug)]
struct Held {
    tenant_id: String,
    known: Known,
}

impl Hand {
    /// Takes calls up, those that are not at hand. On PostgreSQL they stay ours until the
    /// transaction ends, and are locked in the order of their ids, so that no server waits
    /// for one that waits for it.
    pub(crate) async fn take(
        &mut self,
        store: &Store,
        write: &mut Write,
        ids: impl IntoIterator<Item = &'_ str>,
    ) -> Result<(), StoreError> {
        let new = ids.into_iter().filter(|id| !self.calls.contains_key(*id));
        let ids = Vec::from_iter(BTreeSet::from_iter(new.map(str::to_owned)));
        let mut found = BTreeMap::new();
        for ids in at_once(&ids) {
            let sql = format!(
                "SELECT id, tenant_id, stage, retell, stamps, transcript_deleted_at, \
                     recording_deleted_at \
                 FROM calls WHERE id IN ({}) ORDER BY id{}",
                places(1, ids.len()),
                store.for_update()
            );
            for row in by_ids(write, sql, ids).await? {
                found.insert(row.try_get::<String, _>("id")?, held(&row)?);
            }
        }
        // Asked only now: until they were locked, more may have been said.
        for ids in at_once(&Vec::from_iter(found.keys().cloned())) {
            let sql = format!(
                "SELECT call_id, retell FROM transcripts WHERE call_id IN ({})",
                places(1, ids.len())
            );
            for row in by_ids(write, sql, ids).await? {
                let id: String = row.try_get("call_id")?;
                let said: Map<String, Value> =
                    from_json(row.try_get("retell")?, "transcripts", &id)?;
                if let Some(held) = found.get_mut(&id) {
                    held.known.recall(said);
                }
            }
        }
        for id in ids {
            let held = found.remove(&id);
            self.calls.insert(id, held);
        }
        Ok(())
    }

    /// The same, and looks among the deleted ones for those that are not there.
    pub(crate) async fn take_any(
        &mut self,
        store: &Store,
        write: &mut Write,
        ids: impl IntoIterator<Item = &'_ str>,
    ) -> Result<(), StoreError> {
        let new = ids.into_iter().filter(|id| !self.calls.contains_key(*id));
        let new: Vec<_> = new.map(str::to_owned).collect();
        self.take(store, write, new.iter().map(String::as_str))
            .await?;
        let is_missing = |id: &String| self.calls.get(id).is_none_or(Option::is_none);
        let missing: Vec<_> = new.into_iter().filter(is_missing).collect();
        for ids in at_once(&missing) {
            let sql = format!(
                "SELECT call_id, tenant_id FROM erased_calls WHERE call_id IN ({})",
                places(1, ids.len())
            );
            for row in by_ids(write, sql, ids).await? {
                self.erased
                    .insert(row.try_get("call_id")?, row.try_get("tenant_id")?);
            }
        }
        Ok(())
    }

    /// The id of the tenant a call is of, or was.
    pub(crate) fn tenant_of(&self, id: &str) -> Option<&str> {
        let held = self.calls.get(id)?.as_ref().map(|held| &held.tenant_id);
        held.or_else(|| self.erased.get(id)).map(String::as_str)
    }

    /// Takes out what is known of a call, to be [kept](Self::keep) or forgotten.
    pub(super) fn known(&mut self, tenant: &Tenant, id: &str) -> Result<Option<Known>, StoreError> {
        match self.calls.remove(id).flatten() {
            Some(held) if held.tenant_id != tenant.id() => {
                Err(StoreError::OtherTenant { id: id.to_owned() })
            }
            held => Ok(held.map(|held| held.known)),
        }
    }

    /// Keeps at hand what a call has become, and whether more was said in it.
    pub(super) fn keep(&mut self, tenant: &Tenant, id: String, known: Known, says_more: bool) {
        if says_more {
            self.said.insert(id.clone());
        }
        let held = Held {
            tenant_id: tenant.id().to_owned(),
            known,
        };
        self.calls.insert(id, Some(held));
    }

    /// Writes what was said in them; the rest is written already.
    pub(crate) async fn put_down(self, write: &mut Write, now: i64) -> Result<(), StoreError> {
        const COLUMNS: usize = 5;
        let said: Vec<_> = self
            .said
            .iter()
            .filter_map(|id| {
                let held = self.calls.get(id)?.as_ref()?;
                let fields = held.known.fields().iter();
                let said: BTreeMap<_, _> = fields.filter(|(name, _)| is_transcript(name)).collect();
                (!said.is_empty()).then_some((id, held, said))
            })
            .collect();
        for calls in at_once(&said) {
            let sql = format!(
                "INSERT INTO transcripts (call_id, tenant_id, items, retell, updated_at) \
                 VALUES {} \
                 ON CONFLICT (call_id) DO UPDATE SET items = excluded.items, \
                     retell = excluded.retell, updated_at = excluded.updated_at",
                rows_of_places(calls.len(), COLUMNS)
            );
            let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
            for (id, held, said) in calls {
                query = query
                    .bind(*id)
                    .bind(&held.tenant_id)
                    .bind(to_json(&transcript::items(held.known.fields())))
                    .bind(to_json(said))
                    .bind(now);
            }
            query.execute(write.connection()).await?;
        }
        Ok(())
    }
}

/// What a row says of a call, but for what was said in it.
fn held(row: &AnyRow) -> Result<Held, StoreError> {
    let id: &str = row.try_get("id")?;
    let stage = Stage::parse(row.try_get("stage")?).unwrap_or(Stage::Registered);
    let fields: Map<String, Value> = from_json(row.try_get("retell")?, "calls", id)?;
    let stamps: BTreeMap<String, Stamp> = from_json(row.try_get("stamps")?, "calls", id)?;
    let is_set = |column: &str| -> Result<bool, sqlx::Error> {
        Ok(row.try_get::<Option<i64>, _>(column)?.is_some())
    };
    let deleted = Deleted {
        transcript: is_set("transcript_deleted_at")?,
        recording: is_set("recording_deleted_at")?,
    };
    Ok(Held {
        tenant_id: row.try_get("tenant_id")?,
        known: Known::from_parts(stage, fields, stamps, deleted),
    })
}

async fn by_ids(write: &mut Write, sql: String, ids: &[String]) -> Result<Vec<AnyRow>, StoreError> {
    let query = sqlx::query(sqlx::AssertSqlSafe(sql));
    let query = ids.iter().fold(query, |query, id| query.bind(id));
    Ok(query.fetch_all(write.connection()).await?)
}
