//! What messages hold of people, and for how long.

use std::future::ready;

use api::contacts::Moment;
use serde_json::{Map, Value, json};

use super::{columns, from_row};
use crate::keeps::{
    Aging, Before, Joining, Keeps, OfCalls, OfPeople, erase_found, forget_calls, moments_by,
};
use crate::person::Person;
use crate::phone::E164;
use crate::store::{Scope, SealedColumn, Store, StoreError, Tenant, Write};

/// That somebody wants no messages stays when they are erased: it is what they asked for.
pub(in crate::sms) const KEEPS: Keeps = Keeps {
    aging: &[Aging {
        name: "sms_messages",
        days: |retention| retention.calls_days,
        remove: |_, write, batch| Box::pin(batch.delete(write, "sms_messages", "at", "TRUE")),
    }],
    of_calls: Some(OfCalls {
        redact: None,
        count: |_, _, _, _| Box::pin(ready(Ok(()))),
        export: |store, tenant, id, document| Box::pin(export(store, tenant, id, document)),
        // A message outlives the call it was sent in.
        erase: |write, tenant, ids, _| Box::pin(forget_calls(write, tenant, "sms_messages", ids)),
    }),
    of_people: Some(OfPeople {
        name: "sms",
        counter: |traces| &mut traces.sms,
        find: |store, tenant, person| Box::pin(find(store, tenant, person)),
        erase: |write, tenant, _, found| {
            Box::pin(erase_found(write, tenant, "sms_messages", found))
        },
    }),
    moments: Some(|store, tenant, number, before, limit| {
        Box::pin(moments(store, tenant, number, before, limit))
    }),
    joining: Some(|write, tenant, joining| Box::pin(join(write, tenant, joining))),
    sealed: &[SealedColumn::new("sms_settings", "tenant_id", "secrets")],
    ..Keeps::NOTHING
};

/// What was sent in a call.
async fn export(
    store: &Store,
    tenant: &Tenant,
    call_id: &str,
    document: &mut Map<String, Value>,
) -> Result<(), StoreError> {
    let rows = messages(store, tenant, "call_id", call_id).await?;
    document.insert("sms".to_owned(), rows.into());
    Ok(())
}

async fn find(store: &Store, tenant: &Tenant, person: &Person) -> Result<Vec<Value>, StoreError> {
    match person.phone() {
        Some(phone) => messages(store, tenant, "number", phone).await,
        None => Ok(Vec::new()),
    }
}

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
        " FROM sms_messages WHERE tenant_id = $1 AND number = $2 AND (at, id) < ($3, $4) \
         ORDER BY at DESC, id DESC LIMIT $5"
    );
    moments_by(store, tenant, sql, (number, before, limit), |row| {
        Ok(Moment::Sms(from_row(row)?))
    })
    .await
}

/// Who wants no messages wants none to their other numbers either.
async fn join(write: &mut Write, tenant: &Tenant, joining: &Joining<'_>) -> Result<(), StoreError> {
    let mut opted_out = false;
    for number in joining.numbers {
        let row = sqlx::query("SELECT 1 FROM sms_opt_outs WHERE tenant_id = $1 AND number = $2")
            .bind(tenant.id())
            .bind(number.as_str())
            .fetch_optional(write.connection())
            .await?;
        opted_out |= row.is_some();
    }
    for number in joining.numbers.iter().filter(|_| opted_out) {
        sqlx::query(
            "INSERT INTO sms_opt_outs (tenant_id, number, at) VALUES ($1, $2, $3) \
             ON CONFLICT (tenant_id, number) DO NOTHING",
        )
        .bind(tenant.id())
        .bind(number.as_str())
        .bind(joining.now)
        .execute(write.connection())
        .await?;
    }
    Ok(())
}

async fn messages(
    store: &Store,
    tenant: &Tenant,
    column: &'static str,
    is: &str,
) -> Result<Vec<Value>, StoreError> {
    let sql = format!(
        "SELECT {} FROM sms_messages WHERE tenant_id = $1 AND {column} = $2 ORDER BY id",
        columns!()
    );
    let mut db = store.read(Scope::Of(tenant)).await?;
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(tenant.id())
        .bind(is)
        .fetch_all(db.connection())
        .await?;
    rows.iter().map(|row| Ok(json!(from_row(row)?))).collect()
}
