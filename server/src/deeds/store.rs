//! Writing the trail.

use sqlx::Any;
use sqlx::any::AnyArguments;
use sqlx::query::Query;
use uuid::Uuid;

use super::{Author, Deed};
use crate::bus::Signal;
use crate::store::{Scope, StoreError, Tenant, Write, to_json};

crate::store::part! {
    /// The trail, for those who write it.
    deeds -> Deeds
}

impl Deeds<'_> {
    /// Adds an entry to the tenant's trail, in the transaction of the deed.
    pub(crate) async fn record(
        write: &mut Write,
        tenant: &Tenant,
        author: &Author,
        deed: &Deed<'_>,
        now: i64,
    ) -> Result<(), StoreError> {
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        sqlx::query(
            "INSERT INTO audit_events (id, tenant_id, at, actor_kind, actor_id, actor_name, \
                 action, subject_kind, subject_id, details, request_id, remote_ip) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        )
        .bind(Uuid::now_v7().to_string())
        .bind(tenant.id())
        .bind(now)
        .bind(author.actor.kind())
        .bind(author.actor.id())
        .bind(author.actor.name())
        .bind(deed.action)
        .bind(given(deed.subject_kind))
        .bind(given(deed.subject_id))
        .bind(to_json(&deed.details))
        .bind(author.request_id.as_deref())
        .bind(author.ip.map(|ip| ip.to_string()))
        .execute(write.connection())
        .await?;
        Ok(())
    }

    /// Takes somebody's name out of the tenant's trail, and what was done to their
    /// account. What they did stays.
    pub(crate) async fn forget_in_trail(
        write: &mut Write,
        tenant: &Tenant,
        user_id: &str,
    ) -> Result<(), StoreError> {
        for sql in [
            "UPDATE audit_events SET actor_name = NULL, remote_ip = NULL \
             WHERE tenant_id = $1 AND actor_id = $2",
            "UPDATE audit_events SET details = '{}' \
             WHERE tenant_id = $1 AND subject_kind = 'user' AND subject_id = $2",
        ] {
            sqlx::query(sql)
                .bind(tenant.id())
                .bind(user_id)
                .execute(write.connection())
                .await?;
        }
        Ok(())
    }

    /// Adds an entry to the tenant's trail about what is done already.
    pub(crate) async fn record_deed(
        self,
        tenant: &Tenant,
        author: &Author,
        deed: &Deed<'_>,
        now: i64,
    ) -> Result<(), StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        Self::record(&mut write, tenant, author, deed, now).await?;
        write.commit().await
    }

    /// Runs a statement on one thing of the tenant, the deed's subject, and
    /// writes the deed down with it. `false` when the statement found no row:
    /// then nothing was done.
    pub(crate) async fn done_to_one(
        self,
        tenant: &Tenant,
        statement: Query<'_, Any, AnyArguments>,
        author: &Author,
        deed: &Deed<'_>,
        now: i64,
    ) -> Result<bool, StoreError> {
        self.done_and_told(tenant, statement, author, deed, now, None)
            .await
    }

    /// The same, and tells whoever waits for it.
    pub(crate) async fn done_and_told(
        self,
        tenant: &Tenant,
        statement: Query<'_, Any, AnyArguments>,
        author: &Author,
        deed: &Deed<'_>,
        now: i64,
        signal: impl Into<Option<Signal>>,
    ) -> Result<bool, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let done = statement.execute(write.connection()).await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        Self::record(&mut write, tenant, author, deed, now).await?;
        if let Some(signal) = signal.into() {
            write.tell(signal);
        }
        write.commit().await?;
        Ok(true)
    }
}
