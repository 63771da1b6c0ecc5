//! Keeps the books of a session: what was asked for, what exists, what was
//! taken down; and checks at every step what must always hold.

use std::collections::{HashMap, HashSet};

use crate::call::session::{Attempt, Effect, Happened, Input, Phase, Session};

/// Requests that have been made and not been answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Request {
    Microphone,
    Offer,
    Mint,
    Post,
    Apply,
    Restart,
}

/// A session with its books.
#[derive(Default)]
pub(super) struct Ledger {
    pub(super) session: Session,
    pub(super) now: u64,
    pub(super) open: Vec<(Attempt, Request)>,
    peers: HashSet<Attempt>,
    offers: HashSet<Attempt>,
    microphone: HashSet<Attempt>,
    minted: HashSet<Attempt>,
    joined: HashSet<Attempt>,
    ended_calls: HashMap<Attempt, u32>,
    deleted: HashMap<Attempt, u32>,
    mints_since_start: u32,
    /// Whether the microphone was at hand at the latest start.
    at_hand: bool,
    pub(super) effects: Vec<Effect>,
}

impl Ledger {
    /// Feeds one input and books its effects.
    pub(super) fn feed(&mut self, input: Input) -> Vec<Effect> {
        let was_active = self.session.view().phase.is_active();
        self.book_input(input);
        let effects = self.session.handle(self.now, input);
        for effect in &effects {
            self.book_effect(*effect);
        }
        if !was_active && !is_start(input) {
            for effect in &effects {
                assert!(
                    matches!(effect, Effect::EndCall(_) | Effect::DeleteSession(_)),
                    "{effect:?} after {input:?} although nothing is under way"
                );
            }
        }
        self.check();
        self.effects.extend(effects.iter().copied());
        effects
    }

    /// Feeds a result of `attempt`.
    pub(super) fn happen(&mut self, attempt: Attempt, happened: Happened) -> Vec<Effect> {
        self.feed(Input::Of(attempt, happened))
    }

    /// Answers an open request.
    pub(super) fn answer(&mut self, index: usize, happened: Happened) {
        let (attempt, _) = self.open.swap_remove(index);
        self.happen(attempt, happened);
    }

    /// Lets time pass, ticking whenever the session asked for it.
    pub(super) fn wait(&mut self, ms: u64) {
        let end = self.now + ms;
        while let Some(deadline) = self.session.deadline().filter(|deadline| *deadline <= end) {
            self.now = self.now.max(deadline);
            let before = self.session.deadline();
            self.feed(Input::Tick);
            assert_ne!(self.session.deadline(), before, "a due deadline stays due");
        }
        self.now = end;
    }

    fn book_input(&mut self, input: Input) {
        match input {
            _ if is_start(input) && !self.session.view().phase.is_active() => {
                self.mints_since_start = 0;
                self.at_hand = input == Input::StartAtHand;
            }
            Input::Of(attempt, Happened::MicrophoneGranted) => {
                self.microphone.insert(attempt);
            }
            Input::Of(attempt, Happened::OfferReady) => {
                self.offers.insert(attempt);
            }
            _ => {}
        }
    }

    /// Books what the far end has made, if this tells of it.
    pub(super) fn made(&mut self, attempt: Attempt, happened: Happened) {
        let minted = matches!(happened, Happened::Minted { .. });
        let joined = matches!(
            happened,
            Happened::Answered | Happened::Minted { answered: true, .. }
        );
        if minted {
            assert!(self.minted.insert(attempt), "{attempt:?} minted twice");
        }
        if joined {
            assert!(self.joined.insert(attempt), "{attempt:?} joined twice");
        }
    }

