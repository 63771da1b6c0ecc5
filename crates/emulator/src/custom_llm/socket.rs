//! The WebSocket to a custom LLM: connecting, keeping alive, coming back, and
//! what its end means for the call (retell-protocol D1).

use std::pin::pin;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use url::Url;

use crate::app::App;

/// Times in ms of the emulator's clock.
const CONNECT_MS: u64 = 7_000;
const BETWEEN_ATTEMPTS_MS: u64 = 3_000;
const ATTEMPTS: u32 = 3;
/// A ping goes out after so many seconds, and is answered within so many.
const PING_S: u64 = 2;
const PONG_S: u64 = 5;
/// How often the connection is made anew after silence, and after it broke.
const AFTER_SILENCE: u32 = 2;
const AFTER_BREAK: u32 = 4;

/// How long the other side has to hear that it is closed.
const FAREWELL: Duration = Duration::from_secs(2);

/// How calls end by it.
const NOT_OPEN: &str = "error_llm_websocket_open";
const LOST: &str = "error_llm_websocket_lost_connection";
const RUNTIME: &str = "error_llm_websocket_runtime";
const CORRUPT: &str = "error_llm_websocket_corrupt_payload";
const HUNG_UP: &str = "agent_hangup";

/// What the call hears.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// The server is there, for the first time or again.
    Connected,
    /// It sends this.
    Frame(String),
    /// It is gone for good: the call ends for this reason.
    Over(&'static str),
}

/// How a connection ended.
enum End {
    /// The call is over.
    Call,
    /// For good, for this reason, and is closed with this.
    Over(&'static str, Option<CloseFrame>),
    /// Nobody answered pings.
    Silent,
    /// It broke.
    Broken,
}

type Stream = WebSocketStream<MaybeTlsStream<TcpStream>>;

pub(super) struct Socket {
    pub(super) app: App,
    /// `None` for what is no URL.
    pub(super) url: Option<Url>,
    pub(super) heard: UnboundedSender<Heard>,
}

/// The address of a call's own socket: its id is the last segment, and
/// `http(s)` means `ws(s)`.
pub(super) fn address(server: &str, call_id: &str) -> Option<Url> {
    let mut url = Url::parse(server).ok()?;
    let scheme = match url.scheme() {
        "http" | "ws" => "ws",
        "https" | "wss" => "wss",
        _ => return None,
    };
    url.set_scheme(scheme).ok()?;
    url.path_segments_mut().ok()?.pop_if_empty().push(call_id);
    Some(url)
}

impl Socket {
    /// Passes on `frames` until their sender is gone: then the call is over.
    pub(super) async fn run(self, mut frames: UnboundedReceiver<String>) {
        let (mut silences, mut breaks) = (0, 0);
        let mut lost = NOT_OPEN;
        let lost = loop {
            let Some(mut stream) = self.connect().await else {
                break lost;
            };
            self.tell(Heard::Connected);
            match self.hold(&mut stream, &mut frames).await {
                End::Call => return close(stream, None).await,
                End::Over(reason, frame) => {
                    self.tell(Heard::Over(reason));
                    return close(stream, frame).await;
                }
                End::Silent => {
                    lost = LOST;
                    silences += 1;
                }
                End::Broken => {
                    lost = RUNTIME;
                    breaks += 1;
                }
            }
            if silences > AFTER_SILENCE || breaks > AFTER_BREAK {
                break lost;
            }
        };
        self.tell(Heard::Over(lost));
    }

    fn tell(&self, heard: Heard) {
        // A call that is over hears nothing.
        drop(self.heard.send(heard));
    }

