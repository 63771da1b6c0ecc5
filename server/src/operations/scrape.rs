//! What Prometheus scrapes.

use axum::Router;
use axum::extract::{FromRef, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use subtle::ConstantTimeEq;

use crate::ground::Ground;
use crate::operations::{Context, render};
use crate::web::client_ip::IsLocal;
use crate::web::problem::ApiError;
use crate::web::{Shared, boxed};

/// The routes of this module.
pub(super) fn routes<S: Shared>() -> Router<S>
where
    Context: FromRef<S>,
    Ground: FromRef<S>,
{
    Router::new().route("/metrics", get(boxed(scrape)))
}

/// Only for who has the token or, when there is none, for this machine. For
/// everybody else there is nothing here.
async fn scrape(
    State(cx): State<Context>,
    IsLocal(is_local): IsLocal,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let allowed = match &cx.config.metrics_token {
        None => is_local,
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
    let text = render(&cx).await?;
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    Ok(([(header::CONTENT_TYPE, kind)], text).into_response())
}
