//! What events tell of calls, and for how long they are kept.

use api::privacy::Traces;
use serde_json::{Map, Value, json};
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::keeps::{
    Aging, Keeps, OfCalls, OfPeople, Redact, count_of_calls, erase_found, erase_of_calls,
    look_through, rows_of_call,
};
use crate::person::Person;
use crate::store::{SealedColumn, Store, StoreError, Tenant, from_json};

pub(crate) const KEEPS: Keeps = Keeps {
    aging: &[Aging {
        name: "events",
        days: |retention| retention.webhooks_days,
        remove: |_, write, batch| {
            Box::pin(batch.delete(write, "outgoing_events", "created_at", "1 = 1"))
        },
    }],
    expiring: &[|store, now, limit| Box::pin(store.notifications().forget_old_events(now, limit))],
    of_calls: Some(OfCalls {
        redact: Some(Redact::Copies(|write, tenant, ids, _| {
            Box::pin(erase_of_calls(write, tenant, "outgoing_events", ids))
        })),
        count: |store, tenant, ids, traces| Box::pin(count(store, tenant, ids, traces)),
        export: |store, tenant, id, document| Box::pin(export(store, tenant, id, document)),
        erase: |write, tenant, ids, _| {
            Box::pin(erase_of_calls(write, tenant, "outgoing_events", ids))
        },
    }),
    of_people: Some(OfPeople {
        name: "other_events",
        counter: |traces| &mut traces.events,
        find: |store, tenant, person| Box::pin(find(store, tenant, person)),
        erase: |write, tenant, _, found| {
            Box::pin(erase_found(write, tenant, "outgoing_events", found))
        },
    }),
    sealed: &[
        SealedColumn::new("webhook_endpoints", "id", "secret"),
        SealedColumn::new("webhook_endpoints", "id", "previous_secret"),
        SealedColumn::new("webhook_endpoints", "id", "headers"),
    ],
    ..Keeps::NOTHING
};

async fn count(
    store: &Store,
    tenant: &Tenant,
    ids: &[String],
    traces: &mut Traces,
) -> Result<(), StoreError> {
    traces.events += count_of_calls(store, tenant, "outgoing_events", ids).await?;
    Ok(())
}

async fn export(
    store: &Store,
    tenant: &Tenant,
    id: &str,
    document: &mut Map<String, Value>,
) -> Result<(), StoreError> {
    let columns = "id, type, happened_at, payload";
    let rows = rows_of_call(store, tenant, "outgoing_events", columns, id).await?;
    let events: Vec<_> = rows.iter().map(event).collect::<Result<_, _>>()?;
    document.insert("events".to_owned(), events.into());
    Ok(())
}

fn event(row: &AnyRow) -> Result<Value, StoreError> {
    let id: String = row.try_get("id")?;
    let payload: Value = from_json(row.try_get("payload")?, "outgoing_events", &id)?;
    Ok(json!({
        "id": id,
        "type": row.try_get::<String, _>("type")?,
        "happened_at": row.try_get::<i64, _>("happened_at")?,
        "payload": payload,
    }))
}

/// Those that belong to no call and name somebody, such as a call-back's: of a month at most.
async fn find(store: &Store, tenant: &Tenant, person: &Person) -> Result<Vec<Value>, StoreError> {
    let columns = "type, happened_at, payload";
    look_through(store, tenant, "outgoing_events", columns, |row| {
        let is_named = person.is_named_in(row.try_get("payload")?);
        is_named.then(|| event(row)).transpose()
    })
    .await
}
