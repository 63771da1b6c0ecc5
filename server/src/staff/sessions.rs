//! How what is open under a session, such as an event stream, learns that the
//! session is over.

use std::time::Duration;

use tokio::sync::broadcast::{self, error::RecvError};
use tokio::time::timeout;

/// How often a session is looked at: it may run out, its person may be switched
/// off, and it may be ended by another process.
const CHECK: Duration = Duration::from_secs(45);

/// How many sign-outs a waiter may be behind before it has to look for itself.
const BACKLOG: usize = 64;

/// Tells of sign-outs. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Sessions {
    check: Duration,
    /// The hashes of the tokens that were signed out.
    signed_out: broadcast::Sender<String>,
}

impl Default for Sessions {
    fn default() -> Self {
        Self::checked_every(CHECK)
    }
}

impl Sessions {
    fn checked_every(check: Duration) -> Self {
        Self {
            check,
            signed_out: broadcast::Sender::new(BACKLOG),
        }
    }

    /// Says that a session was ended.
    pub fn signed_out(&self, token_hash: &str) {
        // Nobody has to be waiting.
        drop(self.signed_out.send(token_hash.to_owned()));
    }

    /// Waits until a session is signed out, or is found not to be open any more.
    pub(super) async fn over<F: Future<Output = bool>>(
        &self,
        token_hash: &str,
        is_open: impl Fn() -> F,
    ) {
        // Listened to first: a sign-out between two looks is not missed.
        let mut signed_out = self.signed_out.subscribe();
        while is_open().await {
            let told = async {
                loop {
                    match signed_out.recv().await {
                        Ok(hash) if hash == token_hash => return true,
                        Ok(_) => {}
                        Err(RecvError::Lagged(_) | RecvError::Closed) => return false,
                    }
                }
            };
            if timeout(self.check, told).await == Ok(true) {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::ready;

    use super::*;

    const NEVER: Duration = Duration::from_secs(u64::MAX / 4);

    #[tokio::test]
    async fn a_session_that_ends_unannounced_is_found_out() {
        let sessions = Sessions::checked_every(Duration::from_millis(1));
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
        let sessions = Sessions::checked_every(NEVER);
        let looks = Cell::new(0);
        let over = sessions.over("a", || {
            looks.set(looks.get() + 1);
            ready(true)
        });
        let mut over = std::pin::pin!(over);
        assert!(futures_util::poll!(over.as_mut()).is_pending());
        sessions.signed_out("b");
        assert!(futures_util::poll!(over.as_mut()).is_pending());
        sessions.signed_out("a");
        over.await;
        assert_eq!(looks.get(), 1);
    }

    #[tokio::test]
    async fn who_missed_sign_outs_looks_for_itself() {
        let sessions = Sessions::checked_every(NEVER);
        let open = Cell::new(true);
        let over = sessions.over("a", || ready(open.get()));
        let mut over = std::pin::pin!(over);
        assert!(futures_util::poll!(over.as_mut()).is_pending());
        open.set(false);
        for _ in 0..=BACKLOG {
            sessions.signed_out("b");
        }
        over.await;
    }
}
