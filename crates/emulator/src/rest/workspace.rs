//! The workspace itself: key, concurrency and assets (retell-protocol H9).

use serde_json::{Value, json};

use super::Outcome;
use super::asked::Asked;
use crate::error::ApiError;
use crate::resources::Fields;
use crate::resources::kinds::ASSET;

pub(super) fn key_info(asked: &Asked) -> Outcome {
    Ok(json!({
        "org_id": asked.workspace.org_id(),
        "org_name": "Retell Emulator",
        "api_key_name": "Emulator key",
    }))
}

pub(super) fn concurrency(asked: &Asked) -> Outcome {
    let limit = asked.app.settings().concurrency_limit;
    Ok(json!({
        "current_concurrency": asked.app.calls().active_of(&asked.workspace),
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

/// The most an asset may have, in bytes.
const MAX_ASSET: u64 = 10 * 1024 * 1024;

/// Takes a sound or a picture; what it is, its type says.
pub(super) fn create_asset(asked: &Asked) -> Outcome {
    let file = asked.body.get("file").cloned().unwrap_or_default();
    let size = file["size"].as_u64().unwrap_or_default();
    if size > MAX_ASSET {
        return Err(ApiError::bad_request(
            "file: is larger than 10 MB".to_owned(),
        ));
    }
    let kind = file["type"].as_str().unwrap_or_default();
    if !(kind.starts_with("audio/") || kind.starts_with("image/")) {
        let message = "file: must be audio or an image".to_owned();
        asked.refuse(ApiError::bad_request(message))?;
    }
    let fields = json!({ "content_type": kind, "file_name": file["name"], "file_size": size });
    let fields: Fields = serde_json::from_value(fields).unwrap_or_default();
    let mut asset = asked
        .workspace
        .store()
        .create(&ASSET, fields, asked.now_ms())?;
    let id = asset
        .get(ASSET.id)
        .and_then(Value::as_str)
        .unwrap_or_default();
    let url = format!("{}/assets/{id}", asked.app.url);
    asset.insert("url".to_owned(), url.into());
    Ok(Value::Object(asset))
}
