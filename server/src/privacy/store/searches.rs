//! What was looked for about somebody, and the copy that was made of it. It is kept for a
//! day, and no longer than what it is a copy of.

use api::privacy::{PersonFound, PersonSearch};
use futures_util::{Stream, stream};
use serde_json::json;
use sqlx::Row;
use sqlx::any::AnyRow;
use uuid::Uuid;

use crate::deeds::Author;
use crate::jobs::Jobs;
use crate::person::Person;
use crate::privacy::searching::Searching;
use crate::privacy::{exported, jobs};
use crate::store::{Scope, StoreError, Tenant, Write, from_json, to_json};

crate::store::part! {
    /// The searches for what there is of a person, and the copies of it.
    searches -> Searches
}

impl Searches<'_> {
    /// Has a job look for all there is about somebody. Returns the search's id.
    pub(crate) async fn order(
        self,
        tenant: &Tenant,
        person: &Person,
        now: i64,
    ) -> Result<String, StoreError> {
        let id = Uuid::now_v7().to_string();
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        sqlx::query(
            "INSERT INTO person_searches (id, tenant_id, person, created_at) \
             VALUES ($1, $2, $3, $4)",
        )
        .bind(&id)
        .bind(tenant.id())
        .bind(to_json(person))
        .bind(now)
        .execute(write.connection())
        .await?;
        Jobs::enqueue(&mut write, tenant, &jobs::search_of(&id, now), now).await?;
        write.commit().await?;
        Ok(id)
    }

    /// Whom a search is about that is still to be done.
    pub(crate) async fn open(
        self,
        tenant: &Tenant,
        id: &str,
    ) -> Result<Option<Person>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let row = sqlx::query(
            "SELECT person FROM person_searches \
             WHERE tenant_id = $1 AND id = $2 AND found IS NULL",
        )
        .bind(tenant.id())
        .bind(id)
        .fetch_optional(db.connection())
        .await?;
        let read = |row: AnyRow| from_json(row.try_get("person")?, "person_searches", id);
        row.map(read).transpose()
    }

    /// Notes in its job how far a search is, with the piece of the copy that was made, if one
    /// was.
    pub(in crate::privacy) async fn is_at(
        self,
        tenant: &Tenant,
        job_id: &str,
        at: &Searching,
        piece: Option<&str>,
    ) -> Result<(), StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        if let Some(piece) = piece {
            add_piece(&mut write, tenant, at, piece).await?;
        }
        Jobs::goes_on_from(&mut write, tenant, job_id, &json!(at)).await?;
        write.commit().await
    }

    /// Notes what a search found, with the last piece of the copy.
    pub(in crate::privacy) async fn end(
        self,
        tenant: &Tenant,
        at: &Searching,
        piece: &str,
        found: &PersonFound,
    ) -> Result<(), StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        add_piece(&mut write, tenant, at, piece).await?;
        sqlx::query("UPDATE person_searches SET found = $3 WHERE tenant_id = $1 AND id = $2")
            .bind(tenant.id())
            .bind(&at.search)
            .bind(to_json(found))
            .execute(write.connection())
            .await?;
        write.commit().await
    }

    /// How the tenant's search of this id stands.
    pub(crate) async fn find(
        self,
        tenant: &Tenant,
        id: &str,
    ) -> Result<Option<PersonSearch>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let row = sqlx::query("SELECT found FROM person_searches WHERE tenant_id = $1 AND id = $2")
            .bind(tenant.id())
            .bind(id)
            .fetch_optional(db.connection())
            .await?;
        let Some(row) = row else { return Ok(None) };
        let found: Option<String> = row.try_get("found")?;
        let read = |found: String| from_json(&found, "person_searches", id);
        Ok(Some(PersonSearch {
            id: id.to_owned(),
            found: found.map(read).transpose()?,
        }))
    }

    /// Gives a copy out that is made, in pieces, and writes that down.
    pub(crate) async fn copy(
        self,
        tenant: &Tenant,
        search: &PersonSearch,
        author: &Author,
        now: i64,
    ) -> Result<impl Stream<Item = Result<String, StoreError>> + Send + use<>, StoreError> {
        let calls = search.found.as_ref().map_or(0, |it| it.found.calls);
        self.0
            .deeds()
            .record_deed(tenant, author, &exported(calls), now)
            .await?;
        let (store, tenant, id) = (self.0.clone(), tenant.clone(), search.id.clone());
        Ok(stream::try_unfold(0, move |number| {
            let (store, tenant, id) = (store.clone(), tenant.clone(), id.clone());
            async move {
                let piece = store.searches().piece_of_copy(&tenant, &id, number).await?;
                Ok(piece.map(|text| (text, number + 1)))
            }
        }))
    }

    async fn piece_of_copy(
        self,
        tenant: &Tenant,
        id: &str,
        number: i64,
    ) -> Result<Option<String>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let row = sqlx::query(
            "SELECT text FROM person_copies \
             WHERE tenant_id = $1 AND search_id = $2 AND number = $3",
        )
        .bind(tenant.id())
        .bind(id)
        .bind(number)
        .fetch_optional(db.connection())
        .await?;
        Ok(row.map(|row| row.try_get("text")).transpose()?)
    }

    /// Forgets the searches for somebody, and their copies.
    pub(crate) async fn forget(
        write: &mut Write,
        tenant: &Tenant,
        person: &Person,
    ) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM person_searches WHERE tenant_id = $1 AND person = $2")
            .bind(tenant.id())
            .bind(to_json(person))
            .execute(write.connection())
            .await?;
        Ok(())
    }
}

/// Adds the last of its pieces to a search's copy.
async fn add_piece(
    write: &mut Write,
    tenant: &Tenant,
    at: &Searching,
    piece: &str,
) -> Result<(), StoreError> {
    // Where the search was forgotten meanwhile there is nothing to add to.
    sqlx::query(
        "INSERT INTO person_copies (search_id, tenant_id, number, text) \
         SELECT id, tenant_id, CAST($3 AS BIGINT), $4 FROM person_searches \
         WHERE tenant_id = $1 AND id = $2 \
         ON CONFLICT (search_id, number) DO UPDATE SET text = excluded.text",
    )
    .bind(tenant.id())
    .bind(&at.search)
    .bind(at.pieces - 1)
    .bind(piece)
    .execute(write.connection())
    .await?;
    Ok(())
}
