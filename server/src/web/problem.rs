//! The one conversion of errors to answers: RFC 9457 problem details.

mod retell;

use std::time::Duration;

use api::problem::{CONTENT_TYPE, Problem, TYPE_PREFIX, slug};
use api::public::Waiting;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

pub(crate) use retell::retell_failed;

use super::pace::Pace;
use crate::invalid::Invalid;
use crate::request_id;
use crate::signed::TokenError;
use crate::store::StoreError;

/// An error as the client sees it. What only we should know goes into the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    status: StatusCode,
    slug: &'static str,
    title: &'static str,
    detail: Option<String>,
    field: Option<String>,
    retry_after: Option<Duration>,
    doubt: Option<Doubt>,
    /// Boxed, because few have one.
    waiting: Option<Box<Waiting>>,
}

/// What was asked for may have been done, though nobody can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// Asked for again soon, it is not done twice.
    Repeatable,
    /// Asked for again, it may be done twice.
    Unrepeatable,
}

/// Rides with an answer that tells a failure, whatever its own status is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Failure {
    pub(crate) status: StatusCode,
    pub(crate) doubt: Option<Doubt>,
}

impl ApiError {
    /// A problem of the kind `slug` (see [`api::problem::slug`]); the title is
    /// the same for every occurrence.
    #[must_use]
    pub fn new(status: StatusCode, slug: &'static str, title: &'static str) -> Self {
        Self {
            status,
            slug,
            title,
            detail: None,
            field: None,
            retry_after: None,
            doubt: None,
            waiting: None,
        }
    }

    /// Says that the visitor has a place in line.
    #[must_use]
    pub(crate) fn waiting(mut self, waiting: Option<Waiting>) -> Self {
        self.waiting = waiting.map(Box::new);
        self
    }

    /// Says that what was asked for may have been done all the same.
    #[must_use]
    pub(crate) fn in_doubt(mut self, doubt: Doubt) -> Self {
        self.doubt = Some(doubt);
        self
    }

    /// For whoever passes the answer on.
    pub(crate) fn failure(&self) -> Failure {
        Failure {
            status: self.status,
            doubt: self.doubt,
        }
    }

    /// Says what happened this time and what to do about it.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Says which member of what was sent is wrong: its JSON name, with dots where it is nested.
    #[must_use]
    pub fn field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// Says when a retry may succeed, here and in the `Retry-After` header.
    #[must_use]
    pub fn retry_after(mut self, wait: Option<Duration>) -> Self {
        self.retry_after = wait;
        self
    }

    /// What it says, in a sentence or two.
    #[must_use]
    pub fn sentence(&self) -> String {
        match &self.detail {
            Some(detail) => format!("{} {detail}", self.title),
            None => self.title.to_owned(),
        }
    }

    /// Its kind (see [`api::problem::slug`]).
    #[must_use]
    pub fn slug(&self) -> &'static str {
        self.slug
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// No such page or resource.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            slug::NOT_FOUND,
            "There is nothing at this address.",
        )
    }

    /// No call of ours, or of this tenant, has this id.
    #[must_use]
    pub fn call_unknown() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            slug::CALL_UNKNOWN,
            "There is no such call.",
        )
    }

    /// The business shares the server's Retell account with others.
    #[must_use]
    pub fn own_account_required() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            slug::OWN_ACCOUNT_REQUIRED,
            "This takes a Retell account of the business's own.",
        )
        .detail("Others use the server's account, too. An admin can enter the business's own API key in the settings.")
    }

    /// A fault of ours.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            slug::INTERNAL,
            "Something went wrong on our side.",
        )
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let failure = self.failure();
        let retry_after_s = self.retry_after.map(|wait| wait.as_secs().max(1));
        let problem = Problem {
            kind: format!("{TYPE_PREFIX}{}", self.slug),
            title: self.title.to_owned(),
            status: self.status.as_u16(),
            detail: self.detail,
            field: self.field,
            request_id: request_id::current(),
            retry_after_s,
            waiting: self.waiting.map(|waiting| *waiting),
        };
        let content_type = [(header::CONTENT_TYPE, CONTENT_TYPE)];
        let mut response = (self.status, content_type, axum::Json(problem)).into_response();
        response.extensions_mut().insert(failure);
        // `Json` has set its own content type.
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// The body is JSON of another shape than expected.
pub(crate) fn body_invalid(reason: impl Into<String>) -> ApiError {
    ApiError::new(
        StatusCode::BAD_REQUEST,
        slug::BODY_INVALID,
        "The request does not say what it should.",
    )
    .detail(reason)
}

