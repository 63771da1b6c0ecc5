//! `/api/v1`: what programs do, with a secret API key. The document of it is
//! made from these handlers, see [`document`].

mod actions;
mod agents;
mod aliases;
mod caller;
mod calls;
mod contacts;
mod deliveries;
mod docs_page;
mod document;
mod endpoint_log;
mod endpoints;
mod idempotent;
mod keys;
mod rest_hooks;
mod retell_account;
mod tenant;

use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::{Json, Router, routing};
use utoipa_axum::router::OpenApiRouter;

use super::json::BODY_LIMIT;
use crate::state::App;

/// The routes of this module.
pub(super) fn routes(app: &App) -> Router<App> {
    let (routes, _) = documented().split_for_parts();
    let behind_a_key = routes
        .merge(aliases::routes())
        .layer(from_fn_with_state(app.clone(), idempotent::layer))
        .layer(from_fn_with_state(app.clone(), caller::layer))
        .layer(DefaultBodyLimit::max(BODY_LIMIT));
    Router::new()
        .merge(behind_a_key)
        .route("/api/v1/openapi.json", routing::get(openapi))
        .merge(docs_page::routes())
}

/// The routes that are in the document.
fn documented() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(document::frame())
        .merge(calls::routes())
        .merge(contacts::routes())
        .merge(keys::routes())
        .merge(deliveries::routes())
        .merge(endpoints::routes())
        .merge(endpoint_log::routes())
        .merge(rest_hooks::routes())
        .merge(tenant::routes())
        .merge(agents::routes())
        .merge(actions::routes())
}

async fn openapi() -> Json<utoipa::openapi::OpenApi> {
    Json(document::whole())
}
