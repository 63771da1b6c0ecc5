//! What was read in an entry when it came, until it is worked off: a moment later, as
//! a rule, and then it need not be fetched and read again. What does not find a place, or
//! loses it, is fetched.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::body::Event;

/// So much is kept (bytes of bodies; read, they are several times as large).
const ROOM: usize = 2 * 1024 * 1024;

/// Events that were just taken in.
#[derive(Debug, Default)]
pub(super) struct Fresh(Mutex<Events>);

#[derive(Debug, Default)]
struct Events {
    /// By the ids of their entries, with the length of the body.
    by_id: HashMap<String, (Event, usize)>,
    /// The oldest first; some may be gone.
    order: VecDeque<String>,
    bytes: usize,
}

impl Fresh {
    /// Keeps what is in an entry, in place of older ones.
    pub(super) fn put(&self, id: &str, event: Event, bytes: usize) {
        let mut events = self.locked();
        events.by_id.insert(id.to_owned(), (event, bytes));
        events.order.push_back(id.to_owned());
        events.bytes += bytes;
        while let Some(oldest) = events.order.front() {
            let is_there = events.by_id.contains_key(oldest);
            if is_there && events.bytes <= ROOM {
                break;
            }
            if let Some(oldest) = events.order.pop_front() {
                events.remove(&oldest);
            }
        }
    }

    /// Whether an entry's event is here.
    pub(super) fn holds(&self, id: &str) -> bool {
        self.locked().by_id.contains_key(id)
    }

    /// Gives it away.
    pub(super) fn take(&self, id: &str) -> Option<Event> {
        self.locked().remove(id)
    }

    fn locked(&self) -> MutexGuard<'_, Events> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Events {
    fn remove(&mut self, id: &str) -> Option<Event> {
        let (event, bytes) = self.by_id.remove(id)?;
        self.bytes -= bytes;
        Some(event)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Map;

    use super::*;

    fn event(name: &str) -> Event {
        Event {
            name: name.to_owned(),
            call: None,
            rest: Map::new(),
        }
    }

    #[test]
    fn the_oldest_make_room_and_what_is_taken_leaves_no_trace() {
        let fresh = Fresh::default();
        for id in ["1", "2", "3"] {
            fresh.put(id, event(id), ROOM / 2);
        }
        assert!(!fresh.holds("1"));
        assert_eq!(fresh.take("2"), Some(event("2")));
        assert_eq!(fresh.take("2"), None);
        assert!(fresh.holds("3"));
        fresh.put("4", event("4"), ROOM + 1);
        let events = fresh.locked();
        assert!(events.by_id.is_empty() && events.order.is_empty());
        assert_eq!(events.bytes, 0);
    }
}
