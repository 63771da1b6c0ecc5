//! One function per effect of the session.

use std::cell::Cell;
use std::rc::Rc;

use web_sys::RtcPeerConnectionState;

use super::{Attempt, Effect, Happened, Inner, Spare};
use crate::call::events::{self, CallEvent};
use crate::call::legs::{self, CANDIDATES_AFTER_MS};
use crate::call::mint;
use crate::call::peer::{self, Peer, PeerEvent};
use crate::call::problem::Problem;
use crate::call::signalling::{self, CLIENT, Failure};
use crate::ui::web::{is_hidden, later, spawn};

/// How long a peer is kept for a call that may come, in ms.
const SPARE_MS: u64 = 15_000;

impl Inner {
    /// Begins what the effect asks for. Whatever takes time, and every
    /// failure, comes back as an input later, never from within.
    pub(super) fn perform(&self, effect: Effect) {
        match effect {
            Effect::AskMicrophone(attempt) => self.ask_microphone(attempt),
            Effect::CreatePeer(attempt) => self.create_peer(attempt),
            Effect::ReopenMicrophone => self.reopen_microphone(),
            Effect::AttachMicrophone(attempt) => self.attach_microphone(attempt),
            Effect::Mint(attempt) => self.mint(attempt),
            Effect::PostOffer(attempt) => self.post_offer(attempt),
            Effect::ApplyAnswer(attempt) => self.apply_answer(attempt),
            Effect::SendCandidates(attempt) => self.send_candidates(attempt),
            Effect::OpenEvents(attempt) => self.open_events(attempt),
            Effect::RestartIce(attempt) => self.restart_ice(attempt),
            Effect::SetMuted(muted) => {
                if let Some(microphone) = &*self.microphone.borrow() {
                    microphone.set_muted(muted);
                }
            }
            Effect::ClosePeer(attempt) => self.close_peer(attempt),
            Effect::DeleteSession(attempt) => self.legs.leave(attempt),
            Effect::EndCall(attempt) => self.end_call(attempt),
            Effect::ReleaseMicrophone => self.release_microphone(),
        }
    }

    fn is_current(&self, attempt: Attempt) -> bool {
        self.session.borrow().attempt() == Some(attempt)
    }

    /// A peer that reports to whichever attempt takes it.
    fn make_peer(&self) -> Option<Spare> {
        let (me, taken_by) = (self.me.clone(), Rc::new(Cell::new(None)));
        let attempt = taken_by.clone();
        let peer = Peer::new(move |event| {
            if let (Some(inner), Some(attempt)) = (me.upgrade(), attempt.get()) {
                inner.peer_event(attempt, event);
            }
        });
        let peer = peer.ok()?;
        Some(Spare { peer, taken_by })
    }

    /// Makes the peer of the next call while nobody waits for it, once what is shown
    /// is drawn. Not for long: an open one may keep the host page out of the
    /// back/forward cache.
    pub(super) fn make_spare_soon(&self) {
        let me = self.me.clone();
        later(0, move || {
            let Some(inner) = me.upgrade() else { return };
            if inner.session.borrow().attempt().is_some() || is_hidden() {
                return;
            }
            if let Some(spare) = inner.make_peer() {
                spare.peer.warm_up();
                inner.spare.replace(Some(spare));
                inner.spare_end.set(SPARE_MS);
            }
        });
    }

    fn create_peer(&self, attempt: Attempt) {
        let spare = self.spare.take();
        let made = spare.or_else(|| self.make_peer()).map(|spare| {
            spare.taken_by.set(Some(attempt));
            spare.peer
        });
        let connection = made.as_ref().map(Peer::connection);
        let offering = connection.as_ref().map(peer::create_offer);
        self.legs.begin(attempt, made);
        let me = self.me.clone();
        spawn(async move {
            let offered = match offering {
                Some(offering) => offering.await.is_ok(),
                None => false,
            };
            let Some(inner) = me.upgrade() else { return };
            let happened = if offered {
                Happened::OfferReady
            } else {
                Happened::PeerUnusable
            };
            inner.happened(attempt, happened);
        });
    }

    fn peer_event(&self, attempt: Attempt, event: PeerEvent) {
        let happened = match event {
            PeerEvent::Candidate(candidate) => {
                self.legs.found(attempt, candidate);
                Happened::Candidate
            }
            PeerEvent::State(RtcPeerConnectionState::Connected) => Happened::PeerConnected,
            PeerEvent::State(RtcPeerConnectionState::Disconnected) => Happened::PeerDisconnected,
            PeerEvent::State(RtcPeerConnectionState::Failed) => Happened::PeerFailed,
            PeerEvent::State(_) => return,
            PeerEvent::Control(state) => match state.as_str() {
                "ended" => Happened::RemoteEnded,
                "replaced" => Happened::Replaced,
                _ => return,
            },
        };
        self.happened(attempt, happened);
    }

