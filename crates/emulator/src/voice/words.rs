//! When each word of a line is spoken, estimated.

use super::speech::SpokenWord;
use crate::audio::FRAME_MS;

/// Frames louder than this are voice.
const VOICE_DBOV: i8 = -50;

/// A quiet stretch shorter than this many frames is part of a word (a stop
/// consonant), not a pause between words.
const PAUSE_FRAMES: usize = 6;

/// Gives every word of `text` its share of the time in which the audio, whose
/// level per 20 ms frame is given, is voice. Silence at either end and pauses
/// in between belong to no word, so words stay in step across them.
pub(super) fn time_words(text: &str, levels: &[i8]) -> Vec<SpokenWord> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let voiced = voiced_frames(levels);
    let total: usize = words.iter().map(|word| weight(word)).sum();
    if total == 0 {
        return Vec::new();
    }
    let frame_at = |share: usize| voiced.len() * share / total;
    let mut said = 0;
    let mut timed = Vec::with_capacity(words.len());
    for word in words {
        let first = frame_at(said);
        said += weight(word);
        let last = frame_at(said).saturating_sub(1).max(first);
        let start_ms = voiced
            .get(first)
            .or(voiced.last())
            .map_or(0, |&n| n as u64 * FRAME_MS);
        let end_ms = voiced
            .get(last)
            .or(voiced.last())
            .map_or(0, |&n| (n as u64 + 1) * FRAME_MS);
        timed.push(SpokenWord {
            text: word.to_owned(),
            start_ms,
            end_ms: end_ms.max(start_ms),
        });
    }
    timed
}

/// How long a word takes, relative to others: its letters and digits, a digit
/// being a word of its own, and a little for the word itself.
fn weight(word: &str) -> usize {
    let letters = word.chars().filter(|c| c.is_alphabetic()).count();
    let digits = word.chars().filter(char::is_ascii_digit).count();
    letters + digits * 4 + 1
}

/// Which frames carry voice. All of them when none does, for audio that is
/// silence throughout.
fn voiced_frames(levels: &[i8]) -> Vec<usize> {
    let mut voiced = Vec::new();
    for (n, &level) in levels.iter().enumerate() {
        if level <= VOICE_DBOV {
            continue;
        }
        if let Some(&previous) = voiced.last()
            && n - previous <= PAUSE_FRAMES
        {
            voiced.extend(previous + 1..n);
        }
        voiced.push(n);
    }
    if voiced.is_empty() {
        (0..levels.len()).collect()
    } else {
        voiced
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_share_the_voiced_time_by_length_and_skip_pauses() {
        let mut levels = vec![-90; 10];
        levels.extend([-20; 10]);
        levels.extend([-90; 20]);
        levels.extend([-20; 10]);
        levels.extend([-90; 10]);
        let words = time_words("four. four", &levels);
        let times: Vec<_> = words.iter().map(|w| (w.start_ms, w.end_ms)).collect();
        assert_eq!(times, [(200, 400), (800, 1000)]);
        assert_eq!(words[0].text, "four.");
    }

    #[test]
    fn no_text_has_no_words_and_no_audio_has_words_at_zero() {
        assert_eq!(time_words("  ", &[-20; 10]), []);
        let words = time_words("hello there", &[]);
        assert!(
            words
                .iter()
                .all(|word| (word.start_ms, word.end_ms) == (0, 0))
        );
    }

    proptest! {
        #[test]
        fn words_come_in_order_and_inside_the_audio(
            text in "[a-z0-9 ,.]{0,80}",
            levels in prop::collection::vec(-127i8..0, 0..400),
        ) {
            let words = time_words(&text, &levels);
            let spoken: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
            prop_assert_eq!(spoken, text.split_whitespace().collect::<Vec<_>>());
            let mut before = 0;
            for word in words {
                prop_assert!(before <= word.start_ms && word.start_ms <= word.end_ms);
                prop_assert!(word.end_ms <= levels.len() as u64 * FRAME_MS);
                before = word.start_ms;
            }
        }
    }
}
