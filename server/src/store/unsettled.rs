//! Calls that did not settle: which of them Retell is to be asked about, and
//! when.

use sqlx::Row;

use super::{Store, StoreError, Tenant};
use crate::calls::{Stage, next_check};
use crate::config::Healing;

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
