//! The routes of businesses.

mod business;
mod setup;

use axum::extract::FromRef;

use crate::ground::Ground;
use crate::people;
use crate::web::{Routes, Shared};

/// The routes of this domain.
pub(crate) fn routes<S: Shared>() -> Routes<S>
where
    Ground: FromRef<S>,
    people::Context: FromRef<S>,
{
    Routes::new().and(business::routes()).desk(setup::routes())
}
