//! Who is to be erased, and how far that is.

use api::privacy::{Erased, Erasure, ErasureState};
use sqlx::Row;
use uuid::Uuid;

use crate::deeds::Author;
use crate::jobs::Jobs;
use crate::person::Person;
use crate::privacy::jobs;
use crate::store::{Scope, StoreError, Tenant, Write, from_json, to_json};

/// Somebody to be erased.
#[derive(Debug)]
pub(crate) struct NewOrder<'a> {
    /// Who.
    pub(crate) person: &'a Person,
    /// Whether Retell is to delete the calls, too.
    pub(crate) at_retell: bool,
    /// Who asked for it.
    pub(crate) author: &'a Author,
}

/// Somebody who is being erased.
#[derive(Debug)]
pub(crate) struct Order {
    /// Who.
    pub(crate) person: Person,
    /// Whether Retell is to delete the calls, too.
    pub(crate) at_retell: bool,
    /// Who asked for it.
    pub(crate) author: Author,
    /// What is done so far.
    pub(crate) so_far: Erased,
}

crate::store::part! {
    /// The orders to erase what there is of a person.
    erasures -> Erasures
}

impl Erasures<'_> {
    /// Has somebody erased by a job. Returns the order's id.
    pub(crate) async fn order(
        self,
        tenant: &Tenant,
        order: &NewOrder<'_>,
        now: i64,
    ) -> Result<String, StoreError> {
        let id = Uuid::now_v7().to_string();
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        sqlx::query(
            "INSERT INTO erasures (id, tenant_id, person, at_retell, author, progress, state, \
                 created_at) VALUES ($1, $2, $3, $4, $5, $6, 'running', $7)",
        )
        .bind(&id)
        .bind(tenant.id())
        .bind(to_json(order.person))
        .bind(i64::from(order.at_retell))
        .bind(to_json(order.author))
        .bind(to_json(&Erased::default()))
        .bind(now)
        .execute(write.connection())
        .await?;
        Jobs::enqueue(&mut write, tenant, &jobs::erasure(&id, now), now).await?;
        write.commit().await?;
        Ok(id)
    }

    /// The order of this id, as long as it is not carried out.
    pub(crate) async fn open(self, tenant: &Tenant, id: &str) -> Result<Option<Order>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let row = sqlx::query(
            "SELECT person, at_retell, author, progress FROM erasures \
             WHERE id = $1 AND tenant_id = $2 AND person IS NOT NULL",
        )
        .bind(id)
        .bind(tenant.id())
        .fetch_optional(db.connection())
        .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(Order {
            person: from_json(row.try_get("person")?, "erasures", id)?,
            at_retell: row.try_get::<i64, _>("at_retell")? != 0,
            author: from_json(row.try_get("author")?, "erasures", id)?,
            so_far: from_json(row.try_get("progress")?, "erasures", id)?,
        }))
    }

    /// How far the tenant's order of this id is.
    pub(crate) async fn find(
        self,
        tenant: &Tenant,
        id: &str,
    ) -> Result<Option<Erasure>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let row =
            sqlx::query("SELECT state, progress FROM erasures WHERE id = $1 AND tenant_id = $2")
                .bind(id)
                .bind(tenant.id())
                .fetch_optional(db.connection())
                .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(Erasure {
            id: id.to_owned(),
            state: state(row.try_get("state")?),
            so_far: from_json(row.try_get("progress")?, "erasures", id)?,
        }))
    }

    /// Notes how far an order is. Once it is over, whom it was about is forgotten.
    pub(crate) async fn is_at(
        write: &mut Write,
        tenant: &Tenant,
        id: &str,
        state: ErasureState,
        so_far: &Erased,
    ) -> Result<(), StoreError> {
        let person = match state {
            ErasureState::Running => "person",
            ErasureState::Done | ErasureState::LastAdmin | ErasureState::Unknown => "NULL",
        };
        let sql = format!(
            "UPDATE erasures SET state = $3, progress = $4, person = {person} \
             WHERE id = $1 AND tenant_id = $2"
        );
        sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(id)
            .bind(tenant.id())
            .bind(name(state))
            .bind(to_json(so_far))
            .execute(write.connection())
            .await?;
        Ok(())
    }
}

fn name(state: ErasureState) -> &'static str {
    match state {
        ErasureState::Running => "running",
        ErasureState::Done => "done",
        ErasureState::LastAdmin => "last-admin",
        ErasureState::Unknown => "unknown",
    }
}

fn state(name: &str) -> ErasureState {
    match name {
        "running" => ErasureState::Running,
        "last-admin" => ErasureState::LastAdmin,
        _ => ErasureState::Done,
    }
}
