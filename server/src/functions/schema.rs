//! Arguments as a language model sends them, made to fit a function's schema where what
//! is meant is certain. Pure.

use serde_json::{Map, Value, json};

/// A schema of an object with these properties.
pub(super) fn object(properties: Value, required: &[&str]) -> Value {
    let mut schema = json!({"type": "object", "required": required});
    schema["properties"] = properties;
    schema
}

/// These properties, and those.
pub(super) fn with(mut properties: Value, more: Value) -> Value {
    if let (Value::Object(properties), Value::Object(more)) = (&mut properties, more) {
        properties.extend(more);
    }
    properties
}

/// A property that is a text.
pub(super) fn text(about: &str) -> Value {
    json!({"type": "string", "description": about})
}

/// The arguments as the schema has them: nothing that is empty or not asked for, numbers
/// as numbers and texts as texts.
///
/// # Errors
/// With what is wrong.
pub(super) fn fit(
    schema: &Value,
    arguments: Map<String, Value>,
) -> Result<Map<String, Value>, String> {
    let fitted: Map<_, _> = arguments
        .into_iter()
        .filter(|(_, value)| !value.is_null() && *value != "")
        .filter_map(|(name, value)| {
            let property = schema["properties"].get(&name)?;
            Some((name, fitted(property, value)))
        })
        .collect();
    let whole = Value::Object(fitted);
    retell_spec::check_schema(schema, &whole).map_err(|wrong| wrong.to_string())?;
    match whole {
        Value::Object(fitted) => Ok(fitted),
        _ => Ok(Map::new()),
    }
}

fn fitted(property: &Value, value: Value) -> Value {
    match (property["type"].as_str(), value) {
        (Some("integer"), Value::String(text)) => match text.trim().parse::<i64>() {
            Ok(number) => number.into(),
            Err(_) => text.into(),
        },
        (Some("string"), value @ (Value::Number(_) | Value::Bool(_))) => value.to_string().into(),
        (Some("string"), Value::String(text)) if property.get("enum").is_some() => {
            text.trim().to_lowercase().replace(' ', "_").into()
        }
        (_, value) => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_certain_is_made_to_fit_and_the_rest_is_refused() {
        let properties = json!({
            "phone": text("A number."), "duration": {"type": "integer"},
            "weekday": {"type": "string", "enum": ["monday"]},
        });
        let schema = object(properties, &["phone"]);
        let fit = |arguments: Value| fit(&schema, arguments.as_object().unwrap().clone());
        let fitted = fit(json!({
            "phone": 34_612_345_678_i64, "duration": " 45", "weekday": "Monday", "mood": "good",
        }));
        let expected = json!({"phone": "34612345678", "duration": 45, "weekday": "monday"});
        assert_eq!(Value::Object(fitted.unwrap()), expected);
        for wrong in [
            json!({}),
            json!({"phone": ""}),
            json!({"phone": []}),
            json!({"phone": "1", "duration": "long"}),
            json!({"phone": "1", "weekday": "someday"}),
        ] {
            assert!(fit(wrong.clone()).is_err(), "{wrong}");
        }
    }
}
