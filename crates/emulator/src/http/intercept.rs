//! Around every request of Retell's API: it is written down, and a fault that
//! was asked for happens to it.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::body::{self, Body};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{AUTHORIZATION, CONTENT_TYPE, SEC_WEBSOCKET_PROTOCOL};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::Value;
use tokio::time::Instant;

use crate::app::App;
use crate::error::ApiError;
use crate::faults::Fault;
use crate::journal::Received;

use super::{MAX_BODY, MAX_FORM};

pub(super) async fn intercept(State(app): State<App>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let (begun, volume) = (Instant::now(), app.journal.volume());
    let at_ms = app.clock.now_ms();
    let (method, uri) = (parts.method.clone(), parts.uri.clone());
    let headers = shown(&parts.headers);
    let kind = parts.headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    let is_form = kind.is_some_and(|kind| kind.starts_with(b"multipart/form-data"));
    let most = if is_form { MAX_FORM } else { MAX_BODY };
    let Ok(body) = body::to_bytes(body, most).await else {
        let message = "The body is too large or was cut off".to_owned();
        return ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, message).into_response();
    };
    let fault = app.faults().take(method.as_str(), uri.path());
    let response = match fault {
        Some(fault) => {
            tokio::time::sleep(Duration::from_millis(fault.delay_ms)).await;
            match answer(&fault) {
                Some(response) => response,
                None => {
                    next.run(Request::from_parts(parts, Body::from(body.clone())))
                        .await
                }
            }
        }
        None => {
            next.run(Request::from_parts(parts, Body::from(body.clone())))
                .await
        }
    };
    let received = Received {
        at_ms,
        method: method.to_string(),
        path: uri.path().to_owned(),
        query: uri.query().unwrap_or_default().to_owned(),
        headers,
        // Files are not kept: they would fill the memory.
        body: if is_form {
            String::new()
        } else {
            String::from_utf8_lossy(&body).into_owned()
        },
        status: response.status().as_u16(),
        duration_ms: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
    };
    app.journal.receive(volume, received);
    response
}

/// Headers without secrets.
fn shown(headers: &HeaderMap) -> BTreeMap<String, String> {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers
        .iter()
        .map(|(name, value)| {
            let value = text(value);
            let value = match name {
                name if name == AUTHORIZATION => {
                    value.split(' ').next().unwrap_or_default().to_owned()
                }
                name if name == SEC_WEBSOCKET_PROTOCOL => {
                    value.split(',').next().unwrap_or_default().to_owned()
                }
                _ => value,
            };
            (name.to_string(), value)
        })
        .collect()
}

/// The answer a fault gives instead of the real one, if it gives one.
fn answer(fault: &Fault) -> Option<Response> {
    let status = fault
        .status
        .and_then(|status| StatusCode::from_u16(status).ok());
    let mut response = match (&fault.body, status) {
        (None, None) => return None,
        (None, Some(status)) => {
            ApiError::new(status, "A fault that was asked for".to_owned()).into_response()
        }
        (Some(Value::String(text)), status) => {
            (status.unwrap_or(StatusCode::OK), text.clone()).into_response()
        }
        (Some(json), status) => {
            let json_type = [(CONTENT_TYPE, "application/json")];
            (
                status.unwrap_or(StatusCode::OK),
                json_type,
                json.to_string(),
            )
                .into_response()
        }
    };
    for (name, value) in &fault.headers {
        if let (Ok(name), Ok(value)) = (
            HeaderName::from_bytes(name.as_bytes()),
            HeaderValue::from_str(value),
        ) {
            response.headers_mut().insert(name, value);
        }
    }
    Some(response)
}
