//! How often each thing of a business was said anew.

use sqlx::Row;

use super::Revisions;
use crate::store::{Scope, StoreError, Tenant, Write};

crate::store::part! {
    /// The revisions of what each business says.
    revisions -> KeptRevisions
}

impl KeptRevisions<'_> {
    /// The revisions of things of a kind, as the trail calls it.
    pub(crate) async fn of_kind(
        self,
        tenant: &Tenant,
        kind: &str,
    ) -> Result<Revisions, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let rows =
            sqlx::query("SELECT id, revision FROM revisions WHERE tenant_id = $1 AND kind = $2")
                .bind(tenant.id())
                .bind(kind)
                .fetch_all(db.connection())
                .await?;
        let all = rows
            .iter()
            .map(|row| Ok((row.try_get("id")?, row.try_get("revision")?)));
        Ok(Revisions(all.collect::<Result<_, sqlx::Error>>()?))
    }

    /// The revision of what a business has one of.
    pub(crate) async fn current(self, tenant: &Tenant, kind: &str) -> Result<i64, StoreError> {
        self.of_one(tenant, (kind, "")).await
    }

    /// The revision of one thing.
    pub(crate) async fn of_one(
        self,
        tenant: &Tenant,
        (kind, id): (&str, &str),
    ) -> Result<i64, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let row = sqlx::query(
            "SELECT revision FROM revisions WHERE tenant_id = $1 AND kind = $2 AND id = $3",
        )
        .bind(tenant.id())
        .bind(kind)
        .bind(id)
        .fetch_optional(db.connection())
        .await?;
        Ok(row.map_or(Ok(0), |row| row.try_get("revision"))?)
    }

    /// Forgets the revision of one thing that is deleted, in the same transaction.
    pub(crate) async fn forget(
        write: &mut Write,
        tenant: &Tenant,
        (kind, id): (&str, &str),
    ) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM revisions WHERE tenant_id = $1 AND kind = $2 AND id = $3")
            .bind(tenant.id())
            .bind(kind)
            .bind(id)
            .execute(write.connection())
            .await?;
        Ok(())
    }

    /// Begins the next revision of something, in the transaction that says it anew: first of
    /// all, so that of two at once one waits for the other. `read` is the revision it is a
    /// change of, where somebody says so.
    ///
    /// # Errors
    /// [`StoreError::Overtaken`] when that is not the current one any more.
    pub(crate) async fn revise(
        write: &mut Write,
        tenant: &Tenant,
        (kind, id): (&str, &str),
        read: Option<i64>,
    ) -> Result<i64, StoreError> {
        let row = sqlx::query(
            "INSERT INTO revisions (tenant_id, kind, id, revision) VALUES ($1, $2, $3, 1) \
             ON CONFLICT (tenant_id, kind, id) DO UPDATE SET revision = revisions.revision + 1 \
                 WHERE revisions.revision = COALESCE($4, revisions.revision) \
             RETURNING revision",
        )
        .bind(tenant.id())
        .bind(kind)
        .bind(id)
        .bind(read)
        .fetch_optional(write.connection())
        .await?;
        let row = row.ok_or(StoreError::Overtaken)?;
        Ok(row.try_get("revision")?)
    }
}
