//! The state machine of a listener: every decision, and none of the I/O.
//!
//! ```text
//! idle → joining → listening ⇄ reconnecting → ended(reason)
//!                  └ silent → asking → ready → switching → opening → talking
//! ```
//!
//! Rules kept here (each has a test):
//! - the microphone is open before anybody is asked to confirm, and nothing is switched
//!   without the one and the other;
//! - whether the call was taken over is our server's to say: an answer that did not come is
//!   asked for again, and where it stays away the call is left, so that nobody is on a line
//!   on which nobody speaks;
//! - until then a listener whose session the gateway forgot joins anew, with a new token;
//!   afterwards there is no other way in, and leaving ends the call;
//! - a lost or changed network is answered by an ICE restart, up to [`RECONNECT_MS`];
//! - whoever joined leaves, at the gateway and at our server, whatever was on its way.

#[cfg(test)]
mod tests;

pub use crate::call::session::{Attempt, MicrophoneFault};

/// How long our server and the gateway may take to let a listener in, in ms.
pub const JOIN_MS: u64 = 20_000;
/// How long the media may take to connect after the answer, in ms.
pub const CONNECT_MS: u64 = 15_000;
/// How long a lost connection is tried to be got back, and a voice to be sent, in ms.
pub const RECONNECT_MS: u64 = 15_000;
/// How long it may take to learn whether the call was taken over, in ms.
pub const SWITCH_MS: u64 = 25_000;
/// The pause before something that failed is tried again, in ms.
const PAUSE_MS: u64 = 1_000;
/// How long an answered ICE restart may take before it is repeated, in ms.
const PATIENCE_MS: u64 = 4_000;
/// How often a listener joins anew before it is given up, unless it was connected between.
const JOINS: u8 = 3;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// Somebody wants to listen.
    Listen,
    /// They have heard enough, or said.
    Stop,
    /// Their page goes away.
    Leave,
    /// They want to speak instead of the agent.
    WantVoice,
    /// They want it though it cannot be undone.
    Confirm,
    /// They do not.
    ThinkAgain,
    /// They want to be heard or not.
    Mute(bool),
    /// Their microphone is open.
    MicrophoneGranted,
    /// It is not.
    MicrophoneRefused(MicrophoneFault),
    /// The open microphone went away.
    MicrophoneLost,
    /// The call is over, as the page learned elsewhere.
    CallOver,
    /// The browser lost the network.
    Offline,
    /// The browser has the network again, or another one than before.
    NetworkChanged,
    /// The time asked for by [`Session::deadline`] has come.
    Tick,
    /// A result of something an attempt asked for.
    Of(Attempt, Happened),
}

/// What an attempt's effects led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happened {
    /// The offer is made and waits to be sent.
    OfferReady,
    /// The browser could not make a peer connection or an offer.
    PeerUnusable,
    /// Our server lets them listen.
    Granted,
    /// Our server does not; whether the call is over.
    Refused(bool),
    /// Our server could not be reached.
    AskUnsent,
    /// The gateway took the offer: there is a session, and an answer.
    Answered,
    /// The gateway refused the offer with this HTTP status.
    OfferRefused(u16),
    /// The gateway could not be reached.
    OfferUnsent,
    /// The browser could not use the answer.
    AnswerUnusable,
    /// The peer connection has one more candidate to tell.
    Candidate,
    /// The peer connection is connected.
    PeerConnected,
    /// The peer connection hears nothing at the moment.
    PeerDisconnected,
    /// The peer connection gave up.
    PeerFailed,
    /// The gateway answered the new offer, and the answer was applied.
    Renewed,
    /// The gateway refused the new offer with this HTTP status.
    RenewalRefused(u16),
    /// The new offer did not get through.
    RenewalUnsent,
    /// Our server had the agent stopped: the call is theirs.
    TakenOver,
    /// Our server did not; whether the call is over.
    TakeOverRefused(bool),
    /// Nobody knows whether it did.
    TakeOverInDoubt,
    /// The far end says that the call is over.
    RemoteEnded,
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Create a peer connection that only hears, its control channel and its offer.
    CreatePeer(Attempt),
    /// Ask our server to let them listen.
    Ask(Attempt),
    /// Send the offer to the gateway.
    PostOffer(Attempt),
    /// Give the answer to the peer connection.
    ApplyAnswer(Attempt),
    /// Tell the gateway the candidates collected since the last time.
    SendCandidates(Attempt),
    /// Make a new offer and send it to the gateway.
    Renew {
        /// Whose.
        attempt: Attempt,
        /// Whether it restarts ICE.
        restart: bool,
    },
    /// Ask for the microphone, or open it anew.
    OpenMicrophone,
    /// Have our server stop the agent for them.
    TakeOver(Attempt),
    /// Send the microphone through the peer connection from the next offer on.
    Speak(Attempt),
    /// Stop or resume sending their voice.
    SetMuted(bool),
    /// Let the microphone go.
    ReleaseMicrophone,
    /// Close the peer connection.
    ClosePeer(Attempt),
    /// Leave the gateway's session, even while the page goes away.
    DeleteSession(Attempt),
    /// Tell our server that they have left, even while the page goes away.
    TellLeft(Attempt),
}

