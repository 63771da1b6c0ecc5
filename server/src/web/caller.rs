//! Who asks: a program with a secret API key. Whoever knows keys finds out; what is
//! here is what every route may know of it.

use std::net::IpAddr;
use std::sync::Arc;

use api::keys::ApiScope;
use api::problem::slug;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};

use super::problem::ApiError;
use crate::deeds::{Author, Doer};
use crate::request_id;
use crate::store::Tenant;

/// What `Authorization: Bearer …` says.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

/// The program that asks. There is one on every route
/// that takes a key.
#[derive(Debug, Clone)]
pub(crate) struct ApiCaller {
    /// The business; every query is scoped by it.
    pub(crate) tenant: Tenant,
    pub(crate) key_id: Arc<str>,
    pub(crate) key_name: Arc<str>,
    pub(crate) scopes: Arc<[ApiScope]>,
    pub(crate) ip: IpAddr,
}

impl ApiCaller {
    /// Lets only keys with this scope go on.
    ///
    /// # Errors
    /// For every other.
    pub(crate) fn require(&self, scope: ApiScope) -> Result<(), ApiError> {
        if self.scopes.contains(&scope) {
            return Ok(());
        }
        Err(ApiError::new(
            StatusCode::FORBIDDEN,
            slug::SCOPE_MISSING,
            "This API key may not do this.",
        )
        .detail(format!("It takes the scope {}.", scope.name())))
    }

    /// The program as the author of what this request does.
    pub(crate) fn author(&self) -> Author {
        Author {
            actor: Doer::ApiKey {
                id: self.key_id.to_string(),
                name: self.key_name.to_string(),
            },
            ip: Some(self.ip),
            request_id: request_id::current(),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for ApiCaller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let caller = parts.extensions.get::<Self>().cloned();
        caller.ok_or_else(|| key_invalid("It is missing."))
    }
}

/// Nobody is let in without a key that works.
pub(crate) fn key_invalid(detail: &str) -> ApiError {
    ApiError::new(
        StatusCode::UNAUTHORIZED,
        slug::API_KEY_INVALID,
        "A secret API key is needed.",
    )
    .detail(detail)
}
