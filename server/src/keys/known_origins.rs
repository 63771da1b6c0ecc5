//! Which pages may read the public API's answers at all.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::origins::{self, Pattern};
use crate::bus::{Bus, Ear, Topic};
use crate::store::{Store, StoreError};

/// How long a changed key may go unnoticed here, should nobody tell. The mint
/// itself always asks the store.
const FRESH_FOR: Duration = Duration::from_secs(5);

/// The origins of every key that is switched on, read once and kept until one
/// changes, or for a few seconds: each public request asks for them, and they
/// are those of every business on the server.
#[derive(Debug)]
pub struct KnownOrigins {
    latest: Mutex<Latest>,
}

#[derive(Debug)]
struct Latest {
    changes: Ear,
    known: Option<(Instant, Arc<[Pattern]>)>,
}

impl KnownOrigins {
    /// None known yet; this bus tells when keys change.
    #[must_use]
    pub fn new(bus: &Bus) -> Self {
        let changes = bus.listen(Topic::Keys);
        Self {
            latest: Mutex::new(Latest {
                changes,
                known: None,
            }),
        }
    }

    /// Whether some key allows pages of this origin, now (Unix ms).
    pub async fn allow(&self, store: &Store, origin: &str, now: i64) -> Result<bool, StoreError> {
        let fresh = self.fresh();
        let patterns = match fresh {
            Some(patterns) => patterns,
            None => {
                let texts = store.public_keys().allowed_origins(now).await?;
                let patterns: Arc<[Pattern]> = texts
                    .iter()
                    .filter_map(|text| Pattern::parse(text))
                    .collect();
                self.latest().known = Some((Instant::now(), Arc::clone(&patterns)));
                patterns
            }
        };
        Ok(origins::any_allows(&patterns, origin))
    }

    fn fresh(&self) -> Option<Arc<[Pattern]>> {
        let mut latest = self.latest();
        if latest.changes.heard() {
            latest.known = None;
        }
        let (at, patterns) = latest.known.as_ref()?;
        (at.elapsed() < FRESH_FOR).then(|| Arc::clone(patterns))
    }

    fn latest(&self) -> MutexGuard<'_, Latest> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
