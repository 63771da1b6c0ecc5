//! What a business says about itself.

use serde::{Deserialize, Serialize};

/// `GET /api/v1/tenant`, `GET` and `PUT /api/desk/business`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Business {
    /// Which one. Ignored when sent.
    #[serde(default)]
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its IANA time zone.
    pub timezone: String,
    /// IETF language tags, the first is the default.
    pub languages: Vec<String>,
    /// The agent a call goes to when nothing else says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_agent_id: Option<String>,
    /// When it is open, in its time zone.
    #[serde(default)]
    pub hours: Hours,
    /// The agents there are to choose from. Ignored when sent.
    #[serde(default)]
    pub agents: Vec<AgentChoice>,
    /// Whether it is open now. Ignored when sent.
    #[serde(default)]
    pub open_now: bool,
    /// When it opens next (Unix ms). Ignored when sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opens_at: Option<i64>,
    /// Whether it has a Retell account of its own. Ignored when sent.
    #[serde(default)]
    pub own_account: bool,
    /// Which revision of what it says this is; a change says which one it is of.
    /// Ignored when sent.
    #[serde(default)]
    pub revision: i64,
}

/// An agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AgentChoice {
    /// Its id at Retell.
    pub id: String,
    /// What it is called.
    pub name: String,
}

/// When a business is open, by the clock on its wall. Without hours for the
/// week it always is, but for its exceptions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Hours {
    /// Monday to Sunday.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(
        feature = "openapi",
        schema(value_type = Option<Vec<Vec<Interval>>>, min_items = 7, max_items = 7)
    )]
    pub week: Option<[Vec<Interval>; 7]>,
    /// Dates with hours of their own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exceptions: Vec<Exception>,
}

/// A stretch of a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Interval {
    /// `HH:MM`.
    pub from: String,
    /// `HH:MM`, later than `from`; `24:00` is the end of the day.
    pub to: String,
}

/// A date with hours of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Exception {
    /// `YYYY-MM-DD`.
    pub date: String,
    /// When it is open then; empty for the whole day closed.
    pub open: Vec<Interval>,
}
