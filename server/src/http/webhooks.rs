//! Where Retell posts its webhooks.

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::routing::post;

use super::client_ip::ClientIp;
use super::json::body;
use super::problem::ApiError;
use crate::state::App;
use crate::webhooks::Received;

/// Retell names no limit. A two-hour call with a time for every word, in three
/// forms, measures about 3 MB; 8 MiB leaves room and still bounds memory.
const WEBHOOK_BODY_LIMIT: usize = 8 * 1024 * 1024;

/// The address we document, and those that existing integrations use.
const ADDRESSES: [&str; 3] = [
    "/api/webhooks/retell",
    "/api/retell/webhook",
    "/retell/webhook",
];

/// The routes of this module.
pub(super) fn routes() -> Router<App> {
    ADDRESSES
        .iter()
        .fold(Router::new(), |router, address| {
            router.route(address, post(receive))
        })
        .layer(DefaultBodyLimit::max(WEBHOOK_BODY_LIMIT))
}

async fn receive(
    State(app): State<App>,
    ClientIp(ip): ClientIp,
    headers: HeaderMap,
    request: Request,
) -> Result<StatusCode, ApiError> {
    let bytes = body(request, &app, WEBHOOK_BODY_LIMIT).await?;
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let received = Received {
        body: &bytes,
        signature: text(HeaderName::from_static(retell::signature::HEADER)),
        content_type: text(header::CONTENT_TYPE),
        user_agent: text(header::USER_AGENT),
        ip,
    };
    app.receive_webhook(received).await?;
    Ok(StatusCode::NO_CONTENT)
}
