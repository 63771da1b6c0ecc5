//! How fast a program may ask, counted for each API key. In memory, on each
//! server: a restart forgives.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};

/// Counts requests by API key.
#[derive(Debug)]
pub struct ApiRates {
    limiter: RateLimiter<
        String,
        DefaultKeyedStateStore<String>,
        DefaultClock,
        StateInformationMiddleware,
    >,
    limit: u32,
    clock: DefaultClock,
}

/// What a key has left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// Requests a minute.
    pub limit: u32,
    /// Requests that may follow at once.
    pub remaining: u32,
    /// Whole seconds until all of them may again.
    pub reset_s: u64,
    /// How long to wait, where the request came too soon.
    pub wait: Option<Duration>,
}

impl ApiRates {
    /// Nothing was asked yet.
    #[must_use]
    pub fn new(requests_per_minute: u32) -> Self {
        let limit = NonZeroU32::new(requests_per_minute).unwrap_or(NonZeroU32::MIN);
        Self {
            limiter: RateLimiter::keyed(Quota::per_minute(limit)).with_middleware(),
            limit: limit.get(),
            clock: DefaultClock::default(),
        }
    }

    /// Counts a request with a key.
    #[must_use]
    pub fn count(&self, key_id: &str) -> Allowance {
        let (remaining, wait) = match self.limiter.check_key(&key_id.to_owned()) {
            Ok(state) => (state.remaining_burst_capacity(), None),
            Err(until) => (0, Some(until.wait_time_from(self.clock.now()))),
        };
        let used = u64::from(self.limit.saturating_sub(remaining));
        Allowance {
            limit: self.limit,
            remaining,
            reset_s: (used * 60).div_ceil(u64::from(self.limit)),
            wait,
        }
    }

    /// Forgets keys that were not used lately.
    pub fn shrink(&self) {
        self.limiter.retain_recent();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_told_what_it_has_left_and_when_to_come_back() {
        let rates = ApiRates::new(2);
        let first = rates.count("a");
        assert_eq!(
            (first.limit, first.remaining, first.reset_s, first.wait),
            (2, 1, 30, None)
        );
        assert_eq!(rates.count("a").remaining, 0);
        let third = rates.count("a");
        assert!(
            third
                .wait
                .is_some_and(|wait| wait <= Duration::from_secs(30))
        );
        assert_eq!((third.remaining, third.reset_s), (0, 60));
        assert_eq!(rates.count("b").remaining, 1);
    }
}