/// The address, or its query, cannot be read.
pub(crate) fn request_invalid(reason: impl Into<String>) -> ApiError {
    ApiError::new(
        StatusCode::BAD_REQUEST,
        slug::REQUEST_INVALID,
        "The address cannot be understood.",
    )
    .detail(reason)
}

/// The body is not JSON.
pub(crate) fn body_not_json(reason: impl Into<String>) -> ApiError {
    ApiError::new(
        StatusCode::BAD_REQUEST,
        slug::BODY_NOT_JSON,
        "The body is not JSON.",
    )
    .detail(reason)
}

/// The body is larger than we take.
pub(crate) fn body_too_large(limit: usize) -> ApiError {
    ApiError::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        slug::BODY_TOO_LARGE,
        "The body is too large.",
    )
    .detail(format!("At most {limit} bytes are taken."))
}

/// The body did not come in time.
pub(crate) fn body_timeout(pace: Pace) -> ApiError {
    ApiError::new(
        StatusCode::REQUEST_TIMEOUT,
        slug::BODY_TIMEOUT,
        "The body did not come in time.",
    )
    .detail(format!(
        "It has {} seconds and may pause for {}.",
        pace.whole.as_secs_f32(),
        pace.pause.as_secs_f32()
    ))
}

/// A coding that is not undone here.
pub(crate) fn coding_unsupported(coding: &str) -> ApiError {
    ApiError::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        slug::CODING_UNSUPPORTED,
        "The body is compressed in a way that is not understood here.",
    )
    .detail(format!(
        "Its Content-Encoding is \"{coding}\"; send it with gzip or as it is."
    ))
}

/// As much is open as one may have open.
pub(crate) fn too_many_open(what: &str) -> ApiError {
    ApiError::new(
        StatusCode::TOO_MANY_REQUESTS,
        slug::TOO_MANY_OPEN,
        "Too much is open at once.",
    )
    .detail(format!(
        "Close some of the {what} that are open, and try again."
    ))
    .retry_after(Some(Duration::from_secs(15)))
}

/// There is no room for now.
pub(crate) fn server_busy() -> ApiError {
    ApiError::new(
        StatusCode::SERVICE_UNAVAILABLE,
        slug::SERVER_BUSY,
        "The server has too much to do right now.",
    )
    .detail("Nothing was stored. Try again shortly.")
    .retry_after(Some(Duration::from_secs(1)))
}

/// The store is away, or not there yet.
pub(crate) fn store_unavailable() -> ApiError {
    ApiError::new(
        StatusCode::SERVICE_UNAVAILABLE,
        slug::STORE_UNAVAILABLE,
        "The database cannot be used right now.",
    )
    .detail("Nothing was stored. Try again shortly.")
    .retry_after(Some(Duration::from_secs(5)))
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        if matches!(error, StoreError::Overtaken) {
            return Self::new(
                StatusCode::CONFLICT,
                slug::CHANGED_MEANWHILE,
                "Somebody else changed this meanwhile.",
            )
            .detail("Nothing was changed. Read it again, and decide anew.");
        }
        tracing::error!(%error, "the store failed");
        if error.is_outage() {
            store_unavailable()
        } else {
            Self::internal()
        }
    }
}

impl From<Invalid> for ApiError {
    fn from(invalid: Invalid) -> Self {
        let error = Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            slug::VALUE_INVALID,
            "A value is not possible.",
        )
        .detail(invalid.to_string());
        Self {
            field: invalid.field,
            ..error
        }
    }
}

impl From<TokenError> for ApiError {
    fn from(error: TokenError) -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            slug::TICKET_INVALID,
            "This ticket does not open the call.",
        )
        .detail(format!("{error}."))
    }
}
