//! What is known of one call's transcript, and what each reader still lacks.
//! Pure: no clock, no sockets.
//!
//! Every change of an item gets the next sequence number. A reader remembers
//! one number, the last it was told about, and asks for what came later. The
//! log keeps no queue per reader and no copy per change: only which item each
//! of the last [`RING`] changes touched. A reader who was slow gets an item
//! that changed ten times once, with its newest text; one who was away for
//! longer than the ring reaches gets everything again.

use std::collections::{HashMap, VecDeque};

use api::attend::Attending;
use api::live::{Ended, Item, Unavailable, event};

/// How many changes back a reader may resume. At twenty changes a second, the
/// busiest a conversation gets, this is half a minute of absence.
pub const RING: usize = 600;

/// The `Last-Event-ID` of a reader who was told that the call is over.
pub const ENDED_ID: &str = "ended";

/// Who reads: not everybody may see how the agent works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Audience {
    /// The person on the call.
    Visitor,
    /// People signed in at the desk.
    Staff,
    /// This server: it watches over the call by the business's rules, or tells its lists what is
    /// being said.
    Server,
}

/// One event for a reader, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// One of [`api::live::event`].
    pub event: &'static str,
    /// The event's id, when a reader can resume from it.
    pub id: Option<String>,
    /// JSON, without line breaks.
    pub data: String,
}

/// The transcript of one call as it grows.
#[derive(Debug)]
pub struct CallLog {
    /// Tells this log from one of the same call kept earlier, whose sequence
    /// numbers mean something else.
    epoch: u64,
    /// The number of the last change; the first is 1.
    seq: u64,
    /// In the order in which they first came.
    entries: Vec<Entry>,
    by_id: HashMap<String, usize>,
    /// Which entry each of the last changes touched, oldest first.
    ring: VecDeque<usize>,
    /// Whether anything came yet: before, there is nothing to take a snapshot of.
    primed: bool,
    notice: Option<&'static str>,
    notices: u64,
    /// Who of the staff is in the call, and how often that changed.
    attending: Attending,
    attendances: u64,
    ended: Option<Ended>,
}

#[derive(Debug)]
struct Entry {
    json: String,
    /// As the visitor gets it, if at all.
    for_visitor: Option<String>,
}

/// One reader's place in a [`CallLog`].
#[derive(Debug)]
pub struct Reader {
    audience: Audience,
    /// The last change this reader knows of; none before its first snapshot.
    position: Option<u64>,
    notices_seen: u64,
    attendances_seen: u64,
    finished: bool,
}

impl CallLog {
    /// An empty log. `epoch` must differ between logs of the same call.
    #[must_use]
    pub fn new(epoch: u64) -> Self {
        Self {
            epoch,
            seq: 0,
            entries: Vec::new(),
            by_id: HashMap::new(),
            ring: VecDeque::new(),
            primed: false,
            notice: None,
            notices: 0,
            attending: Attending::default(),
            attendances: 0,
            ended: None,
        }
    }

    /// Merges items: each replaces the one of the same id. Returns whether a
    /// reader has anything new to learn.
    pub fn apply(&mut self, items: &[Item]) -> bool {
        let before = (self.seq, self.primed);
        self.primed = true;
        self.notice = None;
        for item in items {
            self.merge(item);
        }
        before != (self.seq, self.primed)
    }

    fn merge(&mut self, item: &Item) {
        let entry = Entry {
            json: to_json(item),
            for_visitor: item.for_visitor().as_ref().map(to_json),
        };
        let position = match self.by_id.get(&item.id) {
            Some(&position) if self.entries[position].json == entry.json => return,
            Some(&position) => {
                self.entries[position] = entry;
                position
            }
            None => {
                self.by_id.insert(item.id.clone(), self.entries.len());
                self.entries.push(entry);
                self.entries.len() - 1
            }
        };
        self.seq += 1;
        if self.ring.len() == RING {
            self.ring.pop_front();
        }
        self.ring.push_back(position);
    }

    /// Says that the transcript cannot be read for now, and why (a slug of
    /// [`api::problem::slug`]). The next [`Self::apply`] takes it back. Returns
    /// whether this is news.
    pub fn unavailable(&mut self, problem: &'static str) -> bool {
        if self.ended.is_some() || self.notice == Some(problem) {
            return false;
        }
        self.notice = Some(problem);
        self.notices += 1;
        true
    }

    /// Says who of the staff is in the call. Returns whether this is news.
    pub fn attend(&mut self, attending: &Attending) -> bool {
        if self.attending == *attending {
            return false;
        }
        self.attending = attending.clone();
        self.attendances += 1;
        true
    }

    /// Whether one of the staff listens, or has taken the call over.
    #[must_use]
    pub fn is_attended(&self) -> bool {
        self.is_taken_over() || !self.attending.listeners.is_empty()
    }

    /// Whether one of the staff speaks instead of the agent.
    #[must_use]
    pub fn is_taken_over(&self) -> bool {
        self.attending.taken_over.is_some()
    }

    /// Closes the log. The first reason given stays, but a known one replaces
    /// an unknown one. Returns whether this is news.
    pub fn end(&mut self, reason: Option<String>) -> bool {
        match &mut self.ended {
            None => {
                self.ended = Some(Ended { reason });
                true
            }
            Some(ended) => {
                if ended.reason.is_none() {
                    ended.reason = reason;
                }
                false
            }
        }
    }

