//! Which pages may read the public API's answers at all.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::origins;
use crate::store::{Store, StoreError};

/// How long a changed key may go unnoticed here. The mint itself always asks
/// the store.
const FRESH_FOR: Duration = Duration::from_secs(5);

/// The origins of every key that is switched on, kept for a few seconds: a
/// preflight is answered for each call.
#[derive(Debug, Default)]
pub struct KnownOrigins {
    latest: Mutex<Option<(Instant, Arc<[String]>)>>,
}

impl KnownOrigins {
    /// Whether some key allows pages of this origin.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn allow(&self, store: &Store, origin: &str) -> Result<bool, StoreError> {
        let fresh = self.fresh();
        let patterns = match fresh {
            Some(patterns) => patterns,
            None => {
                let patterns: Arc<[String]> = store.allowed_origins().await?.into();
                *self.latest.lock().unwrap_or_else(PoisonError::into_inner) =
                    Some((Instant::now(), Arc::clone(&patterns)));
                patterns
            }
        };
        Ok(origins::allows(&patterns, origin))
    }

    fn fresh(&self) -> Option<Arc<[String]>> {
        let latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        latest
            .as_ref()
            .filter(|(at, _)| at.elapsed() < FRESH_FOR)
            .map(|(_, patterns)| Arc::clone(patterns))
    }
}
