//! Calls and their transcripts.

use std::collections::BTreeMap;
use std::str::FromStr;

use api::desk::{CallDetail, CallStatus, CallSummary};
use api::live::Item;
use serde_json::{Map, Value};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Store, StoreError, Tenant, Write, from_json, to_json};
use crate::calls::facts::{self, Facts};
use crate::calls::{Change, Known, Observation, Stage, Stamp, next_check, status, transcript};
use crate::config::Healing;

/// The columns [`summary`] reads.
macro_rules! summary_columns {
    () => {
        "c.id, c.call_type, c.direction, c.from_number, c.to_number, c.agent_id, \
         COALESCE(c.agent_name, a.name) AS agent_name, c.live, c.status, c.created_at, \
         c.started_at, c.ended_at, c.duration_ms, c.disconnection_reason, c.user_sentiment, \
         c.successful, c.has_recording"
    };
}

/// Where a page of the call list begins: after this row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallCursor {
    live: bool,
    created_at: i64,
    id: String,
}

impl std::fmt::Display for CallCursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", u8::from(self.live), self.created_at, self.id)
    }
}

impl FromStr for CallCursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.splitn(3, '.');
        let live = match parts.next() {
            Some("1") => true,
            Some("0") => false,
            _ => return Err(()),
        };
        let created_at = parts.next().and_then(|part| part.parse().ok()).ok_or(())?;
        let id = parts
            .next()
            .filter(|id| !id.contains('\0'))
            .ok_or(())?
            .to_owned();
        Ok(Self {
            live,
            created_at,
            id,
        })
    }
}

/// A call as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredCall {
    /// The row of the call list.
    pub summary: CallSummary,
    /// Retell's call object as far as it is known, without transcripts.
    pub retell: Map<String, Value>,
    /// The transcript, final once the call has ended.
    pub items: Vec<Item>,
}

impl StoredCall {
    /// The call as its page shows it.
    #[must_use]
    pub fn into_detail(self) -> CallDetail {
        let facts = Facts::of(&self.retell);
        CallDetail {
            summary: self.summary,
            transcript: self.items,
            analysis_summary: facts::analysis_summary(&self.retell),
            analysis_data: facts::analysis_data(&self.retell),
            cost_cents: facts.cost_cents,
            latency_p50_ms: facts.latency_p50_ms,
            dynamic_variables: facts::dynamic_variables(&self.retell),
            metadata: facts::metadata(&self.retell),
        }
    }
}

/// Where a call's recording can be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recording {
    /// Both voices mixed.
    pub mono: Option<String>,
    /// One channel for each voice.
    pub multi_channel: Option<String>,
}

/// A call Retell is to be asked about.
#[derive(Debug, Clone)]
pub struct Unsettled {
    /// Whose call it is.
    pub tenant: Tenant,
    /// Retell's call id.
    pub call_id: String,
    /// How far the call has come, as we know it.
    pub stage: Stage,
    /// How often it was asked about since it last moved on, this time included.
    pub checks: u32,
}

