//! What is in the Retell account of a business: its agents, its numbers, its
//! voices.

pub(crate) mod http;
pub mod mirror;
pub mod numbers;
mod pages;
mod store;
mod variables;

use axum::extract::FromRef;

use crate::accounts;
use crate::domain::{Domain, Task};
use crate::ground::Ground;
use crate::people;
use crate::web::Shared;

pub use store::{Agent, Agents, Numbers, Whose};
pub(crate) use store::{names, owners_of_agent, owners_of_number};

/// What others have to know of this domain.
pub(crate) const fn domain<S: Shared>() -> Domain<S>
where
    Ground: FromRef<S>,
    accounts::Context: FromRef<S>,
    people::Context: FromRef<S>,
{
    Domain {
        deeds: &["agent.assigned", "agent.released", "numbers.imported"],
        jobs: || vec![mirror::handler()],
        tasks: || {
            vec![Task::every(
                "mirror of the Retell accounts",
                mirror::EVERY,
                mirror::run,
            )]
        },
        keeps: store::KEEPS,
        ..Domain::new("agents", http::routes)
    }
}
