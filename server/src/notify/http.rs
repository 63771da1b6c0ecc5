//! What the desk and the API both do with endpoints for outgoing webhooks, and
//! their routes.

mod desk;
mod log;
mod problem;
mod rest_hooks;
mod v1;

use api::hooks::{
    DeliveryDetail, DeliveryPage, Endpoint, EndpointList, EndpointSecret, SaveEndpoint,
};

use super::{EndpointForm, EventType, wire};
use crate::config::Secret;
use crate::deeds::Author;
use crate::notify::{self, Context};
use crate::people;
use crate::store::Tenant;
use crate::web::paging::Page;
use crate::web::problem::ApiError;
use crate::web::{Routes, Shared, lasting};
use axum::extract::FromRef;

/// The routes of this domain.
pub(crate) fn routes<S: Shared>() -> Routes<S>
where
    Context: FromRef<S>,
    people::Context: FromRef<S>,
{
    Routes::new()
        .desk(desk::routes())
        .v1(v1::routes())
        .v1(log::routes())
        .v1(rest_hooks::routes())
}

/// The tenant's endpoints, and what they may ask for.
pub(crate) async fn list(cx: &Context, tenant: &Tenant) -> Result<EndpointList, ApiError> {
    let items = cx.store.endpoints(tenant).await?;
    let offered = EventType::ALL.iter().map(|kind| kind.name().to_owned());
    Ok(EndpointList {
        items: items.into_iter().map(wire::endpoint).collect(),
        event_types: offered.collect(),
    })
}

/// One of the tenant's endpoints.
pub(crate) async fn one(cx: &Context, tenant: &Tenant, id: &str) -> Result<Endpoint, ApiError> {
    let endpoint = cx.store.endpoint(tenant, id).await?;
    Ok(wire::endpoint(endpoint.ok_or_else(ApiError::not_found)?))
}

/// Adds an endpoint.
pub(crate) async fn create(
    cx: &Context,
    tenant: &Tenant,
    author: &Author,
    save: SaveEndpoint,
) -> Result<EndpointSecret, ApiError> {
    let headers = save.headers.clone().unwrap_or_default();
    let created = notify::create(cx, tenant, author, form(save), &headers).await?;
    Ok(with_secret(created))
}

/// Says anew what an endpoint is. Headers that are left out stay.
pub(crate) async fn change(
    cx: &Context,
    tenant: &Tenant,
    author: &Author,
    id: &str,
    save: SaveEndpoint,
) -> Result<Endpoint, ApiError> {
    let headers = save.headers.clone();
    let mut endpoint = notify::change(cx, tenant, author, id, form(save)).await?;
    if let Some(headers) = headers {
        endpoint = notify::set_headers(cx, tenant, author, id, &headers).await?;
    }
    Ok(wire::endpoint(endpoint))
}

/// Deletes an endpoint with its log.
pub(crate) async fn remove(
    cx: &Context,
    tenant: &Tenant,
    author: &Author,
    id: &str,
) -> Result<(), ApiError> {
    let now = cx.clock.now_ms();
    match cx.store.delete_endpoint(tenant, id, author, now).await? {
        true => Ok(()),
        false => Err(ApiError::not_found()),
    }
}

/// Gives an endpoint a new secret.
pub(crate) async fn rotate(
    cx: &Context,
    tenant: &Tenant,
    author: &Author,
    id: &str,
) -> Result<EndpointSecret, ApiError> {
    Ok(with_secret(notify::rotate(cx, tenant, author, id).await?))
}

/// A page of an endpoint's log.
pub(crate) async fn log(
    cx: &Context,
    tenant: &Tenant,
    id: &str,
    page: &Page,
) -> Result<DeliveryPage, ApiError> {
    let endpoint = one(cx, tenant, id).await?;
    let mut rows = cx
        .store
        .delivery_log(tenant, &endpoint.id, page.cursor(), page.one_more())
        .await?;
    let next_cursor = page.cut(&mut rows, |row| &row.id);
    Ok(DeliveryPage {
        items: rows.into_iter().map(wire::delivery).collect(),
        next_cursor,
    })
}

/// One delivery of an endpoint's log.
pub(crate) async fn delivery(
    cx: &Context,
    tenant: &Tenant,
    id: &str,
    delivery: &str,
) -> Result<DeliveryDetail, ApiError> {
    let detail = cx.store.delivery_detail(tenant, id, delivery).await?;
    let detail = detail.ok_or_else(ApiError::not_found)?;
    Ok(wire::detail(detail, &cx.config))
}

/// Sends everything once more that was given up for an endpoint since then
/// (Unix ms), also when whoever asked for it does not wait. Returns how many
/// deliveries that are.
pub(crate) async fn replay_failed(
    cx: Context,
    tenant: Tenant,
    author: Author,
    id: String,
    since: i64,
) -> Result<u64, ApiError> {
    lasting::to_the_end(
        async move { notify::replay_failed(&cx, &tenant, &author, &id, since).await },
    )
    .await
}

fn with_secret((endpoint, secret): (notify::Endpoint, Secret)) -> EndpointSecret {
    EndpointSecret {
        endpoint: wire::endpoint(endpoint),
        secret: secret.expose().to_owned(),
    }
}

fn form(save: SaveEndpoint) -> EndpointForm {
    EndpointForm {
        url: save.url,
        description: save.description,
        events: save.events,
    }
}
