//! How often passwords may be tried: per address, so that one guesser is
//! slowed; per account from one address, so that a guesser elsewhere does not lock
//! the owner out; and per account in all, so that many guessers are slowed.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use sha2::{Digest, Sha256};

use super::SignInError;
use crate::shares::holder;
use crate::store::Store;

const PER_ADDRESS_A_MINUTE: NonZeroU32 = NonZeroU32::new(20).unwrap();
const PER_ACCOUNT_AND_ADDRESS_A_MINUTE: NonZeroU32 = NonZeroU32::new(10).unwrap();
/// Five addresses' worth: who guesses from fewer locks nobody out.
const PER_ACCOUNT_A_MINUTE: NonZeroU32 = NonZeroU32::new(50).unwrap();

/// How many attempts pass between clearing out who has not tried lately.
const ATTEMPTS_PER_SWEEP: u32 = 1000;

/// Counts attempts to sign in.
#[derive(Debug)]
pub struct Throttle {
    addresses: DefaultKeyedRateLimiter<IpAddr>,
    /// By account and address; by no address for who is signed in.
    pairs: DefaultKeyedRateLimiter<(String, Option<IpAddr>)>,
    accounts: DefaultKeyedRateLimiter<String>,
    attempts: AtomicU32,
}

impl Default for Throttle {
    fn default() -> Self {
        Self {
            addresses: RateLimiter::keyed(Quota::per_minute(PER_ADDRESS_A_MINUTE)),
            pairs: RateLimiter::keyed(Quota::per_minute(PER_ACCOUNT_AND_ADDRESS_A_MINUTE)),
            accounts: RateLimiter::keyed(Quota::per_minute(PER_ACCOUNT_A_MINUTE)),
            attempts: AtomicU32::new(0),
        }
    }
}

impl Throttle {
    /// Counts an attempt, for a known account or not.
    pub(super) fn attempt(&self, from: IpAddr, email: &str) -> Result<(), SignInError> {
        self.attempt_from(from)?;
        // First: what is refused here does not count against the account.
        self.pairs
            .check_key(&(email.to_owned(), Some(holder(from))))
            .map_err(|until| too_many(&until))?;
        self.accounts
            .check_key(&email.to_owned())
            .map_err(|until| too_many(&until))
    }

    /// Counts an attempt that is for no account yet.
    pub(super) fn attempt_from(&self, from: IpAddr) -> Result<(), SignInError> {
        if self
            .attempts
            .fetch_add(1, Ordering::Relaxed)
            .is_multiple_of(ATTEMPTS_PER_SWEEP)
        {
            self.addresses.retain_recent();
            self.pairs.retain_recent();
            self.accounts.retain_recent();
        }
        self.addresses
            .check_key(&holder(from))
            .map_err(|until| too_many(&until))
    }

    /// Counts an attempt at the password of who is signed in: apart from those
    /// of people who are not, who could keep them from it.
    ///
    /// # Errors
    /// When there were too many.
    pub(crate) fn attempt_own(&self, email: &str) -> Result<(), SignInError> {
        self.pairs
            .check_key(&(email.to_owned(), None))
            .map_err(|until| too_many(&until))
    }
}

/// Counts an attempt where all servers on one database can see it.
pub(super) async fn attempt_anywhere(
    store: &Store,
    from: IpAddr,
    email: &str,
    now: i64,
) -> Result<(), SignInError> {
    attempt_anywhere_from(store, from, now).await?;
    let pair = format!("account {email} from {}", holder(from));
    count(store, pair, PER_ACCOUNT_AND_ADDRESS_A_MINUTE, now).await?;
    count(store, format!("account {email}"), PER_ACCOUNT_A_MINUTE, now).await
}

/// Counts an attempt that is for no account yet where all servers can see it.
pub(super) async fn attempt_anywhere_from(
    store: &Store,
    from: IpAddr,
    now: i64,
) -> Result<(), SignInError> {
    let name = format!("address {}", holder(from));
    count(store, name, PER_ADDRESS_A_MINUTE, now).await
}

async fn count(
    store: &Store,
    name: String,
    quota: NonZeroU32,
    now: i64,
) -> Result<(), SignInError> {
    let hash = hex::encode(Sha256::digest(name));
    match store
        .sign_ins()
        .sign_in_attempt(&hash, quota.get(), now)
        .await?
    {
        None => Ok(()),
        Some(wait_ms) => Err(SignInError::TooManyAttempts {
            // Rounded up, as below.
            retry_after_s: u64::try_from(wait_ms).unwrap_or(0) / 1000 + 1,
        }),
    }
}

fn too_many(until: &governor::NotUntil<<DefaultClock as Clock>::Instant>) -> SignInError {
    let wait = until.wait_time_from(DefaultClock::default().now());
    // Rounded up: a retry after zero seconds would be refused again.
    SignInError::TooManyAttempts {
        retry_after_s: wait.as_secs() + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(verdict: Result<(), SignInError>) -> bool {
        match verdict {
            Ok(()) => false,
            Err(SignInError::TooManyAttempts { retry_after_s }) => {
                assert!((1..=60).contains(&retry_after_s), "{retry_after_s}");
                true
            }
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn one_address_is_slowed_whatever_the_account() {
        let throttle = Throttle::default();
        let from: IpAddr = "192.0.2.1".parse().unwrap();
        for n in 0..PER_ADDRESS_A_MINUTE.get() {
            assert!(!refused(
                throttle.attempt(from, &format!("{n}@example.com"))
            ));
        }
        assert!(refused(throttle.attempt(from, "new@example.com")));
        let other: IpAddr = "192.0.2.2".parse().unwrap();
        assert!(!refused(throttle.attempt(other, "new@example.com")));
    }

    #[test]
    fn a_guesser_elsewhere_does_not_lock_the_owner_out() {
        let throttle = Throttle::default();
        let guesser: IpAddr = "192.0.2.1".parse().unwrap();
        for _ in 0..PER_ACCOUNT_AND_ADDRESS_A_MINUTE.get() {
            assert!(!refused(throttle.attempt(guesser, "a@example.com")));
        }
        assert!(refused(throttle.attempt(guesser, "a@example.com")));
        let owner: IpAddr = "192.0.2.2".parse().unwrap();
        assert!(!refused(throttle.attempt(owner, "a@example.com")));
    }

    #[test]
    fn one_account_is_slowed_whatever_the_address() {
        let throttle = Throttle::default();
        let from = |n: u32| IpAddr::from([10, 0, 0, u8::try_from(n).unwrap()]);
        for n in 0..PER_ACCOUNT_A_MINUTE.get() {
            assert!(!refused(throttle.attempt(from(n), "a@example.com")));
        }
        assert!(refused(throttle.attempt(from(200), "a@example.com")));
        assert!(!refused(throttle.attempt(from(201), "b@example.com")));
        // Nor is who is signed in kept from a password of their own.
        assert!(!refused(throttle.attempt_own("a@example.com")));
    }
}
