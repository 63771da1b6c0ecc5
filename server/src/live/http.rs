//! The routes of what is live: one call, and what changes on all of them.

mod attend;
mod availability;
mod desk;
mod events;
mod sse;
mod warnings;
mod whispers;

use axum::extract::FromRef;

use crate::ground::Ground;
use crate::live::Context;
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
        .open(events::of_visitors())
        .desk(events::of_staff())
        .desk(desk::routes())
        .desk(availability::routes())
        .and(attend::routes())
        .and(warnings::routes())
        .and(whispers::routes())
}
