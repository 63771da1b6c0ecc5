//! What an address holds, its path and its query, with our own problems for
//! the bad ones.

use axum::extract::rejection::PathRejection;
use axum::extract::{self, FromRequestParts};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::problem::{ApiError, request_invalid};

/// The parameters of a route's path.
#[derive(Debug)]
pub(crate) struct Path<T>(pub(crate) T);

/// The parameters after the question mark.
#[derive(Debug)]
pub(crate) struct Query<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        if holds_nul(parts.uri.path()) {
            return Err(ApiError::not_found());
        }
        match extract::Path::from_request_parts(parts, state).await {
            Ok(extract::Path(value)) => Ok(Self(value)),
            Err(PathRejection::FailedToDeserializePathParams(error))
                if error.status().is_client_error() =>
            {
                Err(request_invalid(error.body_text()))
            }
            // The route has other parameters than its handler takes.
            Err(error) => {
                tracing::error!(%error, "a path cannot be read");
                Err(ApiError::internal())
            }
        }
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        if holds_nul(parts.uri.query().unwrap_or_default()) {
            return Err(request_invalid("%00 is a NUL, which no text here has."));
        }
        extract::Query::from_request_parts(parts, state)
            .await
            .map(|extract::Query(value)| Self(value))
            .map_err(|error| request_invalid(error.body_text()))
    }
}

/// Whether this part of an address has a NUL, with which nothing is named: no database
/// keeps one.
fn holds_nul(encoded: &str) -> bool {
    encoded.contains("%00")
}
