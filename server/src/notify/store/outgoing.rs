//! Writing events down: with a notification and a job for each endpoint that asked.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde_json::json;
use sqlx::Row;
use uuid::Uuid;

use crate::clock::DAY_MS;
use crate::deeds::{Author, Deed, Deeds};
use crate::jobs::{Jobs, NewJob};
use crate::notify::{Event, EventType, KIND};

use crate::store::{Connection, Scope, StoreError, Tenant, Write, from_json, to_json};

/// How often the job of a notification may fail for reasons of our own, such as a
/// database that is out of reach, before a person has to look at it.
const MAX_ATTEMPTS: u32 = 20;
/// How long events and what became of them are kept (ms).
const KEPT_MS: i64 = 30 * DAY_MS;

/// The endpoints of tenants, asked for once in a transaction, and what they are to be told
/// with it.
#[derive(Debug, Default)]
pub(crate) struct Subscribers {
    /// By tenant: who they are, and the names of what they asked for.
    of: HashMap<String, Vec<(String, Vec<String>)>>,
    /// Events, whose they are, and for whom.
    told: Vec<(Tenant, Event, Vec<String>)>,
}

impl Subscribers {
    /// [`Notifications::tell_endpoints`] of events of these kinds, each made only where
    /// somebody asked for it, once they are [put down](Self::put_down).
    pub(crate) async fn tell(
        &mut self,
        db: &mut Connection,
        tenant: &Tenant,
        kinds: &[EventType],
        mut event: impl FnMut(usize) -> Event,
    ) -> Result<(), StoreError> {
        if kinds.is_empty() {
            return Ok(());
        }
        let endpoints = match self.of.entry(tenant.id().to_owned()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(endpoints_of(db, tenant).await?),
        };
        for (index, kind) in kinds.iter().enumerate() {
            let to: Vec<_> = endpoints
                .iter()
                .filter(|(_, wanted)| wanted.iter().any(|one| one == kind.name()))
                .map(|(id, _)| id.clone())
                .collect();
            if !to.is_empty() {
                self.told.push((tenant.clone(), event(index), to));
            }
        }
        Ok(())
    }

    /// Writes what they are to be told.
    pub(crate) async fn put_down(self, write: &mut Write, now: i64) -> Result<(), StoreError> {
        for (tenant, event, to) in &self.told {
            let to: Vec<_> = to.iter().map(String::as_str).collect();
            Notifications::send_to(write, tenant, event, &to, now).await?;
        }
        Ok(())
    }
}

async fn endpoints_of(
    db: &mut Connection,
    tenant: &Tenant,
) -> Result<Vec<(String, Vec<String>)>, StoreError> {
    let rows = sqlx::query(
        "SELECT id, events FROM webhook_endpoints \
         WHERE tenant_id = $1 AND disabled_at IS NULL AND deleted_at IS NULL ORDER BY id",
    )
    .bind(tenant.id())
    .fetch_all(db)
    .await?;
    rows.iter()
        .map(|row| {
            let id: String = row.try_get("id")?;
            let wanted = from_json(row.try_get("events")?, "webhook_endpoints", &id)?;
            Ok((id, wanted))
        })
        .collect()
}

crate::store::part! {
    /// The events for endpoints, and what became of sending them.
    notifications -> Notifications
}

impl Notifications<'_> {
    /// Tells events to the endpoints of the tenant that asked for them, in the
    /// transaction of what happened. Nothing is written where nobody asked.
    pub(crate) async fn tell_endpoints(
        write: &mut Write,
        tenant: &Tenant,
        events: &[Event],
        now: i64,
    ) -> Result<(), StoreError> {
        let kinds: Vec<_> = events.iter().map(|event| event.kind).collect();
        let mut endpoints = Subscribers::default();
        let event = |index: usize| events[index].clone();
        endpoints
            .tell(write.connection(), tenant, &kinds, event)
            .await?;
        endpoints.put_down(write, now).await
    }

    /// Sends a test to one endpoint. Returns the notification's id.
    pub async fn send_test(
        self,
        tenant: &Tenant,
        endpoint_id: &str,
        event: &Event,
        author: &Author,
        now: i64,
    ) -> Result<String, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let to = [endpoint_id];
        let mut ids = Self::send_to(&mut write, tenant, event, &to, now).await?;
        let deed = Deed::on("webhook_endpoint", endpoint_id, "endpoint.tested");
        Deeds::record(&mut write, tenant, author, &deed, now).await?;
        write.commit().await?;
        Ok(ids.pop().unwrap_or_default())
    }

    /// Writes an event, and for each endpoint a notification and its job.
    async fn send_to(
        write: &mut Write,
        tenant: &Tenant,
        event: &Event,
        endpoints: &[&str],
        now: i64,
    ) -> Result<Vec<String>, StoreError> {
        let event_id = format!("evt_{}", Uuid::now_v7().simple());
        sqlx::query(
            "INSERT INTO outgoing_events (id, tenant_id, type, happened_at, payload, created_at, \
                 call_id) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(&event_id)
        .bind(tenant.id())
        .bind(event.kind.name())
        .bind(event.happened_at)
        .bind(to_json(&event.payload))
        .bind(now)
        .bind(event.call_id())
        .execute(write.connection())
        .await?;
        let mut ids = Vec::with_capacity(endpoints.len());
        for endpoint_id in endpoints {
            let id = format!("del_{}", Uuid::now_v7().simple());
            sqlx::query(
                "INSERT INTO endpoint_deliveries (id, tenant_id, endpoint_id, event_id, \
                     event_type, state, tries, attempts, rounds, next_at, created_at) \
                 VALUES ($1, $2, $3, $4, $5, 'pending', 0, 0, 1, $6, $6)",
            )
            .bind(&id)
            .bind(tenant.id())
            .bind(endpoint_id)
            .bind(&event_id)
            .bind(event.kind.name())
            .bind(now)
            .execute(write.connection())
            .await?;
            Self::enqueue(write, tenant, endpoint_id, &id, 1, now).await?;
            ids.push(id);
        }
        Ok(ids)
    }

    /// Adds the job that sends a notification; one for each time it is begun.
    pub(super) async fn enqueue(
        write: &mut Write,
        tenant: &Tenant,
        endpoint_id: &str,
        id: &str,
        round: i64,
        now: i64,
    ) -> Result<(), StoreError> {
        let job = NewJob {
            kind: KIND,
            group: Some(endpoint_id.to_owned()),
            dedupe_key: Some(format!("{id}:{round}")),
            payload: json!({"delivery_id": id}),
            run_at: now,
            max_attempts: MAX_ATTEMPTS,
        };
        Jobs::enqueue(write, tenant, &job, now).await
    }

    /// Forgets up to `limit` events that are 30 days old, with their notifications.
    /// Returns how many.
    pub async fn forget_old_events(self, now: i64, limit: u32) -> Result<u64, StoreError> {
        let mut write = self.0.write(Scope::Server).await?;
        let done = sqlx::query(
            "DELETE FROM outgoing_events WHERE id IN (SELECT id FROM outgoing_events \
                 WHERE created_at < $1 ORDER BY created_at LIMIT $2)",
        )
        .bind(now - KEPT_MS)
        .bind(i64::from(limit))
        .execute(write.connection())
        .await?;
        write.commit().await?;
        Ok(done.rows_affected())
    }
}
