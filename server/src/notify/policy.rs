//! What an answer of an endpoint means: arrived, again later, or given up; and
//! for the endpoint itself: left alone for a while, or switched off. Pure: time
//! and chance come in.

use std::time::Duration;

use crate::clock::DAY_MS;
use crate::config::RetryPolicy;

/// How much longer than its pause a retry may wait.
const JITTER: f64 = 0.1;
/// How long an endpoint is left alone that is overloaded and does not say for
/// how long (ms).
const BREATHER_MS: i64 = 60_000;
/// The longest time a `Retry-After` is honoured for (ms).
const MAX_BREATHER_MS: i64 = DAY_MS;

/// What came of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// An HTTP status, and for how long the receiver wants nothing (ms).
    Status(u16, Option<i64>),
    /// No answer came.
    Silence,
    /// Nothing was sent: the address is one we do not send to.
    Refused,
}

/// What becomes of a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// It arrived.
    Delivered,
    /// It is sent again (Unix ms).
    RetryAt(i64),
    /// It is given up.
    Failed,
}

/// Why an endpoint is switched off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disabling {
    /// It answered 410: it wants no more.
    Gone,
    /// Nothing arrived for too long.
    Failing,
}

impl Disabling {
    /// Its name in the store.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Failing => "failing",
        }
    }
}

/// What follows from an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Consequence {
    /// What becomes of the notification.
    pub next: Next,
    /// Until when the endpoint gets nothing (Unix ms).
    pub paused_until: Option<i64>,
    /// Whether the endpoint is switched off, and why.
    pub disabling: Option<Disabling>,
}

/// Decides. `tries` counts the attempts of this round, this one included;
/// `failing_since` says since when nothing arrived (Unix ms), before this
/// attempt; `chance` lies in `0.0..1.0`.
#[must_use]
pub fn consequence(
    policy: &RetryPolicy,
    answer: Answer,
    tries: u32,
    failing_since: Option<i64>,
    now: i64,
    chance: f64,
) -> Consequence {
    if let Answer::Status(200..=299, _) = answer {
        return Consequence {
            next: Next::Delivered,
            paused_until: None,
            disabling: None,
        };
    }
    if let Answer::Status(410, _) = answer {
        return Consequence {
            next: Next::Failed,
            paused_until: None,
            disabling: Some(Disabling::Gone),
        };
    }
    let asked = match answer {
        Answer::Status(_, asked) => asked,
        Answer::Silence | Answer::Refused => None,
    };
    let breather = match answer {
        Answer::Status(429 | 502 | 504, _) => Some(asked.unwrap_or(BREATHER_MS)),
        Answer::Status(503, _) => asked,
        Answer::Status(..) | Answer::Silence | Answer::Refused => None,
    };
    let paused_until = breather.map(|pause| now.saturating_add(pause.clamp(0, MAX_BREATHER_MS)));
    let failing_for = now.saturating_sub(failing_since.unwrap_or(now));
    let disabling =
        (failing_for >= milliseconds(policy.give_up_after)).then_some(Disabling::Failing);
    let pause = tries
        .checked_sub(1)
        .and_then(|index| policy.pauses.get(index as usize));
    let next = match pause {
        Some(pause) if disabling.is_none() => {
            let pause = milliseconds(*pause);
            let jitter = (pause as f64 * JITTER * chance) as i64;
            let at = now.saturating_add(pause).saturating_add(jitter);
            Next::RetryAt(at.max(paused_until.unwrap_or(at)))
        }
        _ => Next::Failed,
    };
    Consequence {
        next,
        paused_until,
        disabling,
    }
}

fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 60 * 60 * 1000;
    const DAY: i64 = 24 * HOUR;

    fn after(answer: Answer, tries: u32) -> Consequence {
        consequence(&RetryPolicy::default(), answer, tries, Some(0), 0, 0.0)
    }

    #[test]
    fn an_endpoint_that_never_answers_is_tried_ten_times_in_three_days() {
        let (mut now, mut tries) = (0, 0);
        let failed_at = loop {
            tries += 1;
            let what = consequence(
                &RetryPolicy::default(),
                Answer::Silence,
                tries,
                Some(0),
                now,
                0.0,
            );
            match what.next {
                Next::RetryAt(at) => now = at,
                Next::Failed => break now,
                Next::Delivered => panic!("delivered"),
            }
        };
        assert_eq!(tries, 10);
        assert_eq!(failed_at, 5000 + 35 * 60 * 1000 + 75 * HOUR);
    }

    #[test]
    fn jitter_only_lengthens_a_pause() {
        for (chance, expected) in [(0.0, 5000), (0.5, 5250), (0.999_999, 5499)] {
            let what = consequence(&RetryPolicy::default(), Answer::Silence, 1, None, 0, chance);
            assert_eq!(what.next, Next::RetryAt(expected));
        }
    }

    #[test]
    fn only_success_is_success() {
        for status in [200, 201, 202, 204, 299] {
            assert_eq!(after(Answer::Status(status, None), 1).next, Next::Delivered);
        }
        // A redirect is not followed: it could lead anywhere.
        for status in [100, 301, 302, 307, 400, 401, 404, 500, 503] {
            let what = after(Answer::Status(status, None), 1);
            assert_eq!(what.next, Next::RetryAt(5000), "{status}");
            assert_eq!((what.paused_until, what.disabling), (None, None));
        }
    }

    #[test]
    fn gone_is_taken_at_its_word() {
        let what = after(Answer::Status(410, None), 1);
        assert_eq!(what.next, Next::Failed);
        assert_eq!(what.disabling, Some(Disabling::Gone));
    }

    #[test]
    fn who_is_overloaded_is_left_alone() {
        for status in [429, 502, 504] {
            let what = after(Answer::Status(status, None), 1);
            assert_eq!(what.paused_until, Some(60_000), "{status}");
            assert_eq!(what.next, Next::RetryAt(60_000));
        }
        let asked = after(Answer::Status(503, Some(7000)), 1);
        assert_eq!(asked.next, Next::RetryAt(7000));
        // Its own pause is longer than what was asked for.
        let later = after(Answer::Status(429, Some(7000)), 2);
        assert_eq!(later.next, Next::RetryAt(300_000));
        let too_long = after(Answer::Status(429, Some(i64::MAX)), 1);
        assert_eq!(too_long.paused_until, Some(DAY));
    }

    #[test]
    fn days_of_failure_switch_an_endpoint_off() {
        let policy = RetryPolicy::default();
        let failing = |now| consequence(&policy, Answer::Status(500, None), 1, Some(0), now, 0.0);
        assert_eq!(failing(5 * DAY - 1).disabling, None);
        let over = failing(5 * DAY);
        assert_eq!(over.disabling, Some(Disabling::Failing));
        assert_eq!(over.next, Next::Failed);
        let first = consequence(&policy, Answer::Silence, 1, None, 9 * DAY, 0.0);
        assert_eq!(first.disabling, None);
    }
}
