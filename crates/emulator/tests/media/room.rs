//! A room with real peers in it, and the events it gives.

use std::net::Ipv4Addr;
use std::time::Duration;

use emulator::media::{LegId, LegRole, MediaEvent, MediaServer, Room};
use emulator::testing::{Peer, tone_share};
use str0m::media::Direction;
use tokio::sync::mpsc::UnboundedReceiver;

/// Far longer than anything takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// A room under test.
pub(crate) struct TestRoom {
    pub(crate) server: MediaServer,
    pub(crate) room: Room,
    pub(crate) events: UnboundedReceiver<MediaEvent>,
}

impl TestRoom {
    pub(crate) async fn open() -> TestRoom {
        let server = MediaServer::bind(Ipv4Addr::LOCALHOST.into())
            .await
            .expect("it works");
        let (room, events) = server.open_room("call_under_test");
        TestRoom {
            server,
            room,
            events,
        }
    }

    /// The visitor, connected.
    pub(crate) async fn client(&mut self) -> (Peer, LegId) {
        self.join(LegRole::Client, Direction::SendRecv).await
    }

    /// A supervisor who listens, connected.
    pub(crate) async fn listener(&mut self) -> (Peer, LegId) {
        self.join(LegRole::Listener, Direction::RecvOnly).await
    }

    pub(crate) async fn join(&mut self, role: LegRole, direction: Direction) -> (Peer, LegId) {
        let (peer, offer) = Peer::offer(direction).await.expect("it works");
        let (leg, answer) = self.room.join(role, offer).await.expect("it works");
        peer.accept(answer).await.expect("it works");
        self.event("the connection", |event| {
            *event == MediaEvent::Connected { leg }
        })
        .await;
        peer.wait_for("the connection", |view| view.connected)
            .await
            .expect("it works");
        (peer, leg)
    }

    /// The next event that is wanted; others are passed over.
    pub(crate) async fn event(
        &mut self,
        what: &str,
        mut wanted: impl FnMut(&MediaEvent) -> bool,
    ) -> MediaEvent {
        let search = async {
            loop {
                let event = self.events.recv().await.expect("the room is open");
                if wanted(&event) {
                    return event;
                }
            }
        };
        tokio::time::timeout(PATIENCE, search)
            .await
            .unwrap_or_else(|_| panic!("waited in vain for {what}"))
    }
}

/// The end of what was recorded of a party is this tone. Looked at in pieces of
/// 20 ms: on a busy machine packets come late, and a gap moves the phase.
pub(crate) fn assert_tone(pcm: &[i16], hz: f32) {
    let tail = &pcm[pcm.len().saturating_sub(8_000)..];
    let loud = |frame: &&[i16]| frame.iter().any(|&sample| sample.abs() > 4_000);
    let frames: Vec<f32> = tail
        .chunks_exact(320)
        .filter(loud)
        .map(|frame| tone_share(frame, hz))
        .collect();
    let pure = frames.iter().filter(|&&share| share > 0.8).count();
    assert!(pure > 0 && pure * 2 > frames.len(), "{hz} Hz: {frames:?}");
}
