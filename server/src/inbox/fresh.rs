//! What was read in an entry when it came, until it is worked off: a moment later, as
//! a rule, and then it need not be fetched and read again. What finds no place, or
//! loses it, is fetched. The oldest keep theirs: it is they who are worked off next.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::body::Event;

/// So much is kept (bytes of bodies; read, they are several times as large).
const ROOM: usize = 4 * 1024 * 1024;
/// How long: what is still here by then another server has worked off, or nobody will soon.
const KEPT: Duration = Duration::from_secs(10);

/// Events that were just taken in.
#[derive(Debug, Default)]
pub(super) struct Fresh(Mutex<Events>);

#[derive(Debug, Default)]
struct Events {
    /// By the ids of their entries, with the length of the body.
    by_id: HashMap<String, (Event, usize)>,
    /// The oldest first, with when they came; some may be gone.
    order: VecDeque<(Instant, String)>,
    bytes: usize,
}

impl Fresh {
    /// Keeps what is in an entry that came now, if there is room.
    pub(super) fn put(&self, now: Instant, id: &str, event: Event, bytes: usize) {
        let mut events = self.locked();
        while let Some((came, oldest)) = events.order.front() {
            if events.by_id.contains_key(oldest) && now.duration_since(*came) < KEPT {
                break;
            }
            if let Some((_, oldest)) = events.order.pop_front() {
                events.remove(&oldest);
            }
        }
        if events.bytes + bytes <= ROOM {
            events.by_id.insert(id.to_owned(), (event, bytes));
            events.order.push_back((now, id.to_owned()));
            events.bytes += bytes;
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
    fn the_oldest_keep_their_room_for_a_while_and_what_is_taken_leaves_no_trace() {
        let fresh = Fresh::default();
        let now = Instant::now();
        for id in ["1", "2", "3"] {
            fresh.put(now, id, event(id), ROOM / 2);
        }
        assert!(!fresh.holds("3"));
        assert_eq!(fresh.take("1"), Some(event("1")));
        assert_eq!(fresh.take("1"), None);
        fresh.put(now + KEPT / 2, "4", event("4"), ROOM / 2);
        assert!(fresh.holds("2") && fresh.holds("4"));
        fresh.put(now + KEPT, "5", event("5"), ROOM);
        assert!(!fresh.holds("2") && fresh.holds("4") && !fresh.holds("5"));
        fresh.put(now + 2 * KEPT, "6", event("6"), ROOM + 1);
        let events = fresh.locked();
        assert!(events.by_id.is_empty() && events.order.is_empty());
        assert_eq!(events.bytes, 0);
    }
}