    fn book_effect(&mut self, effect: Effect) {
        match effect {
            Effect::AskMicrophone(attempt) => self.open.push((attempt, Request::Microphone)),
            Effect::CreatePeer(attempt) => {
                assert!(self.peers.insert(attempt), "{attempt:?} has a peer already");
                assert_eq!(self.peers.len(), 1, "two live peers");
                self.open.push((attempt, Request::Offer));
            }
            Effect::AttachMicrophone(attempt) => assert!(self.peers.contains(&attempt)),
            Effect::Mint(attempt) => {
                assert!(self.offers.contains(&attempt), "minted without an offer");
                self.mints_since_start += 1;
                assert!(
                    self.mints_since_start <= 2,
                    "more than two mints for one click"
                );
                assert!(
                    self.at_hand || !self.microphone.is_empty(),
                    "minted before the microphone"
                );
                self.open.push((attempt, Request::Mint));
            }
            Effect::PostOffer(attempt) => {
                assert!(self.minted.contains(&attempt), "an offer without a call");
                assert!(
                    !self.open.contains(&(attempt, Request::Post)),
                    "two offers on their way"
                );
                self.open.push((attempt, Request::Post));
            }
            Effect::ApplyAnswer(attempt) => {
                assert!(self.joined.contains(&attempt));
                self.open.push((attempt, Request::Apply));
            }
            Effect::SendCandidates(attempt) | Effect::OpenEvents(attempt) => {
                assert!(self.joined.contains(&attempt));
            }
            Effect::RestartIce(attempt) => {
                assert!(self.joined.contains(&attempt));
                assert!(
                    !self.open.contains(&(attempt, Request::Restart)),
                    "two restarts under way"
                );
                self.open.push((attempt, Request::Restart));
            }
            Effect::ClosePeer(attempt) => {
                assert!(
                    self.peers.remove(&attempt),
                    "closed a peer that is not there"
                );
                self.open.retain(|(of, request)| {
                    *of != attempt
                        || matches!(request, Request::Mint | Request::Post | Request::Microphone)
                });
            }
            Effect::DeleteSession(attempt) => {
                assert!(
                    self.joined.contains(&attempt),
                    "left a session never joined"
                );
                *self.deleted.entry(attempt).or_default() += 1;
            }
            Effect::EndCall(attempt) => {
                assert!(self.minted.contains(&attempt), "ended a call never minted");
                *self.ended_calls.entry(attempt).or_default() += 1;
            }
            Effect::ReleaseMicrophone => {
                self.open
                    .retain(|(_, request)| *request != Request::Microphone);
            }
            Effect::SetMuted(_) | Effect::ReopenMicrophone => {
                assert!(self.session.view().phase.is_active());
            }
        }
    }

    fn check(&self) {
        let view = self.session.view();
        assert_eq!(view.phase.is_active(), !self.peers.is_empty(), "{view:?}");
        assert_eq!(view.phase.is_active(), self.session.attempt().is_some());
        assert!(
            self.deleted.values().all(|times| *times == 1),
            "a session left twice"
        );
        assert!(
            self.ended_calls.values().all(|times| *times == 1),
            "a call ended twice"
        );
        match view.phase {
            Phase::Live | Phase::Reconnecting => {
                assert!(view.live_since.is_some());
                assert!(view.ended_at.is_none());
            }
            Phase::Idle | Phase::AskingMicrophone | Phase::Minting | Phase::Connecting => {
                assert_eq!(view.live_since, None);
            }
            Phase::Ended(_) => {
                assert_eq!(view.live_since.is_some(), view.ended_at.is_some());
                assert_eq!(self.session.deadline(), None);
            }
        }
    }

    /// What must hold once nothing is under way and every request was answered.
    pub(super) fn check_settled(&self) {
        assert!(!self.session.view().phase.is_active());
        assert!(self.peers.is_empty());
        for attempt in &self.joined {
            assert_eq!(
                self.deleted.get(attempt),
                Some(&1),
                "{attempt:?} joined and never left"
            );
        }
        for attempt in self.minted.difference(&self.joined) {
            assert_eq!(
                self.ended_calls.get(attempt),
                Some(&1),
                "{attempt:?} minted and forgotten"
            );
        }
    }
}

fn is_start(input: Input) -> bool {
    matches!(
        input,
        Input::Start | Input::StartAllowed | Input::StartAtHand
    )
}
