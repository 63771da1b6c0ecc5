//! Writing calls: what was observed is joined with what was known, in one
//! transaction.

mod columns;

use std::collections::BTreeMap;

use api::desk::CallSummary;
use serde_json::{Map, Value};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{SUMMARY_OF_TENANT, summary};
use crate::accounts::mirror_job;
use crate::bus::CallChanged;
use crate::calls::events::{self, Before};
use crate::calls::facts::Facts;
use crate::calls::{Change, Deleted, Known, Observation, Stage, Stamp, next_check, transcript};
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
        let mut known = self.known_for_update(write, tenant, seen).await?;
        let inserted = match known {
            None => insert(write, tenant, seen, now).await?,
            Some(_) => None,
        };
        let is_new = inserted.is_some();
        if let Some(Inserted { agent_is_known }) = inserted {
            if !agent_is_known {
                Self::enqueue(write, tenant, &mirror_job(now), now).await?;
            }
            known = Some(Known::default());
        } else if known.is_none() {
            // Another server may have added it in between.
            known = self.known_for_update(write, tenant, seen).await?;
        }
        let Some(mut known) = known else {
            if is_erased(write, tenant, id).await? {
                return Ok(Observed::Deleted);
            }
            return Err(StoreError::OtherTenant { id: id.to_owned() });
        };
        let facts = Facts::of(known.fields());
        let before = Before::of(known.stage(), &facts);
        let columns_before = columns::of(&known, facts);
        let change = known.merge(seen);
        // A call whose first news says nothing is a call all the same.
        if change == Change::Nothing && !is_new {
            return Ok(Observed::Known);
        }
        let (transcripts, fields) = split_transcripts(known.fields());
        let stage_moved = known.stage() != before.stage;
        let facts = Facts::of(known.fields());
        let before = (!is_new).then_some(before);
        let progress = events::progress(&facts, before, known.stage(), now);
        let kinds: Vec<_> = progress.iter().map(|(kind, _)| *kind).collect();
        Self::tell_of(write, tenant, &kinds, now, |index| {
            events::of_call(id, &fields, &facts, known.stage(), progress[index])
        })
        .await?;
        let mut changed = columns::changed(columns_before, columns::of(&known, facts));
        changed.push(("retell", to_json(&fields).into()));
        changed.push(("stamps", to_json(known.stamps()).into()));
        changed.push(("updated_at", now.into()));
        // Whatever is told of a call also says that Retell knows it, so the
        // denials before it were none.
        changed.push(("denials", 0.into()));
        if stage_moved || seen.stage == Stage::Registered {
            changed.push(("checks", 0.into()));
            changed.push(("failures", 0.into()));
            changed.push((
                "check_at",
                next_check(known.stage(), 0, now, healing).into(),
            ));
        }
        columns::update(write, id, changed).await?;
        if !transcripts.is_empty() {
            upsert_transcript(write, tenant, id, &transcripts, now).await?;
        }
        if change < Change::Fields {
            return Ok(Observed::Known);
        }
        let row = sqlx::query(SUMMARY_OF_TENANT)
            .bind(tenant.id())
            .bind(id)
            .fetch_one(write.connection())
            .await?;
        let changed = summary(&row)?;
        write.tell(CallChanged {
            tenant_id: tenant.id().to_owned(),
            call: changed.clone().into(),
        });
        Ok(Observed::News(Box::new(changed)))
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
        let sql = format!(
            "SELECT stage, retell, stamps, transcript_deleted_at, recording_deleted_at \
             FROM calls WHERE id = $1 AND tenant_id = $2{}",
            self.for_update()
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
        if seen
            .fields
            .keys()
            .any(|name| crate::calls::is_transcript(name))
        {
            let said = sqlx::query("SELECT retell FROM transcripts WHERE call_id = $1")
                .bind(id)
                .fetch_optional(write.connection())
                .await?;
            if let Some(said) = said {
                let transcripts: Map<String, Value> =
                    from_json(said.try_get("retell")?, "transcripts", id)?;
                fields.extend(transcripts);
            }
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

/// What an added call is like.
struct Inserted {
    /// Whether its agent is one the tenant is known to have.
    agent_is_known: bool,
}

/// Adds a call nothing is known of. Returns `None` where it is known all the
/// same, or was deleted.
async fn insert(
    write: &mut Write,
    tenant: &Tenant,
    seen: &Observation,
    now: i64,
) -> Result<Option<Inserted>, StoreError> {
    let facts = Facts::of(&seen.fields);
    let row = sqlx::query(
        "INSERT INTO calls (id, tenant_id, live, status, stage, call_type, agent_id, \
             created_at, has_recording, retell, stamps, updated_at, checks, \
             denials, failures) \
         SELECT $1, $2, 1, 'registered', 'registered', $3, $4, $5, 0, '{}', '{}', $6, 0, 0, 0 \
         WHERE NOT EXISTS (SELECT 1 FROM erased_calls e WHERE e.call_id = $1) \
         ON CONFLICT (id) DO NOTHING \
         RETURNING CAST(CASE WHEN agent_id IS NULL OR EXISTS \
             (SELECT 1 FROM agents a WHERE a.tenant_id = $2 AND a.id = $4) \
             THEN 1 ELSE 0 END AS BIGINT) AS agent_is_known",
    )
    .bind(&seen.call_id)
    .bind(tenant.id())
    .bind(facts.call_type)
    .bind(facts.agent_id)
    // One that never connected began about when it ended.
    .bind(facts.started_at.or(facts.ended_at).unwrap_or(now))
    .bind(now)
    .fetch_optional(write.connection())
    .await?;
    let inserted = |row: AnyRow| {
        Ok(Inserted {
            agent_is_known: row.try_get::<i64, _>("agent_is_known")? != 0,
        })
    };
    row.map(inserted).transpose()
}

async fn upsert_transcript(
    write: &mut Write,
    tenant: &Tenant,
    call_id: &str,
    transcripts: &Map<String, Value>,
    now: i64,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO transcripts (call_id, tenant_id, items, retell, updated_at) \
         VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (call_id) DO UPDATE SET items = excluded.items, retell = excluded.retell, \
             updated_at = excluded.updated_at",
    )
    .bind(call_id)
    .bind(tenant.id())
    .bind(to_json(&transcript::items(transcripts)))
    .bind(to_json(transcripts))
    .bind(now)
    .execute(write.connection())
    .await?;
    Ok(())
}

/// The transcript fields of a call object, and the others.
fn split_transcripts(call: &Map<String, Value>) -> (Map<String, Value>, Map<String, Value>) {
    call.iter()
        .map(|(name, value)| (name.clone(), value.clone()))
        .partition(|(name, _)| crate::calls::is_transcript(name))
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
