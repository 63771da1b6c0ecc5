//! What a message says. Pure.

use std::collections::BTreeMap;

use api::sms::SmsWords;

/// Characters of the GSM alphabet, and those that count twice in it.
const GSM: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
    ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
const TWICE: &str = "^{}\\[~]|€\u{c}";

/// As how many messages a text is counted: one foreign character makes all of it longer.
#[must_use]
pub fn segments(text: &str) -> u32 {
    let septets = text.chars().map(|c| match c {
        c if GSM.contains(c) => Some(1),
        c if TWICE.contains(c) => Some(2),
        _ => None,
    });
    let (length, one, of_many) = match septets.sum::<Option<usize>>() {
        Some(septets) => (septets, 160, 153),
        None => (text.encode_utf16().count(), 70, 67),
    };
    let segments = if length <= one {
        1
    } else {
        length.div_ceil(of_many)
    };
    u32::try_from(segments).unwrap_or(u32::MAX)
}

/// A word by which somebody says whether they want messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// None any more.
    Stop,
    /// They do again.
    Start,
}

/// The words that always count, by the language they are of: who wants none, who does again.
/// Carriers and laws ask for the English ones everywhere.
const ALWAYS: [(&str, &[&str], &[&str]); 3] = [
    (
        "en",
        &["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"],
        &["START", "UNSTOP"],
    ),
    (
        "es",
        &["ALTO", "BAJA", "PARAR", "CANCELAR"],
        &["ALTA", "INICIAR"],
    ),
    (
        "de",
        &["STOPP", "ABMELDEN", "ABBESTELLEN", "ENDE"],
        &["ANMELDEN", "STARTEN"],
    ),
];

/// What somebody said by a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Said<'a> {
    /// Which they want.
    pub word: Word,
    /// What they are answered.
    pub answer: Option<&'a str>,
}

/// As words are compared: without what stands around them, in capitals.
#[must_use]
pub fn bare(text: &str) -> String {
    let alone = text.trim_matches(|c: char| !c.is_alphanumeric());
    alone.to_uppercase()
}

/// What a message says by the word that it is, if it is nothing else. `own` are the business's
/// words, by language, beside those that always count.
#[must_use]
pub fn said<'a>(own: &'a BTreeMap<String, SmsWords>, text: &str) -> Option<Said<'a>> {
    let (word, language) = always(text).or_else(|| of(own, text))?;
    let answer = |words: &'a SmsWords| {
        let answer = match word {
            Word::Stop => words.stopped.as_str(),
            Word::Start => words.started.as_str(),
        };
        Some(answer).filter(|answer| !answer.is_empty())
    };
    // Who wrote STOP need not read English.
    let mut in_it = own
        .iter()
        .filter(|(tag, _)| primary(tag) == primary(language));
    let answer = in_it
        .find_map(|(_, words)| answer(words))
        .or_else(|| own.values().find_map(answer));
    Some(Said { word, answer })
}

/// A word that always counts, and its language.
#[must_use]
pub fn always(text: &str) -> Option<(Word, &'static str)> {
    let text = bare(text);
    let has = |words: &[&str]| words.contains(&text.as_str());
    ALWAYS.iter().find_map(|(language, stop, start)| {
        let word = if has(stop) {
            Some(Word::Stop)
        } else {
            has(start).then_some(Word::Start)
        };
        Some((word?, *language))
    })
}

fn of<'a>(own: &'a BTreeMap<String, SmsWords>, text: &str) -> Option<(Word, &'a str)> {
    let text = bare(text);
    let has = |words: &[String]| words.iter().any(|word| bare(word) == text);
    let of = |(language, words): (&'a String, &SmsWords)| {
        let word = if has(&words.stop) {
            Some(Word::Stop)
        } else {
            has(&words.start).then_some(Word::Start)
        };
        Some((word?, language.as_str()))
    };
    own.iter().find_map(of)
}

/// The language of a tag, without region and script.
#[must_use]
pub fn primary(tag: &str) -> String {
    let first = tag.split(['-', '_']).next();
    first.unwrap_or_default().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_counted_as_carriers_do() {
        for (text, count) in [
            (String::new(), 1),
            ("ä".repeat(160), 1),
            ("a".repeat(161), 2),
            ("a".repeat(306), 2),
            ("€".repeat(80), 1),
            ("€".repeat(81), 2),
            // á is in no GSM alphabet, é is.
            ("é".repeat(160), 1),
            ("á".repeat(70), 1),
            ("á".repeat(71), 2),
            ("😀".repeat(35), 1),
            ("😀".repeat(36), 2),
        ] {
            assert_eq!(segments(&text), count, "{text}");
        }
    }

    #[test]
    fn a_word_alone_says_who_wants_no_more() {
        for text in ["STOP", " stop. ", "Alto", "¡Baja!", "Stopp"] {
            assert_eq!(always(text).map(|it| it.0), Some(Word::Stop), "{text}");
        }
        assert_eq!(always("start"), Some((Word::Start, "en")));
        for text in ["", "Stop by tomorrow", "Don't stop", "Ende gut"] {
            assert_eq!(always(text), None, "{text}");
        }
    }

    #[test]
    fn a_business_has_words_and_answers_of_its_own() {
        let french = SmsWords {
            stop: vec!["Arrêt".to_owned(), "plus rien".to_owned()],
            start: vec!["reprendre".to_owned()],
            stopped: "Entendu.".to_owned(),
            started: String::new(),
        };
        let spanish = SmsWords {
            stopped: "De acuerdo.".to_owned(),
            ..SmsWords::default()
        };
        let own = BTreeMap::from([("es-MX".to_owned(), spanish), ("fr".to_owned(), french)]);
        let stop = |answer| {
            Some(Said {
                word: Word::Stop,
                answer: Some(answer),
            })
        };
        assert_eq!(said(&own, "ARRÊT !"), stop("Entendu."));
        assert_eq!(said(&own, "Plus rien"), stop("Entendu."));
        assert_eq!(said(&own, "baja"), stop("De acuerdo."));
        // Nothing is there in English or German.
        assert_eq!(said(&own, "STOPP"), stop("De acuerdo."));
        let start = Some(Said {
            word: Word::Start,
            answer: None,
        });
        assert_eq!(said(&own, "Reprendre"), start);
        assert_eq!(said(&own, "plus"), None);
    }
}
