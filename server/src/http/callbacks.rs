//! A visitor asks to be called back.

use api::callbacks::{AskForm, CallbackAccepted, CallbackForm, NewCallback};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::post;
use axum::{Json as JsonAnswer, Router};

use super::client_ip::ClientIp;
use super::json::{BODY_LIMIT, Json};
use super::problem::ApiError;
use crate::callbacks;
use crate::calls::Visitor;
use crate::state::App;

/// The routes of this module.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/api/public/callbacks/form", post(form))
        .route("/api/public/callbacks", post(ask))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
}

fn origin(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::ORIGIN)?.to_str().ok()
}

async fn form(
    State(app): State<App>,
    ClientIp(ip): ClientIp,
    headers: HeaderMap,
    Json(asked): Json<AskForm>,
) -> Result<JsonAnswer<CallbackForm>, ApiError> {
    let origin = origin(&headers);
    let visitor = Visitor { origin, ip };
    let form = callbacks::form(&app, visitor, &asked.key, asked.nonce.as_deref()).await?;
    Ok(JsonAnswer(form))
}

async fn ask(
    State(app): State<App>,
    ClientIp(ip): ClientIp,
    headers: HeaderMap,
    Json(request): Json<NewCallback>,
) -> Result<(StatusCode, JsonAnswer<CallbackAccepted>), ApiError> {
    let origin = origin(&headers);
    let accepted = callbacks::ask(&app, Visitor { origin, ip }, request).await?;
    Ok((StatusCode::ACCEPTED, JsonAnswer(accepted)))
}
