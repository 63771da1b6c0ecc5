//! A visitor asks to be called back.

use api::callbacks::{AskForm, CallbackAccepted, CallbackForm, NewCallback};
use axum::extract::{DefaultBodyLimit, FromRef, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::post;
use axum::{Json as JsonAnswer, Router};

use crate::callbacks;
use crate::calls::{self, Visitor};
use crate::ground::Ground;
use crate::web::client_ip::ClientIp;
use crate::web::json::{BODY_LIMIT, Json};
use crate::web::problem::ApiError;
use crate::web::{Shared, boxed};

/// The routes of this module.
pub(crate) fn routes<S: Shared>() -> Router<S>
where
    calls::Context: FromRef<S>,
    Ground: FromRef<S>,
{
    Router::new()
        .route("/api/public/callbacks/form", post(boxed(form)))
        .route("/api/public/callbacks", post(boxed(ask)))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
}

fn origin(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::ORIGIN)?.to_str().ok()
}

async fn form(
    State(cx): State<calls::Context>,
    ClientIp(ip): ClientIp,
    headers: HeaderMap,
    Json(asked): Json<AskForm>,
) -> Result<JsonAnswer<CallbackForm>, ApiError> {
    let origin = origin(&headers);
    let visitor = Visitor { origin, ip };
    let form = callbacks::form(&cx, visitor, &asked.key, asked.nonce.as_deref()).await?;
    Ok(JsonAnswer(form))
}

async fn ask(
    State(cx): State<calls::Context>,
    ClientIp(ip): ClientIp,
    headers: HeaderMap,
    Json(request): Json<NewCallback>,
) -> Result<(StatusCode, JsonAnswer<CallbackAccepted>), ApiError> {
    let origin = origin(&headers);
    let accepted = callbacks::ask(&cx, Visitor { origin, ip }, request).await?;
    Ok((StatusCode::ACCEPTED, JsonAnswer(accepted)))
}
