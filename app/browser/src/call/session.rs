//! The session state machine: every decision of a call, and none of the I/O.
//!
//! ```text
//! idle → asking-microphone → minting → connecting → live ⇄ reconnecting
//!          └────────────┴───────────┴──────────┴──────────┴→ ended(reason)
//! ```
//!
//! [`Session::handle`] takes an [`Input`] and the time and returns the
//! [`Effect`]s to carry out, in order. [`Session::deadline`] says when to come
//! back with [`Input::Tick`]. Results carry the [`Attempt`] they belong to, so
//! an answer that arrives after its attempt is over changes nothing, except
//! that what it brought into being at the far end is taken down again.
//!
//! Rules kept here (each has a test):
//! - nothing is minted before the microphone is allowed, because an unused
//!   token leaves a failed call behind at Retell; where it was allowed before
//!   and there is one, opening it and minting go side by side, and a call whose
//!   microphone fails after all, or does not answer within [`MICROPHONE_MS`], is ended;
//! - the offer travels with the mint, and is sent to the gateway from here only when
//!   no answer came back with the call;
//! - a microphone that goes away, or that the system silences, is opened anew as
//!   soon as that may work, and the visitor is told meanwhile;
//! - a room that is not there yet (404) is asked for again, up to [`JOIN_MS`];
//! - a token refused before joining (401) is replaced once, silently;
//! - the call's STUN and TURN servers are for who needs them: where the direct path
//!   is not up within [`DIRECT_MS`], an ICE restart tries it through them;
//! - a lost or changed network is answered by an ICE restart, up to
//!   [`RECONNECT_MS`];
//! - a minted call is either joined and left, or ended through our server; where the page
//!   goes away, both: a request to elsewhere may not get through any more.

mod join;
mod messages;
mod microphone;
mod path;
mod reason;
#[cfg(test)]
mod tests;
mod view;

pub use messages::{Attempt, Effect, Happened, Input};
pub use reason::{EndReason, MicrophoneFault};
pub use view::{Phase, Unheard, View};

use super::problem::Problem;

/// How long a microphone that was allowed before may take to open, in ms.
pub const MICROPHONE_MS: u64 = 12_000;
/// How long the gateway may take to accept the offer, in ms.
pub const JOIN_MS: u64 = 15_000;
/// How long the media may take to connect after the answer, in ms.
pub const CONNECT_MS: u64 = 15_000;
/// How long the direct path to the gateway may take before the call's servers are
/// tried as well, in ms: no less, because a slow telephone takes a second to agree on
/// keys, and would begin anew.
pub const DIRECT_MS: u64 = 2_000;
/// How long our server may take to mint a call, in ms.
pub const MINT_MS: u64 = 20_000;
/// How long a lost connection is tried to be got back, in ms.
pub const RECONNECT_MS: u64 = 15_000;

/// The state machine of one panel: any number of calls, one after the other.
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
    Mint,
    Offer,
}

