//! The calls a transaction is about, at hand: read, locked and written with as few
//! statements as that takes.

mod columns;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use api::desk::CallSummary;
use serde_json::{Map, Value};
use sqlx::Row as _;
use sqlx::any::AnyRow;

use super::summary;
use crate::accounts::mirror_job;
use crate::bus::CallChanged;
use crate::calls::facts::Facts;
use crate::calls::{Change, Deleted, Known, Stage, Stamp, is_transcript};
use crate::config::Healing;
use crate::crm::CallsToWrite;
use crate::jobs::{Jobs, NewJob};
use crate::notify::Subscribers;
use crate::store::{
    Connection, Store, StoreError, Tenant, Write, at_once, from_json, places, rows_of_places,
    to_json,
};
use columns::{Column, Row};

/// The calls at hand, until the transaction ends.
#[derive(Debug, Default)]
pub(crate) struct Hand {
    /// What is known of each; nothing of those that are not there.
    calls: HashMap<String, Option<Held>>,
    /// Whose those were that were deleted: a tenant's id by a call's.
    erased: HashMap<String, String>,
    /// Who is to be told, and of what.
    pub(super) endpoints: Subscribers,
    /// Which of them a CRM is told of.
    pub(super) crm: CallsToWrite,
    /// What is to be done once some of them are over, and for whom.
    pub(super) jobs: Vec<(Tenant, NewJob)>,
}

/// A call at hand.
#[derive(Debug)]
pub(super) struct Held {
    tenant_id: String,
    pub(super) known: Known,
    stored: Stored,
    /// What became of it since.
    pub(super) change: Change,
    /// Whether Retell is asked about it anew.
    pub(super) asks_anew: bool,
}

/// What there is of a call.
#[derive(Debug)]
enum Stored {
    /// Its row, whose columns hold this.
    As(Box<columns::OfFacts>),
    /// Nothing: it is new, and this tenant's.
    Not(Tenant),
}

impl Held {
    /// Nothing is known of it yet.
    fn new(tenant: &Tenant) -> Self {
        Self {
            tenant_id: tenant.id().to_owned(),
            known: Known::default(),
            stored: Stored::Not(tenant.clone()),
            change: Change::Nothing,
            asks_anew: false,
        }
    }

    /// Whether nothing is known of it.
    pub(super) fn is_unheard_of(&self) -> bool {
        self.known.fields().is_empty()
    }

    /// Whether nothing is stored of it.
    fn is_new(&self) -> bool {
        matches!(self.stored, Stored::Not(_))
    }

    /// What its columns are to hold that they do not.
    fn columns(&self, now: i64, healing: &Healing) -> Vec<Column> {
        let facts = Facts::of(self.known.fields());
        // One that never connected began about when it ended.
        let created_at = facts.started_at.or(facts.ended_at).unwrap_or(now);
        let all = columns::of(&self.known, facts);
        let mut columns = match &self.stored {
            Stored::As(before) => columns::changed(before, all),
            Stored::Not(_) => {
                let created_at = ("created_at", created_at.into());
                all.into_iter().chain([created_at]).collect()
            }
        };
        columns.extend(columns::of_merged(&self.known, now));
        if self.asks_anew {
            columns.extend(columns::of_healing(&self.known, now, healing));
        }
        columns
    }

    fn row<'a>(&'a self, id: &'a str, now: i64, healing: &Healing) -> Row<'a> {
        Row {
            id,
            tenant_id: &self.tenant_id,
            columns: self.columns(now, healing),
        }
    }
}

