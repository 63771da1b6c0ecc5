//! What can be wrong with settings: keys, rules, numbers and endpoints.

use api::problem::slug;
use axum::http::StatusCode;
use outbound::BadAddress;

use super::{ApiError, body_invalid};
use crate::hooks::EndpointError;
use crate::keys::admin::KeyError;
use crate::routing::RoutingError;
use crate::routing::numbers::NumbersError;

impl From<KeyError> for ApiError {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Invalid(invalid) => invalid.into(),
            KeyError::Unknown => Self::new(
                StatusCode::NOT_FOUND,
                slug::KEY_UNKNOWN,
                "There is no such key.",
            ),
            KeyError::Over => Self::new(
                StatusCode::CONFLICT,
                slug::KEY_DISABLED,
                "This key was replaced or revoked already.",
            ),
            KeyError::Vault(error) => {
                tracing::error!(%error, "a key's secret cannot be sealed or opened");
                Self::internal()
            }
            KeyError::Store(error) => error.into(),
        }
    }
}

impl From<RoutingError> for ApiError {
    fn from(error: RoutingError) -> Self {
        match error {
            RoutingError::Store(error) => error.into(),
        }
    }
}

impl From<NumbersError> for ApiError {
    fn from(error: NumbersError) -> Self {
        match error {
            NumbersError::Store(error) => error.into(),
            NumbersError::Account(error) => error.into(),
            NumbersError::Retell(error) => error.into(),
        }
    }
}

impl From<EndpointError> for ApiError {
    fn from(error: EndpointError) -> Self {
        let told = error.to_string();
        let refused = |slug, title| Self::new(StatusCode::UNPROCESSABLE_ENTITY, slug, title);
        match error {
            EndpointError::Unknown => Self::not_found(),
            EndpointError::TooMany => refused(
                slug::ENDPOINT_LIMIT,
                "There are as many endpoints as there can be.",
            )
            .detail(told),
            EndpointError::Address(BadAddress::Private) => refused(
                slug::ENDPOINT_ADDRESS_PRIVATE,
                "Events are not sent into private networks.",
            )
            .detail("The operator can allow a network with SWITCHBOARD_ALLOW_PRIVATE."),
            EndpointError::Address(_) => refused(
                slug::ENDPOINT_ADDRESS_INVALID,
                "Events cannot be sent to this address.",
            )
            .detail(told),
            EndpointError::Header(_) => {
                refused(slug::ENDPOINT_HEADER_INVALID, "A header cannot be sent.").detail(told)
            }
            EndpointError::Disabled => Self::new(
                StatusCode::CONFLICT,
                slug::ENDPOINT_DISABLED,
                "The endpoint is switched off.",
            )
            .detail("Switch it on first."),
            EndpointError::Events | EndpointError::Description => body_invalid(told),
            EndpointError::Vault(error) => {
                tracing::error!(%error, "an endpoint's secret cannot be sealed");
                Self::internal()
            }
            EndpointError::Store(error) => error.into(),
        }
    }
}