/// Why somebody does not listen any more, or never did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndReason {
    /// They have heard enough, or said.
    Stopped,
    /// Their page went away.
    PageLeft,
    /// The call is over.
    CallOver,
    /// Our server did not let them.
    Refused,
    /// The gateway did not let them in.
    Rejected,
    /// No media path was found: a firewall, most often.
    MediaBlocked,
    /// The connection was lost and did not come back.
    ConnectionLost,
    /// The browser cannot do WebRTC, or refused to.
    BrowserUnable,
}

/// Where a listener stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Phase {
    /// Nothing yet.
    #[default]
    Idle,
    /// Let in, and connected.
    Joining,
    /// Hearing both sides.
    Listening,
    /// The connection is lost and being got back.
    Reconnecting,
    /// Not any more.
    Ended(EndReason),
}

impl Phase {
    /// Whether somebody listens, or is about to.
    #[must_use]
    pub fn is_active(self) -> bool {
        !matches!(self, Self::Idle | Self::Ended(_))
    }

    /// The phase's name in the `data-state` attribute.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Joining => "joining",
            Self::Listening => "listening",
            Self::Reconnecting => "reconnecting",
            Self::Ended(_) => "ended",
        }
    }
}

/// How far a listener's own voice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Voice {
    /// They only listen.
    #[default]
    Silent,
    /// The browser asks for the microphone.
    Asking,
    /// It is open, and they are asked whether they mean it.
    Ready,
    /// Our server has the agent stopped.
    Switching,
    /// The agent is stopped; the gateway learns that they send.
    Opening,
    /// They are heard.
    Talking,
}

impl Voice {
    /// The voice's name in the `data-voice` attribute.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Silent => "silent",
            Self::Asking => "asking",
            Self::Ready => "ready",
            Self::Switching => "switching",
            Self::Opening => "opening",
            Self::Talking => "talking",
        }
    }

    /// Whether the call may be theirs: leaving ends it.
    #[must_use]
    pub fn has_call(self) -> bool {
        self >= Self::Switching
    }
}

/// Why somebody only listens though they wanted to speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// There is no microphone to speak into.
    Microphone(MicrophoneFault),
    /// Our server did not let them take the call over.
    Refused,
}

/// What there is to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct View {
    /// Where they stand.
    pub phase: Phase,
    /// How far their voice is.
    pub voice: Voice,
    /// Whether they are muted.
    pub muted: bool,
    /// Whether the microphone went away while they speak.
    pub unheard: bool,
    /// Why they do not speak.
    pub trouble: Option<Trouble>,
}

/// The state machine of one page: listening any number of times, one after the other.
#[derive(Debug, Default)]
pub struct Session {
    attempts: u32,
    current: Option<Current>,
    view: View,
    /// Requests that were on their way when their attempt ended.
    late: Vec<(Attempt, Late)>,
    offline: bool,
}

/// A request whose outcome must be undone if it succeeds after all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Late {
    Grant,
    Offer,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Join {
    /// The offer, our server's leave, or both are still to come.
    Waiting,
    Posting,
    Pausing(u64),
    Joined,
}

/// A new offer within the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Renewal {
    None,
    UnderWay,
    /// Under way, and of yesterday: another one has to follow it.
    Outdated,
    At(u64),
}

