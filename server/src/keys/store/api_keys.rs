//! Secret API keys. Of the secret itself only a hash is here.

use api::keys::ApiScope;
use serde_json::json;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::deeds::{Author, Deed, Deeds};
use crate::store::{Scope, StoreError, Tenant, Write, from_json, to_json};

/// How many of a tenant's keys are listed.
const LISTED: i64 = 500;
/// A secret API key as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Which one; ids sort by time.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// The last four characters of the secret.
    pub hint: String,
    /// What it may do.
    pub scopes: Vec<ApiScope>,
    /// When it was made (Unix ms).
    pub created_at: i64,
    /// Who made it.
    pub created_by: Option<String>,
    /// When it stops working (Unix ms).
    pub expires_at: Option<i64>,
    /// When it was revoked (Unix ms).
    pub revoked_at: Option<i64>,
    /// The key that replaced it.
    pub replaced_by: Option<String>,
    /// When it was last used (Unix ms, to the minute).
    pub last_used_at: Option<i64>,
}

/// The columns [`ApiKey::from_row`] reads, of `api_keys k`.
macro_rules! api_key_columns {
    () => {
        "k.id, k.name, k.hint, k.scopes, k.created_at, k.created_by, k.expires_at, k.revoked_at, \
         k.replaced_by, k.last_used_at"
    };
}

impl ApiKey {
    /// Whether it works at a time (Unix ms).
    #[must_use]
    pub fn works(&self, now: i64) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|at| now < at)
    }

    fn from_row(row: &AnyRow) -> Result<Self, StoreError> {
        let id: String = row.try_get("id")?;
        Ok(Self {
            name: row.try_get("name")?,
            hint: row.try_get("hint")?,
            scopes: from_json(row.try_get("scopes")?, "api_keys", &id)?,
            created_at: row.try_get("created_at")?,
            created_by: row.try_get("created_by")?,
            expires_at: row.try_get("expires_at")?,
            revoked_at: row.try_get("revoked_at")?,
            replaced_by: row.try_get("replaced_by")?,
            last_used_at: row.try_get("last_used_at")?,
            id,
        })
    }
}

crate::store::part! {
    /// The secret API keys of each business.
    api_keys -> ApiKeys
}

