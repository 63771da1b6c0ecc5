//! How CRMs are reached, whose record is which, and what is written.

mod grants;
mod kept;
mod records;
mod writes;

pub use grants::CrmGrants;
pub(super) use grants::KeptGrant;
pub(super) use kept::KEEPS;
pub use writes::CrmWrites;
pub(crate) use writes::{CallNews, CallsToWrite};
pub(super) use writes::{Kept, Outcome};

use api::crm::CrmProvider;
use serde_json::json;
use sqlx::Row;

use super::provider::{Account, name};
use crate::deeds::{Author, Deed, Deeds};
use crate::revisions::KeptRevisions;
use crate::store::{Scope, StoreError, Tenant, from_json, to_json};
pub use records::CrmRecords;

/// How a CRM is reached, as it is kept.
pub(super) struct KeptConnection {
    pub(super) provider: CrmProvider,
    /// The secrets, sealed.
    pub(super) sealed: String,
    pub(super) account: Account,
}

crate::store::part! {
    /// The CRM of each business, and how it is reached.
    crm_connections -> CrmConnections
}

/// What the revisions of how a CRM is reached are kept as.
pub(super) const REVISED: &str = "crm";

impl CrmConnections<'_> {
    /// How the tenant's CRM is reached.
    pub(super) async fn of(self, tenant: &Tenant) -> Result<Option<KeptConnection>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let row = sqlx::query(
            "SELECT provider, secrets, account FROM crm_connections WHERE tenant_id = $1",
        )
        .bind(tenant.id())
        .fetch_optional(db.connection())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let (table, id) = ("crm_connections", tenant.id());
        Ok(Some(KeptConnection {
            provider: from_json(row.try_get("provider")?, table, id)?,
            sealed: row.try_get("secrets")?,
            account: from_json(row.try_get("account")?, table, id)?,
        }))
    }

    /// Says how the tenant's CRM is reached; it is checked already. Unless it is the `same` as
    /// before, whose record is which is forgotten, and what is known of the account. It is a
    /// change of the revision `read`.
    pub(super) async fn set(
        self,
        tenant: &Tenant,
        (provider, sealed): (&CrmProvider, &str),
        same: bool,
        read: Option<i64>,
        author: &Author,
        now: i64,
    ) -> Result<(), StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        KeptRevisions::revise(&mut write, tenant, (REVISED, ""), read).await?;
        sqlx::query(
            "INSERT INTO crm_connections (tenant_id, provider, secrets, account, updated_at) \
             VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (tenant_id) DO UPDATE \
                 SET provider = $2, secrets = $3, updated_at = $5, account = CASE WHEN $6 = 1 \
                     THEN crm_connections.account ELSE $4 END",
        )
        .bind(tenant.id())
        .bind(to_json(provider))
        .bind(sealed)
        .bind(to_json(&Account::default()))
        .bind(now)
        .bind(i64::from(same))
        .execute(write.connection())
        .await?;
        if !same {
            CrmGrants::forget(&mut write, tenant).await?;
            CrmRecords::forget(&mut write, tenant).await?;
            CrmWrites::forget_activities(&mut write, tenant).await?;
        }
        let details = json!({"provider": name(provider)});
        let deed = Deed::of_business("crm.changed", details);
        Deeds::record(&mut write, tenant, author, &deed, now).await?;
        write.commit().await
    }

    /// Notes what the CRM says of the account.
    pub(super) async fn set_account(
        self,
        tenant: &Tenant,
        account: &Account,
    ) -> Result<(), StoreError> {
        let mut db = self.0.single(Scope::Of(tenant)).await?;
        sqlx::query("UPDATE crm_connections SET account = $2 WHERE tenant_id = $1")
            .bind(tenant.id())
            .bind(to_json(account))
            .execute(db.connection())
            .await?;
        Ok(())
    }

    /// Takes the tenant's CRM away; `false` when it has none.
    pub(super) async fn remove(
        self,
        tenant: &Tenant,
        author: &Author,
        now: i64,
    ) -> Result<bool, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        KeptRevisions::revise(&mut write, tenant, (REVISED, ""), None).await?;
        let done = sqlx::query("DELETE FROM crm_connections WHERE tenant_id = $1")
            .bind(tenant.id())
            .execute(write.connection())
            .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        CrmGrants::forget(&mut write, tenant).await?;
        CrmRecords::forget(&mut write, tenant).await?;
        CrmWrites::forget_activities(&mut write, tenant).await?;
        let deed = Deed::of_business("crm.removed", json!({}));
        Deeds::record(&mut write, tenant, author, &deed, now).await?;
        write.commit().await?;
        Ok(true)
    }
}
