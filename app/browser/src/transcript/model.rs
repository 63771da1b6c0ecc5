//! The transcript as data: merge by item id, order by time, say what changed.
//!
//! Pure: no clock, no browser. Items arrive whole and replace the one of the
//! same id; rows are ordered by `time_ms`, and rows of the same time by who
//! arrived first (retell-protocol E). Applying an item costs the same in a long
//! transcript as in a short one: nothing is sorted again, nothing is copied,
//! and the caller is told which single rows to touch.

use std::collections::HashMap;

use api::live::{Item, ItemKind};

pub use super::row::{
    Audience, Change, Finished, Row, RowKey, Source, Speaker, tool_call_id, utterance,
};
use super::row::{same_shape, telling, told_words};

struct Slot {
    row: Row,
    /// Position among rows of the same time: when its id first arrived.
    arrival: u64,
    /// How many bytes of its words were told by `take_finished`.
    told: usize,
    /// When the words last changed, on the caller's clock.
    changed_at: u64,
}

impl Slot {
    /// Puts an item of the same shape and time in place of the old one; says
    /// whether there are words now that were not told.
    fn replace(&mut self, item: Item, now_ms: u64) -> bool {
        let before = std::mem::replace(&mut self.row.item, item);
        let before = told_words(&before.kind);
        let words = told_words(&self.row.item.kind);
        if words == before {
            return false;
        }
        // Words that were told and then corrected are not told again: only
        // what an utterance grew by is news to a listener.
        if before
            .get(..self.told)
            .is_none_or(|told| !words.starts_with(told))
        {
            self.told = words.len();
        }
        self.changed_at = now_ms;
        words.len() > self.told
    }
}

/// What a row keeps when it moves: nothing, for one that is new.
#[derive(Clone, Copy, Default)]
struct Past {
    arrival: Option<u64>,
    told: usize,
}

/// An id, and the row it leads to.
type Keys = HashMap<String, RowKey>;

/// A transcript that is being written.
pub struct Model {
    audience: Audience,
    slots: Vec<Option<Slot>>,
    free: Vec<RowKey>,
    /// The rows in order of time, then arrival.
    order: Vec<RowKey>,
    /// Item id to its row.
    own_rows: Keys,
    /// Id of a result to the row of its invocation, which shows it.
    result_rows: Keys,
    /// `tool_call_id` to the row of its invocation.
    invocations: Keys,
    /// `tool_call_id` to the row of a result that came before its invocation.
    orphans: Keys,
    arrivals: u64,
    /// Rows with words that `take_finished` has not told yet, in order.
    untold: Vec<RowKey>,
    /// False until the first snapshot or item: what is already there when the
    /// reader comes is history, to be read and not to be announced.
    begun: bool,
    ended: bool,
}

impl std::fmt::Debug for Model {
    /// Sizes only: what people said belongs in no log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Model")
            .field("audience", &self.audience)
            .field("rows", &self.order.len())
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}

impl Model {
    /// An empty transcript.
    #[must_use]
    pub fn new(audience: Audience) -> Self {
        Self {
            audience,
            slots: Vec::new(),
            free: Vec::new(),
            order: Vec::new(),
            own_rows: Keys::new(),
            result_rows: Keys::new(),
            invocations: Keys::new(),
            orphans: Keys::new(),
            arrivals: 0,
            untold: Vec::new(),
            begun: false,
            ended: false,
        }
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether there is nothing to read yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// The keys of the rows, in order.
    #[must_use]
    pub fn keys(&self) -> &[RowKey] {
        &self.order
    }

    /// A row; `None` once it was removed.
    #[must_use]
    pub fn row(&self, key: RowKey) -> Option<&Row> {
        Some(&self.slot(key)?.row)
    }

    /// The rows in order.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.order.iter().filter_map(|key| self.row(*key))
    }

    /// The row that was being said at `time_ms`: the last that began by then.
    #[must_use]
    pub fn at_time(&self, time_ms: i64) -> Option<RowKey> {
        let after = self
            .order
            .partition_point(|key| self.position(*key).0 <= time_ms);
        Some(self.order[after.checked_sub(1)?])
    }

    /// Merges one item. `now_ms` is any monotonic clock; it dates the words for
    /// [`take_finished`](Self::take_finished). What is to be touched is appended
    /// to `changes`: nothing for an item that changes nothing.
    pub fn apply(&mut self, item: Item, now_ms: u64, changes: &mut Vec<Change>) {
        self.begun = true;
        let is_shown = match self.audience {
            Audience::Visitor => item.kind.for_visitors(),
            // There are no words for what a newer server tells.
            Audience::Staff => item.kind != ItemKind::Unknown,
        };
        if !is_shown {
            return;
        }
        if let Some(&key) = self.own_rows.get(&item.id) {
            self.replace_row(key, item, now_ms, changes);
        } else if let Some(&key) = self.result_rows.get(&item.id) {
            self.replace_result(key, item, now_ms, changes);
        } else {
            self.place(item, Past::default(), now_ms, changes);
        }
    }

