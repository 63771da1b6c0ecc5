//! Where Retell posts its webhooks.

mod reading;

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{FromRef, Request, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};

use crate::ground::Ground;
use crate::inbox::{Context, Received, Refusal, Reply, metrics};
use crate::web::address::Path;
use crate::web::client_ip::ClientIp;
use crate::web::problem::ApiError;
use crate::web::{Shared, boxed};
pub(crate) use reading::Reading;

/// The address we document, and those that existing integrations use.
const ADDRESSES: [&str; 3] = [
    "/api/webhooks/retell",
    "/api/retell/webhook",
    "/retell/webhook",
];

/// The routes of this module.
pub(crate) fn routes<S: Shared>() -> Router<S>
where
    Context: FromRef<S>,
    Ground: FromRef<S>,
{
    ADDRESSES
        .iter()
        .fold(Router::new(), |router, address| {
            router.route(address, post(boxed(receive_shared)))
        })
        .route(
            "/api/webhooks/retell/{tenant_id}",
            post(boxed(receive_of_tenant)),
        )
}

/// Notes what seems to be a webhook and reached no address for one: an address
/// mistyped at Retell, of which nobody would hear.
pub(crate) async fn note_strays(
    State(cx): State<Context>,
    request: Request,
    next: Next,
) -> Response {
    let is_webhook = request.headers().contains_key(retell::signature::HEADER);
    let path = is_webhook.then(|| request.uri().path().to_owned());
    let response = next.run(request).await;
    if let Some(path) = path
        && matches!(
            response.status(),
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED
        )
    {
        metrics::received(&cx.metrics, "address-unknown", Duration::ZERO);
        if cx.inbox.may_write_of_refused() {
            tracing::warn!(path, "a webhook was posted to an address that takes none");
        }
    }
    response
}

/// What any of the keys may have signed.
async fn receive_shared(
    State(cx): State<Context>,
    ip: ClientIp,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    receive(&cx, ip, &headers, body, None).await
}

/// What must be signed with the key of one business.
async fn receive_of_tenant(
    State(cx): State<Context>,
    Path(tenant_id): Path<String>,
    ip: ClientIp,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    receive(&cx, ip, &headers, body, Some(&tenant_id)).await
}

async fn receive(
    cx: &Context,
    ClientIp(ip): ClientIp,
    headers: &HeaderMap,
    body: Body,
    tenant_id: Option<&str>,
) -> Result<Response, ApiError> {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let signature = text(HeaderName::from_static(retell::signature::HEADER));
    let reading = Reading::new(cx, ip, signature);
    let body = reading.read(headers, body).await?;
    let begun = Instant::now();
    let tenant = match tenant_id {
        Some(id) => {
            let tenant = cx.keyring.tenant(cx, id).await?;
            Some(tenant.ok_or_else(ApiError::not_found)?)
        }
        None => None,
    };
    let received = Received {
        body: &body.bytes,
        signature,
        content_type: text(header::CONTENT_TYPE),
        user_agent: text(header::USER_AGENT),
        ip,
        tenant: tenant.as_ref(),
        at: begun,
    };
    let taken = cx.receive_webhook(received).await;
    let verdict = taken.as_ref().map_or_else(Refusal::name, |_| "accepted");
    metrics::received(&cx.metrics, verdict, begun.elapsed());
    Ok(match taken? {
        Reply::Taken => StatusCode::NO_CONTENT.into_response(),
        Reply::Answer(answer) => Json(answer).into_response(),
    })
}
