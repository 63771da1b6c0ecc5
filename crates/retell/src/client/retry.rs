//! When a request is sent again: a pure decision, the way the official SDK makes it.

use std::time::{Duration, SystemTime};

use reqwest::header::{HeaderMap, RETRY_AFTER};

/// How often and how fast failed requests are repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// At most this many repetitions (2).
    pub max_retries: u32,
    /// The wait before the first repetition (0.5 s); doubled for each further one.
    pub first_delay: Duration,
    /// The longest wait we choose ourselves (8 s).
    pub max_delay: Duration,
    /// The longest wait we accept from Retell (60 s). Asked to wait longer, the
    /// request fails, and the error says how long.
    pub max_retry_after: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_retries: 2,
            first_delay: Duration::from_millis(500),
            max_delay: Duration::from_secs(8),
            max_retry_after: Duration::from_secs(60),
        }
    }
}

/// When a request may be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// Whenever that may help: a second execution changes nothing.
    Safe,
    /// Only when Retell cannot have got it.
    IfUnsent,
}

/// How an attempt failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    /// Retell never got the request.
    Unsent,
    /// Retell may have got it; no complete answer came.
    Lost,
    /// Retell answered with an error.
    Answered {
        status: u16,
        /// `x-should-retry`.
        should_retry: Option<bool>,
        retry_after: Option<Duration>,
    },
}

impl RetryPolicy {
    /// Every failure is final: for whoever asks again in a way of their own.
    #[must_use]
    pub fn none() -> Self {
        Self {
            max_retries: 0,
            ..Self::default()
        }
    }

    /// How long to wait before the next try, or `None` to give up. `done` counts
    /// the repetitions so far; `jitter` is random in `0.0..1.0`.
    pub(super) fn wait(
        &self,
        repeat: Repeat,
        failure: Failure,
        done: u32,
        jitter: f64,
    ) -> Option<Duration> {
        if done >= self.max_retries {
            return None;
        }
        match failure {
            Failure::Unsent => Some(self.backoff(done, jitter)),
            _ if repeat == Repeat::IfUnsent => None,
            Failure::Lost => Some(self.backoff(done, jitter)),
            Failure::Answered {
                status,
                should_retry,
                retry_after,
            } => {
                let worthwhile =
                    should_retry.unwrap_or(matches!(status, 408 | 409 | 429 | 500..=599));
                match retry_after {
                    _ if !worthwhile => None,
                    Some(wait) if wait > self.max_retry_after => None,
                    Some(wait) if !wait.is_zero() => Some(wait),
                    _ => Some(self.backoff(done, jitter)),
                }
            }
        }
    }

    /// Doubles with each repetition, capped, minus up to a quarter.
    fn backoff(&self, done: u32, jitter: f64) -> Duration {
        let doubled = self.first_delay.saturating_mul(2_u32.saturating_pow(done));
        doubled
            .min(self.max_delay)
            .mul_f64(1.0 - 0.25 * jitter.clamp(0.0, 1.0))
    }
}

/// `x-should-retry`, if it says something.
pub(super) fn should_retry(headers: &HeaderMap) -> Option<bool> {
    match headers.get("x-should-retry")?.as_bytes() {
        b"true" => Some(true),
        b"false" => Some(false),
        _ => None,
    }
}

