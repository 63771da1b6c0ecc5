//! For how long businesses keep what, and whom they have erased.

mod erasures;
mod searches;

pub use erasures::Erasures;
pub(super) use erasures::NewOrder;

use api::privacy::Retention;
use serde_json::json;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::clock::DAY_MS;
use crate::deeds::{Author, Deed, Deeds};
use crate::keeps::{Keeps, forget};
use crate::revisions::KeptRevisions;
use crate::store::{Scope, StoreError, Tenant};
pub use searches::Searches;

/// What this domain keeps.
pub(super) const KEEPS: Keeps = Keeps {
    expiring: &[
        |store, now, limit| {
            let until = now - ERASURES_KEPT_MS;
            Box::pin(forget(
                store,
                ("erasures", "id", "created_at"),
                until,
                limit,
            ))
        },
        |store, now, limit| {
            let until = now - COPIES_KEPT_MS;
            Box::pin(forget(
                store,
                ("person_searches", "id", "created_at"),
                until,
                limit,
            ))
        },
    ],
    ..Keeps::NOTHING
};
/// How long a copy of somebody's data can be fetched (ms).
const COPIES_KEPT_MS: i64 = DAY_MS;
/// How long it can be asked what became of an order to erase somebody (ms).
const ERASURES_KEPT_MS: i64 = 30 * DAY_MS;

/// What the revisions of the days are kept as.
pub(super) const REVISED: &str = "retention";

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
        revision: 0,
    })
}

crate::store::part! {
    /// For how long each business keeps what.
    retentions -> Retentions
}

impl Retentions<'_> {
    /// For how long the tenant keeps what.
    pub async fn of(self, tenant: &Tenant) -> Result<Retention, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let sql = format!("SELECT {COLUMNS} FROM retention r WHERE r.tenant_id = $1");
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(tenant.id())
            .fetch_optional(db.connection())
            .await?;
        Ok(row.as_ref().map(from_row).transpose()?.unwrap_or_default())
    }

    /// Says for how long the tenant keeps what: a change of the revision `read`. Returns the
    /// new one.
    pub async fn set(
        self,
        tenant: &Tenant,
        retention: &Retention,
        read: Option<i64>,
        author: &Author,
        now: i64,
    ) -> Result<i64, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let revision = KeptRevisions::revise(&mut write, tenant, (REVISED, ""), read).await?;
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
        let mut said = json!(retention);
        said.as_object_mut().map(|said| said.remove("revision"));
        let deed = Deed::of_business("retention.changed", said);
        Deeds::record(&mut write, tenant, author, &deed, now).await?;
        write.commit().await?;
        Ok(revision)
    }

    /// Every tenant that does not keep everything for ever.
    pub async fn all(self) -> Result<Vec<(Tenant, Retention)>, StoreError> {
        let mut db = self.0.read(Scope::Server).await?;
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
}
