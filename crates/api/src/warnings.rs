//! What people are warned of while a call goes on, by rules that a business writes.

use serde::{Deserialize, Serialize};

use crate::routing::AgentName;

/// When a rule warns; once in a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "when", rename_all = "snake_case")]
pub enum WarnWhen {
    /// The caller spoke last, or nobody has yet, and nobody has said anything for so long.
    AgentSilent {
        /// In seconds, 3 to 600.
        seconds: u32,
    },
    /// The agent spoke last, and nobody has said anything for so long.
    CallerSilent {
        /// In seconds, 3 to 600.
        seconds: u32,
    },
    /// The caller says any of these.
    CallerSays {
        /// Words or phrases, in whatever language: whole words, whatever their case and accents.
        words: Vec<String>,
    },
    /// The agent says any of these.
    AgentSays {
        /// Words or phrases, in whatever language: whole words, whatever their case and accents.
        words: Vec<String>,
    },
    /// The agent has begun to say none of these so long after the call began.
    AgentOmits {
        /// Words or phrases, in whatever language: whole words, whatever their case and accents.
        words: Vec<String>,
        /// In seconds, 3 to 600.
        seconds: u32,
    },
    /// The same function has failed, or refused, so often.
    FunctionFails {
        /// How often, 1 to 20 times.
        times: u32,
    },
}

/// How much a warning matters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// It is shown.
    #[default]
    Low,
    /// It flags the call for a supervisor as well.
    High,
    /// One of a newer server's, to who does not know it.
    #[serde(other)]
    Unknown,
}

/// What a rule says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WarningRuleDetails {
    /// What it is called, and what is shown where it warns: in 1 to 60 characters.
    pub name: String,
    /// When it warns.
    #[serde(flatten)]
    pub when: WarnWhen,
    /// The ids of the agents whose calls are watched; of none, all are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub agents: Vec<String>,
    /// How much it matters.
    #[serde(default)]
    pub severity: Severity,
}

impl WarningRuleDetails {
    /// How many characters its name may have.
    pub const NAME_CHARS: usize = 60;
    /// The seconds a rule may wait.
    pub const SECONDS: std::ops::RangeInclusive<u32> = 3..=600;
    /// How often a function may fail.
    pub const TIMES: std::ops::RangeInclusive<u32> = 1..=20;
    /// How many words or phrases a rule may have.
    pub const WORDS_MOST: usize = 30;
    /// How many characters one of them may have.
    pub const WORDS_CHARS: usize = 100;
    /// How many rules a business may have.
    pub const MOST: usize = 20;
}

/// A rule that is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WarningRule {
    /// Which one.
    pub id: String,
    /// What it says.
    #[serde(flatten)]
    pub details: WarningRuleDetails,
    /// Which revision of it this is; a change says which one it is of.
    #[serde(default)]
    pub revision: i64,
}

/// `GET /api/v1/warning-rules`: all of them, and what they can name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WarningRuleList {
    /// In the order they were added.
    pub items: Vec<WarningRule>,
    /// The business's agents.
    pub agents: Vec<AgentName>,
}

/// What a rule warned of in a call; it is kept with the call, though the rule changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CallWarning {
    /// The id of the rule.
    pub rule_id: String,
    /// What the rule was called.
    pub name: String,
    /// How much it matters.
    pub severity: Severity,
    /// The moment it is about, in ms from the start of the call.
    pub time_ms: i64,
    /// When it was told (Unix ms).
    pub at: i64,
}
