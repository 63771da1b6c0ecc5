//! Jobs: adding them, and forgetting them. Claiming them is below.

mod overview;
mod queue;

pub use overview::{ParkedJob, QueueRow};

use serde_json::Value;
use uuid::Uuid;

use super::NewJob;
use crate::bus::Signal;
use crate::store::{Scope, StoreError, Tenant, Write, to_json};

crate::store::part! {
    /// The jobs: waiting, running, parked and done.
    jobs -> Jobs
}

impl Jobs<'_> {
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
                 attempts, max_attempts, created_at, lane) \
             VALUES ($1, $2, $3, $4, $5, 'waiting', $6, 0, $7, $8, $9) \
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
        .bind(job.lane(tenant).to_string())
        .execute(write.connection())
        .await?;
        write.tell(Signal::JobsWaiting);
        Ok(())
    }

    /// Notes in a job that is done in steps, in the caller's transaction, what it has to know
    /// when it is run again.
    pub(crate) async fn goes_on_from(
        write: &mut Write,
        tenant: &Tenant,
        id: &str,
        payload: &Value,
    ) -> Result<(), StoreError> {
        sqlx::query("UPDATE jobs SET payload = $3 WHERE tenant_id = $1 AND id = $2")
            .bind(tenant.id())
            .bind(id)
            .bind(to_json(payload))
            .execute(write.connection())
            .await?;
        Ok(())
    }

    /// [`Jobs::enqueue`] on its own, for a job that nothing in the database
    /// causes.
    pub async fn add(self, tenant: &Tenant, job: &NewJob, now: i64) -> Result<(), StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        Self::enqueue(&mut write, tenant, job, now).await?;
        write.commit().await
    }

    /// Parks every job of these kinds that is still to be done, for people to decide about
    /// each. Returns how many.
    pub(crate) async fn park(self, kinds: &[&str], why: &str) -> Result<u64, StoreError> {
        let mut write = self.0.write(Scope::Server).await?;
        let mut parked = 0;
        for kind in kinds {
            let done = sqlx::query(
                "UPDATE jobs SET state = 'parked', due_at = NULL, leased_by = NULL, \
                     last_error = $2 \
                 WHERE kind = $1 AND state IN ('waiting', 'running')",
            )
            .bind(*kind)
            .bind(why)
            .execute(write.connection())
            .await?;
            parked += done.rows_affected();
        }
        write.commit().await?;
        Ok(parked)
    }

    /// Forgets up to `limit` jobs that were done before then (Unix ms), and with them
    /// their keys. Parked ones stay until somebody decides. Returns how many.
    pub async fn forget_finished(self, before: i64, limit: u32) -> Result<u64, StoreError> {
        let mut write = self.0.write(Scope::Server).await?;
        let done = sqlx::query(
            "DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE finished_at < $1 \
                 ORDER BY finished_at LIMIT $2)",
        )
        .bind(before)
        .bind(i64::from(limit))
        .execute(write.connection())
        .await?;
        write.commit().await?;
        Ok(done.rows_affected())
    }
}
