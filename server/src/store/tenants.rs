//! Tenants, and how a call finds its own.

use serde_json::json;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use crate::audit::{Author, Deed};
use crate::tenants::SealedKeys;
use crate::webhooks::Signers;

use super::{Scope, Store, StoreError, can_be_named};

/// A tenant `t`, and whether it has a Retell account of its own.
macro_rules! tenant_columns {
    () => {
        "t.id AS tenant_id, t.name AS tenant_name, t.timezone AS tenant_timezone, \
         CAST(CASE WHEN t.retell_key IS NULL THEN 0 ELSE 1 END AS BIGINT) AS own_account"
    };
}

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

/// What tells whose call it is, the surest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Clues {
    /// Retell's call id.
    pub(crate) call_id: Option<String>,
    /// The numbers on the business's side (E.164).
    pub(crate) numbers: Vec<String>,
    /// The public key it was minted with.
    pub(crate) public_key: Option<String>,
    /// Its agent.
    pub(crate) agent_id: Option<String>,
}

/// Whose call it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    /// This tenant's.
    Tenant(Tenant),
    /// That of a tenant whose key did not sign the news.
    OfOthers,
    /// Nobody is known.
    Nobody,
}

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

impl Found {
    /// The tenant, if one was found.
    pub(crate) fn known(&self) -> Option<&Tenant> {
        match self {
            Self::Tenant(tenant) => Some(tenant),
            Self::OfOthers | Self::Nobody => None,
        }
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
        if !can_be_named(id) {
            return Ok(None);
        }
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

    /// The keys of every tenant with a Retell account of its own, sealed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn own_keys(&self) -> Result<Vec<OwnKeys>, StoreError> {
        let mut db = self.read(Scope::Server).await?;
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

    /// Every tenant of the server.
    ///
    /// # Errors
    /// When the database fails.
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

    /// Finds the tenant of a call that was heard of, among those whose key
    /// signed the news: by the call itself, else by one of its numbers, else by
    /// the public key it was minted with, else by its agent, else there is only
    /// one.
    pub(crate) async fn find_tenant(
        &self,
        connection: &mut AnyConnection,
        clues: &Clues,
        signers: &Signers,
    ) -> Result<Found, StoreError> {
        const BY_CALL: &str = concat!(
            "SELECT ",
            tenant_columns!(),
            " FROM calls c JOIN tenants t ON t.id = c.tenant_id WHERE c.id = $1"
        );
        const BY_NUMBER: &str = concat!(
            "SELECT ",
            tenant_columns!(),
            " FROM numbers n JOIN tenants t ON t.id = n.tenant_id WHERE n.number = $1"
        );
        const BY_KEY: &str = concat!(
            "SELECT ",
            tenant_columns!(),
            " FROM public_keys k JOIN tenants t ON t.id = k.tenant_id WHERE k.id = $1"
        );
        // Two tenants may share a number or an agent; then it tells nothing.
        const BY_AGENT: &str = concat!(
            "SELECT ",
            tenant_columns!(),
            " FROM agents a JOIN tenants t ON t.id = a.tenant_id WHERE a.id = $1"
        );
        let call = clues.call_id.iter().map(|id| (BY_CALL, id));
        let numbers = clues.numbers.iter().map(|number| (BY_NUMBER, number));
        let key = clues.public_key.iter().map(|key| (BY_KEY, key));
        let agent = clues.agent_id.iter().map(|id| (BY_AGENT, id));
        for (sql, value) in call.chain(numbers).chain(key).chain(agent) {
            if !can_be_named(value) {
                continue;
            }
            let rows = sqlx::query(sql)
                .bind(value)
                .fetch_all(&mut *connection)
                .await?;
            let of_signers = included(&rows, signers)?;
            if let [tenant] = of_signers.as_slice() {
                return Ok(Found::Tenant(tenant.clone()));
            }
            // A call and a public key belong to one tenant, whoever says what.
            let is_certain = sql == BY_CALL || sql == BY_KEY;
            if is_certain && !rows.is_empty() {
                return Ok(Found::OfOthers);
            }
        }
        Ok(match self.only_of(connection, signers).await? {
            Some(tenant) => Found::Tenant(tenant),
            None => Found::Nobody,
        })
    }

    /// The tenant of these signers, if there is only one.
    async fn only_of(
        &self,
        connection: &mut AnyConnection,
        signers: &Signers,
    ) -> Result<Option<Tenant>, StoreError> {
        const OF_SERVER: &str = concat!(
            "SELECT ",
            tenant_columns!(),
            " FROM tenants t WHERE t.retell_key IS NULL LIMIT 2"
        );
        const BY_ID: &str = concat!(
            "SELECT ",
            tenant_columns!(),
            " FROM tenants t WHERE t.id = $1"
        );
        if signers.tenants.len() > 1 {
            return Ok(None);
        }
        let mut all = Vec::new();
        if signers.server {
            all.extend(sqlx::query(OF_SERVER).fetch_all(&mut *connection).await?);
        }
        for id in &signers.tenants {
            let rows = sqlx::query(BY_ID).bind(id).fetch_all(&mut *connection);
            all.extend(rows.await?);
        }
        match all.as_slice() {
            [row] => Ok(Some(Tenant::from_row(row)?)),
            _ => Ok(None),
        }
    }
}

/// Those of the rows' tenants whose key signed.
fn included(rows: &[AnyRow], signers: &Signers) -> Result<Vec<Tenant>, StoreError> {
    let mut tenants = Vec::new();
    for row in rows {
        let own_account = row.try_get::<i64, _>("own_account")? != 0;
        let tenant = Tenant::from_row(row)?;
        if signers.include(tenant.id(), own_account) {
            tenants.push(tenant);
        }
    }
    Ok(tenants)
}
