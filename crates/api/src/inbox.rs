//! The webhook inbox as people look into it: entries, alerts, and asking
//! Retell for calls that were missed.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Page;

/// Which entries. Every field that is given must fit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams, utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", into_params(parameter_in = Query))]
pub struct EntryFilter {
    /// `pending`, `done`, `ignored`, `parked` or `rejected`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// `accepted`, `malformed`, `wrong-key`, `signature-missing`,
    /// `signature-invalid` or `signature-stale`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<String>,
    /// The event's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// Retell's call id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_id: Option<String>,
}

/// A row of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EntrySummary {
    /// Which one; ids sort by time.
    pub id: String,
    /// When it came (Unix ms).
    pub received_at: i64,
    /// The event's name, if it could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// The call it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_id: Option<String>,
    /// What was thought of it: `accepted`, `malformed`, `wrong-key`,
    /// `signature-missing`, `signature-invalid` or `signature-stale`.
    pub verdict: String,
    /// How far it is: `pending`, `done`, `ignored`, `parked` or `rejected`.
    pub state: String,
    /// How often it was worked on.
    pub attempts: i64,
    /// How often the same came again.
    pub duplicates: i64,
    /// From its receipt until it was done (ms).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_ms: Option<i64>,
    /// Why it failed, or why there was nothing to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// How far ahead of the server's clock the time of its signature was (ms),
    /// negative when behind, if it was refused for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ahead_ms: Option<i64>,
    /// Whether it can be worked on again.
    pub replayable: bool,
}

/// A page of entries, the newest first.
pub type EntryPage = Page<EntrySummary>;

/// One time an entry was worked on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EntryAttempt {
    /// The first is 1.
    pub number: i64,
    /// When (Unix ms).
    pub at: i64,
    /// How long it took (µs).
    pub duration_us: i64,
    /// `done`, `ignored`, `failed` or `parked`.
    pub outcome: String,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// `worker`, or who replayed it: `user`, `api_key` or `operator`.
    pub by_kind: String,
    /// That one's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_name: Option<String>,
}

/// Everything about an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EntryDetail {
    /// The row of the list.
    #[serde(flatten)]
    pub summary: EntrySummary,
    /// The body as text, as it came but for tokens.
    pub body: String,
    /// SHA-256 of the body as it came, in hex.
    pub body_sha256: String,
    /// The signature header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
    /// The content type header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// The user agent header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    /// Where it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remote_ip: Option<String>,
    /// What was answered, for the question of an inbound call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// When it is worked on next (Unix ms).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<i64>,
    /// Every time it was worked on, the first first.
    pub tries: Vec<EntryAttempt>,
}

/// Which entries are to be worked on again. Either of the two.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Replay {
    /// These.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ids: Option<Vec<String>>,
    /// All that fit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<EntryFilter>,
}

/// How many entries will be worked on again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Replayed {
    /// So many.
    pub count: u64,
}

/// What an alert rule at Retell said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AlertNotice {
    /// Which incident.
    pub id: String,
    /// What the rule is called.
    pub name: String,
    /// What it watches, such as `call_success_rate`.
    pub metric: String,
    /// When it fired (Unix ms).
    pub triggered_at: i64,
    /// When it was over (Unix ms).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved_at: Option<i64>,
    /// What was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// What it was measured against.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<Value>,
}

/// `GET /api/desk/alerts`: those nobody has dismissed, the newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AlertList {
    /// The newest hundred.
    pub items: Vec<AlertNotice>,
}

/// `POST /api/desk/imports`: asks Retell for the calls of a time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartImport {
    /// From when (Unix ms); since the last event when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<i64>,
    /// Until when (Unix ms); until now when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<i64>,
}

/// Asking Retell for the calls of a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallImport {
    /// Which one; ids sort by time.
    pub id: String,
    /// `start` of the server, `desk` or `operator`.
    pub origin: String,
    /// Who asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_name: Option<String>,
    /// From when (Unix ms).
    pub from: i64,
    /// Until when (Unix ms).
    pub to: i64,
    /// `running`, `done` or `failed`.
    pub state: String,
    /// How many calls there are in that time, where Retell said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<i64>,
    /// How many were looked at.
    pub seen: i64,
    /// How many of them were news.
    pub changed: i64,
    /// How many belong to other businesses of the same account.
    pub of_others: i64,
    /// Why it failed, or what it waits for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// When it began (Unix ms).
    pub created_at: i64,
    /// When it was over (Unix ms).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<i64>,
}

/// `GET /api/desk/imports`: the last ones, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportList {
    /// The newest twenty.
    pub items: Vec<CallImport>,
    /// Where Retell has to post the business's webhooks.
    pub webhook_url: String,
}
