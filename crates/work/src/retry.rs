//! When a job that failed is tried again. Pure: time and chance come in.

/// The longest pause after the first failure (ms); it doubles with each one.
const FIRST_PAUSE_MS: i64 = 1000;
/// The longest pause there is (ms).
const MAX_PAUSE_MS: i64 = 60 * 60 * 1000;
/// The shortest: a job that fails at once must not keep the database busy.
const MIN_PAUSE_MS: i64 = 50;

/// What becomes of a job that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// It is tried again at this time (Unix ms).
    RetryAt(i64),
    /// It failed too often.
    Park,
}

/// What becomes of a job whose attempt number `attempts` failed just now.
/// `chance` lies in `0.0..1.0`: the pause is anything up to its doubled bound
/// ("full jitter"), so that what failed together does not come back together.
#[must_use]
pub fn after_failure(attempts: u32, max_attempts: u32, now: i64, chance: f64) -> Failure {
    if attempts >= max_attempts {
        return Failure::Park;
    }
    let doublings = attempts.saturating_sub(1).min(30);
    let bound = FIRST_PAUSE_MS
        .saturating_mul(1 << doublings)
        .min(MAX_PAUSE_MS);
    // At most an hour of milliseconds: exact in an f64.
    let pause = (bound as f64 * chance) as i64;
    Failure::RetryAt(now.saturating_add(pause.max(MIN_PAUSE_MS)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_bound_of_the_pause_doubles_up_to_an_hour() {
        let longest = |attempts| after_failure(attempts, 99, 0, 0.999_999_999);
        assert_eq!(longest(1), Failure::RetryAt(999));
        assert_eq!(longest(2), Failure::RetryAt(1999));
        assert_eq!(longest(5), Failure::RetryAt(15_999));
        assert_eq!(longest(98), Failure::RetryAt(3_599_999));
    }

    #[test]
    fn the_last_attempt_parks() {
        assert_eq!(after_failure(3, 3, 0, 0.5), Failure::Park);
        assert_eq!(after_failure(1, 1, 0, 0.5), Failure::Park);
        assert_ne!(after_failure(2, 3, 0, 0.5), Failure::Park);
    }

    proptest! {
        #[test]
        fn a_retry_is_always_later_and_never_more_than_an_hour(
            attempts in 0_u32..10_000, now in 0_i64..4_000_000_000_000, chance in 0.0_f64..1.0,
        ) {
            let Failure::RetryAt(at) = after_failure(attempts, u32::MAX, now, chance) else {
                panic!("parked");
            };
            prop_assert!(at >= now + MIN_PAUSE_MS && at <= now + MAX_PAUSE_MS);
        }
    }
}
