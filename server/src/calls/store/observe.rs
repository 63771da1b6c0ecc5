//! Writing calls: what was observed is joined with what was known, in one
//! transaction.

mod columns;

use std::collections::BTreeMap;

use api::desk::CallSummary;
use serde_json::{Map, Value};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::summary;
use crate::accounts::mirror_job;
use crate::bus::CallChanged;
use crate::calls::events::{self, Before};
use crate::calls::facts::Facts;
use crate::calls::{Change, Deleted, Known, Observation, Stage, Stamp, is_transcript, transcript};
use crate::config::Healing;
use crate::store::{Scope, Store, StoreError, Tenant, Write, from_json, to_json};

/// What an observation was to the store.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Observed {
    /// News anybody can see: the call as it is now.
    News(Box<CallSummary>),
    /// Nothing anybody can see a difference by.
    Known,
    /// The call was deleted, and stays so.
    Deleted,
}

impl Observed {
    /// The call, if anybody can see a difference.
    pub(crate) fn news(self) -> Option<CallSummary> {
        match self {
            Self::News(call) => Some(*call),
            Self::Known | Self::Deleted => None,
        }
    }
}

impl Store {
    /// Adds what was observed of a call, creating the call where it is new.
    /// Returns the call if anybody can see a difference, which the bus tells.
    ///
    /// # Errors
    /// When the database fails, or the call is another tenant's.
    pub async fn observe(
        &self,
        tenant: &Tenant,
        seen: &Observation,
        now: i64,
        healing: &Healing,
    ) -> Result<Option<CallSummary>, StoreError> {
        let mut write = self.write(Scope::Of(tenant)).await?;
        let observed = self
            .observe_in(&mut write, tenant, seen, now, healing)
            .await?;
        write.commit().await?;
        Ok(observed.news())
    }

    /// [`Store::observe`] as a part of a larger transaction. Whatever is told of a
    /// call comes through here, so here what was deleted is kept out.
    pub(crate) async fn observe_in(
        &self,
        write: &mut Write,
        tenant: &Tenant,
        seen: &Observation,
        now: i64,
        healing: &Healing,
    ) -> Result<Observed, StoreError> {
        let id = seen.call_id.as_str();
        if let Some(known) = self.known_for_update(write, tenant, seen).await? {
            return join(write, tenant, seen, known, now, healing).await;
        }
        if let Some(observed) = add(write, tenant, seen, now, healing).await? {
            return Ok(observed);
        }
        // Another server may have added it in between.
        match self.known_for_update(write, tenant, seen).await? {
            Some(known) => join(write, tenant, seen, known, now, healing).await,
            None if is_erased(write, tenant, id).await? => Ok(Observed::Deleted),
            None => Err(StoreError::OtherTenant { id: id.to_owned() }),
        }
    }

    /// How far a call of the tenant has come, and whether its transcript is
    /// known, or was deleted: then there is nothing to ask for.
    pub async fn known_of_call(
        &self,
        tenant: &Tenant,
        id: &str,
    ) -> Result<Option<(Stage, bool)>, StoreError> {
        let mut db = self.read(Scope::Of(tenant)).await?;
        let row = sqlx::query(
            "SELECT c.stage, CAST(CASE WHEN t.call_id IS NULL AND c.transcript_deleted_at IS NULL \
                 THEN 0 ELSE 1 END AS BIGINT) AS has_transcript \
             FROM calls c LEFT JOIN transcripts t ON t.call_id = c.id \
             WHERE c.tenant_id = $1 AND c.id = $2",
        )
        .bind(tenant.id())
        .bind(id)
        .fetch_optional(db.connection())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let stage = Stage::parse(row.try_get("stage")?).unwrap_or(Stage::Registered);
        let has_transcript: i64 = row.try_get("has_transcript")?;
        Ok(Some((stage, has_transcript != 0)))
    }

