//! Where Retell posts its webhooks.

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use futures_util::StreamExt;
use tokio::sync::SemaphorePermit;

use super::address::Path;
use super::client_ip::ClientIp;
use super::problem::{ApiError, body_invalid, body_timeout, body_too_large};
use crate::state::App;
use crate::webhooks::{Received, Refusal, Reply, check_header};

/// Retell names no limit. A two-hour call with a time for every word, in three
/// forms, measures about 3 MB; 8 MiB leaves room and still bounds memory.
const WEBHOOK_BODY_LIMIT: usize = 8 * 1024 * 1024;

/// Beyond this a body is read only under a signature that may be genuine, and
/// only a few at once.
const SMALL_BODY: usize = 16 * 1024;

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
            router.route(address, post(receive_shared))
        })
        .route("/api/webhooks/retell/{tenant_id}", post(receive_of_tenant))
}

/// Notes what seems to be a webhook and reached no address for one: an address
/// mistyped at Retell, of which nobody would hear.
pub(super) async fn note_strays(State(app): State<App>, request: Request, next: Next) -> Response {
    let is_webhook = request.headers().contains_key(retell::signature::HEADER);
    let path = is_webhook.then(|| request.uri().path().to_owned());
    let response = next.run(request).await;
    if let Some(path) = path
        && matches!(
            response.status(),
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED
        )
    {
        app.metrics.webhook("address-unknown", Duration::ZERO);
        if app.inbox.may_write_of_refused() {
            tracing::warn!(path, "a webhook was posted to an address that takes none");
        }
    }
    response
}

/// What any of the keys may have signed.
async fn receive_shared(
    State(app): State<App>,
    ip: ClientIp,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    receive(&app, ip, &headers, body, None).await
}

/// What must be signed with the key of one business.
async fn receive_of_tenant(
    State(app): State<App>,
    Path(tenant_id): Path<String>,
    ip: ClientIp,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    receive(&app, ip, &headers, body, Some(&tenant_id)).await
}

async fn receive(
    app: &App,
    ClientIp(ip): ClientIp,
    headers: &HeaderMap,
    body: Body,
    tenant_id: Option<&str>,
) -> Result<Response, ApiError> {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let signature = text(HeaderName::from_static(retell::signature::HEADER));
    let declared = text(header::CONTENT_LENGTH).and_then(|length| length.parse().ok());
    let limit = app.config.webhooks.body_timeout;
    let read = read(app, signature, declared.unwrap_or(0), body);
    let body = tokio::time::timeout(limit, read)
        .await
        .map_err(|_| body_timeout(limit))??;
    let begun = Instant::now();
    let tenant = match tenant_id {
        Some(id) => {
            let tenant = app.keyring.tenant(app, id).await?;
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
    let taken = app.receive_webhook(received).await;
    let verdict = taken.as_ref().map_or_else(Refusal::name, |_| "accepted");
    app.metrics.webhook(verdict, begun.elapsed());
    Ok(match taken? {
        Reply::Taken => StatusCode::NO_CONTENT.into_response(),
        Reply::Answer(answer) => Json(answer).into_response(),
    })
}

/// A body, as far as it was read.
#[derive(Default)]
struct Read<'a> {
    bytes: Vec<u8>,
    /// Goes back once the body is out of memory.
    permit: Option<SemaphorePermit<'a>>,
}

/// Reads the body. What its header declares is refused before any of it is
/// read, what it turns out to be as soon as it does.
async fn read<'a>(
    app: &'a App,
    signature: Option<&str>,
    declared: usize,
    body: Body,
) -> Result<Read<'a>, ApiError> {
    let mut read = Read::default();
    read.may_be(declared, app, signature).await?;
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| body_invalid("The body could not be read to its end."))?;
        let size = read.bytes.len().saturating_add(chunk.len());
        read.may_be(size, app, signature).await?;
        read.bytes.extend_from_slice(&chunk);
    }
    Ok(read)
}

impl<'a> Read<'a> {
    /// Waits until the body may have this size (bytes).
    async fn may_be(
        &mut self,
        size: usize,
        app: &'a App,
        signature: Option<&str>,
    ) -> Result<(), ApiError> {
        if size <= SMALL_BODY {
            return Ok(());
        }
        check_header(signature)
            .inspect_err(|refusal| tracing::warn!(reason = %refusal, "large webhook refused"))?;
        if size > WEBHOOK_BODY_LIMIT {
            return Err(body_too_large(WEBHOOK_BODY_LIMIT));
        }
        if self.permit.is_none() {
            let permit = app.inbox.large_bodies.acquire().await;
            self.permit = Some(permit.map_err(|_| ApiError::internal())?);
        }
        Ok(())
    }
}
