//! What people write down of calls.

use std::collections::HashMap;

use api::wrap_up::CallNote;
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};
use uuid::Uuid;

use super::marks::done_by;
use super::wrap_ups::tell_said;
use crate::calls::wrap_up::KIND;
use crate::deeds::{Author, Deed, Deeds};
use crate::store::{Scope, StoreError, Tenant, Write, at_once, places};

crate::store::part! {
    /// What people write down of calls, each with who and when.
    call_notes -> CallNotes
}

/// What became of a wish to change or remove a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noting {
    /// It is done.
    Done,
    /// Somebody else wrote it.
    NotTheirs,
    /// The call has no such note.
    Unknown,
}

impl CallNotes<'_> {
    /// Those of a call of the tenant, the oldest first.
    pub async fn of(self, tenant: &Tenant, call_id: &str) -> Result<Vec<CallNote>, StoreError> {
        let mut all = self.of_many(tenant, &[call_id]).await?;
        Ok(all.remove(call_id).unwrap_or_default())
    }

    /// Those of many calls of the tenant, by the ids of the calls that have any.
    pub(super) async fn of_many(
        self,
        tenant: &Tenant,
        ids: &[&str],
    ) -> Result<HashMap<String, Vec<CallNote>>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let mut all = HashMap::new();
        for ids in at_once(ids) {
            let sql = format!(
                "SELECT n.id, n.call_id, n.text, n.user_id, n.created_at, n.edited_at, \
                     COALESCE(u.name, '') AS user_name FROM call_notes n \
                 LEFT JOIN users u ON u.tenant_id = n.tenant_id AND u.id = n.user_id \
                 WHERE n.tenant_id = $1 AND n.call_id IN ({}) ORDER BY n.created_at, n.id",
                places(2, ids.len())
            );
            let query = sqlx::query(AssertSqlSafe(sql)).bind(tenant.id());
            let query = ids.iter().fold(query, |query, id| query.bind(*id));
            for row in query.fetch_all(db.connection()).await? {
                let of: &mut Vec<_> = all.entry(row.try_get("call_id")?).or_default();
                of.extend(note(&row)?);
            }
        }
        Ok(all)
    }

    /// Adds one to a call of the tenant, which is checked already. Its id; nothing where there is
    /// no such call.
    pub async fn add(
        self,
        tenant: &Tenant,
        call_id: &str,
        text: &str,
        author: &Author,
        now: i64,
    ) -> Result<Option<String>, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let id = insert(&mut write, tenant, call_id, text, author, now).await?;
        if id.is_some() {
            let deed = Deed::on(KIND, call_id, "call.noted");
            said(write, tenant, author, &deed, now).await?;
        }
        Ok(id)
    }

    /// Says one anew, which is checked already: whoever wrote it does.
    pub async fn change(
        self,
        tenant: &Tenant,
        (call_id, id): (&str, &str),
        text: &str,
        author: &Author,
        now: i64,
    ) -> Result<Noting, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let own = |whose: Option<&str>| whose == author.actor.person();
        if let Some(refused) = refused(&mut write, tenant, (call_id, id), own).await? {
            return Ok(refused);
        }
        sqlx::query(
            "UPDATE call_notes SET text = $3, edited_at = $4 WHERE tenant_id = $1 AND id = $2",
        )
        .bind(tenant.id())
        .bind(id)
        .bind(text)
        .bind(now)
        .execute(write.connection())
        .await?;
        let deed = Deed::on(KIND, call_id, "call.note_changed");
        said(write, tenant, author, &deed, now).await?;
        Ok(Noting::Done)
    }

    /// Removes one; only where this person wrote it, if one is named.
    pub async fn remove(
        self,
        tenant: &Tenant,
        (call_id, id): (&str, &str),
        only_of: Option<&str>,
        author: &Author,
        now: i64,
    ) -> Result<Noting, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let own = |whose: Option<&str>| only_of.is_none() || whose == only_of;
        if let Some(refused) = refused(&mut write, tenant, (call_id, id), own).await? {
            return Ok(refused);
        }
        sqlx::query("DELETE FROM call_notes WHERE tenant_id = $1 AND id = $2")
            .bind(tenant.id())
            .bind(id)
            .execute(write.connection())
            .await?;
        let deed = Deed::on(KIND, call_id, "call.note_removed");
        said(write, tenant, author, &deed, now).await?;
        Ok(Noting::Done)
    }
}

