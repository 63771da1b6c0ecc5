//! What changed on the call list, for the desks that show it.
//!
//! One bounded ring of changes serves every desk; each reads from its own
//! place. A desk that was away for longer than the ring reaches is told to load
//! the list again.

use std::collections::VecDeque;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use api::desk::event;
use tokio::sync::watch;

use super::log::Frame;
use super::waiter::{Waiter, Wake};
use crate::bus::CallChanged;

/// How many changes back a desk may resume.
const RING: usize = 1024;

/// The latest changes of every tenant's calls. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Feed {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    ring: RwLock<Ring>,
    changes: watch::Sender<u64>,
}

#[derive(Debug)]
struct Ring {
    /// Changes when the sequence was broken, so that no id of before counts.
    epoch: u64,
    /// The number of the newest change; the first is 1.
    seq: u64,
    /// The newest last.
    entries: VecDeque<Entry>,
}

#[derive(Debug)]
struct Entry {
    tenant_id: String,
    event: &'static str,
    json: String,
}

/// A desk's place in the feed. Pure.
#[derive(Debug)]
struct Place {
    tenant_id: String,
    epoch: u64,
    seq: u64,
}

/// One desk's view of the feed.
#[derive(Debug)]
pub struct Follower {
    shared: Arc<Shared>,
    place: Place,
    waiter: Waiter,
}

impl Default for Shared {
    fn default() -> Self {
        let ring = Ring {
            epoch: rand::random(),
            seq: 0,
            entries: VecDeque::new(),
        };
        Self {
            ring: RwLock::new(ring),
            changes: watch::Sender::new(0),
        }
    }
}

impl Feed {
    /// Adds a change.
    pub fn push(&self, change: &CallChanged) {
        // A row of strings and numbers: serialising it cannot fail.
        let json = serde_json::to_string(&*change.call).unwrap_or_default();
        self.shared.write().push(Entry {
            tenant_id: change.tenant_id.clone(),
            event: event::CALL,
            json,
        });
        self.shared.changes.send_modify(|changes| *changes += 1);
    }

    /// Says that a call-back of the tenant is new or changed.
    pub fn callbacks_changed(&self, tenant_id: String) {
        self.shared.write().push(Entry {
            tenant_id,
            event: event::CALLBACKS,
            json: "{}".to_owned(),
        });
        self.shared.changes.send_modify(|changes| *changes += 1);
    }

    /// Forgets every change: every desk has to load its list again.
    pub fn broken(&self) {
        self.shared.write().restart();
        self.shared.changes.send_modify(|changes| *changes += 1);
    }

    /// How many desks follow it on this server.
    #[must_use]
    pub fn followers(&self) -> usize {
        self.shared.changes.receiver_count()
    }

    /// Follows a tenant's changes from the one named by `last_event_id`, or
    /// from now on.
    #[must_use]
    pub fn follow(
        &self,
        tenant_id: &str,
        last_event_id: Option<&str>,
        waiter: impl FnOnce(watch::Receiver<u64>) -> Waiter,
    ) -> Follower {
        let waiter = waiter(self.shared.changes.subscribe());
        let place = Place::new(tenant_id, last_event_id, &self.shared.read());
        Follower {
            shared: Arc::clone(&self.shared),
            place,
            waiter,
        }
    }
}

