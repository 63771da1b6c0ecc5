//! What Prometheus scrapes.

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use subtle::ConstantTimeEq;

use super::client_ip::ClientIp;
use super::problem::ApiError;
use crate::state::App;

/// The routes of this module.
pub(super) fn routes() -> Router<App> {
    Router::new().route("/metrics", get(scrape))
}

/// Only for who has the token or, when there is none, for this machine. For
/// everybody else there is nothing here.
async fn scrape(
    State(app): State<App>,
    ClientIp(ip): ClientIp,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let allowed = match &app.config.metrics_token {
        None => ip.is_loopback(),
        Some(token) => {
            let given = headers
                .get(header::AUTHORIZATION)
                .and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
            given.is_some_and(|given| given.ct_eq(token.expose().as_bytes()).into())
        }
    };
    if !allowed {
        return Err(ApiError::not_found());
    }
    let text = app.metrics.render(&app).await?;
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    Ok(([(header::CONTENT_TYPE, kind)], text).into_response())
}