impl ApiKeys<'_> {
    /// The API key whose secret has this hash, whether it works or not, and whose
    /// it is. None of a tenant that was switched off.
    pub async fn by_hash(self, secret_hash: &str) -> Result<Option<(Tenant, ApiKey)>, StoreError> {
        let mut db = self.0.read(Scope::Server).await?;
        let row = sqlx::query(concat!(
            "SELECT ",
            api_key_columns!(),
            ", t.id AS tenant_id, t.name AS tenant_name, t.timezone AS tenant_timezone \
             FROM api_keys k JOIN tenants t ON t.id = k.tenant_id \
             WHERE k.secret_hash = $1 AND t.disabled_at IS NULL"
        ))
        .bind(secret_hash)
        .fetch_optional(db.connection())
        .await?;
        row.map(|row| Ok((Tenant::from_row(&row)?, ApiKey::from_row(&row)?)))
            .transpose()
    }

    /// The tenant's API keys, the newest first.
    pub async fn list(self, tenant: &Tenant) -> Result<Vec<ApiKey>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let rows = sqlx::query(concat!(
            "SELECT ",
            api_key_columns!(),
            " FROM api_keys k WHERE k.tenant_id = $1 ORDER BY k.id DESC LIMIT $2"
        ))
        .bind(tenant.id())
        .bind(LISTED)
        .fetch_all(db.connection())
        .await?;
        rows.iter().map(ApiKey::from_row).collect()
    }

    /// One of the tenant's API keys.
    pub async fn find(self, tenant: &Tenant, id: &str) -> Result<Option<ApiKey>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let row = sqlx::query(concat!(
            "SELECT ",
            api_key_columns!(),
            " FROM api_keys k WHERE k.tenant_id = $1 AND k.id = $2"
        ))
        .bind(tenant.id())
        .bind(id)
        .fetch_optional(db.connection())
        .await?;
        row.as_ref().map(ApiKey::from_row).transpose()
    }

    /// Keeps a new API key.
    pub async fn create(
        self,
        tenant: &Tenant,
        key: &ApiKey,
        secret_hash: &str,
        author: &Author,
        now: i64,
    ) -> Result<(), StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        insert(&mut write, tenant, key, secret_hash).await?;
        let details = json!({ "name": key.name, "scopes": key.scopes });
        let deed = Deed::on("api_key", &key.id, "api_key.created").with(details);
        Deeds::record(&mut write, tenant, author, &deed, now).await?;
        write.commit().await
    }

    /// Replaces one of the tenant's API keys by `new`. The old one works until
    /// `old_ends_at`, or until it would have expired anyway. False when there is
    /// no such key, it was revoked, or it was replaced already.
    #[expect(clippy::too_many_arguments, reason = "two keys, and who and when")]
    pub async fn rotate(
        self,
        tenant: &Tenant,
        old_id: &str,
        new: &ApiKey,
        secret_hash: &str,
        old_ends_at: i64,
        author: &Author,
        now: i64,
    ) -> Result<bool, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let replaced = sqlx::query(
            "UPDATE api_keys SET replaced_by = $3, expires_at = CASE \
                 WHEN expires_at IS NULL OR expires_at > $4 THEN $4 ELSE expires_at END \
             WHERE tenant_id = $1 AND id = $2 AND replaced_by IS NULL AND revoked_at IS NULL",
        )
        .bind(tenant.id())
        .bind(old_id)
        .bind(&new.id)
        .bind(old_ends_at)
        .execute(write.connection())
        .await?;
        if replaced.rows_affected() == 0 {
            return Ok(false);
        }
        insert(&mut write, tenant, new, secret_hash).await?;
        let details = json!({ "name": new.name, "new": new.id, "old_ends_at": old_ends_at });
        let deed = Deed::on("api_key", old_id, "api_key.rotated").with(details);
        Deeds::record(&mut write, tenant, author, &deed, now).await?;
        write.commit().await?;
        Ok(true)
    }

    /// Takes an API key back. False when there is no such key, or it was revoked
    /// already.
    pub async fn revoke(
        self,
        tenant: &Tenant,
        id: &str,
        author: &Author,
        now: i64,
    ) -> Result<bool, StoreError> {
        let revoke = sqlx::query(
            "UPDATE api_keys SET revoked_at = $3 \
             WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL",
        )
        .bind(tenant.id())
        .bind(id)
        .bind(now);
        let deed = Deed::on("api_key", id, "api_key.revoked");
        self.0
            .deeds()
            .done_to_one(tenant, revoke, author, &deed, now)
            .await
    }

    /// Writes down that an API key was used.
    pub async fn touch(self, tenant: &Tenant, id: &str, now: i64) -> Result<(), StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        sqlx::query("UPDATE api_keys SET last_used_at = $3 WHERE tenant_id = $1 AND id = $2")
            .bind(tenant.id())
            .bind(id)
            .bind(now)
            .execute(write.connection())
            .await?;
        write.commit().await
    }
}

async fn insert(
    write: &mut Write,
    tenant: &Tenant,
    key: &ApiKey,
    secret_hash: &str,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO api_keys (id, tenant_id, name, secret_hash, hint, scopes, created_at, \
             created_by, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(&key.id)
    .bind(tenant.id())
    .bind(&key.name)
    .bind(secret_hash)
    .bind(&key.hint)
    .bind(to_json(&key.scopes))
    .bind(key.created_at)
    .bind(&key.created_by)
    .bind(key.expires_at)
    .execute(write.connection())
    .await?;
    Ok(())
}
