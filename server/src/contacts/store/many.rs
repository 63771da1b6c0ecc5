//! Many contacts at once: those some lines of a file are about, all of a filter for a file, and
//! all whose names are not folded yet.

use api::contacts::{Contact, ContactDetails};
use sqlx::{AssertSqlSafe, Row};
use tokio_util::sync::CancellationToken;

use super::{COLUMNS, Contacts, Written, from_row, insert, replace};
use crate::contacts::file::Sought;
use crate::contacts::fold::fold;
use crate::ground::Ground;
use crate::store::{
    Connection, Scope, Store, StoreError, Tenant, Write, at_once, from_json, places,
};

/// How many are folded with one transaction.
const FOLDED_AT_ONCE: i64 = 200;

impl Contacts<'_> {
    /// The tenant's contacts that lines of a file may be about.
    pub(in crate::contacts) async fn sought(
        self,
        tenant: &Tenant,
        sought: &Sought,
    ) -> Result<Vec<Contact>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        Self::sought_in(db.connection(), tenant, sought).await
    }

    /// [`Contacts::sought`] as a part of a transaction.
    pub(in crate::contacts) async fn sought_in(
        db: &mut Connection,
        tenant: &Tenant,
        sought: &Sought,
    ) -> Result<Vec<Contact>, StoreError> {
        let mut found = Vec::new();
        for (keys, condition) in [
            (
                &sought.numbers,
                "id IN (SELECT contact_id FROM contact_numbers \
                     WHERE tenant_id = $1 AND number IN ({}))",
            ),
            (&sought.emails, "email IN ({})"),
            (
                &sought.names,
                "name_folded IN ({}) AND phone IS NULL AND email IS NULL",
            ),
        ] {
            for keys in at_once(keys) {
                let condition = condition.replace("{}", &places(2, keys.len()));
                let sql =
                    format!("SELECT {COLUMNS} FROM contacts WHERE tenant_id = $1 AND {condition}");
                let query = sqlx::query(AssertSqlSafe(sql)).bind(tenant.id());
                let query = keys.iter().fold(query, |query, key| query.bind(key));
                for row in query.fetch_all(&mut *db).await? {
                    found.push(from_row(&row)?);
                }
            }
        }
        Ok(found)
    }

    /// Writes what lines of a file made of contacts. False when a number was given to another one
    /// meanwhile: then the transaction is not to go on.
    pub(in crate::contacts) async fn write_lines<'a>(
        write: &mut Write,
        tenant: &Tenant,
        new: impl Iterator<Item = (&'a String, &'a ContactDetails)> + Send,
        changed: impl Iterator<Item = (&'a String, &'a ContactDetails)> + Send,
        now: i64,
    ) -> Result<bool, StoreError> {
        for (id, details) in new {
            if !insert(write, tenant, id, details, now).await? {
                return Ok(false);
            }
        }
        for (id, details) in changed {
            match replace(write, tenant, id, details, None, now).await? {
                Written::Done(_) => {}
                Written::Unknown | Written::PhoneTaken => return Ok(false),
            }
        }
        Ok(true)
    }
}

/// Folds the names of those that were kept before there was anything folded, and then has nothing
/// to do until told to stop.
pub(in crate::contacts) async fn fold_all(cx: Ground, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match fold_some(&cx.store).await {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) => {
                // They are found by lower case until the next start.
                tracing::error!(%error, "the names of contacts cannot be folded");
                break;
            }
        }
    }
    stop.cancelled().await;
}

async fn fold_some(store: &Store) -> Result<usize, StoreError> {
    let mut write = store.write(Scope::Server).await?;
    let sql = format!(
        "SELECT id, name, tags FROM contacts WHERE name_folded IS NULL ORDER BY id LIMIT $1{}",
        store.for_update_skip_locked("contacts")
    );
    let rows = sqlx::query(AssertSqlSafe(sql))
        .bind(FOLDED_AT_ONCE)
        .fetch_all(write.connection())
        .await?;
    for row in &rows {
        let id: String = row.try_get("id")?;
        let tags: Vec<String> = from_json(row.try_get("tags")?, "contacts", &id)?;
        sqlx::query("UPDATE contacts SET name_folded = $2, tags_folded = $3 WHERE id = $1")
            .bind(&id)
            .bind(fold(row.try_get("name")?))
            .bind(fold(&tags.join("\n")))
            .execute(write.connection())
            .await?;
    }
    write.commit().await?;
    Ok(rows.len())
}
