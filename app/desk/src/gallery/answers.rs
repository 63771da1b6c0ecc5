//! What components ask the server for, without a server.

use js_sys::{Function, Promise};
use leptos::web_sys::Response;
use serde_json::{Map, Value};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};

use browser::ui::{json, time, web};

/// The answers, by address, with what follows its question mark or without. `"@540"` is nine
/// o'clock of today (UTC), as Unix ms: what is booked is shown in the week in which it is.
const ANSWERS: &str = include_str!("answers.json");

/// Has `fetch` answer from the file. What is `null` there never comes, and what
/// is not there fails. Sound is no text: recordings are fetched.
pub(super) fn give() {
    let answers: Map<String, Value> = serde_json::from_str(ANSWERS).unwrap_or_default();
    let answers: Map<_, _> = answers
        .into_iter()
        .map(|(address, answer)| (address, dated(answer)))
        .collect();
    let own_fetch: Function = json::get(&web::window(), "fetch").unchecked_into();
    let fetch = Closure::<dyn Fn(String) -> Promise>::new(move |address: String| {
        if address.ends_with("/recording") {
            let fetched = own_fetch.call1(&JsValue::UNDEFINED, &address.into());
            return fetched.map_or_else(|error| Promise::reject(&error), JsCast::unchecked_into);
        }
        let (path, _) = address.split_once('?').unwrap_or((&address, ""));
        let response = match answers.get(&address).or_else(|| answers.get(path)) {
            Some(Value::Null) => return Promise::new(&mut |_, _| {}),
            Some(answer) => Response::new_with_opt_str(Some(&answer.to_string())),
            None => Ok(Response::error()),
        };
        Promise::resolve(&response.map_or(JsValue::UNDEFINED, JsValue::from))
    });
    json::set(&web::window(), "fetch", fetch.as_ref());
    // For as long as there is the page.
    fetch.forget();
}

/// The answer with today's times in their places.
fn dated(answer: Value) -> Value {
    const MINUTE_MS: i64 = 60_000;
    const DAY_MS: i64 = 24 * 60 * MINUTE_MS;
    let moment = |text: &str| text.strip_prefix('@')?.parse::<i64>().ok();
    match answer {
        Value::String(text) => match moment(&text) {
            Some(minutes) => (time::now() / DAY_MS * DAY_MS + minutes * MINUTE_MS).into(),
            None => Value::String(text),
        },
        Value::Array(all) => all.into_iter().map(dated).collect(),
        Value::Object(fields) => {
            let fields = fields.into_iter();
            Value::Object(fields.map(|(name, value)| (name, dated(value))).collect())
        }
        other => other,
    }
}
