//! A room with real peers in it, and the events it gives.

use std::net::Ipv4Addr;
use std::time::Duration;

use emulator::media::{LegId, LegRole, MediaEvent, MediaServer, Room};
use emulator::testing::Peer;
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
