//! Who may call: the workspace's one API key.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::HeaderMap;
use http::header::AUTHORIZATION;

use crate::app::App;

use super::error::ApiError;

/// The bearer token of a request.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Lets requests with the API key through.
pub(super) async fn require_key(
    State(app): State<App>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    match bearer(request.headers()) {
        Some(key) if key == app.config.api_key => Ok(next.run(request).await),
        Some(_) => Err(ApiError::unauthorized("Invalid API Key")),
        None => Err(ApiError::unauthorized("API key is missing")),
    }
}
