//! The peer itself: an engine and a socket, driven by time.

use std::collections::VecDeque;
use std::f32::consts::TAU;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::channel::ChannelId;
use str0m::media::{Direction, Frequency, MediaKind, MediaTime, Mid};
use str0m::net::{Protocol, Receive};
use str0m::{Candidate, Event, IceConnectionState, Input, Output, Rtc};
use tokio::net::UdpSocket;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::sleep_until;

use super::{PeerError, View};
use crate::audio::{Decoder, Encoder, dbov};
use crate::voice::Speech;

const BEAT: Duration = Duration::from_millis(20);
/// How far behind its time a packet may be.
const MOST_BEHIND: Duration = Duration::from_millis(200);
const FRAME: usize = 320;
const RATE: u32 = 16_000;

/// What a test asks of its peer.
#[derive(Debug)]
pub(super) enum Command {
    Accept {
        answer: String,
        reply: oneshot::Sender<Result<(), PeerError>>,
    },
    /// A new direction, or with none a restart of ICE.
    Offer {
        direction: Option<Direction>,
        reply: oneshot::Sender<Result<String, PeerError>>,
    },
    Hum {
        hz: Option<f32>,
    },
    Say {
        speech: Arc<Speech>,
    },
    SendPackets {
        sending: bool,
    },
    Forget {
        reply: oneshot::Sender<()>,
    },
    Close {
        reply: oneshot::Sender<()>,
    },
}

type Started = (
    mpsc::UnboundedSender<Command>,
    watch::Receiver<View>,
    String,
);

/// Starts a peer; gives its first offer.
pub(super) async fn start(direction: Direction) -> Result<Started, PeerError> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .map_err(local)?;
    let address = socket.local_addr().map_err(local)?;
    let mut rtc = Rtc::builder()
        .clear_codecs()
        .enable_opus(true, false)
        .build(Instant::now());
    rtc.add_local_candidate(Candidate::host(address, "udp").map_err(local)?);
    let mut changes = rtc.sdp_api();
    let mid = changes.add_media(MediaKind::Audio, direction, None, None, None);
    let control = changes.add_channel("control".to_owned());
    let (offer, pending) = changes
        .apply()
        .ok_or_else(|| PeerError::Local("nothing to offer".to_owned()))?;
    let (view_tx, view) = watch::channel(View::default());
    let (commands, command_rx) = mpsc::unbounded_channel();
    let peer = PeerTask {
        rtc,
        socket,
        address,
        mid,
        control,
        pending: Some(pending),
        view: view_tx,
        encoder: Encoder::new(RATE).map_err(local)?,
        decoder: Decoder::new().map_err(local)?,
        wake_at: Instant::now(),
        next_beat: Instant::now(),
        beats: 0,
        hum: None,
        phase: 0.0,
        to_say: VecDeque::new(),
        sending: true,
        closing: false,
    };
    tokio::spawn(peer.run(command_rx));
    Ok((commands, view, offer.to_sdp_string()))
}

struct PeerTask {
    rtc: Rtc,
    socket: UdpSocket,
    address: SocketAddr,
    mid: Mid,
    control: ChannelId,
    pending: Option<SdpPendingOffer>,
    view: watch::Sender<View>,
    encoder: Encoder,
    decoder: Decoder,
    wake_at: Instant,
    next_beat: Instant,
    beats: u64,
    hum: Option<f32>,
    phase: f32,
    to_say: VecDeque<i16>,
    sending: bool,
    closing: bool,
}

impl PeerTask {
    async fn run(mut self, mut commands: mpsc::UnboundedReceiver<Command>) {
        let mut buffer = [0; 2_000];
        self.drain().await;
        while self.rtc.is_alive() {
            let wake_at = self.wake_at.min(self.next_beat);
            tokio::select! {
                command = commands.recv(), if !self.closing => match command {
                    Some(command) => self.carry_out(command),
                    // The test has dropped its peer: gone without a goodbye.
                    None => return,
                },
                Ok((length, source)) = self.socket.recv_from(&mut buffer) => {
                    self.receive(source, &buffer[..length]);
                }
                () = sleep_until(wake_at.into()) => self.advance(),
            }
            self.drain().await;
        }
        self.view.send_modify(|view| {
            view.connected = false;
            view.closed = true;
        });
    }

    fn carry_out(&mut self, command: Command) {
        match command {
            Command::Accept { answer, reply } => drop(reply.send(self.accept(&answer))),
            Command::Offer { direction, reply } => drop(reply.send(self.offer(direction))),
            Command::Hum { hz } => self.hum = hz,
            Command::Say { speech } => {
                let frames = (0..speech.packets.len()).filter_map(|n| speech.frame(n));
                self.to_say.extend(frames.flat_map(|frame| frame.pcm));
            }
            Command::SendPackets { sending } => self.sending = sending,
            Command::Forget { reply } => {
                self.view.send_modify(|view| {
                    view.heard.clear();
                    view.levels.clear();
                });
                _ = reply.send(());
            }
            Command::Close { reply } => {
                self.closing = true;
                // The engine cannot say goodbye before its data channel is up.
                if self.rtc.close().is_err() {
                    self.rtc.disconnect();
                }
                _ = reply.send(());
            }
        }
    }