#[derive(Debug)]
struct Current {
    attempt: Attempt,
    /// The attempt that asked for the microphone.
    asked: Attempt,
    microphone: bool,
    /// Whether there may be a call: it is open, or will be without a question.
    allowed: bool,
    /// When it is given up, if nobody has to be asked for it.
    microphone_by: Option<u64>,
    mints: u8,
    offer_ready: bool,
    access: Access,
    /// Whether the call has servers that lead around a firewall.
    servers: bool,
    join: Join,
    candidates: bool,
    /// Whether the transcript is followed.
    events: bool,
    connected: bool,
    restart: Restart,
    /// When the present stage is given up: the mint with its offer, the join, the
    /// media's connecting, or the reconnecting. Asking a visitor for the microphone and
    /// talking have no end of their own.
    give_up_at: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Access {
    None,
    Requested,
    Granted,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Join {
    NotYet,
    Posting {
        refusals: u32,
        last: EndReason,
    },
    Pausing {
        until: u64,
        refusals: u32,
        last: EndReason,
    },
    Joined,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Restart {
    None,
    UnderWay,
    /// Under way on a network that is not there any more.
    Outdated,
    At(u64),
}

impl Current {
    fn new(attempt: Attempt, mints: u8, microphone: bool) -> Self {
        Self {
            attempt,
            asked: attempt,
            microphone,
            allowed: microphone,
            microphone_by: None,
            mints,
            offer_ready: false,
            access: Access::None,
            servers: false,
            join: Join::NotYet,
            candidates: false,
            events: false,
            connected: false,
            restart: Restart::None,
            give_up_at: None,
        }
    }
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

    /// Whether something an attempt asked for may still have to be undone, or
    /// used: as long as that is so, what belongs to the attempt is needed.
    #[must_use]
    pub fn needs(&self, attempt: Attempt) -> bool {
        self.attempt() == Some(attempt) || self.late.iter().any(|(of, _)| *of == attempt)
    }

    /// When [`Input::Tick`] is wanted next.
    #[must_use]
    pub fn deadline(&self) -> Option<u64> {
        let current = self.current.as_ref()?;
        let join = match current.join {
            Join::Pausing { until, .. } => Some(until),
            _ => None,
        };
        let restart = match current.restart {
            Restart::At(at) if !self.offline => Some(at),
            _ => None,
        };
        let microphone = current.microphone_by.filter(|_| !current.microphone);
        [current.give_up_at, microphone, join, restart]
            .into_iter()
            .flatten()
            .min()
    }

    /// Takes what happened at `now` (ms on any clock that never goes back) and
    /// returns what to do about it, in order.
    pub fn handle(&mut self, now: u64, input: Input) -> Vec<Effect> {
        let mut effects = Vec::new();
        match input {
            Input::Start | Input::StartAllowed | Input::StartAtHand if self.current.is_none() => {
                self.start(now, input, &mut effects);
            }
            Input::StartUnable if self.current.is_none() => {
                let phase = Phase::Ended(EndReason::BrowserUnable);
                self.view = View {
                    phase,
                    ..View::default()
                };
            }
            Input::Start | Input::StartAllowed | Input::StartAtHand | Input::StartUnable => {}
            Input::HangUp => self.end(now, EndReason::HungUp, &mut effects),
            Input::Leave => self.end(now, EndReason::PageLeft, &mut effects),
            Input::Mute(muted) => self.mute(muted, &mut effects),
            Input::Offline => self.offline = true,
            Input::NetworkChanged => {
                self.offline = false;
                if self.view.live_since.is_some() {
                    self.lose(now, &mut effects);
                }
                if let Some(current) = self.current.as_mut()
                    && current.restart == Restart::UnderWay
                    && effects.is_empty()
                {
                    current.restart = Restart::Outdated;
                }
            }
            Input::MicrophoneSilenced
            | Input::MicrophoneLost
            | Input::MicrophoneBack
            | Input::MicrophoneNear
            | Input::MicrophoneOpened => self.microphone_changed(input, &mut effects),
            Input::Tick => self.tick(now, &mut effects),
            Input::Of(attempt, happened) => match self.concerned(attempt, happened) {
                Some(current) => self.happened(now, current, happened, &mut effects),
                None => self.undo(attempt, happened, &mut effects),
            },
        }
        self.refresh_phase();
        effects
    }

    fn start(&mut self, now: u64, how: Input, effects: &mut Vec<Effect>) {
        self.view = View::default();
        let attempt = self.next_attempt();
        let mut current = Current::new(attempt, 0, false);
        if how != Input::Start {
            // Nobody is asked for it: it opens soon, or something is stuck.
            current.microphone_by = Some(now + MICROPHONE_MS);
        }
        effects.extend([Effect::AskMicrophone(attempt), Effect::CreatePeer(attempt)]);
        self.current = Some(current);
        if how == Input::StartAtHand {
            // The call waits for the offer alone, so that goes first.
            effects.reverse();
            self.allow(now, effects);
        }
    }

    /// There may be a call from now on.
    fn allow(&mut self, now: u64, effects: &mut Vec<Effect>) {
        if let Some(current) = self.current.as_mut() {
            current.allowed = true;
            current.give_up_at = Some(now + MINT_MS);
            self.mint_when_ready(now, effects);
        }
    }

    fn mint_when_ready(&mut self, now: u64, effects: &mut Vec<Effect>) {
        if let Some(current) = self.current.as_mut()
            && current.allowed
            && current.offer_ready
            && current.access == Access::None
        {
            current.mints += 1;
            current.access = Access::Requested;
            current.give_up_at = Some(now + MINT_MS);
            effects.push(Effect::Mint(current.attempt));
        }
    }

    fn next_attempt(&mut self) -> Attempt {
        self.attempts += 1;
        Attempt(self.attempts)
    }

    fn mute(&mut self, muted: bool, effects: &mut Vec<Effect>) {
        if self.current.is_some() && self.view.muted != muted {
            self.view.muted = muted;
            effects.push(Effect::SetMuted(muted));
        }
    }

    /// The attempt under way, if this result is for it. The microphone asked for
    /// by an attempt that was replaced is its successor's.
    fn concerned(&self, attempt: Attempt, happened: Happened) -> Option<Attempt> {
        let current = self.current.as_ref()?;
        let is_microphone = matches!(
            happened,
            Happened::MicrophoneGranted | Happened::MicrophoneRefused(_)
        );
        let concerned = match is_microphone {
            true => current.asked == attempt,
            false => current.attempt == attempt,
        };
        concerned.then_some(current.attempt)
    }

    fn happened(
        &mut self,
        now: u64,
        attempt: Attempt,
        happened: Happened,
        effects: &mut Vec<Effect>,
    ) {
        let live = self.view.live_since.is_some();
        let Some(current) = self.current.as_mut() else {
            return;
        };
        match happened {
            Happened::MicrophoneGranted if !current.microphone => {
                current.microphone = true;
                effects.push(Effect::AttachMicrophone(attempt));
                if !current.allowed {
                    self.allow(now, effects);
                } else if current.connected {
                    self.connected(now);
                }
            }
            Happened::MicrophoneRefused(fault) if !current.microphone => {
                self.end(now, EndReason::Microphone(fault), effects);
            }
            Happened::OfferReady if !current.offer_ready => {
                current.offer_ready = true;
                self.mint_when_ready(now, effects);
            }
            Happened::PeerUnusable => self.end(now, EndReason::BrowserUnable, effects),
            Happened::Minted { servers, answered } if current.access == Access::Requested => {
                current.access = Access::Granted;
                current.servers = servers;
                if answered {
                    self.joined(now, effects);
                } else {
                    current.give_up_at = Some(now + JOIN_MS);
                    current.join = Join::Posting {
                        refusals: 0,
                        last: EndReason::GatewayUnreachable,
                    };
                    effects.push(Effect::PostOffer(attempt));
                }
            }
            Happened::MintRefused(problem) if current.access == Access::Requested => {
                current.access = Access::None;
                self.end(now, EndReason::Refused(problem), effects);
            }
            Happened::Answered if matches!(current.join, Join::Posting { .. }) => {
                self.joined(now, effects);
            }
            Happened::OfferRefused(status) => self.offer_refused(now, status, effects),
            Happened::OfferUnsent => self.join_later(now, EndReason::GatewayUnreachable, effects),
            // Unless the path was up and is lost already: then one is under way.
            Happened::AnswerApplied
                if current.servers && !current.connected && current.restart == Restart::None =>
            {
                current.restart = Restart::At(now + DIRECT_MS);
            }
            Happened::AnswerUnusable => self.end(now, EndReason::Rejected, effects),
            Happened::Candidate if current.join == Join::Joined => {
                effects.push(Effect::SendCandidates(attempt));
            }
            Happened::Candidate => current.candidates = true,
            Happened::PeerConnected if current.join == Join::Joined => {
                // Not before: what is read has time, what is heard has none.
                if !core::mem::replace(&mut current.events, true) {
                    effects.push(Effect::OpenEvents(attempt));
                }
                self.connected(now);
            }
            Happened::PeerDisconnected | Happened::PeerFailed if live => {
                current.connected = false;
                self.lose(now, effects);
            }
            Happened::PeerDisconnected if current.connected => {
                current.connected = false;
                current.give_up_at = Some(now + CONNECT_MS);
            }
            // Unless another way is still to be tried.
            Happened::PeerFailed if current.restart == Restart::None => {
                self.end(now, EndReason::MediaBlocked, effects);
            }
            Happened::RestartAnswered | Happened::RestartRefused(_) | Happened::RestartUnsent
                if matches!(current.restart, Restart::UnderWay | Restart::Outdated) =>
            {
                self.restart_done(now, happened, effects);
            }
            Happened::RemoteEnded => self.end(now, EndReason::RemoteEnded, effects),
            Happened::Replaced => self.end(now, EndReason::Replaced, effects),
            _ => {}
        }
    }

    fn tick(&mut self, now: u64, effects: &mut Vec<Effect>) {
        let live = self.view.live_since.is_some();
        let Some(current) = self.current.as_mut() else {
            return;
        };
        if !current.microphone && current.microphone_by.is_some_and(|at| now >= at) {
            let fault = MicrophoneFault::Unanswering;
            self.end(now, EndReason::Microphone(fault), effects);
            return;
        }
        if current.give_up_at.is_some_and(|at| now >= at) {
            let reason = match current.join {
                _ if live && current.connected => {
                    self.connected(now);
                    return;
                }
                _ if live => EndReason::ConnectionLost,
                Join::Joined => EndReason::MediaBlocked,
                Join::Posting { last, .. } | Join::Pausing { last, .. } => last,
                Join::NotYet if !current.offer_ready => EndReason::BrowserUnable,
                Join::NotYet => EndReason::Refused(Problem::Unreachable),
            };
            self.end(now, reason, effects);
            return;
        }
        if let Join::Pausing {
            until,
            refusals,
            last,
        } = current.join
            && now >= until
        {
            current.join = Join::Posting { refusals, last };
            effects.push(Effect::PostOffer(current.attempt));
        }
        if let Restart::At(at) = current.restart
            && now >= at
            && !self.offline
        {
            current.restart = Restart::UnderWay;
            effects.push(Effect::RestartIce(current.attempt));
        }
    }

    fn end(&mut self, now: u64, reason: EndReason, effects: &mut Vec<Effect>) {
        let Some(current) = self.current.take() else {
            return;
        };
        let attempt = current.attempt;
        effects.push(Effect::ClosePeer(attempt));
        match (current.access, current.join) {
            (_, Join::Joined) => {
                effects.push(Effect::DeleteSession(attempt));
                if matches!(reason, EndReason::PageLeft) {
                    effects.push(Effect::EndCall(attempt));
                }
            }
            (Access::Granted, join) => {
                if matches!(join, Join::Posting { .. }) {
                    self.late.push((attempt, Late::Offer));
                }
                effects.push(Effect::EndCall(attempt));
            }
            (Access::Requested, _) => self.late.push((attempt, Late::Mint)),
            (Access::None, _) => {}
        }
        effects.push(Effect::ReleaseMicrophone);
        self.view.phase = Phase::Ended(reason);
        self.view.unheard = None;
        if self.view.live_since.is_some() {
            self.view.ended_at = Some(now);
        }
    }

    /// What a request of an ended attempt brought into being is taken down.
    fn undo(&mut self, attempt: Attempt, happened: Happened, effects: &mut Vec<Effect>) {
        let (request, undoing) = match happened {
            Happened::Minted { answered: true, .. } => {
                (Late::Mint, Some(Effect::DeleteSession(attempt)))
            }
            Happened::Minted { .. } => (Late::Mint, Some(Effect::EndCall(attempt))),
            Happened::MintRefused(_) => (Late::Mint, None),
            Happened::Answered => (Late::Offer, Some(Effect::DeleteSession(attempt))),
            Happened::OfferRefused(_) | Happened::OfferUnsent => (Late::Offer, None),
            _ => return,
        };
        if let Some(at) = self
            .late
            .iter()
            .position(|late| *late == (attempt, request))
        {
            self.late.swap_remove(at);
            effects.extend(undoing);
        }
    }

    fn refresh_phase(&mut self) {
        let Some(current) = self.current.as_ref() else {
            return;
        };
        self.view.phase = if !current.microphone {
            Phase::AskingMicrophone
        } else if current.access != Access::Granted {
            Phase::Minting
        } else if self.view.live_since.is_none() {
            Phase::Connecting
        } else if current.give_up_at.is_some() {
            Phase::Reconnecting
        } else {
            Phase::Live
        };
    }
}
