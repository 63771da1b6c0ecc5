//! What calls do beside the requests about them, and how it ends.

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The tasks of all calls since the last reset; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Tasks {
    over: CancellationToken,
    running: TaskTracker,
}

impl Tasks {
    /// Tasks that end with `shutdown` at the latest.
    pub(crate) fn until(shutdown: &CancellationToken) -> Self {
        Self {
            over: shutdown.child_token(),
            running: TaskTracker::new(),
        }
    }

    /// Runs a task until it has finished, or all of them are to end.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let over = self.over.clone();
        self.running.spawn(async move {
            over.run_until_cancelled(task).await;
        });
    }

    /// Returns when they are to end.
    pub(crate) async fn are_over(&self) {
        self.over.cancelled().await;
    }

    /// Ends them all, wherever they are; returns when they have.
    pub(crate) async fn end(self) {
        self.over.cancel();
        self.running.close();
        self.running.wait().await;
    }
}
