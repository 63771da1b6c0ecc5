//! What is typed of a contact, and what is kept of it. Pure.

use serde_json::{Map, Value};

/// The numbers in a line of them.
pub(super) fn numbers(line: &str) -> Vec<String> {
    let numbers = line.split(',').map(str::trim);
    numbers
        .filter(|number| !number.is_empty())
        .map(str::to_owned)
        .collect()
}

/// A business's own fields, one a line.
pub(super) fn lines(fields: &Map<String, Value>) -> String {
    let lines: Vec<_> = fields
        .iter()
        .map(|(name, value)| format!("{name}: {}", plain(value)))
        .collect();
    lines.join("\n")
}

/// The fields in these lines. What is written as before is what it was, a number or a list
/// included; a line without a colon is a field with nothing in it.
pub(super) fn fields(lines: &str, before: &Map<String, Value>) -> Map<String, Value> {
    let of_line = |line: &str| {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let (name, value) = (name.trim(), value.trim());
        let kept = before.get(name).filter(|kept| plain(kept) == value);
        let value = kept.cloned().unwrap_or_else(|| value.into());
        (!name.is_empty()).then(|| (name.to_owned(), value))
    };
    lines.lines().filter_map(of_line).collect()
}

/// A value of a field, on one line.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.replace('\n', " ").trim().to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_that_are_not_touched_stay_what_they_are() {
        let before = json!({"plan": "gold", "visits": 3, "pets": ["Rex"], "note": "a\nb"});
        let before = before.as_object().unwrap();
        let typed = lines(before);
        assert_eq!(fields(&typed, before), *before);
        let changed = typed.replace("visits: 3", "visits: 4") + "\nseat: 12: left\n: x\nempty";
        let changed = fields(&changed, before);
        assert_eq!(changed["visits"], "4");
        assert_eq!(changed["pets"], json!(["Rex"]));
        assert_eq!(
            (&changed["seat"], &changed["empty"]),
            (&json!("12: left"), &json!(""))
        );
        assert_eq!(changed.len(), 6);
    }

    #[test]
    fn numbers_are_what_stands_between_commas() {
        assert_eq!(
            numbers(" +34 612 34 56 78, 911230100,, "),
            ["+34 612 34 56 78", "911230100"]
        );
    }
}
