//! The HTTP side: around Retell's REST API what is no part of it (gateway,
//! monitor stream, recordings), and the emulator's own routes under
//! `/_emulator`.

mod body;
mod control;
mod exports;
mod intercept;
mod monitor;
mod recordings;
mod signalling;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{self, Next};
use axum::response::Response;
use http::{HeaderName, HeaderValue, Method, StatusCode};
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer, ExposeHeaders};

use crate::app::App;
use crate::error::ApiError;
use crate::rest;

/// The largest request body that is read, and the largest form with files.
const MAX_BODY: usize = 2 * 1024 * 1024;
const MAX_FORM: usize = 64 * 1024 * 1024;

/// The whole router.
pub(crate) fn router(app: App) -> Router {
    let retell = rest::routes()
        .merge(signalling::routes())
        .merge(monitor::routes())
        .merge(recordings::routes())
        .merge(exports::routes())
        .fallback(nowhere)
        .method_not_allowed_fallback(nowhere)
        .layer(middleware::from_fn_with_state(
            app.clone(),
            intercept::intercept,
        ))
        .layer(middleware::from_fn(tell_versions))
        // Not for the emulator's own routes: no page has business there.
        .layer(cors());
    retell
        .nest("/_emulator", control::routes())
        .layer(axum::extract::DefaultBodyLimit::max(MAX_BODY))
        .with_state(app)
}

/// What is at every other address, and by every other method.
async fn nowhere() -> ApiError {
    ApiError::not_found("Not found")
}

/// The version of Retell's browser SDK that asks, and which ones the SDK is
/// told to have at least, and better (retell-protocol F5).
const SDK_VERSION: HeaderName = HeaderName::from_static("x-retell-client-js-sdk-version");
const MIN_VERSION: (HeaderName, &str) = (
    HeaderName::from_static("x-retell-client-js-sdk-min-version"),
    "3.0.0",
);
const RECOMMENDED_VERSION: (HeaderName, &str) = (
    HeaderName::from_static("x-retell-client-js-sdk-recommended-version"),
    "3.0.2",
);

/// Tells them, but not to who has no key.
async fn tell_versions(request: Request, next: Next) -> Response {
    let asked = request.headers().contains_key(SDK_VERSION);
    let mut response = next.run(request).await;
    if asked && response.status() != StatusCode::UNAUTHORIZED {
        for (name, version) in [MIN_VERSION, RECOMMENDED_VERSION] {
            let version = HeaderValue::from_static(version);
            response.headers_mut().insert(name, version);
        }
    }
    response
}

/// Browsers of any origin may call, as they may call Retell.
fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(AllowOrigin::mirror_request())
        .allow_headers(AllowHeaders::mirror_request())
        .allow_methods([
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
            Method::OPTIONS,
        ])
        .expose_headers(ExposeHeaders::list(
            [
                "etag",
                "retry-after",
                "content-range",
                "accept-ranges",
                "content-length",
            ]
            .map(HeaderName::from_static)
            .into_iter()
            .chain([MIN_VERSION.0, RECOMMENDED_VERSION.0])
            .collect::<Vec<_>>(),
        ))
}
