//! The rules of a room, without I/O: who hears whom, what is recorded, when a
//! leg is gone. Given the time and what came in, it says what goes out.
//!
//! A room beats every 20 ms from its opening. On each beat every connected leg
//! is sent exactly one packet, so that a listener never has to conceal a gap:
//! the client gets the agent's packets as they are, or comfort noise between
//! phrases; a leg that hears several voices gets their mix.

mod beat;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use str0m::net::Transmit;

use super::leg::{Leg, LegEvent, input};
use super::playback::{Ended, Playback};
use super::socket::Datagram;
use super::{FRAME_MS, LeaveCause, LegId, LegRole, MediaError, MediaEvent, RoomStats};
use crate::audio::{Encoder, FRAME};
use crate::recording::Recording;
use crate::voice::Speech;

/// Beats made up for after the task was held up. More are skipped: nobody wants
/// a second of audio in a burst.
const CATCH_UP: u64 = 10;

/// How long peers are given, when the room closes, to take in the last control
/// frame before their connection closes; and how long at most when a frame
/// does not get through.
const FAREWELL: Duration = Duration::from_millis(300);
const LONGEST_FAREWELL: Duration = Duration::from_millis(1_500);

/// How long a closing engine may take to send its goodbyes.
const DEPARTURE: Duration = Duration::from_millis(300);

/// Whose voice it is that comes from no leg.
const NO_LEG: LegId = LegId(u64::MAX);

/// What a room gives off.
#[derive(Debug, Default)]
pub(crate) struct Output {
    pub(crate) transmits: Vec<Transmit>,
    pub(crate) events: Vec<MediaEvent>,
}

/// A room.
pub(crate) struct State {
    opened: Instant,
    beats: u64,
    candidates: Vec<SocketAddr>,
    legs: Vec<Leg>,
    departing: Vec<(Leg, Instant)>,
    playback: Playback,
    /// The voice of a caller without a leg.
    caller: Playback,
    /// What legs hear that only listen is the same for all of them.
    listeners: Option<Encoder>,
    recording: Recording,
    /// Beats before the client was there, which are not recorded.
    unrecorded: Option<u64>,
    dropped: bool,
    closing: Option<Instant>,
    output: Output,
    fragments: Vec<String>,
}

impl State {
    /// An empty room, reached at these addresses.
    pub(crate) fn new(now: Instant, candidates: Vec<SocketAddr>) -> State {
        State {
            opened: now,
            beats: 0,
            candidates,
            legs: Vec::new(),
            departing: Vec::new(),
            playback: Playback::default(),
            caller: Playback::default(),
            listeners: None,
            recording: Recording::default(),
            unrecorded: None,
            dropped: false,
            closing: None,
            output: Output::default(),
            fragments: Vec::new(),
        }
    }

    pub(crate) fn join(
        &mut self,
        now: Instant,
        role: LegRole,
        offer: &str,
    ) -> Result<(LegId, String), MediaError> {
        let (mut leg, answer) = Leg::accept(now, role, offer, &self.candidates)?;
        let id = leg.id;
        self.fragments.push(leg.fragment());
        self.legs.push(leg);
        self.drain(now);
        Ok((id, answer))
    }

    pub(crate) fn renegotiate(
        &mut self,
        now: Instant,
        leg: LegId,
        offer: &str,
    ) -> Result<String, MediaError> {
        let leg = self.leg(leg)?;
        let answer = leg.renegotiate(now, offer)?;
        // A restart of ICE has changed it.
        let fragment = leg.fragment();
        self.fragments.push(fragment);
        self.drain(now);
        Ok(answer)
    }

    pub(crate) fn add_candidate(
        &mut self,
        now: Instant,
        leg: LegId,
        candidate: &str,
    ) -> Result<(), MediaError> {
        self.leg(leg)?.add_candidate(candidate)?;
        self.drain(now);
        Ok(())
    }

    pub(crate) fn allow_publish(&mut self, leg: LegId, allowed: bool) {
        let Ok(leg) = self.leg(leg) else { return };
        leg.allow_publish(allowed);
        if allowed && leg.role == LegRole::Listener {
            self.stop_playing();
        }
    }

    pub(crate) fn leave(&mut self, now: Instant, leg: LegId) {
        self.depart(now, leg, LeaveCause::Requested);
    }

    pub(crate) fn play(&mut self, speech: Arc<Speech>) {
        if self.is_taken_over() {
            self.playback_ended(Some(Ended {
                completed: false,
                played_ms: 0,
            }));
            return;
        }
        let ended = self.playback.start(speech);
        self.playback_ended(ended);
    }

    pub(crate) fn stop_playing(&mut self) {
        let ended = self.playback.stop();
        self.playback_ended(ended);
    }

    pub(crate) fn play_caller(&mut self, speech: Arc<Speech>) {
        self.caller.start(speech);
    }

    pub(crate) fn caller_arrived(&mut self) {
        self.unrecorded.get_or_insert(self.beats);
    }

    pub(crate) fn send_control(&mut self, now: Instant, text: &str) {
        for leg in &mut self.legs {
            leg.send_control(text);
        }
        self.drain(now);
    }

    pub(crate) fn set_dropped(&mut self, dropped: bool) {
        self.dropped = dropped;
    }

