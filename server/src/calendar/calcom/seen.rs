//! What is remembered of Cal.com, in memory, on each server: free times for some minutes, and how
//! it went when it was asked. Whoever changes something there, or hears that somebody has, tells
//! every server.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use api::calcom::CalcomHealth;
use calcom::Slot;

use crate::bus::{Bus, Ear, Signal, Topic};
use crate::circuit::Circuit;
use crate::clock::{DAY_MS, MINUTE_MS};

/// Free times are taken for true so long (ms).
const FRESH_MS: i64 = 5 * MINUTE_MS;
/// Where it cannot be asked, they are told so long, with their age (ms).
const KEPT_MS: i64 = 6 * 60 * MINUTE_MS;
/// So many days of all event types of a business are remembered.
const DAYS_MAX: usize = 2_000;
/// So many days are asked for at once.
const DAYS_AT_ONCE: usize = 7;

/// What is remembered.
pub(super) struct Seen(Mutex<Latest>);

impl std::fmt::Debug for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Seen").finish_non_exhaustive()
    }
}

struct Latest {
    changes: Ear,
    tenants: HashMap<String, OfTenant>,
}

#[derive(Default)]
struct OfTenant {
    circuit: Circuit,
    answered_at: Option<i64>,
    latency_ms: Option<u64>,
    /// How many days were known of those asked for, and of how many.
    hits: u64,
    asked: u64,
    /// How often free times became others: what was asked for before that is old.
    changes: u64,
    /// By event type and day.
    days: BTreeMap<(u64, i64), Day>,
    /// Who reads an event type; others wait for that.
    turns: HashMap<u64, Arc<tokio::sync::Mutex<()>>>,
}

struct Day {
    read_at: i64,
    is_fresh: bool,
    slots: Vec<Slot>,
}

/// Days in a row, each by its number since 1970: the first, and the one after the last.
pub(super) type Days = (i64, i64);

/// What is to be read.
pub(super) struct Missing {
    /// Each is asked for by itself.
    pub(super) days: Vec<Days>,
    /// Says when it was asked for, to [`Seen::keep`].
    pub(super) before: u64,
}

/// The days a time (Unix ms) is in.
pub(super) fn days((from, to): (i64, i64)) -> Days {
    (from.div_euclid(DAY_MS), (to - 1).div_euclid(DAY_MS) + 1)
}

/// The time (Unix ms) of days.
pub(super) fn time((first, after): Days) -> (i64, i64) {
    (first * DAY_MS, after * DAY_MS)
}

impl Seen {
    pub(super) fn new(bus: &Bus) -> Self {
        Self(Mutex::new(Latest {
            changes: bus.listen(Topic::Slots),
            tenants: HashMap::new(),
        }))
    }

    /// Up to date with what was told meanwhile.
    fn latest(&self) -> MutexGuard<'_, Latest> {
        let mut latest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for signal in latest.changes.told() {
            match signal {
                Signal::SlotsChanged(id) => latest.tenants.entry(id).or_default().outdate(),
                _ => latest.tenants.values_mut().for_each(OfTenant::outdate),
            }
        }
        latest
    }

    fn with<T>(&self, tenant_id: &str, look: impl FnOnce(&mut OfTenant) -> T) -> T {
        let mut latest = self.latest();
        look(latest.tenants.entry(tenant_id.to_owned()).or_default())
    }

    pub(super) fn is_left_alone(&self, tenant_id: &str, now: i64) -> bool {
        self.with(tenant_id, |it| it.circuit.open_until(now).is_some())
    }

    pub(super) fn failed(&self, tenant_id: &str, after_ms: Option<i64>, now: i64) {
        self.with(tenant_id, |it| it.circuit.failed(now, after_ms));
    }

    pub(super) fn answered(&self, tenant_id: &str, began: i64, now: i64) {
        self.with(tenant_id, |it| {
            it.circuit = Circuit::default();
            it.answered_at = Some(now);
            it.latency_ms = u64::try_from(now - began).ok();
        });
    }

    /// Forgets everything: it is another account, or works again.
    pub(super) fn forget(&self, tenant_id: &str) {
        self.with(tenant_id, |it| {
            let changes = it.changes + 1;
            *it = OfTenant {
                changes,
                ..OfTenant::default()
            };
        });
    }

    /// Whose turn it is to read an event type.
    pub(super) fn turn(&self, tenant_id: &str, event_type: u64) -> Arc<tokio::sync::Mutex<()>> {
        self.with(tenant_id, |it| {
            Arc::clone(it.turns.entry(event_type).or_default())
        })
    }

    /// Which days are not known, or not any more.
    pub(super) fn missing(
        &self,
        tenant_id: &str,
        event_type: u64,
        days: Days,
        now: i64,
    ) -> Missing {
        self.with(tenant_id, |it| {
            let known = |day: &i64| {
                let kept = it.days.get(&(event_type, *day));
                kept.is_some_and(|it| it.is_fresh && now - it.read_at < FRESH_MS)
            };
            let missing: Vec<_> = (days.0..days.1).filter(|day| !known(day)).collect();
            Missing {
                days: in_a_row(&missing),
                before: it.changes,
            }
        })
    }

    /// Counts how many of the days that were asked for had to be read.
    pub(super) fn count(&self, tenant_id: &str, days: Days, missing: &Missing) {
        let long = |(first, after): Days| u64::try_from(after - first).unwrap_or_default();
        let read: u64 = missing.days.iter().map(|it| long(*it)).sum();
        self.with(tenant_id, |it| {
            it.asked += long(days);
            it.hits += long(days).saturating_sub(read);
        });
    }

    /// Remembers what was read of days.
    pub(super) fn keep(
        &self,
        tenant_id: &str,
        event_type: u64,
        days: Days,
        (slots, before): (&[Slot], u64),
        now: i64,
    ) {
        self.with(tenant_id, |it| {
            if it.days.len() > DAYS_MAX {
                it.days.retain(|_, day| now - day.read_at < FRESH_MS);
            }
            for day in days.0..days.1 {
                let (from, to) = time((day, day + 1));
                let begins = |slot: &&Slot| (from..to).contains(&slot.starts_at);
                let read = Day {
                    read_at: now,
                    is_fresh: it.changes == before,
                    slots: slots.iter().filter(begins).copied().collect(),
                };
                it.days.insert((event_type, day), read);
            }
        });
    }

    /// What is known of a time (Unix ms), and since when, where that is not certain any more;
    /// nothing where too little is.
    pub(super) fn known(
        &self,
        tenant_id: &str,
        event_type: u64,
        time: (i64, i64),
        now: i64,
    ) -> Option<(Vec<Slot>, Option<i64>)> {
        let (first, after) = days(time);
        self.with(tenant_id, |it| {
            let mut slots = Vec::new();
            let mut as_of = None::<i64>;
            for day in first..after {
                let kept = it.days.get(&(event_type, day));
                let kept = kept.filter(|it| now - it.read_at < KEPT_MS)?;
                if !kept.is_fresh || now - kept.read_at >= FRESH_MS {
                    as_of = Some(as_of.map_or(kept.read_at, |at| at.min(kept.read_at)));
                }
                let inside = |it: &&Slot| (time.0..time.1).contains(&it.starts_at);
                slots.extend(kept.slots.iter().filter(inside));
            }
            Some((slots, as_of))
        })
    }

    pub(super) fn health(&self, tenant_id: &str, connected: bool, now: i64) -> CalcomHealth {
        self.with(tenant_id, |it| {
            let open_until = it.circuit.open_until(now);
            #[expect(clippy::cast_precision_loss, reason = "a rate needs no more")]
            let rate = |of: u64| it.hits as f64 / of as f64;
            CalcomHealth {
                connected,
                breaker: open_until.map_or("closed", |_| "open").to_owned(),
                open_until,
                failures: it.circuit.failures(),
                last_success_at: it.answered_at,
                latency_ms: it.latency_ms,
                cache_hit_rate: (it.asked > 0).then(|| rate(it.asked)),
            }
        })
    }
}

