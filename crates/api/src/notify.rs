//! Outgoing webhooks, as the desk and the REST API speak of them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Page;

/// Where a business wants its events sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Endpoint {
    /// Its id, `ep_…`.
    pub id: String,
    /// The address.
    pub url: String,
    /// What it is, in the business's words.
    pub description: String,
    /// The event types it gets, such as `call.ended`.
    pub events: Vec<String>,
    /// The names of the headers it gets; their values are never told.
    pub header_names: Vec<String>,
    /// When it was created (Unix ms).
    pub created_at: i64,
    /// Until when its previous secret signs, too (Unix ms).
    pub previous_secret_until: Option<i64>,
    /// When it was switched off (Unix ms).
    pub disabled_at: Option<i64>,
    /// Why: `person`, `gone` (it answered 410) or `failing` (for days).
    pub disabled_reason: Option<String>,
    /// Since when nothing arrived there (Unix ms).
    pub failing_since: Option<i64>,
    /// Which revision of what was said of it this is; a change says which one it is of.
    #[serde(default)]
    pub revision: i64,
}

/// A business's endpoints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EndpointList {
    /// The endpoints, the oldest first.
    pub items: Vec<Endpoint>,
    /// The event types there are.
    pub event_types: Vec<String>,
}

/// Creates an endpoint, or says anew what it is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SaveEndpoint {
    /// Where to send; HTTPS.
    pub url: String,
    /// What it is.
    #[serde(default)]
    pub description: String,
    /// The event types it gets, at least one.
    pub events: Vec<String>,
    /// Headers sent with every notification. When changing an endpoint, headers
    /// that are left out stay as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub headers: Option<BTreeMap<String, String>>,
}

impl std::fmt::Debug for SaveEndpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SaveEndpoint")
            .field("events", &self.events)
            .finish_non_exhaustive()
    }
}

/// An endpoint whose secret is new. The secret is told only here.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EndpointSecret {
    /// The endpoint.
    pub endpoint: Endpoint,
    /// `whsec_…`: verifies what it gets.
    pub secret: String,
}

impl std::fmt::Debug for EndpointSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EndpointSecret")
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}

/// An event on its way to an endpoint, or arrived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Notification {
    /// Its id, `del_…`; ids sort by time.
    pub id: String,
    /// The event, `evt_…`: the receiver's `webhook-id`.
    pub event_id: String,
    /// The event's type.
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

/// A page of an endpoint's log, the newest first.
pub type NotificationPage = Page<Notification>;

/// One attempt of a notification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NotificationAttempt {
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
    /// The first kilobyte of the answer.
    pub response: Option<String>,
}

/// A notification with its body and its attempts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NotificationDetail {
    /// The row of the log.
    pub notification: Notification,
    /// What is sent.
    pub body: Value,
    /// The attempts, the newest first; at most 50.
    pub tried: Vec<NotificationAttempt>,
}

/// A test that is on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TestSent {
    /// Its notification.
    pub notification_id: String,
}

/// Sends everything once more that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReplayFailed {
    /// Since then (Unix ms).
    pub since: i64,
}

/// How many notifications are sent once more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = EndpointReplayed))]
pub struct Replayed {
    /// How many.
    pub notifications: u64,
}
