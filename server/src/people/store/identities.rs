//! The accounts at a provider of identities with which people sign in.

use serde_json::json;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::deeds::{Author, Deed, Deeds};
use crate::people::ProviderAccount;

use super::USER_COLUMNS;
use super::people::forget_links;
use crate::people::User;
use crate::store::{Scope, StoreError, Tenant, Write};

/// An account of a person at a provider.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// Names the link, not the account.
    pub id: String,
    /// The provider.
    pub issuer: String,
    /// The account's e-mail address when it was linked.
    pub email: Option<String>,
    /// When it was linked (Unix ms).
    pub linked_at: i64,
}

impl std::fmt::Debug for Identity {
    /// Leaves everything about the person out, so that it reaches no log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// What became of linking an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Linking {
    /// The person has the account now, or had it already.
    Done,
    /// Somebody else has the account, or the person another of this provider.
    Taken,
}

impl Identity {
    fn from_row(row: &AnyRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: row.try_get("id")?,
            issuer: row.try_get("issuer")?,
            email: row.try_get("email")?,
            linked_at: row.try_get("linked_at")?,
        })
    }
}

crate::store::part! {
    /// Who somebody is at an identity provider.
    identities -> Identities
}

impl Identities<'_> {
    /// The person with an account, unless switched off.
    pub async fn user_by_identity(
        self,
        account: &ProviderAccount,
    ) -> Result<Option<(Tenant, User)>, StoreError> {
        let mut db = self.0.read(Scope::Server).await?;
        let sql = format!(
            "SELECT {USER_COLUMNS} FROM identities i \
             JOIN users u ON u.id = i.user_id AND u.tenant_id = i.tenant_id \
             JOIN tenants t ON t.id = i.tenant_id \
             WHERE i.issuer = $1 AND i.subject = $2 AND u.disabled_at IS NULL \
                 AND t.disabled_at IS NULL"
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(&account.issuer)
            .bind(&account.subject)
            .fetch_optional(db.connection())
            .await?;
        row.map(|row| Ok((Tenant::from_row(&row)?, User::from_row(&row)?)))
            .transpose()
    }

    /// Links an account with a person of the tenant. Who was invited and never
    /// came has come with it: the links they were sent stop working.
    pub async fn link(
        self,
        tenant: &Tenant,
        user_id: &str,
        account: &ProviderAccount,
        author: &Author,
        now: i64,
    ) -> Result<Linking, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let linked = sqlx::query(
            "INSERT INTO identities (id, tenant_id, user_id, issuer, subject, email, linked_at) \
             SELECT $1, tenant_id, id, $4, $5, $6, $7 FROM users \
             WHERE id = $3 AND tenant_id = $2 AND disabled_at IS NULL \
             ON CONFLICT DO NOTHING",
        )
        .bind(format!("identity_{}", uuid::Uuid::now_v7().simple()))
        .bind(tenant.id())
        .bind(user_id)
        .bind(&account.issuer)
        .bind(&account.subject)
        .bind(account.email.as_deref())
        .bind(now)
        .execute(write.connection())
        .await?;
        if linked.rows_affected() == 0 {
            return linked_before(&mut write, tenant, user_id, account).await;
        }
        let row = sqlx::query(
            "SELECT CASE WHEN password_hash IS NULL AND last_sign_in_at IS NULL THEN 1 ELSE 0 END \
                 AS invited FROM users WHERE id = $1 AND tenant_id = $2",
        )
        .bind(user_id)
        .bind(tenant.id())
        .fetch_one(write.connection())
        .await?;
        let details = json!({"issuer": account.issuer, "email": account.email});
        let linked = Deed::on("user", user_id, "user.identity_linked").with(details);
        Deeds::record(&mut write, tenant, author, &linked, now).await?;
        if row.try_get::<i64, _>("invited")? != 0 {
            forget_links(&mut write, tenant, user_id).await?;
            let joined = Deed::on("user", user_id, "user.joined");
            Deeds::record(&mut write, tenant, author, &joined, now).await?;
        }
        write.commit().await?;
        Ok(Linking::Done)
    }

    /// The accounts of a person of the tenant.
    pub async fn list(self, tenant: &Tenant, user_id: &str) -> Result<Vec<Identity>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        // One for each provider the server ever had: a few.
        let rows = sqlx::query(
            "SELECT id, issuer, email, linked_at FROM identities \
             WHERE user_id = $1 AND tenant_id = $2 ORDER BY id",
        )
        .bind(user_id)
        .bind(tenant.id())
        .fetch_all(db.connection())
        .await?;
        let identities = rows.iter().map(Identity::from_row);
        Ok(identities.collect::<Result<_, _>>()?)
    }

    /// Takes an account away from a person of the tenant; `false` when they
    /// have none of this id.
    pub async fn unlink(
        self,
        tenant: &Tenant,
        user_id: &str,
        id: &str,
        author: &Author,
        now: i64,
    ) -> Result<bool, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let row = sqlx::query(
            "DELETE FROM identities WHERE id = $1 AND user_id = $2 AND tenant_id = $3 \
             RETURNING issuer, email",
        )
        .bind(id)
        .bind(user_id)
        .bind(tenant.id())
        .fetch_optional(write.connection())
        .await?;
        let Some(row) = row else { return Ok(false) };
        let issuer: String = row.try_get("issuer")?;
        let email: Option<String> = row.try_get("email")?;
        let details = json!({"issuer": issuer, "email": email});
        let unlinked = Deed::on("user", user_id, "user.identity_unlinked").with(details);
        Deeds::record(&mut write, tenant, author, &unlinked, now).await?;
        write.commit().await?;
        Ok(true)
    }
}

/// Nothing was linked: of two sign-ins at once the other did it, or it cannot be.
async fn linked_before(
    write: &mut Write,
    tenant: &Tenant,
    user_id: &str,
    account: &ProviderAccount,
) -> Result<Linking, StoreError> {
    let row = sqlx::query(
        "SELECT id FROM identities \
         WHERE issuer = $1 AND subject = $2 AND user_id = $3 AND tenant_id = $4",
    )
    .bind(&account.issuer)
    .bind(&account.subject)
    .bind(user_id)
    .bind(tenant.id())
    .fetch_optional(write.connection())
    .await?;
    Ok(row.map_or(Linking::Taken, |_| Linking::Done))
}
