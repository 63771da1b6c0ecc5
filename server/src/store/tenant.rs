//! The rows of the tenants, by which everything is scoped.

use super::{Scope, Store, StoreError, Tenant, Write};

impl Store {
    /// The tenant with this id.
    pub async fn tenant(&self, id: &str) -> Result<Option<Tenant>, StoreError> {
        let mut db = self.read(Scope::Server).await?;
        let row = sqlx::query(
            "SELECT id AS tenant_id, name AS tenant_name, timezone AS tenant_timezone \
             FROM tenants WHERE id = $1",
        )
        .bind(id)
        .fetch_optional(db.connection())
        .await?;
        Ok(row.as_ref().map(Tenant::from_row).transpose()?)
    }

    /// Whether a business is switched on. Everything that acts for one with
    /// nobody's request behind it asks this, or says why it need not.
    pub async fn is_switched_on(&self, tenant: &Tenant) -> Result<bool, StoreError> {
        let mut db = self.read(Scope::Of(tenant)).await?;
        let row = sqlx::query("SELECT id FROM tenants WHERE id = $1 AND disabled_at IS NULL")
            .bind(tenant.id())
            .fetch_optional(db.connection())
            .await?;
        Ok(row.is_some())
    }

    /// Waits for others who do this for the tenant, and has those after wait until the
    /// commit: for what first looks whether there is room, and then takes it.
    pub(crate) async fn one_at_a_time(
        &self,
        write: &mut Write,
        tenant: &Tenant,
    ) -> Result<(), StoreError> {
        let sql = format!(
            "SELECT id FROM tenants WHERE id = $1{}",
            self.for_no_key_update()
        );
        sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(tenant.id())
            .fetch_optional(write.connection())
            .await?;
        Ok(())
    }

    /// The tenant, where there is exactly one.
    pub async fn only_tenant(&self) -> Result<Option<Tenant>, StoreError> {
        let mut db = self.read(Scope::Server).await?;
        let rows = sqlx::query(
            "SELECT id AS tenant_id, name AS tenant_name, timezone AS tenant_timezone \
             FROM tenants LIMIT 2",
        )
        .fetch_all(db.connection())
        .await?;
        match rows.as_slice() {
            [row] => Ok(Some(Tenant::from_row(row)?)),
            _ => Ok(None),
        }
    }

    /// Every tenant of the server.
    pub async fn every_tenant(&self) -> Result<Vec<Tenant>, StoreError> {
        let mut db = self.read(Scope::Server).await?;
        let rows = sqlx::query(
            "SELECT id AS tenant_id, name AS tenant_name, timezone AS tenant_timezone \
             FROM tenants ORDER BY id",
        )
        .fetch_all(db.connection())
        .await?;
        Ok(rows
            .iter()
            .map(Tenant::from_row)
            .collect::<Result<_, _>>()?)
    }
}