impl OfTenant {
    /// What is known may be others by now: it is told only where nothing newer can be had.
    fn outdate(&mut self) {
        self.changes += 1;
        for day in self.days.values_mut() {
            day.is_fresh = false;
        }
    }
}

/// Days as they are asked for: those that follow each other together, but for not too many.
fn in_a_row(days: &[i64]) -> Vec<Days> {
    let rows = days.chunk_by(|day, next| day + 1 == *next);
    let parts = rows.flat_map(|row| row.chunks(DAYS_AT_ONCE));
    parts
        .filter_map(|part| Some((*part.first()?, part.last()? + 1)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_asked_for_together() {
        assert_eq!(in_a_row(&[]), []);
        assert_eq!(in_a_row(&[3, 4, 7]), [(3, 5), (7, 8)]);
        let many: Vec<_> = (0..15).collect();
        assert_eq!(in_a_row(&many), [(0, 7), (7, 14), (14, 15)]);
        assert_eq!(days((DAY_MS, 2 * DAY_MS)), (1, 2));
        assert_eq!(days((DAY_MS - 1, DAY_MS + 1)), (0, 2));
    }

    #[test]
    fn what_changed_is_read_anew_and_told_only_where_nothing_else_is() {
        let bus = Bus::default();
        let seen = Seen::new(&bus);
        let slot = Slot {
            starts_at: DAY_MS + 5,
            ends_at: DAY_MS + 10,
        };
        let (one, time) = ((1, 2), (DAY_MS, 2 * DAY_MS));
        let missing = seen.missing("t1", 7, one, 0);
        assert_eq!(missing.days, [one]);
        seen.keep("t1", 7, one, (&[slot], missing.before), 0);
        assert!(seen.missing("t1", 7, one, 1).days.is_empty());
        assert_eq!(seen.known("t1", 7, time, 1), Some((vec![slot], None)));
        assert_eq!(seen.known("t1", 8, time, 1), None, "of another event type");
        let later = seen.missing("t1", 7, one, FRESH_MS);
        assert_eq!(later.days, [one], "it is too old");

        bus.signal(&Signal::SlotsChanged("t2".to_owned()));
        assert!(seen.missing("t1", 7, one, 1).days.is_empty());
        bus.signal(&Signal::SlotsChanged("t1".to_owned()));
        assert_eq!(seen.missing("t1", 7, one, 1).days, [one]);
        assert_eq!(seen.known("t1", 7, time, 1), Some((vec![slot], Some(0))));
        // What was on its way meanwhile is not certain either.
        seen.keep("t1", 7, one, (&[], missing.before), 2);
        assert_eq!(seen.known("t1", 7, time, 2), Some((Vec::new(), Some(2))));
        assert_eq!(seen.known("t1", 7, time, KEPT_MS + 2), None);
    }
}
