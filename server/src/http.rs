//! The router: one module per audience, each with its `routes()`, and what all
//! of them share. No rules here; the domain modules have those.

mod address;
mod assets;
mod business;
mod callbacks;
mod calls;
mod client_ip;
mod contacts;
mod desk;
mod endpoints;
mod events;
pub mod health;
mod inbox;
mod json;
mod lasting;
mod lenient;
mod metrics;
mod pace;
mod pages;
mod paging;
pub mod problem;
mod public;
mod request_id;
mod slashes;
mod sse;
mod staff;
mod v1;
mod visitor;
mod webhooks;

use std::time::Duration;

use api::problem::slug;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header, request};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::state::App;
use problem::ApiError;
pub(crate) use request_id::current as request_id;

/// How long a browser may keep a preflight's answer.
const PREFLIGHT_AGE: Duration = Duration::from_secs(600);

/// The router as it is served.
pub fn service(app: App) -> Router {
    slashes::forgiven(router(app))
}

/// Everything this server answers.
pub fn router(app: App) -> Router {
    Router::new()
        .merge(public::routes())
        .merge(visitor::routes())
        .merge(callbacks::routes())
        .merge(events::routes())
        .merge(webhooks::routes())
        .merge(desk::routes(&app))
        .merge(v1::routes(&app))
        .merge(health::routes())
        .merge(metrics::routes())
        .merge(pages::routes())
        .merge(assets::routes())
        .fallback(assets::fallback)
        .method_not_allowed_fallback(|| async {
            ApiError::new(
                StatusCode::METHOD_NOT_ALLOWED,
                slug::METHOD_NOT_ALLOWED,
                "This address does not take that method.",
            )
        })
        .layer(from_fn_with_state(app.clone(), webhooks::note_strays))
        .layer(from_fn_with_state(app.clone(), pace::layer))
        .layer(cors(app.clone()))
        .layer(from_fn_with_state(app.clone(), security_headers))
        .layer(from_fn_with_state(app.clone(), request_id::layer))
        .with_state(app)
}

/// Pages on a key's list may use the public API and read its answers. No
/// cookie counts there, and nothing else here is for other origins.
fn cors(app: App) -> CorsLayer {
    let allowed = move |origin: HeaderValue, parts: &request::Parts| {
        let app = app.clone();
        let is_public = parts.uri.path().starts_with("/api/public/");
        async move {
            let Some(origin) = origin.to_str().ok().filter(|_| is_public) else {
                return false;
            };
            app.known_origins
                .allow(&app.store, origin, app.clock.now_ms())
                .await
                .unwrap_or_else(|error| {
                    tracing::error!(%error, "the allowed origins cannot be read");
                    false
                })
        }
    };
    CorsLayer::new()
        .allow_origin(AllowOrigin::async_predicate(allowed))
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([
            header::CONTENT_TYPE,
            HeaderName::from_static("last-event-id"),
        ])
        .expose_headers([header::RETRY_AFTER, HeaderName::from_static("x-request-id")])
        .max_age(PREFLIGHT_AGE)
}

/// What every answer says, unless its handler said otherwise.
async fn security_headers(
    State(app): State<App>,
    request: axum::extract::Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers
        .entry(header::X_CONTENT_TYPE_OPTIONS)
        .or_insert(HeaderValue::from_static("nosniff"));
    headers
        .entry(header::REFERRER_POLICY)
        .or_insert(HeaderValue::from_static("strict-origin-when-cross-origin"));
    if app.config.is_https() {
        headers
            .entry(header::STRICT_TRANSPORT_SECURITY)
            .or_insert(HeaderValue::from_static("max-age=31536000"));
    }
    response
}
