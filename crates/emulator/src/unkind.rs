//! JSON as a stranger writes it: fields in an order nobody expects, and fields
//! nobody has heard of. Whoever reads what Retell sends has to live with both.

use serde_json::{Map, Value, json};

/// A field no version of Retell has.
const UNHEARD_OF: &str = "zz_added_by_a_later_version";

/// The JSON text of a value; as it stands if it is to be gentle.
pub(crate) fn text(value: &Value, gentle: bool) -> String {
    if gentle {
        return value.to_string();
    }
    let mut value = value.clone();
    add_to(&mut value);
    if let Value::Array(items) = &mut value {
        items.iter_mut().for_each(add_to);
    }
    if let Value::Object(fields) = &mut value {
        for inner in ["call", "chat", "call_inbound"] {
            if let Some(inner) = fields.get_mut(inner) {
                add_to(inner);
            }
        }
        if let Some(Value::Array(items)) = fields.get_mut("items") {
            items.iter_mut().for_each(add_to);
        }
    }
    let mut text = String::new();
    write(&value, &mut text);
    text
}

fn add_to(value: &mut Value) {
    if let Value::Object(fields) = value {
        let unheard = json!({ "kind": "unknown", "parts": [null, 1.5, { "deeper": [] }] });
        fields.insert(UNHEARD_OF.to_owned(), unheard);
    }
}

/// Writes objects from their last field to their first.
fn write(value: &Value, text: &mut String) {
    match value {
        Value::Object(fields) => write_fields(fields, text),
        Value::Array(items) => {
            text.push('[');
            for (n, item) in items.iter().enumerate() {
                if n > 0 {
                    text.push_str(", ");
                }
                write(item, text);
            }
            text.push(']');
        }
        plain => text.push_str(&plain.to_string()),
    }
}

fn write_fields(fields: &Map<String, Value>, text: &mut String) {
    text.push('{');
    for (n, (name, value)) in fields.iter().rev().enumerate() {
        if n > 0 {
            text.push_str(", ");
        }
        text.push_str(&Value::from(name.as_str()).to_string());
        text.push_str(": ");
        write(value, text);
    }
    text.push('}');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_there_is_still_there() {
        let value = json!({"a": [1, {"b": "\"x\""}], "call": {"call_id": "c"}, "z": null});
        let mut read: Value = serde_json::from_str(&text(&value, false)).unwrap();
        assert!(read[UNHEARD_OF].is_object() && read["call"][UNHEARD_OF].is_object());
        read.as_object_mut().unwrap().remove(UNHEARD_OF);
        read["call"].as_object_mut().unwrap().remove(UNHEARD_OF);
        assert_eq!(read, value);
        assert_eq!(text(&value, true), value.to_string());
        let list: Value = serde_json::from_str(&text(&json!([{"a": 1}, 2]), false)).unwrap();
        assert!(list[0][UNHEARD_OF].is_object() && list[0]["a"] == 1 && list[1] == 2);
    }
}