    /// What is known of a call, with its transcripts if the news holds some.
    async fn known_for_update(
        &self,
        write: &mut Write,
        tenant: &Tenant,
        seen: &Observation,
    ) -> Result<Option<Known>, StoreError> {
        let id = seen.call_id.as_str();
        // What was said is long: it is read for news of it alone.
        let (said, transcripts) = match seen.fields.keys().any(|name| is_transcript(name)) {
            true => ("t.retell", "LEFT JOIN transcripts t ON t.call_id = c.id"),
            false => ("NULL", ""),
        };
        let sql = format!(
            "SELECT c.stage, c.retell, c.stamps, c.transcript_deleted_at, \
                 c.recording_deleted_at, CAST({said} AS TEXT) AS said \
             FROM calls c {transcripts} WHERE c.id = $1 AND c.tenant_id = $2{}",
            self.for_update_of("c")
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(id)
            .bind(tenant.id())
            .fetch_optional(write.connection())
            .await?;
        let Some(row) = row else { return Ok(None) };
        let stage = Stage::parse(row.try_get("stage")?).unwrap_or(Stage::Registered);
        let mut fields: Map<String, Value> = from_json(row.try_get("retell")?, "calls", id)?;
        let stamps: BTreeMap<String, Stamp> = from_json(row.try_get("stamps")?, "calls", id)?;
        if let Some(said) = row.try_get::<Option<&str>, _>("said")? {
            let transcripts: Map<String, Value> = from_json(said, "transcripts", id)?;
            fields.extend(transcripts);
        }
        let is_set = |column: &str| -> Result<bool, sqlx::Error> {
            Ok(row.try_get::<Option<i64>, _>(column)?.is_some())
        };
        let deleted = Deleted {
            transcript: is_set("transcript_deleted_at")?,
            recording: is_set("recording_deleted_at")?,
        };
        Ok(Some(Known::from_parts(stage, fields, stamps, deleted)))
    }
}

/// Joins what was observed with what was known.
async fn join(
    write: &mut Write,
    tenant: &Tenant,
    seen: &Observation,
    mut known: Known,
    now: i64,
    healing: &Healing,
) -> Result<Observed, StoreError> {
    let facts = Facts::of(known.fields());
    let before = Before::of(known.stage(), &facts);
    let columns_before = columns::of(&known, facts);
    let mut said = seen.fields.iter().filter(|(name, _)| is_transcript(name));
    let says_more = said.any(|(name, value)| known.fields().get(name) != Some(value));
    let change = known.merge(seen);
    if change == Change::Nothing {
        return Ok(Observed::Known);
    }
    let facts = Facts::of(known.fields());
    tell_endpoints(write, tenant, seen, &known, &facts, Some(before), now).await?;
    let mut changed = columns::changed(columns_before, columns::of(&known, facts));
    changed.extend(columns::of_merged(&known, now));
    if known.stage() != before.stage || seen.stage == Stage::Registered {
        changed.extend(columns::of_healing(&known, now, healing));
    }
    let row = columns::update(write, &seen.call_id, changed).await?;
    if says_more {
        upsert_transcript(write, tenant, seen, &known, now).await?;
    }
    if change < Change::Fields {
        return Ok(Observed::Known);
    }
    news(write, tenant, &row)
}

/// Adds a call nothing is known of. Returns `None` where it is known all the
/// same, or was deleted.
async fn add(
    write: &mut Write,
    tenant: &Tenant,
    seen: &Observation,
    now: i64,
    healing: &Healing,
) -> Result<Option<Observed>, StoreError> {
    let mut known = Known::default();
    // A call whose first news says nothing is a call all the same.
    let change = known.merge(seen);
    let facts = Facts::of(known.fields());
    // One that never connected began about when it ended.
    let created_at = facts.started_at.or(facts.ended_at).unwrap_or(now);
    let mut all = columns::of(&known, facts.clone()).to_vec();
    all.extend(columns::of_merged(&known, now));
    all.extend(columns::of_healing(&known, now, healing));
    all.push(("created_at", created_at.into()));
    let Some(row) = columns::insert(write, tenant, &seen.call_id, all).await? else {
        return Ok(None);
    };
    if row.try_get::<i64, _>("agent_is_known")? == 0 {
        Store::enqueue(write, tenant, &mirror_job(now), now).await?;
    }
    tell_endpoints(write, tenant, seen, &known, &facts, None, now).await?;
    upsert_transcript(write, tenant, seen, &known, now).await?;
    if change < Change::Fields {
        return Ok(Some(Observed::Known));
    }
    Ok(Some(news(write, tenant, &row)?))
}

/// Tells the endpoints of the business how far the call has come.
async fn tell_endpoints(
    write: &mut Write,
    tenant: &Tenant,
    seen: &Observation,
    known: &Known,
    facts: &Facts,
    before: Option<Before>,
    now: i64,
) -> Result<(), StoreError> {
    let progress = events::progress(facts, before, known.stage(), now);
    let kinds: Vec<_> = progress.iter().map(|(kind, _)| *kind).collect();
    Store::tell_of(write, tenant, &kinds, now, |index| {
        let (id, fields) = (&seen.call_id, known.fields());
        events::of_call(id, fields, facts, known.stage(), progress[index])
    })
    .await
}

/// Has everybody told of a call, of which this is the row.
fn news(write: &mut Write, tenant: &Tenant, row: &AnyRow) -> Result<Observed, StoreError> {
    let call = summary(row)?;
    write.tell(CallChanged {
        tenant_id: tenant.id().to_owned(),
        call: call.clone().into(),
    });
    Ok(Observed::News(Box::new(call)))
}

async fn upsert_transcript(
    write: &mut Write,
    tenant: &Tenant,
    seen: &Observation,
    known: &Known,
    now: i64,
) -> Result<(), StoreError> {
    let fields = known.fields().iter();
    let transcripts: BTreeMap<_, _> = fields.filter(|(name, _)| is_transcript(name)).collect();
    if transcripts.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "INSERT INTO transcripts (call_id, tenant_id, items, retell, updated_at) \
         VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (call_id) DO UPDATE SET items = excluded.items, retell = excluded.retell, \
             updated_at = excluded.updated_at",
    )
    .bind(&seen.call_id)
    .bind(tenant.id())
    .bind(to_json(&transcript::items(known.fields())))
    .bind(to_json(&transcripts))
    .bind(now)
    .execute(write.connection())
    .await?;
    Ok(())
}

/// Whether a call was deleted: nothing is kept of it any more.
async fn is_erased(write: &mut Write, tenant: &Tenant, id: &str) -> Result<bool, StoreError> {
    let row = sqlx::query("SELECT 1 FROM erased_calls WHERE call_id = $1 AND tenant_id = $2")
        .bind(id)
        .bind(tenant.id())
        .fetch_optional(write.connection())
        .await?;
    Ok(row.is_some())
}
