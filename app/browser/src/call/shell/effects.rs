//! One function per effect of the session.

use std::cell::Cell;
use std::rc::Rc;

use wasm_bindgen::JsValue;
use web_sys::{RtcPeerConnection, RtcPeerConnectionState};

use super::{Attempt, Effect, Happened, Inner, Leg, Spare};
use crate::call::events::{self, CallEvent};
use crate::call::mint::{self, Access};
use crate::call::peer::{self, Peer, PeerEvent};
use crate::call::problem::Problem;
use crate::call::signalling::{self, CLIENT, Failure, Gateway, Joined};
use crate::ui::web::{is_hidden, later, spawn};

/// How long the gateway has to connect without our later candidates, in ms.
const CANDIDATES_AFTER_MS: i32 = 250;

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
            Effect::DeleteSession(attempt) => self.delete_session(attempt),
            Effect::EndCall(attempt) => self.end_call(attempt),
            Effect::ReleaseMicrophone => self.release_microphone(),
        }
    }

    /// Runs `act` on the attempt's leg, if it is still needed.
    pub(super) fn leg<T>(&self, attempt: Attempt, act: impl FnOnce(&mut Leg) -> T) -> Option<T> {
        self.legs
            .borrow_mut()
            .iter_mut()
            .find(|leg| leg.attempt == attempt)
            .map(act)
    }

    fn connection(&self, attempt: Attempt) -> Option<RtcPeerConnection> {
        self.leg(attempt, |leg| leg.peer.as_ref().map(Peer::connection))
            .flatten()
    }

    fn access(&self, attempt: Attempt) -> Option<Rc<Access>> {
        self.leg(attempt, |leg| leg.access.clone()).flatten()
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
        self.legs.borrow_mut().push(Leg {
            attempt,
            peer: made,
            access: None,
            session_id: None,
            answer: None,
            candidates: Vec::new(),
        });
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
                self.leg(attempt, |leg| leg.candidates.push(candidate));
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
            let happened = match minted {
                Ok(mut access) => {
                    // What is over is taken down, and nobody's concern any more.
                    if inner.is_current(attempt) {
                        inner.viewer.minted(&access);
                    }
                    let servers = access.has_servers();
                    let joined = access.joined.take();
                    inner.leg(attempt, |leg| leg.access = Some(Rc::new(access)));
                    let answered = joined.is_some();
                    if let Some(joined) = joined {
                        inner.keep_answer(attempt, joined);
                    }
                    Happened::Minted { servers, answered }
                }
                Err(problem) => {
                    inner.viewer.refused(&problem);
                    Happened::MintRefused(Problem::from_json(&problem))
                }
            };
            inner.happened(attempt, happened);
        });
    }

    fn post_offer(&self, attempt: Attempt) {
        let Some(access) = self.access(attempt) else {
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
                    inner.keep_answer(attempt, joined);
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
        self.leg(attempt, |leg| leg.candidates.clear());
        self.play_soon(attempt);
        self.connection(attempt).as_ref().and_then(peer::offer)
    }

    fn keep_answer(&self, attempt: Attempt, joined: Joined) {
        self.leg(attempt, |leg| {
            leg.session_id = Some(joined.session_id.into());
            leg.answer = Some(joined.sdp);
        });
    }

    /// Plays the agent while the answer is on its way, before there is anything to
    /// hear: opening the speaker takes a moment.
    fn play_soon(&self, attempt: Attempt) {
        let me = self.me.clone();
        later(0, move || {
            let Some(inner) = me.upgrade() else { return };
            let agent = inner.leg(attempt, |leg| leg.peer.as_ref().map(Peer::agent));
            if let Some(agent) = agent.flatten()
                && inner.agent.borrow().is_none()
            {
                inner.play(&agent);
            }
        });
    }

    fn apply_answer(&self, attempt: Attempt) {
        let answer = self.leg(attempt, |leg| leg.answer.take()).flatten();
        let (Some(answer), Some(connection)) = (answer, self.connection(attempt)) else {
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

    /// What names the gateway's session, once there is one.
    fn joined(&self, attempt: Attempt) -> Option<(Rc<Access>, Rc<str>)> {
        self.leg(attempt, |leg| {
            leg.access.clone().zip(leg.session_id.clone())
        })
        .flatten()
    }

    /// The offer names the candidates found until then, and a gateway with a public
    /// address needs none to connect: later ones are told when it has not
    /// connected after a moment.
    fn send_candidates(&self, attempt: Attempt) {
        let me = self.me.clone();
        later(CANDIDATES_AFTER_MS, move || {
            let Some(inner) = me.upgrade() else { return };
            let state = inner.connection(attempt).map(|it| it.connection_state());
            if state.is_some_and(|state| state != RtcPeerConnectionState::Connected) {
                inner.tell_candidates(attempt);
            }
        });
    }

    fn tell_candidates(&self, attempt: Attempt) {
        let candidates = self.leg(attempt, |leg| std::mem::take(&mut leg.candidates));
        let (Some(candidates), Some((access, session_id))) = (candidates, self.joined(attempt))
        else {
            return;
        };
        spawn(async move {
            for candidate in candidates {
                signalling::send_candidate(&access.gateway, &session_id, &candidate).await;
            }
        });
    }

    fn open_events(&self, attempt: Attempt) {
        let Some(access) = self.access(attempt) else {
            return;
        };
        let me = self.me.clone();
        let stream = events::follow(access.events_url(), move |event, data| {
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
            (self.connection(attempt), self.joined(attempt))
        else {
            return;
        };
        // They were found for what is made anew.
        self.leg(attempt, |leg| leg.candidates.clear());
        let me = self.me.clone();
        spawn(async move {
            let happened = match restart(&connection, &access.gateway, &session_id).await {
                Ok(()) => Happened::RestartAnswered,
                Err(failure) => {
                    peer::take_back_offer(&connection).await;
                    match failure {
                        Failure::Status(status) => Happened::RestartRefused(status),
                        Failure::Unreachable => Happened::RestartUnsent,
                    }
                }
            };
            if let Some(inner) = me.upgrade() {
                inner.happened(attempt, happened);
            }
        });
    }

    fn close_peer(&self, attempt: Attempt) {
        self.leg(attempt, |leg| leg.peer.take());
        if let Some(playback) = &*self.playback.borrow() {
            playback.stop();
        }
        self.agent.take();
    }

    fn delete_session(&self, attempt: Attempt) {
        if let Some((access, session_id)) = self.joined(attempt) {
            spawn(async move { signalling::leave(&access.gateway, &session_id).await });
        }
    }

    fn end_call(&self, attempt: Attempt) {
        if let Some(access) = self.access(attempt) {
            spawn(async move { mint::end(&access).await });
        }
    }
}

async fn restart(
    connection: &RtcPeerConnection,
    gateway: &Gateway,
    session_id: &str,
) -> Result<(), Failure> {
    let unusable = |_: JsValue| Failure::Unreachable;
    peer::restart_offer(connection, &gateway.ice_servers)
        .await
        .map_err(unusable)?;
    let offer = peer::offer(connection).ok_or(Failure::Unreachable)?;
    let answer = signalling::renegotiate(gateway, session_id, &offer).await?;
    peer::apply_answer(connection, &answer)
        .await
        .map_err(unusable)
}
