//! Utterances whose words are known with their times: each lights up as it is heard.

use std::cell::Cell;

use api::live::Word;
use web_sys::Element;

use browser::transcript::board::{RowView, spoken};
use browser::transcript::model::{Row, utterance};
use browser::transcript::texts::TranscriptTexts;
use browser::ui::dom;

/// How long a word is lit beyond its end (ms), unless the next one begins.
const AFTERGLOW_MS: i64 = 300;
/// How far behind the words before it a word is looked for in what is written (bytes).
const REACH: usize = 24;

/// Draws an utterance word by word; `None` for what is no utterance or has no times.
pub(super) fn draw(
    row: &Row,
    texts: &TranscriptTexts,
    seek_label: &str,
) -> Option<Box<dyn RowView>> {
    if row.item.words.is_empty() {
        return None;
    }
    let (speaker, _) = utterance(&row.item.kind)?;
    let (element, place) = spoken(row, speaker, texts, Some(seek_label));
    let mut view = Spoken {
        element,
        place,
        words: Vec::new(),
        drawn: Vec::new(),
        lit: Cell::new(None),
    };
    view.update(row);
    Some(Box::new(view))
}

struct Spoken {
    element: Element,
    /// Where the words are.
    place: Element,
    words: Vec<Word>,
    /// The elements of those that were found in what is written.
    drawn: Vec<Option<Element>>,
    lit: Cell<Option<usize>>,
}

impl Spoken {
    fn light(&self, word: Option<usize>) {
        let before = self.lit.replace(word);
        if before == word {
            return;
        }
        for (word, class) in [(before, "sb-word"), (word, "sb-word sb-word-lit")] {
            let element = word.and_then(|word| self.drawn.get(word)?.as_ref());
            if let Some(element) = element {
                element.set_class_name(class);
            }
        }
    }
}

impl RowView for Spoken {
    fn element(&self) -> &Element {
        &self.element
    }

    fn update(&mut self, row: &Row) {
        let content = utterance(&row.item.kind).map_or("", |(_, content)| content);
        self.words.clone_from(&row.item.words);
        self.drawn = vec![None; self.words.len()];
        self.lit.set(None);
        self.place.set_text_content(None);
        for piece in pieces(content, &self.words) {
            match piece.word {
                Some(word) => {
                    let element = dom::child(&self.place, "span", "sb-word");
                    let start = self.words[word].start_ms;
                    dom::attribute(&element, "data-ms", &start.to_string());
                    dom::text(&element, piece.text);
                    self.drawn[word] = Some(element);
                }
                None => {
                    dom::text(&self.place, piece.text);
                }
            }
        }
    }

    fn hear(&self, time_ms: Option<i64>) {
        self.light(time_ms.and_then(|ms| word_at(&self.words, ms)));
    }
}

/// A piece of what is written.
#[derive(Debug, PartialEq, Eq)]
struct Piece<'a> {
    text: &'a str,
    /// Which word it is; none for what stands between words.
    word: Option<usize>,
}

/// What is written, taken apart into the words that were heard and what is between them. A
/// word that is written otherwise than it was heard is left out: what is written stays whole.
fn pieces<'a>(content: &'a str, words: &[Word]) -> Vec<Piece<'a>> {
    let mut pieces = Vec::new();
    let mut put = |text: &'a str, word| {
        if !text.is_empty() {
            pieces.push(Piece { text, word });
        }
    };
    let mut rest = content;
    for (index, word) in words.iter().enumerate() {
        let word = word.word.trim();
        let found = rest
            .char_indices()
            .map(|(at, _)| at)
            .take_while(|at| *at <= REACH)
            .find_map(|at| {
                let written = rest.get(at..at + word.len())?;
                written.eq_ignore_ascii_case(word).then_some((at, written))
            });
        if let Some((at, written)) = found.filter(|_| !word.is_empty()) {
            put(&rest[..at], None);
            put(written, Some(index));
            rest = &rest[at + written.len()..];
        }
    }
    put(rest, None);
    pieces
}

/// The word that is heard at a time (ms).
fn word_at(words: &[Word], ms: i64) -> Option<usize> {
    let index = words
        .partition_point(|word| word.start_ms <= ms)
        .checked_sub(1)?;
    (ms < words[index].end_ms + AFTERGLOW_MS).then_some(index)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(said: &[(&str, i64, i64)]) -> Vec<Word> {
        let word = |&(word, start_ms, end_ms): &(&str, i64, i64)| Word {
            word: word.to_owned(),
            start_ms,
            end_ms,
        };
        said.iter().map(word).collect()
    }

    #[test]
    fn what_is_written_is_taken_apart_into_what_was_heard() {
        let heard = words(&[
            (" hi", 0, 1),
            ("It's ", 1, 2),
            ("thirty", 2, 3),
            ("übrig", 3, 4),
        ]);
        let content = "Hi – it's 30 übrig.";
        let taken = pieces(content, &heard);
        let expected = [
            ("Hi", Some(0)),
            (" – ", None),
            ("it's", Some(1)),
            (" 30 ", None),
            ("übrig", Some(3)),
            (".", None),
        ];
        let expected = expected.map(|(text, word)| Piece { text, word });
        assert_eq!(taken, expected);
        let whole: String = taken.iter().map(|piece| piece.text).collect();
        assert_eq!(whole, content);
    }

    #[test]
    fn a_word_that_is_not_written_does_not_take_one_far_away() {
        let heard = words(&[("end", 0, 1), ("one", 1, 2)]);
        let content = "one two three four five six seven end";
        assert_eq!(pieces(content, &heard)[0].word, Some(1));
        assert_eq!(pieces("", &heard), []);
        assert_eq!(
            pieces("x", &words(&[("", 0, 1)])),
            [Piece {
                text: "x",
                word: None
            }]
        );
    }

    #[test]
    fn a_word_is_lit_until_the_next_begins_or_a_moment_after_it() {
        let heard = words(&[("a", 100, 200), ("b", 250, 400), ("c", 2_000, 2_100)]);
        for (ms, lit) in [
            (99, None),
            (100, Some(0)),
            (249, Some(0)),
            (250, Some(1)),
            (699, Some(1)),
            (700, None),
            (2_399, Some(2)),
            (9_000, None),
        ] {
            assert_eq!(word_at(&heard, ms), lit, "{ms}");
        }
        assert_eq!(word_at(&[], 5), None);
    }
}
