//! Every request has an id: taken from `x-request-id` or made, returned in the
//! same header, in every problem, and in every line the log says about it.

use std::net::SocketAddr;
use std::time::Instant;

use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument;
use uuid::Uuid;

use crate::config::Config;
use crate::ground::Ground;
use crate::request_id;

const HEADER: HeaderName = HeaderName::from_static("x-request-id");
const MAX_CHARS: usize = 64;

/// Gives the request its id, and logs it when it is answered. The route is
/// logged, not the address: that may hold tickets.
pub(crate) async fn layer(State(cx): State<Ground>, request: Request, next: Next) -> Response {
    let id = request
        .headers()
        .get(HEADER)
        .and_then(|value| value.to_str().ok())
        .filter(|id| is_plain(id) && is_from_a_proxy(&cx.config, &request))
        .map_or_else(|| Uuid::now_v7().to_string(), str::to_owned);
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("none", MatchedPath::as_str);
    let span = tracing::info_span!(
        "request",
        %id,
        method = %request.method(),
        route,
    );
    let (method, template) = (request.method().clone(), route.to_owned());
    let started = Instant::now();
    let answer = async {
        let mut response = next.run(request).await;
        if let Ok(value) = HeaderValue::from_str(&request_id::current().unwrap_or_default()) {
            response.headers_mut().insert(HEADER, value);
        }
        let elapsed = started.elapsed();
        let elapsed_ms = elapsed.as_millis();
        let status = response.status().as_u16();
        cx.metrics.answered(&method, &template, status, elapsed);
        if response.status().is_server_error() {
            tracing::warn!(status, elapsed_ms, "answered");
        } else {
            tracing::debug!(status, elapsed_ms, "answered");
        }
        response
    };
    request_id::scope(id, answer.instrument(span)).await
}

/// Ids are taken from our own proxies only, or from this machine: anybody else
/// could make two requests look like one.
fn is_from_a_proxy(config: &Config, request: &Request) -> bool {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    peer.is_some_and(|ConnectInfo(peer)| {
        let ip = peer.ip();
        ip.is_loopback() || config.trusted_proxies.iter().any(|net| net.contains(ip))
    })
}

/// What others call a request ends up in our log, so it must be tame.
fn is_plain(id: &str) -> bool {
    !id.is_empty()
        && id.len() <= MAX_CHARS
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tame_ids_are_taken_over() {
        assert!(is_plain("0192f0c1-aaaa_b.c"));
        for id in ["", "a b", "a\nb", "ä", &"x".repeat(65)] {
            assert!(!is_plain(id), "{id:?}");
        }
    }
}
