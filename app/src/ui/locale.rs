//! `toLocaleString` for dates.

use js_sys::{Date, Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};

use super::i18n::Lang;

/// A date in the reader's language. Goes through `Reflect` because a time zone
/// the browser does not know is an exception, which a typed binding would turn
/// into a panic; here it is `None`.
pub(super) fn date(date: &Date, lang: Lang, options: &JsValue) -> Option<String> {
    let method = Reflect::get(date, &JsValue::from_str("toLocaleString")).ok()?;
    let method: Function = method.dyn_into().ok()?;
    method
        .call2(date, &JsValue::from_str(&lang.locale()), options)
        .ok()?
        .as_string()
}
