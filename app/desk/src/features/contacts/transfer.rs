//! Files from this machine to the server, and what it says of them.

use api::contact_files::{RefusedLine, RefusedPage};
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{RequestCredentials, RequestInit, Response};

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
