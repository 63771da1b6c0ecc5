//! Calls that did not settle: which of them Retell is to be asked about, when,
//! and what its answers count for.

use api::desk::CallSummary;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::Calls;
use crate::calls::{Observation, Stage, is_lost, next_check, next_try};
use crate::config::Healing;
use crate::store::{Scope, StoreError, Tenant, Write};

/// A call Retell is to be asked about.
#[derive(Debug, Clone)]
pub struct Unsettled {
    /// Whose call it is.
    pub tenant: Tenant,
    /// Retell's call id.
    pub call_id: String,
}

/// What Retell said about a call. A question that failed has no answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// This.
    Told(Observation),
    /// That it knows no such call.
    Denied,
}

impl Calls<'_> {
    /// Takes up to `limit` calls Retell is due to be asked about, and puts each
    /// off as if the question had failed: it may, and whoever takes them may
    /// die. An answer sets the next question anew ([`Calls::answered`]).
    pub async fn take_unsettled(
        self,
        now: i64,
        limit: u32,
        healing: &Healing,
    ) -> Result<Vec<Unsettled>, StoreError> {
        let sql = format!(
            "SELECT c.id, c.stage, c.failures, t.id AS tenant_id, t.name AS tenant_name, \
                 t.timezone AS tenant_timezone \
             FROM calls c JOIN tenants t ON t.id = c.tenant_id \
             WHERE c.check_at <= $1 ORDER BY c.check_at LIMIT $2{}",
            self.0.for_update_skip_locked("c")
        );
        let mut write = self.0.write(Scope::Server).await?;
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(now)
            .bind(i64::from(limit))
            .fetch_all(write.connection())
            .await?;
        let mut unsettled = Vec::with_capacity(rows.len());
        for row in &rows {
            let failures = count(row, "failures")?;
            let call_id: String = row.try_get("id")?;
            sqlx::query("UPDATE calls SET failures = $2, check_at = $3 WHERE id = $1")
                .bind(&call_id)
                .bind(i64::from(failures.saturating_add(1)))
                .bind(next_try(stage(row)?, failures, now, healing))
                .execute(write.connection())
                .await?;
            unsettled.push(Unsettled {
                tenant: Tenant::from_row(row)?,
                call_id,
            });
        }
        write.commit().await?;
        Ok(unsettled)
    }

    /// Counts Retell's answer about a call that was due, sets when to ask next,
    /// and adds what was told. A call denied too often is over. Returns the call
    /// if anybody can see a difference.
    pub async fn answered(
        self,
        call: &Unsettled,
        answer: &Answer,
        now: i64,
        healing: &Healing,
    ) -> Result<Option<CallSummary>, StoreError> {
        let mut write = self.0.write(Scope::Server).await?;
        let counted = self
            .count_answer(&mut write, call, answer, now, healing)
            .await?;
        // Without a row the call was deleted meanwhile.
        let seen = counted.and_then(|(stage, denials)| match answer {
            Answer::Told(seen) => Some(seen.clone()),
            Answer::Denied => {
                is_lost(stage, denials).then(|| Observation::lost(&call.call_id, now))
            }
        });
        let changed = match seen {
            Some(seen) => {
                self.observe_in(&mut write, &call.tenant, &seen, now, healing)
                    .await?
            }
            None => None,
        };
        write.commit().await?;
        Ok(changed)
    }

    /// Returns the call's stage and how often in a row it was denied. Both are
    /// read here: a webhook may have come while Retell was asked.
    async fn count_answer(
        self,
        write: &mut Write,
        call: &Unsettled,
        answer: &Answer,
        now: i64,
        healing: &Healing,
    ) -> Result<Option<(Stage, u32)>, StoreError> {
        let sql = format!(
            "SELECT stage, checks, denials FROM calls WHERE id = $1 AND tenant_id = $2{}",
            self.0.for_update()
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(&call.call_id)
            .bind(call.tenant.id())
            .fetch_optional(write.connection())
            .await?;
        let Some(row) = row else { return Ok(None) };
        let stage = stage(&row)?;
        let checks = count(&row, "checks")?.saturating_add(1);
        let denials = match answer {
            Answer::Told(_) => 0,
            Answer::Denied => count(&row, "denials")?.saturating_add(1),
        };
        sqlx::query(
            "UPDATE calls SET checks = $2, denials = $3, failures = 0, check_at = $4 WHERE id = $1",
        )
        .bind(&call.call_id)
        .bind(i64::from(checks))
        .bind(i64::from(denials))
        .bind(next_check(stage, checks, now, healing))
        .execute(write.connection())
        .await?;
        Ok(Some((stage, denials)))
    }

    /// Makes every unsettled call due now: after a downtime any of their
    /// webhooks may have been missed.
    pub async fn hasten_checks(self, now: i64) -> Result<(), StoreError> {
        let mut write = self.0.write(Scope::Server).await?;
        // Those another server changes just now need no haste.
        let sql = format!(
            "UPDATE calls SET check_at = $1 WHERE id IN \
                 (SELECT id FROM calls WHERE check_at > $1{})",
            self.0.for_update_skip_locked("calls")
        );
        sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(now)
            .execute(write.connection())
            .await?;
        write.commit().await
    }
}

fn stage(row: &AnyRow) -> Result<Stage, sqlx::Error> {
    Ok(Stage::parse(row.try_get("stage")?).unwrap_or(Stage::Registered))
}

fn count(row: &AnyRow, column: &str) -> Result<u32, sqlx::Error> {
    let count: i64 = row.try_get(column)?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}
