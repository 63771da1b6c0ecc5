//! The routes of what is in a Retell account.

mod desk;
mod v1;

use axum::extract::FromRef;

use super::numbers::NumbersError;
use crate::web::problem::ApiError;
use crate::web::{Routes, Shared};
use crate::{accounts, people};

/// The routes of this domain.
pub(crate) fn routes<S: Shared>() -> Routes<S>
where
    accounts::Context: FromRef<S>,
    people::Context: FromRef<S>,
{
    Routes::new().desk(desk::routes()).v1(v1::routes())
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