    fn mint(&self, attempt: Attempt) {
        let offer = self.take_offer(attempt);
        let minting = mint::mint(&self.page, &self.more.borrow(), offer.as_deref());
        let me = self.me.clone();
        spawn(async move {
            let minted = minting.await;
            let Some(inner) = me.upgrade() else { return };
            // What is over is taken down, and nobody's concern any more.
            let is_current = inner.is_current(attempt);
            let happened = match minted {
                Ok(mut access) => {
                    if is_current {
                        inner.viewer.minted(&access);
                    }
                    let servers = access.has_servers();
                    let joined = access.joined.take();
                    inner.legs.grant(attempt, access);
                    let answered = joined.is_some();
                    if let Some(joined) = joined {
                        inner.legs.answered(attempt, joined);
                    }
                    Happened::Minted { servers, answered }
                }
                Err(problem) => {
                    if is_current {
                        inner.viewer.refused(&problem);
                    }
                    Happened::MintRefused(Problem::from_json(&problem))
                }
            };
            inner.happened(attempt, happened);
        });
    }

    fn post_offer(&self, attempt: Attempt) {
        let Some(access) = self.legs.access(attempt) else {
            return;
        };
        let sdp = self.take_offer(attempt);
        let me = self.me.clone();
        spawn(async move {
            let joined = match sdp {
                Some(sdp) => signalling::post_offer(&access.gateway, CLIENT, &sdp).await,
                None => Err(Failure::Unreachable),
            };
            let Some(inner) = me.upgrade() else { return };
            let happened = match joined {
                Ok(joined) => {
                    inner.legs.answered(attempt, joined);
                    Happened::Answered
                }
                Err(Failure::Status(status)) => Happened::OfferRefused(status),
                Err(Failure::Unreachable) => Happened::OfferUnsent,
            };
            inner.happened(attempt, happened);
        });
    }

    /// The offer, with the candidates found so far.
    fn take_offer(&self, attempt: Attempt) -> Option<String> {
        self.play_soon(attempt);
        self.legs.take_offer(attempt)
    }

    /// Plays the agent while the answer is on its way, before there is anything to
    /// hear: opening the speaker takes a moment.
    fn play_soon(&self, attempt: Attempt) {
        let me = self.me.clone();
        later(0, move || {
            let Some(inner) = me.upgrade() else { return };
            if let Some(agent) = inner.legs.agent(attempt)
                && inner.agent.borrow().is_none()
            {
                inner.play(&agent);
            }
        });
    }

    fn apply_answer(&self, attempt: Attempt) {
        let Some((connection, answer)) = self.legs.take_answer(attempt) else {
            return;
        };
        let me = self.me.clone();
        spawn(async move {
            let happened = match peer::apply_answer(&connection, &answer).await {
                Ok(()) => Happened::AnswerApplied,
                Err(_) => Happened::AnswerUnusable,
            };
            if let Some(inner) = me.upgrade() {
                inner.happened(attempt, happened);
            }
        });
    }

    /// The offer names the candidates found until then; later ones are told when it has
    /// not connected after a moment.
    fn send_candidates(&self, attempt: Attempt) {
        let me = self.me.clone();
        later(CANDIDATES_AFTER_MS, move || {
            if let Some(inner) = me.upgrade() {
                inner.legs.tell_candidates(attempt);
            }
        });
    }

    fn open_events(&self, attempt: Attempt) {
        let Some(access) = self.legs.access(attempt) else {
            return;
        };
        let me = self.me.clone();
        let stream = events::follow(&access, move |event, data| {
            let Some(inner) = me.upgrade() else { return };
            // After the call it goes on for a moment, but not into another one.
            let current = inner.session.borrow().attempt();
            if current.is_some_and(|current| current != attempt) {
                return;
            }
            let remote = match event {
                CallEvent::Ended(remote) => Some(remote),
                _ => None,
            };
            let missing = event == CallEvent::Unavailable;
            inner.change(|state| {
                state.words_missing = missing;
                state.remote = remote;
            });
            inner.viewer.heard(event, data);
            if remote.is_some() {
                // Or the browser would take the stream's end for a broken one.
                inner.events.take();
                inner.happened(attempt, Happened::RemoteEnded);
            }
        });
        self.events.replace(Some(stream));
    }

    fn restart_ice(&self, attempt: Attempt) {
        let (Some(connection), Some((access, session_id))) =
            (self.legs.connection(attempt), self.legs.joined(attempt))
        else {
            return;
        };
        self.legs.take_candidates(attempt);
        let me = self.me.clone();
        spawn(async move {
            let gateway = &access.gateway;
            let offering = peer::restart_offer(&connection, &gateway.ice_servers);
            let sent = legs::renegotiate(&connection, gateway, &session_id, offering).await;
            let happened = match sent {
                Ok(()) => Happened::RestartAnswered,
                Err(Failure::Status(status)) => Happened::RestartRefused(status),
                Err(Failure::Unreachable) => Happened::RestartUnsent,
            };
            if let Some(inner) = me.upgrade() {
                inner.happened(attempt, happened);
            }
        });
    }

    fn close_peer(&self, attempt: Attempt) {
        self.legs.close_peer(attempt);
        if let Some(playback) = &*self.playback.borrow() {
            playback.stop();
        }
        self.agent.take();
    }

    fn end_call(&self, attempt: Attempt) {
        if let Some(access) = self.legs.access(attempt) {
            spawn(async move { mint::end(&access).await });
        }
    }
}
