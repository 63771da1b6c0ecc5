//! Reading the trail.

use sqlx::{AssertSqlSafe, Row};

use crate::keeps::{Aging, Keeps};
use crate::store::{Scope, StoreError, Tenant, from_json, older_than};

pub(crate) const KEEPS: Keeps = Keeps {
    aging: &[Aging {
        name: "audit",
        days: |retention| retention.audit_days,
        remove: |_, write, batch| Box::pin(batch.delete(write, "audit_events", "at", "1 = 1")),
    }],
    ..Keeps::NOTHING
};

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

crate::store::part! {
    /// The trail, for those who look through it.
    audit_events -> AuditEvents
}

impl AuditEvents<'_> {
    /// A page of the tenant's trail, the newest first, from before the entry
    /// with the id `before`.
    pub async fn page(
        self,
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
        let mut db = self.0.read(Scope::Of(tenant)).await?;
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
