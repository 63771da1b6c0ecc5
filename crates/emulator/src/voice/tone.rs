//! A voice for machines without a speech synthesizer: tones of the rhythm and
//! the length of the line. Nobody takes it for speech, but levels, turns,
//! recordings and transcripts behave as if it were.

use std::f32::consts::TAU;

/// Sample rate of the tone, in Hz.
pub(super) const RATE: u32 = 16_000;

/// How fast it "speaks", in characters per second.
const CHARS_PER_SECOND: usize = 14;

/// Samples per character.
const PER_CHAR: usize = RATE as usize / CHARS_PER_SECOND;

/// The line as a tone: one pitch-bent note per word, silence between words and
/// a longer one after punctuation.
pub(super) fn hum(text: &str) -> Vec<i16> {
    let mut pcm = vec![0; RATE as usize / 10];
    for (n, word) in text.split_whitespace().enumerate() {
        let letters = word.chars().count();
        let pitch = [196.0, 220.0, 247.0, 208.0, 185.0][(n + letters) % 5];
        note(&mut pcm, pitch, letters * PER_CHAR);
        let pause = if word.ends_with(['.', '?', '!', ',', ';', ':']) {
            3
        } else {
            1
        };
        pcm.resize(pcm.len() + pause * PER_CHAR, 0);
    }
    pcm
}

fn note(pcm: &mut Vec<i16>, pitch: f32, samples: usize) {
    const EDGE: f32 = RATE as f32 * 0.015;
    let mut phase = 0.0_f32;
    for n in 0..samples {
        let (n, left) = (n as f32, (samples - n) as f32);
        // A gentle fall over the word, and no click at either end.
        phase += pitch * (1.0 - 0.08 * n / samples as f32) / RATE as f32 * TAU;
        let edge = (n.min(left) / EDGE).min(1.0);
        let wave = phase.sin() + 0.4 * (phase * 2.0).sin() + 0.2 * (phase * 3.0).sin();
        pcm.push((wave * edge * 5_000.0) as i16);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::dbov;

    #[test]
    fn lasts_as_long_as_the_line_would() {
        let text = "Thank you for calling, how can I help you today?";
        let seconds = hum(text).len() as f32 / RATE as f32;
        let natural = text.len() as f32 / CHARS_PER_SECOND as f32;
        assert!(
            (seconds - natural).abs() < 0.6,
            "{seconds} s for {natural} s of speech"
        );
    }

    #[test]
    fn is_loud_in_words_and_silent_between_sentences() {
        let levels: Vec<i8> = hum("First. Second.").chunks(320).map(dbov).collect();
        assert!(levels.iter().any(|&level| level > -25));
        assert!(levels.contains(&-127));
    }
}
