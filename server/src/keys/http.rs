//! The routes of keys, and what lets programs in that have one.

mod api_keys;
pub(crate) mod caller;
pub(crate) mod idempotent;
mod panel;
mod problem;
mod public_keys;

use axum::extract::FromRef;

use crate::ground::Ground;
use crate::keys::Context;
use crate::web::{Routes, Shared};
use crate::{people, site};

pub(crate) use idempotent::IdempotencyKey;

/// The routes of this domain.
pub(crate) fn routes<S: Shared>() -> Routes<S>
where
    Ground: FromRef<S>,
    Context: FromRef<S>,
    people::Context: FromRef<S>,
    site::Context: FromRef<S>,
{
    Routes::new()
        .open(panel::routes())
        .desk(api_keys::routes())
        .and(public_keys::routes())
}