    /// Replaces everything by `items`. Rows that stay keep their key and, among
    /// rows of the same time, their place.
    pub fn snapshot(&mut self, items: Vec<Item>, now_ms: u64, changes: &mut Vec<Change>) {
        // After the end comes the final version of what was told live.
        let history = !self.begun || self.ended;
        // The same type as the other maps: another would be another kilobyte.
        let keep: Keys = items
            .iter()
            .map(|item| (item.id.clone(), RowKey(0)))
            .collect();
        let gone = |keys: &Keys| -> Vec<RowKey> {
            let gone = keys.iter().filter(|(id, _)| !keep.contains_key(*id));
            gone.map(|(_, key)| *key).collect()
        };
        for key in gone(&self.result_rows) {
            self.detach_result(key, changes);
        }
        for key in gone(&self.own_rows) {
            self.remove_row(key, changes);
        }
        for item in items {
            self.apply(item, now_ms, changes);
        }
        self.begun = true;
        if history {
            let last = self.last_utterance();
            for key in std::mem::take(&mut self.untold) {
                if Some(key) == last && !self.ended {
                    self.untold.push(key);
                } else if let Some(slot) = self.slot_mut(key) {
                    slot.told = told_words(&slot.row.item.kind).len();
                }
            }
        }
    }

    /// The call is over: no utterance will grow any more.
    pub fn end(&mut self) {
        self.ended = true;
    }

    /// Whether [`end`](Self::end) was said.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    /// Whether words are waiting to be told by [`take_finished`](Self::take_finished).
    #[must_use]
    pub fn has_untold(&self) -> bool {
        !self.untold.is_empty()
    }

    /// The utterances that are finished and were not told before, in the order
    /// they were said. One is finished when a later one exists, when the call
    /// ended, or when its words have not changed for `stable_ms`.
    pub fn take_finished(&mut self, now_ms: u64, stable_ms: u64) -> Vec<Finished> {
        let last = self.last_utterance();
        let mut ready = Vec::new();
        let mut waiting = Vec::new();
        for key in std::mem::take(&mut self.untold) {
            let Some(slot) = self.slot(key) else { continue };
            let stable = now_ms.saturating_sub(slot.changed_at) >= stable_ms;
            if self.ended || stable || Some(key) != last {
                ready.push(key);
            } else {
                waiting.push(key);
            }
        }
        self.untold = waiting;
        ready
            .into_iter()
            .filter_map(|key| {
                let slot = self.slot_mut(key)?;
                let (source, words) = telling(&slot.row.item.kind)?;
                let text = words.get(slot.told..).unwrap_or("").trim().to_owned();
                slot.told = words.len();
                (!text.is_empty()).then_some(Finished { source, text })
            })
            .collect()
    }

    fn slot(&self, key: RowKey) -> Option<&Slot> {
        self.slots.get(key.0)?.as_ref()
    }

    fn slot_mut(&mut self, key: RowKey) -> Option<&mut Slot> {
        self.slots.get_mut(key.0)?.as_mut()
    }

    /// What rows are ordered by.
    fn position(&self, key: RowKey) -> (i64, u64) {
        self.slot(key).map_or((i64::MAX, u64::MAX), |slot| {
            (slot.row.item.time_ms, slot.arrival)
        })
    }

    /// The index of a row, or where it would go.
    fn index_of(&self, key: RowKey) -> usize {
        let position = self.position(key);
        self.order
            .partition_point(|other| self.position(*other) < position)
    }

    fn leave_untold(&mut self, key: RowKey) {
        let position = self.position(key);
        let index = self
            .untold
            .partition_point(|other| self.position(*other) < position);
        if self.untold.get(index) != Some(&key) {
            self.untold.insert(index, key);
        }
    }

    fn last_utterance(&self) -> Option<RowKey> {
        self.order.iter().rev().copied().find(|key| {
            self.row(*key)
                .is_some_and(|row| !told_words(&row.item.kind).is_empty())
        })
    }

