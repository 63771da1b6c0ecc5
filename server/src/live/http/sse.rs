//! Our event streams as HTTP answers.

use std::convert::Infallible;
use std::net::IpAddr;
use std::time::Duration;

use api::desk::event::HEARTBEAT;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, Stream, StreamExt};

use crate::live::{Context, Frame, Opened, Reader};
use crate::web::problem::{ApiError, too_many_open};

/// How long a browser waits before it reconnects: the server may just restart.
const RETRY: Duration = Duration::from_secs(2);

/// Proxies and browsers drop connections on which nothing comes.
const EVERY: Duration = Duration::from_secs(15);

/// Counts one more stream of somebody.
///
/// # Errors
/// When that is too many.
pub(crate) fn open(cx: &Context, ip: IpAddr, reader: Reader) -> Result<Opened, ApiError> {
    let opened = cx.streams.open(ip, reader);
    opened.ok_or_else(|| too_many_open("event streams"))
}

/// An event stream of these frames, which counts as long as it is open.
pub(crate) fn response(
    frames: impl Stream<Item = Frame> + Send + 'static,
    opened: Opened,
) -> Response {
    let hint = stream::once(async { Event::default().retry(RETRY) });
    let events = hint.chain(frames.map(event)).map(move |event| {
        let _counted = &opened;
        Ok::<_, Infallible>(event)
    });
    // Named, so that a page can tell silence from a connection that is gone.
    let beat = Event::default().event(HEARTBEAT).data("{}");
    let keep_alive = KeepAlive::new().interval(EVERY).event(beat);
    let mut response = Sse::new(events).keep_alive(keep_alive).into_response();
    // Proxies would collect events before they pass them on: nginx always, others
    // to compress them.
    for (name, value) in [
        (HeaderName::from_static("x-accel-buffering"), "no"),
        (header::CACHE_CONTROL, "no-cache, no-transform"),
    ] {
        let value = HeaderValue::from_static(value);
        response.headers_mut().insert(name, value);
    }
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
pub(crate) fn last_event_id(headers: &axum::http::HeaderMap) -> Option<&str> {
    headers.get("last-event-id")?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Edge;
    use crate::live::Streams;

    #[tokio::test]
    async fn no_proxy_collects_or_compresses_events() {
        let streams = Streams::new(&Edge::default());
        let reader = Reader::Ticket("a".to_owned());
        let opened = streams.open([127, 0, 0, 1].into(), reader).unwrap();
        let response = response(stream::empty(), opened);
        let headers = response.headers();
        assert_eq!(headers[header::CACHE_CONTROL], "no-cache, no-transform");
        assert_eq!(headers["x-accel-buffering"], "no");
    }
}
