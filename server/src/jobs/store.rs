//! Jobs: adding them, claiming them under a lease, and what became of them.

mod overview;

pub use overview::{ParkedJob, QueueRow};

use sqlx::Row;
use sqlx::any::AnyRow;
use uuid::Uuid;

use super::NewJob;
use crate::bus::Signal;
use crate::store::{Scope, Store, StoreError, Tenant, Write, from_json, to_json};

/// How many finished jobs one transaction forgets.
const FORGET_BATCH: i64 = 500;

/// A claimed job.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Its id; ids sort by time.
    pub id: String,
    /// Whose it is.
    pub tenant_id: String,
    /// Which handler runs it.
    pub kind: String,
    /// What the handler has to know.
    pub payload: serde_json::Value,
    /// Which attempt this is, from 1 on.
    pub attempts: u32,
    /// The last one there is.
    pub max_attempts: u32,
    /// Why the attempt before failed.
    pub last_error: Option<String>,
    /// Names this claim: only who holds it may finish the job.
    claim: String,
}

/// What became of a claimed job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobEnd {
    /// It is done.
    Done,
    /// It waits until then (Unix ms), and its attempts are forgotten.
    Later(i64),
    /// It failed and is tried again.
    Retry {
        /// Not before (Unix ms).
        at: i64,
        /// Why it failed.
        reason: String,
    },
    /// It is left to a person, with the reason.
    Parked(String),
}

