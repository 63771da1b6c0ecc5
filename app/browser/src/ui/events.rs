//! A Server-Sent Events stream that keeps itself open until it is dropped: `stream.js` reads it,
//! this hears what it tells.

use wasm_bindgen::{JsCast, JsValue};

use super::json;
use super::web::{self, Listener};

/// What a stream tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal<'a> {
    /// It is open. When not `resumed`, events may have been missed before.
    Open {
        /// The server was told the last event we had.
        resumed: bool,
    },
    /// An event.
    Event {
        /// Its name.
        name: &'a str,
        /// Its data, usually JSON.
        data: &'a str,
    },
    /// The connection is lost, or there is none; it is tried again after a pause.
    Lost,
    /// The server answered with an error or with "no more"; a new stream is
    /// tried after a pause, unless this one is dropped.
    Refused,
}

/// An open stream. Dropping it closes it and stops every retry.
#[derive(Debug)]
pub struct EventStream {
    reading: JsValue,
    _told: Listener,
}

impl EventStream {
    /// Opens the stream and tells `handler` what happens on it. `token` is the bearer's, if one
    /// is needed.
    pub fn open(url: &str, token: Option<&str>, handler: impl Fn(Signal<'_>) + 'static) -> Self {
        let headers = json::object(&[("authorization", web::bearer(token))]);
        let of = json::object(&[("url", url.into()), ("headers", headers.clone())]);
        // The script runs before us.
        let reading = web::call(&web::window(), "switchboardStream", &of).unwrap_or_default();
        let told = Listener::new(reading.unchecked_ref(), "told", move |event| {
            let name = json::string(&event, "name").unwrap_or_default();
            let data = json::string(&event, "data");
            handler(match (&*name, data.as_deref()) {
                (name, Some(data)) => Signal::Event { name, data },
                ("open", None) => Signal::Open {
                    resumed: !json::get(&headers, "last-event-id").is_undefined(),
                },
                ("lost", None) => Signal::Lost,
                (_, None) => Signal::Refused,
            });
        });
        Self {
            reading,
            _told: told,
        }
    }
}

impl Drop for EventStream {
    fn drop(&mut self) {
        // It has one.
        let _ = web::call(&self.reading, "close", &JsValue::UNDEFINED);
    }
}
