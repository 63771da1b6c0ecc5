//! How what is open under a session, such as an event stream, learns that the
//! session is over.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::Duration;

use tokio::time::timeout;

use crate::bus::{Bus, Signal, Topic};

/// How often a session is looked at: it may run out, its person may be switched
/// off, and on SQLite it may be ended at the command line.
const CHECK: Duration = Duration::from_secs(45);

/// In what time all sessions are looked at of which something was missed.
const SPREAD: Duration = Duration::from_secs(2);

/// Notices the end of sessions. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Sessions {
    check: Duration,
    spread: Duration,
    bus: Bus,
}

impl Sessions {
    /// Notices what is told on this bus at once, and the rest in a while.
    #[must_use]
    pub fn new(bus: Bus) -> Self {
        Self {
            check: CHECK,
            spread: SPREAD,
            bus,
        }
    }

    /// Waits until a session is signed out, or is found not to be open any more.
    pub(super) async fn over<F: Future<Output = bool>>(
        &self,
        token_hash: &str,
        is_open: impl Fn() -> F,
    ) {
        // Listened to first: a sign-out between two looks is not missed.
        let mut ear = self.bus.listen(Topic::Sessions);
        while is_open().await {
            let told = async {
                loop {
                    match ear.next().await {
                        Signal::SignedOut(hash) if hash == token_hash => return true,
                        Signal::Missed => {
                            tokio::time::sleep(self.turn(token_hash)).await;
                            return false;
                        }
                        _ => {}
                    }
                }
            };
            if timeout(self.check, told).await == Ok(true) {
                return;
            }
        }
    }

    /// When a session is looked at of which something was missed: all are, and not at once.
    fn turn(&self, token_hash: &str) -> Duration {
        let mut hasher = DefaultHasher::new();
        token_hash.hash(&mut hasher);
        self.spread
            .mul_f64(hasher.finish() as f64 / u64::MAX as f64)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::collections::BTreeSet;
    use std::future::ready;

    use super::*;

    const NEVER: Duration = Duration::from_secs(u64::MAX / 4);

    fn checked_every(check: Duration) -> Sessions {
        let bus = Bus::default();
        let spread = Duration::from_millis(2);
        Sessions { check, spread, bus }
    }

    fn sign_out(sessions: &Sessions, hash: &str) {
        sessions.bus.signal(&Signal::SignedOut(hash.to_owned()));
    }

    #[tokio::test]
    async fn a_session_that_ends_unannounced_is_found_out() {
        let sessions = checked_every(Duration::from_millis(1));
        let looks = Cell::new(0);
        sessions
            .over("a", || {
                looks.set(looks.get() + 1);
                ready(looks.get() < 4)
            })
            .await;
        assert_eq!(looks.get(), 4);
    }

    #[tokio::test]
    async fn only_its_own_sign_out_ends_a_session() {
        let sessions = checked_every(NEVER);
        let looks = Cell::new(0);
        let over = sessions.over("a", || {
            looks.set(looks.get() + 1);
            ready(true)
        });
        let mut over = std::pin::pin!(over);
        assert!(futures_util::poll!(over.as_mut()).is_pending());
        sign_out(&sessions, "b");
        assert!(futures_util::poll!(over.as_mut()).is_pending());
        sign_out(&sessions, "a");
        over.await;
        assert_eq!(looks.get(), 1);
    }

    #[tokio::test]
    async fn who_missed_sign_outs_looks_for_itself_when_its_turn_comes() {
        let sessions = checked_every(NEVER);
        let open = Cell::new(true);
        let over = sessions.over("a", || ready(open.get()));
        let mut over = std::pin::pin!(over);
        assert!(futures_util::poll!(over.as_mut()).is_pending());
        open.set(false);
        sessions.bus.signal(&Signal::Missed);
        over.await;
        let turns: BTreeSet<_> = (0..100)
            .map(|it| sessions.turn(&it.to_string()).as_micros())
            .collect();
        assert!(turns.len() > 80 && turns.last() <= Some(&2000), "{turns:?}");
    }
}