impl Store {
    /// Adds what was observed of a call, creating the call where it is new.
    /// Returns the call if anybody can see a difference.
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
        let mut write = self.write().await?;
        let changed = self
            .observe_in(&mut write, tenant, seen, now, healing)
            .await?;
        write.commit().await?;
        Ok(changed)
    }

    /// [`Store::observe`] as a part of a larger transaction.
    pub(crate) async fn observe_in(
        &self,
        write: &mut Write,
        tenant: &Tenant,
        seen: &Observation,
        now: i64,
        healing: &Healing,
    ) -> Result<Option<CallSummary>, StoreError> {
        let id = seen.call_id.as_str();
        self.insert_unless_known(write, tenant, seen, now).await?;
        let Some(mut known) = self.known_for_update(write, tenant, seen).await? else {
            return Err(StoreError::OtherTenant {
                call_id: id.to_owned(),
            });
        };
        let stage_before = known.stage();
        let change = known.merge(seen);
        if change == Change::Nothing {
            return Ok(None);
        }
        let (transcripts, fields) = split_transcripts(known.fields());
        self.update(write, id, &known, &fields, now).await?;
        if known.stage() != stage_before || seen.stage == Stage::Registered {
            let check_at = next_check(known.stage(), 0, now, healing);
            sqlx::query("UPDATE calls SET checks = 0, check_at = $2 WHERE id = $1")
                .bind(id)
                .bind(check_at)
                .execute(write.connection())
                .await?;
        }
        if !transcripts.is_empty() {
            upsert_transcript(write, tenant, id, &transcripts, now).await?;
        }
        if change < Change::Fields {
            return Ok(None);
        }
        let row = sqlx::query(concat!(
            "SELECT ",
            summary_columns!(),
            " FROM calls c LEFT JOIN agents a ON a.tenant_id = c.tenant_id AND a.id = c.agent_id \
             WHERE c.id = $1"
        ))
        .bind(id)
        .fetch_one(write.connection())
        .await?;
        Ok(Some(summary(&row)?))
    }

    async fn insert_unless_known(
        &self,
        write: &mut Write,
        tenant: &Tenant,
        seen: &Observation,
        now: i64,
    ) -> Result<(), StoreError> {
        let facts = Facts::of(&seen.fields);
        sqlx::query(
            "INSERT INTO calls (id, tenant_id, live, status, stage, call_type, agent_id, \
                 created_at, has_recording, retell, stamps, updated_at, checks) \
             VALUES ($1, $2, 1, 'registered', 'registered', $3, $4, $5, 0, '{}', '{}', $6, 0) \
             ON CONFLICT (id) DO NOTHING",
        )
        .bind(&seen.call_id)
        .bind(tenant.id())
        .bind(facts.call_type)
        .bind(facts.agent_id)
        .bind(facts.started_at.unwrap_or(now))
        .bind(now)
        .execute(write.connection())
        .await?;
        Ok(())
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
            "SELECT stage, retell, stamps FROM calls WHERE id = $1 AND tenant_id = $2{}",
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
            let row = sqlx::query("SELECT retell FROM transcripts WHERE call_id = $1")
                .bind(id)
                .fetch_optional(write.connection())
                .await?;
            if let Some(row) = row {
                let transcripts: Map<String, Value> =
                    from_json(row.try_get("retell")?, "transcripts", id)?;
                fields.extend(transcripts);
            }
        }
        Ok(Some(Known::from_parts(stage, fields, stamps)))
    }

    async fn update(
        &self,
        write: &mut Write,
        id: &str,
        known: &Known,
        fields: &Map<String, Value>,
        now: i64,
    ) -> Result<(), StoreError> {
        let facts = Facts::of(fields);
        let status = known.status();
        sqlx::query(
            "UPDATE calls SET live = $2, status = $3, stage = $4, call_type = $5, \
                 direction = $6, from_number = $7, to_number = $8, agent_id = $9, \
                 agent_name = $10, started_at = $11, ended_at = $12, duration_ms = $13, \
                 disconnection_reason = $14, user_sentiment = $15, successful = $16, \
                 has_recording = $17, cost_cents = $18, latency_p50_ms = $19, \
                 public_key_id = $20, retell = $21, stamps = $22, updated_at = $23 \
             WHERE id = $1",
        )
        .bind(id)
        .bind(i64::from(status.is_live()))
        .bind(status::name(status))
        .bind(known.stage().name())
        .bind(&facts.call_type)
        .bind(&facts.direction)
        .bind(&facts.from_number)
        .bind(&facts.to_number)
        .bind(&facts.agent_id)
        .bind(&facts.agent_name)
        .bind(facts.started_at)
        .bind(facts.ended_at)
        .bind(facts.duration_ms)
        .bind(&facts.disconnection_reason)
        .bind(&facts.user_sentiment)
        .bind(facts.successful.map(i64::from))
        .bind(i64::from(facts.has_recording()))
        .bind(facts.cost_cents)
        .bind(facts.latency_p50_ms)
        .bind(facts::public_key(fields))
        .bind(to_json(fields))
        .bind(to_json(known.stamps()))
        .bind(now)
        .execute(write.connection())
        .await?;
        Ok(())
    }

    /// A page of the tenant's calls, live ones first, then the newest first,
    /// and where the next page begins.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn call_page(
        &self,
        tenant: &Tenant,
        after: Option<&CallCursor>,
        limit: u32,
    ) -> Result<(Vec<CallSummary>, Option<CallCursor>), StoreError> {
        // Nothing sorts before this.
        const BEFORE_ALL: (i64, i64, &str) = (2, i64::MAX, "");
        let (live, created_at, id) = after.map_or(BEFORE_ALL, |after| {
            (i64::from(after.live), after.created_at, &after.id)
        });
        let rows = sqlx::query(concat!(
            "SELECT ",
            summary_columns!(),
            " FROM calls c LEFT JOIN agents a ON a.tenant_id = c.tenant_id AND a.id = c.agent_id \
             WHERE c.tenant_id = $1 AND (c.live, c.created_at, c.id) < ($2, $3, $4) \
             ORDER BY c.live DESC, c.created_at DESC, c.id DESC LIMIT $5"
        ))
        .bind(tenant.id())
        .bind(live)
        .bind(created_at)
        .bind(id)
        // One more than asked for tells whether there is a next page.
        .bind(i64::from(limit) + 1)
        .fetch_all(self.pool())
        .await?;
        let mut calls = rows.iter().map(summary).collect::<Result<Vec<_>, _>>()?;
        let limit = limit as usize;
        if calls.len() <= limit {
            return Ok((calls, None));
        }
        calls.truncate(limit);
        let next = calls.last().map(|call| CallCursor {
            live: call.status.is_live(),
            created_at: call.created_at,
            id: call.id.clone(),
        });
        Ok((calls, next))
    }

    /// The row of the call list for one call of the tenant.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn call_summary(
        &self,
        tenant: &Tenant,
        id: &str,
    ) -> Result<Option<CallSummary>, StoreError> {
        let row = sqlx::query(concat!(
            "SELECT ",
            summary_columns!(),
            " FROM calls c LEFT JOIN agents a ON a.tenant_id = c.tenant_id AND a.id = c.agent_id \
             WHERE c.tenant_id = $1 AND c.id = $2"
        ))
        .bind(tenant.id())
        .bind(id)
        .fetch_optional(self.pool())
        .await?;
        Ok(row.as_ref().map(summary).transpose()?)
    }

    /// Everything stored of one call of the tenant.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn call(&self, tenant: &Tenant, id: &str) -> Result<Option<StoredCall>, StoreError> {
        let row = sqlx::query(concat!(
            "SELECT ",
            summary_columns!(),
            ", c.retell, t.items FROM calls c \
             LEFT JOIN agents a ON a.tenant_id = c.tenant_id AND a.id = c.agent_id \
             LEFT JOIN transcripts t ON t.call_id = c.id \
             WHERE c.tenant_id = $1 AND c.id = $2"
        ))
        .bind(tenant.id())
        .bind(id)
        .fetch_optional(self.pool())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let items = row.try_get::<Option<&str>, _>("items")?.unwrap_or("[]");
        Ok(Some(StoredCall {
            summary: summary(&row)?,
            retell: from_json(row.try_get("retell")?, "calls", id)?,
            items: from_json(items, "transcripts", id)?,
        }))
    }

    /// Where the recording of one call of the tenant can be fetched.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn recording(
        &self,
        tenant: &Tenant,
        id: &str,
    ) -> Result<Option<Recording>, StoreError> {
        let row = sqlx::query("SELECT retell FROM calls WHERE tenant_id = $1 AND id = $2")
            .bind(tenant.id())
            .bind(id)
            .fetch_optional(self.pool())
            .await?;
        let Some(row) = row else { return Ok(None) };
        let call: Map<String, Value> = from_json(row.try_get("retell")?, "calls", id)?;
        let facts = Facts::of(&call);
        Ok(Some(Recording {
            mono: facts.recording_url,
            multi_channel: facts.recording_multi_channel_url,
        }))
    }

    /// Takes up to `limit` calls Retell is due to be asked about, and puts the
    /// next question about each off: whoever takes them may die.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_unsettled(
        &self,
        now: i64,
        limit: u32,
        healing: &Healing,
    ) -> Result<Vec<Unsettled>, StoreError> {
        let sql = format!(
            "SELECT c.id, c.stage, c.checks, t.id AS tenant_id, t.name AS tenant_name, \
                 t.timezone AS tenant_timezone \
             FROM calls c JOIN tenants t ON t.id = c.tenant_id \
             WHERE c.check_at <= $1 ORDER BY c.check_at LIMIT $2{}",
            self.for_update_skip_locked()
        );
        let mut write = self.write().await?;
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(now)
            .bind(i64::from(limit))
            .fetch_all(write.connection())
            .await?;
        let mut unsettled = Vec::with_capacity(rows.len());
        for row in &rows {
            let checks: i64 = row.try_get("checks")?;
            let checks = u32::try_from(checks).unwrap_or(u32::MAX).saturating_add(1);
            let stage = Stage::parse(row.try_get("stage")?).unwrap_or(Stage::Registered);
            let call_id: String = row.try_get("id")?;
            sqlx::query("UPDATE calls SET checks = $2, check_at = $3 WHERE id = $1")
                .bind(&call_id)
                .bind(i64::from(checks))
                .bind(next_check(stage, checks, now, healing))
                .execute(write.connection())
                .await?;
            unsettled.push(Unsettled {
                tenant: Tenant::from_row(row)?,
                call_id,
                stage,
                checks,
            });
        }
        write.commit().await?;
        Ok(unsettled)
    }

    /// Makes every unsettled call due now: after a downtime any of their
    /// webhooks may have been missed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn hasten_checks(&self, now: i64) -> Result<(), StoreError> {
        let mut write = self.write().await?;
        sqlx::query("UPDATE calls SET check_at = $1 WHERE check_at > $1")
            .bind(now)
            .execute(write.connection())
            .await?;
        write.commit().await
    }
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