impl Hand {
    /// Takes calls up, those that are not at hand. On PostgreSQL they stay ours until the
    /// transaction ends, and are locked in the order of their ids, so that no server waits
    /// for one that waits for it.
    pub(crate) async fn take(
        &mut self,
        store: &Store,
        db: &mut Connection,
        ids: impl IntoIterator<Item = &'_ str>,
    ) -> Result<(), StoreError> {
        let new = ids.into_iter().filter(|id| !self.calls.contains_key(*id));
        let ids = Vec::from_iter(BTreeSet::from_iter(new.map(str::to_owned)));
        let mut found = BTreeMap::new();
        for ids in at_once(&ids) {
            let sql = format!(
                "SELECT id, tenant_id, stage, retell, stamps, transcript_deleted_at, \
                     recording_deleted_at, redacted_at \
                 FROM calls WHERE id IN ({}) ORDER BY id{}",
                places(1, ids.len()),
                store.for_update()
            );
            for row in by_ids(db, sql, ids).await? {
                found.insert(row.try_get::<String, _>("id")?, held(&row)?);
            }
        }
        // Asked only now: until they were locked, more may have been said.
        for ids in at_once(&Vec::from_iter(found.keys().cloned())) {
            let sql = format!(
                "SELECT call_id, retell FROM transcripts WHERE call_id IN ({})",
                places(1, ids.len())
            );
            for row in by_ids(db, sql, ids).await? {
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
        db: &mut Connection,
        ids: impl IntoIterator<Item = &'_ str>,
    ) -> Result<(), StoreError> {
        let new = ids.into_iter().filter(|id| !self.calls.contains_key(*id));
        let new: Vec<_> = new.map(str::to_owned).collect();
        self.take(store, db, new.iter().map(String::as_str)).await?;
        let is_missing = |id: &String| self.calls.get(id).is_none_or(Option::is_none);
        let missing: Vec<_> = new.into_iter().filter(is_missing).collect();
        for ids in at_once(&missing) {
            let sql = format!(
                "SELECT call_id, tenant_id FROM erased_calls WHERE call_id IN ({})",
                places(1, ids.len())
            );
            for row in by_ids(db, sql, ids).await? {
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

    /// Takes a call of a tenant out, to be [kept](Self::keep) again; nothing where it was
    /// deleted.
    pub(super) fn take_out(
        &mut self,
        tenant: &Tenant,
        id: &str,
    ) -> Result<Option<Held>, StoreError> {
        let held = self.calls.remove(id).flatten();
        let is_deleted = held.is_none() && self.erased.contains_key(id);
        let held = held.unwrap_or_else(|| Held::new(tenant));
        let whose = match is_deleted {
            true => self.erased.get(id),
            false => Some(&held.tenant_id),
        };
        if whose.is_some_and(|whose| whose != tenant.id()) {
            return Err(StoreError::OtherTenant { id: id.to_owned() });
        }
        Ok((!is_deleted).then_some(held))
    }

    /// Keeps at hand what a call has become.
    pub(super) fn keep(&mut self, id: String, held: Held) {
        self.calls.insert(id, Some(held));
    }

    /// Writes what became of them, and has everybody told. Gives those that anybody can see
    /// a difference of, as they are now.
    ///
    /// # Errors
    /// When the database fails, or somebody else added or deleted one of them meanwhile
    /// ([`StoreError::Overtaken`]): then all of it is to be done anew.
    pub(crate) async fn put_down(
        self,
        write: &mut Write,
        now: i64,
        healing: &Healing,
    ) -> Result<Vec<CallSummary>, StoreError> {
        self.endpoints.put_down(write, now).await?;
        let changed = self.calls.into_iter().filter_map(|(id, held)| {
            let held = held.filter(|held| held.change > Change::Nothing)?;
            Some((id, held))
        });
        // Added in the order of their ids, too.
        let changed: BTreeMap<_, _> = changed.collect();
        let mut rows = add(write, &changed, now, healing).await?;
        let known = changed.iter().filter(|(_, held)| !held.is_new());
        let known = known.map(|(id, held)| held.row(id, now, healing)).collect();
        rows.extend(columns::update(write, known).await?);
        if rows.len() < changed.len() {
            return Err(StoreError::Overtaken);
        }
        write_said(write, &changed, now).await?;
        self.crm.put_down(write, now).await?;
        for (tenant, job) in &self.jobs {
            Jobs::enqueue(write, tenant, job, now).await?;
        }
        let mut news = Vec::new();
        for row in &rows {
            let call = summary(row)?;
            let held = changed.get(&call.id);
            if let Some(held) = held.filter(|held| held.change >= Change::Fields) {
                write.tell(CallChanged {
                    tenant_id: held.tenant_id.clone(),
                    call: call.clone().into(),
                });
                news.push(call);
            }
        }
        Ok(news)
    }
}

/// Adds the new ones of these, and has the accounts looked at whose agents are not known.
async fn add(
    write: &mut Write,
    calls: &BTreeMap<String, Held>,
    now: i64,
    healing: &Healing,
) -> Result<Vec<AnyRow>, StoreError> {
    let new = calls.iter().filter(|(_, held)| held.is_new());
    let new: Vec<_> = new.map(|(id, held)| held.row(id, now, healing)).collect();
    let rows = columns::insert(write, &new).await?;
    let mut looked_at = HashSet::new();
    for row in &rows {
        let held = calls.get(row.try_get::<&str, _>("id")?);
        if row.try_get::<i64, _>("agent_is_known")? == 0
            && let Some(Stored::Not(tenant)) = held.map(|held| &held.stored)
            && looked_at.insert(tenant.id())
        {
            Jobs::enqueue(write, tenant, &mirror_job(now), now).await?;
        }
    }
    Ok(rows)
}

/// Writes what was said in calls.
async fn write_said(
    write: &mut Write,
    calls: &BTreeMap<String, Held>,
    now: i64,
) -> Result<(), StoreError> {
    const COLUMNS: usize = 5;
    // As our streams carry it, which is made of Retell's where it is read. The column is
    // empty since, and stays until the version before needs it no more: SQLite writes every
    // row of the table anew to drop one.
    const ITEMS: &str = "[]";
    let said = calls
        .iter()
        .filter(|(_, held)| held.change == Change::Transcript);
    for calls in at_once(&Vec::from_iter(said)) {
        let sql = format!(
            "INSERT INTO transcripts (call_id, tenant_id, items, retell, updated_at) VALUES {} \
             ON CONFLICT (call_id) DO UPDATE \
             SET retell = excluded.retell, updated_at = excluded.updated_at, entered = 0",
            rows_of_places(calls.len(), COLUMNS)
        );
        let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
        for (id, held) in calls {
            let fields = held.known.fields();
            let said: BTreeMap<_, _> = fields
                .iter()
                .filter(|(name, _)| is_transcript(name))
                .collect();
            query = query
                .bind(*id)
                .bind(&held.tenant_id)
                .bind(ITEMS)
                .bind(to_json(&said))
                .bind(now);
        }
        query.execute(write.connection()).await?;
    }
    Ok(())
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
        words: is_set("redacted_at")?,
    };
    let facts = Facts::of(&fields);
    let known = Known::from_parts(stage, fields, stamps, deleted);
    Ok(Held {
        tenant_id: row.try_get("tenant_id")?,
        stored: Stored::As(Box::new(columns::of(&known, facts))),
        known,
        change: Change::Nothing,
        asks_anew: false,
    })
}

async fn by_ids(
    db: &mut Connection,
    sql: String,
    ids: &[String],
) -> Result<Vec<AnyRow>, StoreError> {
    let query = sqlx::query(sqlx::AssertSqlSafe(sql));
    let query = ids.iter().fold(query, |query, id| query.bind(id));
    Ok(query.fetch_all(db).await?)
}
