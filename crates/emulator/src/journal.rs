//! What came in and what went out, for tests to look at.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;

/// How many of each are kept; older ones are forgotten.
const KEPT: usize = 2_000;

/// A request that was received.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Received {
    /// When, in Unix ms.
    pub(crate) at_ms: u64,
    /// Its method.
    pub(crate) method: String,
    /// Its path.
    pub(crate) path: String,
    /// Its query, as it was sent.
    pub(crate) query: String,
    /// Its headers; of `authorization` only the scheme is kept.
    pub(crate) headers: BTreeMap<String, String>,
    /// Its body, if it was text.
    pub(crate) body: String,
    /// How it was answered.
    pub(crate) status: u16,
    /// How long that took, in ms.
    pub(crate) duration_ms: u64,
}

/// A webhook or a function call that was to be sent.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Delivery {
    /// Its number.
    pub(crate) id: u64,
    /// `webhook` or `function`.
    pub(crate) kind: &'static str,
    /// The event, or the function's name.
    pub(crate) name: String,
    /// The call it is about.
    pub(crate) call_id: String,
    /// Where to.
    pub(crate) url: String,
    /// Its method.
    pub(crate) method: String,
    /// Its body.
    pub(crate) body: String,
    /// What came of it, in order.
    pub(crate) attempts: Vec<Attempt>,
    /// Whether an attempt was answered with 2xx.
    pub(crate) delivered: bool,
    /// It was not sent, as the settings ask for.
    pub(crate) lost: bool,
}

/// One try to deliver.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Attempt {
    /// When, in Unix ms.
    pub(crate) at_ms: u64,
    /// The answer's status, if there was an answer.
    pub(crate) status: Option<u16>,
    /// Why there was none.
    pub(crate) error: Option<String>,
    /// How long it took, in ms.
    pub(crate) duration_ms: u64,
}

#[derive(Debug, Default)]
struct Entries {
    received: VecDeque<Received>,
    deliveries: VecDeque<Delivery>,
    next: u64,
    cleared: u64,
}

/// The journal.
#[derive(Debug, Default)]
pub(crate) struct Journal(Mutex<Entries>);

impl Journal {
    fn entries(&self) -> MutexGuard<'_, Entries> {
        // Whole after every statement, so that a panic elsewhere left nothing
        // half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How often it was cleared; for [`receive`](Self::receive).
    pub(crate) fn volume(&self) -> u64 {
        self.entries().cleared
    }

    /// Notes a request that began in this volume; nothing if it has been
    /// cleared since.
    pub(crate) fn receive(&self, volume: u64, request: Received) {
        let mut entries = self.entries();
        if entries.cleared != volume {
            return;
        }
        entries.received.push_back(request);
        if entries.received.len() > KEPT {
            entries.received.pop_front();
        }
    }

    /// Notes what is about to be sent; gives its number.
    pub(crate) fn send(&self, mut delivery: Delivery) -> u64 {
        let mut entries = self.entries();
        entries.next += 1;
        delivery.id = entries.next;
        entries.deliveries.push_back(delivery);
        if entries.deliveries.len() > KEPT {
            entries.deliveries.pop_front();
        }
        entries.next
    }

    /// Notes what came of it.
    pub(crate) fn attempt(&self, id: u64, attempt: Attempt) {
        let mut entries = self.entries();
        if let Some(delivery) = entries
            .deliveries
            .iter_mut()
            .find(|delivery| delivery.id == id)
        {
            delivery.delivered |= attempt.status.is_some_and(|status| status / 100 == 2);
            delivery.attempts.push(attempt);
        }
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.entries().received.iter().cloned().collect()
    }

    pub(crate) fn deliveries(&self) -> Vec<Delivery> {
        self.entries().deliveries.iter().cloned().collect()
    }

    pub(crate) fn clear(&self) {
        let mut entries = self.entries();
        entries.received.clear();
        entries.deliveries.clear();
        entries.cleared += 1;
    }
}