    /// Whether the call is over.
    #[must_use]
    pub fn is_ended(&self) -> bool {
        self.ended.is_some()
    }

    fn id(&self) -> Option<String> {
        Some(format!("{:x}-{}", self.epoch, self.seq))
    }

    fn snapshot(&self, audience: Audience) -> Frame {
        let items = self.entries.iter().filter(|entry| entry.is_for(audience));
        Frame {
            event: event::SNAPSHOT,
            id: self.id(),
            data: items_json(items, audience),
        }
    }

    /// The entries changed after `position`, each once and in the order in which
    /// they first came, so that a reader who appends keeps the log's own order.
    /// `None` when the ring does not reach back that far.
    fn changed_since(&self, position: u64, audience: Audience) -> Option<Vec<&Entry>> {
        let missed = usize::try_from(self.seq.checked_sub(position)?).ok()?;
        let skipped = self.ring.len().checked_sub(missed)?;
        let mut touched: Vec<usize> = self.ring.iter().skip(skipped).copied().collect();
        touched.sort_unstable();
        touched.dedup();
        let entries = touched.into_iter().map(|at| &self.entries[at]);
        Some(entries.filter(|entry| entry.is_for(audience)).collect())
    }
}

impl Entry {
    fn is_for(&self, audience: Audience) -> bool {
        audience != Audience::Visitor || self.for_visitor.is_some()
    }

    fn json(&self, audience: Audience) -> &str {
        match (audience, &self.for_visitor) {
            (Audience::Visitor, Some(json)) => json,
            _ => &self.json,
        }
    }
}

impl Reader {
    /// A reader of `log` that has what its `Last-Event-ID` says, if anything.
    #[must_use]
    pub fn new(audience: Audience, last_event_id: Option<&str>, log: &CallLog) -> Self {
        let position = last_event_id
            .and_then(|id| id.split_once('-'))
            .filter(|(epoch, _)| u64::from_str_radix(epoch, 16) == Ok(log.epoch))
            .and_then(|(_, seq)| seq.parse().ok())
            .filter(|seq| *seq <= log.seq);
        Self {
            audience,
            position,
            notices_seen: 0,
            attendances_seen: 0,
            finished: false,
        }
    }

    /// The next event for this reader, or `None` until the log changes again.
    pub fn next(&mut self, log: &CallLog) -> Option<Frame> {
        if self.finished {
            return None;
        }
        self.items(log)
            .or_else(|| self.notice(log))
            .or_else(|| self.attendance(log))
            .or_else(|| self.end(log))
    }

    /// Whether the reader has what the log had at some time.
    #[must_use]
    pub fn has_read(&self) -> bool {
        self.position.is_some()
    }

    /// Whether the reader was told that the call is over.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.finished
    }

    fn items(&mut self, log: &CallLog) -> Option<Frame> {
        if !log.primed || self.position == Some(log.seq) {
            return None;
        }
        let missed = self
            .position
            .and_then(|at| log.changed_since(at, self.audience));
        self.position = Some(log.seq);
        match missed {
            None => Some(log.snapshot(self.audience)),
            // All that changed is for others.
            Some(entries) if entries.is_empty() => None,
            Some(entries) => Some(Frame {
                event: event::ITEMS,
                id: log.id(),
                data: items_json(entries.into_iter(), self.audience),
            }),
        }
    }

    fn notice(&mut self, log: &CallLog) -> Option<Frame> {
        if self.notices_seen == log.notices {
            return None;
        }
        self.notices_seen = log.notices;
        // Gone again before this reader heard of it, or about to be moot.
        let problem = log.notice.filter(|_| log.ended.is_none())?;
        let data = to_json(&Unavailable {
            problem: problem.to_owned(),
        });
        Some(Frame {
            event: event::UNAVAILABLE,
            id: None,
            data,
        })
    }

    fn attendance(&mut self, log: &CallLog) -> Option<Frame> {
        if self.attendances_seen == log.attendances {
            return None;
        }
        self.attendances_seen = log.attendances;
        (self.audience == Audience::Staff).then(|| Frame {
            event: event::ATTENDING,
            id: None,
            data: to_json(&log.attending),
        })
    }

    fn end(&mut self, log: &CallLog) -> Option<Frame> {
        let ended = log.ended.as_ref()?;
        self.finished = true;
        Some(ended_frame(ended))
    }
}

/// The event that closes a call's stream.
#[must_use]
pub fn ended_frame(ended: &Ended) -> Frame {
    Frame {
        event: event::ENDED,
        id: Some(ENDED_ID.to_owned()),
        data: to_json(ended),
    }
}

/// A snapshot of a transcript that will not change any more.
#[must_use]
pub fn final_snapshot(items: &[Item], audience: Audience) -> Frame {
    let mut log = CallLog::new(0);
    log.apply(items);
    Frame {
        id: None,
        ..log.snapshot(audience)
    }
}

fn items_json<'a>(entries: impl Iterator<Item = &'a Entry>, audience: Audience) -> String {
    let mut data = String::from(r#"{"items":["#);
    for (at, entry) in entries.enumerate() {
        if at > 0 {
            data.push(',');
        }
        data.push_str(entry.json(audience));
    }
    data.push_str("]}");
    data
}

fn to_json<T: serde::Serialize>(value: &T) -> String {
    // Our own types of strings and numbers: serialising them cannot fail.
    serde_json::to_string(value).unwrap_or_default()
}

#[cfg(test)]
mod tests;
