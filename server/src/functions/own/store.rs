//! The functions businesses define themselves.

use api::functions::OwnFunction;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::Kept;
use crate::deeds::{Author, Deed, Deeds};
use crate::revisions::KeptRevisions;
use crate::store::{Scope, SealedColumn, StoreError, Tenant, from_json, to_json};

pub(crate) const SEALED: SealedColumn = SealedColumn::new("own_functions", "id", "secrets");

/// The kind of a function's deeds.
pub(in crate::functions) const KIND: &str = "function";

/// What the column `function` holds.
#[derive(Serialize, Deserialize)]
struct Written {
    #[serde(flatten)]
    details: api::functions::OwnFunctionDetails,
    header_names: Vec<String>,
}

crate::store::part! {
    /// The functions that each business brought itself.
    own_functions -> OwnFunctions
}

impl OwnFunctions<'_> {
    /// The tenant's own functions, in the order they were added.
    pub async fn list(self, tenant: &Tenant) -> Result<Vec<OwnFunction>, StoreError> {
        let revisions = self.0.revisions().of_kind(tenant, KIND).await?;
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let rows = sqlx::query(
            "SELECT id, function, secrets FROM own_functions WHERE tenant_id = $1 ORDER BY id",
        )
        .bind(tenant.id())
        .fetch_all(db.connection())
        .await?;
        let kept = rows.iter().map(from_row);
        kept.map(|kept| {
            let function = kept?.function;
            Ok(OwnFunction {
                revision: revisions.of(&function.id),
                ..function
            })
        })
        .collect()
    }

    /// The tenant's own function of this id.
    pub(in crate::functions) async fn find(
        self,
        tenant: &Tenant,
        id: &str,
    ) -> Result<Option<Kept>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let row = sqlx::query(
            "SELECT id, function, secrets FROM own_functions WHERE tenant_id = $1 AND id = $2",
        )
        .bind(tenant.id())
        .bind(id)
        .fetch_optional(db.connection())
        .await?;
        row.as_ref().map(from_row).transpose()
    }

    /// The tenant's own function of this name.
    pub(in crate::functions) async fn named(
        self,
        tenant: &Tenant,
        name: &str,
    ) -> Result<Option<Kept>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let row = sqlx::query(
            "SELECT id, function, secrets FROM own_functions WHERE tenant_id = $1 AND name = $2",
        )
        .bind(tenant.id())
        .bind(name)
        .fetch_optional(db.connection())
        .await?;
        row.as_ref().map(from_row).transpose()
    }

    /// Adds one. False when its name is another's.
    pub(super) async fn add(
        self,
        tenant: &Tenant,
        kept: &Kept,
        author: &Author,
        now: i64,
    ) -> Result<bool, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let done = sqlx::query(
            "INSERT INTO own_functions (id, tenant_id, name, function, secrets, created_at, \
                 updated_at) VALUES ($1, $2, $3, $4, $5, $6, $6) \
             ON CONFLICT (tenant_id, name) DO NOTHING",
        )
        .bind(&kept.function.id)
        .bind(tenant.id())
        .bind(&kept.function.details.name)
        .bind(written(kept))
        .bind(&kept.sealed)
        .bind(now)
        .execute(write.connection())
        .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        Deeds::record(
            &mut write,
            tenant,
            author,
            &deed(kept, "function.added"),
            now,
        )
        .await?;
        write.commit().await?;
        Ok(true)
    }

    /// Replaces one that is as it was `before`: a change of the revision `read`. Returns the new
    /// revision; `None` when it is not as it was, or the name is another's.
    pub(super) async fn change(
        self,
        tenant: &Tenant,
        (before, kept): (&Kept, &Kept),
        read: Option<i64>,
        deed: &Deed<'_>,
        author: &Author,
        now: i64,
    ) -> Result<Option<i64>, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let it = (KIND, kept.function.id.as_str());
        let revision = KeptRevisions::revise(&mut write, tenant, it, read).await?;
        let done = sqlx::query(
            "UPDATE own_functions SET name = $3, function = $4, secrets = $5, updated_at = $6 \
             WHERE tenant_id = $1 AND id = $2 AND secrets = $7 \
                 AND NOT EXISTS (SELECT 1 FROM own_functions o \
                     WHERE o.tenant_id = $1 AND o.name = $3 AND o.id <> $2)",
        )
        .bind(tenant.id())
        .bind(&kept.function.id)
        .bind(&kept.function.details.name)
        .bind(written(kept))
        .bind(&kept.sealed)
        .bind(now)
        .bind(&before.sealed)
        .execute(write.connection())
        .await?;
        if done.rows_affected() == 0 {
            return Ok(None);
        }
        Deeds::record(&mut write, tenant, author, deed, now).await?;
        write.commit().await?;
        Ok(Some(revision))
    }

    /// Removes one. False when there is none.
    pub(in crate::functions) async fn remove(
        self,
        tenant: &Tenant,
        id: &str,
        author: &Author,
        now: i64,
    ) -> Result<bool, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let row = sqlx::query(
            "DELETE FROM own_functions WHERE tenant_id = $1 AND id = $2 RETURNING name",
        )
        .bind(tenant.id())
        .bind(id)
        .fetch_optional(write.connection())
        .await?;
        let Some(row) = row else { return Ok(false) };
        let name: String = row.try_get("name")?;
        let deed = Deed::on(KIND, id, "function.removed").with(json!({"name": name}));
        Deeds::record(&mut write, tenant, author, &deed, now).await?;
        write.commit().await?;
        Ok(true)
    }

    /// Notes that somebody tried one.
    pub(in crate::functions) async fn note_tried(
        self,
        tenant: &Tenant,
        kept: &Kept,
        author: &Author,
        now: i64,
    ) -> Result<(), StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        Deeds::record(
            &mut write,
            tenant,
            author,
            &deed(kept, "function.tried"),
            now,
        )
        .await?;
        write.commit().await
    }
}

/// What was done to a function.
pub(super) fn deed<'a>(kept: &'a Kept, action: &'static str) -> Deed<'a> {
    let name = &kept.function.details.name;
    Deed::on(KIND, &kept.function.id, action).with(json!({"name": name}))
}

fn written(kept: &Kept) -> String {
    to_json(&Written {
        details: kept.function.details.clone(),
        header_names: kept.function.header_names.clone(),
    })
}

fn from_row(row: &AnyRow) -> Result<Kept, StoreError> {
    let id: String = row.try_get("id")?;
    let written: Written = from_json(row.try_get("function")?, "own_functions", &id)?;
    Ok(Kept {
        sealed: row.try_get("secrets")?,
        function: OwnFunction {
            id,
            details: written.details,
            header_names: written.header_names,
            revision: 0,
        },
    })
}
