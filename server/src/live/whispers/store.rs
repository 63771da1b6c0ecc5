//! The sentences of each business.

use api::attend::Whispers;
use serde_json::json;
use sqlx::Row;

use crate::deeds::{Author, Deed, Deeds};
use crate::revisions::KeptRevisions;
use crate::store::{Scope, StoreError, Tenant, from_json, to_json};

/// What their revisions are kept as.
const KIND: &str = "whispers";

crate::store::part! {
    /// What the staff often tell agents.
    whispers -> KeptWhispers
}

impl KeptWhispers<'_> {
    /// The tenant's.
    pub async fn of(self, tenant: &Tenant) -> Result<Whispers, StoreError> {
        let revision = self.0.revisions().current(tenant, KIND).await?;
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let row = sqlx::query("SELECT said FROM whispers WHERE tenant_id = $1")
            .bind(tenant.id())
            .fetch_optional(db.connection())
            .await?;
        let items = match row {
            Some(row) => from_json(row.try_get("said")?, KIND, tenant.id())?,
            None => Vec::new(),
        };
        Ok(Whispers { items, revision })
    }

    /// Says the tenant's anew; that is checked already, and a change of the revision `read`.
    /// Returns the new one.
    pub async fn set(
        self,
        tenant: &Tenant,
        items: &[String],
        read: Option<i64>,
        author: &Author,
        now: i64,
    ) -> Result<i64, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let revision = KeptRevisions::revise(&mut write, tenant, (KIND, ""), read).await?;
        sqlx::query(
            "INSERT INTO whispers (tenant_id, said, updated_at) VALUES ($1, $2, $3) \
             ON CONFLICT (tenant_id) DO UPDATE SET said = excluded.said, \
                 updated_at = excluded.updated_at",
        )
        .bind(tenant.id())
        .bind(to_json(&items))
        .bind(now)
        .execute(write.connection())
        .await?;
        let details = json!({"count": items.len()});
        let deed = Deed::of_business("whispers.changed", details);
        Deeds::record(&mut write, tenant, author, &deed, now).await?;
        write.commit().await?;
        Ok(revision)
    }
}
