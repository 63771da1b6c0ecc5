//! The routes of call-backs.

mod desk;
mod public;

use api::problem::slug;
use axum::extract::FromRef;
use axum::http::StatusCode;

use super::{CallbackError, NumberError};
use crate::ground::Ground;
use crate::web::problem::ApiError;
use crate::web::{Routes, Shared};
use crate::{calls, people};

/// The routes of this domain.
pub(crate) fn routes<S: Shared>() -> Routes<S>
where
    Ground: FromRef<S>,
    calls::Context: FromRef<S>,
    people::Context: FromRef<S>,
{
    Routes::new().open(public::routes()).desk(desk::routes())
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
            CallbackError::Invalid(invalid) => invalid.into(),
            CallbackError::Claimed(name) => {
                let title = "A colleague sees to the call-back.";
                let error = Self::new(StatusCode::CONFLICT, slug::CALLBACK_CLAIMED, title);
                match name.is_empty() {
                    true => error,
                    false => error.detail(format!("It is {name}'s.")),
                }
            }
            CallbackError::NotOpen => Self::new(
                StatusCode::CONFLICT,
                slug::CALLBACK_NOT_OPEN,
                "The call-back is being placed, or is over.",
            ),
        }
    }
}
