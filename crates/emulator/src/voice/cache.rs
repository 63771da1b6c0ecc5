//! The speeches used last, kept.

use std::collections::HashMap;
use std::sync::Arc;

use super::Speech;

/// Speech kept in memory, in milliseconds of audio (about 35 bytes each).
const MOST_MS: u64 = 10 * 60 * 1_000;

/// Least recently used speeches make room for new ones.
#[derive(Debug, Default)]
pub(super) struct Cache {
    entries: HashMap<String, Entry>,
    clock: u64,
    total_ms: u64,
}

#[derive(Debug)]
struct Entry {
    speech: Arc<Speech>,
    used: u64,
}

impl Cache {
    /// The speech under `key`, now the most recently used.
    pub(super) fn get(&mut self, key: &str) -> Option<Arc<Speech>> {
        self.clock += 1;
        let entry = self.entries.get_mut(key)?;
        entry.used = self.clock;
        Some(Arc::clone(&entry.speech))
    }

    /// Keeps a speech under `key`.
    pub(super) fn put(&mut self, key: String, speech: Arc<Speech>) {
        self.clock += 1;
        self.total_ms += speech.duration_ms;
        let entry = Entry {
            speech,
            used: self.clock,
        };
        if let Some(replaced) = self.entries.insert(key, entry) {
            self.total_ms -= replaced.speech.duration_ms;
        }
        while self.total_ms > MOST_MS && self.entries.len() > 1 {
            let oldest = self.entries.iter().min_by_key(|(_, entry)| entry.used);
            let Some(key) = oldest.map(|(key, _)| key.clone()) else {
                return;
            };
            if let Some(dropped) = self.entries.remove(&key) {
                self.total_ms -= dropped.speech.duration_ms;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    #[test]
    fn the_least_recently_used_goes_first() {
        // Empty packets decode to concealed silence: long speeches, cheaply.
        let minutes = |n: usize| Arc::new(Speech::new("", vec![Bytes::new(); n * 3_000]));
        let mut cache = Cache::default();
        cache.put("a".into(), minutes(4));
        cache.put("b".into(), minutes(4));
        assert!(cache.get("a").is_some());
        cache.put("c".into(), minutes(4));
        assert!(cache.get("b").is_none());
        assert!(cache.get("a").is_some() && cache.get("c").is_some());
    }
}
