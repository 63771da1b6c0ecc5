//! Notifications on their way: what has to be sent, and what came of an attempt.

use serde_json::{Map, Value, json};
use sqlx::Row;

use crate::deeds::{Author, Deed, Deeds};
use crate::notify::event;
use crate::notify::policy::{Consequence, Disabling, Next};

use super::outgoing::Notifications;
use crate::store::{Scope, StoreError, Tenant, Write, from_json};

/// How many notifications one transaction begins anew.
const REPLAY_BATCH: i64 = 200;
/// What is said of a notification whose endpoint was switched off.
const SWITCHED_OFF: &str = "The endpoint was switched off.";

/// Everything an attempt needs.
#[derive(Debug, Clone, PartialEq)]
pub struct Sending {
    /// The event.
    pub event_id: String,
    /// Its type.
    pub event_type: String,
    /// When it happened (Unix ms).
    pub happened_at: i64,
    /// Its body; links begin with a slash.
    pub payload: Map<String, Value>,
    /// Attempts of this round so far.
    pub tries: u32,
    /// Attempts in all so far.
    pub attempts: u32,
    /// The endpoint.
    pub endpoint_id: String,
    /// Its description.
    pub endpoint_description: String,
    /// Its address.
    pub url: String,
    /// Its secret, sealed.
    pub secret: String,
    /// The one before, sealed.
    pub previous_secret: Option<String>,
    /// Until when that one signs (Unix ms).
    pub previous_until: Option<i64>,
    /// Its own headers, sealed.
    pub headers: Option<String>,
    /// Whether it is switched off.
    pub endpoint_disabled: bool,
    /// Since when nothing arrived there (Unix ms).
    pub failing_since: Option<i64>,
    /// Until when it wants nothing (Unix ms).
    pub paused_until: Option<i64>,
}

/// One attempt of a notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// From 1 on.
    pub number: i64,
    /// When it ended (Unix ms).
    pub at: i64,
    /// How long it took (ms).
    pub duration_ms: i64,
    /// The HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// Why there was none.
    pub error: Option<String>,
    /// The beginning of the answer.
    pub response: Option<String>,
}

/// An attempt and what follows from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// What happened.
    pub attempt: Attempt,
    /// What follows.
    pub consequence: Consequence,
}

