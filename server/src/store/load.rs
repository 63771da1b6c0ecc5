//! How much there is to do.

use sqlx::Row;

use super::{Scope, Store, StoreError};

/// How much there is to do, over all tenants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    /// Calls that are registered or going on.
    pub live_calls: i64,
    /// Deliveries that wait to be worked off.
    pub due: i64,
    /// Since when the first of them is due (Unix ms).
    pub due_since: Option<i64>,
}

impl Store {
    /// Measures it, by indexes that hold nothing else.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn load(&self) -> Result<Load, StoreError> {
        let mut db = self.read(Scope::Server).await?;
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
}
