//! The I/O of the monitor stream: WebSocket handshake, reading, probing, waiting.
//!
//! The handshake goes through reqwest, so that the stream uses the same TLS
//! set-up and proxy as every other request.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use reqwest::header::{self, HeaderValue};
use reqwest::{RequestBuilder, StatusCode, Upgraded};
use tokio::sync::mpsc::Sender;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::MonitorEvent;
use super::reconnect::{Loss, Reconnect, ReconnectPolicy, Step};
use crate::models::MonitorMessage;

/// From the request to the opened WebSocket.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(15);
/// A farewell that takes longer is not worth waiting for.
const FAREWELL_TIMEOUT: Duration = Duration::from_secs(1);
/// So many silent periods in a row are a loss.
const SILENT_PERIODS: u32 = 3;

/// A loss and the words that came with it.
struct Lost {
    loss: Loss,
    reason: String,
}

impl From<Loss> for Lost {
    fn from(loss: Loss) -> Self {
        Self {
            loss,
            reason: String::new(),
        }
    }
}

/// Watches until the stream is over for good or nobody reads the events.
pub(super) async fn run(
    request: RequestBuilder,
    policy: ReconnectPolicy,
    events: Sender<MonitorEvent>,
) {
    let mut reconnect = Reconnect::new(policy);
    loop {
        let lost = tokio::select! {
            // Without a reader there is nothing to connect or to wait for.
            () = events.closed() => return,
            connected = timeout(HANDSHAKE_TIMEOUT, connect(&request)) => match connected {
                Ok(Ok(socket)) => match read(socket, &mut reconnect, policy, &events).await {
                    Some(lost) => lost,
                    None => return,
                },
                Ok(Err(loss)) => loss.into(),
                Err(_) => Loss::Connection.into(),
            },
        };
        match reconnect.stream_lost(lost.loss, rand::random()) {
            Step::Retry(wait) => {
                let wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
                tracing::debug!(loss = ?lost.loss, wait_ms, "monitor stream lost, connecting again");
                tokio::select! {
                    () = events.closed() => return,
                    () = sleep(wait) => {}
                }
            }
            Step::End(cause) => {
                let code = match lost.loss {
                    Loss::Code(code) | Loss::Status(code) => Some(code),
                    Loss::Connection => None,
                };
                // Nobody may be there to hear it.
                let _ = events
                    .send(MonitorEvent::Closed {
                        cause,
                        code,
                        reason: lost.reason,
                    })
                    .await;
                return;
            }
        }
    }
}

async fn connect(request: &RequestBuilder) -> Result<WebSocketStream<Upgraded>, Loss> {
    let key = generate_key();
    let response = request
        .try_clone()
        // A request without a body can always be cloned.
        .ok_or(Loss::Connection)?
        .header(header::CONNECTION, HeaderValue::from_static("Upgrade"))
        .header(header::UPGRADE, HeaderValue::from_static("websocket"))
        .header(
            header::SEC_WEBSOCKET_VERSION,
            HeaderValue::from_static("13"),
        )
        .header(header::SEC_WEBSOCKET_KEY, &key)
        .send()
        .await
        .map_err(|error| {
            tracing::debug!(error = %error.without_url(), "monitor stream cannot connect");
            Loss::Connection
        })?;
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        return Err(Loss::Status(response.status().as_u16()));
    }
    let accept = response.headers().get(header::SEC_WEBSOCKET_ACCEPT);
    if accept.map(HeaderValue::as_bytes) != Some(derive_accept_key(key.as_bytes()).as_bytes()) {
        return Err(Loss::Connection);
    }
    let upgraded = response.upgrade().await.map_err(|_| Loss::Connection)?;
    Ok(WebSocketStream::from_raw_socket(upgraded, Role::Client, None).await)
}

/// Passes messages on until the stream is lost; `None` when nobody reads the events.
async fn read(
    mut socket: WebSocketStream<Upgraded>,
    reconnect: &mut Reconnect,
    policy: ReconnectPolicy,
    events: &Sender<MonitorEvent>,
) -> Option<Lost> {
    let mut call_ended = false;
    let mut silent_periods = 0;
    let lost = loop {
        let received = tokio::select! {
            () = events.closed() => {
                farewell(&mut socket).await;
                return None;
            }
            received = timeout(policy.probe_after, socket.next()) => received,
        };
        let Ok(received) = received else {
            silent_periods += 1;
            if silent_periods >= SILENT_PERIODS || !probe(&mut socket).await {
                break Loss::Connection.into();
            }
            continue;
        };
        silent_periods = 0;
        match received {
            Some(Ok(Message::Text(text))) => {
                reconnect.frame_received();
                let Ok(message) = lenient::from_slice::<MonitorMessage>(text.as_bytes()) else {
                    // Not its text: it is personal.
                    tracing::warn!(length = text.len(), "unreadable frame on a monitor stream");
                    continue;
                };
                call_ended |= matches!(message, MonitorMessage::CallEnded(_));
                if events.send(MonitorEvent::Message(message)).await.is_err() {
                    farewell(&mut socket).await;
                    return None;
                }
            }
            Some(Ok(Message::Close(Some(frame)))) => {
                farewell(&mut socket).await;
                break Lost {
                    loss: Loss::Code(frame.code.into()),
                    reason: frame.reason.as_str().to_owned(),
                };
            }
            // Pings are answered below us; Retell sends nothing binary.
            Some(Ok(
                Message::Ping(_) | Message::Pong(_) | Message::Binary(_) | Message::Frame(_),
            )) => {}
            Some(Ok(Message::Close(None)) | Err(_)) | None => break Loss::Connection.into(),
        }
    };
    // Whatever breaks after the last message is no loss.
    Some(if call_ended {
        Lost {
            loss: Loss::Code(1000),
            ..lost
        }
    } else {
        lost
    })
}

/// Asks for a sign of life.
async fn probe(socket: &mut WebSocketStream<Upgraded>) -> bool {
    let ping = socket.send(Message::Ping(Vec::new().into()));
    matches!(timeout(FAREWELL_TIMEOUT, ping).await, Ok(Ok(())))
}

/// Closes politely, so that the other side need not find out.
async fn farewell(socket: &mut WebSocketStream<Upgraded>) {
    // It is over either way.
    let _ = timeout(FAREWELL_TIMEOUT, socket.close(None)).await;
}
