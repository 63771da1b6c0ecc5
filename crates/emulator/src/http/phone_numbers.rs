//! Phone numbers (retell-protocol H4): list and get.

use axum::extract::{Path, Query, State};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::Value;

use crate::app::App;

use super::body::{Paging, page};
use super::error::ApiError;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/v2/list-phone-numbers", get(list))
        .route("/get-phone-number/{number}", get(one))
}

async fn list(State(app): State<App>, Query(paging): Query<Paging>) -> Json<Value> {
    let numbers = app.phone_numbers();
    let rows = numbers.iter().map(|fields| {
        let id = fields
            .get("phone_number")
            .and_then(Value::as_str)
            .unwrap_or_default();
        (id.to_owned(), Value::Object(fields.clone()))
    });
    Json(page(rows.collect(), &paging))
}

async fn one(State(app): State<App>, Path(number): Path<String>) -> Result<Json<Value>, ApiError> {
    let numbers = app.phone_numbers();
    let found = numbers.get(&number).cloned();
    found
        .map(|fields| Json(Value::Object(fields)))
        .ok_or_else(|| ApiError::unprocessable("Phone number not found"))
}
