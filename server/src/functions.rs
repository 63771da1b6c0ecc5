//! What an agent asks our server to do while it talks: who is calling, what is free,
//! book it, move it, cancel it.
//!
//! Retell posts a function's arguments and waits, and so does the caller: the answer is
//! short, has a sentence in the call's language, comes before a deadline, and is an
//! answer even where nothing was done. A [`Tool`](tool::Tool) has the schema its
//! arguments are checked against, which is also what Retell is told of it. The same
//! asked again gives the same answer and has one effect: by the id of the invocation,
//! else by what was asked. A business has functions of its own (`own`) beside those of this server.

mod answer;
mod asking;
mod function;
#[cfg(any(test, feature = "fuzz"))]
pub(crate) mod fuzz;
pub(crate) mod http;
mod install;
mod invoke;
mod own;
mod promise;
mod request;
mod schema;
mod store;
mod tool;
mod tools;
mod usage;
mod whose;

use std::ops::Deref;
use std::sync::Arc;

use axum::extract::FromRef;

use crate::domain::Domain;
use crate::ground::Ground;
use crate::web::Shared;
use crate::{calendar, crm, inbox, people};

pub use invoke::Rates;
pub use own::{OwnFunctions, Targets};
pub use store::Functions;
pub use tool::{exported, general_tools};

/// What others have to know of this domain.
pub(crate) const fn domain<S: Shared>() -> Domain<S>
where
    Ground: FromRef<S>,
    Context: FromRef<S>,
    people::Context: FromRef<S>,
{
    Domain {
        deeds: &[
            "function.added",
            "function.changed",
            "function.removed",
            "function.secret_rotated",
            "function.switched",
            "function.tried",
            "functions.written",
        ],
        keeps: store::KEEPS,
        ..Domain::new("functions", http::routes)
    }
}

/// How the key of what a person tried begins.
const TRIAL: &str = "trial ";

/// What functions are answered with. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Context {
    /// Whose key signed them, and what that stands on.
    pub inbox: inbox::Context,
    /// Books.
    pub calendar: calendar::Context,
    /// Tells who calls.
    pub crm: crm::Context,
    /// How fast they may be asked.
    pub rates: Arc<Rates>,
    /// Asks the targets of functions that businesses define themselves.
    pub targets: Targets,
}

impl Deref for Context {
    type Target = inbox::Context;

    fn deref(&self) -> &inbox::Context {
        &self.inbox
    }
}
