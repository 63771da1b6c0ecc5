//! Our event streams as HTTP answers.

use std::convert::Infallible;
use std::time::Duration;

use axum::http::{HeaderName, HeaderValue};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, Stream, StreamExt};

use crate::live::Frame;

/// How long a browser waits before it reconnects: the server may just restart.
const RETRY: Duration = Duration::from_secs(2);

/// Proxies and browsers drop connections on which nothing comes.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// An event stream of these frames.
pub(super) fn response(frames: impl Stream<Item = Frame> + Send + 'static) -> Response {
    let hint = stream::once(async { Event::default().retry(RETRY) });
    let events = hint.chain(frames.map(event)).map(Ok::<_, Infallible>);
    let keep_alive = KeepAlive::new().interval(HEARTBEAT).text("");
    let mut response = Sse::new(events).keep_alive(keep_alive).into_response();
    // nginx would collect events before it passes them on.
    response.headers_mut().insert(
        HeaderName::from_static("x-accel-buffering"),
        HeaderValue::from_static("no"),
    );
    response
}

fn event(frame: Frame) -> Event {
    let event = Event::default().event(frame.event).data(frame.data);
    match frame.id {
        Some(id) => event.id(id),
        None => event,
    }
}

/// What the browser had when its stream broke: its `Last-Event-ID`.
pub(super) fn last_event_id(headers: &axum::http::HeaderMap) -> Option<&str> {
    headers.get("last-event-id")?.to_str().ok()
}
