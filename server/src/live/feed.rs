//! What changed on the call list, for the desks that show it.
//!
//! One bounded ring of changes serves every desk of a business; each reads from its own
//! place. A desk that was away for longer than the ring reaches is told to load the list
//! again. What happens at one business wakes and troubles nobody else's desks, and of one
//! that nobody follows nothing is kept.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration, Instant};

use api::desk::event;
use tokio::sync::watch;

use super::log::Frame;
use super::waiter::{Waiter, Wake};
use crate::bus::{CallChanged, Signal};

/// How many changes back a desk may resume.
const RING: usize = 256;
/// How long a business's changes are kept for a desk that comes back.
const KEPT: Duration = Duration::from_secs(5 * 60);

/// The latest changes of the calls of every tenant that is followed. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Feed {
    tenants: Arc<Mutex<HashMap<String, Arc<Shared>>>>,
    /// Counts the desks that came where there was none of their tenant.
    came: watch::Sender<u64>,
}

/// What the desks of one tenant share.
#[derive(Debug)]
struct Shared {
    ring: RwLock<Ring>,
    lines: Mutex<Lines>,
    changes: watch::Sender<u64>,
    /// When somebody last came or went.
    used_at: Mutex<Instant>,
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

/// What is being said in calls that go on. A desk gets the newest line of each, and none that was
/// replaced before it was read.
#[derive(Debug, Default)]
struct Lines {
    /// The number of the newest; the first is 1.
    seq: u64,
    /// By call.
    of: HashMap<String, (u64, String)>,
}

#[derive(Debug)]
struct Entry {
    event: &'static str,
    data: String,
}

/// A desk's place in the feed. Pure.
#[derive(Debug)]
struct Place {
    epoch: u64,
    seq: u64,
    /// The newest of the [`Lines`] that was told.
    line: u64,
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
            lines: Mutex::default(),
            changes: watch::Sender::new(0),
            used_at: Mutex::new(Instant::now()),
        }
    }
}

impl Feed {
    /// Adds a change.
    pub fn push(&self, change: &CallChanged) {
        self.add(&change.tenant_id, || Entry {
            event: event::CALL,
            // A row of strings and numbers: serialising it cannot fail.
            data: serde_json::to_string(&*change.call).unwrap_or_default(),
        });
    }

    /// Adds what changed besides calls; nothing for what desks are not told.
    pub fn told(&self, signal: &Signal) {
        let data;
        let (tenant_id, event, data) = match signal {
            Signal::CallGiven {
                tenant_id,
                call_id,
                user_id,
            } => {
                data = told_given(user_id, call_id).data;
                (tenant_id, event::GIVEN, data.as_str())
            }
            Signal::CallFlagged {
                tenant_id,
                call_id,
                user_id,
            } => {
                data = format!("{user_id} {call_id}");
                (tenant_id, event::FLAGGED, data.as_str())
            }
            Signal::CallbacksChanged(tenant_id) => (tenant_id, event::CALLBACKS, "{}"),
            Signal::BookingsChanged(tenant_id) => (tenant_id, event::BOOKINGS, "{}"),
            // Who has taken a call over is busy.
            Signal::AvailabilityChanged(tenant_id) | Signal::CallAttended { tenant_id, .. } => {
                (tenant_id, event::STAFF, "{}")
            }
            // A browser hears of no event that says nothing.
            Signal::FunctionAsked { tenant_id, call_id } if call_id.is_empty() => {
                (tenant_id, event::FUNCTIONS, "-")
            }
            Signal::FunctionAsked { tenant_id, call_id } => {
                (tenant_id, event::FUNCTIONS, call_id.as_str())
            }
            _ => return,
        };
        self.add(tenant_id, || Entry {
            event,
            data: data.to_owned(),
        });
    }

    fn add(&self, tenant_id: &str, entry: impl FnOnce() -> Entry) {
        let shared = self.tenants().get(tenant_id).cloned();
        if let Some(shared) = shared {
            shared.change(|ring| ring.push(entry()));
        }
    }

    /// Forgets every change of a tenant: its desks have to load their lists again.
    pub fn broken(&self, tenant_id: &str) {
        let shared = self.tenants().get(tenant_id).cloned();
        if let Some(shared) = shared {
            shared.change(Ring::restart);
        }
    }

    /// The same for every tenant: nobody knows whose changes were missed.
    pub fn all_broken(&self) {
        let all: Vec<_> = self.tenants().values().cloned().collect();
        for shared in all {
            shared.change(Ring::restart);
        }
    }

    /// Tells what is being said in a call that goes on; gives whether some desk hears it.
    pub(super) fn say(&self, tenant_id: &str, call_id: &str, line: String) -> bool {
        let Some(shared) = self.tenants().get(tenant_id).cloned() else {
            return false;
        };
        shared.lines().say(call_id, line);
        shared.told();
        shared.changes.receiver_count() > 0
    }

