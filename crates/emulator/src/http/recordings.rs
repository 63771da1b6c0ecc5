//! Recordings, as the links in call objects point to them: WAV, by range.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header::{ACCEPT_RANGES, CONTENT_RANGE, CONTENT_TYPE, RANGE};
use http::{HeaderMap, StatusCode};

use retell::models::{self, DataStorageSetting};

use crate::app::App;

use super::body::Path;
use crate::error::ApiError;

/// How long a recording can be fetched that is not kept, in ms.
const BASIC_LIFE_MS: u64 = 600_000;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/recordings/{call_id}/{secret}/{file}", get(recording))
}

async fn recording(
    State(app): State<App>,
    Path((call_id, secret, file)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let missing = || ApiError::not_found("There is no such recording");
    let call = app.calls().get(&call_id).ok_or_else(missing)?;
    if call.secret != secret {
        return Err(missing());
    }
    let recording = {
        let state = call.state();
        let late = has_expired(&state.object, app.clock.now_ms());
        let kept = state.recording.clone().filter(|_| !late);
        kept.ok_or_else(missing)?
    };
    let channels = match file.as_str() {
        "recording.wav" => 1,
        "recording_multichannel.wav" => 2,
        _ => return Err(missing()),
    };
    let length = recording.wav_length(channels);
    let fixed = [(CONTENT_TYPE, "audio/wav"), (ACCEPT_RANGES, "bytes")];
    let asked = headers.get(RANGE).and_then(|range| range.to_str().ok());
    let Some(range) = asked.and_then(|range| Range::read(range, length)) else {
        return Ok((fixed, recording.wav(channels, 0..length)).into_response());
    };
    match range {
        Range::Part { first, last } => {
            let shown = [(CONTENT_RANGE, format!("bytes {first}-{last}/{length}"))];
            let part = recording.wav(channels, first..last + 1);
            Ok((StatusCode::PARTIAL_CONTENT, fixed, shown, part).into_response())
        }
        Range::Outside => {
            let shown = [(CONTENT_RANGE, format!("bytes */{length}"))];
            Ok((StatusCode::RANGE_NOT_SATISFIABLE, shown).into_response())
        }
    }
}

/// Whether the links of a call's recording have had their time: only where it
/// is not to be kept.
fn has_expired(call: &models::Call, now_ms: u64) -> bool {
    let basic = call.data_storage_setting == Some(DataStorageSetting::BasicAttributesOnly);
    let ended = call.end_timestamp.and_then(|it| u64::try_from(it).ok());
    basic && ended.is_some_and(|it| it + BASIC_LIFE_MS < now_ms)
}

/// What a `Range` header asks for.
#[derive(Debug, PartialEq, Eq)]
enum Range {
    /// These bytes, both included.
    Part { first: usize, last: usize },
    /// Nothing there is.
    Outside,
}

impl Range {
    /// One range of bytes. Several, or what is not understood, is as good as
    /// none (RFC 9110 §14.2).
    fn read(header: &str, length: usize) -> Option<Self> {
        let (first, last) = header.strip_prefix("bytes=")?.split_once('-')?;
        let (first, last) = (first.trim(), last.trim());
        let end = length.checked_sub(1);
        let (first, last) = if first.is_empty() {
            let count: usize = last.parse().ok()?;
            if count == 0 {
                return Some(Self::Outside);
            }
            (length.saturating_sub(count), end)
        } else {
            let last = if last.is_empty() {
                end
            } else {
                Some(last.parse().ok()?)
            };
            (first.parse().ok()?, last)
        };
        match (last, end) {
            (Some(last), Some(end)) if first <= end && first <= last => Some(Self::Part {
                first,
                last: last.min(end),
            }),
            (Some(last), Some(end)) if first <= end && last < first => None,
            _ => Some(Self::Outside),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_to_be_kept_can_be_fetched_for_ten_minutes() {
        let mut call = models::Call {
            end_timestamp: Some(1_000),
            ..models::Call::default()
        };
        assert!(!has_expired(&call, u64::MAX));
        call.data_storage_setting = Some(DataStorageSetting::BasicAttributesOnly);
        assert!(!has_expired(&call, 601_000) && has_expired(&call, 601_001));
    }

    #[test]
    fn ranges_are_understood() {
        let read = |header| Range::read(header, 100);
        assert_eq!(read("bytes=0-9"), Some(Range::Part { first: 0, last: 9 }));
        assert_eq!(
            read("bytes=90-"),
            Some(Range::Part {
                first: 90,
                last: 99
            })
        );
        assert_eq!(
            read("bytes=90-500"),
            Some(Range::Part {
                first: 90,
                last: 99
            })
        );
        assert_eq!(
            read("bytes=-10"),
            Some(Range::Part {
                first: 90,
                last: 99
            })
        );
        assert_eq!(read("bytes=100-"), Some(Range::Outside));
        assert_eq!(read("bytes=-0"), Some(Range::Outside));
        for odd in ["bytes=5-2", "bytes=a-b", "items=0-1", "bytes=0-1,3-4", ""] {
            assert_eq!(read(odd), None, "{odd}");
        }
        assert_eq!(Range::read("bytes=0-", 0), Some(Range::Outside));
    }
}
