//! How one reader's stream waits: for news, for the server's end, or until it
//! has lived long enough.

use std::time::Duration;

use api::live::event;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::log::Frame;

/// Waits for the changes of something.
#[derive(Debug)]
pub struct Waiter {
    changes: watch::Receiver<u64>,
    closing: CancellationToken,
    told_closing: bool,
    until: Instant,
}

/// Why a [`Waiter`] woke.
#[derive(Debug, PartialEq, Eq)]
pub enum Wake {
    /// There may be something new to read.
    Changed,
    /// The server goes down: the reader is to be told this, and comes back.
    Closing(Frame),
    /// The stream is over.
    Over,
}

impl Waiter {
    /// A waiter on a counter of changes, for a stream that lives for `life` and
    /// ends when `closing` is cancelled.
    #[must_use]
    pub fn new(changes: watch::Receiver<u64>, closing: CancellationToken, life: Duration) -> Self {
        Self {
            changes,
            closing,
            told_closing: false,
            until: Instant::now() + life,
        }
    }

    /// Counts every change so far as seen. Call it before reading, so that a
    /// change during the reading still wakes.
    pub fn arm(&mut self) {
        self.changes.mark_unchanged();
    }

    /// Whether something changed since [`Self::arm`].
    #[cfg(test)]
    pub(super) fn is_woken(&self) -> bool {
        self.changes.has_changed().unwrap_or(true)
    }

    /// Waits for a change since [`Self::arm`].
    pub async fn wait(&mut self) -> Wake {
        if self.told_closing {
            return Wake::Over;
        }
        tokio::select! {
            changed = self.changes.changed() => {
                if changed.is_ok() { Wake::Changed } else { Wake::Over }
            }
            () = self.closing.cancelled() => {
                self.told_closing = true;
                Wake::Closing(Frame { event: event::CLOSING, id: None, data: "{}".to_owned() })
            }
            () = sleep_until(self.until) => Wake::Over,
        }
    }
}
