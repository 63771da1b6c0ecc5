//! Voices (retell-protocol H5).

use axum::routing::get;
use axum::{Json, Router};
use serde_json::Value;

use crate::app::App;
use crate::voices;

use super::body::Path;
use super::error::ApiError;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/list-voices", get(list))
        .route("/get-voice/{id}", get(one))
}

async fn list() -> Json<Vec<Value>> {
    Json(voices::all())
}

async fn one(Path(id): Path<String>) -> Result<Json<Value>, ApiError> {
    let mut voices = voices::all().into_iter();
    let voice = voices.find(|voice| voice.get("voice_id").is_some_and(|known| known == &id));
    voice
        .map(Json)
        .ok_or_else(|| ApiError::unprocessable("Voice not found"))
}