/// Adds a note to a call of the tenant, unless its last one says the same.
pub(super) async fn add_unless_last(
    write: &mut Write,
    tenant: &Tenant,
    call_id: &str,
    text: &str,
    author: &Author,
    now: i64,
) -> Result<(), StoreError> {
    let last = sqlx::query(
        "SELECT text FROM call_notes WHERE tenant_id = $1 AND call_id = $2 \
         ORDER BY created_at DESC, id DESC LIMIT 1",
    )
    .bind(tenant.id())
    .bind(call_id)
    .fetch_optional(write.connection())
    .await?;
    let last: Option<String> = last.map(|row| row.try_get("text")).transpose()?;
    if last.as_deref() != Some(text) {
        insert(write, tenant, call_id, text, author, now).await?;
    }
    Ok(())
}

/// Writes a note down. Its id; nothing where the tenant has no such call.
async fn insert(
    write: &mut Write,
    tenant: &Tenant,
    call_id: &str,
    text: &str,
    author: &Author,
    now: i64,
) -> Result<Option<String>, StoreError> {
    let id = Uuid::now_v7().to_string();
    let done = sqlx::query(
        "INSERT INTO call_notes (id, tenant_id, call_id, user_id, text, created_at) \
         SELECT $3, tenant_id, id, $4, $5, $6 FROM calls WHERE tenant_id = $1 AND id = $2",
    )
    .bind(tenant.id())
    .bind(call_id)
    .bind(&id)
    .bind(author.actor.person())
    .bind(text)
    .bind(now)
    .execute(write.connection())
    .await?;
    Ok((done.rows_affected() > 0).then_some(id))
}

/// Why nothing is done with a note: there is none, or it is not theirs, by who wrote it, if a
/// person did.
async fn refused(
    write: &mut Write,
    tenant: &Tenant,
    (call_id, id): (&str, &str),
    is_theirs: impl FnOnce(Option<&str>) -> bool,
) -> Result<Option<Noting>, StoreError> {
    let row = sqlx::query(
        "SELECT user_id FROM call_notes WHERE tenant_id = $1 AND call_id = $2 AND id = $3",
    )
    .bind(tenant.id())
    .bind(call_id)
    .bind(id)
    .fetch_optional(write.connection())
    .await?;
    let Some(row) = row else {
        return Ok(Some(Noting::Unknown));
    };
    let whose: Option<String> = row.try_get("user_id")?;
    Ok((!is_theirs(whose.as_deref())).then_some(Noting::NotTheirs))
}

/// Writes down that something else is said of a call, and tells of it. What people wrote is not
/// in the trail: it would outlive the call.
async fn said(
    mut write: Write,
    tenant: &Tenant,
    author: &Author,
    deed: &Deed<'_>,
    now: i64,
) -> Result<(), StoreError> {
    Deeds::record(&mut write, tenant, author, deed, now).await?;
    tell_said(&mut write, tenant, deed.subject_id, now).await?;
    write.commit().await
}

/// The note in a row.
fn note(row: &AnyRow) -> Result<Option<CallNote>, sqlx::Error> {
    let Some(written) = done_by(row, ["created_at", "user_id", "user_name"])? else {
        return Ok(None);
    };
    Ok(Some(CallNote {
        id: row.try_get("id")?,
        text: row.try_get("text")?,
        written,
        edited_at: row.try_get("edited_at")?,
    }))
}
