//! A call's recording, streamed through us.

use api::problem::slug;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::calls::Context;
use crate::calls::recordings::{Channels, RecordingError};
use crate::people::http::staff::Staff;
use crate::web::address::{Path, Query};
use crate::web::problem::{ApiError, too_many_open};

/// What of the storage's answer a player needs.
const PASSED_BACK: [header::HeaderName; 5] = [
    header::CONTENT_LENGTH,
    header::CONTENT_RANGE,
    header::ACCEPT_RANGES,
    header::ETAG,
    header::LAST_MODIFIED,
];

#[derive(Deserialize)]
pub(crate) struct Form {
    channels: Option<String>,
}

pub(crate) async fn recording(
    State(cx): State<Context>,
    staff: Staff,
    Path(id): Path<String>,
    Query(form): Query<Form>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let channels = match form.channels.as_deref() {
        Some("multi") => Channels::Multi,
        _ => Channels::Mono,
    };
    let upstream = cx
        .recordings
        .open(&cx, &staff.tenant, &id, channels, &headers)
        .await?;
    let status = upstream.status();
    let mut passed = HeaderMap::new();
    for name in PASSED_BACK {
        if let Some(value) = upstream.headers().get(&name) {
            passed.insert(name, value.clone());
        }
    }
    // Whatever storage says it is, a browser must not take it for a page.
    let kind = upstream
        .headers()
        .get(header::CONTENT_TYPE)
        .filter(|kind| kind.as_bytes().starts_with(b"audio/"))
        .cloned()
        .unwrap_or(HeaderValue::from_static("audio/wav"));
    passed.insert(header::CONTENT_TYPE, kind);
    passed.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    // A person's voice does not stay in the browser's cache.
    passed.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok((status, passed, Body::from_stream(upstream.into_stream())).into_response())
}

impl From<RecordingError> for ApiError {
    fn from(error: RecordingError) -> Self {
        match error {
            RecordingError::CallUnknown => Self::call_unknown(),
            RecordingError::Unavailable => Self::new(
                StatusCode::NOT_FOUND,
                slug::RECORDING_UNAVAILABLE,
                "The call has no recording, or none yet.",
            ),
            RecordingError::TooMany => too_many_open("recordings"),
            RecordingError::Store(error) => error.into(),
        }
    }
}
