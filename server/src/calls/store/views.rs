//! Filters of the call list under names.

use api::calls::{CallView, NewCallView};
use serde_json::json;
use sqlx::Row;
use uuid::Uuid;

use crate::deeds::{Author, Deed, Deeds};
use crate::store::{Scope, StoreError, Tenant};

const KIND: &str = "call_view";

crate::store::part! {
    /// Filters of the call list that somebody saved.
    call_views -> CallViews
}

impl CallViews<'_> {
    /// Those of a person and of the tenant, by name.
    pub async fn of(self, tenant: &Tenant, user_id: &str) -> Result<Vec<CallView>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let rows = sqlx::query(
            "SELECT id, name, query, user_id FROM call_views \
             WHERE tenant_id = $1 AND (user_id IS NULL OR user_id = $2) ORDER BY name, id",
        )
        .bind(tenant.id())
        .bind(user_id)
        .fetch_all(db.connection())
        .await?;
        let view = |row: &sqlx::any::AnyRow| {
            Ok(CallView {
                id: row.try_get("id")?,
                name: row.try_get("name")?,
                query: row.try_get("query")?,
                shared: row.try_get::<Option<String>, _>("user_id")?.is_none(),
            })
        };
        rows.iter().map(view).collect()
    }

    /// Adds one, which is checked already. Nothing where the person and the tenant have so many
    /// already.
    pub async fn add(
        self,
        tenant: &Tenant,
        user_id: &str,
        new: NewCallView,
        most: i64,
        author: &Author,
        now: i64,
    ) -> Result<Option<CallView>, StoreError> {
        let id = Uuid::now_v7().to_string();
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let done = sqlx::query(
            "INSERT INTO call_views (id, tenant_id, user_id, name, query, created_at) \
             SELECT $1, $2, $3, $4, $5, $6 WHERE (SELECT COUNT(*) FROM call_views \
                 WHERE tenant_id = $2 AND (user_id IS NULL OR user_id = $7)) < $8",
        )
        .bind(&id)
        .bind(tenant.id())
        .bind((!new.shared).then_some(user_id))
        .bind(&new.name)
        .bind(&new.query)
        .bind(now)
        .bind(user_id)
        .bind(most)
        .execute(write.connection())
        .await?;
        if done.rows_affected() == 0 {
            return Ok(None);
        }
        let deed = Deed::on(KIND, &id, "call_view.added").with(json!({"name": new.name}));
        Deeds::record(&mut write, tenant, author, &deed, now).await?;
        write.commit().await?;
        let NewCallView {
            name,
            query,
            shared,
        } = new;
        Ok(Some(CallView {
            id,
            name,
            query,
            shared,
        }))
    }

    /// Removes one of a person's or of the tenant's. False when there is none.
    pub async fn remove(
        self,
        tenant: &Tenant,
        user_id: &str,
        id: &str,
        author: &Author,
        now: i64,
    ) -> Result<bool, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let row = sqlx::query(
            "DELETE FROM call_views WHERE tenant_id = $1 AND id = $2 \
             AND (user_id = $3 OR user_id IS NULL) RETURNING name",
        )
        .bind(tenant.id())
        .bind(id)
        .bind(user_id)
        .fetch_optional(write.connection())
        .await?;
        let Some(row) = row else { return Ok(false) };
        let name: String = row.try_get("name")?;
        let deed = Deed::on(KIND, id, "call_view.removed").with(json!({"name": name}));
        Deeds::record(&mut write, tenant, author, &deed, now).await?;
        write.commit().await?;
        Ok(true)
    }
}
