//! The monitor stream of an ongoing call (protocol E): connects, reads, reconnects.
//!
//! The messages are passed on as they come; merging them is the reader's task.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::Stream;
use tokio::sync::mpsc;

use crate::client::Client;
use crate::error::Error;
use crate::models::MonitorMessage;

mod connection;
mod reconnect;

pub use reconnect::{CloseCause, Loss, Reconnect, ReconnectPolicy, Step};

/// How many events may wait for a slow reader before the socket is no longer read.
const BUFFERED_EVENTS: usize = 64;

/// What a [`Monitor`] yields.
#[derive(Debug, Clone, PartialEq)]
pub enum MonitorEvent {
    /// A frame of the stream. After a reconnect the history comes again.
    Message(MonitorMessage),
    /// The stream is over for good; the last event.
    Closed {
        /// What it means.
        cause: CloseCause,
        /// The WebSocket's close code, or the HTTP status that refused it.
        code: Option<u16>,
        /// The words that came with the code.
        reason: String,
    },
}

/// The live transcript of one call, read in the background until it is over or
/// this is dropped.
#[derive(Debug)]
pub struct Monitor {
    events: mpsc::Receiver<MonitorEvent>,
}

impl Monitor {
    /// Begins to watch a call; must be called within a Tokio runtime.
    /// [`Client::monitor_call`] does it with the default policy.
    ///
    /// # Errors
    /// [`Error::Argument`] for an id that fits no address.
    pub fn open(client: &Client, call_id: &str, policy: ReconnectPolicy) -> Result<Self, Error> {
        let request = client.monitor_request(call_id)?;
        let (sender, events) = mpsc::channel(BUFFERED_EVENTS);
        tokio::spawn(connection::run(request, policy, sender));
        Ok(Self { events })
    }

    /// The next event; `None` after [`MonitorEvent::Closed`]. Cancelling loses nothing.
    pub async fn next(&mut self) -> Option<MonitorEvent> {
        self.events.recv().await
    }
}

impl Client {
    /// The live transcript of an ongoing call. It connects in the background; must
    /// be called within a Tokio runtime.
    ///
    /// # Errors
    /// [`Error::Argument`] for an id that fits no address.
    pub fn monitor_call(&self, call_id: &str) -> Result<Monitor, Error> {
        Monitor::open(self, call_id, ReconnectPolicy::default())
    }
}

impl Stream for Monitor {
    type Item = MonitorEvent;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<MonitorEvent>> {
        self.events.poll_recv(cx)
    }
}
