//! When Retell is asked what became of a call.

use std::time::Duration;

use crate::config::Healing;

use super::Stage;

/// After so many answers without news a call that is over is left as it is.
const MAX_CHECKS_AFTER_END: u32 = 8;
/// A live call Retell denies to know so often in a row is over. More than once,
/// because a call may be very new there.
const DENIALS: u32 = 3;
/// The longest pause between two questions (ms).
const MAX_PAUSE_MS: i64 = 10 * 60 * 1000;

/// When to ask Retell about a call next (Unix ms); `None` once it is settled or
/// hopeless. `checks` counts the questions Retell answered since the call last
/// moved on; each doubles the pause, because the answer to a repeated question
/// is seldom new.
#[must_use]
pub fn next_check(stage: Stage, checks: u32, now: i64, healing: &Healing) -> Option<i64> {
    match stage {
        Stage::Registered | Stage::Ongoing => {}
        Stage::Ended if checks < MAX_CHECKS_AFTER_END => {}
        Stage::Ended | Stage::Analyzed => return None,
    }
    Some(match (stage, checks) {
        // Who did not join in time is gone, and Retell is about to know it.
        (Stage::Registered, 1..) => {
            let again = Healing {
                registered_after: healing.registered_after / 4,
                ..*healing
            };
            after_pause(stage, checks - 1, now, &again)
        }
        _ => after_pause(stage, checks, now, healing),
    })
}

/// When to ask again a question that found no answer (Unix ms). That says
/// nothing about the call, so there is always a next time, however long Retell
/// is down. `failures` counts the questions in a row that went so before this
/// one.
#[must_use]
pub fn next_try(stage: Stage, failures: u32, now: i64, healing: &Healing) -> i64 {
    after_pause(stage, failures, now, healing)
}

/// Whether a call Retell denies to know, so many times in a row, is over.
#[must_use]
pub fn is_lost(stage: Stage, denials: u32) -> bool {
    stage <= Stage::Ongoing && denials >= DENIALS
}

fn after_pause(stage: Stage, doublings: u32, now: i64, healing: &Healing) -> i64 {
    let first: Duration = match stage {
        Stage::Registered => healing.registered_after,
        Stage::Ongoing => healing.ongoing_after,
        Stage::Ended | Stage::Analyzed => healing.analysis_after,
    };
    let first = i64::try_from(first.as_millis()).unwrap_or(MAX_PAUSE_MS);
    let doubled = first.saturating_mul(1 << doublings.min(16));
    now.saturating_add(doubled.min(first.max(MAX_PAUSE_MS)))
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
    fn a_call_nobody_joined_is_soon_asked_about_again() {
        let healing = Healing::default();
        let pauses: Vec<_> = (0..5)
            .map(|checks| next_check(Stage::Registered, checks, 0, &healing).unwrap() / 1000)
            .collect();
        assert_eq!(pauses, [60, 15, 30, 60, 120]);
    }

    #[test]
    fn a_settled_call_is_left_alone() {
        let healing = Healing::default();
        assert_eq!(next_check(Stage::Analyzed, 0, 0, &healing), None);
        assert!(next_check(Stage::Ended, 7, 0, &healing).is_some());
        assert_eq!(next_check(Stage::Ended, 8, 0, &healing), None);
    }

    #[test]
    fn a_question_without_an_answer_is_asked_again_at_longer_and_longer_pauses() {
        let healing = Healing::default();
        let pauses: Vec<_> = [0, 1, 2, 3, 4, 100]
            .map(|failures| next_try(Stage::Ended, failures, 0, &healing) / 1000)
            .into();
        assert_eq!(pauses, [60, 120, 240, 480, 600, 600]);
    }

    #[test]
    fn only_a_live_call_denied_three_times_is_lost() {
        assert!(!is_lost(Stage::Registered, 2));
        assert!(is_lost(Stage::Registered, 3));
        assert!(is_lost(Stage::Ongoing, 3));
        assert!(!is_lost(Stage::Ended, 3));
        assert!(!is_lost(Stage::Analyzed, u32::MAX));
    }
}
