//! The monitor stream (retell-protocol E): the live transcript, over a
//! WebSocket that only the server talks on.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use axum::response::Response;
use axum::routing::get;
use http::HeaderMap;
use http::header::SEC_WEBSOCKET_PROTOCOL;
use retell::models::MonitorMessage;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use crate::app::App;
use crate::calls::Call;
use crate::workspaces::bearer;

use super::body::{Path, Upgrade};

/// The stream is over.
const NORMAL: u16 = 1000;
/// The key is not known.
const UNAUTHORIZED: u16 = 4001;
/// The call is not ongoing (yet).
const NOT_ONGOING: u16 = 4004;
/// Too many watch already.
const WATCHER_LIMIT: u16 = 4008;

/// How often an idle connection is pinged.
const PING: Duration = Duration::from_secs(20);

pub(super) fn routes() -> Router<App> {
    Router::new().route("/v2/monitor-call/{call_id}", get(monitor))
}

async fn monitor(
    State(app): State<App>,
    Path(call_id): Path<String>,
    headers: HeaderMap,
    Upgrade(upgrade): Upgrade,
) -> Response {
    let workspace = key(&headers).and_then(|key| app.workspaces().get(&key));
    // Browsers cannot set headers: they offer `bearer` and the key as
    // sub-protocols, and only `bearer` is chosen.
    upgrade
        .protocols(["bearer"])
        .on_upgrade(move |socket| async move {
            let Some(workspace) = workspace else {
                close(socket, UNAUTHORIZED, "unauthorized").await;
                return;
            };
            let call = app.calls().of(&workspace, &call_id);
            match call
                .as_ref()
                .map_or(Err(NOT_ONGOING), |call| Watcher::admit(&app, call))
            {
                Ok(watcher) => watcher.serve(socket).await,
                Err(NOT_ONGOING) => close(socket, NOT_ONGOING, "call is not ongoing").await,
                Err(code) => close(socket, code, "max watchers reached").await,
            }
        })
}

fn key(headers: &HeaderMap) -> Option<String> {
    if let Some(key) = bearer(headers) {
        return Some(key.to_owned());
    }
    let offered: Vec<&str> = headers
        .get_all(SEC_WEBSOCKET_PROTOCOL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    match offered[..] {
        ["bearer", key, ..] => Some(key.to_owned()),
        _ => None,
    }
}

/// One who watches a call; counted until dropped.
struct Watcher {
    call: Arc<Call>,
    first: MonitorMessage,
    updates: Receiver<MonitorMessage>,
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.call.state().watchers -= 1;
    }
}

impl Watcher {
    /// Admits a watcher, or gives the code to close with.
    fn admit(app: &App, call: &Arc<Call>) -> Result<Self, u16> {
        let limit = app.settings().watcher_limit;
        let mut state = call.state();
        if !state.is_ongoing() || !state.transcribed {
            return Err(NOT_ONGOING);
        }
        if state.watchers >= limit {
            return Err(WATCHER_LIMIT);
        }
        state.watchers += 1;
        // Under the lock: nothing is published between the two.
        let (first, updates) = (state.snapshot(), call.watch());
        drop(state);
        Ok(Self {
            call: Arc::clone(call),
            first,
            updates,
        })
    }

    async fn serve(mut self, mut socket: WebSocket) {
        if send(&mut socket, &self.first).await.is_err() {
            return;
        }
        let mut ping = tokio::time::interval(PING);
        ping.reset();
        loop {
            let message = tokio::select! {
                biased;
                // Before the updates, which end with what a reset ends.
                () = self.call.tasks.are_over() => {
                    close(socket, 1012, "service restart").await;
                    return;
                }
                update = self.updates.recv() => match update {
                    Ok(message) => message,
                    // Too slow: everything anew.
                    Err(RecvError::Lagged(_)) => {
                        let state = self.call.state();
                        self.updates = self.call.watch();
                        state.ending().unwrap_or_else(|| state.snapshot())
                    }
                    Err(RecvError::Closed) => return,
                },
                // Nothing is expected from the other side, but it may leave.
                received = socket.recv() => match received {
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                    Some(Ok(_)) => continue,
                },
                _ = ping.tick() => {
                    if socket.send(Message::Ping(bytes::Bytes::new())).await.is_err() {
                        return;
                    }
                    continue;
                }
            };
            let over = matches!(message, MonitorMessage::CallEnded(_));
            if send(&mut socket, &message).await.is_err() {
                return;
            }
            if over {
                close(socket, NORMAL, "call_ended").await;
                return;
            }
        }
    }
}

async fn send(socket: &mut WebSocket, message: &MonitorMessage) -> Result<(), ()> {
    // Maps with text keys and numbers always have a JSON text.
    let text = serde_json::to_string(message).map_err(drop)?;
    socket.send(Message::Text(text.into())).await.map_err(drop)
}

async fn close(mut socket: WebSocket, code: u16, reason: &'static str) {
    let frame = CloseFrame {
        code,
        reason: reason.into(),
    };
    if socket.send(Message::Close(Some(frame))).await.is_err() {
        return;
    }
    // Until the other side has closed too, so that it sees the code.
    let closing = async { while let Some(Ok(_)) = socket.recv().await {} };
    drop(tokio::time::timeout(Duration::from_secs(5), closing).await);
}
