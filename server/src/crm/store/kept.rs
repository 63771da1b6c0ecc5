//! What is kept of people and calls, and for how long. What was written into the CRM is the
//! business's, there: a person's copy names their record, so that it is found.

use std::future::ready;

use api::contacts::Moment;
use serde_json::{Map, Value, json};
use sqlx::Row;

use super::writes::{columns, from_row};
use crate::clock::DAY_MS;
use crate::keeps::{
    Aging, Before, Joining, Keeps, OfCalls, OfPeople, erase_of_calls, forget, moments_by,
    rows_of_call,
};
use crate::person::Person;
use crate::phone::E164;
use crate::store::{Scope, SealedColumn, Store, StoreError, Tenant, Write};

/// For how long whose record is which is remembered without being needed (ms).
const REMEMBERED_MS: i64 = 30 * DAY_MS;

pub(in crate::crm) const KEEPS: Keeps = Keeps {
    aging: &[Aging {
        name: "crm_writes",
        days: |retention| retention.calls_days,
        remove: |_, write, batch| {
            Box::pin(batch.delete(write, "crm_writes", "created_at", "state <> 'waiting'"))
        },
    }],
    expiring: &[|store, now, limit| {
        let table = ("crm_records", "tenant_id, who", "updated_at");
        Box::pin(forget(store, table, now - REMEMBERED_MS, limit))
    }],
    of_calls: Some(OfCalls {
        redact: None,
        count: |_, _, _, _| Box::pin(ready(Ok(()))),
        export: |store, tenant, id, document| Box::pin(export(store, tenant, id, document)),
        erase: |write, tenant, ids, _| Box::pin(erase_of_calls(write, tenant, "crm_writes", ids)),
    }),
    of_people: Some(OfPeople {
        name: "crm",
        counter: |traces| &mut traces.crm,
        find: |store, tenant, person| Box::pin(find(store, tenant, person)),
        erase: |write, tenant, person, _| Box::pin(erase(write, tenant, person)),
    }),
    moments: Some(|store, tenant, number, before, limit| {
        Box::pin(moments(store, tenant, number, before, limit))
    }),
    joining: Some(|write, tenant, joining| Box::pin(join(write, tenant, joining))),
    sealed: &[
        SealedColumn::new("crm_connections", "tenant_id", "secrets"),
        SealedColumn::new("crm_grants", "tenant_id", "tokens"),
    ],
    ..Keeps::NOTHING
};

/// Where a call was written.
async fn export(
    store: &Store,
    tenant: &Tenant,
    call_id: &str,
    document: &mut Map<String, Value>,
) -> Result<(), StoreError> {
    let rows = rows_of_call(store, tenant, "crm_writes", columns!(), call_id).await?;
    let rows = rows.iter().map(|row| Ok(json!(from_row(row)?)));
    let rows = rows.collect::<Result<Vec<_>, StoreError>>()?;
    document.insert("crm".to_owned(), rows.into());
    Ok(())
}

/// Which record is theirs.
async fn find(store: &Store, tenant: &Tenant, person: &Person) -> Result<Vec<Value>, StoreError> {
    let mut db = store.read(Scope::Of(tenant)).await?;
    let rows = sqlx::query(
        "SELECT who, record_id FROM crm_records \
         WHERE tenant_id = $1 AND (who = $2 OR who = $3) AND record_id IS NOT NULL ORDER BY who",
    )
    .bind(tenant.id())
    .bind(person.phone())
    .bind(person.email())
    .fetch_all(db.connection())
    .await?;
    rows.iter()
        .map(|row| {
            let who: String = row.try_get("who")?;
            let record: String = row.try_get("record_id")?;
            Ok(json!({"who": who, "record_id": record}))
        })
        .collect()
}

/// What was written of whoever has a number.
async fn moments(
    store: &Store,
    tenant: &Tenant,
    number: &E164,
    before: &Before,
    limit: u32,
) -> Result<Vec<Moment>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM crm_writes WHERE tenant_id = $1 AND number = $2 \
         AND (state = 'written' OR activity_id IS NOT NULL) \
         AND (created_at, id) < ($3, $4) ORDER BY created_at DESC, id DESC LIMIT $5"
    );
    moments_by(store, tenant, sql, (number, before, limit), |row| {
        Ok(Moment::Crm(from_row(row)?))
    })
    .await
}

/// What is still to be written of them is written of the one that stays.
async fn join(write: &mut Write, tenant: &Tenant, joining: &Joining<'_>) -> Result<(), StoreError> {
    sqlx::query("UPDATE crm_writes SET contact_id = $3 WHERE tenant_id = $1 AND contact_id = $2")
        .bind(tenant.id())
        .bind(joining.goes)
        .bind(joining.stays)
        .execute(write.connection())
        .await?;
    Ok(())
}

async fn erase(write: &mut Write, tenant: &Tenant, person: &Person) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM crm_records WHERE tenant_id = $1 AND (who = $2 OR who = $3)")
        .bind(tenant.id())
        .bind(person.phone())
        .bind(person.email())
        .execute(write.connection())
        .await?;
    sqlx::query("DELETE FROM crm_writes WHERE tenant_id = $1 AND number = $2")
        .bind(tenant.id())
        .bind(person.phone())
        .execute(write.connection())
        .await?;
    Ok(())
}
