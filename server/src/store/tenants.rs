//! Tenants, and how a call finds its own.

use serde_json::json;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::audit::{Author, Deed};
use crate::tenants::SealedKeys;

use super::{Scope, Store, StoreError, Write, can_be_named};

/// A business on this server, as its row says. Queries that belong to a tenant
/// take one of these; none can be made without a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    id: String,
    name: String,
    timezone: String,
}

impl Tenant {
    /// The tenant's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The business's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The business's IANA time zone.
    #[must_use]
    pub fn timezone(&self) -> &str {
        &self.timezone
    }

    /// From the columns `tenant_id`, `tenant_name` and `tenant_timezone`.
    pub(super) fn from_row(row: &AnyRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: row.try_get("tenant_id")?,
            name: row.try_get("tenant_name")?,
            timezone: row.try_get("tenant_timezone")?,
        })
    }
}

impl Store {
    /// Creates a tenant, or renames the one with this id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn upsert_tenant(
        &self,
        id: &str,
        name: &str,
        timezone: &str,
        now: i64,
    ) -> Result<Tenant, StoreError> {
        let mut write = self.write(Scope::Server).await?;
        sqlx::query(
            "INSERT INTO tenants (id, name, timezone, created_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (id) DO UPDATE SET name = excluded.name, timezone = excluded.timezone",
        )
        .bind(id)
        .bind(name)
        .bind(timezone)
        .bind(now)
        .execute(write.connection())
        .await?;
        write.commit().await?;
        Ok(Tenant {
            id: id.to_owned(),
            name: name.to_owned(),
            timezone: timezone.to_owned(),
        })
    }

    /// The tenant with this id.
    ///
    /// # Errors
    /// When the database fails.
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

    /// The tenant, where there is exactly one.
    ///
    /// # Errors
    /// When the database fails.
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

    /// The tenant's Retell keys as they are kept.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sealed_keys(&self, tenant: &Tenant) -> Result<SealedKeys, StoreError> {
        let mut db = self.read(Scope::Of(tenant)).await?;
        let row = sqlx::query(
            "SELECT retell_key, webhook_key, account_version FROM tenants WHERE id = $1",
        )
        .bind(tenant.id())
        .fetch_optional(db.connection())
        .await?;
        // A tenant that was deleted meanwhile has none.
        let Some(row) = row else {
            return Ok(SealedKeys::default());
        };
        Ok(SealedKeys {
            retell_key: row.try_get("retell_key")?,
            webhook_key: row.try_get("webhook_key")?,
            version: row.try_get("account_version")?,
        })
    }

    /// Replaces the tenant's Retell keys, both sealed. Without an API key the
    /// server's account is used.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_sealed_keys(
        &self,
        tenant: &Tenant,
        retell_key: Option<&str>,
        webhook_key: Option<&str>,
        author: &Author,
        now: i64,
    ) -> Result<(), StoreError> {
        let mut write = self.write(Scope::Of(tenant)).await?;
        sqlx::query(
            "UPDATE tenants SET retell_key = $2, webhook_key = $3, \
                 account_version = account_version + 1 WHERE id = $1",
        )
        .bind(tenant.id())
        .bind(retell_key)
        .bind(webhook_key)
        .execute(write.connection())
        .await?;
        let deed = Deed {
            action: "tenant.account_changed",
            subject_kind: "",
            subject_id: "",
            details: json!({
                "own_account": retell_key.is_some(),
                "own_webhook_key": webhook_key.is_some(),
            }),
        };
        Self::record(&mut write, tenant, author, &deed, now).await?;
        write.commit().await
    }

    /// The tenant a stored call belongs to.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tenant_of_call(&self, call_id: &str) -> Result<Option<Tenant>, StoreError> {
        if !can_be_named(call_id) {
            return Ok(None);
        }
        let mut db = self.read(Scope::Server).await?;
        let row = sqlx::query(
            "SELECT t.id AS tenant_id, t.name AS tenant_name, t.timezone AS tenant_timezone \
             FROM calls c JOIN tenants t ON t.id = c.tenant_id WHERE c.id = $1",
        )
        .bind(call_id)
        .fetch_optional(db.connection())
        .await?;
        Ok(row.as_ref().map(Tenant::from_row).transpose()?)
    }

    /// Says what an agent of the tenant is called.
    ///
    /// # Errors
    /// When the database fails.
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

    /// Finds the tenant of a call that was heard of: by the call itself, else
    /// by the public key it was minted with, else by its agent, else there is
    /// only one tenant. `None` when that leaves none, or more than one.
    pub(crate) async fn find_tenant(
        &self,
        write: &mut Write,
        call_id: &str,
        public_key: Option<&str>,
        agent_id: Option<&str>,
    ) -> Result<Option<Tenant>, StoreError> {
        const BY_CALL: &str = "SELECT t.id AS tenant_id, t.name AS tenant_name, \
            t.timezone AS tenant_timezone \
            FROM calls c JOIN tenants t ON t.id = c.tenant_id WHERE c.id = $1";
        const BY_KEY: &str = "SELECT t.id AS tenant_id, t.name AS tenant_name, \
            t.timezone AS tenant_timezone \
            FROM public_keys k JOIN tenants t ON t.id = k.tenant_id WHERE k.id = $1";
        // Two tenants may share an agent; then it tells nothing.
        const BY_AGENT: &str = "SELECT t.id AS tenant_id, t.name AS tenant_name, \
            t.timezone AS tenant_timezone \
            FROM agents a JOIN tenants t ON t.id = a.tenant_id WHERE a.id = $1 LIMIT 2";
        const ONLY: &str = "SELECT id AS tenant_id, name AS tenant_name, \
            timezone AS tenant_timezone FROM tenants LIMIT 2";
        let ways = [
            (BY_CALL, Some(call_id)),
            (BY_KEY, public_key),
            (BY_AGENT, agent_id),
        ];
        for (sql, value) in ways {
            let Some(value) = value.filter(|value| can_be_named(value)) else {
                continue;
            };
            let rows = sqlx::query(sql)
                .bind(value)
                .fetch_all(write.connection())
                .await?;
            if let [row] = rows.as_slice() {
                return Ok(Some(Tenant::from_row(row)?));
            }
        }
        let rows = sqlx::query(ONLY).fetch_all(write.connection()).await?;
        match rows.as_slice() {
            [row] => Ok(Some(Tenant::from_row(row)?)),
            _ => Ok(None),
        }
    }
}
