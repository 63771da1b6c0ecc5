//! What apps of businesses were granted in their CRMs.

use serde_json::json;
use sqlx::Row;

use crate::deeds::{Author, Deed, Deeds};
use crate::store::{Scope, StoreError, Tenant, Write};

/// What is kept of a grant.
pub(in crate::crm) struct KeptGrant {
    /// The tokens, sealed.
    pub(in crate::crm) sealed: String,
    /// When they are over (Unix ms), where that is known.
    pub(in crate::crm) over_at: Option<i64>,
    /// Why there are no further ones: somebody has to grant it anew.
    pub(in crate::crm) refused: Option<String>,
}

crate::store::part! {
    /// What the app of each business was granted in its CRM.
    crm_grants -> CrmGrants
}

impl CrmGrants<'_> {
    /// The tenant's.
    pub(in crate::crm) async fn of(self, tenant: &Tenant) -> Result<Option<KeptGrant>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let row =
            sqlx::query("SELECT tokens, over_at, refused FROM crm_grants WHERE tenant_id = $1")
                .bind(tenant.id())
                .fetch_optional(db.connection())
                .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(KeptGrant {
            sealed: row.try_get("tokens")?,
            over_at: row.try_get("over_at")?,
            refused: row.try_get("refused")?,
        }))
    }

    /// Keeps what somebody granted.
    pub(in crate::crm) async fn grant(
        self,
        tenant: &Tenant,
        (sealed, over_at): (&str, Option<i64>),
        name: &str,
        author: &Author,
        now: i64,
    ) -> Result<(), StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        sqlx::query(
            "INSERT INTO crm_grants (tenant_id, tokens, over_at, claimed_until, updated_at) \
             VALUES ($1, $2, $3, 0, $4) \
             ON CONFLICT (tenant_id) DO UPDATE \
                 SET tokens = $2, over_at = $3, refused = NULL, claimed_until = 0, updated_at = $4",
        )
        .bind(tenant.id())
        .bind(sealed)
        .bind(over_at)
        .bind(now)
        .execute(write.connection())
        .await?;
        let deed = Deed::of_business("crm.connected", json!({"provider": name}));
        Deeds::record(&mut write, tenant, author, &deed, now).await?;
        write.commit().await
    }

    /// Takes it upon us to renew these tokens, until then (Unix ms); `false` when somebody else
    /// does, or has.
    pub(in crate::crm) async fn claim(
        self,
        tenant: &Tenant,
        sealed: &str,
        now: i64,
        until: i64,
    ) -> Result<bool, StoreError> {
        let mut db = self.0.single(Scope::Of(tenant)).await?;
        let done = sqlx::query(
            "UPDATE crm_grants SET claimed_until = $4 \
             WHERE tenant_id = $1 AND tokens = $2 AND claimed_until <= $3 AND refused IS NULL",
        )
        .bind(tenant.id())
        .bind(sealed)
        .bind(now)
        .bind(until)
        .execute(db.connection())
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Keeps the tokens that come after those there were, unless somebody granted others since
    /// they were claimed until `claim` (Unix ms).
    pub(in crate::crm) async fn renewed(
        self,
        tenant: &Tenant,
        claim: i64,
        (sealed, over_at): (&str, Option<i64>),
        now: i64,
    ) -> Result<(), StoreError> {
        let mut db = self.0.single(Scope::Of(tenant)).await?;
        sqlx::query(
            "UPDATE crm_grants SET tokens = $3, over_at = $4, claimed_until = 0, updated_at = $5 \
             WHERE tenant_id = $1 AND claimed_until = $2",
        )
        .bind(tenant.id())
        .bind(claim)
        .bind(sealed)
        .bind(over_at)
        .bind(now)
        .execute(db.connection())
        .await?;
        Ok(())
    }

    /// Notes that there are no further tokens, and why; unless somebody granted others since.
    pub(in crate::crm) async fn refuse(
        self,
        tenant: &Tenant,
        claim: i64,
        why: &str,
        now: i64,
    ) -> Result<(), StoreError> {
        let mut db = self.0.single(Scope::Of(tenant)).await?;
        sqlx::query(
            "UPDATE crm_grants SET refused = $3, claimed_until = 0, updated_at = $4 \
             WHERE tenant_id = $1 AND claimed_until = $2",
        )
        .bind(tenant.id())
        .bind(claim)
        .bind(why)
        .bind(now)
        .execute(db.connection())
        .await?;
        Ok(())
    }

    /// Lets others try to renew.
    pub(in crate::crm) async fn release(
        self,
        tenant: &Tenant,
        claim: i64,
    ) -> Result<(), StoreError> {
        let mut db = self.0.single(Scope::Of(tenant)).await?;
        sqlx::query(
            "UPDATE crm_grants SET claimed_until = 0 WHERE tenant_id = $1 AND claimed_until = $2",
        )
        .bind(tenant.id())
        .bind(claim)
        .execute(db.connection())
        .await?;
        Ok(())
    }

    /// Forgets what was granted: it is another account now, or none.
    pub(in crate::crm) async fn forget(
        write: &mut Write,
        tenant: &Tenant,
    ) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM crm_grants WHERE tenant_id = $1")
            .bind(tenant.id())
            .execute(write.connection())
            .await?;
        Ok(())
    }
}
