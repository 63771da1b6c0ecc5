//! Voice activity from audio levels: when the caller speaks and when they
//! have finished.

/// Louder than this, in dBov (RFC 6464), counts as voice.
const THRESHOLD_DBOV: i8 = -50;
/// Voice for this long is speech.
const ONSET_MS: u64 = 100;
/// Voice may pause this long without starting anew, before it is speech.
const ONSET_GAP_MS: u64 = 80;
/// Quiet for this long ends the turn.
const HANGOVER_MS: u64 = 700;
/// How far above a steady noise voice must be, in dB.
const ABOVE_NOISE_DB: f64 = 12.0;
/// How fast what is never interrupted is taken for noise, in dB per second.
/// Speech is interrupted many times a second.
const NOISE_RISE_DB_PER_S: f64 = 3.0;

/// What was found out at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heard {
    /// Speech is going on; it began then.
    Started {
        /// When its first sound was.
        at: u64,
    },
    /// The turn is over; its last sound was then.
    Ended {
        /// When its last sound was.
        at: u64,
    },
}

/// The detector. Times are milliseconds of any one clock.
#[derive(Debug)]
pub(super) struct Vad {
    /// The steady noise, in dBov, and when it was last looked at.
    noise: f64,
    last_level: u64,
    loud_from: Option<u64>,
    last_loud: u64,
    speaking: bool,
    /// A voice that needs no audio: loud until then.
    held_until: Option<u64>,
}

impl Default for Vad {
    fn default() -> Self {
        Self {
            noise: -127.0,
            last_level: 0,
            loud_from: None,
            last_loud: 0,
            speaking: false,
            held_until: None,
        }
    }
}

impl Vad {
    /// Takes one audio level.
    pub(super) fn level(&mut self, now: u64, dbov: i8) {
        if self.is_above_noise(now, dbov) && dbov > THRESHOLD_DBOV {
            self.loud(now);
        } else if !self.speaking && !self.is_held() && self.gap(now) > ONSET_GAP_MS {
            self.loud_from = None;
        }
    }

    /// Whether a level is more than noise that is always there. The noise is
    /// what is left between sounds: it falls at once and rises slowly.
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of a call")]
    fn is_above_noise(&mut self, now: u64, dbov: i8) -> bool {
        let passed = now.saturating_sub(self.last_level).min(1_000) as f64 / 1_000.0;
        self.last_level = now;
        self.noise = f64::from(dbov).min(self.noise + NOISE_RISE_DB_PER_S * passed);
        f64::from(dbov) > self.noise + ABOVE_NOISE_DB
    }

    /// Behaves as if there was a voice from now until then.
    pub(super) fn hold(&mut self, now: u64, until: u64) {
        self.loud(now);
        self.held_until = Some(until);
    }

    /// Whether a voice without audio is going on.
    pub(super) fn is_held(&self) -> bool {
        self.held_until.is_some()
    }

    /// What has become known by now; to be asked until it answers `None`.
    pub(super) fn advance(&mut self, now: u64) -> Option<Heard> {
        if let Some(until) = self.held_until {
            self.last_loud = self.last_loud.max(now.min(until));
            if now >= until {
                self.held_until = None;
            }
        }
        if self.speaking {
            if self.gap(now) < HANGOVER_MS {
                return None;
            }
            self.speaking = false;
            self.loud_from = None;
            return Some(Heard::Ended { at: self.last_loud });
        }
        let from = self.loud_from?;
        if self.last_loud.saturating_sub(from) >= ONSET_MS {
            self.speaking = true;
            return Some(Heard::Started { at: from });
        }
        if self.gap(now) > ONSET_GAP_MS && self.held_until.is_none() {
            self.loud_from = None;
        }
        None
    }

    /// When to ask again although no level came.
    pub(super) fn wake_up(&self) -> Option<u64> {
        if self.speaking {
            return Some(
                self.held_until
                    .unwrap_or(self.last_loud)
                    .max(self.last_loud)
                    + HANGOVER_MS,
            );
        }
        self.held_until
            .and(self.loud_from)
            .map(|from| from + ONSET_MS)
    }

    /// When the speech that is going on began.
    pub(super) fn speaking_since(&self) -> Option<u64> {
        self.loud_from.filter(|_| self.speaking)
    }

    /// The last moment there was voice.
    pub(super) fn last_loud(&self) -> u64 {
        self.last_loud
    }

    fn loud(&mut self, now: u64) {
        self.loud_from.get_or_insert(now);
        self.last_loud = self.last_loud.max(now);
    }

    fn gap(&self, now: u64) -> u64 {
        now.saturating_sub(self.last_loud)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds one level every 20 ms and gives what was heard.
    fn run(levels: impl IntoIterator<Item = i8>) -> Vec<(u64, Heard)> {
        let mut vad = Vad::default();
        let mut heard = Vec::new();
        for (n, dbov) in levels.into_iter().enumerate() {
            let now = n as u64 * 20;
            vad.level(now, dbov);
            while let Some(what) = vad.advance(now) {
                heard.push((now, what));
            }
        }
        heard
    }

    fn blocks(blocks: &[(u64, i8)]) -> Vec<i8> {
        blocks
            .iter()
            .flat_map(|(ms, dbov)| vec![*dbov; (*ms / 20) as usize])
            .collect()
    }

    #[test]
    fn a_voice_without_audio_is_heard_however_late_silence_is_told() {
        let mut vad = Vad::default();
        vad.hold(0, 1_000);
        vad.level(95, -127);
        assert_eq!(vad.advance(120), Some(Heard::Started { at: 0 }));
    }

    #[test]
    fn speech_starts_after_100_ms_and_ends_700_ms_after_the_last_sound() {
        let heard = run(blocks(&[(200, -127), (1000, -20), (1500, -127)]));
        let last = 1180;
        assert_eq!(
            heard,
            [
                (300, Heard::Started { at: 200 }),
                (last + 700, Heard::Ended { at: last })
            ]
        );
    }

    #[test]
    fn a_click_and_quiet_noise_are_no_speech() {
        assert_eq!(
            run(blocks(&[(60, -20), (500, -127), (60, -20), (500, -127)])),
            []
        );
        assert_eq!(run(blocks(&[(2000, -55)])), []);
    }

    #[test]
    fn a_short_pause_does_not_end_the_turn() {
        let heard = run(blocks(&[(400, -20), (600, -127), (400, -20), (800, -127)]));
        assert_eq!(heard.len(), 2, "{heard:?}");
    }

    #[test]
    fn a_noise_that_never_stops_is_no_turn_without_end() {
        let heard = run(blocks(&[(60_000, -40)]));
        assert!(matches!(
            heard[..],
            [(_, Heard::Started { .. }), (_, Heard::Ended { .. })]
        ));
        // A voice above it is heard, with its pauses full of noise.
        let words: Vec<(u64, i8)> = [(300, -15), (100, -40)].repeat(5);
        let heard = run(blocks(
            &[vec![(60_000, -40)], words, vec![(2_000, -40)]].concat(),
        ));
        assert_eq!(heard.len(), 4, "{heard:?}");
    }

    #[test]
    fn a_held_voice_is_heard_without_levels() {
        let mut vad = Vad::default();
        vad.hold(50, 1050);
        assert_eq!(vad.advance(50), None);
        assert_eq!(vad.wake_up(), Some(150));
        assert_eq!(vad.advance(150), Some(Heard::Started { at: 50 }));
        assert_eq!(vad.wake_up(), Some(1750));
        assert_eq!(vad.advance(1750), Some(Heard::Ended { at: 1050 }));
        assert_eq!(vad.wake_up(), None);
    }
}
