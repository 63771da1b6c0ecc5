//! Reading requests, with Retell's errors where they cannot be read, and
//! writing pages of lists.

use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{FromRequest, FromRequestParts, Request};
use bytes::Bytes;
use http::StatusCode;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::error::ApiError;

/// A JSON body; an empty one counts as `{}`.
#[derive(Debug)]
pub(crate) struct Body<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(|rejection| {
                ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, rejection.body_text())
            })?;
        let json: &[u8] = if bytes.trim_ascii().is_empty() {
            b"{}"
        } else {
            &bytes
        };
        let read = serde_json::from_slice(json);
        read.map(Self)
            .map_err(|error| ApiError::bad_request(format!("Invalid body: {error}")))
    }
}

/// What stands in the path.
#[derive(Debug, FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(ApiError))]
pub(crate) struct Path<T>(pub(crate) T);

/// What stands in the query.
#[derive(Debug, FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(ApiError))]
pub(crate) struct Query<T>(pub(crate) T);

/// A request that becomes a WebSocket.
#[derive(Debug, FromRequestParts)]
#[from_request(rejection(ApiError))]
pub(crate) struct Upgrade(pub(crate) WebSocketUpgrade);

impl From<PathRejection> for ApiError {
    fn from(rejection: PathRejection) -> Self {
        Self::new(rejection.status(), rejection.body_text())
    }
}

impl From<QueryRejection> for ApiError {
    fn from(rejection: QueryRejection) -> Self {
        Self::new(rejection.status(), rejection.body_text())
    }
}

impl From<WebSocketUpgradeRejection> for ApiError {
    fn from(rejection: WebSocketUpgradeRejection) -> Self {
        Self::new(rejection.status(), rejection.body_text())
    }
}

/// How list endpoints are paged through (retell-protocol H).
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Paging {
    limit: Option<usize>,
    pagination_key: Option<String>,
    sort_order: Option<String>,
}

/// One page of rows, each with its key.
pub(crate) fn page(mut rows: Vec<(String, Value)>, paging: &Paging) -> Value {
    if paging.sort_order.as_deref() == Some("descending") {
        rows.reverse();
    }
    let after = paging.pagination_key.as_ref();
    let begin = after.map_or(0, |after| {
        rows.iter()
            .position(|(key, _)| key == after)
            .map_or(rows.len(), |place| place + 1)
    });
    let limit = paging.limit.unwrap_or(50).clamp(1, 1_000);
    let has_more = rows.len() > begin + limit;
    let items: Vec<(String, Value)> = rows.into_iter().skip(begin).take(limit).collect();
    let last = items
        .last()
        .map(|(key, _)| key.clone())
        .filter(|_| has_more);
    let items: Vec<Value> = items.into_iter().map(|(_, row)| row).collect();
    let mut page = json!({ "items": items, "has_more": has_more });
    if let (Some(last), Value::Object(page)) = (last, &mut page) {
        page.insert("pagination_key".to_owned(), Value::String(last));
    }
    page
}
