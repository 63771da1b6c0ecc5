//! How loud audio is: RFC 6464 levels from samples, a leg's level over time,
//! and a smoothed value for displays.

use super::SILENCE_DBOV;

/// Level of samples in dBov: 0 is the loudest a signal can be, −127 silence
/// (RFC 6464 §3: root mean square, relative to overload).
pub(crate) fn dbov(pcm: &[i16]) -> i8 {
    if pcm.is_empty() {
        return SILENCE_DBOV;
    }
    let energy: f64 = pcm.iter().map(|&sample| f64::from(sample).powi(2)).sum();
    let rms = (energy / pcm.len() as f64).sqrt() / 32_768.0;
    if rms <= 0.0 {
        return SILENCE_DBOV;
    }
    (20.0 * rms.log10()).round().clamp(-127.0, 0.0) as i8
}

/// Beats a leg's last level stands for when no further packet comes. Longer
/// than network jitter and the longest packets in use (60 ms), shorter than any
/// pause that matters.
const HOLD: u32 = 4;

/// Turns levels that come with packets into one level per 20 ms beat, silence
/// when packets stop (DTX, a cut, a peer that is gone).
#[derive(Debug)]
pub(crate) struct LevelTrack {
    last: i8,
    loudest_since_beat: Option<i8>,
    beats_without: u32,
    smoothed: Smoothed,
}

impl Default for LevelTrack {
    fn default() -> Self {
        LevelTrack {
            last: SILENCE_DBOV,
            loudest_since_beat: None,
            beats_without: HOLD,
            smoothed: Smoothed::default(),
        }
    }
}

impl LevelTrack {
    /// A packet came with this level.
    pub(crate) fn packet(&mut self, dbov: i8) {
        let dbov = dbov.min(0);
        self.loudest_since_beat = Some(self.loudest_since_beat.map_or(dbov, |l| l.max(dbov)));
    }

    /// The level of the 20 ms that end now.
    pub(crate) fn beat(&mut self) -> i8 {
        match self.loudest_since_beat.take() {
            Some(level) => {
                self.last = level;
                self.beats_without = 0;
            }
            None => {
                self.beats_without = self.beats_without.saturating_add(1);
                if self.beats_without > HOLD {
                    self.last = SILENCE_DBOV;
                }
            }
        }
        self.smoothed.add(self.last);
        self.last
    }

    /// The level of the last beat, in dBov.
    pub(crate) fn last(&self) -> i8 {
        self.last
    }

    /// The level over about the last 200 ms, in dBov.
    pub(crate) fn smoothed(&self) -> f32 {
        self.smoothed.0
    }
}

/// An exponential mean over about ten beats.
#[derive(Debug, Clone, Copy)]
struct Smoothed(f32);

impl Default for Smoothed {
    fn default() -> Self {
        Smoothed(f32::from(SILENCE_DBOV))
    }
}

impl Smoothed {
    fn add(&mut self, dbov: i8) {
        self.0 += (f32::from(dbov) - self.0) * 0.2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_full_scale_and_half_scale() {
        assert_eq!(dbov(&[]), -127);
        assert_eq!(dbov(&[0; 320]), -127);
        assert_eq!(dbov(&[i16::MIN; 320]), 0);
        assert_eq!(dbov(&[16_384; 320]), -6);
    }

    #[test]
    fn a_level_holds_through_jitter_and_falls_silent_when_packets_stop() {
        let mut track = LevelTrack::default();
        assert_eq!(track.beat(), -127);
        track.packet(-20);
        track.packet(-35);
        let beats: Vec<i8> = (0..6).map(|_| track.beat()).collect();
        assert_eq!(beats, [-20, -20, -20, -20, -20, -127]);
        track.packet(-40);
        assert_eq!(track.beat(), -40);
    }

    #[test]
    fn the_smoothed_level_follows_within_half_a_second() {
        let mut track = LevelTrack::default();
        for _ in 0..25 {
            track.packet(-20);
            track.beat();
        }
        assert!(
            (track.smoothed() + 20.0).abs() < 1.0,
            "{}",
            track.smoothed()
        );
    }
}