    /// Nothing more is said in a call.
    pub(super) fn hush(&self, tenant_id: &str, call_id: &str) {
        if let Some(shared) = self.tenants().get(tenant_id) {
            shared.lines().of.remove(call_id);
        }
    }

    /// Changes whenever a tenant's first desk comes.
    pub(super) fn came(&self) -> watch::Receiver<u64> {
        self.came.subscribe()
    }

    /// Whether some desk of a tenant is open on this server.
    pub(super) fn is_followed(&self, tenant_id: &str) -> bool {
        let tenants = self.tenants();
        let shared = tenants.get(tenant_id);
        shared.is_some_and(|shared| shared.changes.receiver_count() > 0)
    }

    /// How many desks follow it on this server.
    #[must_use]
    pub fn followers(&self) -> usize {
        let tenants = self.tenants();
        let counts = tenants
            .values()
            .map(|shared| shared.changes.receiver_count());
        counts.sum()
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
        let (shared, changes, is_first) = {
            let mut tenants = self.tenants();
            tenants.retain(|_, shared| shared.is_wanted());
            let shared = Arc::clone(tenants.entry(tenant_id.to_owned()).or_default());
            let is_first = shared.changes.receiver_count() == 0;
            let changes = shared.changes.subscribe();
            (shared, changes, is_first)
        };
        let waiter = waiter(changes);
        let place = Place::new(last_event_id, &shared.read());
        if is_first {
            self.came.send_modify(|came| *came += 1);
        }
        Follower {
            shared,
            place,
            waiter,
        }
    }

    fn tenants(&self) -> MutexGuard<'_, HashMap<String, Arc<Shared>>> {
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// That somebody was given a call.
#[must_use]
pub fn told_given(user_id: &str, call_id: &str) -> Frame {
    Frame {
        event: event::GIVEN,
        id: None,
        data: format!("{user_id} {call_id}"),
    }
}

impl Shared {
    fn read(&self) -> RwLockReadGuard<'_, Ring> {
        self.ring.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Ring> {
        self.ring.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Ring)) {
        change(&mut self.write());
        self.told();
    }

