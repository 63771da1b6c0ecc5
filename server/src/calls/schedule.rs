//! When Retell is asked what became of a call.

use crate::config::Healing;

use super::Stage;

/// After so many questions without news a call that is over is left as it is.
const MAX_CHECKS_AFTER_END: u32 = 8;
/// The longest pause between two questions (ms).
const MAX_PAUSE_MS: i64 = 10 * 60 * 1000;

/// When to ask Retell about a call next (Unix ms); `None` once it is settled or
/// hopeless. `checks` counts the questions since the call last moved on; each
/// doubles the pause, because the answer to a repeated question is seldom new.
#[must_use]
pub fn next_check(stage: Stage, checks: u32, now: i64, healing: &Healing) -> Option<i64> {
    let first = match stage {
        Stage::Registered => healing.registered_after,
        Stage::Ongoing => healing.ongoing_after,
        Stage::Ended if checks < MAX_CHECKS_AFTER_END => healing.analysis_after,
        Stage::Ended | Stage::Analyzed => return None,
    };
    let first = i64::try_from(first.as_millis()).unwrap_or(MAX_PAUSE_MS);
    let doubled = first.saturating_mul(1 << checks.min(16));
    Some(now.saturating_add(doubled.min(first.max(MAX_PAUSE_MS))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_ten_minutes() {
        let healing = Healing::default();
        let pauses: Vec<_> = (0..6)
            .map(|checks| next_check(Stage::Ongoing, checks, 0, &healing).unwrap() / 1000)
            .collect();
        assert_eq!(pauses, [120, 240, 480, 600, 600, 600]);
        assert!(next_check(Stage::Registered, u32::MAX, i64::MAX, &healing).is_some());
    }

    #[test]
    fn a_settled_call_is_left_alone() {
        let healing = Healing::default();
        assert_eq!(next_check(Stage::Analyzed, 0, 0, &healing), None);
        assert!(next_check(Stage::Ended, 7, 0, &healing).is_some());
        assert_eq!(next_check(Stage::Ended, 8, 0, &healing), None);
    }
}
