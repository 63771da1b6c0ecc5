//! How long a business keeps what, and deleting what is older.

use api::privacy::Retention;
use serde_json::{Map, Value, json};
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::bus::Signal;
use crate::calls::is_recording;
use crate::deeds::{Author, Deed};
use crate::store::{Scope, Store, StoreError, Tenant, Write, from_json, to_json};

/// What retention deletes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// What was said.
    Transcripts,
    /// Where recordings are heard.
    Recordings,
    /// Calls with everything about them, and call-backs that wait no longer.
    Calls,
    /// Webhook deliveries.
    Webhooks,
    /// Events told to the business's endpoints, with what became of them.
    Events,
    /// The trail.
    Audit,
}

const COLUMNS: &str =
    "r.transcripts_days, r.recordings_days, r.calls_days, r.webhooks_days, r.audit_days";

fn from_row(row: &AnyRow) -> Result<Retention, sqlx::Error> {
    let days = |column: &str| -> Result<Option<u32>, sqlx::Error> {
        let days: Option<i64> = row.try_get(column)?;
        Ok(days.and_then(|days| u32::try_from(days).ok()))
    };
    Ok(Retention {
        transcripts_days: days("transcripts_days")?,
        recordings_days: days("recordings_days")?,
        calls_days: days("calls_days")?,
        webhooks_days: days("webhooks_days")?,
        audit_days: days("audit_days")?,
    })
}

impl Store {
    /// For how long the tenant keeps what.
    pub async fn retention(&self, tenant: &Tenant) -> Result<Retention, StoreError> {
        let mut db = self.read(Scope::Of(tenant)).await?;
        let sql = format!("SELECT {COLUMNS} FROM retention r WHERE r.tenant_id = $1");
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(tenant.id())
            .fetch_optional(db.connection())
            .await?;
        Ok(row.as_ref().map(from_row).transpose()?.unwrap_or_default())
    }

    /// Says for how long the tenant keeps what.
    pub async fn set_retention(
        &self,
        tenant: &Tenant,
        retention: &Retention,
        author: &Author,
        now: i64,
    ) -> Result<(), StoreError> {
        let mut write = self.write(Scope::Of(tenant)).await?;
        sqlx::query(
            "INSERT INTO retention (tenant_id, transcripts_days, recordings_days, calls_days, \
                 webhooks_days, audit_days, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7) \
             ON CONFLICT (tenant_id) DO UPDATE SET \
                 transcripts_days = excluded.transcripts_days, \
                 recordings_days = excluded.recordings_days, calls_days = excluded.calls_days, \
                 webhooks_days = excluded.webhooks_days, audit_days = excluded.audit_days, \
                 updated_at = excluded.updated_at",
        )
        .bind(tenant.id())
        .bind(retention.transcripts_days.map(i64::from))
        .bind(retention.recordings_days.map(i64::from))
        .bind(retention.calls_days.map(i64::from))
        .bind(retention.webhooks_days.map(i64::from))
        .bind(retention.audit_days.map(i64::from))
        .bind(now)
        .execute(write.connection())
        .await?;
        let deed = Deed {
            action: "retention.changed",
            subject_kind: "",
            subject_id: "",
            details: json!(retention),
        };
        Self::record(&mut write, tenant, author, &deed, now).await?;
        write.commit().await
    }

