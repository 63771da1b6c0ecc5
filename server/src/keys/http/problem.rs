//! What can be wrong with keys.

use api::problem::slug;
use axum::http::StatusCode;

use crate::keys::admin::KeyError;
use crate::web::problem::ApiError;

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
