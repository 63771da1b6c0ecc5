//! Calls that are read along by the server itself while they go on, each by one task.

use std::collections::HashSet;
use std::fmt::Display;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The calls that are read along for one purpose. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Along {
    stop: CancellationToken,
    /// Those that are read, or need not be.
    known: Arc<Mutex<HashSet<String>>>,
    tasks: TaskTracker,
}

impl Along {
    /// None yet; all of them end with `stop`.
    pub(super) fn new(stop: CancellationToken) -> Self {
        Self {
            stop,
            known: Arc::default(),
            tasks: TaskTracker::new(),
        }
    }

    /// Once nothing more is to be read.
    pub(super) async fn stopped(&self) {
        self.stop.cancelled().await;
    }

    /// Forgets every call but these.
    pub(super) fn keep(&self, ids: &HashSet<&str>) {
        self.known().retain(|id| ids.contains(id.as_str()));
    }

    /// Forgets a call: it may be begun again.
    pub(super) fn forget(&self, call_id: &str) {
        self.known().remove(call_id);
    }

    /// Has a call read along, unless it is known.
    pub(super) fn begin<E: Display>(
        &self,
        call_id: &str,
        reading: impl Future<Output = Result<(), E>> + Send + 'static,
    ) {
        if !self.known().insert(call_id.to_owned()) {
            return;
        }
        let (along, call_id) = (self.clone(), call_id.to_owned());
        self.tasks.spawn(async move {
            let done = tokio::select! {
                () = along.stopped() => Ok(()),
                done = reading => done.map_err(|error| error.to_string()),
            };
            if let Err(error) = done {
                tracing::warn!(call_id, %error, "a call is not read along");
                // Its next change is another chance.
                along.forget(&call_id);
            }
        });
    }

    /// Waits for all of them to end.
    pub(super) async fn end(self) {
        self.tasks.close();
        self.tasks.wait().await;
    }

    fn known(&self) -> MutexGuard<'_, HashSet<String>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
