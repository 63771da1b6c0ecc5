//! Background jobs, as the desk speaks of them.

use serde::{Deserialize, Serialize};

use crate::Page;

/// The open jobs of a business.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobQueue {
    /// By kind, by whom they need, and by state.
    pub items: Vec<JobCount>,
}

/// The jobs of one kind, for one of those they need, in one state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobCount {
    /// Such as `hook.deliver`.
    pub kind: String,
    /// Whom they need, in the business's words: the endpoint they send to.
    #[serde(default)]
    pub whom: Option<String>,
    /// `waiting`, `running` or `parked`; `resting` where they wait because whom they need
    /// does not answer this server, or asked for a pause.
    pub state: String,
    /// How many; counting stops at 10,000 in all.
    pub count: i64,
    /// When the oldest was added (Unix ms).
    pub oldest_at: i64,
}

/// A job that is left to a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParkedJob {
    /// Its id.
    pub id: String,
    /// Such as `hook.deliver`.
    pub kind: String,
    /// How often it was tried.
    pub attempts: i64,
    /// Why it is parked.
    pub reason: Option<String>,
    /// When it was added (Unix ms).
    pub created_at: i64,
}

/// A page of parked jobs, the newest first.
pub type ParkedJobs = Page<ParkedJob>;
