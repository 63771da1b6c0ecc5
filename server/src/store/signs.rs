//! Signs of life: what a tenant's integrations look at.

use sqlx::Row;

use super::{Scope, Store, StoreError, Tenant};

impl Store {
    /// When Retell last told of one of the tenant's calls (Unix ms).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn last_webhook_at(&self, tenant: &Tenant) -> Result<Option<i64>, StoreError> {
        let mut db = self.read(Scope::Of(tenant)).await?;
        // Ids sort by time.
        let row = sqlx::query(
            "SELECT received_at FROM webhook_deliveries \
             WHERE tenant_id = $1 ORDER BY id DESC LIMIT 1",
        )
        .bind(tenant.id())
        .fetch_optional(db.connection())
        .await?;
        Ok(row.map(|row| row.try_get("received_at")).transpose()?)
    }

    /// How many of the tenant's calls go on.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_live_calls(&self, tenant: &Tenant) -> Result<i64, StoreError> {
        let mut db = self.read(Scope::Of(tenant)).await?;
        let row = sqlx::query("SELECT COUNT(*) AS n FROM calls WHERE tenant_id = $1 AND live = 1")
            .bind(tenant.id())
            .fetch_one(db.connection())
            .await?;
        Ok(row.try_get("n")?)
    }
}
