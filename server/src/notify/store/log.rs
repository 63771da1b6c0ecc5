//! The log of an endpoint's notifications.

use serde_json::{Map, Value};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use super::Attempt;
use super::outgoing::Notifications;
use crate::store::{Scope, StoreError, Tenant, from_json, older_than};

/// A notification in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotificationRow {
    /// Its id; ids sort by time.
    pub id: String,
    /// The event, which is also the id the receiver sees.
    pub event_id: String,
    /// Its type.
    pub event_type: String,
    /// `pending`, `delivered` or `failed`.
    pub state: String,
    /// How often it was tried.
    pub attempts: i64,
    /// When it is tried next (Unix ms).
    pub next_at: Option<i64>,
    /// What the receiver answered last.
    pub last_status: Option<i64>,
    /// Why there was no answer.
    pub last_error: Option<String>,
    /// When it was created (Unix ms).
    pub created_at: i64,
    /// When it arrived or was given up (Unix ms).
    pub finished_at: Option<i64>,
}

/// A notification with what it carries and every attempt.
#[derive(Debug, Clone, PartialEq)]
pub struct NotificationDetail {
    /// The row of the log.
    pub row: NotificationRow,
    /// When the event happened (Unix ms).
    pub happened_at: i64,
    /// The body; links begin with a slash.
    pub payload: Map<String, Value>,
    /// The attempts, the newest first.
    pub tried: Vec<Attempt>,
}

impl Notifications<'_> {
    /// A page of the log of one of the tenant's endpoints, the newest first,
    /// from before the notification with the id `before`.
    pub async fn page(
        self,
        tenant: &Tenant,
        endpoint_id: &str,
        before: Option<&str>,
        limit: u32,
    ) -> Result<Vec<NotificationRow>, StoreError> {
        let older = older_than("id", before, 3);
        let sql = format!(
            "SELECT id, event_id, event_type, state, attempts, next_at, last_status, last_error, \
                 created_at, finished_at \
             FROM endpoint_deliveries \
             WHERE tenant_id = $1 AND endpoint_id = $2 AND {older} ORDER BY id DESC LIMIT $4"
        );
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let rows = sqlx::query(AssertSqlSafe(sql))
            .bind(tenant.id())
            .bind(endpoint_id)
            .bind(before)
            .bind(i64::from(limit))
            .fetch_all(db.connection())
            .await?;
        Ok(rows.iter().map(notification).collect::<Result<_, _>>()?)
    }

    /// One notification to one of the tenant's endpoints.
    pub async fn find(
        self,
        tenant: &Tenant,
        endpoint_id: &str,
        id: &str,
    ) -> Result<Option<NotificationDetail>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let row = sqlx::query(
            "SELECT d.id, d.event_id, d.event_type, d.state, d.attempts, d.next_at, \
                 d.last_status, d.last_error, d.created_at, d.finished_at, v.happened_at, \
                 v.payload \
             FROM endpoint_deliveries d JOIN outgoing_events v ON v.id = d.event_id \
             JOIN webhook_endpoints e ON e.id = d.endpoint_id \
             WHERE d.tenant_id = $1 AND d.endpoint_id = $2 AND d.id = $3 \
                 AND e.deleted_at IS NULL",
        )
        .bind(tenant.id())
        .bind(endpoint_id)
        .bind(id)
        .fetch_optional(db.connection())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let tried = sqlx::query(
            "SELECT number, at, duration_ms, status, error, response FROM delivery_attempts \
             WHERE tenant_id = $1 AND delivery_id = $2 ORDER BY number DESC LIMIT 50",
        )
        .bind(tenant.id())
        .bind(id)
        .fetch_all(db.connection())
        .await?;
        let tried = tried.iter().map(attempt).collect::<Result<_, _>>()?;
        Ok(Some(NotificationDetail {
            happened_at: row.try_get("happened_at")?,
            payload: from_json(row.try_get("payload")?, "outgoing_events", id)?,
            row: notification(&row)?,
            tried,
        }))
    }
}

fn notification(row: &AnyRow) -> Result<NotificationRow, sqlx::Error> {
    Ok(NotificationRow {
        id: row.try_get("id")?,
        event_id: row.try_get("event_id")?,
        event_type: row.try_get("event_type")?,
        state: row.try_get("state")?,
        attempts: row.try_get("attempts")?,
        next_at: row.try_get("next_at")?,
        last_status: row.try_get("last_status")?,
        last_error: row.try_get("last_error")?,
        created_at: row.try_get("created_at")?,
        finished_at: row.try_get("finished_at")?,
    })
}

fn attempt(row: &AnyRow) -> Result<Attempt, sqlx::Error> {
    let status: Option<i64> = row.try_get("status")?;
    Ok(Attempt {
        number: row.try_get("number")?,
        at: row.try_get("at")?,
        duration_ms: row.try_get("duration_ms")?,
        status: status.and_then(|status| u16::try_from(status).ok()),
        error: row.try_get("error")?,
        response: row.try_get("response")?,
    })
}
