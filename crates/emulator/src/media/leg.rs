//! One peer connection of a room: the WebRTC engine and what we keep beside it.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use str0m::channel::ChannelId;
use str0m::media::{Frequency, MediaData, MediaTime, Mid};
use str0m::net::{Protocol, Receive, Transmit};
use str0m::{Candidate, Event, IceConnectionState, Input, Output, Rtc, RtcError};

use super::jitter::Jitter;
use super::sdp::{CONTROL, bad_offer, config, is_mdns, parse_offer};
use super::socket::Datagram;
use super::{LeaveCause, LegId, LegRole, LegState, LegStats, MediaError};
use crate::audio::{Decoder, Encoder};
use crate::audio::{LevelTrack, dbov};

/// How long a peer may take to connect after its offer was answered.
const CONNECT_WITHIN: Duration = Duration::from_secs(30);

/// How long a lost peer may take to come back after ICE gave it up, which
/// itself takes some twenty seconds.
const COME_BACK_WITHIN: Duration = Duration::from_secs(5);

/// How long a peer whose ICE is restarted may take.
const RESTART_WITHIN: Duration = Duration::from_secs(15);

/// Louder than this counts as voice in the header of what we send.
const VOICE_DBOV: i8 = -50;

/// What a leg tells its room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LegEvent {
    Connected,
    ControlOpen,
    Gone(LeaveCause),
}

/// One frame to send, with its true level.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Packet<'a> {
    pub(crate) data: &'a [u8],
    pub(crate) dbov: i8,
}

/// A leg. After every method that takes `now`, [`Leg::drain`] must run.
pub(crate) struct Leg {
    pub(crate) id: LegId,
    pub(crate) role: LegRole,
    pub(crate) may_publish: bool,
    /// For what only this leg hears; made when first needed.
    pub(crate) encoder: Option<Encoder>,
    pub(crate) heard: LevelTrack,
    rtc: Rtc,
    /// Whether something was given to the engine since it was last asked what follows.
    given: bool,
    wake_at: Instant,
    state: LegState,
    give_up_at: Option<Instant>,
    audio: Option<Mid>,
    control: Option<ChannelId>,
    control_queue: VecDeque<String>,
    decoder: Option<Decoder>,
    jitter: Jitter,
    sent: LevelTrack,
    packets_in: u64,
    bytes_in: u64,
    packets_out: u64,
    bytes_out: u64,
    events: Vec<LegEvent>,
}

