//! How long words take when nobody measures them.

use super::transcript::Word;

/// How long saying a word takes, including the breath after it.
fn word_ms(word: &str) -> u64 {
    let letters = word.chars().filter(|c| c.is_alphanumeric()).count().min(40) as u64;
    let breath = if word.ends_with(['.', '!', '?']) {
        250
    } else if word.ends_with([',', ';', ':']) {
        120
    } else {
        0
    };
    100 + 50 * letters + breath
}

/// The words of a text, timed at a natural rate from `from_ms` on.
pub(super) fn timed(text: &str, from_ms: u64) -> Vec<Word> {
    let mut at = from_ms;
    text.split_whitespace()
        .map(|word| {
            let start_ms = at;
            at += word_ms(word);
            Word {
                text: word.to_owned(),
                start_ms,
                end_ms: at,
            }
        })
        .collect()
}

/// How long saying a text takes.
pub(super) fn duration_ms(text: &str) -> u64 {
    text.split_whitespace().map(word_ms).sum()
}

/// Times words anew, evenly between two moments.
pub(super) fn spread(words: &mut [Word], from_ms: u64, to_ms: u64) {
    let count = words.len() as u64;
    let span = to_ms.saturating_sub(from_ms).max(count);
    for (n, word) in words.iter_mut().enumerate() {
        let n = n as u64;
        word.start_ms = from_ms + span * n / count;
        word.end_ms = from_ms + span * (n + 1) / count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_takes_about_its_natural_time() {
        let text = "Hi, I'd like to book a check-up, please. Some time this week would be great.";
        let ms = duration_ms(text);
        assert!((4_000..8_000).contains(&ms), "{ms}");
        let words = timed(text, 1_000);
        assert_eq!(words.last().map(|w| w.end_ms), Some(1_000 + ms));
        assert!(
            words
                .windows(2)
                .all(|pair| pair[0].end_ms == pair[1].start_ms)
        );
    }

    #[test]
    fn spreading_keeps_order_even_without_room() {
        let mut words = timed("one two three", 0);
        spread(&mut words, 500, 500);
        assert_eq!(words[0].start_ms, 500);
        assert!(
            words
                .windows(2)
                .all(|pair| pair[0].end_ms <= pair[1].start_ms)
        );
        spread(&mut [], 0, 0);
    }
}
