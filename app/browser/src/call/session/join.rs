//! Joining a call: the gateway takes the offer, refuses it, or is asked again.

use super::{CONNECT_MS, Current, Effect, EndReason, Join, Session};

/// The first pause after a failed join, in ms; it doubles up to [`JOIN_PAUSE_MAX_MS`].
const JOIN_PAUSE_MS: u64 = 50;
/// The longest pause between two joins, in ms.
const JOIN_PAUSE_MAX_MS: u64 = 2_000;
/// How many calls one click may mint.
const MINTS_PER_START: u8 = 2;

impl Session {
    /// The gateway took the offer, and its answer is here.
    pub(super) fn joined(&mut self, now: u64, effects: &mut Vec<Effect>) {
        let Some(current) = self.current.as_mut() else {
            return;
        };
        current.join = Join::Joined;
        current.give_up_at = Some(now + CONNECT_MS);
        effects.push(Effect::ApplyAnswer(current.attempt));
        if core::mem::take(&mut current.candidates) {
            effects.push(Effect::SendCandidates(current.attempt));
        }
    }

    pub(super) fn offer_refused(&mut self, now: u64, status: u16, effects: &mut Vec<Effect>) {
        match status {
            401 => self.replace_call(now, effects),
            404 => self.join_later(now, EndReason::RoomMissing, effects),
            408 | 425 | 429 | 500.. => {
                self.join_later(now, EndReason::GatewayUnreachable, effects);
            }
            _ => {
                if self.offer_answered() {
                    self.end(now, EndReason::Rejected, effects);
                }
            }
        }
    }

    /// Notes that the offer on its way is not any more; false if none was.
    fn offer_answered(&mut self) -> bool {
        match self.current.as_mut() {
            Some(current) if matches!(current.join, Join::Posting { .. }) => {
                current.join = Join::NotYet;
                true
            }
            _ => false,
        }
    }

    /// The token was refused: once, start over with a fresh call, keeping the
    /// microphone. Whether a token is too old is never judged by the visitor's
    /// clock, which may be wrong; the gateway's 401 says it.
    fn replace_call(&mut self, now: u64, effects: &mut Vec<Effect>) {
        if !self.offer_answered() {
            return;
        }
        let Some(current) = self.current.as_mut() else {
            return;
        };
        if current.mints >= MINTS_PER_START {
            self.end(now, EndReason::TokenExpired, effects);
            return;
        }
        let (old, mints) = (current.attempt, current.mints);
        let (asked, microphone) = (current.asked, current.microphone);
        let microphone_by = current.microphone_by;
        let attempt = self.next_attempt();
        let mut fresh = Current::new(attempt, mints, microphone);
        (fresh.asked, fresh.microphone_by) = (asked, microphone_by);
        self.current = Some(fresh);
        effects.extend([
            Effect::ClosePeer(old),
            Effect::EndCall(old),
            Effect::CreatePeer(attempt),
            Effect::AttachMicrophone(attempt),
        ]);
        self.allow(now, effects);
    }

    pub(super) fn join_later(&mut self, now: u64, reason: EndReason, effects: &mut Vec<Effect>) {
        let Some(current) = self.current.as_mut() else {
            return;
        };
        let Join::Posting { refusals, .. } = current.join else {
            return;
        };
        let pause = (JOIN_PAUSE_MS << refusals.min(8)).min(JOIN_PAUSE_MAX_MS);
        if current.give_up_at.is_some_and(|end| now + pause >= end) {
            current.join = Join::NotYet;
            self.end(now, reason, effects);
        } else {
            let refusals = refusals + 1;
            current.join = Join::Pausing {
                until: now + pause,
                refusals,
                last: reason,
            };
        }
    }
}
