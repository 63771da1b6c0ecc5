//! Numbers as people write them in their language.

use js_sys::{Array, Intl, Object};
use wasm_bindgen::{JsCast, JsValue};

use super::i18n::Lang;
use super::json;

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

fn format(amount: f64, lang: Lang, options: &JsValue) -> String {
    let locales = Array::of1(&JsValue::from_str(&lang.locale()));
    let options: &Object = options.unchecked_ref();
    // The options above are ones every browser knows.
    let format = Intl::NumberFormat::new(&locales, options).format();
    let text = format.call1(&JsValue::UNDEFINED, &JsValue::from_f64(amount));
    text.ok()
        .and_then(|text| text.as_string())
        .unwrap_or_default()
}