#[derive(Debug)]
struct Current {
    attempt: Attempt,
    joins: u8,
    offer_ready: bool,
    granted: bool,
    join: Join,
    candidates: bool,
    connected: bool,
    renewal: Renewal,
    /// When our server is asked again, where no answer came.
    ask_again: Option<u64>,
    /// When the present stage is given up.
    give_up_at: Option<u64>,
    /// When the outcome of the take-over, or of sending the voice, is given up.
    voice_by: Option<u64>,
}

impl Session {
    /// A session in which nothing has happened.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What to show now.
    #[must_use]
    pub fn view(&self) -> View {
        self.view
    }

    /// The attempt under way.
    #[must_use]
    pub fn attempt(&self) -> Option<Attempt> {
        self.current.as_ref().map(|current| current.attempt)
    }

    /// Whether something of an attempt may still have to be undone, or used.
    #[must_use]
    pub fn needs(&self, attempt: Attempt) -> bool {
        self.attempt() == Some(attempt) || self.late.iter().any(|(of, _)| *of == attempt)
    }

    /// When [`Input::Tick`] is wanted next.
    #[must_use]
    pub fn deadline(&self) -> Option<u64> {
        let current = self.current.as_ref()?;
        let join = match current.join {
            Join::Pausing(until) => Some(until),
            _ => None,
        };
        let renewal = match current.renewal {
            Renewal::At(at) if !self.offline => Some(at),
            _ => None,
        };
        [
            current.give_up_at,
            current.voice_by,
            current.ask_again,
            join,
            renewal,
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// Takes what happened at `now` (ms on any clock that never goes back) and returns what to
    /// do about it, in order.
    pub fn handle(&mut self, now: u64, input: Input) -> Vec<Effect> {
        let mut effects = Vec::new();
        match input {
            Input::Listen => self.listen(now, &mut effects),
            Input::Stop => self.end(EndReason::Stopped, &mut effects),
            Input::Leave => self.end(EndReason::PageLeft, &mut effects),
            Input::CallOver => self.end(EndReason::CallOver, &mut effects),
            Input::Offline => self.offline = true,
            Input::NetworkChanged => {
                self.offline = false;
                self.lose(now, &mut effects);
            }
            Input::Tick => self.tick(now, &mut effects),
            Input::WantVoice
            | Input::Confirm
            | Input::ThinkAgain
            | Input::Mute(_)
            | Input::MicrophoneGranted
            | Input::MicrophoneRefused(_)
            | Input::MicrophoneLost => self.voice_input(now, input, &mut effects),
            Input::Of(attempt, happened) if self.attempt() == Some(attempt) => {
                self.happened(now, happened, &mut effects);
            }
            Input::Of(attempt, happened) => self.undo(attempt, happened, &mut effects),
        }
        self.refresh_phase();
        effects
    }

    fn listen(&mut self, now: u64, effects: &mut Vec<Effect>) {
        if self.current.is_none() {
            self.view = View::default();
            self.join_anew(now + JOIN_MS, 1, effects);
        }
    }

    /// A new attempt with a new token; the microphone, if there is one, stays.
    fn join_anew(&mut self, give_up_at: u64, joins: u8, effects: &mut Vec<Effect>) {
        self.attempts += 1;
        let attempt = Attempt(self.attempts);
        self.current = Some(Current {
            attempt,
            joins,
            offer_ready: false,
            granted: false,
            join: Join::Waiting,
            candidates: false,
            connected: false,
            renewal: Renewal::None,
            ask_again: None,
            give_up_at: Some(give_up_at),
            voice_by: None,
        });
        effects.extend([Effect::CreatePeer(attempt), Effect::Ask(attempt)]);
    }

    /// What people do about their voice, and what becomes of their microphone.
    fn voice_input(&mut self, now: u64, input: Input, effects: &mut Vec<Effect>) {
        let Some(current) = self.current.as_mut() else {
            return;
        };
        let attempt = current.attempt;
        match (input, self.view.voice) {
            (Input::WantVoice, Voice::Silent) if current.connected => {
                self.view.voice = Voice::Asking;
                self.view.trouble = None;
                self.view.muted = false;
                effects.push(Effect::OpenMicrophone);
            }
            (Input::MicrophoneGranted, Voice::Asking) => self.view.voice = Voice::Ready,
            (Input::MicrophoneGranted, Voice::Opening | Voice::Talking) => {
                self.view.unheard = false;
                effects.push(Effect::Speak(attempt));
            }
            (Input::MicrophoneRefused(fault), Voice::Asking) => {
                self.be_silent(Some(Trouble::Microphone(fault)), effects);
            }
            (Input::MicrophoneLost, Voice::Ready) => {
                let fault = MicrophoneFault::Missing;
                self.be_silent(Some(Trouble::Microphone(fault)), effects);
            }
            (Input::MicrophoneLost, Voice::Switching | Voice::Opening | Voice::Talking) => {
                self.view.unheard = true;
                effects.push(Effect::OpenMicrophone);
            }
            // Opened anew while our server is asked.
            (Input::MicrophoneGranted, Voice::Switching) => self.view.unheard = false,
            (Input::Confirm, Voice::Ready) if current.connected => {
                self.view.voice = Voice::Switching;
                current.voice_by = Some(now + SWITCH_MS);
                effects.push(Effect::TakeOver(attempt));
            }
            (Input::ThinkAgain, Voice::Asking | Voice::Ready) => self.be_silent(None, effects),
            (Input::Mute(muted), voice) if voice.has_call() && self.view.muted != muted => {
                self.view.muted = muted;
                effects.push(Effect::SetMuted(muted));
            }
            _ => {}
        }
    }

    /// Back to listening.
    fn be_silent(&mut self, trouble: Option<Trouble>, effects: &mut Vec<Effect>) {
        self.view.voice = Voice::Silent;
        self.view.unheard = false;
        self.view.trouble = trouble;
        if let Some(current) = self.current.as_mut() {
            (current.voice_by, current.ask_again) = (None, None);
        }
        effects.push(Effect::ReleaseMicrophone);
    }

    fn happened(&mut self, now: u64, happened: Happened, effects: &mut Vec<Effect>) {
        let Some(current) = self.current.as_mut() else {
            return;
        };
        let attempt = current.attempt;
        match happened {
            Happened::OfferReady if !current.offer_ready => {
                current.offer_ready = true;
                self.post_when_ready(effects);
            }
            Happened::PeerUnusable => self.end(EndReason::BrowserUnable, effects),
            Happened::Granted if !current.granted => {
                current.granted = true;
                self.post_when_ready(effects);
            }
            Happened::Refused(over) if !current.granted => {
                let reason = match over {
                    true => EndReason::CallOver,
                    false => EndReason::Refused,
                };
                self.finish(reason, false, effects);
            }
            Happened::AskUnsent if !current.granted => current.ask_again = Some(now + PAUSE_MS),
            Happened::Answered if current.join == Join::Posting => {
                current.join = Join::Joined;
                current.give_up_at = Some(now + CONNECT_MS);
                effects.push(Effect::ApplyAnswer(attempt));
                if core::mem::take(&mut current.candidates) {
                    effects.push(Effect::SendCandidates(attempt));
                }
            }
            Happened::OfferRefused(status) if current.join == Join::Posting => {
                self.offer_refused(now, status, effects);
            }
            Happened::OfferUnsent if current.join == Join::Posting => {
                current.join = Join::Pausing(now + PAUSE_MS);
            }
            Happened::AnswerUnusable => self.end(EndReason::Rejected, effects),
            Happened::Candidate if current.join == Join::Joined => {
                effects.push(Effect::SendCandidates(attempt));
            }
            Happened::Candidate => current.candidates = true,
            Happened::PeerConnected if current.join == Join::Joined => {
                current.connected = true;
                current.joins = 0;
                self.settle();
            }
            Happened::PeerDisconnected | Happened::PeerFailed if current.join == Join::Joined => {
                current.connected = false;
                self.lose(now, effects);
            }
            Happened::Renewed | Happened::RenewalRefused(_) | Happened::RenewalUnsent
                if matches!(current.renewal, Renewal::UnderWay | Renewal::Outdated) =>
            {
                self.renewed(now, happened, effects);
            }
            Happened::TakenOver if self.view.voice == Voice::Switching => {
                self.view.voice = Voice::Opening;
                current.ask_again = None;
                current.voice_by = Some(now + RECONNECT_MS);
                effects.push(Effect::Speak(attempt));
                self.renew(effects);
            }
            Happened::TakeOverRefused(over) if self.view.voice == Voice::Switching => match over {
                true => self.end(EndReason::CallOver, effects),
                false => self.be_silent(Some(Trouble::Refused), effects),
            },
            Happened::TakeOverInDoubt if self.view.voice == Voice::Switching => {
                current.ask_again = Some(now + PAUSE_MS);
            }
            Happened::RemoteEnded => self.end(EndReason::CallOver, effects),
            _ => {}
        }
    }

    fn post_when_ready(&mut self, effects: &mut Vec<Effect>) {
        if let Some(current) = self.current.as_mut()
            && current.offer_ready
            && current.granted
            && current.join == Join::Waiting
        {
            current.join = Join::Posting;
            effects.push(Effect::PostOffer(current.attempt));
        }
    }

    fn offer_refused(&mut self, now: u64, status: u16, effects: &mut Vec<Effect>) {
        let Some(current) = self.current.as_mut() else {
            return;
        };
        match status {
            // The token is too old, or was used when its answer was lost.
            401 => self.replace(now, EndReason::Rejected, effects),
            404 | 408 | 425 | 429 | 500.. => current.join = Join::Pausing(now + PAUSE_MS),
            _ => {
                current.join = Join::Waiting;
                self.end(EndReason::Rejected, effects);
            }
        }
    }

    /// The gateway knows them no more: they join anew, as long as they only listen.
    fn replace(&mut self, now: u64, otherwise: EndReason, effects: &mut Vec<Effect>) {
        let Some(current) = self.current.as_ref() else {
            return;
        };
        if self.view.voice.has_call() || current.joins >= JOINS {
            self.end(otherwise, effects);
            return;
        }
        let old = current.attempt;
        let (give_up_at, joins) = (current.give_up_at, current.joins + 1);
        effects.extend([Effect::ClosePeer(old), Effect::TellLeft(old)]);
        self.join_anew(give_up_at.unwrap_or(now + JOIN_MS), joins, effects);
    }

    /// The path works: nothing is given up for the time being.
    fn settle(&mut self) {
        if let Some(current) = self.current.as_mut()
            && current.connected
        {
            current.give_up_at = None;
            // The voice's own offer is repeated until it is answered.
            let sends = self.view.voice == Voice::Opening;
            if matches!(current.renewal, Renewal::At(_)) && !sends {
                current.renewal = Renewal::None;
            }
        }
    }

    /// The path is gone, or may be: it is repaired once there was a session.
    fn lose(&mut self, now: u64, effects: &mut Vec<Effect>) {
        let offline = self.offline;
        let Some(current) = self.current.as_mut() else {
            return;
        };
        if current.join != Join::Joined {
            return;
        }
        current.give_up_at.get_or_insert(now + RECONNECT_MS);
        if offline {
            if !matches!(current.renewal, Renewal::UnderWay | Renewal::Outdated) {
                current.renewal = Renewal::At(now);
            }
            return;
        }
        self.renew(effects);
    }

    /// Sends a new offer, or another one after that which is on its way.
    fn renew(&mut self, effects: &mut Vec<Effect>) {
        if let Some(current) = self.current.as_mut() {
            if matches!(current.renewal, Renewal::UnderWay | Renewal::Outdated) {
                current.renewal = Renewal::Outdated;
                return;
            }
            current.renewal = Renewal::UnderWay;
            // The voice alone needs no other path.
            let voice_alone = self.view.voice == Voice::Opening && current.connected;
            effects.push(Effect::Renew {
                attempt: current.attempt,
                restart: !voice_alone,
            });
        }
    }

    fn renewed(&mut self, now: u64, outcome: Happened, effects: &mut Vec<Effect>) {
        let opening = self.view.voice == Voice::Opening;
        let Some(current) = self.current.as_mut() else {
            return;
        };
        let outdated = current.renewal == Renewal::Outdated;
        current.renewal = Renewal::None;
        match outcome {
            Happened::RenewalRefused(401 | 403 | 404 | 409 | 410) if !current.connected => {
                self.replace(now, EndReason::ConnectionLost, effects);
                return;
            }
            _ if outdated => current.renewal = Renewal::At(now),
            Happened::Renewed => {
                if opening {
                    self.view.voice = Voice::Talking;
                    current.voice_by = None;
                }
                if !current.connected {
                    current.renewal = Renewal::At(now + PATIENCE_MS);
                }
                self.settle();
                return;
            }
            // The path that works counts for more than a refused repair.
            _ if current.connected && !opening => {
                self.settle();
                return;
            }
            _ => current.renewal = Renewal::At(now + PAUSE_MS),
        }
        if matches!(current.renewal, Renewal::At(at) if at <= now) && !self.offline {
            current.renewal = Renewal::None;
            self.renew(effects);
        }
    }

    fn tick(&mut self, now: u64, effects: &mut Vec<Effect>) {
        let Some(current) = self.current.as_mut() else {
            return;
        };
        let attempt = current.attempt;
        // Nobody is left on a line on which nobody speaks.
        if current.voice_by.is_some_and(|at| now >= at) {
            self.end(EndReason::ConnectionLost, effects);
            return;
        }
        if current.give_up_at.is_some_and(|at| now >= at) {
            let reason = match current.join {
                // It was another network, and works as the one before did.
                _ if current.connected => {
                    self.settle();
                    return;
                }
                _ if self.view.phase == Phase::Reconnecting => EndReason::ConnectionLost,
                Join::Joined => EndReason::MediaBlocked,
                Join::Waiting if !current.offer_ready => EndReason::BrowserUnable,
                _ => EndReason::ConnectionLost,
            };
            self.end(reason, effects);
            return;
        }
        if current.ask_again.is_some_and(|at| now >= at) {
            current.ask_again = None;
            effects.push(match current.granted {
                true => Effect::TakeOver(attempt),
                false => Effect::Ask(attempt),
            });
        }
        if let Join::Pausing(until) = current.join
            && now >= until
        {
            current.join = Join::Posting;
            effects.push(Effect::PostOffer(attempt));
        }
        if let Renewal::At(at) = current.renewal
            && now >= at
            && !self.offline
        {
            current.renewal = Renewal::None;
            self.renew(effects);
        }
    }

    fn end(&mut self, reason: EndReason, effects: &mut Vec<Effect>) {
        let asked = self.current.as_ref().is_some_and(|it| !it.granted);
        self.finish(reason, asked, effects);
    }

    /// `asked` says whether our server may still let in whoever has gone.
    fn finish(&mut self, reason: EndReason, asked: bool, effects: &mut Vec<Effect>) {
        let Some(current) = self.current.take() else {
            return;
        };
        let attempt = current.attempt;
        effects.push(Effect::ClosePeer(attempt));
        match current.join {
            Join::Joined => effects.push(Effect::DeleteSession(attempt)),
            Join::Posting => self.late.push((attempt, Late::Offer)),
            Join::Waiting | Join::Pausing(_) => {}
        }
        if current.granted {
            effects.push(Effect::TellLeft(attempt));
        } else if asked {
            self.late.push((attempt, Late::Grant));
        }
        if self.view.voice != Voice::Silent {
            effects.push(Effect::ReleaseMicrophone);
        }
        self.view = View {
            phase: Phase::Ended(reason),
            ..View::default()
        };
    }

    /// What a request of an ended attempt brought into being is taken down.
    fn undo(&mut self, attempt: Attempt, happened: Happened, effects: &mut Vec<Effect>) {
        let (request, undoing) = match happened {
            Happened::Granted => (Late::Grant, Some(Effect::TellLeft(attempt))),
            Happened::Refused(_) | Happened::AskUnsent => (Late::Grant, None),
            Happened::Answered => (Late::Offer, Some(Effect::DeleteSession(attempt))),
            Happened::OfferRefused(_) | Happened::OfferUnsent => (Late::Offer, None),
            _ => return,
        };
        let late = (attempt, request);
        if let Some(at) = self.late.iter().position(|it| *it == late) {
            self.late.swap_remove(at);
            effects.extend(undoing);
        }
    }

    fn refresh_phase(&mut self) {
        let Some(current) = self.current.as_ref() else {
            return;
        };
        self.view.phase = if current.connected && current.give_up_at.is_none() {
            Phase::Listening
        } else if matches!(self.view.phase, Phase::Listening | Phase::Reconnecting) {
            Phase::Reconnecting
        } else {
            Phase::Joining
        };
    }
}
