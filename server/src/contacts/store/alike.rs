//! Contacts that seem to be one person, and making them one.

use api::contacts::{Alike, AlikeBy, ContactDetails};
use serde_json::json;
use sqlx::{AssertSqlSafe, Row};

use super::{COLUMNS, Contacts, KIND, Written, done, from_row, replace};
use crate::deeds::{Author, Deed, Deeds};
use crate::keeps::{Joining, Keepers};
use crate::phone::E164;
use crate::revisions::KeptRevisions;
use crate::store::{Scope, StoreError, Tenant};

/// A contact, and the revision of it that was read, where somebody says so.
type Read<'a> = (&'a str, Option<i64>);

/// How many groups are shown of each kind, and how many of a group.
const GROUPS: i64 = 50;
/// See above.
const OF_A_GROUP: i64 = 6;

impl Contacts<'_> {
    /// Those of the tenant's contacts that seem to be one person: with one address, or one name.
    pub async fn alike(self, tenant: &Tenant) -> Result<Vec<Alike>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let mut found: Vec<Alike> = Vec::new();
        for (by, column) in [(AlikeBy::Email, "email"), (AlikeBy::Name, "name_folded")] {
            let sql = format!(
                "SELECT {column} AS alike FROM contacts \
                 WHERE tenant_id = $1 AND {column} <> '' \
                 GROUP BY {column} HAVING COUNT(*) > 1 ORDER BY {column} LIMIT $2"
            );
            let groups = sqlx::query(AssertSqlSafe(sql))
                .bind(tenant.id())
                .bind(GROUPS)
                .fetch_all(db.connection())
                .await?;
            let sql = format!(
                "SELECT {COLUMNS} FROM contacts WHERE tenant_id = $1 AND {column} = $2 \
                 ORDER BY id LIMIT $3"
            );
            for group in &groups {
                let rows = sqlx::query(AssertSqlSafe(sql.clone()))
                    .bind(tenant.id())
                    .bind(group.try_get::<String, _>("alike")?)
                    .bind(OF_A_GROUP)
                    .fetch_all(db.connection())
                    .await?;
                let contacts: Vec<_> = rows.iter().map(from_row).collect::<Result<_, _>>()?;
                // Those of one address and one name are there once.
                if found.iter().all(|it| it.contacts != contacts) {
                    found.push(Alike { by, contacts });
                }
            }
        }
        Ok(found)
    }

    /// Has the contact `goes` become a part of `stays`, of which that is known then; all there is
    /// of it becomes the other's. Both are changes of the revisions that were read, and the
    /// details are checked already.
    ///
    /// # Errors
    /// [`StoreError::Overtaken`] when somebody else has changed either since.
    pub(in crate::contacts) async fn merge(
        self,
        keepers: &Keepers,
        tenant: &Tenant,
        (stays, goes): (Read<'_>, Read<'_>),
        details: &ContactDetails,
        author: &Author,
        now: i64,
    ) -> Result<Written, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        KeptRevisions::revise(&mut write, tenant, (KIND, goes.0), goes.1).await?;
        let gone = sqlx::query("DELETE FROM contacts WHERE tenant_id = $1 AND id = $2")
            .bind(tenant.id())
            .bind(goes.0)
            .execute(write.connection())
            .await?;
        if gone.rows_affected() == 0 {
            return Ok(Written::Unknown);
        }
        let written = replace(&mut write, tenant, stays.0, details, stays.1, now).await?;
        if !matches!(written, Written::Done(_)) {
            return Ok(written);
        }
        let numbers = details.phones().filter_map(|it| E164::parse(it).ok());
        let numbers: Vec<_> = numbers.collect();
        let joining = Joining {
            goes: goes.0,
            stays: stays.0,
            numbers: &numbers,
            now,
        };
        keepers.join(&mut write, tenant, &joining).await?;
        let deed = Deed::on(KIND, stays.0, "contact.merged").with(json!({"other": goes.0}));
        Deeds::record(&mut write, tenant, author, &deed, now).await?;
        done(written, write).await
    }
}
