//! What can go wrong with a call, and at Retell.

use std::time::Duration;

use api::problem::slug;
use axum::http::StatusCode;

use super::{ApiError, Doubt, body_invalid};
use crate::callbacks::{CallbackError, NumberError};
use crate::calls::MintError;
use crate::calls::end::EndError;
use crate::calls::outbound::OutboundError;
use crate::invalid::Invalid;

impl From<retell::Error> for ApiError {
    fn from(error: retell::Error) -> Self {
        // Not its message: that may quote what it was sent.
        let route = error.route().unwrap_or_default();
        tracing::warn!(route, status = error.status(), "Retell failed");
        let doubt = doubt(&error);
        let told: Self = match error {
            retell::Error::Connect { .. } | retell::Error::Transport { .. } => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                slug::RETELL_UNREACHABLE,
                "Retell cannot be reached.",
            )
            .detail("Calls cannot be started right now. Try again shortly.")
            .retry_after(Some(Duration::from_secs(10))),
            retell::Error::Timeout { .. } => Self::new(
                StatusCode::GATEWAY_TIMEOUT,
                slug::RETELL_TIMEOUT,
                "Retell did not answer in time.",
            )
            .retry_after(Some(Duration::from_secs(5))),
            retell::Error::Api {
                status,
                retry_after,
                ..
            } => from_status(status, retry_after),
            retell::Error::Argument { .. } => rejected(),
            _ => failed(),
        };
        match doubt {
            Some(doubt) => told.in_doubt(doubt),
            None => told,
        }
    }
}

/// Whether what Retell was asked for may have been done after all.
fn doubt(error: &retell::Error) -> Option<Doubt> {
    if !error.is_outcome_unknown() {
        return None;
    }
    match error.route()? {
        // Retell knows it by a key of ours.
        "POST /v2/create-phone-call" => Some(Doubt::Repeatable),
        "POST /create-agent" | "POST /create-phone-number" => Some(Doubt::Unrepeatable),
        // What comes to the same when it is done twice; an unused web call, too.
        _ => None,
    }
}

fn from_status(status: u16, retry_after: Option<Duration>) -> ApiError {
    match status {
        401 | 403 => ApiError::new(
            StatusCode::BAD_GATEWAY,
            slug::RETELL_UNAUTHORIZED,
            "Retell refused this server's API key.",
        )
        .detail("The operator of this site has to check its Retell API key."),
        402 => ApiError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            slug::RETELL_PAYMENT_REQUIRED,
            "The Retell account cannot pay for calls.",
        )
        .detail("The operator of this site has to check the billing of its Retell account."),
        408 => ApiError::new(
            StatusCode::GATEWAY_TIMEOUT,
            slug::RETELL_TIMEOUT,
            "Retell did not answer in time.",
        )
        .retry_after(Some(Duration::from_secs(5))),
        429 => ApiError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            slug::RETELL_BUSY,
            "All lines are busy.",
        )
        .detail("Retell's limit of calls is reached. Try again shortly.")
        .retry_after(Some(retry_after.unwrap_or(Duration::from_secs(10)))),
        400..=499 => rejected(),
        _ => failed(),
    }
}

fn rejected() -> ApiError {
    ApiError::new(
        StatusCode::BAD_GATEWAY,
        slug::RETELL_REJECTED,
        "Retell refused the request.",
    )
}

fn failed() -> ApiError {
    ApiError::new(
        StatusCode::BAD_GATEWAY,
        slug::RETELL_FAILED,
        "Retell failed.",
    )
    .retry_after(Some(Duration::from_secs(5)))
}

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
            MintError::LinesBusy => Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                slug::LINES_BUSY,
                "All lines are busy.",
            )
            .detail("As many calls as this key allows are going on. Try again shortly.")
            .retry_after(Some(Duration::from_secs(15))),
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
                failed()
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

impl From<CallbackError> for ApiError {
    fn from(error: CallbackError) -> Self {
        let refused = |slug, title| Self::new(StatusCode::UNPROCESSABLE_ENTITY, slug, title);
        match error {
            CallbackError::Mint(error) => error.into(),
            CallbackError::Form(_) => Self::new(
                StatusCode::FORBIDDEN,
                slug::FORM_INVALID,
                "This form was open for too long.",
            )
            .detail("Ask for the form again."),
            CallbackError::Name => refused(slug::CALLBACK_NAME_INVALID, "A name is needed.")
                .detail("It has 1 to 100 characters."),
            CallbackError::Consent => {
                refused(slug::CONSENT_MISSING, "The visitor's consent is needed.")
            }
            CallbackError::Number(NumberError::NotANumber) => refused(
                slug::PHONE_INVALID,
                "This is no telephone number of the country.",
            ),
            CallbackError::Number(NumberError::Extension) => refused(
                slug::PHONE_EXTENSION,
                "Telephone numbers with an extension are not called back.",
            )
            .detail("Leave the extension out, or give a direct number."),
            CallbackError::Number(NumberError::Country) => refused(
                slug::COUNTRY_NOT_ALLOWED,
                "Numbers of this country are not called back.",
            ),
            CallbackError::Number(NumberError::NotDialable) => {
                refused(slug::NUMBER_NOT_DIALABLE, "This number is not dialled.")
            }
            CallbackError::Slot => refused(
                slug::SLOT_UNAVAILABLE,
                "The business cannot call back at this time.",
            )
            .detail("Ask for the form again: it has the times there are."),
            CallbackError::OwnAccountRequired => Self::own_account_required(),
            CallbackError::Unknown => Self::not_found(),
            CallbackError::NotOpen => Self::new(
                StatusCode::CONFLICT,
                slug::CALLBACK_NOT_OPEN,
                "The call-back is being placed, or is over.",
            ),
        }
    }
}

impl From<OutboundError> for ApiError {
    fn from(error: OutboundError) -> Self {
        let invalid = |detail: String| Self::from(Invalid::because(detail));
        match error {
            OutboundError::NoAgent => {
                invalid("Name an agent, or choose the business's default one.".to_owned())
            }
            OutboundError::AgentUnknown => MintError::AgentUnknown.into(),
            OutboundError::Number(what, error) => invalid(format!("{what}: {error}.")),
            OutboundError::NotDialable => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                slug::NUMBER_NOT_DIALABLE,
                "This number is not dialled.",
            )
            .detail("Only ordinary numbers in ranges that are given out are; no premium, shared-cost or satellite ones."),
            OutboundError::NoNumber => {
                invalid("The Retell account has no number to call from.".to_owned())
            }
            OutboundError::OwnAccountRequired => Self::own_account_required(),
            OutboundError::Mint(error) => error.into(),
        }
    }
}
