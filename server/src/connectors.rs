//! What automation tools and older integrations expect: ten actions by their
//! names in catalogues of connectors, and addresses and shapes of before.

mod actions;
mod aliases;

use axum::extract::FromRef;

use crate::calls;
use crate::domain::Domain;
use crate::web::{Routes, Shared};

/// What others have to know of this domain.
pub(crate) const fn domain<S: Shared>() -> Domain<S>
where
    calls::Context: FromRef<S>,
{
    Domain::new("connectors", routes)
}

/// The routes of this room.
pub(crate) fn routes<S: Shared>() -> Routes<S>
where
    calls::Context: FromRef<S>,
{
    Routes::new()
        .v1(actions::routes())
        .aliases(aliases::routes())
}
