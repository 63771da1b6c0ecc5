//! Watching a client's requests from outside.

use std::time::Duration;

/// One attempt at a request, once it is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// Method and path template, such as `GET /v2/get-call/{call_id}`; never an
    /// address with ids or numbers in it.
    pub route: &'static str,
    /// The HTTP status; `None` when no answer came.
    pub status: Option<u16>,
    /// How long it took.
    pub elapsed: Duration,
}

/// Is told of requests, and may name them.
pub trait Observer: Send + Sync {
    /// An attempt is over. Must not block.
    fn attempted(&self, attempt: Attempt);

    /// What Retell is told in `x-request-id`: so that a request of ours can be
    /// found in both logs. `None` sends no such header.
    fn request_id(&self) -> Option<String> {
        None
    }
}
