//! Files that the page itself gives out.

use js_sys::{Array, Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::HtmlAnchorElement;

use browser::ui::{json, web};

/// Gives texts or bytes out as one file of this name and media type.
pub(crate) fn give_out(name: &str, kind: &str, parts: &Array) {
    let global = js_sys::global();
    let Ok(blob) = json::get(&global, "Blob").dyn_into::<Function>() else {
        return;
    };
    let kind = json::object(&[("type", JsValue::from_str(kind))]);
    let url = Reflect::construct(&blob, &Array::of2(parts, &kind))
        .and_then(|blob| web::call(&json::get(&global, "URL"), "createObjectURL", &blob));
    let link = web::document().create_element("a").ok();
    let link = link.and_then(|it| it.dyn_into::<HtmlAnchorElement>().ok());
    if let (Ok(url), Some(link)) = (url, link) {
        link.set_href(&url.as_string().unwrap_or_default());
        link.set_download(name);
        link.click();
        // The download has begun, and holds what it needs.
        let _ = web::call(&json::get(&global, "URL"), "revokeObjectURL", &url);
    }
}
