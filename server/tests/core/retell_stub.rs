//! A stand-in for Retell: monitor sockets, calls and recordings under the
//! test's control.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures_util::stream;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{Mutex as AsyncMutex, mpsc};

use crate::support::in_time;

pub(crate) const RECORDING: &[u8] = b"RIFF0123456789abcdefghijklmnopqrstuvwxyz";

/// The stand-in. Cheap to clone.
#[derive(Clone)]
pub(crate) struct RetellStub {
    pub(crate) url: String,
    shared: Arc<Shared>,
    accepted: Arc<AsyncMutex<mpsc::UnboundedReceiver<Upstream>>>,
}

struct Shared {
    connections: AtomicUsize,
    accept: mpsc::UnboundedSender<Upstream>,
    /// Close codes for the next monitor sockets.
    refusals: Mutex<Vec<u16>>,
    calls: Mutex<HashMap<String, Value>>,
    stopped: Mutex<Vec<String>>,
    recording_requests: Mutex<Vec<HeaderMap>>,
    moved_to: Mutex<String>,
}

/// The server's end of one monitor socket.
pub(crate) struct Upstream {
    pub(crate) call_id: String,
    pub(crate) authorization: String,
    commands: mpsc::UnboundedSender<Command>,
    closed: mpsc::UnboundedReceiver<()>,
}

enum Command {
    Send(Value),
    Close(u16, &'static str),
    Drop,
}

impl RetellStub {
    pub(crate) async fn start() -> Self {
        let (accept, accepted) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared {
            connections: AtomicUsize::new(0),
            accept,
            refusals: Mutex::default(),
            calls: Mutex::default(),
            stopped: Mutex::default(),
            recording_requests: Mutex::default(),
            moved_to: Mutex::default(),
        });
        let router = Router::new()
            .route("/v2/monitor-call/{id}", get(monitor))
            .route("/v2/get-call/{id}", get(get_call))
            .route("/v2/stop-call/{id}", post(stop_call))
            .route("/recordings/{name}", get(recording))
            .with_state(Arc::clone(&shared));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(axum::serve(listener, router).into_future());
        Self {
            url,
            shared,
            accepted: Arc::new(AsyncMutex::new(accepted)),
        }
    }

    /// How many monitor sockets were ever opened.
    pub(crate) fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// Closes the next monitor sockets with these codes, in this order.
    pub(crate) fn refuse(&self, codes: &[u16]) {
        self.shared.refusals.lock().unwrap().extend(codes);
    }

    /// The next monitor socket that was not refused.
    pub(crate) async fn accepted(&self) -> Upstream {
        in_time(self.accepted.lock().await.recv()).await.unwrap()
    }

    /// What get-call answers for a call.
    pub(crate) fn set_call(&self, call: Value) {
        let id = call["call_id"].as_str().unwrap().to_owned();
        self.shared.calls.lock().unwrap().insert(id, call);
    }

    /// The calls stop-call was sent for.
    pub(crate) fn stopped(&self) -> Vec<String> {
        self.shared.stopped.lock().unwrap().clone()
    }

    /// Where the recording `moved.wav` is now.
    pub(crate) fn move_recording(&self, to: String) {
        *self.shared.moved_to.lock().unwrap() = to;
    }

    /// The headers of every request for a recording.
    pub(crate) fn recording_requests(&self) -> Vec<HeaderMap> {
        self.shared.recording_requests.lock().unwrap().clone()
    }
}

impl Upstream {
    pub(crate) fn snapshot(&self, items: &[Value]) {
        self.send(json!({"type": "transcript_snapshot", "transcripts": items}));
    }

    pub(crate) fn update(&self, items: &[Value]) {
        self.send(json!({"type": "transcript_updated", "transcripts": items}));
    }

    /// As Retell ends a stream: the message, then the close.
    pub(crate) fn end(&self, reason: &str) {
        self.send(json!({"type": "call_ended", "disconnection_reason": reason}));
        self.commands
            .send(Command::Close(1000, "call_ended"))
            .unwrap();
    }

    /// Breaks the connection without a word.
    pub(crate) fn lose(&self) {
        self.commands.send(Command::Drop).unwrap();
    }

    fn send(&self, frame: Value) {
        self.commands.send(Command::Send(frame)).unwrap();
    }

    /// Returns once the server has closed its end.
    pub(crate) async fn closed(&mut self) {
        in_time(self.closed.recv()).await;
    }
}

/// An utterance on the monitor stream.
pub(crate) fn said(id: &str, role: &str, content: &str) -> Value {
    json!({"id": id, "time_sec": 1.0, "role": role, "content": content})
}

