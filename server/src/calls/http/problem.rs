//! What can go wrong with a call.

use std::time::Duration;

use api::problem::slug;
use axum::http::StatusCode;

use crate::calls::MintError;
use crate::calls::end::EndError;
use crate::calls::outbound::OutboundError;
use crate::invalid::Invalid;
use crate::web::problem::{ApiError, body_invalid, retell_failed};

impl From<MintError> for ApiError {
    fn from(error: MintError) -> Self {
        match error {
            // 404 rather than 401: a public key is an address, not a password.
            MintError::KeyUnknown => Self::new(
                StatusCode::NOT_FOUND,
                slug::KEY_UNKNOWN,
                "There is no such public key.",
            )
            .detail("Check the key in the page's code."),
            MintError::KeyDisabled => Self::new(
                StatusCode::FORBIDDEN,
                slug::KEY_DISABLED,
                "This key is switched off.",
            ),
            MintError::VoiceOff => Self::new(
                StatusCode::FORBIDDEN,
                slug::MODE_NOT_ALLOWED,
                "This key is not for voice calls.",
            ),
            MintError::CallbackOff => Self::new(
                StatusCode::FORBIDDEN,
                slug::MODE_NOT_ALLOWED,
                "This key is not for call-backs.",
            ),
            MintError::OutOfHours { retry_after } => Self::new(
                StatusCode::FORBIDDEN,
                slug::OUT_OF_HOURS,
                "The business is closed.",
            )
            .detail("With this key no calls are taken out of its hours.")
            .retry_after(retry_after),
            MintError::CaptchaFailed => Self::new(
                StatusCode::FORBIDDEN,
                slug::CAPTCHA_FAILED,
                "The captcha was not solved.",
            )
            .detail("Solve the captcha again, or reload the page."),
            MintError::CaptchaUnavailable(why) => {
                tracing::warn!(why, "a captcha cannot be checked");
                Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    slug::CAPTCHA_UNAVAILABLE,
                    "The captcha cannot be checked right now.",
                )
                .retry_after(Some(Duration::from_secs(10)))
            }
            MintError::LinesBusy(waiting) => Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                slug::LINES_BUSY,
                "All lines are busy.",
            )
            .detail("As many calls as this key or its Retell account allows are going on. Try again shortly.")
            .retry_after(Some(Duration::from_secs(15)))
            .waiting(waiting),
            MintError::MinutesUsedUp { retry_after } => Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                slug::MINUTES_USED_UP,
                "No more calls can be held today.",
            )
            .detail("The minutes this key allows for a day are used up.")
            .retry_after(Some(retry_after)),
            MintError::OriginNotAllowed => Self::new(
                StatusCode::FORBIDDEN,
                slug::ORIGIN_NOT_ALLOWED,
                "This page may not start calls.",
            )
            .detail("The page's origin is not on the key's list of allowed origins."),
            MintError::NonceInvalid(_) => Self::new(
                StatusCode::FORBIDDEN,
                slug::NONCE_INVALID,
                "This page is too old to start calls.",
            )
            .detail("Reload the page and try again."),
            MintError::AgentNotAllowed | MintError::AgentUnknown => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                slug::AGENT_UNKNOWN,
                "There is no such agent.",
            )
            .detail("The agent does not exist, or the key may not call it."),
            MintError::RateLimited { retry_after } => Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                slug::RATE_LIMITED,
                "Too many calls were started.",
            )
            .retry_after(Some(retry_after)),
            MintError::MetadataInvalid(reason) => body_invalid(reason),
            MintError::Retell(error) => error.into(),
            MintError::TransportUnsupported => {
                tracing::error!("Retell offered a web call over LiveKit, which it has retired");
                retell_failed()
            }
            MintError::Account(error) => error.into(),
            MintError::Store(error) => error.into(),
        }
    }
}

impl From<EndError> for ApiError {
    fn from(error: EndError) -> Self {
        match error {
            EndError::Unknown => Self::call_unknown(),
            EndError::Retell(error) => error.into(),
            EndError::Account(error) => error.into(),
            EndError::Store(error) => error.into(),
        }
    }
}

impl From<OutboundError> for ApiError {
    fn from(error: OutboundError) -> Self {
        let invalid = |field: &str, why: &str| Self::from(Invalid::of(field, why));
        match error {
            OutboundError::NoAgent => {
                invalid("agent_id", "Name an agent, or choose the business's default one.")
            }
            OutboundError::AgentUnknown => MintError::AgentUnknown.into(),
            OutboundError::Number(what, error) => invalid(what, &format!("{what}: {error}.")),
            OutboundError::NotDialable => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                slug::NUMBER_NOT_DIALABLE,
                "This number is not dialled.",
            )
            .field("to_number")
            .detail("Only ordinary numbers in ranges that are given out are; no premium, shared-cost or satellite ones."),
            OutboundError::DoNotCall => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                slug::DO_NOT_CALL,
                "Whoever has this number does not want to be called.",
            )
            .field("to_number")
            .detail("The contact with the number is marked so."),
            OutboundError::NoNumber => {
                invalid("from_number", "The Retell account has no number to call from.")
            }
            OutboundError::OwnAccountRequired => Self::own_account_required(),
            OutboundError::Mint(error) => error.into(),
        }
    }
}
