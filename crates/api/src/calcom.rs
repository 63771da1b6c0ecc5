//! The business's account at Cal.com, where services may be kept.

use serde::{Deserialize, Serialize};

use crate::linked_calendars::LinkOutcome;

/// How Cal.com is reached; what is absent where it is not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CalcomConnection {
    /// Whether there is an account.
    pub connected: bool,
    /// Where its API is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// What the account is called there, once it was tried out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Whether its webhooks have a secret: without one none is taken.
    pub has_webhook_secret: bool,
    /// Where its webhooks go.
    pub webhook_url: String,
    /// Which revision of it this is; a change says which one it is of.
    #[serde(default)]
    pub revision: i64,
}

/// How Cal.com is to be reached.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SaveCalcomConnection {
    /// Where the API is, such as `https://cal.example.com/api/v2`; the hosted one's when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// The API key. It stays when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_key: Option<String>,
    /// The secret its webhooks are signed with. It stays when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook_secret: Option<String>,
}

impl std::fmt::Debug for SaveCalcomConnection {
    /// Leaves out the secrets, so that they reach no log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SaveCalcomConnection")
            .field("base_url", &self.base_url)
            .finish_non_exhaustive()
    }
}

/// Cal.com, tried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CalcomTest {
    /// What came of it.
    pub outcome: LinkOutcome,
    /// What the account is called there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// What is wrong, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What can be booked there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CalcomEventType {
    /// Its id there.
    pub id: u64,
    /// What it is called.
    pub title: String,
    /// How long it takes.
    pub minutes: u16,
    /// What has to be said to book it that nobody says on the telephone, by the names of its
    /// fields: with any, it cannot be booked from here.
    #[serde(default)]
    pub wants: Vec<String>,
}

/// The event types of the account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CalcomEventTypeList {
    /// In the order Cal.com has them.
    pub items: Vec<CalcomEventType>,
}

/// How it goes with Cal.com, as this server has seen it since it was started.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CalcomHealth {
    /// Whether there is an account.
    pub connected: bool,
    /// `closed`: it is asked; `open`: it failed so often that it is left alone for a while.
    pub breaker: String,
    /// Until when it is left alone (Unix ms).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_until: Option<i64>,
    /// How often it failed in a row.
    pub failures: u32,
    /// When it last answered (Unix ms).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_success_at: Option<i64>,
    /// How long that took (ms).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_ms: Option<u64>,
    /// How many of the days that were asked for were known already, from 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_hit_rate: Option<f64>,
}
