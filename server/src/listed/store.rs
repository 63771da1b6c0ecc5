//! Whatever is listed, in its table.

use serde_json::json;
use sqlx::{AssertSqlSafe, Row};
use uuid::Uuid;

use super::Listed;
use crate::deeds::{Author, Deed, Deeds};
use crate::revisions::KeptRevisions;
use crate::store::{Connection, Scope, StoreError, Tenant, Write, from_json, to_json};

crate::store::part! {
    /// What businesses list, of any kind.
    lists -> Lists
}

impl Lists<'_> {
    /// All of a kind that the tenant has, with their ids, in the order they were added.
    pub async fn all<T: Listed>(self, tenant: &Tenant) -> Result<Vec<(String, T)>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        all(db.connection(), tenant).await
    }

    /// Adds one; it is checked already. Returns its id.
    pub async fn add<T: Listed>(
        self,
        tenant: &Tenant,
        one: &T,
        author: &Author,
        now: i64,
    ) -> Result<String, StoreError> {
        let id = Uuid::now_v7().to_string();
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let sql = format!(
            "INSERT INTO {} (id, tenant_id, {}, created_at, updated_at) \
             VALUES ($1, $2, $3, $4, $4)",
            T::TABLE,
            T::COLUMN
        );
        sqlx::query(AssertSqlSafe(sql))
            .bind(&id)
            .bind(tenant.id())
            .bind(to_json(one))
            .bind(now)
            .execute(write.connection())
            .await?;
        let deed = Deed::on(T::KIND, &id, T::DEEDS[0]).with(json!({"name": one.name()}));
        finish::<T>(write, tenant, author, &deed, now).await?;
        Ok(id)
    }

    /// Says anew what one is; that is checked already, and a change of the revision `read`.
    /// Returns the new revision; `None` when there is no such one.
    pub async fn change<T: Listed>(
        self,
        tenant: &Tenant,
        id: &str,
        one: &T,
        read: Option<i64>,
        author: &Author,
        now: i64,
    ) -> Result<Option<i64>, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let revision = KeptRevisions::revise(&mut write, tenant, (T::KIND, id), read).await?;
        let sql = format!(
            "UPDATE {} SET {} = $3, updated_at = $4 WHERE tenant_id = $1 AND id = $2",
            T::TABLE,
            T::COLUMN
        );
        let done = sqlx::query(AssertSqlSafe(sql))
            .bind(tenant.id())
            .bind(id)
            .bind(to_json(one))
            .bind(now)
            .execute(write.connection())
            .await?;
        if done.rows_affected() == 0 {
            return Ok(None);
        }
        let deed = Deed::on(T::KIND, id, T::DEEDS[1]).with(json!({"name": one.name()}));
        finish::<T>(write, tenant, author, &deed, now).await?;
        Ok(Some(revision))
    }

    /// Removes one. False when there is none.
    pub async fn remove<T: Listed>(
        self,
        tenant: &Tenant,
        id: &str,
        author: &Author,
        now: i64,
    ) -> Result<bool, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let sql = format!(
            "DELETE FROM {} WHERE tenant_id = $1 AND id = $2 RETURNING {} AS one",
            T::TABLE,
            T::COLUMN
        );
        let row = sqlx::query(AssertSqlSafe(sql))
            .bind(tenant.id())
            .bind(id)
            .fetch_optional(write.connection())
            .await?;
        let Some(row) = row else { return Ok(false) };
        let one: T = from_json(row.try_get("one")?, T::TABLE, id)?;
        let deed = Deed::on(T::KIND, id, T::DEEDS[2]).with(json!({"name": one.name()}));
        finish::<T>(write, tenant, author, &deed, now).await?;
        Ok(true)
    }
}

/// Ends what was done to one of a kind: with the trail, and told.
async fn finish<T: Listed>(
    mut write: Write,
    tenant: &Tenant,
    author: &Author,
    deed: &Deed<'_>,
    now: i64,
) -> Result<(), StoreError> {
    Deeds::record(&mut write, tenant, author, deed, now).await?;
    if let Some(news) = T::news(tenant) {
        write.tell(news);
    }
    write.commit().await
}

/// All of a kind, with their ids, in the order they were added.
pub(crate) async fn all<T: Listed>(
    connection: &mut Connection,
    tenant: &Tenant,
) -> Result<Vec<(String, T)>, StoreError> {
    let sql = format!(
        "SELECT id, {} AS one FROM {} WHERE tenant_id = $1 ORDER BY id",
        T::COLUMN,
        T::TABLE
    );
    let rows = sqlx::query(AssertSqlSafe(sql))
        .bind(tenant.id())
        .fetch_all(connection)
        .await?;
    rows.iter()
        .map(|row| {
            let id: String = row.try_get("id")?;
            let one = from_json(row.try_get("one")?, T::TABLE, &id)?;
            Ok((id, one))
        })
        .collect()
}
