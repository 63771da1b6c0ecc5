//! The keys of Retell accounts, as they are kept.

mod owners;

pub(crate) use owners::{Asked, Owner, only_of, owner_of, owners, select_owners};

use serde_json::json;
use sqlx::Row;

use super::{SealedKeys, mirror_anew};
use crate::deeds::{Author, Deed, Deeds};
use crate::jobs::Jobs;
use crate::keeps::{Keepers, Keeps};
use crate::store::{Scope, SealedColumn, StoreError, Tenant};

pub(crate) const KEEPS: Keeps = Keeps {
    sealed: &[
        SealedColumn::new("tenants", "id", "retell_key"),
        SealedColumn::new("tenants", "id", "webhook_key"),
    ],
    ..Keeps::NOTHING
};

/// The keys of a tenant with a Retell account of its own, sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnKeys {
    /// Whose they are.
    pub tenant_id: String,
    /// Its API key.
    pub retell_key: String,
    /// The key that signs its webhooks, where it is another.
    pub webhook_key: Option<String>,
    /// Counts the changes of the two.
    pub version: i64,
}

crate::store::part! {
    /// What each business keeps of its own account at Retell: its keys, sealed.
    account_keys -> AccountKeys
}

impl AccountKeys<'_> {
    /// The tenant's Retell keys as they are kept.
    pub async fn sealed(self, tenant: &Tenant) -> Result<SealedKeys, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
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

    /// Replaces the tenant's Retell keys, of the version that these name. Without an API key the
    /// server's account is used. Returns the version they have now.
    ///
    /// # Errors
    /// [`StoreError::Overtaken`] when they have another version by now.
    pub async fn set(
        self,
        tenant: &Tenant,
        keepers: &Keepers,
        keys: &SealedKeys,
        author: &Author,
        now: i64,
    ) -> Result<i64, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let sql = format!(
            "SELECT CAST(CASE WHEN retell_key IS NULL THEN 0 ELSE 1 END AS BIGINT) AS own, \
                 account_version FROM tenants WHERE id = $1{}",
            self.0.for_update()
        );
        let before = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(tenant.id())
            .fetch_one(write.connection())
            .await?;
        let version: i64 = before.try_get("account_version")?;
        if keys.version != version {
            return Err(StoreError::Overtaken);
        }
        if before.try_get::<i64, _>("own")? == i64::from(keys.retell_key.is_none()) {
            keepers.leave_account(&mut write, tenant).await?;
        }
        sqlx::query(
            "UPDATE tenants SET retell_key = $2, webhook_key = $3, \
                 account_version = account_version + 1 WHERE id = $1",
        )
        .bind(tenant.id())
        .bind(&keys.retell_key)
        .bind(&keys.webhook_key)
        .execute(write.connection())
        .await?;
        let deed = Deed::of_business(
            "tenant.account_changed",
            json!({
                "own_account": keys.retell_key.is_some(),
                "own_webhook_key": keys.webhook_key.is_some(),
            }),
        );
        Deeds::record(&mut write, tenant, author, &deed, now).await?;
        Jobs::enqueue(&mut write, tenant, &mirror_anew(now), now).await?;
        write.commit().await?;
        Ok(version + 1)
    }

    /// The keys of every tenant with a Retell account of its own, sealed.
    pub async fn own_keys(self) -> Result<Vec<OwnKeys>, StoreError> {
        let mut db = self.0.read(Scope::Server).await?;
        let rows = sqlx::query(
            "SELECT id, retell_key, webhook_key, account_version FROM tenants \
             WHERE retell_key IS NOT NULL ORDER BY id",
        )
        .fetch_all(db.connection())
        .await?;
        rows.iter()
            .map(|row| {
                Ok(OwnKeys {
                    tenant_id: row.try_get("id")?,
                    retell_key: row.try_get("retell_key")?,
                    webhook_key: row.try_get("webhook_key")?,
                    version: row.try_get("account_version")?,
                })
            })
            .collect()
    }

    /// Whether there is no other tenant on this server.
    pub async fn is_only_tenant(self, tenant: &Tenant) -> Result<bool, StoreError> {
        let mut db = self.0.read(Scope::Server).await?;
        let other = sqlx::query("SELECT id FROM tenants WHERE id <> $1 LIMIT 1")
            .bind(tenant.id())
            .fetch_optional(db.connection())
            .await?;
        Ok(other.is_none())
    }
}
