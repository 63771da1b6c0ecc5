//! How fast calls may be started: requests by address, calls by key, calls by key and
//! address, and calls of one of the staff.

use std::collections::HashMap;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, NotUntil, Quota, RateLimiter};

use super::MintError;
use crate::config::Limits;
use crate::keys::PublicKey;
use crate::shares::holder;

/// How many calls a minute one of the staff may start: more than anybody tries one after the
/// other, and less than a script would.
const CALLS_PER_PERSON_MINUTE: u32 = 10;

/// Counts what was started lately. In memory: a restart forgives.
#[derive(Debug)]
pub struct MintLimits {
    addresses: DefaultKeyedRateLimiter<IpAddr>,
    keys: Mutex<HashMap<String, Arc<KeyLimits>>>,
    people: DefaultKeyedRateLimiter<String>,
    clock: DefaultClock,
}

#[derive(Debug)]
struct KeyLimits {
    /// The figures these were made for; other figures need new ones.
    quotas: (u32, u32),
    all: DefaultDirectRateLimiter,
    by_address: DefaultKeyedRateLimiter<IpAddr>,
}

impl MintLimits {
    /// Nothing was started yet.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        Self {
            addresses: RateLimiter::keyed(per_minute(limits.requests_per_ip_minute)),
            keys: Mutex::default(),
            people: RateLimiter::keyed(per_minute(CALLS_PER_PERSON_MINUTE)),
            clock: DefaultClock::default(),
        }
    }

    /// Counts a request from an address, whatever it asks for.
    ///
    /// # Errors
    /// When there were too many.
    pub fn check_address(&self, ip: IpAddr) -> Result<(), MintError> {
        self.addresses
            .check_key(&holder(ip))
            .map_err(|until| self.limited(&until))
    }

    /// Counts a call with a key from an address.
    ///
    /// # Errors
    /// When there were too many.
    pub fn check_key(&self, key: &PublicKey, ip: IpAddr) -> Result<(), MintError> {
        let limits = self.of(key);
        limits
            .by_address
            .check_key(&holder(ip))
            .map_err(|until| self.limited(&until))?;
        limits.all.check().map_err(|until| self.limited(&until))
    }

    /// Counts a call of one of the staff (their id).
    ///
    /// # Errors
    /// When there were too many.
    pub fn check_person(&self, user_id: &str) -> Result<(), MintError> {
        self.people
            .check_key(&user_id.to_owned())
            .map_err(|until| self.limited(&until))
    }

    /// Forgets addresses and people that did nothing lately.
    pub fn shrink(&self) {
        self.addresses.retain_recent();
        self.people.retain_recent();
        for limits in self
            .keys
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .values()
        {
            limits.by_address.retain_recent();
        }
    }

    fn of(&self, key: &PublicKey) -> Arc<KeyLimits> {
        let quotas = (key.calls_per_minute, key.calls_per_ip_per_minute);
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        match keys.get(&key.id) {
            Some(limits) if limits.quotas == quotas => Arc::clone(limits),
            _ => {
                let limits = Arc::new(KeyLimits {
                    quotas,
                    all: RateLimiter::direct(per_minute(quotas.0)),
                    by_address: RateLimiter::keyed(per_minute(quotas.1)),
                });
                keys.insert(key.id.clone(), Arc::clone(&limits));
                limits
            }
        }
    }

    fn limited(&self, until: &NotUntil<<DefaultClock as Clock>::Instant>) -> MintError {
        let wait = until.wait_time_from(self.clock.now());
        // Whole seconds, and never "at once".
        MintError::RateLimited {
            retry_after: Duration::from_secs(wait.as_secs() + 1),
        }
    }
}

/// A limit of zero would be a switched-off key; that is what `disabled` is for.
fn per_minute(count: u32) -> Quota {
    Quota::per_minute(NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(calls_per_minute: u32, calls_per_ip_per_minute: u32) -> PublicKey {
        PublicKey {
            id: "pk_1".to_owned(),
            calls_per_minute,
            calls_per_ip_per_minute,
            ..PublicKey::default()
        }
    }

    fn limits() -> MintLimits {
        MintLimits::new(&Limits {
            requests_per_ip_minute: 2,
            ..Limits::default()
        })
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_address_is_stopped_and_told_when_to_come_back() {
        let limits = limits();
        assert!(limits.check_address(ip("192.0.2.1")).is_ok());
        assert!(limits.check_address(ip("192.0.2.1")).is_ok());
        let Err(MintError::RateLimited { retry_after }) = limits.check_address(ip("192.0.2.1"))
        else {
            panic!("the third request went through");
        };
        assert!((1..=31).contains(&retry_after.as_secs()), "{retry_after:?}");
        assert!(limits.check_address(ip("192.0.2.2")).is_ok());
    }

    #[test]
    fn one_of_the_staff_is_stopped_and_a_colleague_is_not() {
        let limits = limits();
        for _ in 0..CALLS_PER_PERSON_MINUTE {
            assert!(limits.check_person("user_1").is_ok());
        }
        assert!(limits.check_person("user_1").is_err());
        assert!(limits.check_person("user_2").is_ok());
    }

    #[test]
    fn a_network_of_ipv6_addresses_counts_as_one() {
        let limits = limits();
        assert!(limits.check_address(ip("2001:db8:0:1::1")).is_ok());
        assert!(limits.check_address(ip("2001:db8:0:1::2")).is_ok());
        assert!(limits.check_address(ip("2001:db8:0:1:ffff::3")).is_err());
        assert!(limits.check_address(ip("2001:db8:0:2::1")).is_ok());
    }

    #[test]
    fn a_key_has_its_own_limits_and_new_figures_begin_anew() {
        let limits = limits();
        assert!(limits.check_key(&key(2, 1), ip("192.0.2.1")).is_ok());
        assert!(limits.check_key(&key(2, 1), ip("192.0.2.1")).is_err());
        assert!(limits.check_key(&key(2, 1), ip("192.0.2.2")).is_ok());
        assert!(limits.check_key(&key(2, 1), ip("192.0.2.3")).is_err());
        assert!(limits.check_key(&key(3, 1), ip("192.0.2.1")).is_ok());
    }
}
