//! Small handles on the browser that clean up after themselves: listeners,
//! timers, requests, performance marks.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Document, EventTarget, Response, Window};

use super::json;

/// The window. There is always one: the bundles run in documents only.
#[must_use]
pub fn window() -> Window {
    js_sys::global().unchecked_into()
}

/// The document.
///
/// # Panics
/// Outside of a page.
#[must_use]
pub fn document() -> Document {
    // A window that runs scripts has a document.
    window().document().expect("a page")
}

/// Calls a method the bindings lack or cannot see failing.
///
/// # Errors
/// What the method threw, or that there is none.
pub fn call(object: &JsValue, method: &str, argument: &JsValue) -> Result<JsValue, JsValue> {
    json::get(object, method)
        .dyn_into::<Function>()?
        .call1(object, argument)
}

/// Whether text of the page is selected.
#[must_use]
pub fn is_selecting() -> bool {
    call(&window(), "getSelection", &JsValue::UNDEFINED)
        .is_ok_and(|selection| json::boolean(&selection, "isCollapsed") == Some(false))
}

/// Sets a performance mark, for benchmarks and for anybody's own monitoring.
pub fn mark(name: &str) {
    if let Some(performance) = window().performance() {
        // Only reserved names are refused; ours have a prefix.
        let _ = performance.mark(name);
    }
}

/// Whether the page cannot be seen at the moment.
#[must_use]
pub fn is_hidden() -> bool {
    window()
        .document()
        .is_some_and(|document| document.hidden())
}

/// Runs a future in the background. Boxed, so that the machinery around it is
/// compiled once and not for every future.
pub fn spawn(future: impl Future<Output = ()> + 'static) {
    spawn_boxed(Box::pin(future));
}

/// Apart from [`spawn`], so that each crate that spawns does not hold the machinery
/// anew.
fn spawn_boxed(future: Pin<Box<dyn Future<Output = ()>>>) {
    wasm_bindgen_futures::spawn_local(future);
}

/// Waits for a promise.
///
/// # Errors
/// What the promise was rejected with.
pub async fn wait(promise: Promise) -> Result<JsValue, JsValue> {
    JsFuture::from(promise).await
}

/// An event listener that is removed when it is dropped.
pub struct Listener {
    target: EventTarget,
    name: &'static str,
    callback: Closure<dyn FnMut(JsValue)>,
}

impl Listener {
    /// Listens to `name` on `target`.
    pub fn new(
        target: &EventTarget,
        name: &'static str,
        callback: impl FnMut(JsValue) + 'static,
    ) -> Self {
        Self::boxed(target, name, Box::new(callback))
    }

    fn boxed(target: &EventTarget, name: &'static str, callback: Box<dyn FnMut(JsValue)>) -> Self {
        let callback = Closure::wrap(callback);
        // Fails only for a callback that is no function.
        let _ = target.add_event_listener_with_callback(name, callback.as_ref().unchecked_ref());
        Self {
            target: target.clone(),
            name,
            callback,
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let callback = self.callback.as_ref().unchecked_ref();
        let _ = self
            .target
            .remove_event_listener_with_callback(self.name, callback);
    }
}

impl std::fmt::Debug for Listener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// A timeout that can be set again and again; cleared when it is dropped.
#[derive(Debug)]
pub struct Timer {
    callback: Closure<dyn FnMut()>,
    id: Rc<Cell<Option<i32>>>,
}

impl Timer {
    /// A timer that is not set.
    pub fn new(mut callback: impl FnMut() + 'static) -> Self {
        let id = Rc::new(Cell::new(None));
        let fired = id.clone();
        let callback = Closure::<dyn FnMut()>::new(move || {
            fired.set(None);
            callback();
        });
        Self { callback, id }
    }

    /// Fires once, `ms` from now, instead of when it was set to before.
    pub fn set(&self, ms: u64) {
        self.clear();
        let callback = self.callback.as_ref().unchecked_ref();
        let ms = i32::try_from(ms).unwrap_or(i32::MAX);
        let id = window().set_timeout_with_callback_and_timeout_and_arguments_0(callback, ms);
        self.id.set(id.ok());
    }

