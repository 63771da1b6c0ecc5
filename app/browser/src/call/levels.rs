//! Loudness: from samples to a number people can see, and who is speaking.
//! Pure; [`super::meter`] feeds it.

/// The quietest loudness shown, in dB below full scale.
const FLOOR_DB: f32 = -60.0;
/// The loudness shown as full.
const CEILING_DB: f32 = -12.0;
/// The level from which somebody counts as speaking.
const SPEAKING_FROM: f32 = 24.0;
/// The level below which somebody may have stopped.
const SILENT_BELOW: f32 = 12.0;
/// How long it must stay below, in ms: shorter gaps are between words.
const SILENT_FOR_MS: u64 = 450;

/// The level of these samples, 0 (silence) to 100 (loud speech), on a decibel scale.
#[must_use]
pub fn level(samples: &[f32]) -> f32 {
    if samples.is_empty() {
        return 0.0;
    }
    let power = samples.iter().map(|sample| sample * sample).sum::<f32>() / samples.len() as f32;
    if power <= 0.0 {
        return 0.0;
    }
    let db = 10.0 * power.log10();
    ((db - FLOOR_DB) / (CEILING_DB - FLOOR_DB) * 100.0).clamp(0.0, 100.0)
}

/// One voice: its level without flicker, and whether it speaks.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Voice {
    level: f32,
    speaking: bool,
    loud_at: u64,
}

impl Voice {
    /// Takes a new level at `now` (ms).
    pub fn hear(&mut self, level: f32, now: u64) {
        // Up at once, down slowly: a meter that follows every sample is noise.
        self.level = if level >= self.level {
            level
        } else {
            self.level * 0.65 + level * 0.35
        };
        if level >= SPEAKING_FROM || (self.speaking && level >= SILENT_BELOW) {
            self.speaking = true;
            self.loud_at = now;
        } else if now.saturating_sub(self.loud_at) >= SILENT_FOR_MS {
            self.speaking = false;
        }
    }

    /// The smoothed level, 0 to 100.
    #[must_use]
    pub fn level(&self) -> u8 {
        // Within 0..=100 by construction.
        self.level as u8
    }

    /// Whether it speaks.
    #[must_use]
    pub fn is_speaking(&self) -> bool {
        self.speaking
    }
}

/// How long nothing may come from a visitor whose turn it is, in ms, before they
/// are told.
const UNHEARD_MS: u64 = 8_000;

/// How long nothing at all has come from the visitor's microphone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Silence {
    ms: u64,
    measured_at: u64,
}

impl Silence {
    /// Takes the visitor's level at `now` (ms), and says whether they should be
    /// told that we cannot hear them. While the agent speaks nobody expects to be
    /// heard: that time does not count.
    pub fn hear(&mut self, level: u8, agent_speaks: bool, now: u64) -> bool {
        // A page that is out of sight is not measured.
        let passed = now.saturating_sub(self.measured_at).min(1_000);
        self.measured_at = now;
        if level > 0 {
            self.ms = 0;
        } else if !agent_speaks {
            self.ms += passed;
        }
        self.ms >= UNHEARD_MS
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tone(amplitude: f32) -> Vec<f32> {
        (0..480)
            .map(|i| amplitude * (i as f32 * 0.2).sin())
            .collect()
    }

    #[test]
    fn silence_is_zero_and_loud_speech_is_full() {
        assert_eq!(level(&[]), 0.0);
        assert_eq!(level(&[0.0; 100]), 0.0);
        assert_eq!(level(&tone(1.0)), 100.0);
        let (quiet, normal) = (level(&tone(0.01)), level(&tone(0.1)));
        assert!(
            0.0 < quiet && quiet < normal && normal < 100.0,
            "{quiet} {normal}"
        );
    }

    #[test]
    fn a_gap_between_words_is_still_speaking_and_a_pause_is_not() {
        let mut voice = Voice::default();
        voice.hear(60.0, 1_000);
        assert!(voice.is_speaking());
        voice.hear(0.0, 1_300);
        assert!(voice.is_speaking());
        voice.hear(50.0, 1_400);
        voice.hear(0.0, 1_700);
        assert!(voice.is_speaking());
        voice.hear(0.0, 1_850);
        assert!(!voice.is_speaking());
    }

    #[test]
    fn a_hum_between_the_thresholds_neither_starts_nor_stops_speech() {
        let mut voice = Voice::default();
        voice.hear(18.0, 1_000);
        assert!(!voice.is_speaking());
        voice.hear(40.0, 1_100);
        for at in (1_200..5_000).step_by(100) {
            voice.hear(18.0, at);
            assert!(voice.is_speaking());
        }
    }

    /// Whether a visitor is told after `seconds` of this, measured as the meter does.
    fn told(silence: &mut Silence, from: u64, seconds: u64, level: u8, agent_speaks: bool) -> bool {
        (from * 10..=(from + seconds) * 10)
            .map(|tenth| silence.hear(level, agent_speaks, tenth * 100))
            .last()
            .unwrap()
    }

    #[test]
    fn who_is_not_heard_at_all_for_eight_seconds_is_told_until_they_are() {
        let mut silence = Silence::default();
        assert!(!told(&mut silence, 0, 7, 0, false));
        assert!(told(&mut silence, 7, 1, 0, false));
        assert!(
            told(&mut silence, 8, 5, 0, true),
            "the agent asks after them"
        );
        assert!(!told(&mut silence, 13, 1, 3, false));
        assert!(!told(&mut silence, 14, 7, 0, false));
    }

    #[test]
    fn who_listens_and_who_is_out_of_sight_are_not_missed() {
        let mut silence = Silence::default();
        assert!(!told(&mut silence, 0, 60, 0, true));
        assert!(!told(&mut silence, 600, 6, 0, false));
    }

    proptest! {
        #[test]
        fn the_level_is_always_a_percentage(samples in prop::collection::vec(any::<f32>(), 0..64)) {
            let finite: Vec<f32> = samples.into_iter().filter(|s| s.is_finite()).collect();
            let level = level(&finite);
            prop_assert!((0.0..=100.0).contains(&level));
        }

        #[test]
        fn after_long_silence_nobody_speaks(levels in prop::collection::vec(0.0f32..100.0, 0..40)) {
            let mut voice = Voice::default();
            let mut now = 0;
            for level in levels {
                now += 100;
                voice.hear(level, now);
            }
            for _ in 0..40 {
                now += 100;
                voice.hear(0.0, now);
            }
            prop_assert!(!voice.is_speaking());
            prop_assert_eq!(voice.level(), 0);
        }
    }
}