    /// Takes in an item whose id is not known (any more).
    fn place(&mut self, item: Item, past: Past, now_ms: u64, changes: &mut Vec<Change>) {
        let mut result = None;
        match &item.kind {
            ItemKind::ToolCallResult { tool_call_id, .. } => {
                if let Some(&key) = self.invocations.get(tool_call_id)
                    && self.row(key).is_some_and(|row| row.result.is_none())
                {
                    self.attach_result(key, item);
                    changes.push(Change::Changed {
                        index: self.index_of(key),
                        key,
                    });
                    return;
                }
            }
            ItemKind::ToolCallInvocation { tool_call_id, .. } => {
                if !self.invocations.contains_key(tool_call_id)
                    && let Some(&orphan) = self.orphans.get(tool_call_id)
                {
                    result = self.remove_row(orphan, changes).map(|row| row.item);
                }
            }
            _ => {}
        }
        let key = self.insert_row(item, past, now_ms);
        if let Some(result) = result {
            self.attach_result(key, result);
        }
        let index = self.index_of(key);
        self.order.insert(index, key);
        changes.push(Change::Inserted { index, key });
    }

    fn insert_row(&mut self, item: Item, past: Past, now_ms: u64) -> RowKey {
        let key = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            RowKey(self.slots.len() - 1)
        });
        self.own_rows.insert(item.id.clone(), key);
        match &item.kind {
            ItemKind::ToolCallInvocation { tool_call_id, .. } => {
                self.invocations.entry(tool_call_id.clone()).or_insert(key);
            }
            ItemKind::ToolCallResult { tool_call_id, .. } => {
                self.orphans.entry(tool_call_id.clone()).or_insert(key);
            }
            _ => {}
        }
        let arrival = past.arrival.unwrap_or_else(|| {
            self.arrivals += 1;
            self.arrivals
        });
        let row = Row { item, result: None };
        let words = told_words(&row.item.kind).len();
        let told = past.told.min(words);
        self.slots[key.0] = Some(Slot {
            row,
            arrival,
            told,
            changed_at: now_ms,
        });
        if words > told {
            self.leave_untold(key);
        }
        key
    }

    fn replace_row(&mut self, key: RowKey, item: Item, now_ms: u64, changes: &mut Vec<Change>) {
        let index = self.index_of(key);
        let Some(slot) = self.slot_mut(key) else {
            return;
        };
        let old = &slot.row.item;
        if *old == item {
            return;
        }
        if old.time_ms == item.time_ms && same_shape(&old.kind, &item.kind) {
            if slot.replace(item, now_ms) {
                self.leave_untold(key);
            }
            changes.push(Change::Changed { index, key });
            return;
        }
        let past = Past {
            arrival: Some(slot.arrival),
            told: slot.told,
        };
        let result = self.remove_row(key, changes).and_then(|row| row.result);
        self.place(item, past, now_ms, changes);
        if let Some(result) = result {
            self.apply(result, now_ms, changes);
        }
    }

    fn replace_result(&mut self, key: RowKey, item: Item, now_ms: u64, changes: &mut Vec<Change>) {
        let index = self.index_of(key);
        let Some(Row {
            result: Some(result),
            ..
        }) = self.slot_mut(key).map(|slot| &mut slot.row)
        else {
            return;
        };
        if *result == item {
            return;
        }
        if same_shape(&result.kind, &item.kind) {
            *result = item;
            changes.push(Change::Changed { index, key });
        } else {
            self.detach_result(key, changes);
            self.place(item, Past::default(), now_ms, changes);
        }
    }

    fn attach_result(&mut self, key: RowKey, result: Item) {
        self.result_rows.insert(result.id.clone(), key);
        if let Some(slot) = self.slot_mut(key) {
            slot.row.result = Some(result);
        }
    }

    fn detach_result(&mut self, key: RowKey, changes: &mut Vec<Change>) {
        let Some(result) = self.slot_mut(key).and_then(|slot| slot.row.result.take()) else {
            return;
        };
        self.result_rows.remove(&result.id);
        changes.push(Change::Changed {
            index: self.index_of(key),
            key,
        });
    }

    /// Removes a row and forgets its item and the result it showed.
    fn remove_row(&mut self, key: RowKey, changes: &mut Vec<Change>) -> Option<Row> {
        let index = self.index_of(key);
        let Slot { row, .. } = self.slots.get_mut(key.0)?.take()?;
        self.order.remove(index);
        self.free.push(key);
        self.untold.retain(|other| *other != key);
        changes.push(Change::Removed { index, key });
        self.own_rows.remove(&row.item.id);
        if let Some(result) = &row.result {
            self.result_rows.remove(&result.id);
        }
        let pairs = match &row.item.kind {
            ItemKind::ToolCallInvocation { tool_call_id, .. } => {
                Some((&mut self.invocations, tool_call_id))
            }
            ItemKind::ToolCallResult { tool_call_id, .. } => {
                Some((&mut self.orphans, tool_call_id))
            }
            _ => None,
        };
        if let Some((pairs, id)) = pairs
            && pairs.get(id) == Some(&key)
        {
            pairs.remove(id);
        }
        Some(row)
    }
}

#[cfg(test)]
mod tests;
