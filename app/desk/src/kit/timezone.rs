//! A field for a time zone, with the browser's own list to choose from.

use js_sys::Array;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};

use super::TextField;
use browser::ui::{json, web};

/// The IANA time zones the browser knows; none in an old browser.
fn known() -> Vec<String> {
    let intl = json::get(&web::window(), "Intl");
    web::call(&intl, "supportedValuesOf", &JsValue::from_str("timeZone"))
        .ok()
        .and_then(|zones| zones.dyn_into::<Array>().ok())
        .map(|zones| zones.iter().filter_map(|zone| zone.as_string()).collect())
        .unwrap_or_default()
}

/// Asks for an IANA time zone.
#[component]
pub(crate) fn TimezoneField(
    /// Unique on the page.
    #[prop(into)]
    id: String,
    #[prop(into)] label: Signal<&'static str>,
    value: RwSignal<String>,
) -> impl IntoView {
    let options = known()
        .into_iter()
        .map(|zone| view! { <option value=zone></option> })
        .collect_view();
    view! {
        <TextField id label value list="timezones" />
        <datalist id="timezones">{options}</datalist>
    }
}
