//! The time of day, as a value that tests can set.

use std::sync::Arc;

/// A minute (ms).
pub(crate) const MINUTE_MS: i64 = 60 * 1000;
/// An hour (ms).
pub(crate) const HOUR_MS: i64 = 60 * MINUTE_MS;
/// A day (ms).
pub(crate) const DAY_MS: i64 = 24 * HOUR_MS;

/// Tells the time. Cheap to clone.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> i64 + Send + Sync>);

impl Clock {
    /// The system's clock.
    #[must_use]
    pub fn system() -> Self {
        Self::from_fn(|| jiff::Timestamp::now().as_millisecond())
    }

    /// A clock that says what the function says (Unix ms).
    #[must_use]
    pub fn from_fn(now_ms: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(now_ms))
    }

    /// Now (Unix ms).
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        (self.0)()
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Clock").field(&self.now_ms()).finish()
    }
}
