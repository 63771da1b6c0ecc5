//! Who asks: a program with a secret API key, and how fast it may.

use api::problem::slug;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::keys::{self, Allowance, ApiSecret, Context};
use crate::web::caller::{ApiCaller, bearer, key_invalid};
use crate::web::client_ip::ClientIp;
use crate::web::problem::ApiError;

/// Another header a key may come in: what some tools can set only.
const KEY_HEADER: &str = "x-api-key";

/// Lets only requests with an API key that works pass, and none too many.
pub(crate) async fn layer(State(cx): State<Context>, request: Request, next: Next) -> Response {
    match enter(&cx, request, next).await {
        Ok(response) => response,
        Err(error) => {
            let unauthorized = error.status() == StatusCode::UNAUTHORIZED;
            let mut response = error.into_response();
            if unauthorized {
                let scheme = HeaderValue::from_static("Bearer");
                response
                    .headers_mut()
                    .insert(header::WWW_AUTHENTICATE, scheme);
            }
            response
        }
    }
}

async fn enter(cx: &Context, request: Request, next: Next) -> Result<Response, ApiError> {
    let (mut parts, body) = request.into_parts();
    let secret = secret(&parts.headers).ok_or_else(|| {
        key_invalid("Send it as Authorization: Bearer sk_…, or in the header x-api-key.")
    })?;
    let now = cx.clock.now_ms();
    let (tenant, key) = cx
        .store
        .api_keys()
        .by_hash(&secret.hash())
        .await?
        .filter(|(_, key)| key.works(now))
        .ok_or_else(|| key_invalid("It is not known, was revoked, or has expired."))?;
    let allowance = cx.api_rates.count(&key.id);
    if let Some(wait) = allowance.wait {
        let error = ApiError::new(
            StatusCode::TOO_MANY_REQUESTS,
            slug::RATE_LIMITED,
            "Too many requests with this API key.",
        );
        // Whole seconds, and never "at once".
        let wait = std::time::Duration::from_secs(wait.as_secs() + 1);
        return Ok(limited(
            error.retry_after(Some(wait)).into_response(),
            &allowance,
        ));
    }
    if keys::is_news(key.last_used_at, now) {
        // Reading goes on where nothing can be written.
        if let Err(error) = cx.store.api_keys().touch(&tenant, &key.id, now).await {
            tracing::warn!(%error, "when a key was used last is not noted");
        }
    }
    let ip = ClientIp::of(&parts, cx).0;
    parts.extensions.insert(ApiCaller {
        tenant,
        key_id: key.id.into(),
        key_name: key.name.into(),
        scopes: key.scopes.into(),
        ip,
    });
    let response = next.run(Request::from_parts(parts, body)).await;
    Ok(limited(response, &allowance))
}

/// Says what the key has left, as the IETF's draft on rate limit headers does.
fn limited(mut response: Response, allowance: &Allowance) -> Response {
    let headers = response.headers_mut();
    headers.insert("ratelimit-limit", allowance.limit.into());
    headers.insert("ratelimit-remaining", allowance.remaining.into());
    headers.insert("ratelimit-reset", allowance.reset_s.into());
    response
}

fn secret(headers: &HeaderMap) -> Option<ApiSecret> {
    let other = headers
        .get(KEY_HEADER)
        .and_then(|value| value.to_str().ok());
    ApiSecret::parse(bearer(headers).or(other)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_comes_as_bearer_or_in_a_header_of_its_own() {
        let secret_key = ApiSecret::random();
        let text = secret_key.expose();
        let read = |name: &'static str, value: String| {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().unwrap());
            secret(&headers)
        };
        assert_eq!(
            read("authorization", format!("Bearer {text}")),
            Some(secret_key.clone())
        );
        assert_eq!(
            read("authorization", format!("bearer {text}")),
            Some(secret_key.clone())
        );
        assert_eq!(read(KEY_HEADER, text.clone()), Some(secret_key));
        for value in [text.clone(), format!("Basic {text}"), "Bearer".to_owned()] {
            assert_eq!(read("authorization", value), None);
        }
        assert_eq!(secret(&HeaderMap::new()), None);
    }
}
