//! Why a webhook is not taken.

use api::problem::slug;
use axum::http::StatusCode;

use crate::inbox::Refusal;
use crate::web::problem::{ApiError, body_invalid, body_not_json};

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::SignatureMissing => Self::new(
                StatusCode::UNAUTHORIZED,
                slug::SIGNATURE_MISSING,
                "The webhook is not signed.",
            ),
            Refusal::SignatureInvalid => Self::new(
                StatusCode::UNAUTHORIZED,
                slug::SIGNATURE_INVALID,
                "The webhook's signature is not valid.",
            )
            .detail("RETELL_WEBHOOK_SECRET must be the API key with the webhook badge."),
            Refusal::SignatureStale { ahead_ms } => Self::new(
                StatusCode::UNAUTHORIZED,
                slug::SIGNATURE_STALE,
                "The webhook's signature is too old or too new.",
            )
            .detail(clock_off(ahead_ms)),
            Refusal::NotJson => body_not_json("A webhook must be a JSON object."),
            Refusal::NotAnEvent => body_invalid("A webhook must be an object with an event."),
            Refusal::Account(error) => error.into(),
            Refusal::Store(error) => error.into(),
        }
    }
}

/// What a signature says of our clock that is so far ahead of it (ms), or behind.
fn clock_off(ahead_ms: i64) -> String {
    let minutes = ahead_ms.unsigned_abs() / 60_000;
    let about = match minutes {
        0..120 => format!("{minutes} minutes"),
        120..2880 => format!("{} hours", minutes / 60),
        _ => format!("{} days", minutes / 1440),
    };
    if ahead_ms > 0 {
        format!(
            "Your server's clock is off by about {about}: the webhook was signed in its future. \
             Set the clock; what was refused is kept, and can be replayed then."
        )
    } else {
        format!(
            "Your server's clock is off by about {about}, or the webhook was held up or sent \
             again. It is kept, and can be replayed."
        )
    }
}
