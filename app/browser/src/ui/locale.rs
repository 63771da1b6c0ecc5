//! `toLocaleString` for dates.

use js_sys::{Date, Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// A date as a locale writes it. Goes through `Reflect` because a time zone
/// the browser does not know is an exception, which a typed binding would turn
/// into a panic; here it is `None`.
pub(super) fn date(date: &Date, locale: &str, options: &JsValue) -> Option<String> {
    let method = Reflect::get(date, &JsValue::from_str("toLocaleString")).ok()?;
    let method: Function = method.dyn_into().ok()?;
    method
        .call2(date, &JsValue::from_str(locale), options)
        .ok()?
        .as_string()
}
