//! What there is of people who have, or had, an account at the desk.

use serde_json::{Value, json};
use sqlx::Row;

use super::People;
use super::people::ABLE_ADMIN;
use crate::deeds::Deeds;
use crate::keeps::{Keeps, OfPeople, forget};
use crate::person::Person;
use crate::store::{Scope, Store, StoreError, Tenant, Write};

pub(crate) const KEEPS: Keeps = Keeps {
    // Sessions and links that no longer work, and attempts that hold nobody up any more.
    expiring: &[
        |store, now, limit| {
            Box::pin(forget(
                store,
                ("sign_in_links", "token_hash", "expires_at"),
                now,
                limit,
            ))
        },
        |store, now, limit| {
            Box::pin(forget(
                store,
                ("sessions", "id_hash", "expires_at"),
                now,
                limit,
            ))
        },
        |store, now, limit| {
            Box::pin(forget(
                store,
                ("sign_in_attempts", "name_hash", "free_at"),
                now,
                limit,
            ))
        },
    ],
    of_people: Some(OfPeople {
        name: "accounts",
        counter: |traces| &mut traces.accounts,
        find: |store, tenant, person| Box::pin(find(store, tenant, person)),
        erase: |write, tenant, _, found| Box::pin(erase(write, tenant, found)),
    }),
    ..Keeps::NOTHING
};

async fn find(store: &Store, tenant: &Tenant, person: &Person) -> Result<Vec<Value>, StoreError> {
    let Some(email) = person.email() else {
        return Ok(Vec::new());
    };
    let mut db = store.read(Scope::Of(tenant)).await?;
    let rows = sqlx::query(
        "SELECT id, email, name, role, created_at FROM users WHERE tenant_id = $1 AND email = $2",
    )
    .bind(tenant.id())
    .bind(email)
    .fetch_all(db.connection())
    .await?;
    rows.iter()
        .map(|row| {
            Ok(json!({
                "id": row.try_get::<String, _>("id")?,
                "email": row.try_get::<String, _>("email")?,
                "name": row.try_get::<String, _>("name")?,
                "role": row.try_get::<String, _>("role")?,
                "created_at": row.try_get::<i64, _>("created_at")?,
            }))
        })
        .collect()
}

/// Sessions and links go with an account. What the person did stays in the trail,
/// without the name.
async fn erase(write: &mut Write, tenant: &Tenant, found: &[Value]) -> Result<(), StoreError> {
    for account in found {
        let id = account["id"].as_str().unwrap_or_default();
        Deeds::forget_in_trail(write, tenant, id).await?;
        sqlx::query("DELETE FROM users WHERE tenant_id = $1 AND id = $2")
            .bind(tenant.id())
            .bind(id)
            .execute(write.connection())
            .await?;
    }
    Ok(())
}

impl People<'_> {
    /// Whether somebody is the only admin of the tenant who can still sign in.
    pub(crate) async fn is_last_admin(
        self,
        tenant: &Tenant,
        person: &Person,
    ) -> Result<bool, StoreError> {
        let Some(email) = person.email() else {
            return Ok(false);
        };
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let sql = format!(
            "SELECT COUNT(CASE WHEN email = $2 THEN 1 END) AS own, COUNT(*) AS admins \
             FROM users WHERE tenant_id = $1 AND {ABLE_ADMIN}"
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(tenant.id())
            .bind(email)
            .fetch_one(db.connection())
            .await?;
        Ok(row.try_get::<i64, _>("own")? == 1 && row.try_get::<i64, _>("admins")? == 1)
    }
}
