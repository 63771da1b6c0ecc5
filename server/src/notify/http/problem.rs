//! What can be wrong with endpoints.

use api::problem::slug;
use axum::http::StatusCode;
use outbound::BadAddress;

use crate::notify::EndpointError;
use crate::web::problem::{ApiError, body_invalid};

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
            .detail("The operator can allow a network with SWITCHBOARD_ALLOW_PRIVATE.")
            .field("url"),
            EndpointError::Address(_) => refused(
                slug::ENDPOINT_ADDRESS_INVALID,
                "Events cannot be sent to this address.",
            )
            .detail(told)
            .field("url"),
            EndpointError::Header(_) => {
                let wrong = refused(slug::ENDPOINT_HEADER_INVALID, "A header cannot be sent.");
                wrong.detail(told).field("headers")
            }
            EndpointError::Disabled => Self::new(
                StatusCode::CONFLICT,
                slug::ENDPOINT_DISABLED,
                "The endpoint is switched off.",
            )
            .detail("Switch it on first."),
            EndpointError::Events => body_invalid(told).field("events"),
            EndpointError::Description => body_invalid(told).field("description"),
            EndpointError::Vault(error) => {
                tracing::error!(%error, "an endpoint's secret cannot be sealed");
                Self::internal()
            }
            EndpointError::Store(error) => error.into(),
        }
    }
}
