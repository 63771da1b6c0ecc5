//! The emulator's WebRTC side: one UDP socket for the process, any number of
//! rooms on it, and in each room the legs of one call.
//!
//! A [`MediaServer`] owns the socket and hands out [`Room`]s. A room is a cheap
//! handle on a task of its own; what happens in it comes back as
//! [`MediaEvent`]s. The rules of a room (who hears whom, what is recorded) are
//! in `state`, which does no I/O and is given the time.

mod jitter;
mod leg;
mod mix;
mod noise;
#[cfg(feature = "testing")]
pub mod offers;
mod playback;
mod room;
mod routes;
mod sdp;
mod socket;
mod state;

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use serde::Serialize;
use tokio::sync::{mpsc, oneshot};

pub use crate::audio::{FRAME_MS, SILENCE_DBOV};
use crate::recording::Recording;
use crate::voice::Speech;

/// One leg (one peer connection) of a room; unique in the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct LegId(pub(crate) u64);

impl fmt::Display for LegId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// What a leg is to its room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LegRole {
    /// The visitor: speaks and hears the other side.
    Client,
    /// Staff: hears both sides, and is heard only once allowed to publish.
    Listener,
}

/// What happens in a room. `at_ms` counts from the moment the room was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MediaEvent {
    /// ICE and DTLS are up. Sent again when the leg comes back after a cut.
    Connected {
        /// The leg.
        leg: LegId,
    },
    /// The leg's `control` data channel is open.
    ControlOpen {
        /// The leg.
        leg: LegId,
    },
    /// How loud a leg is, every 20 ms for every connected leg that may publish,
    /// silence included.
    Level {
        /// The leg.
        leg: LegId,
        /// Level in dBov, 0 (loudest) to −127 (silence).
        dbov: i8,
        /// Time since the room was opened.
        at_ms: u64,
    },
    /// The first packet of a speech has gone out.
    PlaybackStarted {
        /// Time since the room was opened.
        at_ms: u64,
    },
    /// A speech is over.
    PlaybackEnded {
        /// Whether it was played to its end.
        completed: bool,
        /// How much of it was played.
        played_ms: u64,
    },
    /// The leg is no longer in the room.
    Left {
        /// The leg.
        leg: LegId,
        /// Why.
        cause: LeaveCause,
    },
}

/// Why a leg left its room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LeaveCause {
    /// [`Room::leave`] was called (the peer hung up by signalling).
    Requested,
    /// The peer closed its connection.
    Closed,
    /// The peer went silent for longer than ICE and its grace time allow.
    Lost,
    /// The connection failed (a protocol error).
    Failed,
}

/// Why an offer or a candidate was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MediaError {
    /// The offer is not SDP, or not one this gateway can answer.
    #[error("the offer was not accepted: {0}")]
    BadOffer(String),
    /// The candidate is not an ICE candidate line.
    #[error("the candidate was not understood: {0}")]
    BadCandidate(String),
    /// The leg is not (or no longer) in the room.
    #[error("the session is not in the room")]
    UnknownLeg,
    /// The room is closed.
    #[error("the room is closed")]
    RoomClosed,
}

/// What a room looks like inside, for the control routes.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct RoomStats {
    /// Time since the room was opened.
    pub elapsed_ms: u64,
    /// Whether the agent is speaking.
    pub playing: bool,
    /// Whether the network is cut by [`Room::set_dropped`].
    pub dropped: bool,
    /// Everybody who is in the room.
    pub legs: Vec<LegStats>,
}

/// Counters and levels of one leg. "In" is from the peer, "out" is to it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LegStats {
    /// The leg.
    pub leg: LegId,
    /// What it is to the room.
    pub role: LegRole,
    /// Where its connection stands.
    pub state: LegState,
    /// Whether its `control` channel is open.
    pub control_open: bool,
    /// Whether what it says is heard.
    pub may_publish: bool,
    /// Audio packets received.
    pub packets_in: u64,
    /// Bytes of audio received, without headers.
    pub bytes_in: u64,
    /// Audio packets sent.
    pub packets_out: u64,
    /// Bytes of audio sent, without headers.
    pub bytes_out: u64,
    /// Last level received, in dBov.
    pub level_in: i8,
    /// Last level sent, in dBov.
    pub level_out: i8,
    /// Level received, smoothed over about 200 ms, in dBov.
    pub smoothed_in: f32,
    /// Level sent, smoothed over about 200 ms, in dBov.
    pub smoothed_out: f32,
}

/// Where a leg's connection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LegState {
    /// Not connected yet.
    Connecting,
    /// Audio flows.
    Connected,
    /// Was connected; ICE has lost the peer and may find it again.
    Disconnected,
}

/// The process's one UDP socket, and the rooms on it. Cheap to clone; the
/// socket lives as long as a clone or a room does.
#[derive(Debug, Clone)]
pub struct MediaServer {
    socket: Arc<socket::Socket>,
}

impl MediaServer {
    /// Binds a UDP port of the system's choice on `host` and starts receiving.
    /// Also answers one offer to itself: the first answer of a process is slow.
    ///
    /// # Errors
    /// When the port cannot be bound.
    pub async fn bind(host: IpAddr) -> io::Result<MediaServer> {
        let socket = socket::Socket::bind(host).await?;
        Ok(MediaServer { socket })
    }

