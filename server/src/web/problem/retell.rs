//! What can go wrong at Retell.

use std::time::Duration;

use api::problem::slug;
use axum::http::StatusCode;

use super::{ApiError, Doubt};

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
            _ => retell_failed(),
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
        _ => retell_failed(),
    }
}

fn rejected() -> ApiError {
    ApiError::new(
        StatusCode::BAD_GATEWAY,
        slug::RETELL_REJECTED,
        "Retell refused the request.",
    )
}

pub(crate) fn retell_failed() -> ApiError {
    ApiError::new(
        StatusCode::BAD_GATEWAY,
        slug::RETELL_FAILED,
        "Retell failed.",
    )
    .retry_after(Some(Duration::from_secs(5)))
}
