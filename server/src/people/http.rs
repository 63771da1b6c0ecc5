//! The routes of people: signing in, their accounts, who may what.

pub(crate) mod actor;
mod invitation;
mod me;
mod oidc;
mod people;
pub(crate) mod session;
pub(crate) mod staff;

use axum::extract::FromRef;

use crate::ground::Ground;
use crate::people::Context;
use crate::web::{Routes, Shared};

pub(crate) use actor::Actor;
pub(crate) use staff::{Staff, Unattended, guard_writes};

/// The routes of this domain.
pub(crate) fn routes<S: Shared>() -> Routes<S>
where
    Ground: FromRef<S>,
    Context: FromRef<S>,
{
    Routes::new()
        .desk(session::routes())
        .desk(invitation::routes())
        .desk(me::routes())
        .desk(oidc::routes())
        .desk(people::routes())
}
