//! What tests and demos can change while the emulator runs.

use serde::{Deserialize, Serialize};

/// The emulator's settings; times in ms of the emulator's clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    /// How long after its creation a web call's room exists; until then
    /// joining answers 404.
    pub(crate) room_delay_ms: u64,
    /// How long a web call waits for its visitor.
    pub(crate) join_window_ms: u64,
    /// How long after its end a call is analysed.
    pub(crate) analysis_delay_ms: u64,
    /// How long a knowledge base takes to read its sources, a test or an
    /// import to run, and each step of an export.
    pub(crate) knowledge_delay_ms: u64,
    /// How long a simulated telephone rings.
    pub(crate) ring_ms: u64,
    /// Webhooks are made but not sent.
    pub(crate) lose_webhooks: bool,
    /// Questions about inbound calls do not say when they are asked.
    pub(crate) untimed_questions: bool,
    /// Calls at once; further ones are refused with 429.
    pub(crate) concurrency_limit: u64,
    /// Watchers of one call's transcript; further ones are refused.
    pub(crate) watcher_limit: usize,
    /// The first wait before a webhook is sent again; each further wait is
    /// twice as long.
    pub(crate) webhook_backoff_ms: u64,
    /// The account's webhook: a receiver that needs the emulator's address
    /// before it has one of its own is named here.
    pub(crate) webhook_url: Option<String>,
}

/// The most any of them may be: as milliseconds a day, which is longer than
/// anything here has to wait, and still far from where sums overflow.
pub(crate) const MOST: u64 = 24 * 3_600_000;

impl Default for Settings {
    fn default() -> Self {
        Self {
            // The gateway makes the room for whoever comes with a good token (retell-protocol M).
            room_delay_ms: 0,
            join_window_ms: 30_000,
            analysis_delay_ms: 1_000,
            knowledge_delay_ms: 1_000,
            ring_ms: 2_000,
            lose_webhooks: false,
            untimed_questions: false,
            concurrency_limit: 1_000,
            watcher_limit: 5,
            webhook_backoff_ms: 1_000,
            webhook_url: None,
        }
    }
}
