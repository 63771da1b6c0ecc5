//! A real WebRTC peer for tests: what a visitor's or a supervisor's browser
//! does, over loopback UDP, with the audio open to inspection.
//!
//! ```no_run
//! # async fn example(emulator: &emulator::Emulator) -> Result<(), emulator::testing::PeerError> {
//! use emulator::testing::Peer;
//!
//! let visitor = Peer::call(emulator, "agent_demo_en").await?;
//! visitor.wait_for_voice().await?; // the agent greets
//! visitor.hum(Some(440.0)); // "speaks" until told otherwise
//! visitor.hang_up().await?;
//! # Ok(()) }
//! ```

mod signalling;
mod task;
mod view;
mod visit;

use std::sync::Arc;
use std::time::Duration;

use retell::Client;
use retell::models::CreateWebCall;
use str0m::media::Direction;
use tokio::sync::{mpsc, oneshot, watch};

pub use self::view::{View, tone_share};
pub use self::visit::visit;

use self::signalling::Session;
use self::task::Command;
use crate::Emulator;
use crate::voice::Speech;

/// How long [`Peer::wait_for`] waits: far longer than anything takes, so that
/// only what never happens fails.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is louder is somebody who speaks (dBov).
const VOICE_DBOV: i8 = -40;

/// Why a peer could not do what a test asked of it.
#[derive(Debug, thiserror::Error)]
pub enum PeerError {
    /// What was waited for did not happen.
    #[error("waited in vain for {what}; the peer sees {view:?}")]
    Timeout {
        /// What was waited for.
        what: String,
        /// How things stood in the end.
        view: Box<View>,
    },
    /// The gateway refused a signalling request.
    #[error("the gateway answered {status}: {body}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The body of the answer.
        body: String,
    },
    /// The gateway could not be reached.
    #[error(transparent)]
    Http(#[from] reqwest::Error),
    /// There is no such call.
    #[error(transparent)]
    Call(#[from] retell::Error),
    /// The local end failed.
    #[error("the peer failed: {0}")]
    Local(String),
}

/// One peer connection, running until it is dropped. Sends 20 ms of audio all
/// the time, as a browser does: silence unless it [hums](Peer::hum) or
/// [says](Peer::say) something.
#[derive(Debug)]
pub struct Peer {
    commands: mpsc::UnboundedSender<Command>,
    view: watch::Receiver<View>,
    session: Option<Session>,
}

impl Peer {
    /// Calls an agent of an emulator, and joins as the visitor.
    ///
    /// # Errors
    /// When there is no such agent, or as [`Peer::connect`].
    pub async fn call(emulator: &Emulator, agent_id: &str) -> Result<Peer, PeerError> {
        let client = Client::builder(emulator.api_key())
            .base_url(emulator.url())
            .build()?;
        let call = CreateWebCall {
            agent_id: agent_id.to_owned(),
            ..CreateWebCall::default()
        };
        let call = client.create_web_call(&call).await?;
        visit::enter(emulator.url(), &call.access_token, &call.call_id).await
    }

    /// Joins a call as its visitor, by the gateway's signalling.
    ///
    /// # Errors
    /// When the gateway refuses or cannot be reached. Being connected comes
    /// later: [`Peer::wait_for`].
    pub async fn connect(
        base_url: &str,
        access_token: &str,
        call_id: &str,
    ) -> Result<Peer, PeerError> {
        Peer::join(
            base_url,
            access_token,
            call_id,
            "client",
            Direction::SendRecv,
        )
        .await
    }

    /// Joins a call as a listener, by the gateway's signalling.
    ///
    /// # Errors
    /// As [`Peer::connect`].
    pub async fn listen(
        base_url: &str,
        access_token: &str,
        call_id: &str,
        participant_id: &str,
    ) -> Result<Peer, PeerError> {
        Peer::join(
            base_url,
            access_token,
            call_id,
            participant_id,
            Direction::RecvOnly,
        )
        .await
    }

    /// A peer and its offer, for tests that bring the answer themselves.
    ///
    /// # Errors
    /// When no port can be bound.
    pub async fn offer(direction: Direction) -> Result<(Peer, String), PeerError> {
        let (commands, view, offer) = task::start(direction).await?;
        Ok((
            Peer {
                commands,
                view,
                session: None,
            },
            offer,
        ))
    }

    async fn join(
        base_url: &str,
        access_token: &str,
        call_id: &str,
        identity: &str,
        direction: Direction,
    ) -> Result<Peer, PeerError> {
        let (mut peer, offer) = Peer::offer(direction).await?;
        let (session, answer) =
            Session::open(base_url, access_token, call_id, identity, &offer).await?;
        peer.accept(answer).await?;
        peer.session = Some(session);
        Ok(peer)
    }

    /// Takes the answer to the last offer.
    ///
    /// # Errors
    /// When it is not an answer to it.
    pub async fn accept(&self, answer: String) -> Result<(), PeerError> {
        self.ask(|reply| Command::Accept { answer, reply }).await?
    }

    /// A new offer with this direction, for [`Peer::accept`].
    ///
    /// # Errors
    /// When the peer is gone.
    pub async fn change_direction(&self, direction: Direction) -> Result<String, PeerError> {
        self.ask(|reply| Command::Offer {
            direction: Some(direction),
            reply,
        })
        .await?
    }

    /// A new offer that restarts ICE, for [`Peer::accept`].
    ///
    /// # Errors
    /// When the peer is gone.
    pub async fn restart_ice(&self) -> Result<String, PeerError> {
        self.ask(|reply| Command::Offer {
            direction: None,
            reply,
        })
        .await?
    }

    /// Starts to send, by renegotiating with the gateway: a listener taking
    /// over.
    ///
    /// # Errors
    /// When the gateway refuses.
    pub async fn start_sending(&self) -> Result<(), PeerError> {
        let offer = self.change_direction(Direction::SendRecv).await?;
        self.accept(self.session()?.renegotiate(offer).await?).await
    }

    /// Restarts ICE, by renegotiating with the gateway.
    ///
    /// # Errors
    /// When the gateway refuses.
    pub async fn reconnect(&self) -> Result<(), PeerError> {
        let offer = self.restart_ice().await?;
        self.accept(self.session()?.renegotiate(offer).await?).await
    }

    /// Hangs up: ends the session at the gateway, then the connection.
    ///
    /// # Errors
    /// When the gateway refuses.
    pub async fn hang_up(self) -> Result<(), PeerError> {
        self.session()?.close().await?;
        self.close().await;
        Ok(())
    }

    /// Closes the connection as a browser does, without signalling.
    pub async fn close(self) {
        // The other side may have closed it before.
        drop(self.ask(|reply| Command::Close { reply }).await);
    }

    /// Sounds a tone of this pitch in Hz until told otherwise; `None` for
    /// silence.
    pub fn hum(&self, hz: Option<f32>) {
        self.tell(Command::Hum { hz });
    }

    /// Says something, once.
    pub fn say(&self, speech: Arc<Speech>) {
        self.tell(Command::Say { speech });
    }

    /// Sends packets at all, or not: DTX, or a machine that sleeps.
    pub fn send_packets(&self, sending: bool) {
        self.tell(Command::SendPackets { sending });
    }

    /// Forgets what was heard so far.
    pub async fn forget(&self) {
        // A peer that is gone hears nothing anyway.
        drop(self.ask(|reply| Command::Forget { reply }).await);
    }

    /// How things stand.
    #[must_use]
    pub fn view(&self) -> View {
        self.view.borrow().clone()
    }

    /// Waits until things stand as wanted; `what` is for the error.
    ///
    /// # Errors
    /// [`PeerError::Timeout`] after thirty seconds, or at once when the peer is
    /// gone.
    pub async fn wait_for(
        &self,
        what: &str,
        wanted: impl FnMut(&View) -> bool,
    ) -> Result<View, PeerError> {
        let mut view = self.view.clone();
        let waited = tokio::time::timeout(PATIENCE, view.wait_for(wanted)).await;
        match waited {
            Ok(Ok(view)) => Ok(view.clone()),
            Ok(Err(_)) | Err(_) => Err(PeerError::Timeout {
                what: what.to_owned(),
                view: Box::new(self.view()),
            }),
        }
    }

    /// Waits until somebody is heard.
    ///
    /// # Errors
    /// As [`Peer::wait_for`].
    pub async fn wait_for_voice(&self) -> Result<View, PeerError> {
        self.wait_for("a voice", |view| view.level(200) > VOICE_DBOV)
            .await
    }

    fn session(&self) -> Result<&Session, PeerError> {
        self.session
            .as_ref()
            .ok_or_else(|| PeerError::Local("it did not join by signalling".to_owned()))
    }

    fn tell(&self, command: Command) {
        // A peer that has ended does nothing any more, as a closed tab.
        drop(self.commands.send(command));
    }

    async fn ask<T>(
        &self,
        command: impl FnOnce(oneshot::Sender<T>) -> Command,
    ) -> Result<T, PeerError> {
        let (reply, answer) = oneshot::channel();
        self.tell(command(reply));
        answer
            .await
            .map_err(|_| PeerError::Local("it has ended".to_owned()))
    }
}