impl Shared {
    fn read(&self) -> RwLockReadGuard<'_, Ring> {
        self.ring.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Ring> {
        self.ring.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ring {
    fn push(&mut self, entry: Entry) {
        if self.entries.len() == RING {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
        self.seq += 1;
    }

    fn restart(&mut self) {
        self.epoch = self.epoch.wrapping_add(1);
        self.entries.clear();
    }

    fn id(&self, seq: u64) -> Option<String> {
        Some(format!("{:x}-{seq}", self.epoch))
    }
}

impl Place {
    fn new(tenant_id: &str, last_event_id: Option<&str>, ring: &Ring) -> Self {
        let tenant_id = tenant_id.to_owned();
        let Some(id) = last_event_id else {
            return Self {
                tenant_id,
                epoch: ring.epoch,
                seq: ring.seq,
            };
        };
        let known = id.split_once('-').and_then(|(epoch, seq)| {
            Some((u64::from_str_radix(epoch, 16).ok()?, seq.parse().ok()?))
        });
        let (epoch, seq) =
            // Another epoch means that the list is to be loaded again.
            known.filter(|(_, seq)| *seq <= ring.seq).unwrap_or((!ring.epoch, 0));
        Self {
            tenant_id,
            epoch,
            seq,
        }
    }

    /// The next event for this desk, or `None` until the ring changes.
    fn next(&mut self, ring: &Ring) -> Option<Frame> {
        let missed = ring
            .seq
            .checked_sub(self.seq)
            .and_then(|missed| usize::try_from(missed).ok());
        let skipped = missed
            .filter(|_| self.epoch == ring.epoch)
            .and_then(|missed| ring.entries.len().checked_sub(missed));
        let Some(skipped) = skipped else {
            (self.epoch, self.seq) = (ring.epoch, ring.seq);
            return Some(Frame {
                event: event::RESYNC,
                id: ring.id(ring.seq),
                data: "{}".into(),
            });
        };
        for entry in ring.entries.iter().skip(skipped) {
            self.seq += 1;
            if entry.tenant_id == self.tenant_id {
                let id = ring.id(self.seq);
                return Some(Frame {
                    event: entry.event,
                    id,
                    data: entry.json.clone(),
                });
            }
        }
        None
    }
}

impl Follower {
    /// The next event; `None` when the stream is over. Cancelling loses nothing.
    pub async fn next(&mut self) -> Option<Frame> {
        loop {
            self.waiter.arm();
            if let Some(frame) = self.place.next(&self.shared.read()) {
                return Some(frame);
            }
            match self.waiter.wait().await {
                Wake::Changed => {}
                Wake::Closing(frame) => return Some(frame),
                Wake::Over => return None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ring() -> Ring {
        Ring {
            epoch: 0xa,
            seq: 0,
            entries: VecDeque::new(),
        }
    }

    fn push(ring: &mut Ring, tenant: &str, json: &str) {
        ring.push(Entry {
            tenant_id: tenant.into(),
            event: event::CALL,
            json: json.into(),
        });
    }

    fn drain(place: &mut Place, ring: &Ring) -> Vec<(&'static str, String)> {
        std::iter::from_fn(|| place.next(ring))
            .map(|frame| (frame.event, frame.data))
            .collect()
    }

    #[test]
    fn a_desk_sees_its_own_tenant_s_changes_from_when_it_came() {
        let mut ring = ring();
        push(&mut ring, "a", "before");
        let mut place = Place::new("a", None, &ring);
        push(&mut ring, "a", "1");
        push(&mut ring, "b", "other");
        push(&mut ring, "a", "2");
        assert_eq!(
            drain(&mut place, &ring),
            [(event::CALL, "1".to_owned()), (event::CALL, "2".to_owned())]
        );
    }

    #[test]
    fn ids_that_cannot_be_resumed_mean_loading_again() {
        for id in ["b-1", "a-2", "a", "", "-", "a-x", "ended"] {
            let mut ring = ring();
            push(&mut ring, "a", "1");
            let mut place = Place::new("a", Some(id), &ring);
            assert_eq!(
                drain(&mut place, &ring),
                [(event::RESYNC, "{}".to_owned())],
                "{id:?}"
            );
            push(&mut ring, "a", "new");
            assert_eq!(
                drain(&mut place, &ring),
                [(event::CALL, "new".to_owned())],
                "{id:?}"
            );
        }
    }

    #[test]
    fn a_desk_away_too_long_loads_again() {
        let mut ring = ring();
        for n in 0..=RING {
            push(&mut ring, "a", &n.to_string());
        }
        let within = drain(&mut Place::new("a", Some("a-1"), &ring), &ring);
        assert_eq!(within.len(), RING);
        assert_eq!(within[0], (event::CALL, "1".to_owned()));
        let beyond = drain(&mut Place::new("a", Some("a-0"), &ring), &ring);
        assert_eq!(beyond, [(event::RESYNC, "{}".to_owned())]);
    }

    #[test]
    fn a_broken_feed_makes_everybody_load_again() {
        let mut ring = ring();
        push(&mut ring, "a", "1");
        let mut place = Place::new("a", None, &ring);
        ring.restart();
        assert_eq!(drain(&mut place, &ring), [(event::RESYNC, "{}".to_owned())]);
        let mut late = Place::new("a", Some("a-1"), &ring);
        assert_eq!(drain(&mut late, &ring), [(event::RESYNC, "{}".to_owned())]);
        push(&mut ring, "a", "2");
        assert_eq!(drain(&mut place, &ring), [(event::CALL, "2".to_owned())]);
    }

    proptest! {
        /// However often a desk is cut off, it misses and doubles nothing.
        #[test]
        fn resuming_loses_and_doubles_nothing(
            steps in prop::collection::vec((any::<bool>(), any::<bool>(), 0..4_usize), 0..80),
        ) {
            let mut ring = ring();
            let mut place = Place::new("a", None, &ring);
            let mut last_id: Option<String> = None;
            let mut got = Vec::new();
            let mut expected = Vec::new();
            for (n, (ours, cut, reads)) in steps.into_iter().enumerate() {
                push(&mut ring, if ours { "a" } else { "b" }, &n.to_string());
                if ours {
                    expected.push(n.to_string());
                }
                for frame in (0..reads).map_while(|_| place.next(&ring)) {
                    last_id = frame.id;
                    got.push(frame.data);
                }
                if cut && last_id.is_some() {
                    place = Place::new("a", last_id.as_deref(), &ring);
                }
            }
            got.extend(drain(&mut place, &ring).into_iter().map(|(_, data)| data));
            prop_assert_eq!(got, expected);
        }
    }
}
