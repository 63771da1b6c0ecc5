//! What a peer sees and hears.

use std::f32::consts::TAU;

use crate::audio::dbov;

/// Samples per millisecond of what is heard.
const PER_MS: usize = 16;

/// A peer's side of its connection.
#[derive(Clone, Default)]
pub struct View {
    /// ICE and DTLS are up.
    pub connected: bool,
    /// The connection was closed.
    pub closed: bool,
    /// The `control` channel is open.
    pub control_open: bool,
    /// Frames received on the `control` channel.
    pub control: Vec<String>,
    /// Audio packets received.
    pub packets: u64,
    /// Audio levels announced with the packets since [`Peer::forget`](super::Peer::forget), in dBov.
    pub levels: Vec<i8>,
    /// Everything heard since [`Peer::forget`](super::Peer::forget): mono, 16 kHz.
    pub heard: Vec<i16>,
}

impl View {
    /// Loudness of the last `ms` heard, in dBov; −127 when less was heard.
    #[must_use]
    pub fn level(&self, ms: usize) -> i8 {
        dbov(self.last(ms))
    }

    /// Whether the last `ms` were heard and nobody spoke in them: not the same as a
    /// low [`View::level`], which is low when less than that was heard.
    #[must_use]
    pub fn is_quiet(&self, ms: usize) -> bool {
        let last = self.last(ms);
        !last.is_empty() && dbov(last) < -45
    }

    /// How much of the energy of the last `ms` is at this pitch, 0 to 1.
    #[must_use]
    pub fn tone(&self, hz: f32, ms: usize) -> f32 {
        tone_share(self.last(ms), hz)
    }

    fn last(&self, ms: usize) -> &[i16] {
        self.heard
            .len()
            .checked_sub(ms * PER_MS)
            .map_or(&[], |start| &self.heard[start..])
    }
}

/// How much of the energy of samples at 16 kHz is at this pitch, 0 to 1.
#[must_use]
pub fn tone_share(pcm: &[i16], hz: f32) -> f32 {
    let (mut re, mut im, mut energy) = (0.0_f32, 0.0_f32, 0.0_f32);
    for (n, &sample) in pcm.iter().enumerate() {
        let (sample, angle) = (f32::from(sample), n as f32 * hz / 16_000.0 * TAU);
        re += sample * angle.cos();
        im += sample * angle.sin();
        energy += sample * sample;
    }
    if energy == 0.0 {
        return 0.0;
    }
    (re * re + im * im) * 2.0 / (energy * pcm.len() as f32)
}

impl std::fmt::Debug for View {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("View")
            .field("connected", &self.connected)
            .field("closed", &self.closed)
            .field("control_open", &self.control_open)
            .field("control", &self.control)
            .field("packets", &self.packets)
            .field("heard_ms", &(self.heard.len() / PER_MS))
            .field("level_of_last_200_ms", &self.level(200))
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_quiet_once_silence_was_heard() {
        let mut view = View::default();
        assert!(view.level(700) < -45 && !view.is_quiet(700));
        view.heard = vec![5_000; 300 * PER_MS];
        view.heard.extend(vec![0; 699 * PER_MS]);
        assert!(!view.is_quiet(700));
        view.heard.extend([0; PER_MS]);
        assert!(view.is_quiet(700) && !view.is_quiet(701));
    }

    #[test]
    fn a_tone_is_told_from_another_and_from_a_mix() {
        let sine = |hz: f32| move |n: usize| (n as f32 / 16_000.0 * hz * TAU).sin() * 5_000.0;
        let (low, high) = (sine(440.0), sine(1_000.0));
        let pure: Vec<i16> = (0..3_200).map(|n| low(n) as i16).collect();
        assert!(tone_share(&pure, 440.0) > 0.98 && tone_share(&pure, 1_000.0) < 0.02);
        let both: Vec<i16> = (0..3_200).map(|n| (low(n) + high(n)) as i16).collect();
        assert!((tone_share(&both, 440.0) - 0.5).abs() < 0.05);
        assert!((tone_share(&both, 1_000.0) - 0.5).abs() < 0.05);
    }
}