    /// Where the socket is bound.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.socket.local_addr()
    }

    /// Opens a room for a call. The room closes when [`Room::close`] is called
    /// or the last handle is dropped.
    #[must_use]
    pub fn open_room(&self, call_id: &str) -> (Room, mpsc::UnboundedReceiver<MediaEvent>) {
        let (commands, command_rx) = mpsc::unbounded_channel();
        let (event_tx, events) = mpsc::unbounded_channel();
        room::spawn(Arc::clone(&self.socket), call_id, command_rx, event_tx);
        (Room { commands }, events)
    }
}

/// A handle on one call's room. Commands are carried out in the order given.
#[derive(Debug, Clone)]
pub struct Room {
    commands: mpsc::UnboundedSender<Command>,
}

/// What a [`Room`] asks of its task.
#[derive(Debug)]
pub(crate) enum Command {
    Join {
        role: LegRole,
        offer: String,
        reply: oneshot::Sender<Result<(LegId, String), MediaError>>,
    },
    Renegotiate {
        leg: LegId,
        offer: String,
        reply: oneshot::Sender<Result<String, MediaError>>,
    },
    AddCandidate {
        leg: LegId,
        candidate: String,
        reply: oneshot::Sender<Result<(), MediaError>>,
    },
    AllowPublish {
        leg: LegId,
        allowed: bool,
    },
    Leave {
        leg: LegId,
    },
    Play {
        speech: Arc<Speech>,
    },
    StopPlaying,
    PlayCaller {
        speech: Arc<Speech>,
    },
    CallerArrived,
    SendControl {
        text: String,
    },
    SetDropped {
        dropped: bool,
    },
    Stats {
        reply: oneshot::Sender<RoomStats>,
    },
    Close {
        reply: oneshot::Sender<Recording>,
    },
}

impl Room {
    /// Takes a peer in: answers its offer. Trickled candidates may follow.
    ///
    /// # Errors
    /// [`MediaError::BadOffer`] or [`MediaError::RoomClosed`].
    pub async fn join(&self, role: LegRole, offer: String) -> Result<(LegId, String), MediaError> {
        self.ask(|reply| Command::Join { role, offer, reply })
            .await?
    }

    /// Answers a further offer of a leg: a change of direction (recvonly to
    /// sendrecv) or an ICE restart.
    ///
    /// # Errors
    /// [`MediaError::BadOffer`], [`MediaError::UnknownLeg`] or
    /// [`MediaError::RoomClosed`].
    pub async fn renegotiate(&self, leg: LegId, offer: String) -> Result<String, MediaError> {
        self.ask(|reply| Command::Renegotiate { leg, offer, reply })
            .await?
    }

    /// Adds a trickled candidate, with or without `a=` in front. One whose
    /// address is an mDNS name is ignored; an empty one (end of candidates) is
    /// refused, and so is any once the connection is there.
    ///
    /// # Errors
    /// [`MediaError::BadCandidate`], [`MediaError::UnknownLeg`] or
    /// [`MediaError::RoomClosed`].
    pub async fn add_candidate(&self, leg: LegId, candidate: String) -> Result<(), MediaError> {
        self.ask(|reply| Command::AddCandidate {
            leg,
            candidate,
            reply,
        })
        .await?
    }

    /// Lets a leg be heard, or not. A client may publish from the start, a
    /// listener may not: its audio is dropped until then. Once a listener may,
    /// the agent is no longer heard.
    pub fn allow_publish(&self, leg: LegId, allowed: bool) {
        self.tell(Command::AllowPublish { leg, allowed });
    }

    /// Ends a leg.
    pub fn leave(&self, leg: LegId) {
        self.tell(Command::Leave { leg });
    }

    /// Plays the agent's voice from now on, in place of what is playing.
    pub fn play(&self, speech: Arc<Speech>) {
        self.tell(Command::Play { speech });
    }

    /// Stops the agent's voice at once.
    pub fn stop_playing(&self) {
        self.tell(Command::StopPlaying);
    }

    /// A caller without a leg, on a simulated telephone, is there: the
    /// recording begins.
    pub fn caller_arrived(&self) {
        self.tell(Command::CallerArrived);
    }

    /// Plays the voice of a caller without a leg, as if they spoke now: it is
    /// recorded, and heard by everybody in the room. No event tells of it.
    pub fn play_caller(&self, speech: Arc<Speech>) {
        self.tell(Command::PlayCaller { speech });
    }

    /// Sends a text frame on the `control` channel of every leg in the room,
    /// as soon as that channel is open.
    pub fn send_control(&self, text: String) {
        self.tell(Command::SendControl { text });
    }

    /// Cuts the network: while set, no datagram of this room gets through in
    /// either direction.
    pub fn set_dropped(&self, dropped: bool) {
        self.tell(Command::SetDropped { dropped });
    }

    /// Counters and levels; all zero when the room is closed.
    pub async fn stats(&self) -> RoomStats {
        self.ask(|reply| Command::Stats { reply })
            .await
            .unwrap_or_default()
    }

    /// Ends every leg and gives what was said. Control frames sent before are
    /// still delivered. Empty when the room was closed before.
    pub async fn close(self) -> Recording {
        self.ask(|reply| Command::Close { reply })
            .await
            .unwrap_or_default()
    }

    fn tell(&self, command: Command) {
        // The only failure is a closed room, where there is nothing left to do.
        drop(self.commands.send(command));
    }

    async fn ask<T>(
        &self,
        command: impl FnOnce(oneshot::Sender<T>) -> Command,
    ) -> Result<T, MediaError> {
        let (reply, answer) = oneshot::channel();
        self.tell(command(reply));
        answer.await.map_err(|_| MediaError::RoomClosed)
    }
}
