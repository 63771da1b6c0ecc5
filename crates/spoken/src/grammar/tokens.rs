//! A text as words and numbers, without accents and capitals.

use crate::Language;

/// What is longer was not said about a time alone (bytes).
const TEXT_MAX: usize = 400;
/// And so in words.
const TOKENS_MAX: usize = 60;

/// The words and numbers of a text, with the marks that stand in numbers; `None` if it is too long.
pub(super) fn tokens(text: &str, language: Language) -> Option<Vec<String>> {
    if text.len() > TEXT_MAX {
        return None;
    }
    let letters: Vec<char> = text.chars().flat_map(char::to_lowercase).collect();
    let mut tokens: Vec<String> = Vec::new();
    let mut word = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let next = letters.get(at + 1);
        let after_digit = at > 0 && letters[at - 1].is_ascii_digit();
        let before_digit = next.is_some_and(char::is_ascii_digit);
        let in_number = match letter {
            '.' => after_digit,
            ':' | '/' | '-' => after_digit && before_digit,
            _ => false,
        };
        if matches!(letter, '\'' | '’' | '\u{300}'..='\u{36f}') {
            continue;
        }
        let ends = !letter.is_alphanumeric() || word_ends(&word, *letter);
        if ends && !word.is_empty() {
            push(std::mem::take(&mut word), language, &mut tokens);
        }
        if in_number {
            tokens.push(letter.to_string());
        } else if letter.is_alphanumeric() && !matches!(letter, 'º' | 'ª') {
            fold(*letter, language, &mut word);
        }
        if tokens.len() > TOKENS_MAX {
            return None;
        }
    }
    if !word.is_empty() {
        push(word, language, &mut tokens);
    }
    Some(tokens)
}

/// What German writes behind a weekday as one word: "Freitagnachmittag".
const PARTS: [&str; 7] = [
    "frueh",
    "morgen",
    "vormittag",
    "nachmittag",
    "mittag",
    "abend",
    "nacht",
];

/// A word, or both words of a weekday and the part of it.
fn push(word: String, language: Language, tokens: &mut Vec<String>) {
    let mut parts = PARTS
        .iter()
        .filter_map(|part| Some((word.strip_suffix(part)?, part)));
    let weekday = |day: &str| day.ends_with("tag") || day == "mittwoch";
    match parts.find(|(day, _)| language == Language::German && weekday(day)) {
        Some((day, part)) => tokens.extend([day.to_owned(), (*part).to_owned()]),
        None => tokens.push(word),
    }
}

/// Whether a letter begins another token: digits and letters do not mix.
fn word_ends(word: &str, letter: char) -> bool {
    let digit = word.chars().next_back().map(|it| it.is_ascii_digit());
    digit.is_some_and(|digit| digit != letter.is_ascii_digit())
}

/// Writes a letter without its accent, as people do who lack the key.
fn fold(letter: char, language: Language, into: &mut String) {
    let german = language == Language::German;
    match letter {
        'ä' if german => into.push_str("ae"),
        'ö' if german => into.push_str("oe"),
        'ü' if german => into.push_str("ue"),
        'ß' => into.push_str("ss"),
        'á' | 'à' | 'ä' | 'â' => into.push('a'),
        'é' | 'è' | 'ë' | 'ê' => into.push('e'),
        'í' | 'ì' | 'ï' | 'î' => into.push('i'),
        'ó' | 'ò' | 'ö' | 'ô' => into.push('o'),
        'ú' | 'ù' | 'ü' | 'û' => into.push('u'),
        'ñ' => into.push('n'),
        other => into.push(other),
    }
}
