//! `Idempotency-Key`: a request that is sent again, because its answer got lost,
//! is not done again. In the database, so that a restart forgets nothing.

use api::problem::slug;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use crate::ground::Ground;
use crate::keys::Repeat;
use crate::store::Tenant;
use crate::web::caller::ApiCaller;
use crate::web::json::BODY_LIMIT;
use crate::web::lasting;
use crate::web::problem::{ApiError, Doubt, Failure, body_too_large};

const HEADER: HeaderName = HeaderName::from_static("idempotency-key");
/// Says that an answer was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
const KEY_MAX_CHARS: usize = 255;

/// What Retell is told, so that it does not dial twice either.
#[derive(Debug, Clone)]
pub(crate) struct IdempotencyKey(pub(crate) String);

/// Answers a repeated creation as it was answered first.
pub(crate) async fn layer(
    State(cx): State<Ground>,
    caller: ApiCaller,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let key = match request.headers().get(HEADER) {
        Some(key) if *request.method() == Method::POST => read(key)?,
        _ => return Ok(next.run(request).await),
    };
    let (mut parts, body) = request.into_parts();
    let body = to_bytes(body, BODY_LIMIT)
        .await
        .map_err(|_| body_too_large(BODY_LIMIT))?;
    let address = parts.uri.path_and_query().map_or("", |path| path.as_str());
    let hash = hash(&[parts.method.as_str().as_bytes(), address.as_bytes(), &body]);
    let tenant = caller.tenant;
    let now = cx.clock.now_ms();
    let attempt = match cx
        .store
        .idempotency_keys()
        .begin(&tenant, &key, &hash, now)
        .await?
    {
        Repeat::First(attempt) => attempt,
        Repeat::Answered(status, sealed, attempt) => {
            return replay(&cx, &attempt, status, &sealed);
        }
        Repeat::InProgress => return Err(in_progress()),
        Repeat::OtherRequest => return Err(other_request()),
        Repeat::OutcomeUnknown => return Err(outcome_unknown()),
    };
    let told = hash_of_key(&tenant, &key);
    parts.extensions.insert(IdempotencyKey(told));
    let request = Request::from_parts(parts, Body::from(body));
    // On a task of its own: a client that goes away must not leave it half done.
    lasting::to_the_end(async move {
        let response = next.run(request).await;
        keep(&cx, &tenant, &key, &attempt, response).await
    })
    .await
}

fn read(key: &HeaderValue) -> Result<String, ApiError> {
    key.to_str()
        .ok()
        .map(str::trim)
        .filter(|key| !key.is_empty() && key.len() <= KEY_MAX_CHARS)
        .map(str::to_owned)
        .ok_or_else(|| {
            ApiError::new(
                StatusCode::BAD_REQUEST,
                slug::IDEMPOTENCY_KEY_INVALID,
                "This Idempotency-Key cannot be used.",
            )
            .detail("It has 1 to 255 ASCII characters; a UUID is a good one.")
        })
}

/// Keeps an answer that would be the same again, and one that had better not be
/// tried for again. After any other the request can be sent again.
async fn keep(
    cx: &Ground,
    tenant: &Tenant,
    key: &str,
    attempt: &str,
    response: Response,
) -> Result<Response, ApiError> {
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX)
        .await
        .map_err(|_| ApiError::internal())?;
    let failure = parts.extensions.get::<Failure>();
    let doubt = failure.and_then(|failure| failure.doubt);
    let status = failure.map_or(parts.status, |failure| failure.status);
    if is_final(status) || doubt == Some(Doubt::Unrepeatable) {
        let content_type = parts
            .headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let answer = format!("{content_type}\n{}", String::from_utf8_lossy(&body));
        let sealed = cx.vault.seal(&purpose(attempt), &answer).map_err(|error| {
            tracing::error!(%error, "an answer cannot be sealed");
            ApiError::internal()
        })?;
        let status = parts.status.as_u16();
        cx.store
            .idempotency_keys()
            .keep_answer(tenant, key, attempt, status, &sealed)
            .await?;
    } else {
        let doubtful = doubt.map(|_| status.as_u16());
        cx.store
            .idempotency_keys()
            .end_attempt(tenant, key, attempt, doubtful)
            .await?;
    }
    Ok(Response::from_parts(parts, Body::from(body)))
}

fn is_final(status: StatusCode) -> bool {
    status.is_success() || matches!(status.as_u16(), 400 | 404 | 422)
}

fn replay(cx: &Ground, attempt: &str, status: u16, sealed: &str) -> Result<Response, ApiError> {
    let answer = cx.vault.open(&purpose(attempt), sealed).map_err(|error| {
        tracing::error!(%error, "a kept answer cannot be opened");
        ApiError::internal()
    })?;
    let (content_type, body) = answer.expose().split_once('\n').unwrap_or_default();
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let mut response = (status, Bytes::from(body.to_owned())).into_response();
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_TYPE);
    if let Ok(content_type) = HeaderValue::from_str(content_type)
        && !content_type.is_empty()
    {
        headers.insert(header::CONTENT_TYPE, content_type);
    }
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    Ok(response)
}

/// What the vault is told an answer is for.
fn purpose(attempt: &str) -> String {
    format!("idempotent_answers/{attempt}/answer")
}

/// No two lists of parts give the same text to hash.
fn hash(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part);
    }
    hex::encode(hash.finalize())
}

/// Businesses on one Retell account may choose the same key.
fn hash_of_key(tenant: &Tenant, key: &str) -> String {
    hash(&[tenant.id().as_bytes(), key.as_bytes()])
}

fn in_progress() -> ApiError {
    ApiError::new(
        StatusCode::CONFLICT,
        slug::IDEMPOTENCY_IN_PROGRESS,
        "The first request with this Idempotency-Key is still worked on.",
    )
    .retry_after(Some(std::time::Duration::from_secs(1)))
}

fn outcome_unknown() -> ApiError {
    ApiError::new(
        StatusCode::CONFLICT,
        slug::IDEMPOTENCY_OUTCOME_UNKNOWN,
        "Whether the first request with this Idempotency-Key was done is not known.",
    )
    .detail("Look whether it was, and send it with a new key if it was not.")
}

fn other_request() -> ApiError {
    ApiError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        slug::IDEMPOTENCY_KEY_REUSED,
        "Another request was sent with this Idempotency-Key.",
    )
    .detail("Use a new key for every new request.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_that_differ_anywhere_have_other_hashes() {
        let one = hash(&[b"POST", b"/a", b"{}"]);
        assert_eq!(one, hash(&[b"POST", b"/a", b"{}"]));
        for other in [
            [b"POST".as_slice(), b"/a{}", b""],
            [b"POST", b"/a", b"{ }"],
            [b"PUT", b"/a", b"{}"],
        ] {
            assert_ne!(one, hash(&other));
        }
    }

    #[test]
    fn a_key_is_short_and_plain() {
        let of = |text: &str| HeaderValue::from_str(text).unwrap();
        assert_eq!(read(&of(" a b ")).unwrap(), "a b");
        assert!(read(&of("")).is_err() && read(&of(&"x".repeat(256))).is_err());
    }
}