/// How long the answer asks to wait: `retry-after-ms`, `retry-after` as seconds or
/// as a date, or on a 429 the seconds until the rate limit's reset.
pub(super) fn retry_after(headers: &HeaderMap, status: u16, now: SystemTime) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    let seconds =
        |text: &str| -> Option<Duration> { Duration::try_from_secs_f64(text.parse().ok()?).ok() };
    if let Some(wait) = text("retry-after-ms").and_then(seconds) {
        return Some(wait / 1000);
    }
    if let Some(value) = text(RETRY_AFTER.as_str()) {
        let date = || {
            let date = httpdate::parse_http_date(value).ok()?;
            // A date in the past asks for no wait.
            Some(date.duration_since(now).unwrap_or_default())
        };
        if let Some(wait) = seconds(value).or_else(date) {
            return Some(wait);
        }
    }
    if status == 429 {
        text("ratelimit-reset").and_then(seconds)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use reqwest::header::HeaderValue;

    use super::*;

    fn headers(entries: &[(&'static str, &str)]) -> HeaderMap {
        entries
            .iter()
            .map(|(k, v)| (k.parse().unwrap(), HeaderValue::from_str(v).unwrap()))
            .collect()
    }

    fn answered(status: u16) -> Failure {
        Failure::Answered {
            status,
            should_retry: None,
            retry_after: None,
        }
    }

    #[test]
    fn default_backoff_runs_from_half_a_second_to_eight() {
        let policy = RetryPolicy {
            max_retries: 100,
            ..RetryPolicy::default()
        };
        let waits: Vec<_> = (0..7)
            .map(|done| {
                policy
                    .wait(Repeat::Safe, Failure::Lost, done, 0.0)
                    .unwrap()
                    .as_millis()
            })
            .collect();
        assert_eq!(waits, [500, 1000, 2000, 4000, 8000, 8000, 8000]);
        let jittered = policy.wait(Repeat::Safe, Failure::Lost, 0, 1.0).unwrap();
        assert_eq!(jittered, Duration::from_millis(375));
    }

    #[test]
    fn only_statuses_that_may_pass_are_repeated() {
        let policy = RetryPolicy::default();
        for status in 300..600 {
            let wait = policy.wait(Repeat::Safe, answered(status), 0, 0.5);
            let expected = matches!(status, 408 | 409 | 429) || status >= 500;
            assert_eq!(wait.is_some(), expected, "{status}");
        }
    }

    #[test]
    fn the_server_may_overrule_the_status() {
        let policy = RetryPolicy::default();
        let with = |status, advice| {
            let failure = Failure::Answered {
                status,
                should_retry: Some(advice),
                retry_after: None,
            };
            policy.wait(Repeat::Safe, failure, 0, 0.5)
        };
        assert!(with(400, true).is_some());
        assert!(with(503, false).is_none());
    }

    #[test]
    fn a_wait_that_was_asked_for_is_kept_unless_too_long() {
        let policy = RetryPolicy::default();
        let with = |wait| {
            let failure = Failure::Answered {
                status: 429,
                should_retry: None,
                retry_after: Some(wait),
            };
            policy.wait(Repeat::Safe, failure, 0, 0.0)
        };
        assert_eq!(with(Duration::from_secs(7)), Some(Duration::from_secs(7)));
        assert_eq!(with(Duration::from_secs(61)), None);
        assert_eq!(with(Duration::ZERO), Some(Duration::from_millis(500)));
    }

    #[test]
    fn retry_after_is_read_in_all_its_forms() {
        let now = httpdate::parse_http_date("Sat, 21 Nov 2026 10:00:00 GMT").unwrap();
        let read =
            |entries: &[(&'static str, &str)], status| retry_after(&headers(entries), status, now);
        let seconds = Duration::from_secs_f64;
        assert_eq!(read(&[("retry-after", "12")], 429), Some(seconds(12.0)));
        assert_eq!(read(&[("retry-after", " 1.5 ")], 503), Some(seconds(1.5)));
        assert_eq!(
            read(&[("retry-after", "Sat, 21 Nov 2026 10:00:30 GMT")], 503),
            Some(seconds(30.0))
        );
        assert_eq!(
            read(&[("retry-after", "Sat, 21 Nov 2026 09:00:00 GMT")], 503),
            Some(Duration::ZERO)
        );
        assert_eq!(
            read(&[("retry-after-ms", "250"), ("retry-after", "9")], 429),
            Some(seconds(0.25))
        );
        assert_eq!(read(&[("ratelimit-reset", "4")], 429), Some(seconds(4.0)));
        assert_eq!(read(&[("ratelimit-reset", "4")], 503), None);
        assert_eq!(read(&[("retry-after", "-3")], 429), None);
        assert_eq!(read(&[("retry-after", "soon")], 429), None);
        assert_eq!(read(&[("retry-after", "NaN")], 429), None);
        assert_eq!(read(&[], 429), None);
    }

    fn any_failure() -> impl Strategy<Value = Failure> {
        prop_oneof![
            Just(Failure::Unsent),
            Just(Failure::Lost),
            (
                300..600_u16,
                any::<Option<bool>>(),
                proptest::option::of(0..200_000_u64)
            )
                .prop_map(|(status, should_retry, ms)| Failure::Answered {
                    status,
                    should_retry,
                    retry_after: ms.map(Duration::from_millis),
                }),
        ]
    }

    proptest! {
        #[test]
        fn what_may_have_been_done_is_never_repeated(
            failure in any_failure(), done in 0..5_u32, jitter in 0.0..1.0,
        ) {
            let wait = RetryPolicy::default().wait(Repeat::IfUnsent, failure, done, jitter);
            prop_assert_eq!(wait.is_some(), failure == Failure::Unsent && done < 2);
        }

        #[test]
        fn no_wait_exceeds_its_limit_and_retries_end(
            failure in any_failure(), done in 0..u32::MAX, jitter in 0.0..1.0,
        ) {
            let policy = RetryPolicy { max_retries: 5, ..RetryPolicy::default() };
            match policy.wait(Repeat::Safe, failure, done, jitter) {
                Some(wait) => {
                    prop_assert!(done < 5);
                    prop_assert!(wait <= policy.max_retry_after);
                    prop_assert!(wait > Duration::ZERO);
                }
                None => {
                    let answered = matches!(failure, Failure::Answered { .. });
                    prop_assert!(done >= 5 || answered);
                }
            }
        }
    }
}
