//! What events tell of calls, and for how long they are kept.

use api::privacy::Traces;
use serde_json::{Map, Value, json};
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::keeps::{Aging, Keeps, OfCalls, count_of_calls, erase_of_calls, rows_of_call};
use crate::notify::EventType;
use crate::store::{SealedColumn, Store, StoreError, Tenant, Write, from_json};

pub(crate) const KEEPS: Keeps = Keeps {
    aging: &[Aging {
        name: "events",
        days: |retention| retention.webhooks_days,
        remove: |_, write, batch| {
            Box::pin(batch.delete(write, "outgoing_events", "created_at", "1 = 1"))
        },
    }],
    expiring: &[|store, now, limit| Box::pin(store.forget_old_events(now, limit))],
    of_calls: Some(OfCalls {
        count: |store, tenant, ids, traces| Box::pin(count(store, tenant, ids, traces)),
        export: |store, tenant, id, document| Box::pin(export(store, tenant, id, document)),
        erase: |write, tenant, ids, _| {
            Box::pin(erase_of_calls(write, tenant, "outgoing_events", ids))
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

impl Store {
    /// Forgets the events of a type whose payload has this field with this text. Looks
    /// through all of them, a month's at most.
    pub(crate) async fn forget_events(
        write: &mut Write,
        tenant: &Tenant,
        kind: EventType,
        field: &str,
        text: &str,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "DELETE FROM outgoing_events \
             WHERE tenant_id = $1 AND type = $2 AND payload LIKE $3",
        )
        .bind(tenant.id())
        .bind(kind.name())
        .bind(format!("%\"{field}\":\"{text}\"%"))
        .execute(write.connection())
        .await?;
        Ok(())
    }
}
