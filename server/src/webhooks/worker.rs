//! Working off what was taken in.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::body::{Body, Event};
use crate::bus::{Signal, Topic};
use crate::calls::{Observation, facts};
use crate::state::App;
use crate::store::{DueDelivery, Scope, Store, StoreError, Write};

/// How many deliveries share a transaction.
const BATCH: u32 = 64;
/// How long to wait when the database does not work.
const OUTAGE_PAUSE: Duration = Duration::from_secs(1);
/// The longest sleep: another server may have put deliveries into the table.
const IDLE_PAUSE: Duration = Duration::from_secs(5);
/// The longest pause between two attempts (ms).
const MAX_RETRY_PAUSE_MS: i64 = 5 * 60 * 1000;

/// Works deliveries off until told to stop, and then what is still due.
pub async fn run(app: App, stop: CancellationToken) {
    let mut waiting = app.bus.listen(Topic::Webhooks);
    loop {
        let pause = match work_off(&app).await {
            Ok(()) => until_next(&app).await,
            Err(error) => {
                tracing::error!(%error, "webhooks cannot be worked off");
                OUTAGE_PAUSE
            }
        };
        tokio::select! {
            () = stop.cancelled() => break,
            () = app.inbox.arrived.notified() => {}
            _ = waiting.next() => {
                // Said ten times, it still means one look.
                waiting.heard();
            }
            () = tokio::time::sleep(pause) => {}
        }
    }
    if let Err(error) = work_off(&app).await {
        tracing::error!(%error, "webhooks are left for the next start");
    }
}

async fn until_next(app: &App) -> Duration {
    match app.store.next_delivery_due().await {
        Ok(Some(due)) => {
            let wait = u64::try_from(due - app.clock.now_ms()).unwrap_or(0);
            Duration::from_millis(wait).min(IDLE_PAUSE)
        }
        Ok(None) => IDLE_PAUSE,
        Err(_) => OUTAGE_PAUSE,
    }
}

/// Works off everything that is due now.
async fn work_off(app: &App) -> Result<(), StoreError> {
    loop {
        let done = match batch(app, BATCH).await {
            // One of them is at fault: find it by taking each on its own.
            Err(error) if !error.is_outage() => one_by_one(app).await?,
            result => result?,
        };
        if done == 0 {
            return Ok(());
        }
        if done == BATCH as usize {
            // There is enough for others, who may not have taken any in.
            app.store.tell(Signal::WebhooksWaiting).await?;
        }
    }
}

/// Works off up to `limit` deliveries in one transaction. Returns how many.
async fn batch(app: &App, limit: u32) -> Result<usize, StoreError> {
    let now = app.clock.now_ms();
    let mut write = app.store.write(Scope::Server).await?;
    let due = app.store.due_deliveries(&mut write, now, limit).await?;
    // Every server locks calls in the same order, so that none waits for one
    // that waits for it. In which order news of a call come does not matter.
    let mut in_order: Vec<_> = due.iter().collect();
    in_order.sort_by(|one, other| one.call_id.cmp(&other.call_id));
    for delivery in in_order {
        process(app, &mut write, delivery, now).await?;
    }
    if due.is_empty() {
        return Ok(0);
    }
    write.commit().await?;
    let done = app.clock.now_ms();
    for delivery in &due {
        let took = u64::try_from(done - delivery.received_at).unwrap_or(0);
        let took = Duration::from_millis(took);
        app.metrics.worked_off(&delivery.event, took);
    }
    Ok(due.len())
}

/// Works off one batch, each delivery in its own transaction; one that the
/// database refuses is put off, or parked.
async fn one_by_one(app: &App) -> Result<usize, StoreError> {
    let mut done = 0;
    for _ in 0..BATCH {
        match batch(app, 1).await {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) if error.is_outage() => return Err(error),
            Err(error) => put_off_first(app, &error).await?,
        }
        done += 1;
    }
    Ok(done)
}

async fn put_off_first(app: &App, error: &StoreError) -> Result<(), StoreError> {
    let now = app.clock.now_ms();
    let mut write = app.store.write(Scope::Server).await?;
    if let Some(delivery) = app.store.due_deliveries(&mut write, now, 1).await?.first() {
        put_off(app, &mut write, delivery, &error.to_string(), now).await?;
    }
    write.commit().await
}

async fn put_off(
    app: &App,
    write: &mut Write,
    delivery: &DueDelivery,
    error: &str,
    now: i64,
) -> Result<(), StoreError> {
    let due_at = retry_at(
        delivery.attempts,
        now,
        app.config.webhooks.retry_base,
        app.config.webhooks.max_attempts,
    );
    tracing::warn!(
        delivery_id = delivery.id,
        parked = due_at.is_none(),
        error,
        "webhook failed"
    );
    Store::fail_delivery(write, &delivery.id, error, due_at).await
}

/// Does what a delivery asks for and notes that it is done.
async fn process(
    app: &App,
    write: &mut Write,
    delivery: &DueDelivery,
    now: i64,
) -> Result<(), StoreError> {
    let seen = match Body::parse(&delivery.body) {
        Ok(Body::Event(event)) => observation(event, delivery.signed_at),
        Ok(Body::Ping) | Err(_) => None,
    };
    let Some(seen) = seen else {
        let reason = Err("it is not about a call");
        return Store::finish_delivery(write, &delivery.id, reason, now).await;
    };
    let key = facts::public_key(&seen.fields);
    let agent = facts::Facts::of(&seen.fields).agent_id;
    let agent = (!agent.is_empty()).then_some(agent.as_str());
    let tenant = app
        .store
        .find_tenant(write, &seen.call_id, key.as_deref(), agent)
        .await?;
    let Some(tenant) = tenant else {
        return put_off(app, write, delivery, "no tenant is known for its call", now).await;
    };
    app.store
        .observe_in(write, &tenant, &seen, now, &app.config.healing)
        .await?;
    Store::finish_delivery(write, &delivery.id, Ok(&tenant), now).await
}

fn observation(event: Event, signed_at: i64) -> Option<Observation> {
    Observation::from_event(&event.name, event.call?, signed_at)
}

/// When a delivery that failed `attempts` times before and just now again is
/// tried next (Unix ms); `None` when it is to be parked.
fn retry_at(attempts: u32, now: i64, base: Duration, max_attempts: u32) -> Option<i64> {
    if attempts.saturating_add(1) >= max_attempts {
        return None;
    }
    let base = i64::try_from(base.as_millis()).unwrap_or(MAX_RETRY_PAUSE_MS);
    let pause = base
        .saturating_mul(1 << attempts.min(20))
        .min(MAX_RETRY_PAUSE_MS);
    Some(now.saturating_add(pause))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_and_end_with_parking() {
        let base = Duration::from_secs(1);
        let pauses: Vec<_> = (0..5)
            .map(|attempts| retry_at(attempts, 0, base, 5))
            .collect();
        assert_eq!(
            pauses,
            [Some(1000), Some(2000), Some(4000), Some(8000), None]
        );
        assert_eq!(retry_at(60, 0, base, 100), Some(MAX_RETRY_PAUSE_MS));
    }
}
