//! How much there is to do.

use sqlx::Row;

use crate::store::{Scope, StoreError};

/// How much there is to do, over all tenants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    /// Calls that are registered or going on.
    pub live_calls: i64,
    /// Webhooks that wait to be worked off.
    pub due: i64,
    /// Since when the first of them is due (Unix ms).
    pub due_since: Option<i64>,
}

/// The jobs of one kind in one state, over all tenants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobLoad {
    /// Which handler runs them.
    pub kind: String,
    /// `waiting`, `running` or `parked`.
    pub state: String,
    /// How many.
    pub count: i64,
}

crate::store::part! {
    /// How much waits and goes on at this server.
    loads -> Loads
}

impl Loads<'_> {
    /// Measures it, by indexes that hold nothing else.
    pub async fn load(self) -> Result<Load, StoreError> {
        let mut db = self.0.read(Scope::Server).await?;
        let calls = sqlx::query("SELECT COUNT(*) AS n FROM calls WHERE live = 1")
            .fetch_one(db.connection())
            .await?;
        let due = sqlx::query(
            "SELECT COUNT(*) AS n, MIN(due_at) AS since FROM webhook_deliveries \
             WHERE due_at IS NOT NULL",
        )
        .fetch_one(db.connection())
        .await?;
        Ok(Load {
            live_calls: calls.try_get("n")?,
            due: due.try_get("n")?,
            due_since: due.try_get("since")?,
        })
    }

    /// Measures the jobs that are not done, by an index that holds nothing else.
    pub async fn job_load(self) -> Result<Vec<JobLoad>, StoreError> {
        let mut db = self.0.read(Scope::Server).await?;
        let rows = sqlx::query(
            "SELECT kind, state, COUNT(*) AS jobs FROM jobs \
             WHERE finished_at IS NULL GROUP BY kind, state",
        )
        .fetch_all(db.connection())
        .await?;
        rows.iter()
            .map(|row| {
                Ok(JobLoad {
                    kind: row.try_get("kind")?,
                    state: row.try_get("state")?,
                    count: row.try_get("jobs")?,
                })
            })
            .collect()
    }
}
