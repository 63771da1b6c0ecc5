//! Which agents are a tenant's own.

mod numbers;

use api::routing::AgentName;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::store::{Connection, Scope, Store, StoreError, Tenant, can_be_named};

/// How many of its agents a business is shown.
const AGENTS_LISTED: i64 = 500;

/// An agent as the business calls it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    /// Its id at Retell.
    pub id: String,
    /// What it is called.
    pub name: String,
}

impl Store {
    /// Whether an agent is known to be the tenant's: it held its calls, or is its
    /// default one.
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

    /// Says what an agent of the tenant is called.
    pub async fn upsert_agent(
        &self,
        tenant: &Tenant,
        id: &str,
        name: &str,
        language: Option<&str>,
        now: i64,
    ) -> Result<(), StoreError> {
        let mut write = self.write(Scope::Of(tenant)).await?;
        sqlx::query(
            "INSERT INTO agents (tenant_id, id, name, language, updated_at) \
             VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (tenant_id, id) DO UPDATE \
             SET name = excluded.name, language = excluded.language, \
                 updated_at = excluded.updated_at",
        )
        .bind(tenant.id())
        .bind(id)
        .bind(name)
        .bind(language)
        .bind(now)
        .execute(write.connection())
        .await?;
        write.commit().await
    }

    /// The agents of a tenant, by name.
    pub async fn agents(&self, tenant: &Tenant) -> Result<Vec<Agent>, StoreError> {
        let mut db = self.read(Scope::Of(tenant)).await?;
        let rows = sqlx::query(
            "SELECT id, name FROM agents WHERE tenant_id = $1 ORDER BY name, id LIMIT $2",
        )
        .bind(tenant.id())
        .bind(AGENTS_LISTED)
        .fetch_all(db.connection())
        .await?;
        let agent = |row: &AnyRow| {
            Ok(Agent {
                id: row.try_get("id")?,
                name: row.try_get("name")?,
            })
        };
        rows.iter().map(agent).collect()
    }

    /// The tenant's agents, by name.
    pub async fn agent_names(&self, tenant: &Tenant) -> Result<Vec<AgentName>, StoreError> {
        let mut db = self.read(Scope::Of(tenant)).await?;
        names(db.connection(), tenant).await
    }
}

/// The tenant's agents, by name.
pub(crate) async fn names(
    connection: &mut Connection,
    tenant: &Tenant,
) -> Result<Vec<AgentName>, StoreError> {
    let rows = sqlx::query("SELECT id, name FROM agents WHERE tenant_id = $1 ORDER BY name, id")
        .bind(tenant.id())
        .fetch_all(connection)
        .await?;
    rows.iter()
        .map(|row| {
            Ok(AgentName {
                id: row.try_get("id")?,
                name: row.try_get("name")?,
            })
        })
        .collect()
}
