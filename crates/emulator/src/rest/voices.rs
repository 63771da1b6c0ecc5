//! Voices (retell-protocol H5): all of them sound the same here.

use serde_json::{Value, json};

use super::Outcome;
use super::asked::Asked;
use crate::error::ApiError;
use crate::resources::Fields;
use crate::resources::kinds::VOICE;

/// What can be found: provider's id, owner, name and description.
const COMMUNITY: [[&str; 4]; 3] = [
    [
        "community-amber",
        "user-1",
        "Amber",
        "Warm and slow, for bed-time stories",
    ],
    [
        "community-felix",
        "user-2",
        "Felix",
        "Young and quick, for support",
    ],
    [
        "community-ines",
        "user-3",
        "Inés",
        "Friendly, Spanish and English",
    ],
];

pub(super) fn search(asked: &Asked) -> Outcome {
    let query = asked
        .text("search_query")
        .unwrap_or_default()
        .to_lowercase();
    let found = COMMUNITY
        .iter()
        .filter(|voice| voice.join(" ").to_lowercase().contains(&query));
    let found = found.map(|[id, owner, name, description]| {
        json!({
            "provider_voice_id": id,
            "public_user_id": owner,
            "name": name,
            "description": description,
        })
    });
    Ok(json!({ "voices": found.collect::<Vec<Value>>() }))
}

pub(super) fn add(asked: &Asked) -> Outcome {
    make(asked, asked.text("voice_provider").unwrap_or("elevenlabs"))
}

pub(super) fn clone(asked: &Asked) -> Outcome {
    let files = asked
        .body
        .get("files")
        .and_then(Value::as_array)
        .map_or(0, Vec::len);
    if !(1..=25).contains(&files) {
        return Err(ApiError::bad_request("files: must be 1 to 25".to_owned()));
    }
    make(asked, asked.text("voice_provider").unwrap_or_default())
}

fn make(asked: &Asked, provider: &str) -> Outcome {
    let fields = [
        ("voice_name", asked.text("voice_name").unwrap_or_default()),
        ("provider", provider),
        ("gender", "female"),
    ];
    let fields: Fields = fields
        .map(|(name, value)| (name.to_owned(), value.into()))
        .into_iter()
        .collect();
    let voice = asked
        .workspace
        .store()
        .create(&VOICE, fields, asked.now_ms())?;
    Ok(Value::Object(voice))
}
