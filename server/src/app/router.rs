//! The router: the routes of every domain, and what all of them share.

use std::time::Duration;

use api::problem::slug;
use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header, request};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::{App, DOMAINS, v1};
use crate::ground::Ground;
use crate::inbox::http::intake;
use crate::people::http::guard_writes;
use crate::web::json::BODY_LIMIT;
use crate::web::problem::ApiError;
use crate::web::{Routes, pace, requests, slashes};
use crate::{keys, site};

/// How long a browser may keep a preflight's answer.
const PREFLIGHT_AGE: Duration = Duration::from_secs(600);

/// The routes of every domain.
pub(super) fn routes() -> Routes<App> {
    DOMAINS
        .iter()
        .fold(Routes::new(), |all, domain| all.and((domain.routes)()))
}

/// The router as it is served.
pub fn service(app: App) -> Router {
    slashes::forgiven(router(app))
}

/// Everything this server answers.
pub fn router(app: App) -> Router {
    let Routes {
        open,
        desk,
        v1,
        aliases,
    } = routes();
    let ground = app.ground.clone();
    let desk = desk
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(from_fn_with_state(ground.clone(), guard_writes));
    Router::new()
        .merge(open)
        .merge(desk)
        .merge(v1::routes(&app, v1, aliases))
        .fallback(site::http::fallback)
        .method_not_allowed_fallback(|| async {
            ApiError::new(
                StatusCode::METHOD_NOT_ALLOWED,
                slug::METHOD_NOT_ALLOWED,
                "This address does not take that method.",
            )
        })
        .layer(from_fn_with_state(app.inbox.clone(), intake::note_strays))
        .layer(from_fn_with_state(ground.clone(), pace::layer))
        .layer(cors(app.keys.clone()))
        .layer(from_fn_with_state(ground.clone(), security_headers))
        .layer(from_fn_with_state(ground, requests::layer))
        .with_state(app)
}

/// Pages on a key's list may use the public API and read its answers. No
/// cookie counts there, and nothing else here is for other origins.
fn cors(keys: keys::Context) -> CorsLayer {
    let allowed = move |origin: HeaderValue, parts: &request::Parts| {
        let keys = keys.clone();
        let is_public = parts.uri.path().starts_with("/api/public/");
        async move {
            let Some(origin) = origin.to_str().ok().filter(|_| is_public) else {
                return false;
            };
            keys.known_origins
                .allow(&keys.store, origin, keys.clock.now_ms())
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
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            HeaderName::from_static("last-event-id"),
        ])
        .expose_headers([header::RETRY_AFTER, HeaderName::from_static("x-request-id")])
        .max_age(PREFLIGHT_AGE)
}

/// What every answer says, unless its handler said otherwise.
async fn security_headers(
    State(ground): State<Ground>,
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
    if ground.config.is_https() {
        headers
            .entry(header::STRICT_TRANSPORT_SECURITY)
            .or_insert(HeaderValue::from_static("max-age=31536000"));
    }
    response
}
