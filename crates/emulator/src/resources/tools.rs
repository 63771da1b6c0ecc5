//! What no shape tells of the tools of a Retell LLM (retell-protocol C1).

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use serde_json::Value;

use super::Fields;

/// The longest name of a tool, in characters.
const MAX_NAME: usize = 64;

/// How long a function may be waited for, in ms.
const TIMEOUT_MS: RangeInclusive<u64> = 1_000..=600_000;

/// Checks the tools that a request brings.
///
/// # Errors
/// What is wrong, with its place.
pub(super) fn check(fields: &Fields) -> Result<(), String> {
    if let Some(tools) = fields.get("general_tools") {
        check_list("general_tools", tools)?;
    }
    let states = fields.get("states").and_then(Value::as_array);
    for (n, state) in states.into_iter().flatten().enumerate() {
        check_list(&format!("states[{n}].tools"), &state["tools"])?;
    }
    Ok(())
}

fn check_list(place: &str, tools: &Value) -> Result<(), String> {
    let mut names = BTreeSet::new();
    for (n, tool) in tools.as_array().into_iter().flatten().enumerate() {
        let name = tool["name"].as_str().unwrap_or_default();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
        if !(1..=MAX_NAME).contains(&name.len()) || !name.bytes().all(plain) {
            return Err(format!(
                "{place}[{n}].name: must be 1 to 64 of A-Z, a-z, 0-9, _ and -"
            ));
        }
        if !names.insert(name) {
            return Err(format!("{place}[{n}].name: {name} is another's already"));
        }
        if tool["type"] != "custom" {
            continue;
        }
        // A variable may stand for all of it.
        let beginnings = ["http://", "https://", "{{"];
        let url = tool["url"].as_str().unwrap_or_default();
        if !beginnings.iter().any(|it| url.starts_with(it)) {
            return Err(format!(
                "{place}[{n}].url: must begin with http:// or https://"
            ));
        }
        let timeout_ms = tool["timeout_ms"].as_u64();
        if timeout_ms.is_some_and(|it| !TIMEOUT_MS.contains(&it)) {
            return Err(format!("{place}[{n}].timeout_ms: must be 1000 to 600000"));
        }
    }
    Ok(())
}
