//! JSON by the browser's own parser, read and written through `Reflect`.
//!
//! For the widget's path: the parser is already in the browser, `serde_json`
//! would be a third of the bundle. Reading is lenient: a missing or wrongly
//! typed member is `None`.

use js_sys::{Array, JSON, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// Parses a JSON text; `None` when it is not JSON.
#[must_use]
pub fn parse(text: &str) -> Option<JsValue> {
    JSON::parse(text).ok()
}

/// Writes a value as JSON; `None` for what JSON cannot say (a function, a cycle).
#[must_use]
pub fn stringify(value: &JsValue) -> Option<String> {
    JSON::stringify(value).ok()?.as_string()
}

/// Writes a value as JSON with line breaks, two spaces a level.
#[must_use]
pub fn stringify_indented(value: &JsValue) -> Option<String> {
    let (all, spaces) = (JsValue::NULL, JsValue::from_f64(2.0));
    JSON::stringify_with_replacer_and_space(value, &all, &spaces)
        .ok()?
        .as_string()
}

/// A member of an object; `undefined` when it is absent or `value` is no object.
#[must_use]
pub fn get(value: &JsValue, name: &str) -> JsValue {
    Reflect::get(value, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
}

/// A member that is a string.
#[must_use]
pub fn string(value: &JsValue, name: &str) -> Option<String> {
    get(value, name).as_string()
}

/// A member that is a number.
#[must_use]
pub fn number(value: &JsValue, name: &str) -> Option<f64> {
    get(value, name).as_f64()
}

/// A member that is a boolean.
#[must_use]
pub fn boolean(value: &JsValue, name: &str) -> Option<bool> {
    get(value, name).as_bool()
}

/// The elements of a member that is an array; none when it is something else.
#[must_use]
pub fn array(value: &JsValue, name: &str) -> Vec<JsValue> {
    get(value, name)
        .dyn_into::<Array>()
        .map(|array| array.iter().collect())
        .unwrap_or_default()
}

/// An object of the given members; those that are `undefined` are left out.
#[must_use]
pub fn object(members: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in members {
        if !value.is_undefined() {
            set(&object, name, value);
        }
    }
    object.into()
}

/// Sets a member.
pub fn set(object: &JsValue, name: &str, value: &JsValue) {
    // Fails only on a frozen object or on no object at all; ours are neither.
    let _ = Reflect::set(object, &JsValue::from_str(name), value);
}
