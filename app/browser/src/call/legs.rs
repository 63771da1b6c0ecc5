//! What belongs to each attempt of a session: its peer connection, the way in, and what the
//! gateway answered.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::JsValue;
use web_sys::{MediaStream, RtcPeerConnection, RtcPeerConnectionState};

use super::peer::{self, Peer};
use super::session::Attempt;
use super::signalling::{self, Failure, Gateway, Joined};
use crate::ui::web::spawn;

/// How long the gateway has to connect without our later candidates, in ms.
pub(super) const CANDIDATES_AFTER_MS: i32 = 250;

/// What our server gave, with which a call is joined.
pub(super) trait Access: 'static {
    /// Where.
    fn gateway(&self) -> &Gateway;
}

/// One attempt's. It is kept as long as the session needs it.
struct Leg<A> {
    attempt: Attempt,
    peer: Option<Peer>,
    access: Option<Rc<A>>,
    session_id: Option<Rc<str>>,
    answer: Option<String>,
    candidates: Vec<JsValue>,
}

/// All attempts'. What is asked of one that is not needed any more is nothing.
pub(super) struct Legs<A>(RefCell<Vec<Leg<A>>>);

impl<A> Default for Legs<A> {
    fn default() -> Self {
        Self(RefCell::default())
    }
}

impl<A: Access> Legs<A> {
    /// Begins an attempt's, without a peer connection where the browser could make none.
    pub(super) fn begin(&self, attempt: Attempt, peer: Option<Peer>) {
        self.0.borrow_mut().push(Leg {
            attempt,
            peer,
            access: None,
            session_id: None,
            answer: None,
            candidates: Vec::new(),
        });
    }

    /// Drops those that nobody needs.
    pub(super) fn retain(&self, needed: impl Fn(Attempt) -> bool) {
        self.0.borrow_mut().retain(|leg| needed(leg.attempt));
    }

    fn of<T>(&self, attempt: Attempt, act: impl FnOnce(&mut Leg<A>) -> Option<T>) -> Option<T> {
        act(find(&mut self.0.borrow_mut(), attempt)?)
    }

    /// Its peer connection.
    pub(super) fn connection(&self, attempt: Attempt) -> Option<RtcPeerConnection> {
        self.of(attempt, |leg| leg.peer.as_ref().map(Peer::connection))
    }

    /// What is heard over it.
    pub(super) fn agent(&self, attempt: Attempt) -> Option<MediaStream> {
        self.of(attempt, |leg| leg.peer.as_ref().map(Peer::agent))
    }

    /// Runs `act` on its peer.
    pub(super) fn peer(&self, attempt: Attempt, act: impl FnOnce(&Peer)) {
        self.of(attempt, |leg| leg.peer.as_ref().map(act));
    }

    /// Closes its peer connection.
    pub(super) fn close_peer(&self, attempt: Attempt) {
        self.of(attempt, |leg| leg.peer.take());
    }

    /// Our server gave this.
    pub(super) fn grant(&self, attempt: Attempt, access: A) {
        self.of(attempt, |leg| leg.access.replace(Rc::new(access)));
    }

    /// What our server gave.
    pub(super) fn access(&self, attempt: Attempt) -> Option<Rc<A>> {
        self.of(attempt, |leg| leg.access.clone())
    }

    /// What names the gateway's session, once there is one.
    pub(super) fn joined(&self, attempt: Attempt) -> Option<(Rc<A>, Rc<str>)> {
        self.of(attempt, |leg| {
            leg.access.clone().zip(leg.session_id.clone())
        })
    }

    /// The peer connection found one more candidate.
    pub(super) fn found(&self, attempt: Attempt, candidate: JsValue) {
        self.of(attempt, |leg| {
            leg.candidates.push(candidate);
            Some(())
        });
    }

    /// The offer, which names the candidates found so far.
    pub(super) fn take_offer(&self, attempt: Attempt) -> Option<String> {
        self.take_candidates(attempt);
        self.connection(attempt).as_ref().and_then(peer::offer)
    }

    /// Takes those found so far: they are told otherwise, or were found for what is made anew.
    pub(super) fn take_candidates(&self, attempt: Attempt) -> Option<Vec<JsValue>> {
        self.of(attempt, |leg| Some(std::mem::take(&mut leg.candidates)))
    }

    /// The gateway took the offer.
    pub(super) fn answered(&self, attempt: Attempt, joined: Joined) {
        self.of(attempt, |leg| {
            leg.session_id = Some(joined.session_id.into());
            leg.answer.replace(joined.sdp)
        });
    }

    /// The gateway's answer, and the peer connection it is for; once.
    pub(super) fn take_answer(&self, attempt: Attempt) -> Option<(RtcPeerConnection, String)> {
        let answer = self.of(attempt, |leg| leg.answer.take())?;
        Some((self.connection(attempt)?, answer))
    }

    /// Tells the gateway the candidates that the offer did not name, unless it connected
    /// without them: one with a public address needs none.
    pub(super) fn tell_candidates(&self, attempt: Attempt) {
        let state = self.connection(attempt).map(|it| it.connection_state());
        if state.is_none_or(|state| state == RtcPeerConnectionState::Connected) {
            return;
        }
        let candidates = self.take_candidates(attempt);
        let (Some(candidates), Some((access, session_id))) = (candidates, self.joined(attempt))
        else {
            return;
        };
        spawn(async move {
            for candidate in candidates {
                signalling::send_candidate(access.gateway(), &session_id, &candidate).await;
            }
        });
    }

    /// Leaves the gateway's session.
    pub(super) fn leave(&self, attempt: Attempt) {
        if let Some((access, session_id)) = self.joined(attempt) {
            spawn(async move { signalling::leave(access.gateway(), &session_id).await });
        }
    }
}

fn find<A>(legs: &mut [Leg<A>], attempt: Attempt) -> Option<&mut Leg<A>> {
    legs.iter_mut().find(|leg| leg.attempt == attempt)
}

/// Sends a new offer within the session, and takes it back where that fails.
pub(super) async fn renegotiate(
    connection: &RtcPeerConnection,
    gateway: &Gateway,
    session_id: &str,
    offering: impl Future<Output = Result<(), JsValue>>,
) -> Result<(), Failure> {
    let answer = match (offering.await, peer::offer(connection)) {
        (Ok(()), Some(offer)) => signalling::renegotiate(gateway, session_id, &offer).await,
        _ => Err(Failure::Unreachable),
    };
    let renewed = match answer {
        Ok(answer) => peer::apply_answer(connection, &answer)
            .await
            .map_err(|_| Failure::Unreachable),
        Err(failure) => Err(failure),
    };
    if renewed.is_err() {
        peer::take_back_offer(connection).await;
    }
    renewed
}
