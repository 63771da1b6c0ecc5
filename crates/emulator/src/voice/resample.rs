//! Changes the sample rate of speech.

use std::f64::consts::PI;

/// Taps of the filter on either side.
const REACH: usize = 16;

/// `pcm` at another rate: windowed-sinc interpolation, whose error lies far
/// below what Opus at speech rates leaves.
pub(super) fn resample(pcm: &[i16], from: u32, to: u32) -> Vec<i16> {
    if from == to || from == 0 || to == 0 {
        return pcm.to_vec();
    }
    let common = gcd(from, to);
    let (from, to) = ((from / common) as usize, (to / common) as usize);
    let filters = filters(from, to);
    // Sample `n` lies at `n * from / to` of the source: between two samples, in
    // one of `to` places.
    (0..pcm.len() * to / from)
        .map(|n| {
            let (centre, place) = (n * from / to, n * from % to);
            let first = centre as isize + 1 - REACH as isize;
            let sum: f32 = (first..)
                .zip(&filters[place])
                .filter_map(|(k, weight)| {
                    Some(f32::from(*pcm.get(usize::try_from(k).ok()?)?) * weight)
                })
                .sum();
            sum.round() as i16
        })
        .collect()
}

/// For each place between two samples the weights of the samples around it.
fn filters(from: usize, to: usize) -> Vec<[f32; 2 * REACH]> {
    // When the rate falls, the filter must also take away what the new rate
    // cannot carry.
    let cutoff = (to as f64 / from as f64).min(1.0);
    let weights = |place: usize| {
        let at = place as f64 / to as f64;
        std::array::from_fn(|k| tap(at - (k as f64 + 1.0 - REACH as f64), cutoff) as f32)
    };
    (0..to).map(weights).collect()
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

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
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
