//! Locks of what is whole after every statement.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks: a panic elsewhere while it was held leaves nothing half done.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