impl Store {
    /// Adds a job in the caller's transaction; the runners of every server are
    /// woken by its commit. A job with the key of another one is not added.
    pub(crate) async fn enqueue(
        write: &mut Write,
        tenant: &Tenant,
        job: &NewJob,
        now: i64,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO jobs (id, tenant_id, kind, dedupe_key, payload, state, due_at, \
                 attempts, max_attempts, created_at) \
             VALUES ($1, $2, $3, $4, $5, 'waiting', $6, 0, $7, $8) \
             ON CONFLICT (tenant_id, kind, dedupe_key) DO NOTHING",
        )
        .bind(Uuid::now_v7().to_string())
        .bind(tenant.id())
        .bind(job.kind)
        .bind(job.dedupe_key.as_deref())
        .bind(to_json(&job.payload))
        .bind(job.run_at)
        .bind(i64::from(job.max_attempts))
        .bind(now)
        .execute(write.connection())
        .await?;
        write.tell(Signal::JobsWaiting);
        Ok(())
    }

    /// [`Store::enqueue`] on its own, for a job that nothing in the database
    /// causes.
    pub async fn add_job(&self, tenant: &Tenant, job: &NewJob, now: i64) -> Result<(), StoreError> {
        let mut write = self.write(Scope::Of(tenant)).await?;
        Self::enqueue(&mut write, tenant, job, now).await?;
        write.commit().await
    }

    /// When the next job of this kind can be claimed (Unix ms).
    pub async fn next_job_due(&self, kind: &str) -> Result<Option<i64>, StoreError> {
        let mut db = self.read(Scope::Server).await?;
        let row = sqlx::query(
            "SELECT due_at FROM jobs WHERE kind = $1 AND due_at IS NOT NULL \
             ORDER BY due_at LIMIT 1",
        )
        .bind(kind)
        .fetch_optional(db.connection())
        .await?;
        Ok(row.map(|row| row.try_get("due_at")).transpose()?)
    }

    /// Claims up to `limit` jobs of a kind that are due, or whose lease ran out,
    /// until `lease_until` (Unix ms).
    pub async fn claim_jobs(
        &self,
        kind: &str,
        limit: usize,
        now: i64,
        lease_until: i64,
    ) -> Result<Vec<Job>, StoreError> {
        // MATERIALIZED, because PostgreSQL may evaluate a plain subquery once for
        // each row, and each time it would skip what it has locked: more than
        // the limit would be claimed.
        let sql = format!(
            "WITH due AS MATERIALIZED (SELECT id FROM jobs \
                 WHERE kind = $3 AND due_at <= $4 ORDER BY due_at LIMIT $5{}) \
             UPDATE jobs SET state = 'running', due_at = $1, leased_by = $2, \
                 attempts = attempts + 1 \
             WHERE id IN (SELECT id FROM due) \
             RETURNING id, tenant_id, kind, payload, attempts, max_attempts, last_error, leased_by",
            self.for_update_skip_locked("jobs")
        );
        let mut write = self.write(Scope::Server).await?;
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(lease_until)
            .bind(Uuid::now_v7().to_string())
            .bind(kind)
            .bind(now)
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .fetch_all(write.connection())
            .await?;
        write.commit().await?;
        let mut jobs = rows
            .iter()
            .map(job)
            .collect::<Result<Vec<_>, StoreError>>()?;
        // What is returned has no order.
        jobs.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(jobs)
    }

    /// Renews a claim until then (Unix ms); `false` when it was lost.
    pub async fn extend_lease(&self, job: &Job, until: i64) -> Result<bool, StoreError> {
        let mut write = self.write(Scope::Server).await?;
        let done = sqlx::query(
            "UPDATE jobs SET due_at = $3 \
             WHERE id = $1 AND leased_by = $2 AND state = 'running'",
        )
        .bind(&job.id)
        .bind(&job.claim)
        .bind(until)
        .execute(write.connection())
        .await?;
        write.commit().await?;
        Ok(done.rows_affected() > 0)
    }

    /// Notes what became of a claimed job; `false` when the claim was lost, and
    /// with it the right to say so.
    pub async fn finish_job(&self, job: &Job, end: &JobEnd, now: i64) -> Result<bool, StoreError> {
        let (state, due_at, error, attempts, finished_at) = match end {
            JobEnd::Done => ("done", None, None, job.attempts, Some(now)),
            JobEnd::Later(at) => ("waiting", Some(*at), None, 0, None),
            JobEnd::Retry { at, reason } => (
                "waiting",
                Some(*at),
                Some(reason.as_str()),
                job.attempts,
                None,
            ),
            JobEnd::Parked(reason) => ("parked", None, Some(reason.as_str()), job.attempts, None),
        };
        let mut write = self.write(Scope::Server).await?;
        let done = sqlx::query(
            "UPDATE jobs SET state = $3, due_at = $4, last_error = $5, attempts = $6, \
                 finished_at = $7, leased_by = NULL \
             WHERE id = $1 AND leased_by = $2 AND state = 'running'",
        )
        .bind(&job.id)
        .bind(&job.claim)
        .bind(state)
        .bind(due_at)
        .bind(error)
        .bind(i64::from(attempts))
        .bind(finished_at)
        .execute(write.connection())
        .await?;
        write.commit().await?;
        Ok(done.rows_affected() > 0)
    }

    /// Forgets jobs that were done before then (Unix ms), and with them their
    /// keys. Parked ones stay until somebody decides.
    pub async fn forget_finished_jobs(&self, before: i64) -> Result<(), StoreError> {
        loop {
            let mut write = self.write(Scope::Server).await?;
            let done = sqlx::query(
                "DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE finished_at < $1 \
                     ORDER BY finished_at LIMIT $2)",
            )
            .bind(before)
            .bind(FORGET_BATCH)
            .execute(write.connection())
            .await?;
            write.commit().await?;
            if done.rows_affected() < FORGET_BATCH.unsigned_abs() {
                return Ok(());
            }
        }
    }
}

fn job(row: &AnyRow) -> Result<Job, StoreError> {
    let id: String = row.try_get("id")?;
    let count = |column| -> Result<u32, sqlx::Error> {
        let count: i64 = row.try_get(column)?;
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    };
    Ok(Job {
        tenant_id: row.try_get("tenant_id")?,
        kind: row.try_get("kind")?,
        payload: from_json(row.try_get("payload")?, "jobs", &id)?,
        attempts: count("attempts")?,
        max_attempts: count("max_attempts")?,
        last_error: row.try_get("last_error")?,
        claim: row.try_get("leased_by")?,
        id,
    })
}