impl Leg {
    /// Answers an offer, with our `candidates` in the answer.
    pub(crate) fn accept(
        now: Instant,
        role: LegRole,
        offer: &str,
        candidates: &[SocketAddr],
    ) -> Result<(Leg, String), MediaError> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let offer = parse_offer(offer)?;
        let mut rtc = config().build(now);
        for &address in candidates {
            let candidate = Candidate::host(address, "udp").map_err(bad_offer)?;
            rtc.add_local_candidate(candidate);
        }
        let answer = rtc.sdp_api().accept_offer(offer).map_err(bad_offer)?;
        let leg = Leg {
            id: LegId(NEXT.fetch_add(1, Ordering::Relaxed)),
            role,
            may_publish: role == LegRole::Client,
            encoder: None,
            heard: LevelTrack::default(),
            rtc,
            given: true,
            wake_at: now,
            state: LegState::Connecting,
            give_up_at: Some(now + CONNECT_WITHIN),
            audio: None,
            control: None,
            control_queue: VecDeque::new(),
            decoder: Decoder::new().ok(),
            jitter: Jitter::default(),
            sent: LevelTrack::default(),
            packets_in: 0,
            bytes_in: 0,
            packets_out: 0,
            bytes_out: 0,
            events: Vec::new(),
        };
        Ok((leg, answer.to_sdp_string()))
    }

    /// Answers a further offer.
    pub(crate) fn renegotiate(&mut self, now: Instant, offer: &str) -> Result<String, MediaError> {
        let offer = parse_offer(offer)?;
        self.given = true;
        let answer = self.rtc.sdp_api().accept_offer(offer).map_err(bad_offer)?;
        if self.state == LegState::Disconnected {
            self.give_up_at = Some(now + RESTART_WITHIN);
        }
        Ok(answer.to_sdp_string())
    }

    /// The ICE user fragment peers address this leg by.
    pub(crate) fn fragment(&mut self) -> String {
        self.rtc.direct_api().local_ice_credentials().ufrag
    }

    /// Adds a trickled candidate; not to a connection that is there.
    pub(crate) fn add_candidate(&mut self, candidate: &str) -> Result<(), MediaError> {
        let bad = |why: &str| MediaError::BadCandidate(why.to_owned());
        if self.state == LegState::Connected {
            return Err(bad("it comes too late, the connection is there"));
        }
        let candidate = candidate.trim().trim_start_matches("a=");
        if is_mdns(candidate) {
            return Ok(());
        }
        let candidate =
            Candidate::from_sdp_string(candidate).map_err(|error| bad(&error.to_string()))?;
        self.given = true;
        self.rtc.add_remote_candidate(candidate);
        Ok(())
    }

    /// Whether a datagram is for this leg.
    pub(crate) fn accepts(&self, input: &Input<'_>) -> bool {
        self.rtc.accepts(input)
    }

    /// Takes a datagram in.
    pub(crate) fn receive(&mut self, input: Input<'_>) {
        self.given = true;
        let handled = self.rtc.handle_input(input);
        self.check(handled);
    }

    /// Sends 20 ms of audio, the `beat`th of the room.
    pub(crate) fn send_audio(&mut self, now: Instant, beat: u64, packet: Packet<'_>) {
        if self.state != LegState::Connected {
            return;
        }
        let Some(mid) = self.audio else { return };
        self.given = true;
        if !self
            .rtc
            .media(mid)
            .is_some_and(|media| media.direction().is_sending())
        {
            return;
        }
        let Some(writer) = self.rtc.writer(mid) else {
            return;
        };
        let Some(pt) = writer.payload_params().next().map(|params| params.pt()) else {
            return;
        };
        let time = MediaTime::new(beat * 960, Frequency::FORTY_EIGHT_KHZ);
        let written = writer
            .audio_level(packet.dbov, packet.dbov > VOICE_DBOV)
            .write(pt, now, time, packet.data);
        match written {
            Ok(()) => {
                self.packets_out += 1;
                self.bytes_out += packet.data.len() as u64;
                self.sent.packet(packet.dbov);
            }
            Err(error) => tracing::debug!(%error, leg = %self.id, "a packet was not sent"),
        }
    }

    /// The peer's voice in the 20 ms that are due, and the levels of the beat.
    pub(crate) fn beat(&mut self) -> Option<Vec<i16>> {
        self.heard.beat();
        self.sent.beat();
        self.jitter.pull()
    }

    /// Lets the peer be heard, or not.
    pub(crate) fn allow_publish(&mut self, allowed: bool) {
        self.may_publish = allowed;
        self.jitter.clear();
    }

    /// Sends a frame on the control channel, now or when it opens.
    pub(crate) fn send_control(&mut self, text: &str) {
        self.given = true;
        self.control_queue.push_back(text.to_owned());
        self.write_control();
    }

    /// Whether every control frame has reached the peer, or never will.
    pub(crate) fn is_control_flushed(&mut self) -> bool {
        match self.control.and_then(|id| self.rtc.channel(id)) {
            Some(mut channel) => self.control_queue.is_empty() && channel.buffered_amount() == 0,
            None => self.control_queue.is_empty(),
        }
    }

    /// Says goodbye to the peer. The engine refuses to while the data channel is
    /// being set up; then the peer finds out by itself.
    pub(crate) fn close(&mut self) {
        self.given = true;
        let closed = self.rtc.close();
        self.check(closed);
    }

    /// Whether the engine has nothing left to do.
    pub(crate) fn is_over(&self) -> bool {
        !self.rtc.is_alive()
    }

    /// Whether audio flows.
    pub(crate) fn is_connected(&self) -> bool {
        self.state == LegState::Connected
    }

    /// When time must be handled next.
    pub(crate) fn wake_at(&self) -> Instant {
        self.give_up_at
            .map_or(self.wake_at, |at| at.min(self.wake_at))
    }

    /// Moves time on, sends what is to be sent and gives what happened. The engine is only asked
    /// when it was given something or its time has come: asking costs more than most packets.
    pub(crate) fn drain(&mut self, now: Instant, transmits: &mut Vec<Transmit>) -> Vec<LegEvent> {
        if !std::mem::take(&mut self.given) && self.wake_at() > now {
            return Vec::new();
        }
        self.poll(now, transmits);
        // The engine may ask to be called at once, a few times in a row.
        for _ in 0..10 {
            if self.wake_at > now || !self.rtc.is_alive() {
                break;
            }
            let handled = self.rtc.handle_input(Input::Timeout(now));
            self.check(handled);
            self.poll(now, transmits);
        }
        self.wake_at = self.wake_at.max(now + Duration::from_millis(1));
        if self.give_up_at.is_some_and(|at| at <= now) {
            self.give_up_at = None;
            self.events.push(LegEvent::Gone(LeaveCause::Lost));
        }
        std::mem::take(&mut self.events)
    }

    /// Counters and levels.
    pub(crate) fn stats(&self) -> LegStats {
        LegStats {
            leg: self.id,
            role: self.role,
            state: self.state,
            control_open: self.control.is_some(),
            may_publish: self.may_publish,
            packets_in: self.packets_in,
            bytes_in: self.bytes_in,
            packets_out: self.packets_out,
            bytes_out: self.bytes_out,
            level_in: self.heard.last(),
            level_out: self.sent.last(),
            smoothed_in: self.heard.smoothed(),
            smoothed_out: self.sent.smoothed(),
        }
    }

    fn poll(&mut self, now: Instant, transmits: &mut Vec<Transmit>) {
        loop {
            match self.rtc.poll_output() {
                Ok(Output::Timeout(at)) => {
                    self.wake_at = at;
                    return;
                }
                Ok(Output::Transmit(transmit)) => transmits.push(transmit),
                Ok(Output::Event(event)) => self.handle(now, event),
                Err(error) => {
                    self.check(Err(error));
                    return;
                }
            }
            if !self.rtc.is_alive() {
                return;
            }
        }
    }

    fn handle(&mut self, now: Instant, event: Event) {
        match event {
            Event::Connected => self.connected(),
            Event::IceConnectionStateChange(state) => self.ice_changed(now, state),
            Event::MediaAdded(added) => self.audio = self.audio.or(Some(added.mid)),
            Event::MediaData(data) => self.heard_packet(&data),
            Event::ChannelOpen(id, label) if label == CONTROL => {
                self.control = Some(id);
                self.events.push(LegEvent::ControlOpen);
                self.write_control();
            }
            Event::ChannelClose(id) if self.control == Some(id) => self.control = None,
            Event::Closed => self.events.push(LegEvent::Gone(LeaveCause::Closed)),
            _ => {}
        }
    }

    fn connected(&mut self) {
        self.state = LegState::Connected;
        self.give_up_at = None;
        self.events.push(LegEvent::Connected);
    }

    fn ice_changed(&mut self, now: Instant, ice: IceConnectionState) {
        tracing::debug!(?ice, leg = %self.id, "ICE");
        match (self.state, ice) {
            (LegState::Connected, IceConnectionState::Disconnected) => {
                self.state = LegState::Disconnected;
                self.give_up_at = Some(now + COME_BACK_WITHIN);
            }
            (LegState::Disconnected, ice) if ice.is_connected() => self.connected(),
            _ => {}
        }
    }

    fn heard_packet(&mut self, media: &MediaData) {
        // Padding arrives as media of no length.
        if media.data.is_empty() {
            return;
        }
        self.packets_in += 1;
        self.bytes_in += media.data.len() as u64;
        let announced = media.ext_vals.audio_level;
        let pcm = match &mut self.decoder {
            Some(decoder) if self.may_publish || announced.is_none() => decoder.decode(&media.data),
            _ => &[],
        };
        self.heard.packet(announced.unwrap_or_else(|| dbov(pcm)));
        if self.may_publish {
            self.jitter.push(pcm);
        }
    }

    fn write_control(&mut self) {
        let Some(id) = self.control else { return };
        while let Some(text) = self.control_queue.front() {
            let Some(mut channel) = self.rtc.channel(id) else {
                return;
            };
            match channel.write(false, text.as_bytes()) {
                Ok(true) => drop(self.control_queue.pop_front()),
                // No room in the buffer: at the next occasion.
                Ok(false) => return,
                Err(error) => {
                    tracing::debug!(%error, leg = %self.id, "a control frame was not sent");
                    return;
                }
            }
        }
    }

    /// An engine that fails takes only its own leg with it.
    fn check(&mut self, result: Result<(), RtcError>) {
        if let Err(error) = result {
            tracing::debug!(%error, leg = %self.id, "the connection failed");
            self.rtc.disconnect();
            self.events.push(LegEvent::Gone(LeaveCause::Failed));
        }
    }
}

/// What the engine makes of a datagram; `None` when it is not WebRTC at all.
pub(crate) fn input(datagram: &Datagram) -> Option<Input<'_>> {
    let Datagram {
        received,
        source,
        destination,
        contents,
    } = datagram;
    let receive = Receive::new(Protocol::Udp, *source, *destination, contents).ok()?;
    Some(Input::Receive(*received, receive))
}