    /// Does not fire.
    pub fn clear(&self) {
        if let Some(id) = self.id.take() {
            window().clear_timeout_with_handle(id);
        }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.clear();
    }
}

/// Acts once, `ms` from now, and cannot be called off.
pub fn later(ms: i32, act: impl FnOnce() + 'static) {
    let act = once(Box::new(act));
    // Fails only for a callback that is no function.
    let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(&act, ms);
}

/// Acts when the browser draws the next frame.
pub fn next_frame(act: impl FnOnce() + 'static) {
    let act = once(Box::new(act));
    // Fails only for a callback that is no function.
    let _ = window().request_animation_frame(&act);
}

/// A function that acts once.
fn once(act: Box<dyn FnOnce()>) -> Function {
    Closure::once_into_js(act).unchecked_into()
}

/// A file of JSON of ours, which a cache may have; `None` when it does not come. Boxed
/// for the same reason as what [`spawn`] spawns.
pub fn download(address: &str) -> Pin<Box<dyn Future<Output = Option<JsValue>>>> {
    let request = Request {
        method: "GET",
        url: address,
        token: None,
        body: None,
        keepalive: false,
    };
    let sent = request.send_with("default", JsValue::UNDEFINED);
    Box::pin(async move {
        let body = text(&sent.await.ok()?).await.ok()?;
        json::parse(&body)
    })
}

/// A request to be sent with [`Request::send`].
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// `POST`, `PATCH` …
    pub method: &'a str,
    /// Where to.
    pub url: &'a str,
    /// The bearer token, if one is needed.
    pub token: Option<&'a str>,
    /// The body's media type, and the body.
    pub body: Option<(&'a str, &'a str)>,
    /// Whether to go on while the page goes away.
    pub keepalive: bool,
}

impl Request<'_> {
    /// Sends it, now, and gives what waits for the answer. Any answer is `Ok`,
    /// whatever its status.
    ///
    /// # Errors
    /// When no answer came: the network, or the other side's CORS rules.
    pub fn send(self) -> impl Future<Output = Result<Response, JsValue>> + use<> {
        self.send_with("no-store", JsValue::UNDEFINED)
    }

    /// Sends it, and gives up when no answer came within `ms`.
    ///
    /// # Errors
    /// As [`Request::send`].
    pub fn send_within(self, ms: f64) -> impl Future<Output = Result<Response, JsValue>> + use<> {
        let signal = json::get(&js_sys::global(), "AbortSignal");
        let signal = call(&signal, "timeout", &JsValue::from_f64(ms));
        // Without it in browsers before 2022.
        self.send_with("no-store", signal.unwrap_or_default())
    }

    fn send_with(
        self,
        cache: &str,
        signal: JsValue,
    ) -> impl Future<Output = Result<Response, JsValue>> + use<> {
        let (mut media_type, mut body) = (JsValue::UNDEFINED, JsValue::UNDEFINED);
        if let Some((its_type, text)) = self.body {
            media_type = JsValue::from_str(its_type);
            body = JsValue::from_str(text);
        }
        let headers = [
            ("authorization", bearer(self.token)),
            ("content-type", media_type),
        ];
        let init = json::object(&[
            ("method", JsValue::from_str(self.method)),
            ("headers", json::object(&headers)),
            ("body", body),
            ("keepalive", JsValue::from_bool(self.keepalive)),
            ("cache", JsValue::from_str(cache)),
            ("signal", signal),
        ]);
        let sent = window().fetch_with_str_and_init(self.url, init.unchecked_ref());
        async { Ok(wait(sent).await?.unchecked_into()) }
    }
}

/// What a token is sent as; `undefined` without one.
pub(super) fn bearer(token: Option<&str>) -> JsValue {
    token.map_or(JsValue::UNDEFINED, |token| {
        let mut bearer = String::from("Bearer ");
        bearer.push_str(token);
        JsValue::from_str(&bearer)
    })
}

/// The answer's body as text.
///
/// # Errors
/// When the body broke off.
pub async fn text(response: &Response) -> Result<String, JsValue> {
    let text = wait(response.text()?).await?;
    text.as_string().ok_or(JsValue::UNDEFINED)
}
