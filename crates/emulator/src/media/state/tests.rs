//! A room and a peer in simulated time: what takes half a minute is tested in
//! a blink.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use str0m::change::SdpAnswer;
use str0m::media::{Direction, MediaKind};
use str0m::net::{Protocol, Receive};
use str0m::{Candidate, Input, Output, Rtc};

use super::super::socket::Datagram;
use super::super::{LeaveCause, LegId, LegRole, LegState, MediaEvent};
use super::State;

const STEP: Duration = Duration::from_millis(5);

struct Simulation {
    now: Instant,
    room: State,
    peer: Rtc,
    gateway: SocketAddr,
    home: SocketAddr,
    /// Whether the peer is still there.
    alive: bool,
    events: Vec<MediaEvent>,
}

impl Simulation {
    /// A room with a client that has its answer.
    fn start() -> (Simulation, LegId) {
        let now = Instant::now();
        let gateway = SocketAddr::from(([10, 0, 0, 1], 5000));
        let home = SocketAddr::from(([10, 0, 0, 2], 6000));
        let mut peer = Rtc::builder()
            .clear_codecs()
            .enable_opus(true, false)
            .build(now);
        peer.add_local_candidate(Candidate::host(home, "udp").unwrap());
        let mut changes = peer.sdp_api();
        changes.add_media(MediaKind::Audio, Direction::SendRecv, None, None, None);
        changes.add_channel("control".to_owned());
        let (offer, pending) = changes.apply().unwrap();
        let mut room = State::new(now, vec![gateway]);
        let (leg, answer) = room
            .join(now, LegRole::Client, &offer.to_sdp_string())
            .unwrap();
        let answer = SdpAnswer::from_sdp_string(&answer).unwrap();
        peer.sdp_api().accept_answer(pending, answer).unwrap();
        let events = Vec::new();
        (
            Simulation {
                now,
                room,
                peer,
                gateway,
                home,
                alive: true,
                events,
            },
            leg,
        )
    }

    fn run(&mut self, time: Duration) {
        let end = self.now + time;
        while self.now < end {
            self.now += STEP;
            self.room.advance(self.now);
            let output = self.room.take_output();
            self.events.extend(output.events);
            for transmit in output.transmits {
                let receive =
                    Receive::new(Protocol::Udp, self.gateway, self.home, &transmit.contents);
                if self.alive {
                    self.peer
                        .handle_input(Input::Receive(self.now, receive.unwrap()))
                        .unwrap();
                    self.drain_peer();
                }
            }
            if self.alive {
                self.peer.handle_input(Input::Timeout(self.now)).unwrap();
                self.drain_peer();
            }
        }
    }

    fn drain_peer(&mut self) {
        loop {
            match self.peer.poll_output().unwrap() {
                Output::Timeout(_) => return,
                Output::Event(_) => {}
                Output::Transmit(transmit) => self.room.receive(&Datagram {
                    received: self.now,
                    source: self.home,
                    destination: self.gateway,
                    contents: Bytes::copy_from_slice(&transmit.contents),
                }),
            }
        }
    }

    /// Events other than levels.
    fn happened(&mut self) -> Vec<MediaEvent> {
        let all = std::mem::take(&mut self.events);
        all.into_iter()
            .filter(|e| !matches!(e, MediaEvent::Level { .. }))
            .collect()
    }

    fn state(&self) -> Option<LegState> {
        self.room.stats(self.now).legs.first().map(|leg| leg.state)
    }
}

#[test]
fn a_peer_that_vanishes_is_lost_after_ice_and_its_grace_time() {
    let (mut simulation, leg) = Simulation::start();
    simulation.run(Duration::from_secs(3));
    assert_eq!(
        simulation.happened(),
        [
            MediaEvent::Connected { leg },
            MediaEvent::ControlOpen { leg }
        ]
    );
    simulation.alive = false;
    simulation.run(Duration::from_secs(5));
    assert_eq!(
        simulation.happened(),
        [],
        "five seconds are no reason to give up"
    );
    simulation.run(Duration::from_secs(40));
    assert_eq!(
        simulation.happened(),
        [MediaEvent::Left {
            leg,
            cause: LeaveCause::Lost
        }]
    );
}

#[test]
fn a_peer_that_comes_back_in_time_stays() {
    let (mut simulation, leg) = Simulation::start();
    simulation.run(Duration::from_secs(3));
    simulation.happened();
    simulation.room.set_dropped(true);
    simulation.run(Duration::from_secs(10));
    simulation.room.set_dropped(false);
    simulation.run(Duration::from_secs(10));
    let left = simulation
        .happened()
        .into_iter()
        .any(|e| matches!(e, MediaEvent::Left { .. }));
    assert!(!left, "{leg} has left");
    assert_eq!(simulation.state(), Some(LegState::Connected));
}

#[test]
fn a_peer_that_never_connects_is_given_up() {
    let (mut simulation, leg) = Simulation::start();
    simulation.alive = false;
    simulation.run(Duration::from_secs(29));
    assert_eq!(simulation.happened(), []);
    simulation.run(Duration::from_secs(2));
    assert_eq!(
        simulation.happened(),
        [MediaEvent::Left {
            leg,
            cause: LeaveCause::Lost
        }]
    );
}

#[test]
fn a_packet_goes_out_every_20_ms_and_a_stall_is_not_made_up_for_in_full() {
    let (mut simulation, _) = Simulation::start();
    simulation.run(Duration::from_secs(3));
    let sent = |simulation: &Simulation| simulation.room.stats(simulation.now).legs[0].packets_out;
    let before = sent(&simulation);
    simulation.run(Duration::from_secs(2));
    assert_eq!(sent(&simulation) - before, 100);
    let before = sent(&simulation);
    simulation.now += Duration::from_secs(5);
    simulation.run(STEP);
    assert!(
        (1..=11).contains(&(sent(&simulation) - before)),
        "{}",
        sent(&simulation) - before
    );
}

#[test]
fn a_closed_room_is_over_once_everybody_was_told() {
    let (mut simulation, leg) = Simulation::start();
    simulation.run(Duration::from_secs(2));
    let connected_for = simulation.room.close(simulation.now).duration_ms();
    assert!(
        (1_500..=2_000).contains(&connected_for),
        "{connected_for} ms recorded"
    );
    assert!(simulation.room.is_closing() && !simulation.room.is_over());
    simulation.run(Duration::from_secs(2));
    assert!(simulation.room.is_over());
    let left = MediaEvent::Left {
        leg,
        cause: LeaveCause::Requested,
    };
    assert_eq!(simulation.happened().last(), Some(&left));
}
