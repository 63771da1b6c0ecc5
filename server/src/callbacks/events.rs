//! What is told of a call-back.

use serde_json::{Map, Value, json};

use super::NewCallbackRow;
use crate::notify::event::{Event, EventType, iso, payload};

/// Somebody asked to be called back.
#[must_use]
pub fn callback_requested(callback: &NewCallbackRow, now: i64) -> Event {
    let asked = &callback.request;
    let data = json!({
        "callback_id": asked.id,
        "name": asked.name,
        "caller_phone_e164": asked.phone.as_str(),
        "agent_id": asked.agent_id,
        "language": asked.language,
        "page_url": asked.page_url,
        "call_at": callback.at().map(iso),
    });
    of_callback(&data, now)
}

fn of_callback(data: &Value, now: i64) -> Event {
    let mut payload = payload(data);
    payload.insert("desk_url".to_owned(), "/desk/callbacks".into());
    Event {
        kind: EventType::CallbackRequested,
        happened_at: now,
        payload,
    }
}

/// What an event of this domain looks like.
#[must_use]
pub fn example(kind: &str, now: i64) -> Option<Map<String, Value>> {
    if kind != EventType::CallbackRequested.name() {
        return None;
    }
    let data = json!({
        "callback_id": "callback_example",
        "name": "Ana",
        "caller_phone_e164": "+14155550123",
        "agent_id": "agent_example",
        "language": "en",
        "page_url": "https://www.example.com/prices",
        "call_at": iso(now),
    });
    Some(of_callback(&data, now).payload)
}
