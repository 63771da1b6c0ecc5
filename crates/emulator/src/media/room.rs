//! The task behind a [`Room`](super::Room): commands, datagrams and time go
//! into the state, datagrams and events come out.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::mpsc;
use tokio::time::sleep_until;
use tracing::Instrument;

use super::routes::RoomKey;
use super::socket::{Datagram, Socket};
use super::state::State;
use super::{Command, MediaEvent};

/// Most datagrams taken in between two looks at the time.
const AT_ONCE: usize = 64;

/// Opens a room's task.
pub(super) fn spawn(
    socket: Arc<Socket>,
    call_id: &str,
    commands: mpsc::UnboundedReceiver<Command>,
    events: mpsc::UnboundedSender<MediaEvent>,
) {
    let span = tracing::debug_span!("room", call_id);
    let (key, inbox) = socket.add_room();
    let state = State::new(Instant::now(), socket.candidates().to_vec());
    let task = Task {
        socket,
        key,
        state,
        events,
        sent_to: HashSet::new(),
    };
    tokio::spawn(task.run(commands, inbox).instrument(span));
}

struct Task {
    socket: Arc<Socket>,
    key: RoomKey,
    state: State,
    events: mpsc::UnboundedSender<MediaEvent>,
    sent_to: HashSet<SocketAddr>,
}

impl Task {
    async fn run(
        mut self,
        mut commands: mpsc::UnboundedReceiver<Command>,
        mut inbox: mpsc::Receiver<Datagram>,
    ) {
        let mut datagrams = Vec::with_capacity(AT_ONCE);
        while !self.state.is_over() {
            tokio::select! {
                command = commands.recv(), if !self.state.is_closing() => match command {
                    Some(command) => self.carry_out(command),
                    // Nobody holds the room any more.
                    None => drop(self.state.close(Instant::now())),
                },
                1.. = inbox.recv_many(&mut datagrams, AT_ONCE) => {
                    for datagram in datagrams.drain(..) {
                        self.state.receive(&datagram);
                    }
                }
                () = sleep_until(self.state.wake_at().into()) => {}
            }
            if self.state.is_closing() {
                // Whoever still asks something is told that the room is closed.
                commands.close();
                while commands.try_recv().is_ok() {}
            }
            self.state.advance(Instant::now());
            self.flush().await;
        }
    }

    fn carry_out(&mut self, command: Command) {
        let (state, now) = (&mut self.state, Instant::now());
        // A reply nobody waits for any more is no failure.
        match command {
            Command::Join { role, offer, reply } => {
                let joined = state.join(now, role, &offer);
                drop(reply.send(joined));
            }
            Command::Renegotiate { leg, offer, reply } => {
                drop(reply.send(state.renegotiate(now, leg, &offer)));
            }
            Command::AddCandidate {
                leg,
                candidate,
                reply,
            } => {
                drop(reply.send(state.add_candidate(now, leg, &candidate)));
            }
            Command::AllowPublish { leg, allowed } => state.allow_publish(leg, allowed),
            Command::Leave { leg } => state.leave(now, leg),
            Command::Play { speech } => state.play(speech),
            Command::StopPlaying => state.stop_playing(),
            Command::PlayCaller { speech } => state.play_caller(speech),
            Command::CallerArrived => state.caller_arrived(),
            Command::SendControl { text } => state.send_control(now, &text),
            Command::SetDropped { dropped } => state.set_dropped(dropped),
            Command::Stats { reply } => drop(reply.send(state.stats(now))),
            Command::Close { reply } => drop(reply.send(state.close(now))),
        }
        for fragment in self.state.take_fragments() {
            self.socket.routes().add_fragment(fragment, self.key);
        }
    }

    async fn flush(&mut self) {
        let output = self.state.take_output();
        for transmit in output.transmits {
            if self.sent_to.insert(transmit.destination) {
                self.socket
                    .routes()
                    .add_address(transmit.destination, self.key);
            }
            self.socket
                .send(transmit.destination, &transmit.contents)
                .await;
        }
        for event in output.events {
            // Whoever opened the room may have lost interest in its events.
            drop(self.events.send(event));
        }
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.socket.routes().remove_room(self.key);
    }
}
