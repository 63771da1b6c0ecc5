//! Who asks, where people at the desk and programs with a key have the same
//! operation: one handler, whoever it is.

use api::keys::ApiScope;
use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;

use super::staff::Staff;
use crate::deeds::Author;
use crate::people::{Context, Role};
use crate::store::Tenant;
use crate::web::caller::ApiCaller;
use crate::web::problem::ApiError;

/// Who asks: a program where the route takes a key, else the person who is signed in.
#[derive(Debug)]
pub(crate) struct Actor {
    /// The business; every query is scoped by it.
    pub(crate) tenant: Tenant,
    /// As the author of what this request does.
    pub(crate) author: Author,
    may: May,
}

/// What somebody may do.
#[derive(Debug)]
enum May {
    /// What people with their role may.
    Person(Staff),
    /// What the key's scopes say.
    Program(ApiCaller),
}

impl Actor {
    /// Lets only people with this role, or one above it, and keys with this scope go
    /// on.
    ///
    /// # Errors
    /// For everybody else.
    pub(crate) fn require(&self, role: Role, scope: ApiScope) -> Result<(), ApiError> {
        match &self.may {
            May::Person(staff) => staff.require(role),
            May::Program(caller) => caller.require(scope),
        }
    }
}

impl<S> FromRequestParts<S> for Actor
where
    Context: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        // Only what checked a key puts a program there.
        if let Some(caller) = parts.extensions.get::<ApiCaller>().cloned() {
            return Ok(Self {
                tenant: caller.tenant.clone(),
                author: caller.author(),
                may: May::Program(caller),
            });
        }
        let staff = Staff::from_request_parts(parts, state).await?;
        Ok(Self {
            tenant: staff.tenant.clone(),
            author: staff.author(),
            may: May::Person(staff),
        })
    }
}
