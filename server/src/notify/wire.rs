//! Endpoints and notifications as the desk and the REST API tell them.

use api::notify;

use super::{Endpoint, NotificationDetail, NotificationRow, event};
use crate::config::Config;

/// An endpoint.
#[must_use]
pub fn endpoint(endpoint: Endpoint) -> notify::Endpoint {
    notify::Endpoint {
        id: endpoint.id,
        url: endpoint.url,
        description: endpoint.description,
        events: endpoint.events,
        header_names: endpoint.header_names,
        created_at: endpoint.created_at,
        previous_secret_until: endpoint.previous_until,
        disabled_at: endpoint.disabled_at,
        disabled_reason: endpoint.disabled_reason,
        failing_since: endpoint.failing_since,
        revision: endpoint.revision,
    }
}

/// A row of the log.
#[must_use]
pub fn notification(row: NotificationRow) -> notify::Notification {
    notify::Notification {
        id: row.id,
        event_id: row.event_id,
        event_type: row.event_type,
        state: row.state,
        attempts: row.attempts,
        next_at: row.next_at,
        last_status: row.last_status,
        last_error: row.last_error,
        created_at: row.created_at,
        finished_at: row.finished_at,
    }
}

/// A notification with its body and its attempts.
#[must_use]
pub fn detail(detail: NotificationDetail, config: &Config) -> notify::NotificationDetail {
    let row = &detail.row;
    let body = event::body(
        &row.event_id,
        &row.event_type,
        detail.happened_at,
        &detail.payload,
        |path| config.url_of(path),
    );
    let tried = detail
        .tried
        .into_iter()
        .map(|attempt| notify::NotificationAttempt {
            number: attempt.number,
            at: attempt.at,
            duration_ms: attempt.duration_ms,
            status: attempt.status,
            error: attempt.error,
            response: attempt.response,
        })
        .collect();
    notify::NotificationDetail {
        // We have just written it.
        body: serde_json::from_str(&body).unwrap_or_default(),
        notification: notification(detail.row),
        tried,
    }
}
