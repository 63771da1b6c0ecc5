//! The trail of who did what, for a business to look through. What is written into
//! it, and when, is in [`deeds`](crate::deeds).

pub(crate) mod http;
mod store;

use axum::extract::FromRef;

use crate::domain::Domain;
use crate::ground::Ground;
use crate::people;
use crate::web::Shared;

pub use store::{AuditEvent, AuditEvents};

/// What others have to know of this domain.
pub(crate) const fn domain<S: Shared>() -> Domain<S>
where
    Ground: FromRef<S>,
    people::Context: FromRef<S>,
{
    Domain {
        keeps: store::KEEPS,
        ..Domain::new("audit", http::routes)
    }
}