impl Notifications<'_> {
    /// What is to be sent for a notification; `None` when it is over, or gone.
    pub async fn to_send(self, tenant: &Tenant, id: &str) -> Result<Option<Sending>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let row = sqlx::query(
            "SELECT d.tries, d.attempts, d.event_id, d.event_type, d.endpoint_id, \
                 v.happened_at, v.payload, e.description, e.url, e.secret, e.previous_secret, \
                 e.previous_until, e.headers, e.disabled_at, e.failing_since, e.paused_until \
             FROM endpoint_deliveries d \
             JOIN outgoing_events v ON v.id = d.event_id \
             JOIN webhook_endpoints e ON e.id = d.endpoint_id \
             WHERE d.tenant_id = $1 AND d.id = $2 AND d.state = 'pending' \
                 AND e.deleted_at IS NULL",
        )
        .bind(tenant.id())
        .bind(id)
        .fetch_optional(db.connection())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let count = |column| -> Result<u32, sqlx::Error> {
            let count: i64 = row.try_get(column)?;
            Ok(u32::try_from(count).unwrap_or(u32::MAX))
        };
        let event_id: String = row.try_get("event_id")?;
        Ok(Some(Sending {
            event_type: row.try_get("event_type")?,
            happened_at: row.try_get("happened_at")?,
            payload: from_json(row.try_get("payload")?, "outgoing_events", &event_id)?,
            tries: count("tries")?,
            attempts: count("attempts")?,
            endpoint_id: row.try_get("endpoint_id")?,
            endpoint_description: row.try_get("description")?,
            url: row.try_get("url")?,
            secret: row.try_get("secret")?,
            previous_secret: row.try_get("previous_secret")?,
            previous_until: row.try_get("previous_until")?,
            headers: row.try_get("headers")?,
            endpoint_disabled: row.try_get::<Option<i64>, _>("disabled_at")?.is_some(),
            failing_since: row.try_get("failing_since")?,
            paused_until: row.try_get("paused_until")?,
            event_id,
        }))
    }

    /// Gives a notification up because its endpoint is switched off.
    pub async fn give_up(self, tenant: &Tenant, id: &str, now: i64) -> Result<(), StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        sqlx::query(
            "UPDATE endpoint_deliveries \
             SET state = 'failed', next_at = NULL, last_error = $3, finished_at = $4 \
             WHERE tenant_id = $1 AND id = $2 AND state = 'pending'",
        )
        .bind(tenant.id())
        .bind(id)
        .bind(SWITCHED_OFF)
        .bind(now)
        .execute(write.connection())
        .await?;
        write.commit().await
    }

    /// Notes an attempt and what follows from it for the notification and its
    /// endpoint, in one transaction.
    pub async fn note_attempt(
        self,
        tenant: &Tenant,
        id: &str,
        sending: &Sending,
        sent: &Sent,
        now: i64,
    ) -> Result<(), StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        insert_attempt(&mut write, tenant, id, &sent.attempt).await?;
        let (state, next_at, finished_at) = match sent.consequence.next {
            Next::Delivered => ("delivered", None, Some(now)),
            Next::RetryAt(at) => ("pending", Some(at), None),
            Next::Failed => ("failed", None, Some(now)),
        };
        sqlx::query(
            "UPDATE endpoint_deliveries SET state = $3, tries = tries + 1, attempts = $4, \
                 next_at = $5, last_status = $6, last_error = $7, finished_at = $8 \
             WHERE tenant_id = $1 AND id = $2 AND state = 'pending'",
        )
        .bind(tenant.id())
        .bind(id)
        .bind(state)
        .bind(sent.attempt.number)
        .bind(next_at)
        .bind(sent.attempt.status.map(i64::from))
        .bind(sent.attempt.error.as_deref())
        .bind(finished_at)
        .execute(write.connection())
        .await?;
        match sent.consequence.next {
            Next::Delivered => arrived(&mut write, tenant, &sending.endpoint_id).await?,
            Next::RetryAt(_) | Next::Failed => {
                failed(&mut write, tenant, sending, &sent.consequence, now).await?;
            }
        }
        if let Some(why) = sent.consequence.disabling {
            disable(&mut write, tenant, sending, why, now).await?;
        }
        write.commit().await
    }

    /// Begins a notification that is over anew; `false` when there is none.
    pub async fn replay(
        self,
        tenant: &Tenant,
        endpoint_id: &str,
        id: &str,
        author: &Author,
        now: i64,
    ) -> Result<bool, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let rows = sqlx::query(
            "UPDATE endpoint_deliveries SET state = 'pending', tries = 0, rounds = rounds + 1, \
                 next_at = $4, finished_at = NULL \
             WHERE tenant_id = $1 AND endpoint_id = $2 AND id = $3 AND state <> 'pending' \
             RETURNING id, rounds",
        )
        .bind(tenant.id())
        .bind(endpoint_id)
        .bind(id)
        .bind(now)
        .fetch_all(write.connection())
        .await?;
        let [row] = rows.as_slice() else {
            return Ok(false);
        };
        let round = row.try_get("rounds")?;
        Self::enqueue(&mut write, tenant, endpoint_id, id, round, now).await?;
        let deed = Deed::on("webhook_endpoint", endpoint_id, "endpoint.replayed")
            .with(json!({"delivery_id": id}));
        Deeds::record(&mut write, tenant, author, &deed, now).await?;
        write.commit().await?;
        Ok(true)
    }

    /// Begins every failed notification of an endpoint anew that was created since
    /// then (Unix ms). Returns how many.
    ///
    /// # Errors
    /// When the database fails; those before stay begun.
    pub async fn replay_failed(
        self,
        tenant: &Tenant,
        endpoint_id: &str,
        since: i64,
        author: &Author,
        now: i64,
    ) -> Result<u64, StoreError> {
        let mut replayed = 0;
        loop {
            let mut write = self.0.write(Scope::Of(tenant)).await?;
            let rows = sqlx::query(
                "UPDATE endpoint_deliveries SET state = 'pending', tries = 0, \
                     rounds = rounds + 1, next_at = $4, finished_at = NULL \
                 WHERE id IN (SELECT id FROM endpoint_deliveries \
                     WHERE tenant_id = $1 AND endpoint_id = $2 AND state = 'failed' \
                         AND created_at >= $3 AND finished_at <= $4 \
                     ORDER BY created_at LIMIT $5) \
                 RETURNING id, rounds",
            )
            .bind(tenant.id())
            .bind(endpoint_id)
            .bind(since)
            .bind(now)
            .bind(REPLAY_BATCH)
            .fetch_all(write.connection())
            .await?;
            for row in &rows {
                let id: String = row.try_get("id")?;
                let round = row.try_get("rounds")?;
                Self::enqueue(&mut write, tenant, endpoint_id, &id, round, now).await?;
            }
            let count = rows.len() as u64;
            // With what was done, so that nothing of it is missing from the trail if a server stops.
            if count > 0 {
                let details = json!({"since": since, "notifications": count});
                let deed =
                    Deed::on("webhook_endpoint", endpoint_id, "endpoint.replayed").with(details);
                Deeds::record(&mut write, tenant, author, &deed, now).await?;
            }
            write.commit().await?;
            replayed += count;
            if count < REPLAY_BATCH.unsigned_abs() {
                return Ok(replayed);
            }
        }
    }
}

