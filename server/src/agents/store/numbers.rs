//! The tenants' telephone numbers at Retell.

use api::routing::Number;
use serde_json::json;
use sqlx::Row;

use crate::deeds::{Author, Deed, Deeds};
use crate::store::{Scope, StoreError, Tenant};

crate::store::part! {
    /// The phone numbers at Retell, and whose they are.
    numbers -> Numbers
}

impl Numbers<'_> {
    /// The tenant's numbers.
    pub async fn list(self, tenant: &Tenant) -> Result<Vec<Number>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let rows = sqlx::query(
            "SELECT number, nickname, agent_id, inbound_webhook_url, imported_at FROM numbers \
             WHERE tenant_id = $1 ORDER BY number",
        )
        .bind(tenant.id())
        .fetch_all(db.connection())
        .await?;
        rows.iter()
            .map(|row| {
                Ok(Number {
                    number: row.try_get("number")?,
                    nickname: row.try_get("nickname")?,
                    agent_id: row.try_get("agent_id")?,
                    inbound_webhook_url: row.try_get("inbound_webhook_url")?,
                    imported_at: row.try_get("imported_at")?,
                })
            })
            .collect()
    }

    /// The first of the tenant's numbers that this agent answers.
    pub async fn answered_by(
        self,
        tenant: &Tenant,
        agent_id: &str,
    ) -> Result<Option<String>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let row = sqlx::query(
            "SELECT number FROM numbers WHERE tenant_id = $1 AND agent_id = $2 \
             ORDER BY number LIMIT 1",
        )
        .bind(tenant.id())
        .bind(agent_id)
        .fetch_optional(db.connection())
        .await?;
        row.map(|row| Ok(row.try_get("number")?)).transpose()
    }

    /// Replaces the tenant's numbers by what Retell lists. It is a deed of
    /// `author`, if somebody did it.
    pub async fn replace(
        self,
        tenant: &Tenant,
        numbers: &[Number],
        author: Option<&Author>,
        now: i64,
    ) -> Result<(), StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        for number in numbers {
            sqlx::query(
                "INSERT INTO numbers (tenant_id, number, nickname, agent_id, \
                     inbound_webhook_url, imported_at) VALUES ($1, $2, $3, $4, $5, $6) \
                 ON CONFLICT (tenant_id, number) DO UPDATE SET nickname = excluded.nickname, \
                     agent_id = excluded.agent_id, \
                     inbound_webhook_url = excluded.inbound_webhook_url, \
                     imported_at = excluded.imported_at",
            )
            .bind(tenant.id())
            .bind(&number.number)
            .bind(&number.nickname)
            .bind(&number.agent_id)
            .bind(&number.inbound_webhook_url)
            .bind(now)
            .execute(write.connection())
            .await?;
        }
        sqlx::query("DELETE FROM numbers WHERE tenant_id = $1 AND imported_at < $2")
            .bind(tenant.id())
            .bind(now)
            .execute(write.connection())
            .await?;
        if let Some(author) = author {
            let deed = Deed::of_business("numbers.imported", json!({"count": numbers.len()}));
            Deeds::record(&mut write, tenant, author, &deed, now).await?;
        }
        write.commit().await
    }
}
