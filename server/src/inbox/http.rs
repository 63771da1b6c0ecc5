//! The routes of the webhook inbox.

mod alerts;
mod entries;
pub(crate) mod intake;
mod problem;

pub(crate) use intake::Reading;

use axum::extract::FromRef;

use crate::ground::Ground;
use crate::inbox::Context;
use crate::people;
use crate::web::{Routes, Shared};

/// The routes of this domain.
pub(crate) fn routes<S: Shared>() -> Routes<S>
where
    Ground: FromRef<S>,
    Context: FromRef<S>,
    people::Context: FromRef<S>,
{
    Routes::new()
        .open(intake::routes())
        .desk(alerts::routes())
        .and(entries::routes())
}
