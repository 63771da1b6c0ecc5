//! A language as tables, and which of its phrases a text begins with.

use std::collections::{HashMap, HashSet};

use super::phrase::{Kind, Says, Slots, small};
use crate::meant::{Clock, Fact};

/// How many words may be one of a kind: "a eso de las".
const WORDS_MAX: usize = 4;
/// What makes an ordinal of the digits before it.
const ENDINGS: [&str; 10] = [".", "st", "nd", "rd", "th", "ro", "o", "er", "ten", "ter"];

#[derive(Debug)]
enum Element {
    Words(Vec<String>),
    Slot(Kind),
    Optional(Box<Element>),
}

/// A language: its words by their kinds, its phrases, and what says nothing of the time.
#[derive(Debug, Default)]
pub(super) struct Table {
    words: HashMap<String, Vec<(Kind, i64)>>,
    phrases: Vec<(Vec<Element>, Says)>,
    fillers: HashSet<String>,
}

/// A text as a language hears it.
#[derive(Debug)]
pub(super) struct Heard<'a> {
    table: &'a Table,
    tokens: &'a [String],
    /// What may begin at each token: of which kind it is, how many tokens, and its value.
    readings: Vec<Vec<(Kind, usize, i64)>>,
}

impl Table {
    /// Adds words of a kind.
    pub(super) fn words<T: Into<String>>(
        &mut self,
        kind: Kind,
        words: impl IntoIterator<Item = (T, i64)>,
    ) {
        for (word, value) in words {
            self.words
                .entry(word.into())
                .or_default()
                .push((kind, value));
        }
    }

    /// Adds the names of a kind in their order, several of one divided by `|`.
    pub(super) fn names(&mut self, kind: Kind, first: i64, names: &[&str]) {
        for (names, value) in names.iter().zip(first..) {
            self.words(kind, names.split('|').map(|name| (name, value)));
        }
    }

    /// Adds phrases: words divided by `|`, `#slots`, and either with a `?` if it may be missing.
    pub(super) fn phrases(&mut self, phrases: &[(&str, Says)]) {
        for (pattern, says) in phrases {
            let pattern = pattern.split_whitespace().map(element).collect();
            self.phrases.push((pattern, *says));
        }
    }

    /// Adds what says nothing of the time.
    pub(super) fn fillers(&mut self, words: &str) {
        self.fillers
            .extend(words.split_whitespace().map(str::to_owned));
    }

    pub(super) fn is_filler(&self, token: &str) -> bool {
        token == "." || self.fillers.contains(token)
    }

    pub(super) fn hear<'a>(&'a self, tokens: &'a [String]) -> Heard<'a> {
        let readings = (0..tokens.len())
            .map(|at| self.readings(&tokens[at..]))
            .collect();
        Heard {
            table: self,
            tokens,
            readings,
        }
    }

    /// What the first tokens may be.
    fn readings(&self, tokens: &[String]) -> Vec<(Kind, usize, i64)> {
        let mut found = Vec::new();
        let mut joined = String::new();
        for (count, token) in tokens.iter().take(WORDS_MAX).enumerate() {
            if count > 0 {
                joined.push(' ');
            }
            joined.push_str(token);
            for (kind, value) in self.words.get(&joined).into_iter().flatten() {
                found.push((*kind, count + 1, *value));
            }
        }
        if let Some(number) = tokens
            .first()
            .filter(|it| it.bytes().all(|it| it.is_ascii_digit()))
            && let Ok(value) = number.parse::<i64>()
        {
            let is_ordinal = tokens
                .get(1)
                .is_some_and(|it| ENDINGS.contains(&it.as_str()));
            for kind in Kind::ALL {
                let fits = kind.digits().is_some_and(|(values, digits)| {
                    values.contains(&value) && digits.contains(&number.len())
                });
                let (may, must) = kind.ordinal();
                if fits && !must {
                    found.push((kind, 1, value));
                }
                if fits && may && is_ordinal {
                    found.push((kind, 2, value));
                }
            }
        }
        found
    }
}

impl Heard<'_> {
    /// The phrase that takes most tokens from one on: how many, and what it says.
    pub(super) fn longest(&self, at: usize) -> Option<(usize, Vec<Fact>)> {
        let mut best: Option<(usize, &Says, Slots)> = None;
        for (pattern, says) in &self.table.phrases {
            if let Some((end, slots)) = self.fit(pattern, at, Slots::default())
                && end > best.map_or(at, |(end, ..)| end)
            {
                best = Some((end, says, slots));
            }
        }
        best.map(|(end, says, slots)| (end - at, says(&slots)))
    }

    /// The time, where all of the tokens are an hour.
    pub(super) fn hour(&self) -> Option<Clock> {
        let first = self.readings.first()?.iter();
        let mut hours = first.filter(|(kind, ..)| *kind == Kind::Hour);
        let (_, _, hour) = hours.find(|(_, length, _)| *length == self.tokens.len())?;
        Some(Clock::said(small(*hour), 0))
    }

    /// Where a pattern that begins at a token ends at the latest, and what stands in its slots.
    fn fit(&self, pattern: &[Element], at: usize, slots: Slots) -> Option<(usize, Slots)> {
        let Some((element, rest)) = pattern.split_first() else {
            return Some((at, slots));
        };
        let (one, without) = match element {
            Element::Optional(one) => (&**one, self.fit(rest, at, slots)),
            one => (one, None),
        };
        let with = match one {
            Element::Words(words) => {
                let fits = self
                    .tokens
                    .get(at)
                    .is_some_and(|token| words.contains(token));
                if fits {
                    self.fit(rest, at + 1, slots)
                } else {
                    None
                }
            }
            Element::Slot(slot) => {
                let readings = self.readings.get(at).into_iter().flatten();
                let fits = readings
                    .filter(|(kind, ..)| *kind == slot.words())
                    .filter_map(|(_, length, value)| {
                        let mut slots = slots;
                        slots.put(*slot, *value);
                        self.fit(rest, at + length, slots)
                    });
                fits.max_by_key(|(end, _)| *end)
            }
            Element::Optional(_) => None,
        };
        with.into_iter().chain(without).max_by_key(|(end, _)| *end)
    }
}

fn element(written: &str) -> Element {
    if let Some(inner) = written.strip_suffix('?') {
        return Element::Optional(Box::new(element(inner)));
    }
    let words = || Element::Words(written.split('|').map(str::to_owned).collect());
    Kind::of(written).map_or_else(words, Element::Slot)
}
