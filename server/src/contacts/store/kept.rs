//! What contacts hold of people.

use serde_json::{Value, json};
use sqlx::Row;

use super::ContactImports;
use crate::keeps::{Keeps, OfPeople};
use crate::person::Person;
use crate::store::{Scope, Store, StoreError, Tenant, Write, from_json};

pub(crate) const KEEPS: Keeps = Keeps {
    of_people: Some(OfPeople {
        name: "contacts",
        counter: |traces| &mut traces.contacts,
        find: |store, tenant, person| Box::pin(find(store, tenant, person)),
        erase: |write, tenant, person, _| Box::pin(erase(write, tenant, person)),
    }),
    expiring: &[|store, now, limit| Box::pin(store.contact_imports().forget_old(now, limit))],
    ..Keeps::NOTHING
};

async fn find(store: &Store, tenant: &Tenant, person: &Person) -> Result<Vec<Value>, StoreError> {
    let mut db = store.read(Scope::Of(tenant)).await?;
    let rows = sqlx::query(
        "SELECT id, phone, more_phones, name, email, language, vip, blocked, do_not_call, tags, \
             notes, fields, created_at FROM contacts \
         WHERE tenant_id = $1 AND (phone = $2 OR email = $3 OR id IN \
             (SELECT contact_id FROM contact_numbers WHERE tenant_id = $1 AND number = $2))",
    )
    .bind(tenant.id())
    .bind(person.phone())
    .bind(person.email())
    .fetch_all(db.connection())
    .await?;
    let mut found = rows
        .iter()
        .map(|row| {
            let id: String = row.try_get("id")?;
            let flag = |column: &str| Ok::<_, StoreError>(row.try_get::<i64, _>(column)? != 0);
            let phones: Value = from_json(row.try_get("more_phones")?, "contacts", &id)?;
            let tags: Value = from_json(row.try_get("tags")?, "contacts", &id)?;
            let fields: Value = from_json(row.try_get("fields")?, "contacts", &id)?;
            Ok(json!({
                "id": id,
                "phone": row.try_get::<Option<String>, _>("phone")?,
                "more_phones": phones,
                "name": row.try_get::<String, _>("name")?,
                "email": row.try_get::<Option<String>, _>("email")?,
                "language": row.try_get::<Option<String>, _>("language")?,
                "vip": flag("vip")?,
                "blocked": flag("blocked")?,
                "do_not_call": flag("do_not_call")?,
                "tags": tags,
                "notes": row.try_get::<String, _>("notes")?,
                "fields": fields,
                "created_at": row.try_get::<i64, _>("created_at")?,
            }))
        })
        .collect::<Result<Vec<_>, StoreError>>()?;
    drop(db);
    found.extend(store.contact_imports().of_person(tenant, person).await?);
    Ok(found)
}

async fn erase(write: &mut Write, tenant: &Tenant, person: &Person) -> Result<(), StoreError> {
    sqlx::query(
        "DELETE FROM contacts WHERE tenant_id = $1 AND (phone = $2 OR email = $3 OR id IN \
             (SELECT contact_id FROM contact_numbers WHERE tenant_id = $1 AND number = $2))",
    )
    .bind(tenant.id())
    .bind(person.phone())
    .bind(person.email())
    .execute(write.connection())
    .await?;
    ContactImports::erase(write, tenant, person).await
}