    async fn connect(&self) -> Option<Stream> {
        let url = self.url.as_ref()?;
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                self.app.clock.sleep(BETWEEN_ATTEMPTS_MS).await;
            }
            tokio::select! {
                connected = connect_async(url.as_str()) => match connected {
                    Ok((stream, _)) => return Some(stream),
                    Err(error) => tracing::info!(%error, attempt, "a custom LLM is not reached"),
                },
                () = self.app.clock.sleep(CONNECT_MS) => {
                    tracing::info!(attempt, "a custom LLM does not answer");
                }
            }
        }
        None
    }

    async fn hold(&self, stream: &mut Stream, frames: &mut UnboundedReceiver<String>) -> End {
        let mut first = true;
        let mut keep_alive = false;
        // Seconds so far, and when the oldest ping went out that is not answered.
        let (mut seconds, mut unanswered) = (0, None);
        let mut second = pin!(self.app.clock.sleep(1_000));
        loop {
            tokio::select! {
                frame = frames.recv() => {
                    let Some(frame) = frame else {
                        return End::Call;
                    };
                    if stream.send(Message::text(frame)).await.is_err() {
                        return End::Broken;
                    }
                }
                () = &mut second => {
                    second.set(self.app.clock.sleep(1_000));
                    seconds += 1;
                    if unanswered.is_some_and(|since| seconds >= since + PONG_S) {
                        return End::Silent;
                    }
                    if keep_alive && seconds % PING_S == 0 {
                        unanswered.get_or_insert(seconds);
                        let now = self.app.clock.now_ms();
                        let ping = json!({ "interaction_type": "ping_pong", "timestamp": now });
                        if stream.send(Message::text(ping.to_string())).await.is_err() {
                            return End::Broken;
                        }
                    }
                }
                message = stream.next() => match message {
                    Some(Ok(Message::Text(text))) => {
                        match read(&text) {
                            Said::Pong => unanswered = None,
                            Said::Config { auto_reconnect } if first => keep_alive = auto_reconnect,
                            Said::Config { .. } | Said::Other => {}
                        }
                        first = false;
                        self.tell(Heard::Frame(text.to_string()));
                    }
                    Some(Ok(Message::Close(frame))) => {
                        return End::Over(meaning(frame.as_ref()), None);
                    }
                    Some(Ok(Message::Binary(_)) | Err(Error::Utf8(_))) => {
                        let frame = CloseFrame {
                            code: CloseCode::Invalid,
                            reason: "text frames only".into(),
                        };
                        return End::Over(CORRUPT, Some(frame));
                    }
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return End::Broken,
                },
            }
        }
    }
}

/// Closes it, and waits for the other side to have heard: what is still on its
/// way would break the connection before.
async fn close(mut stream: Stream, frame: Option<CloseFrame>) {
    let farewell = async {
        drop(stream.close(frame).await);
        while stream.next().await.is_some_and(|message| message.is_ok()) {}
    };
    drop(tokio::time::timeout(FAREWELL, farewell).await);
}

/// What a close of the server's means.
fn meaning(frame: Option<&CloseFrame>) -> &'static str {
    match frame.map(|frame| frame.code) {
        Some(CloseCode::Normal) => HUNG_UP,
        Some(_) => RUNTIME,
        None => NOT_OPEN,
    }
}

/// What of a frame concerns the socket itself.
enum Said {
    Pong,
    Config { auto_reconnect: bool },
    Other,
}

fn read(text: &str) -> Said {
    let frame: Value = serde_json::from_str(text).unwrap_or_default();
    match frame["response_type"].as_str() {
        Some("ping_pong") => Said::Pong,
        Some("config") => Said::Config {
            auto_reconnect: frame["config"]["auto_reconnect"] == true,
        },
        _ => Said::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_call_is_the_last_segment_of_the_address() {
        let of = |server: &str| address(server, "call_1").map(|url| url.to_string());
        assert_eq!(of("wss://h/llm/").as_deref(), Some("wss://h/llm/call_1"));
        assert_eq!(
            of("http://h:1/a?k=s").as_deref(),
            Some("ws://h:1/a/call_1?k=s")
        );
        assert_eq!(of("https://h").as_deref(), Some("wss://h/call_1"));
        assert_eq!((of("ftp://h"), of("nowhere")), (None, None));
    }
}