    pub(crate) fn stats(&self, now: Instant) -> RoomStats {
        RoomStats {
            elapsed_ms: now.saturating_duration_since(self.opened).as_millis() as u64,
            playing: self.playback.is_playing(),
            dropped: self.dropped,
            legs: self.legs.iter().map(Leg::stats).collect(),
        }
    }

    /// Ends the call: the recording so far, and a farewell for the legs.
    pub(crate) fn close(&mut self, now: Instant) -> Recording {
        self.closing.get_or_insert(now);
        self.playback.stop();
        if let Some(unrecorded) = self.unrecorded {
            self.recording
                .extend_to((self.beats - unrecorded) as usize * FRAME);
        }
        std::mem::take(&mut self.recording)
    }

    pub(crate) fn is_closing(&self) -> bool {
        self.closing.is_some()
    }

    /// Whether the room is closed and everybody has gone.
    pub(crate) fn is_over(&self) -> bool {
        self.closing.is_some() && self.legs.is_empty() && self.departing.is_empty()
    }

    pub(crate) fn receive(&mut self, datagram: &Datagram) {
        if self.dropped {
            return;
        }
        let Some(input) = input(datagram) else { return };
        let departing = self.departing.iter_mut().map(|(leg, _)| leg);
        let mut legs = self.legs.iter_mut().chain(departing);
        if let Some(leg) = legs.find(|leg| leg.accepts(&input)) {
            leg.receive(input);
            self.drain(datagram.received);
        }
    }

    /// When [`State::advance`] must run next.
    pub(crate) fn wake_at(&self) -> Instant {
        let legs = self.legs.iter().map(Leg::wake_at);
        let departing = self
            .departing
            .iter()
            .map(|(leg, until)| leg.wake_at().min(*until));
        legs.chain(departing)
            .fold(self.beat_at(self.beats + 1), Instant::min)
    }

    /// Moves time on.
    pub(crate) fn advance(&mut self, now: Instant) {
        let due = now.saturating_duration_since(self.opened).as_millis() as u64 / FRAME_MS;
        self.beats = self.beats.max(due.saturating_sub(CATCH_UP));
        while self.beats < due {
            self.beats += 1;
            self.beat(now);
        }
        self.bid_farewell(now);
        self.drain(now);
        self.departing
            .retain(|(leg, until)| !leg.is_over() && *until > now);
    }

    pub(crate) fn take_output(&mut self) -> Output {
        std::mem::take(&mut self.output)
    }

    /// ICE user fragments that are new since the last time.
    pub(crate) fn take_fragments(&mut self) -> Vec<String> {
        std::mem::take(&mut self.fragments)
    }

    fn beat_at(&self, beat: u64) -> Instant {
        self.opened + Duration::from_millis(beat * FRAME_MS)
    }

    fn leg(&mut self, id: LegId) -> Result<&mut Leg, MediaError> {
        self.legs
            .iter_mut()
            .find(|leg| leg.id == id)
            .ok_or(MediaError::UnknownLeg)
    }

    fn is_taken_over(&self) -> bool {
        self.legs
            .iter()
            .any(|leg| leg.role == LegRole::Listener && leg.may_publish)
    }

    fn playback_ended(&mut self, ended: Option<Ended>) {
        if let Some(Ended {
            completed,
            played_ms,
        }) = ended
        {
            self.output.events.push(MediaEvent::PlaybackEnded {
                completed,
                played_ms,
            });
        }
    }

    /// Lets each leg of a closing room go once it knows that the call is over.
    fn bid_farewell(&mut self, now: Instant) {
        let Some(since) = self.closing else { return };
        let waited = now.saturating_duration_since(since);
        let informed = |leg: &mut Leg| leg.is_control_flushed() && waited >= FAREWELL;
        let leaving: Vec<LegId> = self
            .legs
            .iter_mut()
            .filter_map(|leg| (informed(leg) || waited >= LONGEST_FAREWELL).then_some(leg.id))
            .collect();
        for leg in leaving {
            self.depart(now, leg, LeaveCause::Requested);
        }
    }

    fn depart(&mut self, now: Instant, id: LegId, cause: LeaveCause) {
        let Some(index) = self.legs.iter().position(|leg| leg.id == id) else {
            return;
        };
        let mut leg = self.legs.remove(index);
        leg.close();
        self.departing.push((leg, now + DEPARTURE));
        self.output.events.push(MediaEvent::Left { leg: id, cause });
        self.drain(now);
    }

    fn drain(&mut self, now: Instant) {
        let mut gone = Vec::new();
        for leg in &mut self.legs {
            let (id, role) = (leg.id, leg.role);
            for event in leg.drain(now, &mut self.output.transmits) {
                let event = match event {
                    LegEvent::Gone(cause) => {
                        gone.push((id, cause));
                        continue;
                    }
                    LegEvent::ControlOpen => MediaEvent::ControlOpen { leg: id },
                    LegEvent::Connected => {
                        if role == LegRole::Client {
                            self.unrecorded.get_or_insert(self.beats);
                        }
                        MediaEvent::Connected { leg: id }
                    }
                };
                self.output.events.push(event);
            }
        }
        for (leg, _) in &mut self.departing {
            leg.drain(now, &mut self.output.transmits);
        }
        if self.dropped {
            self.output.transmits.clear();
        }
        for (leg, cause) in gone {
            self.depart(now, leg, cause);
        }
    }
}

#[cfg(test)]
mod tests;
