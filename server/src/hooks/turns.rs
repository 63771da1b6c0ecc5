//! Turns to send: a receiver that answers slowly must not keep those of others
//! waiting.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Deliveries to one endpoint at the same time, in this process: a quarter of
/// all.
const FOR_EACH: usize = 8;
/// How long a turn is waited for: a receiver that answers quickly works its queue
/// off by it, and one that does not holds the others up no longer.
const PATIENCE: Duration = Duration::from_secs(1);

/// How many deliveries are under way to which endpoint. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(super) struct Turns(Arc<Mutex<HashMap<String, Weak<Semaphore>>>>);

/// May send, as long as it is held.
#[derive(Debug)]
pub(super) struct Turn {
    _permit: OwnedSemaphorePermit,
}

impl Turns {
    /// A turn for a delivery to the endpoint; `None` when none of its own came
    /// free in time.
    pub(super) async fn take(&self, endpoint_id: &str) -> Option<Turn> {
        let turns = self.of(endpoint_id).acquire_owned();
        let permit = tokio::time::timeout(PATIENCE, turns).await.ok()?.ok()?;
        Some(Turn { _permit: permit })
    }

    fn of(&self, endpoint_id: &str) -> Arc<Semaphore> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(turns) = known.get(endpoint_id).and_then(Weak::upgrade) {
            return turns;
        }
        known.retain(|_, turns| turns.strong_count() > 0);
        let turns = Arc::new(Semaphore::new(FOR_EACH));
        known.insert(endpoint_id.to_owned(), Arc::downgrade(&turns));
        turns
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_endpoint_takes_its_own_turns_only_and_gives_them_back() {
        let turns = Turns::default();
        let mut slow = Vec::new();
        for _ in 0..FOR_EACH {
            slow.push(turns.take("slow").await.unwrap());
        }
        assert!(turns.take("slow").await.is_none());
        assert!(turns.take("other").await.is_some());
        slow.pop();
        assert!(turns.take("slow").await.is_some());
        drop(slow);
        turns.take("new").await.unwrap();
        assert_eq!(turns.0.lock().unwrap().len(), 1);
    }
}
