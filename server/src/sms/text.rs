//! What a message says. Pure.

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

const STOP: [&str; 14] = [
    "STOP",
    "STOPALL",
    "UNSUBSCRIBE",
    "CANCEL",
    "END",
    "QUIT",
    "ALTO",
    "BAJA",
    "PARAR",
    "CANCELAR",
    "STOPP",
    "ABMELDEN",
    "ABBESTELLEN",
    "ENDE",
];
const START: [&str; 6] = ["START", "UNSTOP", "ALTA", "INICIAR", "ANMELDEN", "STARTEN"];

/// The word a message is, if it is nothing else.
#[must_use]
pub fn word(text: &str) -> Option<Word> {
    let alone = text.trim_matches(|c: char| !c.is_alphanumeric());
    let word = alone.to_uppercase();
    if STOP.contains(&word.as_str()) {
        return Some(Word::Stop);
    }
    START.contains(&word.as_str()).then_some(Word::Start)
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
            assert_eq!(word(text), Some(Word::Stop), "{text}");
        }
        assert_eq!(word("start"), Some(Word::Start));
        for text in ["", "Stop by tomorrow", "Don't stop", "Ende gut"] {
            assert_eq!(word(text), None, "{text}");
        }
    }
}
