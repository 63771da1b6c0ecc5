//! Which agents are a tenant's own.

use sqlx::Row;

use super::{Scope, Store, StoreError, Tenant, can_be_named};

impl Store {
    /// The agent a tenant's calls go to when nothing else says.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn default_agent(&self, tenant: &Tenant) -> Result<Option<String>, StoreError> {
        let mut db = self.read(Scope::Of(tenant)).await?;
        let row = sqlx::query("SELECT default_agent_id FROM tenants WHERE id = $1")
            .bind(tenant.id())
            .fetch_optional(db.connection())
            .await?;
        let agent = row.map(|row| row.try_get("default_agent_id")).transpose()?;
        Ok(agent.flatten())
    }

    /// Whether an agent is known to be the tenant's: it held its calls, or is its
    /// default one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_agent(&self, tenant: &Tenant, id: &str) -> Result<bool, StoreError> {
        if !can_be_named(id) {
            return Ok(false);
        }
        let mut db = self.read(Scope::Of(tenant)).await?;
        let row = sqlx::query(
            "SELECT 1 AS yes FROM agents WHERE tenant_id = $1 AND id = $2 \
             UNION ALL SELECT 1 FROM tenants WHERE id = $1 AND default_agent_id = $2 LIMIT 1",
        )
        .bind(tenant.id())
        .bind(id)
        .fetch_optional(db.connection())
        .await?;
        Ok(row.is_some())
    }

    /// Whether there is no other tenant on this server.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_only_tenant(&self, tenant: &Tenant) -> Result<bool, StoreError> {
        let mut db = self.read(Scope::Server).await?;
        let other = sqlx::query("SELECT id FROM tenants WHERE id <> $1 LIMIT 1")
            .bind(tenant.id())
            .fetch_optional(db.connection())
            .await?;
        Ok(other.is_none())
    }
}
