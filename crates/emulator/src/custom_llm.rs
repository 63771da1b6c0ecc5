//! Agents that think elsewhere (retell-protocol D): what their server is told,
//! what it says, and the socket between.

mod exchange;
mod socket;

use serde_json::Value;
use tokio::sync::mpsc;

use crate::app::App;
use crate::calls::Call;
use crate::unkind;

pub(crate) use self::exchange::Exchange;
pub(crate) use self::socket::Heard;

/// A call's connection to the server it thinks with.
#[derive(Debug)]
pub(crate) struct CustomLlm {
    pub(crate) exchange: Exchange,
    frames: mpsc::UnboundedSender<String>,
    gentle: bool,
}

impl CustomLlm {
    /// Connects a call; what its server says comes to `heard`.
    pub(crate) fn connect(
        app: &App,
        call: &Call,
        address: &str,
        exchange: Exchange,
        heard: mpsc::UnboundedSender<Heard>,
    ) -> Self {
        let (frames, waiting) = mpsc::unbounded_channel();
        let socket = socket::Socket {
            app: app.clone(),
            url: socket::address(address, &call.id),
            heard,
        };
        call.tasks.spawn(socket.run(waiting));
        Self {
            exchange,
            frames,
            gentle: app.config.gentle,
        }
    }

    /// Tells the server; nothing if it has gone.
    pub(crate) fn tell(&self, frame: &Value) {
        drop(self.frames.send(unkind::text(frame, self.gentle)));
    }
}
