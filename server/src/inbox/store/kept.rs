//! What the inbox holds of people and of calls, and for how long.

use api::privacy::Traces;
use serde_json::{Map, Value, json};
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::clock::DAY_MS;
use crate::keeps::{
    Aging, Keeps, OfCalls, OfPeople, Redact, count_of_calls, erase_found, erase_of_calls,
    look_through, rows_of_call,
};
use crate::person::Person;
use crate::store::{Scope, Store, StoreError, Tenant};

/// How long entries are kept that belong to no business, such as refused ones.
const UNASSIGNED_DAYS: i64 = 30;

pub(crate) const KEEPS: Keeps = Keeps {
    aging: &[Aging {
        name: "webhooks",
        days: |retention| retention.webhooks_days,
        remove: |_, write, batch| {
            Box::pin(batch.delete(write, "webhook_deliveries", "received_at", "due_at IS NULL"))
        },
    }],
    expiring: &[|store, now, limit| Box::pin(remove_unassigned(store, now, limit))],
    of_calls: Some(OfCalls {
        redact: Some(Redact::Copies(|write, tenant, ids, _| {
            Box::pin(erase_of_calls(write, tenant, "webhook_deliveries", ids))
        })),
        count: |store, tenant, ids, traces| Box::pin(count(store, tenant, ids, traces)),
        export: |store, tenant, id, document| Box::pin(export(store, tenant, id, document)),
        erase: |write, tenant, ids, _| {
            Box::pin(erase_of_calls(write, tenant, "webhook_deliveries", ids))
        },
    }),
    of_people: Some(OfPeople {
        name: "other_webhooks",
        counter: |traces| &mut traces.webhooks,
        find: |store, tenant, person| Box::pin(find(store, tenant, person)),
        erase: |write, tenant, _, found| {
            Box::pin(erase_found(write, tenant, "webhook_deliveries", found))
        },
    }),
    ..Keeps::NOTHING
};

/// Those that nobody could assign, so that no business's retention covers them.
async fn remove_unassigned(store: &Store, now: i64, limit: u32) -> Result<u64, StoreError> {
    let mut write = store.write(Scope::Server).await?;
    let done = sqlx::query(
        "DELETE FROM webhook_deliveries WHERE id IN (SELECT id FROM webhook_deliveries \
             WHERE tenant_id IS NULL AND received_at < $1 AND due_at IS NULL \
             ORDER BY received_at LIMIT $2)",
    )
    .bind(now.saturating_sub(UNASSIGNED_DAYS * DAY_MS))
    .bind(i64::from(limit))
    .execute(write.connection())
    .await?;
    write.commit().await?;
    Ok(done.rows_affected())
}

async fn count(
    store: &Store,
    tenant: &Tenant,
    ids: &[String],
    traces: &mut Traces,
) -> Result<(), StoreError> {
    traces.webhooks += count_of_calls(store, tenant, "webhook_deliveries", ids).await?;
    Ok(())
}

async fn export(
    store: &Store,
    tenant: &Tenant,
    id: &str,
    document: &mut Map<String, Value>,
) -> Result<(), StoreError> {
    let columns = "id, received_at, event, body";
    let rows = rows_of_call(store, tenant, "webhook_deliveries", columns, id).await?;
    let webhooks: Vec<_> = rows.iter().map(webhook).collect::<Result<_, _>>()?;
    document.insert("webhooks".to_owned(), webhooks.into());
    Ok(())
}

/// Those that belong to no call and name somebody, such as an inbound call's question.
async fn find(store: &Store, tenant: &Tenant, person: &Person) -> Result<Vec<Value>, StoreError> {
    let columns = "received_at, event, body";
    look_through(store, tenant, "webhook_deliveries", columns, |row| {
        let body: Vec<u8> = row.try_get("body")?;
        let is_named = person.is_named_in(&String::from_utf8_lossy(&body));
        Ok(is_named.then(|| webhook(row)).transpose()?)
    })
    .await
}

fn webhook(row: &AnyRow) -> Result<Value, sqlx::Error> {
    let body: Vec<u8> = row.try_get("body")?;
    Ok(json!({
        "id": row.try_get::<String, _>("id")?,
        "received_at": row.try_get::<i64, _>("received_at")?,
        "event": row.try_get::<Option<String>, _>("event")?,
        "body": String::from_utf8_lossy(&body),
    }))
}