    fn accept(&mut self, answer: &str) -> Result<(), PeerError> {
        let answer = SdpAnswer::from_sdp_string(answer).map_err(local)?;
        let pending = self.pending.take();
        let pending = pending.ok_or_else(|| PeerError::Local("no offer is open".to_owned()))?;
        self.rtc
            .sdp_api()
            .accept_answer(pending, answer)
            .map_err(local)
    }

    fn offer(&mut self, direction: Option<Direction>) -> Result<String, PeerError> {
        let mut changes = self.rtc.sdp_api();
        match direction {
            Some(direction) => changes.set_direction(self.mid, direction),
            None => drop(changes.ice_restart(true)),
        }
        let applied = changes.apply();
        let (offer, pending) =
            applied.ok_or_else(|| PeerError::Local("nothing to offer".to_owned()))?;
        self.pending = Some(pending);
        Ok(offer.to_sdp_string())
    }

    fn receive(&mut self, source: SocketAddr, datagram: &[u8]) {
        if let Ok(receive) = Receive::new(Protocol::Udp, source, self.address, datagram) {
            let input = Input::Receive(Instant::now(), receive);
            if self.rtc.handle_input(input).is_err() {
                self.rtc.disconnect();
            }
        }
    }

    fn advance(&mut self) {
        let now = Instant::now();
        if self.next_beat <= now {
            // On a machine that is too busy some audio is left out, as a browser
            // would: making up for it would keep the machine busy.
            let behind = now.duration_since(self.next_beat);
            let due = if behind > MOST_BEHIND {
                now
            } else {
                self.next_beat
            };
            self.next_beat = due + BEAT;
            self.beats += 1;
            self.speak(now);
        } else if self.rtc.handle_input(Input::Timeout(now)).is_err() {
            self.rtc.disconnect();
        }
    }

    fn speak(&mut self, now: Instant) {
        let pcm = self.next_frame();
        let level = dbov(&pcm);
        let direction = self.rtc.media(self.mid).map(|media| media.direction());
        if !self.sending || !direction.is_some_and(|direction| direction.is_sending()) {
            return;
        }
        let Some(writer) = self.rtc.writer(self.mid) else {
            return;
        };
        let Some(pt) = writer.payload_params().next().map(|params| params.pt()) else {
            return;
        };
        let Ok(packet) = self.encoder.encode(&pcm) else {
            return;
        };
        let time = MediaTime::new(self.beats * 960, Frequency::FORTY_EIGHT_KHZ);
        // Browsers always set the voice bit; nobody may rely on it.
        drop(writer.audio_level(level, true).write(pt, now, time, packet));
    }

    fn next_frame(&mut self) -> Vec<i16> {
        if !self.to_say.is_empty() {
            let count = self.to_say.len().min(FRAME);
            let mut frame: Vec<i16> = self.to_say.drain(..count).collect();
            frame.resize(FRAME, 0);
            return frame;
        }
        let Some(hz) = self.hum else {
            return vec![0; FRAME];
        };
        let step = hz / RATE as f32 * TAU;
        (0..FRAME)
            .map(|_| {
                self.phase = (self.phase + step) % TAU;
                (self.phase.sin() * 8_000.0) as i16
            })
            .collect()
    }

    async fn drain(&mut self) {
        loop {
            match self.rtc.poll_output() {
                Ok(Output::Timeout(at)) => {
                    let now = Instant::now();
                    if at > now || !self.rtc.is_alive() {
                        self.wake_at = at;
                        return;
                    }
                    if self.rtc.handle_input(Input::Timeout(now)).is_err() {
                        self.rtc.disconnect();
                    }
                }
                Ok(Output::Transmit(transmit)) => {
                    // Lost, as on any network.
                    drop(
                        self.socket
                            .send_to(&transmit.contents, transmit.destination)
                            .await,
                    );
                }
                Ok(Output::Event(event)) => self.handle(event),
                Err(_) => self.rtc.disconnect(),
            }
        }
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Connected => self.view.send_modify(|view| view.connected = true),
            Event::IceConnectionStateChange(IceConnectionState::Disconnected) => {
                self.view.send_modify(|view| view.connected = false);
            }
            Event::IceConnectionStateChange(ice) if ice.is_connected() => {
                let connected = self.rtc.is_connected();
                self.view.send_modify(|view| view.connected = connected);
            }
            Event::ChannelOpen(id, _) if id == self.control => {
                self.view.send_modify(|view| view.control_open = true);
            }
            Event::ChannelData(data) if !data.binary => {
                let text = String::from_utf8_lossy(&data.data).into_owned();
                self.view.send_modify(|view| view.control.push(text));
            }
            Event::MediaData(media) if !media.data.is_empty() => {
                let pcm = self.decoder.decode(&media.data);
                self.view.send_modify(|view| {
                    view.packets += 1;
                    view.levels.extend(media.ext_vals.audio_level);
                    view.heard.extend_from_slice(pcm);
                });
            }
            _ => {}
        }
    }
}

fn local(error: impl std::fmt::Display) -> PeerError {
    PeerError::Local(error.to_string())
}
