//! Values made from shapes, for tests.

use serde_json::{Map, Value, json};

use crate::LIMITS;
use crate::shape::{Kind, Shape};

/// A value of this shape; `name` is the property it is for.
pub(crate) fn of(
    shape: &Shape,
    name: Option<&str>,
    choose: &mut dyn FnMut(usize) -> usize,
) -> Value {
    let shape = shape.resolved();
    if !shape.any_of.is_empty() {
        let chosen = choose(shape.any_of.len());
        return of(&shape.any_of[chosen], name, choose);
    }
    if let Some(constant) = &shape.constant {
        return constant.clone();
    }
    if !shape.one_of.is_empty() {
        return shape.one_of[choose(shape.one_of.len())].clone();
    }
    let limit = name.and_then(|name| LIMITS.properties.get(name));
    let number = limit.and_then(|limit| limit.minimum.or(limit.maximum));
    match shape.kind {
        None | Some(Kind::Null) => Value::Null,
        Some(Kind::Boolean) => Value::Bool(choose(2) == 1),
        Some(Kind::Integer) => {
            #[expect(clippy::cast_possible_truncation, reason = "limits are small")]
            let number = number.unwrap_or(1.0).ceil() as i64;
            json!(number)
        }
        Some(Kind::Number) => json!(number.unwrap_or(1.0)),
        Some(Kind::String | Kind::File) => {
            let least = limit.and_then(|limit| limit.min_length).unwrap_or(1);
            Value::String("x".repeat(least))
        }
        Some(Kind::Array) => {
            let least = limit.and_then(|limit| limit.min_items).unwrap_or(0);
            let count = least + choose(2);
            let items = shape.items.as_deref();
            let items = items.map(|item| (0..count).map(|_| of(item, None, choose)).collect());
            Value::Array(items.unwrap_or_default())
        }
        Some(Kind::Object) => {
            let mut fields = Map::new();
            for (name, field) in &shape.properties {
                if shape.required.contains(name) || choose(2) == 1 {
                    fields.insert(name.clone(), of(field, Some(name), choose));
                }
            }
            Value::Object(fields)
        }
    }
}