    /// Every tenant that does not keep everything for ever.
    pub async fn retentions(&self) -> Result<Vec<(Tenant, Retention)>, StoreError> {
        let mut db = self.read(Scope::Server).await?;
        let sql = format!(
            "SELECT {COLUMNS}, t.id AS tenant_id, t.name AS tenant_name, \
                 t.timezone AS tenant_timezone \
             FROM retention r JOIN tenants t ON t.id = r.tenant_id"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .fetch_all(db.connection())
            .await?;
        rows.iter()
            .map(|row| Ok((Tenant::from_row(row)?, from_row(row)?)))
            .collect()
    }

    /// Adds an entry to the tenant's trail about what is done already.
    pub async fn record_deed(
        &self,
        tenant: &Tenant,
        author: &Author,
        deed: &Deed<'_>,
        now: i64,
    ) -> Result<(), StoreError> {
        let mut write = self.write(Scope::Of(tenant)).await?;
        Self::record(&mut write, tenant, author, deed, now).await?;
        write.commit().await
    }

    /// Deletes up to `limit` rows from before that time (Unix ms), the oldest
    /// first. Returns how many. What is not settled yet stays. Of calls it is
    /// noted that it was done `now`, so that nobody brings them back.
    pub async fn remove_older(
        &self,
        tenant: &Tenant,
        kept: Kept,
        before: i64,
        limit: u32,
        now: i64,
    ) -> Result<u64, StoreError> {
        let mut write = self.write(Scope::Of(tenant)).await?;
        let removed = match kept {
            Kept::Recordings => {
                self.forget_recordings(&mut write, tenant, before, limit, now)
                    .await?
            }
            Kept::Calls => {
                remove_calls(&mut write, tenant, before, limit, now).await?
                    + Self::remove_callbacks(&mut write, tenant, before, limit).await?
            }
            Kept::Transcripts => {
                self.remove_transcripts(&mut write, tenant, before, limit, now)
                    .await?
            }
            Kept::Webhooks => {
                let sql = "DELETE FROM webhook_deliveries WHERE id IN \
                     (SELECT id FROM webhook_deliveries \
                      WHERE tenant_id = $1 AND received_at < $2 AND due_at IS NULL \
                      ORDER BY received_at LIMIT $3)";
                delete(&mut write, sql, tenant, before, limit).await?
            }
            Kept::Events => {
                let sql = "DELETE FROM outgoing_events WHERE id IN \
                     (SELECT id FROM outgoing_events WHERE tenant_id = $1 AND created_at < $2 \
                      ORDER BY created_at LIMIT $3)";
                delete(&mut write, sql, tenant, before, limit).await?
            }
            Kept::Audit => {
                let sql = "DELETE FROM audit_events WHERE id IN \
                     (SELECT id FROM audit_events WHERE tenant_id = $1 AND at < $2 \
                      ORDER BY at LIMIT $3)";
                delete(&mut write, sql, tenant, before, limit).await?
            }
        };
        write.commit().await?;
        Ok(removed)
    }

    /// Deletes up to `limit` deliveries from before that time (Unix ms) that
    /// nobody could assign, so that no business's retention covers them. Returns
    /// how many.
    pub async fn remove_unassigned_deliveries(
        &self,
        before: i64,
        limit: u32,
    ) -> Result<u64, StoreError> {
        let mut write = self.write(Scope::Server).await?;
        let done = sqlx::query(
            "DELETE FROM webhook_deliveries WHERE id IN (SELECT id FROM webhook_deliveries \
                 WHERE tenant_id IS NULL AND received_at < $1 AND due_at IS NULL \
                 ORDER BY received_at LIMIT $2)",
        )
        .bind(before)
        .bind(i64::from(limit))
        .execute(write.connection())
        .await?;
        write.commit().await?;
        Ok(done.rows_affected())
    }

    /// The links only: the recordings are Retell's.
    async fn forget_recordings(
        &self,
        write: &mut Write,
        tenant: &Tenant,
        before: i64,
        limit: u32,
        now: i64,
    ) -> Result<u64, StoreError> {
        let sql = format!(
            "SELECT id, retell FROM calls WHERE tenant_id = $1 AND has_recording = 1 AND live = 0 \
             AND created_at < $2 ORDER BY created_at LIMIT $3{}",
            self.for_update_skip_locked("calls")
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(tenant.id())
            .bind(before)
            .bind(i64::from(limit))
            .fetch_all(write.connection())
            .await?;
        for row in &rows {
            let id: String = row.try_get("id")?;
            let mut call: Map<String, Value> = from_json(row.try_get("retell")?, "calls", &id)?;
            call.retain(|field, _| !is_recording(field));
            sqlx::query(
                "UPDATE calls SET has_recording = 0, recording_deleted_at = $4, retell = $3 \
                 WHERE tenant_id = $1 AND id = $2",
            )
            .bind(tenant.id())
            .bind(&id)
            .bind(to_json(&call))
            .bind(now)
            .execute(write.connection())
            .await?;
        }
        Ok(rows.len() as u64)
    }

    /// The call is locked before its transcript goes, as by everybody who writes
    /// one.
    async fn remove_transcripts(
        &self,
        write: &mut Write,
        tenant: &Tenant,
        before: i64,
        limit: u32,
        now: i64,
    ) -> Result<u64, StoreError> {
        let sql = format!(
            "SELECT c.id FROM calls c JOIN transcripts t ON t.call_id = c.id \
             WHERE t.tenant_id = $1 AND t.updated_at < $2 AND c.live = 0 \
             ORDER BY t.updated_at LIMIT $3{}",
            self.for_update_skip_locked("c")
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(tenant.id())
            .bind(before)
            .bind(i64::from(limit))
            .fetch_all(write.connection())
            .await?;
        for row in &rows {
            let id: String = row.try_get("id")?;
            sqlx::query("DELETE FROM transcripts WHERE call_id = $1")
                .bind(&id)
                .execute(write.connection())
                .await?;
            sqlx::query("UPDATE calls SET transcript_deleted_at = $2 WHERE id = $1")
                .bind(&id)
                .bind(now)
                .execute(write.connection())
                .await?;
        }
        Ok(rows.len() as u64)
    }
}

async fn remove_calls(
    write: &mut Write,
    tenant: &Tenant,
    before: i64,
    limit: u32,
    now: i64,
) -> Result<u64, StoreError> {
    let rows = sqlx::query(
        "SELECT id FROM calls WHERE tenant_id = $1 AND live = 0 AND created_at < $2 \
         ORDER BY created_at LIMIT $3",
    )
    .bind(tenant.id())
    .bind(before)
    .bind(i64::from(limit))
    .fetch_all(write.connection())
    .await?;
    for row in &rows {
        let id: String = row.try_get("id")?;
        delete_call(write, tenant, &id, now).await?;
    }
    if !rows.is_empty() {
        write.tell(Signal::CallsDeleted);
    }
    Ok(rows.len() as u64)
}

async fn delete(
    write: &mut Write,
    sql: &'static str,
    tenant: &Tenant,
    before: i64,
    limit: u32,
) -> Result<u64, StoreError> {
    let done = sqlx::query(sql)
        .bind(tenant.id())
        .bind(before)
        .bind(i64::from(limit))
        .execute(write.connection())
        .await?;
    Ok(done.rows_affected())
}

/// What is deleted with a call: the call, and whatever names it. Attempts and
/// deliveries go with what they belong to, the transcript with the call.
const OF_A_CALL: [&str; 5] = [
    "DELETE FROM webhook_deliveries WHERE tenant_id = $1 AND call_id = $2",
    "DELETE FROM outgoing_events WHERE tenant_id = $1 AND call_id = $2",
    "DELETE FROM consents WHERE tenant_id = $1 AND call_id = $2",
    "DELETE FROM ratings WHERE tenant_id = $1 AND call_id = $2",
    "DELETE FROM calls WHERE tenant_id = $1 AND id = $2",
];

/// Deletes a call of the tenant with everything there is about it. Its id stays,
/// so that nobody brings it back: Retell may know the call for ever.
pub(super) async fn delete_call(
    write: &mut Write,
    tenant: &Tenant,
    id: &str,
    now: i64,
) -> Result<(), StoreError> {
    for sql in OF_A_CALL {
        sqlx::query(sql)
            .bind(tenant.id())
            .bind(id)
            .execute(write.connection())
            .await?;
    }
    sqlx::query(
        "INSERT INTO erased_calls (call_id, tenant_id, erased_at) VALUES ($1, $2, $3) \
         ON CONFLICT (call_id) DO NOTHING",
    )
    .bind(id)
    .bind(tenant.id())
    .bind(now)
    .execute(write.connection())
    .await?;
    Ok(())
}
