//! Numbers as people write them in their language.

use wasm_bindgen::JsValue;

use super::i18n::Lang;
use super::json;
use super::locale::to_locale_string;

/// An amount of US dollars.
#[must_use]
pub fn dollars(amount: f64, lang: Lang) -> String {
    let options = json::object(&[
        ("style", JsValue::from_str("currency")),
        ("currency", JsValue::from_str("USD")),
        ("maximumFractionDigits", JsValue::from_f64(3.0)),
    ]);
    format(amount, lang, &options)
}

/// A span of time in milliseconds.
#[must_use]
pub fn milliseconds(amount: f64, lang: Lang) -> String {
    let options = json::object(&[
        ("style", JsValue::from_str("unit")),
        ("unit", JsValue::from_str("millisecond")),
        ("maximumFractionDigits", JsValue::from_f64(0.0)),
    ]);
    format(amount, lang, &options)
}

/// Plain digits where the browser does not know how.
fn format(amount: f64, lang: Lang, options: &JsValue) -> String {
    to_locale_string(&JsValue::from_f64(amount), lang, options)
        .unwrap_or_else(|| amount.to_string())
}