async fn insert_attempt(
    write: &mut Write,
    tenant: &Tenant,
    id: &str,
    attempt: &Attempt,
) -> Result<(), StoreError> {
    // A server that lost its lease in the middle may be noting the same one.
    sqlx::query(
        "INSERT INTO delivery_attempts (delivery_id, number, tenant_id, at, duration_ms, status, \
             error, response) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (delivery_id, number) DO NOTHING",
    )
    .bind(id)
    .bind(attempt.number)
    .bind(tenant.id())
    .bind(attempt.at)
    .bind(attempt.duration_ms)
    .bind(attempt.status.map(i64::from))
    .bind(attempt.error.as_deref())
    .bind(attempt.response.as_deref())
    .execute(write.connection())
    .await?;
    Ok(())
}

async fn arrived(write: &mut Write, tenant: &Tenant, endpoint_id: &str) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE webhook_endpoints SET failing_since = NULL, paused_until = NULL \
         WHERE tenant_id = $1 AND id = $2 \
             AND (failing_since IS NOT NULL OR paused_until IS NOT NULL)",
    )
    .bind(tenant.id())
    .bind(endpoint_id)
    .execute(write.connection())
    .await?;
    Ok(())
}

async fn failed(
    write: &mut Write,
    tenant: &Tenant,
    sending: &Sending,
    consequence: &Consequence,
    now: i64,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE webhook_endpoints SET failing_since = COALESCE(failing_since, $3), \
             paused_until = COALESCE($4, paused_until) \
         WHERE tenant_id = $1 AND id = $2",
    )
    .bind(tenant.id())
    .bind(&sending.endpoint_id)
    .bind(now)
    .bind(consequence.paused_until)
    .execute(write.connection())
    .await?;
    Ok(())
}

/// Switches an endpoint off for a reason of its own, and tells the others.
async fn disable(
    write: &mut Write,
    tenant: &Tenant,
    sending: &Sending,
    why: Disabling,
    now: i64,
) -> Result<(), StoreError> {
    let id = sending.endpoint_id.as_str();
    let done = sqlx::query(
        "UPDATE webhook_endpoints SET disabled_at = $3, disabled_reason = $4 \
         WHERE tenant_id = $1 AND id = $2 AND disabled_at IS NULL",
    )
    .bind(tenant.id())
    .bind(id)
    .bind(now)
    .bind(why.name())
    .execute(write.connection())
    .await?;
    if done.rows_affected() == 0 {
        return Ok(());
    }
    tracing::warn!(
        endpoint_id = id,
        reason = why.name(),
        "endpoint switched off"
    );
    let deed =
        Deed::on("webhook_endpoint", id, "endpoint.disabled").with(json!({"reason": why.name()}));
    Deeds::record(write, tenant, &Author::system(), &deed, now).await?;
    let event = event::endpoint_disabled(id, &sending.endpoint_description, why.name(), now);
    Notifications::tell_endpoints(write, tenant, &[event], now).await
}
