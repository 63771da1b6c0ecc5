//! What can go wrong between us and Retell, and what it means.

use std::time::Duration;

type Source = Box<dyn std::error::Error + Send + Sync>;

/// A request to Retell failed. `route` is always a template such as
/// `GET /v2/get-call/{call_id}`, never an address with ids or numbers in it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Retell answered with an error status.
    #[error("{route}: status {status}: {message}")]
    Api {
        /// The route that failed.
        route: &'static str,
        /// The HTTP status.
        status: u16,
        /// Retell's words; for people, not for matching.
        message: String,
        /// How long Retell asks to wait.
        retry_after: Option<Duration>,
    },
    /// No complete answer in time. Retell may have done what was asked.
    #[error("{route}: no answer in time")]
    Timeout {
        /// The route that failed.
        route: &'static str,
    },
    /// No connection could be made: Retell never got the request.
    #[error("{route}: cannot connect")]
    Connect {
        /// The route that failed.
        route: &'static str,
        /// Why.
        source: Source,
    },
    /// The connection broke. Retell may have done what was asked.
    #[error("{route}: the connection broke")]
    Transport {
        /// The route that failed.
        route: &'static str,
        /// Why.
        source: Source,
    },
    /// The answer is not the JSON that was expected.
    #[error("{route}: unreadable answer ({detail})")]
    Decode {
        /// The route that failed.
        route: &'static str,
        /// Kind and place of the fault. Not the text: it may be personal.
        detail: String,
    },
    /// The request cannot be sent like this.
    #[error("{route}: {reason}")]
    Argument {
        /// The route that was meant.
        route: &'static str,
        /// What is wrong with the arguments.
        reason: String,
    },
    /// The client cannot be set up like this.
    #[error("retell client: {0}")]
    Config(String),
}

impl Error {
    /// The route that failed, as a template; `None` when the client could not be set up.
    #[must_use]
    pub fn route(&self) -> Option<&'static str> {
        match self {
            Self::Api { route, .. }
            | Self::Timeout { route }
            | Self::Connect { route, .. }
            | Self::Transport { route, .. }
            | Self::Decode { route, .. }
            | Self::Argument { route, .. } => Some(route),
            Self::Config(_) => None,
        }
    }

    /// The HTTP status, if Retell answered.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Api { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// How long Retell asks to wait before the next try.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Api { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// The thing asked for does not exist for this key. Older routes say 422 where
    /// 404 is meant; on a route that only reads or deletes one thing it can mean
    /// nothing else. Elsewhere see [`is_unprocessable`](Self::is_unprocessable).
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        match self {
            Self::Api { status: 404, .. } => true,
            Self::Api {
                status: 422, route, ..
            } => {
                route.ends_with('}') && (route.starts_with("GET ") || route.starts_with("DELETE "))
            }
            _ => false,
        }
    }

    /// 422: no such agent or call, or one in the wrong state (such as not ongoing).
    #[must_use]
    pub fn is_unprocessable(&self) -> bool {
        self.status() == Some(422)
    }

    /// 401: the API key is missing or wrong.
    #[must_use]
    pub fn is_unauthorized(&self) -> bool {
        self.status() == Some(401)
    }

    /// 402: the trial is over, or credit or payment is missing.
    #[must_use]
    pub fn is_payment_required(&self) -> bool {
        self.status() == Some(402)
    }

    /// 403: the API key may not do this.
    #[must_use]
    pub fn is_forbidden(&self) -> bool {
        self.status() == Some(403)
    }

    /// 409: the call's state forbids it right now.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        self.status() == Some(409)
    }

    /// 429: too many requests, or no slot for another call.
    #[must_use]
    pub fn is_rate_limited(&self) -> bool {
        self.status() == Some(429)
    }

    /// No complete answer came in time.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        matches!(self, Self::Timeout { .. } | Self::Api { status: 408, .. })
    }

    /// Retell cannot be reached or is failing: nothing is wrong with the request.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        match self {
            Self::Timeout { .. } | Self::Connect { .. } | Self::Transport { .. } => true,
            Self::Api { status, .. } => *status >= 500,
            _ => false,
        }
    }

    /// Retell may have done what was asked, though no answer says so.
    #[must_use]
    pub fn is_outcome_unknown(&self) -> bool {
        match self {
            Self::Timeout { .. } | Self::Transport { .. } | Self::Decode { .. } => true,
            Self::Api { status, .. } => *status >= 500 || *status == 408,
            Self::Connect { .. } | Self::Argument { .. } | Self::Config(_) => false,
        }
    }

    /// The same request may well succeed later.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        self.is_unavailable() || self.is_timeout() || self.is_rate_limited()
    }
}
