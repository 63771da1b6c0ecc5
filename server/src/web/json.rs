//! JSON bodies, with our own problems for the bad ones.

use std::error::Error;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use super::pace::TooSlow;
use super::problem::{ApiError, body_invalid, body_not_json, body_timeout, body_too_large};

/// What a body may measure where nothing else is said: 64 KiB, enough for the
/// 50 kB of metadata a call may carry.
pub(crate) const BODY_LIMIT: usize = 64 * 1024;

/// A JSON body, read as leniently as Retell's: a page that cuts a text after so many UTF-16
/// units sends half an emoji. Its content type is not asked for: `sendBeacon` cannot set one
/// without a preflight.
#[derive(Debug)]
pub(crate) struct Json<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let bytes = body(request, state, BODY_LIMIT).await?;
        if holds_nul(&bytes) {
            return Err(body_invalid(
                "A text in the body holds the character U+0000 (NUL), which can be in none.",
            ));
        }
        lenient::from_slice(&bytes)
            .map(Self)
            .map_err(|error| match error.classify() {
                Category::Data => body_invalid(format!("{error}.")),
                Category::Syntax | Category::Eof | Category::Io => {
                    body_not_json(format!("{error}."))
                }
            })
    }
}

/// Whether a text of this JSON has a NUL, which can only be there as an escape. No
/// database keeps one.
fn holds_nul(json: &[u8]) -> bool {
    let mut rest = json;
    while let Some(at) = rest.iter().position(|&byte| byte == b'\\') {
        rest = &rest[at + 1..];
        if rest.starts_with(b"u0000") {
            return true;
        }
        // What is escaped escapes nothing.
        rest = rest.get(1..).unwrap_or_default();
    }
    false
}

/// The whole body, if the route's limit (set by `DefaultBodyLimit`) lets it in.
pub(crate) async fn body<S: Send + Sync>(
    request: Request,
    state: &S,
    limit: usize,
) -> Result<Bytes, ApiError> {
    Bytes::from_request(request, state)
        .await
        .map_err(|rejection| {
            if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                body_too_large(limit)
            } else {
                body_broken(&rejection)
            }
        })
}

/// The body did not come, or not in time.
pub(crate) fn body_broken(error: &(dyn Error + 'static)) -> ApiError {
    match TooSlow::behind(error) {
        Some(TooSlow(pace)) => body_timeout(*pace),
        None => body_invalid("The body could not be read to its end."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nul_is_found_and_nothing_that_looks_like_one() {
        for with in [r#"{"a":"\u0000"}"#, r#"["\\\u0000"]"#, r#"{"\n\u0000":1}"#] {
            assert!(holds_nul(with.as_bytes()), "{with}");
        }
        for without in [r#"{"a":"\\u0000"}"#, r#""\u0001""#, "u0000", "", r"\"] {
            assert!(!holds_nul(without.as_bytes()), "{without}");
        }
    }
}
