//! Public keys: what a web page may start calls with.

use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Scope, Store, StoreError, Tenant, can_be_named, from_json, to_json};
use crate::bus::Signal;

/// A public key and what it allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    /// The key itself, `pk_…`.
    pub id: String,
    /// What the panel is titled.
    pub title: String,
    /// The agents it may call; the first is the default.
    pub agents: Vec<String>,
    /// The pages it works on, see [`crate::tenants::origins`].
    pub origins: Vec<String>,
    /// The dynamic variables a page may set.
    pub variables: Vec<String>,
    /// Calls a minute with this key.
    pub calls_per_minute: u32,
    /// Calls a minute with this key from one address.
    pub calls_per_ip_per_minute: u32,
    /// Whether it was switched off.
    pub disabled: bool,
}

impl PublicKey {
    fn from_row(row: &AnyRow) -> Result<Self, StoreError> {
        let id: String = row.try_get("id")?;
        let list = |column: &str| -> Result<Vec<String>, StoreError> {
            from_json(row.try_get::<&str, _>(column)?, "public_keys", &id)
        };
        let number = |column: &str| -> Result<u32, StoreError> {
            let number: i64 = row.try_get(column)?;
            Ok(u32::try_from(number).unwrap_or(0))
        };
        Ok(Self {
            title: row.try_get("title")?,
            agents: list("agents")?,
            origins: list("origins")?,
            variables: list("variables")?,
            calls_per_minute: number("calls_per_minute")?,
            calls_per_ip_per_minute: number("calls_per_ip_per_minute")?,
            disabled: row.try_get::<Option<i64>, _>("disabled_at")?.is_some(),
            id,
        })
    }
}

impl Store {
    /// Creates a public key of the tenant, or replaces what it allows. A key of
    /// another tenant is left untouched.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn upsert_public_key(
        &self,
        tenant: &Tenant,
        key: &PublicKey,
        now: i64,
    ) -> Result<(), StoreError> {
        let mut write = self.write(Scope::Of(tenant)).await?;
        sqlx::query(
            "INSERT INTO public_keys (id, tenant_id, title, agents, origins, variables, \
                 calls_per_minute, calls_per_ip_per_minute, created_at, disabled_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
             ON CONFLICT (id) DO UPDATE SET title = excluded.title, agents = excluded.agents, \
                 origins = excluded.origins, variables = excluded.variables, \
                 calls_per_minute = excluded.calls_per_minute, \
                 calls_per_ip_per_minute = excluded.calls_per_ip_per_minute, \
                 disabled_at = excluded.disabled_at \
             WHERE public_keys.tenant_id = excluded.tenant_id",
        )
        .bind(&key.id)
        .bind(tenant.id())
        .bind(&key.title)
        .bind(to_json(&key.agents))
        .bind(to_json(&key.origins))
        .bind(to_json(&key.variables))
        .bind(i64::from(key.calls_per_minute))
        .bind(i64::from(key.calls_per_ip_per_minute))
        .bind(now)
        .bind(key.disabled.then_some(now))
        .execute(write.connection())
        .await?;
        write.tell(Signal::KeysChanged);
        write.commit().await
    }

    /// The public key with this id, disabled or not, and whose it is.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn public_key(&self, id: &str) -> Result<Option<(Tenant, PublicKey)>, StoreError> {
        if !can_be_named(id) {
            return Ok(None);
        }
        let mut db = self.read(Scope::Server).await?;
        let row = sqlx::query(
            "SELECT k.id, k.title, k.agents, k.origins, k.variables, k.calls_per_minute, \
                 k.calls_per_ip_per_minute, k.disabled_at, t.id AS tenant_id, \
                 t.name AS tenant_name, t.timezone AS tenant_timezone \
             FROM public_keys k JOIN tenants t ON t.id = k.tenant_id WHERE k.id = $1",
        )
        .bind(id)
        .fetch_optional(db.connection())
        .await?;
        row.map(|row| Ok((Tenant::from_row(&row)?, PublicKey::from_row(&row)?)))
            .transpose()
    }

    /// Every origin some key that is switched on allows: what a CORS preflight
    /// is answered from, which does not say its key.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn allowed_origins(&self) -> Result<Vec<String>, StoreError> {
        let mut db = self.read(Scope::Server).await?;
        let rows =
            sqlx::query("SELECT DISTINCT origins FROM public_keys WHERE disabled_at IS NULL")
                .fetch_all(db.connection())
                .await?;
        let mut all = Vec::new();
        for row in rows {
            let origins: Vec<String> =
                from_json(row.try_get::<&str, _>("origins")?, "public_keys", "")?;
            all.extend(origins);
        }
        all.sort_unstable();
        all.dedup();
        Ok(all)
    }
}
