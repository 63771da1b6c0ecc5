//! Files between this machine and the server.

use api::contact_files::{RefusedLine, RefusedPage};
use js_sys::{Array, Function, Reflect};
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlAnchorElement, RequestCredentials, RequestInit, Response};

use super::refused;
use crate::data::api_client;
use browser::ui::http::{self, Failure, escape};
use browser::ui::{json, web};

/// The file somebody chose in an input, or dropped.
pub(super) fn chosen(files: &JsValue) -> Option<JsValue> {
    let file = json::get(&json::get(files, "files"), "0");
    file.is_object().then_some(file)
}

/// What a file is called.
pub(super) fn name(file: &JsValue) -> String {
    json::string(file, "name").unwrap_or_default()
}

/// Sends a file or a text as it is, and waits for the answer however long it takes.
pub(super) async fn upload<T: DeserializeOwned>(path: &str, file: &JsValue) -> Result<T, Failure> {
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_credentials(RequestCredentials::SameOrigin);
    init.set_body(file);
    let sent = web::window().fetch_with_str_and_init(path, &init);
    let response = web::wait(sent).await.map_err(|_| Failure::Offline)?;
    let response: Response = response.dyn_into().map_err(|_| Failure::Offline)?;
    let text = response.text().map_err(|_| Failure::Offline)?;
    let text = web::wait(text).await.map_err(|_| Failure::Offline)?;
    let text = text.as_string().unwrap_or_default();
    match response.ok() {
        true => api_client::read(&text),
        false => Err(http::problem(response.status(), &text)),
    }
}

/// Every line that was refused of a file.
pub(super) async fn all_refused(path: String) -> Result<Vec<RefusedLine>, Failure> {
    let mut lines = Vec::new();
    let mut cursor = None::<String>;
    loop {
        let after = cursor.map(|it| format!("&cursor={}", escape(&it)));
        let address = format!("{path}/refused?limit=200{}", after.unwrap_or_default());
        let page: RefusedPage = api_client::get(&address).await?;
        lines.extend(page.items);
        cursor = page.next_cursor;
        if cursor.is_none() {
            return Ok(lines);
        }
    }
}

/// Gives a text out as a file of this name.
pub(super) fn give_out(name: &str, text: &str) {
    let global = js_sys::global();
    let Ok(blob) = json::get(&global, "Blob").dyn_into::<Function>() else {
        return;
    };
    let kind = json::object(&[("type", JsValue::from_str("text/csv;charset=utf-8"))]);
    let parts = Array::of2(&JsValue::from_str(refused::MARK), &JsValue::from_str(text));
    let url = Reflect::construct(&blob, &Array::of2(&parts, &kind))
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
