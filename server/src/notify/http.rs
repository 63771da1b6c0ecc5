//! The routes of outgoing webhooks.

mod endpoints;
mod log;
mod problem;
mod rest_hooks;

use api::notify::EndpointSecret;
use axum::extract::FromRef;

use super::wire;
use crate::config::Secret;
use crate::deeds::Author;
use crate::notify::{self, Context};
use crate::people;
use crate::store::Tenant;
use crate::web::problem::ApiError;
use crate::web::{Routes, Shared};

/// An endpoint, at the desk.
const ONE: &str = "/api/desk/webhook-endpoints/{id}";

/// The routes of this domain.
pub(crate) fn routes<S: Shared>() -> Routes<S>
where
    Context: FromRef<S>,
    people::Context: FromRef<S>,
{
    Routes::new()
        .and(endpoints::routes())
        .and(log::routes())
        .v1(rest_hooks::routes())
}

/// One of the tenant's endpoints.
async fn of_tenant(cx: &Context, tenant: &Tenant, id: &str) -> Result<notify::Endpoint, ApiError> {
    let endpoint = cx.store.endpoints().find(tenant, id).await?;
    endpoint.ok_or_else(ApiError::not_found)
}

/// Deletes an endpoint with its log.
async fn remove(cx: &Context, tenant: &Tenant, author: &Author, id: &str) -> Result<(), ApiError> {
    let now = cx.clock.now_ms();
    let done = cx.store.endpoints().delete(tenant, id, author, now).await?;
    done.then_some(()).ok_or_else(ApiError::not_found)
}

fn with_secret((endpoint, secret): (notify::Endpoint, Secret)) -> EndpointSecret {
    EndpointSecret {
        endpoint: wire::endpoint(endpoint),
        secret: secret.expose().to_owned(),
    }
}
