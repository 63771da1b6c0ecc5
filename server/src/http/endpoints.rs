//! What the desk and the API both do with endpoints for outgoing webhooks.

use api::hooks::{
    DeliveryDetail, DeliveryPage, Endpoint, EndpointList, EndpointSecret, SaveEndpoint,
};

use super::lasting;
use super::paging::Page;
use super::problem::ApiError;
use crate::audit::Author;
use crate::config::Secret;
use crate::hooks::{self, EndpointForm, EventType, wire};
use crate::state::App;
use crate::store::{self, Tenant};

/// The tenant's endpoints, and what they may ask for.
pub(super) async fn list(app: &App, tenant: &Tenant) -> Result<EndpointList, ApiError> {
    let items = app.store.endpoints(tenant).await?;
    let offered = EventType::ALL.iter().map(|kind| kind.name().to_owned());
    Ok(EndpointList {
        items: items.into_iter().map(wire::endpoint).collect(),
        event_types: offered.collect(),
    })
}

/// One of the tenant's endpoints.
pub(super) async fn one(app: &App, tenant: &Tenant, id: &str) -> Result<Endpoint, ApiError> {
    let endpoint = app.store.endpoint(tenant, id).await?;
    Ok(wire::endpoint(endpoint.ok_or_else(ApiError::not_found)?))
}

/// Adds an endpoint.
pub(super) async fn create(
    app: &App,
    tenant: &Tenant,
    author: &Author,
    save: SaveEndpoint,
) -> Result<EndpointSecret, ApiError> {
    let headers = save.headers.clone().unwrap_or_default();
    let created = hooks::create(app, tenant, author, form(save), &headers).await?;
    Ok(with_secret(created))
}

/// Says anew what an endpoint is. Headers that are left out stay.
pub(super) async fn change(
    app: &App,
    tenant: &Tenant,
    author: &Author,
    id: &str,
    save: SaveEndpoint,
) -> Result<Endpoint, ApiError> {
    let headers = save.headers.clone();
    let mut endpoint = hooks::change(app, tenant, author, id, form(save)).await?;
    if let Some(headers) = headers {
        endpoint = hooks::set_headers(app, tenant, author, id, &headers).await?;
    }
    Ok(wire::endpoint(endpoint))
}

/// Deletes an endpoint with its log.
pub(super) async fn remove(
    app: &App,
    tenant: &Tenant,
    author: &Author,
    id: &str,
) -> Result<(), ApiError> {
    let now = app.clock.now_ms();
    match app.store.delete_endpoint(tenant, id, author, now).await? {
        true => Ok(()),
        false => Err(ApiError::not_found()),
    }
}

/// Gives an endpoint a new secret.
pub(super) async fn rotate(
    app: &App,
    tenant: &Tenant,
    author: &Author,
    id: &str,
) -> Result<EndpointSecret, ApiError> {
    Ok(with_secret(hooks::rotate(app, tenant, author, id).await?))
}

/// A page of an endpoint's log.
pub(super) async fn log(
    app: &App,
    tenant: &Tenant,
    id: &str,
    page: &Page,
) -> Result<DeliveryPage, ApiError> {
    let endpoint = one(app, tenant, id).await?;
    let mut rows = app
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
pub(super) async fn delivery(
    app: &App,
    tenant: &Tenant,
    id: &str,
    delivery: &str,
) -> Result<DeliveryDetail, ApiError> {
    let detail = app.store.delivery_detail(tenant, id, delivery).await?;
    let detail = detail.ok_or_else(ApiError::not_found)?;
    Ok(wire::detail(detail, &app.config))
}

/// Sends everything once more that was given up for an endpoint since then
/// (Unix ms), also when whoever asked for it does not wait. Returns how many
/// deliveries that are.
pub(super) async fn replay_failed(
    app: App,
    tenant: Tenant,
    author: Author,
    id: String,
    since: i64,
) -> Result<u64, ApiError> {
    lasting::to_the_end(
        async move { hooks::replay_failed(&app, &tenant, &author, &id, since).await },
    )
    .await
}

fn with_secret((endpoint, secret): (store::Endpoint, Secret)) -> EndpointSecret {
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
