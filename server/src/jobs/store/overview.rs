//! What people see of a business's jobs, and what they may do with parked ones.

use sqlx::{AssertSqlSafe, Row};

use super::super::Lane;
use super::Jobs;
use crate::bus::Signal;
use crate::deeds::{Author, Deed};

use crate::store::{Scope, StoreError, Tenant, older_than};

/// So many jobs of a tenant are counted; beyond that "more" is all anybody
/// needs to know.
const COUNTED: i64 = 10_000;

/// The jobs of one lane in one state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueRow {
    /// Which handler runs them.
    pub kind: String,
    /// Whom they need.
    pub group: String,
    /// `waiting`, `running` or `parked`.
    pub state: String,
    /// How many.
    pub count: i64,
    /// When the oldest was added (Unix ms).
    pub oldest_at: i64,
}

/// A job that is left to a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParkedJob {
    /// Its id; ids sort by time.
    pub id: String,
    /// Which handler ran it.
    pub kind: String,
    /// How often it was tried.
    pub attempts: i64,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
    /// When it was added (Unix ms).
    pub created_at: i64,
}

impl Jobs<'_> {
    /// How many jobs of the tenant are open, by lane and state. At most 10,000 are
    /// counted.
    pub async fn queue(self, tenant: &Tenant) -> Result<Vec<QueueRow>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let rows = sqlx::query(
            "SELECT kind, lane, state, COUNT(*) AS jobs, MIN(created_at) AS oldest_at \
             FROM (SELECT kind, lane, state, created_at FROM jobs \
                 WHERE tenant_id = $1 AND finished_at IS NULL \
                 ORDER BY state, id LIMIT $2) open_jobs \
             GROUP BY kind, lane, state ORDER BY kind, lane, state",
        )
        .bind(tenant.id())
        .bind(COUNTED)
        .fetch_all(db.connection())
        .await?;
        rows.iter()
            .map(|row| {
                let lane = Lane::parse(row.try_get("lane")?);
                Ok(QueueRow {
                    kind: row.try_get("kind")?,
                    group: lane.map_or_else(String::new, |lane| lane.group),
                    state: row.try_get("state")?,
                    count: row.try_get("jobs")?,
                    oldest_at: row.try_get("oldest_at")?,
                })
            })
            .collect()
    }

    /// A page of the tenant's parked jobs, the newest first, from before the one
    /// with the id `before`.
    pub async fn parked(
        self,
        tenant: &Tenant,
        before: Option<&str>,
        limit: u32,
    ) -> Result<Vec<ParkedJob>, StoreError> {
        let older = older_than("id", before, 2);
        let sql = format!(
            "SELECT id, kind, attempts, last_error, created_at FROM jobs \
             WHERE tenant_id = $1 AND state = 'parked' AND finished_at IS NULL AND {older} \
             ORDER BY id DESC LIMIT $3"
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
                Ok(ParkedJob {
                    id: row.try_get("id")?,
                    kind: row.try_get("kind")?,
                    attempts: row.try_get("attempts")?,
                    last_error: row.try_get("last_error")?,
                    created_at: row.try_get("created_at")?,
                })
            })
            .collect()
    }

    /// Lets a parked job of the tenant run again, with all its attempts; `false`
    /// when there is no such parked job.
    pub async fn retry(
        self,
        tenant: &Tenant,
        id: &str,
        author: &Author,
        now: i64,
    ) -> Result<bool, StoreError> {
        let retry = sqlx::query(
            "UPDATE jobs SET state = 'waiting', due_at = $3, attempts = 0 \
             WHERE tenant_id = $1 AND id = $2 AND state = 'parked'",
        )
        .bind(tenant.id())
        .bind(id)
        .bind(now);
        let deed = Deed::on("job", id, "job.retried");
        self.0
            .deeds()
            .done_and_told(tenant, retry, author, &deed, now, Signal::JobsWaiting)
            .await
    }

    /// Throws a parked job of the tenant away; `false` when there is no such
    /// parked job.
    pub async fn discard(
        self,
        tenant: &Tenant,
        id: &str,
        author: &Author,
        now: i64,
    ) -> Result<bool, StoreError> {
        let discard =
            sqlx::query("DELETE FROM jobs WHERE tenant_id = $1 AND id = $2 AND state = 'parked'")
                .bind(tenant.id())
                .bind(id);
        let deed = Deed::on("job", id, "job.discarded");
        self.0
            .deeds()
            .done_to_one(tenant, discard, author, &deed, now)
            .await
    }
}