fn summary(row: &AnyRow) -> Result<CallSummary, sqlx::Error> {
    let status: &str = row.try_get("status")?;
    Ok(CallSummary {
        id: row.try_get("id")?,
        call_type: row.try_get("call_type")?,
        direction: row.try_get("direction")?,
        from_number: row.try_get("from_number")?,
        to_number: row.try_get("to_number")?,
        agent_id: row.try_get("agent_id")?,
        agent_name: row.try_get("agent_name")?,
        status: status::parse(status).unwrap_or(CallStatus::Registered),
        created_at: row.try_get("created_at")?,
        started_at: row.try_get("started_at")?,
        ended_at: row.try_get("ended_at")?,
        duration_ms: row.try_get("duration_ms")?,
        disconnection_reason: row.try_get("disconnection_reason")?,
        user_sentiment: row.try_get("user_sentiment")?,
        successful: row
            .try_get::<Option<i64>, _>("successful")?
            .map(|yes| yes != 0),
        has_recording: row.try_get::<i64, _>("has_recording")? != 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back() {
        let cursor = CallCursor {
            live: true,
            created_at: -5,
            id: "call.with.dots".to_owned(),
        };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for text in [
            "",
            "1",
            "1.2",
            "2.0.x",
            "1.x.y",
            "1.99999999999999999999.x",
            "1.2.\0",
        ] {
            assert_eq!(text.parse::<CallCursor>(), Err(()), "{text:?}");
        }
    }
}
