//! `/api/v1` as a whole: the document of what programs may do is made from the
//! handlers of the domains, see [`document`].

mod docs_page;
mod document;

use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::{Json, Router, routing};
use utoipa_axum::router::OpenApiRouter;

use super::App;
use crate::keys::http::{caller, idempotent};
use crate::web::json::BODY_LIMIT;

/// What programs with a key do, behind its check, and the document of it.
pub(super) fn routes(app: &App, v1: OpenApiRouter<App>, aliases: Router<App>) -> Router<App> {
    let (v1, _) = v1.split_for_parts();
    let behind_a_key = v1
        .merge(aliases)
        .layer(from_fn_with_state(app.ground.clone(), idempotent::layer))
        .layer(from_fn_with_state(app.keys.clone(), caller::layer))
        .layer(DefaultBodyLimit::max(BODY_LIMIT));
    Router::new()
        .merge(behind_a_key)
        .route("/api/v1/openapi.json", routing::get(openapi))
        .merge(docs_page::routes())
}

async fn openapi() -> Json<utoipa::openapi::OpenApi> {
    Json(document::whole())
}
