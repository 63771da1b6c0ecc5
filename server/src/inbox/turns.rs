//! In which order what comes in is worked off: by when it came, unless somebody sends
//! more than a share. What is too much is due later, as if it had been sent at that pace;
//! it is worked off earlier when nobody else has anything to do. So a flood waits behind
//! itself, and taking in costs not one entry of an index more.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use work::Pace;

use super::body::Event;
use crate::accounts::Signers;

/// A share is so much a second; far less than is worked off.
pub(super) const APART: Duration = Duration::from_millis(5);
/// So many may come at once.
const AT_ONCE: u32 = 200;

/// Who has how many turns ahead.
#[derive(Debug)]
pub(super) struct Turns {
    paces: Mutex<HashMap<String, Pace>>,
    /// Whether some may have been given a later turn that nobody here knows of: before
    /// the start, or by a replay.
    others: AtomicBool,
}

impl Default for Turns {
    fn default() -> Self {
        Self {
            paces: Mutex::default(),
            others: AtomicBool::new(true),
        }
    }
}

impl Turns {
    /// When what comes now is due (Unix ms): now, or later where there is too much of it.
    pub(super) fn take(&self, whose: String, now: i64) -> i64 {
        let mut paces = self.paces();
        paces.retain(|_, pace| !pace.is_over(now));
        paces.entry(whose).or_default().take(now, APART, AT_ONCE)
    }

    /// Whether some of what came is due later only because there is so much of it.
    pub(super) fn are_ahead(&self, now: i64) -> bool {
        let is_ahead = |pace: &Pace| pace.next(now, APART, AT_ONCE) > now;
        self.others.load(Ordering::Relaxed) || self.paces().values().any(is_ahead)
    }

    /// There may be some that nobody here knows of.
    pub(super) fn may_be_ahead(&self) {
        self.others.store(true, Ordering::Relaxed);
    }

    /// There are none, but for those that come from now on.
    pub(super) fn caught_up(&self) {
        self.others.store(false, Ordering::Relaxed);
    }

    fn paces(&self) -> MutexGuard<'_, HashMap<String, Pace>> {
        self.paces.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whose share it is: of the business whose key signed it, or of the agent, where
/// businesses share the server's.
pub(super) fn whose(signers: &Signers, event: &Event) -> String {
    match signers.server {
        true => format!("agent {}", event.agent().unwrap_or_default()),
        false => signers.tenants.join(" "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_waits_behind_itself_and_keeps_nobody_waiting() {
        let turns = Turns::default();
        let take = |whose: &str, now| turns.take(whose.to_owned(), now);
        assert!(turns.are_ahead(0), "nobody knows what was before the start");
        turns.caught_up();
        let flood: Vec<_> = (0..1000).map(|_| take("flood", 10)).collect();
        assert_eq!((flood[0], flood[199], flood[200]), (10, 10, 15));
        assert_eq!(flood[999], 10 + 800 * 5);
        assert_eq!(take("other", 20), 20);
        assert!(turns.are_ahead(20));
        assert!(!turns.are_ahead(10_000));
        assert_eq!(take("flood", 10_000), 10_000);
    }
}
