//! `toLocaleString`, which dates and numbers share.

use js_sys::{Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};

use super::i18n::Lang;

/// A date or number in the reader's language. Goes through `Reflect` because
/// an option the browser does not know (a time zone) is an exception, which a
/// typed binding would turn into a panic; here it is `None`.
pub(super) fn to_locale_string(value: &JsValue, lang: Lang, options: &JsValue) -> Option<String> {
    let method = Reflect::get(value, &JsValue::from_str("toLocaleString")).ok()?;
    let method: Function = method.dyn_into().ok()?;
    method
        .call2(value, &JsValue::from_str(lang.tag()), options)
        .ok()?
        .as_string()
}
