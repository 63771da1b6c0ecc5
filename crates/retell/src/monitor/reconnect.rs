//! When a lost monitor stream is opened again: pure rules, the official browser
//! SDK's where it has any.

use std::time::Duration;

/// The stream is over.
const NORMAL: u16 = 1000;
/// The call is not ongoing, or not yet.
const NOT_ONGOING: u16 = 4004;
/// Too many watch already.
const WATCHER_LIMIT: u16 = 4008;

/// How often and how fast a lost stream is opened again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReconnectPolicy {
    /// Tries in a row for each kind of loss (8).
    pub max_retries: u32,
    /// The wait before the first try (0.5 s); doubled for each further one.
    pub first_delay: Duration,
    /// The longest wait (15 s).
    pub max_delay: Duration,
    /// Up to this much is added to each wait (0.25 s).
    pub max_jitter: Duration,
    /// After this much silence the connection is probed (20 s); when nothing comes
    /// for three times as long, it is lost.
    pub probe_after: Duration,
}

impl Default for ReconnectPolicy {
    fn default() -> Self {
        Self {
            max_retries: 8,
            first_delay: Duration::from_millis(500),
            max_delay: Duration::from_secs(15),
            max_jitter: Duration::from_millis(250),
            probe_after: Duration::from_secs(20),
        }
    }
}

/// How a stream was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// It was closed with this code.
    Code(u16),
    /// It was refused with this HTTP status.
    Status(u16),
    /// The connection broke or could not be made.
    Connection,
}

/// Why a stream is over for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseCause {
    /// The call is over.
    Ended,
    /// The call never was ongoing while we tried, or does not exist.
    NotOngoing,
    /// Too many watch the call already.
    WatcherLimit,
    /// Retell does not let us watch.
    Refused,
    /// The connection could not be made again.
    ConnectionLost,
}

/// What to do after a loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Connect again after this wait.
    Retry(Duration),
    /// Give up.
    End(CloseCause),
}

/// Counts the losses of one stream and decides.
#[derive(Debug, Clone)]
pub struct Reconnect {
    policy: ReconnectPolicy,
    not_ongoing: u32,
    lost: u32,
}

impl Reconnect {
    /// No losses yet.
    #[must_use]
    pub fn new(policy: ReconnectPolicy) -> Self {
        Self {
            policy,
            not_ongoing: 0,
            lost: 0,
        }
    }

    /// A frame came: the stream works, and losses count anew. Opening alone proves
    /// nothing, since a stream may be closed right after.
    pub fn frame_received(&mut self) {
        self.not_ongoing = 0;
        self.lost = 0;
    }

    /// The stream was lost; `jitter` is random in `0.0..1.0`.
    pub fn stream_lost(&mut self, loss: Loss, jitter: f64) -> Step {
        let (count, cause) = match loss {
            Loss::Code(NORMAL) => return Step::End(CloseCause::Ended),
            Loss::Code(WATCHER_LIMIT) => return Step::End(CloseCause::WatcherLimit),
            Loss::Code(NOT_ONGOING) | Loss::Status(404) => {
                (&mut self.not_ongoing, CloseCause::NotOngoing)
            }
            Loss::Code(4000..=4999) => return Step::End(CloseCause::Refused),
            Loss::Code(_) | Loss::Connection | Loss::Status(408 | 425 | 429) => {
                (&mut self.lost, CloseCause::ConnectionLost)
            }
            Loss::Status(400..=499) => return Step::End(CloseCause::Refused),
            Loss::Status(_) => (&mut self.lost, CloseCause::ConnectionLost),
        };
        if *count >= self.policy.max_retries {
            return Step::End(cause);
        }
        let doubled = self
            .policy
            .first_delay
            .saturating_mul(2_u32.saturating_pow(*count));
        *count += 1;
        let jitter = self.policy.max_jitter.mul_f64(jitter.clamp(0.0, 1.0));
        Step::Retry(doubled.min(self.policy.max_delay) + jitter)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn waits(reconnect: &mut Reconnect, loss: Loss, jitter: f64) -> (Vec<u128>, CloseCause) {
        let mut waits = Vec::new();
        loop {
            match reconnect.stream_lost(loss, jitter) {
                Step::Retry(wait) => waits.push(wait.as_millis()),
                Step::End(cause) => return (waits, cause),
            }
        }
    }

    #[test]
    fn eight_tries_from_half_a_second_to_fifteen() {
        let expected = [500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000].to_vec();
        let mut reconnect = Reconnect::new(ReconnectPolicy::default());
        let lost = waits(&mut reconnect, Loss::Connection, 0.0);
        assert_eq!(lost, (expected.clone(), CloseCause::ConnectionLost));
        // Each kind has tries of its own.
        let not_ongoing = waits(&mut reconnect, Loss::Code(4004), 0.0);
        assert_eq!(not_ongoing, (expected, CloseCause::NotOngoing));
    }

    #[test]
    fn jitter_adds_up_to_a_quarter_of_a_second() {
        let mut reconnect = Reconnect::new(ReconnectPolicy::default());
        let step = reconnect.stream_lost(Loss::Connection, 1.0);
        assert_eq!(step, Step::Retry(Duration::from_millis(750)));
    }

    #[test]
    fn a_frame_gives_all_tries_back() {
        let mut reconnect = Reconnect::new(ReconnectPolicy::default());
        let (first, _) = waits(&mut reconnect, Loss::Connection, 0.0);
        let (spent, _) = waits(&mut reconnect, Loss::Connection, 0.0);
        reconnect.frame_received();
        let (again, _) = waits(&mut reconnect, Loss::Connection, 0.0);
        assert!(spent.is_empty());
        assert_eq!(first, again);
    }

    #[test]
    fn final_losses_end_at_once() {
        let end = |loss| Reconnect::new(ReconnectPolicy::default()).stream_lost(loss, 0.5);
        assert_eq!(end(Loss::Code(1000)), Step::End(CloseCause::Ended));
        assert_eq!(end(Loss::Code(4008)), Step::End(CloseCause::WatcherLimit));
        for code in (4000..5000).filter(|code| ![4004, 4008].contains(code)) {
            assert_eq!(
                end(Loss::Code(code)),
                Step::End(CloseCause::Refused),
                "{code}"
            );
        }
        for status in [400, 401, 402, 403, 409, 422] {
            assert_eq!(
                end(Loss::Status(status)),
                Step::End(CloseCause::Refused),
                "{status}"
            );
        }
    }

    proptest! {
        #[test]
        fn other_losses_are_retried_within_the_limits(
            loss in prop_oneof![
                Just(Loss::Connection),
                Just(Loss::Code(4004)),
                (1001..4000_u16).prop_map(Loss::Code),
                (5000..=u16::MAX).prop_map(Loss::Code),
                (500..600_u16).prop_map(Loss::Status),
                Just(Loss::Status(404)),
                Just(Loss::Status(429)),
            ],
            jitter in 0.0..1.0,
        ) {
            let policy = ReconnectPolicy::default();
            let (waits, _) = waits(&mut Reconnect::new(policy), loss, jitter);
            prop_assert_eq!(waits.len(), 8);
            let limit = (policy.max_delay + policy.max_jitter).as_millis();
            prop_assert!(waits.iter().all(|wait| *wait <= limit));
            prop_assert!(waits.windows(2).all(|pair| pair[0] <= pair[1]));
        }
    }
}