    fn told(&self) {
        self.changes.send_modify(|changes| *changes += 1);
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn used_at(&self) -> MutexGuard<'_, Instant> {
        self.used_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether somebody follows it, or may come back.
    fn is_wanted(&self) -> bool {
        self.changes.receiver_count() > 0 || self.used_at().elapsed() < KEPT
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        *self.shared.used_at() = Instant::now();
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

impl Lines {
    fn say(&mut self, call_id: &str, line: String) {
        self.seq += 1;
        self.of.insert(call_id.to_owned(), (self.seq, line));
    }
}

impl Place {
    fn new(last_event_id: Option<&str>, ring: &Ring) -> Self {
        let Some(id) = last_event_id else {
            return Self {
                epoch: ring.epoch,
                seq: ring.seq,
                line: 0,
            };
        };
        let known = id.split_once('-').and_then(|(epoch, seq)| {
            Some((u64::from_str_radix(epoch, 16).ok()?, seq.parse().ok()?))
        });
        let (epoch, seq) =
            // Another epoch means that the list is to be loaded again.
            known.filter(|(_, seq)| *seq <= ring.seq).unwrap_or((!ring.epoch, 0));
        Self {
            epoch,
            seq,
            line: 0,
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
        let entry = ring.entries.get(skipped)?;
        self.seq += 1;
        Some(Frame {
            event: entry.event,
            id: ring.id(self.seq),
            data: entry.data.clone(),
        })
    }

    /// The next line for this desk, or `None` until something is said.
    fn next_line(&mut self, lines: &Lines) -> Option<Frame> {
        let newer = lines.of.iter().filter(|(_, (seq, _))| *seq > self.line);
        let (call_id, (seq, line)) = newer.min_by_key(|(_, (seq, _))| *seq)?;
        self.line = *seq;
        Some(Frame {
            event: event::SAID,
            id: None,
            data: format!("{call_id} {line}"),
        })
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
            if let Some(frame) = self.place.next_line(&self.shared.lines()) {
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

    fn push(ring: &mut Ring, json: &str) {
        ring.push(Entry {
            event: event::CALL,
            data: json.into(),
        });
    }

    #[test]
    fn a_desk_is_told_the_newest_line_of_each_call_and_each_once() {
        let (ring, mut lines) = (ring(), Lines::default());
        lines.say("a", "one".to_owned());
        lines.say("b", "two".to_owned());
        lines.say("a", "three".to_owned());
        let mut place = Place::new(None, &ring);
        let mut told = |lines: &Lines| place.next_line(lines).map(|frame| frame.data);
        assert_eq!(told(&lines).as_deref(), Some("b two"));
        assert_eq!(told(&lines).as_deref(), Some("a three"));
        assert_eq!(told(&lines), None);
        lines.say("b", "four".to_owned());
        assert_eq!(told(&lines).as_deref(), Some("b four"));
    }

    fn drain(place: &mut Place, ring: &Ring) -> Vec<(&'static str, String)> {
        std::iter::from_fn(|| place.next(ring))
            .map(|frame| (frame.event, frame.data))
            .collect()
    }

    #[test]
    fn a_desk_sees_changes_from_when_it_came() {
        let mut ring = ring();
        push(&mut ring, "before");
        let mut place = Place::new(None, &ring);
        push(&mut ring, "1");
        push(&mut ring, "2");
        assert_eq!(
            drain(&mut place, &ring),
            [(event::CALL, "1".to_owned()), (event::CALL, "2".to_owned())]
        );
    }

    #[test]
    fn ids_that_cannot_be_resumed_mean_loading_again() {
        for id in ["b-1", "a-2", "a", "", "-", "a-x", "ended"] {
            let mut ring = ring();
            push(&mut ring, "1");
            let mut place = Place::new(Some(id), &ring);
            assert_eq!(
                drain(&mut place, &ring),
                [(event::RESYNC, "{}".to_owned())],
                "{id:?}"
            );
            push(&mut ring, "new");
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
            push(&mut ring, &n.to_string());
        }
        let within = drain(&mut Place::new(Some("a-1"), &ring), &ring);
        assert_eq!(within.len(), RING);
        assert_eq!(within[0], (event::CALL, "1".to_owned()));
        let beyond = drain(&mut Place::new(Some("a-0"), &ring), &ring);
        assert_eq!(beyond, [(event::RESYNC, "{}".to_owned())]);
    }

    #[test]
    fn a_broken_feed_makes_everybody_load_again() {
        let mut ring = ring();
        push(&mut ring, "1");
        let mut place = Place::new(None, &ring);
        ring.restart();
        assert_eq!(drain(&mut place, &ring), [(event::RESYNC, "{}".to_owned())]);
        let mut late = Place::new(Some("a-1"), &ring);
        assert_eq!(drain(&mut late, &ring), [(event::RESYNC, "{}".to_owned())]);
        push(&mut ring, "2");
        assert_eq!(drain(&mut place, &ring), [(event::CALL, "2".to_owned())]);
    }

    proptest! {
        /// However often a desk is cut off, it misses and doubles nothing.
        #[test]
        fn resuming_loses_and_doubles_nothing(
            steps in prop::collection::vec((any::<bool>(), 0..4_usize), 0..80),
        ) {
            let mut ring = ring();
            let mut place = Place::new(None, &ring);
            let mut last_id: Option<String> = None;
            let mut got = Vec::new();
            let mut expected = Vec::new();
            for (n, (cut, reads)) in steps.into_iter().enumerate() {
                push(&mut ring, &n.to_string());
                expected.push(n.to_string());
                for frame in (0..reads).map_while(|_| place.next(&ring)) {
                    last_id = frame.id;
                    got.push(frame.data);
                }
                if cut && last_id.is_some() {
                    place = Place::new(last_id.as_deref(), &ring);
                }
            }
            got.extend(drain(&mut place, &ring).into_iter().map(|(_, data)| data));
            prop_assert_eq!(got, expected);
        }
    }

    #[tokio::test]
    async fn what_happens_at_one_business_neither_wakes_nor_troubles_another_s_desks() {
        let feed = Feed::default();
        let closing = tokio_util::sync::CancellationToken::new();
        let follow = |tenant: &str, last: Option<&str>| {
            let waiter = |changes| Waiter::new(changes, closing.clone(), Duration::from_secs(60));
            feed.follow(tenant, last, waiter)
        };
        let callbacks_changed =
            |tenant: &str| feed.told(&Signal::CallbacksChanged(tenant.to_owned()));
        let mut quiet = follow("quiet", None);
        let mut busy = follow("busy", None);
        callbacks_changed("quiet");
        let first = quiet.next().await.unwrap();
        // A burst beyond every ring, and a retention.
        for _ in 0..=RING {
            callbacks_changed("busy");
        }
        feed.broken("busy");
        assert!(!quiet.waiter.is_woken());
        assert_eq!(busy.next().await.unwrap().event, event::RESYNC);
        // Who was away meanwhile goes on where it was.
        drop(quiet);
        callbacks_changed("quiet");
        let mut quiet = follow("quiet", first.id.as_deref());
        assert_eq!(quiet.next().await.unwrap().event, event::CALLBACKS);
        assert_eq!(feed.followers(), 2);
        // Of those that nobody follows nothing is kept.
        callbacks_changed("nobody");
        assert_eq!(feed.tenants().len(), 2);
    }
}
