//! The voices to choose from (retell-protocol H5). All of them sound the same
//! here: the emulator has one voice per language.

use serde_json::{Value, json};

/// All voices.
pub(crate) fn all() -> Vec<Value> {
    let voices = [
        (
            "retell-Cimo",
            "Cimo",
            "elevenlabs",
            "female",
            "American",
            "Middle Aged",
        ),
        (
            "11labs-Adrian",
            "Adrian",
            "elevenlabs",
            "male",
            "American",
            "Young",
        ),
        (
            "openai-Alloy",
            "Alloy",
            "openai",
            "female",
            "American",
            "Young",
        ),
        (
            "cartesia-Lucia",
            "Lucía",
            "cartesia",
            "female",
            "Spanish",
            "Young",
        ),
        (
            "cartesia-Anna",
            "Anna",
            "cartesia",
            "female",
            "German",
            "Middle Aged",
        ),
    ];
    voices
        .iter()
        .map(|(id, name, provider, gender, accent, age)| {
            json!({
                "voice_id": id,
                "voice_name": name,
                "provider": provider,
                "gender": gender,
                "accent": accent,
                "age": age,
            })
        })
        .collect()
}
