//! Changes the sample rate of speech.

use std::f64::consts::PI;

/// Taps of the filter on either side.
const REACH: i64 = 16;

/// `pcm` at another rate: windowed-sinc interpolation, whose error lies far
/// below what Opus at speech rates leaves.
pub(super) fn resample(pcm: &[i16], from: u32, to: u32) -> Vec<i16> {
    if from == to || from == 0 || to == 0 {
        return pcm.to_vec();
    }
    let step = f64::from(from) / f64::from(to);
    // When the rate falls, the filter must also take away what the new rate
    // cannot carry.
    let cutoff = (1.0 / step).min(1.0);
    let length = (pcm.len() as f64 / step) as usize;
    (0..length)
        .map(|n| {
            let at = n as f64 * step;
            let centre = at.floor() as i64;
            let sum: f64 = (centre - REACH + 1..=centre + REACH)
                .filter_map(|k| {
                    let sample = pcm.get(usize::try_from(k).ok()?)?;
                    Some(f64::from(*sample) * tap(at - k as f64, cutoff))
                })
                .sum();
            sum.round().clamp(f64::from(i16::MIN), f64::from(i16::MAX)) as i16
        })
        .collect()
}

/// The filter at `x` samples from its centre: a sinc in a Hann window.
fn tap(x: f64, cutoff: f64) -> f64 {
    let sinc = if x == 0.0 {
        cutoff
    } else {
        (PI * x * cutoff).sin() / (PI * x)
    };
    sinc * (0.5 + 0.5 * (PI * x / REACH as f64).cos())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_keeps_its_pitch_and_its_loudness() {
        let tone = |rate: u32| -> Vec<i16> {
            let sample =
                |n| (f64::sin(f64::from(n) / f64::from(rate) * 440.0 * 2.0 * PI) * 9e3) as i16;
            (0..rate).map(sample).collect()
        };
        let resampled = resample(&tone(22_050), 22_050, 24_000);
        let wanted = tone(24_000);
        assert_eq!(resampled.len(), wanted.len());
        let worst = resampled[100..23_900]
            .iter()
            .zip(&wanted[100..23_900])
            .map(|(a, b)| (a - b).abs())
            .max()
            .unwrap();
        assert!(worst < 90, "off by {worst} of 9000");
    }

    #[test]
    fn the_same_rate_is_the_same_samples() {
        assert_eq!(resample(&[1, 2, 3], 16_000, 16_000), [1, 2, 3]);
        assert!(resample(&[], 8_000, 48_000).is_empty());
    }
}
