//! Whose record is which.

use sqlx::Row;

use crate::crm::provider::Who;
use crate::store::{Scope, StoreError, Tenant, Write};

crate::store::part! {
    /// Which record in the CRM is whose.
    crm_records -> CrmRecords
}

impl CrmRecords<'_> {
    /// The id of somebody's record, where it is known.
    pub(in crate::crm) async fn find(
        self,
        tenant: &Tenant,
        who: &Who,
    ) -> Result<Option<String>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let row = sqlx::query(
            "SELECT record_id FROM crm_records \
             WHERE tenant_id = $1 AND who = $2 AND record_id IS NOT NULL",
        )
        .bind(tenant.id())
        .bind(who.key())
        .fetch_optional(db.connection())
        .await?;
        Ok(row.map(|row| row.try_get("record_id")).transpose()?)
    }

    /// Takes it upon us to find or make somebody's record, until then (Unix ms); `false` when
    /// somebody else does.
    pub(in crate::crm) async fn claim(
        self,
        tenant: &Tenant,
        who: &Who,
        now: i64,
        until: i64,
    ) -> Result<bool, StoreError> {
        let mut db = self.0.single(Scope::Of(tenant)).await?;
        let done = sqlx::query(
            "INSERT INTO crm_records (tenant_id, who, claimed_until, updated_at) \
             VALUES ($1, $2, $4, $3) \
             ON CONFLICT (tenant_id, who) DO UPDATE SET claimed_until = $4, updated_at = $3 \
                 WHERE crm_records.claimed_until <= $3",
        )
        .bind(tenant.id())
        .bind(who.key())
        .bind(now)
        .bind(until)
        .execute(db.connection())
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Keeps which record is somebody's, or that none is known; somebody else may look for it
    /// after `until` (Unix ms).
    pub(in crate::crm) async fn keep(
        self,
        tenant: &Tenant,
        who: &Who,
        record: Option<&str>,
        until: i64,
        now: i64,
    ) -> Result<(), StoreError> {
        let mut db = self.0.single(Scope::Of(tenant)).await?;
        sqlx::query(
            "INSERT INTO crm_records (tenant_id, who, record_id, claimed_until, updated_at) \
             VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (tenant_id, who) DO UPDATE \
                 SET record_id = $3, claimed_until = $4, updated_at = $5",
        )
        .bind(tenant.id())
        .bind(who.key())
        .bind(record)
        .bind(until)
        .bind(now)
        .execute(db.connection())
        .await?;
        Ok(())
    }

    /// Forgets whose record is which.
    pub(super) async fn forget(write: &mut Write, tenant: &Tenant) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM crm_records WHERE tenant_id = $1")
            .bind(tenant.id())
            .execute(write.connection())
            .await?;
        Ok(())
    }
}
