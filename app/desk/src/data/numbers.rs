//! Telephone numbers in what people write: where one stands. Which one it is, the server knows. Pure.

/// How few digits a number has, and how many at most.
const DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

/// A piece of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    Words(&'a str),
    /// A number as it is written there.
    Number(&'a str),
}

/// A text in pieces, which together are the text.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let (mut pieces, mut words, mut at) = (Vec::new(), 0, 0);
    while let Some(sign) = text[at..].chars().next() {
        let length = if begins(text, at) {
            run(&text[at..])
        } else {
            0
        };
        let number = &text[at..at + length];
        if is_number(number) && ends(&text[at + length..]) {
            pieces.push(Piece::Words(&text[words..at]));
            pieces.push(Piece::Number(number));
            words = at + length;
        }
        at += length.max(sign.len_utf8());
    }
    pieces.push(Piece::Words(&text[words..]));
    pieces.retain(|piece| *piece != Piece::Words(""));
    pieces
}

/// Whether a number may begin here: not within a word, a sum or an address.
fn begins(text: &str, at: usize) -> bool {
    let begins = text[at..].starts_with(|c: char| c == '+' || c == '(' || c.is_ascii_digit());
    let within = |c: char| c.is_alphanumeric() || "+#@/_=&.,:-€$£".contains(c);
    // What follows a colon or a dot and is no figure: `tel:+49 …`.
    let before = text[..at].chars().next_back();
    begins && before.is_none_or(|c| !within(c) || c == ':' && text[at..].starts_with('+'))
}

/// Whether a number may end here.
fn ends(rest: &str) -> bool {
    let mut rest = rest.chars();
    let (next, after) = (rest.next(), rest.next());
    let goes_on = |c: char| c.is_alphanumeric() || "@%€$£/_".contains(c);
    // A sentence ends with a dot, a sum goes on behind it.
    let is_sum = |c: char| ".,:-".contains(c) && after.is_some_and(|it| it.is_ascii_digit());
    next.is_none_or(|c| !goes_on(c) && !is_sum(c))
}

/// How many bytes of a text are digits and what stands between those of a number.
fn run(text: &str) -> usize {
    let (mut end, mut between) = (0, 0);
    for (at, sign) in text.char_indices() {
        match sign {
            '0'..='9' => (end, between) = (at + 1, 0),
            '+' if at == 0 => {}
            ' ' | '\u{a0}' | '\u{202f}' | '-' | '/' | '.' | '(' | ')' if between < 3 => {
                between += 1;
            }
            _ => break,
        }
    }
    end
}

/// Whether digits are written as a number is: in international form, with the zero that is dialled
/// within many countries, or in groups as in those that have none.
fn is_number(text: &str) -> bool {
    let groups: Vec<_> = text
        .split(|c: char| !c.is_ascii_digit())
        .filter(|group| !group.is_empty())
        .collect();
    let digits: usize = groups.iter().map(|group| group.len()).sum();
    if !DIGITS.contains(&digits) || is_day(text, &groups) {
        return false;
    }
    let is_international = text.starts_with('+') || text.starts_with("00");
    let has_zero = groups[0].starts_with('0');
    let is_local = match digits {
        9 => groups.len() > 1 && text.starts_with(['6', '7', '8', '9']),
        10 => matches!(groups[..], [a, b, c] if (a.len(), b.len(), c.len()) == (3, 3, 4)),
        _ => false,
    };
    is_international || has_zero || is_local
}

/// Whether it is a day, however it is written, or begins with one.
fn is_day(text: &str, groups: &[&str]) -> bool {
    let lengths: Vec<_> = groups.iter().take(3).map(|group| group.len()).collect();
    let is_written = text.contains(['.', '/', '-']) && !text.starts_with(['+', '(']);
    is_written && matches!(lengths[..], [1 | 2, 1 | 2, 2 | 4] | [4, 1 | 2, 1 | 2])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn numbers(text: &str) -> Vec<&str> {
        let numbers = pieces(text).into_iter().filter_map(|piece| match piece {
            Piece::Number(number) => Some(number),
            Piece::Words(_) => None,
        });
        numbers.collect()
    }

    #[test]
    fn a_number_is_found_however_it_is_written() {
        for (text, number) in [
            ("Call +4930901820.", "+4930901820"),
            ("call me at +49 30 901820, please", "+49 30 901820"),
            ("tel:+34911223344", "+34911223344"),
            ("(0034) 911 223 344", "(0034) 911 223 344"),
            ("+49 (0)30 90 18-20!", "+49 (0)30 90 18-20"),
            ("Büro: 030/901820", "030/901820"),
            ("030 901820 (Ana)", "030 901820"),
            ("(030) 90 18 20", "(030) 90 18 20"),
            ("móvil 612 34 56 78", "612 34 56 78"),
            ("(415) 555-0100", "(415) 555-0100"),
            ("415-555-0100", "415-555-0100"),
        ] {
            let expected = number.trim_start_matches('(');
            let found = numbers(text);
            assert_eq!(found.len(), 1, "{text}: {found:?}");
            assert_eq!(found[0].trim_start_matches('('), expected, "{text}");
        }
        let both = numbers("030 901820 or +34 911 223 344");
        assert_eq!(both, ["030 901820", "+34 911 223 344"]);
    }

    #[test]
    fn what_is_no_number_is_left_alone() {
        for text in [
            "on 01.02.2026 at 09:30",
            "01/02/2026 10:00",
            "2026-11-30 10:00",
            "order 123456789",
            "costs 0.50 or 1,000,000",
            "1234567890123456789",
            "IBAN DE02 1203 0000 0000 2020 51",
            "https://example.com/0301234567",
            "a0301234567b",
            "ana@0301234567",
            "12 345 678",
            "+1",
            "()",
            "",
        ] {
            assert_eq!(numbers(text), [""; 0], "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_loses_anything(text in "[ -~é+0-9(). \u{a0}]{0,60}") {
            let whole: String = pieces(&text)
                .into_iter()
                .map(|piece| match piece {
                    Piece::Words(text) | Piece::Number(text) => text,
                })
                .collect();
            prop_assert_eq!(whole, text);
        }
    }
}
