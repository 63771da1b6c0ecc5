//! One request to our own JSON API, and what can go wrong with it.

use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue, UnwrapThrowExt};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, AbortSignal, Headers, RequestCredentials, RequestInit, Response};

use super::{json, web};

/// How long an answer may take (ms).
const TIMEOUT_MS: u32 = 20_000;

/// Why there is no answer to use.
#[derive(Debug, Clone, PartialEq)]
pub enum Failure {
    /// The server cannot be reached.
    Offline,
    /// It did not answer in time.
    Timeout,
    /// It answered with an error.
    Problem {
        /// The HTTP status code.
        status: u16,
        /// The slug of the problem's type, as in `api::problem::slug`; empty
        /// when the answer was no problem document.
        slug: String,
        /// The JSON name of the member of what was sent that is wrong, with dots where it is
        /// nested; empty where it is no one member.
        field: String,
    },
}

/// Calls its requests off when it is dropped: nobody waits for their answers any more.
#[derive(Debug)]
pub struct Abort(AbortController);

impl Abort {
    /// Nothing is called off yet.
    ///
    /// # Panics
    /// In browsers before 2018, in which nothing of ours runs.
    #[must_use]
    pub fn new() -> Self {
        Self(AbortController::new().expect_throw("requests can be called off"))
    }

    /// Tells a request.
    #[must_use]
    pub fn signal(&self) -> AbortSignal {
        self.0.signal()
    }
}

impl Default for Abort {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Abort {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Sends a request with the session cookie; a body goes as JSON.
///
/// # Errors
/// Everything but an answer with a success status is a [`Failure`].
pub async fn request(method: &str, url: &str, body: Option<&str>) -> Result<String, Failure> {
    let in_time = AbortSignal::timeout_with_u32(TIMEOUT_MS);
    send(method, url, body, &in_time).await
}

/// Reads what is at an address; `signal` is an [`Abort`]'s.
///
/// # Errors
/// As [`request`]. Of what was called off nobody asks why it did not come.
pub async fn read(url: &str, signal: &AbortSignal) -> Result<String, Failure> {
    let in_time = AbortSignal::timeout_with_u32(TIMEOUT_MS);
    let either = web::call(
        &json::get(&js_sys::global(), "AbortSignal"),
        "any",
        &Array::of2(signal, &in_time),
    );
    // Without it in browsers before 2024: there it goes on, and nobody hears of it.
    let either = either.map_or(in_time, JsCast::unchecked_into);
    send("GET", url, None, &either).await
}

async fn send(
    method: &str,
    url: &str,
    body: Option<&str>,
    signal: &AbortSignal,
) -> Result<String, Failure> {
    let init = RequestInit::new();
    init.set_method(method);
    init.set_credentials(RequestCredentials::SameOrigin);
    init.set_signal(Some(signal));
    if let (Some(body), Ok(headers)) = (body, Headers::new()) {
        init.set_body(&JsValue::from_str(body));
        // Fails only for names and values that are no header.
        let _ = headers.set("content-type", "application/json");
        init.set_headers(&headers);
    }
    let window = web_sys::window().ok_or(Failure::Offline)?;
    let response = JsFuture::from(window.fetch_with_str_and_init(url, &init))
        .await
        .map_err(|error| transport(&error))?;
    let response: Response = response.dyn_into().map_err(|_| Failure::Offline)?;
    let text = response.text().map_err(|error| transport(&error))?;
    let text = JsFuture::from(text)
        .await
        .map_err(|error| transport(&error))?;
    let text = text.as_string().unwrap_or_default();
    if response.ok() {
        Ok(text)
    } else {
        Err(problem(response.status(), &text))
    }
}

/// One path segment or query value, escaped.
#[must_use]
pub fn escape(part: &str) -> String {
    js_sys::encode_uri_component(part).into()
}

fn transport(error: &JsValue) -> Failure {
    if json::string(error, "name").as_deref() == Some("TimeoutError") {
        Failure::Timeout
    } else {
        Failure::Offline
    }
}

/// What an answer with this status and body says went wrong.
#[must_use]
pub fn problem(status: u16, body: &str) -> Failure {
    let body = json::parse(body).unwrap_or(JsValue::UNDEFINED);
    let kind = json::string(&body, "type").unwrap_or_default();
    Failure::Problem {
        status,
        slug: kind
            .strip_prefix(api::problem::TYPE_PREFIX)
            .unwrap_or_default()
            .to_owned(),
        field: json::string(&body, "field").unwrap_or_default(),
    }
}