/// A tool's answer on the monitor stream.
pub(crate) fn tool_result(id: &str) -> Value {
    json!({"id": id, "time_sec": 2.0, "role": "tool_call_result", "tool_call_id": id,
           "content": "secret", "successful": true})
}

async fn monitor(
    State(stub): State<Arc<Shared>>,
    Path(call_id): Path<String>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    stub.connections.fetch_add(1, Ordering::SeqCst);
    let authorization = headers
        .get(header::AUTHORIZATION)
        .map(|value| value.to_str().unwrap().to_owned())
        .unwrap_or_default();
    upgrade.on_upgrade(async move |mut socket| {
        let refusal = {
            let mut refusals = stub.refusals.lock().unwrap();
            (!refusals.is_empty()).then(|| refusals.remove(0))
        };
        if let Some(code) = refusal {
            close(&mut socket, code, "").await;
            return;
        }
        let (commands, received) = mpsc::unbounded_channel();
        let (gone, closed) = mpsc::unbounded_channel();
        let upstream = Upstream {
            call_id,
            authorization,
            commands,
            closed,
        };
        if stub.accept.send(upstream).is_ok() {
            serve(&mut socket, received).await;
        }
        drop(gone);
    })
}

async fn serve(socket: &mut WebSocket, mut commands: mpsc::UnboundedReceiver<Command>) {
    loop {
        tokio::select! {
            command = commands.recv() => match command {
                Some(Command::Send(frame)) => {
                    let text = frame.to_string();
                    if socket.send(Message::Text(text.into())).await.is_err() {
                        return;
                    }
                }
                Some(Command::Close(code, reason)) => {
                    close(socket, code, reason).await;
                    return;
                }
                Some(Command::Drop) | None => return,
            },
            received = socket.recv() => match received {
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                Some(Ok(_)) => {}
            },
        }
    }
}

async fn close(socket: &mut WebSocket, code: u16, reason: &'static str) {
    let frame = CloseFrame {
        code,
        reason: reason.into(),
    };
    // The other side may be gone already.
    let _ = socket.send(Message::Close(Some(frame))).await;
    while let Some(Ok(_)) = socket.recv().await {}
}

async fn get_call(State(stub): State<Arc<Shared>>, Path(id): Path<String>) -> Response {
    match stub.calls.lock().unwrap().get(&id) {
        Some(call) => Json(call.clone()).into_response(),
        None => (
            StatusCode::UNPROCESSABLE_ENTITY,
            Json(json!({"status": "error", "message": "Call not found"})),
        )
            .into_response(),
    }
}

async fn stop_call(State(stub): State<Arc<Shared>>, Path(id): Path<String>) -> StatusCode {
    stub.stopped.lock().unwrap().push(id);
    StatusCode::NO_CONTENT
}

/// Serves `good.wav` and parts of it; everything else is gone.
async fn recording(
    State(stub): State<Arc<Shared>>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Response {
    stub.recording_requests
        .lock()
        .unwrap()
        .push(headers.clone());
    match name.as_str() {
        "good.wav" => {}
        "moved.wav" => {
            let to = stub.moved_to.lock().unwrap().clone();
            return (StatusCode::FOUND, [(header::LOCATION, to)]).into_response();
        }
        "endless.wav" => {
            let never = stream::pending::<std::io::Result<Vec<u8>>>();
            return Body::from_stream(never).into_response();
        }
        _ => return StatusCode::FORBIDDEN.into_response(),
    }
    let kind = [
        (header::CONTENT_TYPE, "text/html"),
        (header::ACCEPT_RANGES, "bytes"),
    ];
    let Some(range) = headers.get(header::RANGE) else {
        return (kind, RECORDING).into_response();
    };
    let (from, to) = range
        .to_str()
        .unwrap()
        .strip_prefix("bytes=")
        .and_then(|range| range.split_once('-'))
        .map(|(from, to)| {
            (
                from.parse::<usize>().unwrap(),
                to.parse::<usize>().unwrap_or(RECORDING.len() - 1),
            )
        })
        .unwrap();
    if from >= RECORDING.len() {
        let range = [(
            header::CONTENT_RANGE,
            format!("bytes */{}", RECORDING.len()),
        )];
        return (StatusCode::RANGE_NOT_SATISFIABLE, range).into_response();
    }
    let range = [(
        header::CONTENT_RANGE,
        format!("bytes {from}-{to}/{}", RECORDING.len()),
    )];
    (
        StatusCode::PARTIAL_CONTENT,
        kind,
        range,
        &RECORDING[from..=to],
    )
        .into_response()
}
