//! The way to the gateway: found, lost, and got back.

use super::{Effect, EndReason, Happened, RECONNECT_MS, Restart, Session};

/// The pause after a failed ICE restart, in ms.
const RESTART_PAUSE_MS: u64 = 1_000;
/// How long an answered ICE restart may take before it is repeated, in ms.
const RESTART_PATIENCE_MS: u64 = 4_000;

impl Session {
    pub(super) fn connected(&mut self, now: u64) {
        let Some(current) = self.current.as_mut() else {
            return;
        };
        current.connected = true;
        current.give_up_at = None;
        // An ICE restart whose answer is on its way is let finish; the browser
        // holds its offer until then.
        if !matches!(current.restart, Restart::UnderWay | Restart::Outdated) {
            current.restart = Restart::None;
        }
        // Nobody talks before the microphone is open, if that takes longest.
        if current.microphone {
            self.view.live_since.get_or_insert(now);
        }
    }

    /// The path is gone, or may be: show it and repair it.
    pub(super) fn lose(&mut self, now: u64, effects: &mut Vec<Effect>) {
        let offline = self.offline;
        let Some(current) = self.current.as_mut() else {
            return;
        };
        current.give_up_at.get_or_insert(now + RECONNECT_MS);
        match current.restart {
            Restart::UnderWay | Restart::Outdated => {}
            _ if offline => current.restart = Restart::At(now),
            _ => {
                current.restart = Restart::UnderWay;
                effects.push(Effect::RestartIce(current.attempt));
            }
        }
    }

    pub(super) fn restart_done(&mut self, now: u64, outcome: Happened, effects: &mut Vec<Effect>) {
        let live = self.view.live_since.is_some();
        let Some(current) = self.current.as_mut() else {
            return;
        };
        if current.restart == Restart::Outdated {
            // What it told the gateway is not so any more.
            current.restart = Restart::At(now);
            return;
        }
        current.restart = match outcome {
            // The path that works counts for more than a refused repair.
            _ if current.connected => Restart::None,
            // What was tried besides the direct path, which may come up yet.
            Happened::RestartRefused(_) if !live => Restart::None,
            Happened::RestartRefused(401 | 403 | 404 | 409 | 410) => {
                self.end(now, EndReason::ConnectionLost, effects);
                return;
            }
            Happened::RestartAnswered => Restart::At(now + RESTART_PATIENCE_MS),
            _ => Restart::At(now + RESTART_PAUSE_MS),
        };
        if current.connected {
            self.connected(now);
        }
    }
}
