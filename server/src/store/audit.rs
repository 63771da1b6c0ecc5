//! The audit trail.

use sqlx::any::AnyArguments;
use sqlx::query::Query;
use sqlx::{Any, AssertSqlSafe, Row};
use uuid::Uuid;

use super::{
    Scope, Store, StoreError, Tenant, Write, can_be_named, from_json, older_than, to_json,
};
use crate::audit::{Author, Deed};
use crate::bus::Signal;

/// An entry of the trail.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEvent {
    /// Which one; ids sort by time.
    pub id: String,
    /// When (Unix ms).
    pub at: i64,
    /// `user`, `api_key`, `operator` or `system`.
    pub actor_kind: String,
    /// The actor's id.
    pub actor_id: Option<String>,
    /// The actor's name as it was then.
    pub actor_name: Option<String>,
    /// Such as `user.invited`.
    pub action: String,
    /// What it was done to.
    pub subject_kind: Option<String>,
    /// Which one.
    pub subject_id: Option<String>,
    /// What changed.
    pub details: serde_json::Value,
    /// Where it came from.
    pub remote_ip: Option<String>,
    /// The request's id, as in the log.
    pub request_id: Option<String>,
}

impl Store {
    /// Adds an entry to the tenant's trail, in the transaction of the deed.
    pub(crate) async fn record(
        write: &mut Write,
        tenant: &Tenant,
        author: &Author,
        deed: &Deed<'_>,
        now: i64,
    ) -> Result<(), StoreError> {
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        sqlx::query(
            "INSERT INTO audit_events (id, tenant_id, at, actor_kind, actor_id, actor_name, \
                 action, subject_kind, subject_id, details, request_id, remote_ip) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        )
        .bind(Uuid::now_v7().to_string())
        .bind(tenant.id())
        .bind(now)
        .bind(author.actor.kind())
        .bind(author.actor.id())
        .bind(author.actor.name())
        .bind(deed.action)
        .bind(given(deed.subject_kind))
        .bind(given(deed.subject_id))
        .bind(to_json(&deed.details))
        .bind(author.request_id.as_deref())
        .bind(author.ip.map(|ip| ip.to_string()))
        .execute(write.connection())
        .await?;
        Ok(())
    }

    /// Runs a statement on one thing of the tenant, the deed's subject, and
    /// writes the deed down with it. `false` when the statement found no row:
    /// then nothing was done.
    pub(super) async fn done_to_one(
        &self,
        tenant: &Tenant,
        statement: Query<'_, Any, AnyArguments>,
        author: &Author,
        deed: &Deed<'_>,
        now: i64,
    ) -> Result<bool, StoreError> {
        self.done_and_told(tenant, statement, author, deed, now, None)
            .await
    }

    /// The same, and tells whoever waits for it.
    pub(super) async fn done_and_told(
        &self,
        tenant: &Tenant,
        statement: Query<'_, Any, AnyArguments>,
        author: &Author,
        deed: &Deed<'_>,
        now: i64,
        signal: impl Into<Option<Signal>>,
    ) -> Result<bool, StoreError> {
        if !can_be_named(deed.subject_id) {
            return Ok(false);
        }
        let mut write = self.write(Scope::Of(tenant)).await?;
        let done = statement.execute(write.connection()).await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        Self::record(&mut write, tenant, author, deed, now).await?;
        if let Some(signal) = signal.into() {
            write.tell(signal);
        }
        write.commit().await?;
        Ok(true)
    }

    /// A page of the tenant's trail, the newest first, from before the entry
    /// with the id `before`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn audit_page(
        &self,
        tenant: &Tenant,
        before: Option<&str>,
        limit: u32,
    ) -> Result<Vec<AuditEvent>, StoreError> {
        let older = older_than("id", before, 2);
        let sql = format!(
            "SELECT id, at, actor_kind, actor_id, actor_name, action, subject_kind, subject_id, \
                 details, remote_ip, request_id \
             FROM audit_events WHERE tenant_id = $1 AND {older} ORDER BY id DESC LIMIT $3"
        );
        let mut db = self.read(Scope::Of(tenant)).await?;
        let rows = sqlx::query(AssertSqlSafe(sql))
            .bind(tenant.id())
            .bind(before)
            .bind(i64::from(limit))
            .fetch_all(db.connection())
            .await?;
        rows.iter()
            .map(|row| {
                let id: String = row.try_get("id")?;
                Ok(AuditEvent {
                    at: row.try_get("at")?,
                    actor_kind: row.try_get("actor_kind")?,
                    actor_id: row.try_get("actor_id")?,
                    actor_name: row.try_get("actor_name")?,
                    action: row.try_get("action")?,
                    subject_kind: row.try_get("subject_kind")?,
                    subject_id: row.try_get("subject_id")?,
                    details: from_json(row.try_get("details")?, "audit_events", &id)?,
                    remote_ip: row.try_get("remote_ip")?,
                    request_id: row.try_get("request_id")?,
                    id,
                })
            })
            .collect()
    }
}
