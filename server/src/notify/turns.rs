//! Turns to send: a receiver that answers slowly must not keep those of others
//! waiting.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};

/// Deliveries to one endpoint at the same time, in this process: a quarter of
/// all.
const FOR_EACH: usize = 8;
/// How long a receiver may finish none of them before the others stop waiting for
/// their turn: one that answers works its queue off.
const PATIENCE: Duration = Duration::from_secs(2);

/// How many deliveries are under way to which endpoint. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(super) struct Turns(Arc<Mutex<HashMap<String, Weak<Queue>>>>);

#[derive(Debug)]
struct Queue {
    free: Semaphore,
    /// Turns that were given back.
    finished: AtomicU64,
}

/// May send, as long as it is held.
#[derive(Debug)]
pub(super) struct Turn(Arc<Queue>);

impl Turns {
    /// A turn for a delivery to the endpoint; `None` when it has stopped
    /// finishing them.
    pub(super) async fn take(&self, endpoint_id: &str) -> Option<Turn> {
        let queue = self.of(endpoint_id);
        loop {
            let finished = queue.finished.load(Ordering::Relaxed);
            let permit = tokio::time::timeout(PATIENCE, queue.free.acquire()).await;
            // Given back when the turn is dropped.
            match permit.map(|permit| permit.map(SemaphorePermit::forget)) {
                Ok(Ok(())) => return Some(Turn(queue)),
                Ok(Err(_)) => return None,
                Err(_) if queue.finished.load(Ordering::Relaxed) == finished => return None,
                Err(_) => {}
            }
        }
    }

    fn of(&self, endpoint_id: &str) -> Arc<Queue> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(queue) = known.get(endpoint_id).and_then(Weak::upgrade) {
            return queue;
        }
        known.retain(|_, queue| queue.strong_count() > 0);
        let queue = Arc::new(Queue {
            free: Semaphore::new(FOR_EACH),
            finished: AtomicU64::new(0),
        });
        known.insert(endpoint_id.to_owned(), Arc::downgrade(&queue));
        queue
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.finished.fetch_add(1, Ordering::Relaxed);
        self.0.free.add_permits(1);
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
