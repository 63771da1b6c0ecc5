//! The workspace: key and concurrency (retell-protocol H9).

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::app::App;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/get-api-key-info", get(key_info))
        .route("/get-concurrency", get(concurrency))
}

async fn key_info() -> Json<Value> {
    Json(json!({
        "org_id": "org_emulator",
        "org_name": "Retell Emulator",
        "api_key_name": "Emulator key",
    }))
}

async fn concurrency(State(app): State<App>) -> Json<Value> {
    let limit = app.settings().concurrency_limit;
    Json(json!({
        "current_concurrency": app.calls().active(),
        "concurrency_limit": limit,
        "base_concurrency": limit,
        "purchased_concurrency": 0,
        "concurrency_purchase_limit": 0,
        "remaining_purchase_limit": 0,
        "reserved_inbound_concurrency": 0,
        "concurrency_burst_enabled": false,
        "concurrency_burst_limit": 0,
    }))
}
