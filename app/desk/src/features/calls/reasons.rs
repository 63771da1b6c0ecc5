//! Why a call ended, in words: every `disconnection_reason` of Retell
//! (retell-protocol G5), for staff.

use crate::words::reasons::Texts;
use crate::words::{Found as _, Lang};

/// What the names of these words begin with.
const BEGINNING: &str = "reason.";

/// The reason in words. One we do not know yet is shown as Retell spells it,
/// with spaces.
pub(crate) fn in_words(reason: &str, lang: Lang) -> String {
    Texts::of(lang)
        .find(&[BEGINNING, reason].concat())
        .map_or_else(|| reason.replace('_', " "), str::to_owned)
}

/// Every reason, Retell's code and the words, in the order of the words.
pub(crate) fn all(lang: Lang) -> Vec<(&'static str, &'static str)> {
    let mut all = Texts::of(lang).named(BEGINNING);
    all.sort_by_key(|(_, words)| words.to_lowercase());
    all
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn all_thirty_nine_reasons_have_words_of_their_own_in_every_language() {
        for lang in Lang::ALL {
            let words: HashSet<_> = all(lang).into_iter().map(|(_, words)| words).collect();
            assert_eq!(words.len(), 39);
            assert!(words.iter().all(|words| !words.contains('_')));
        }
    }

    #[test]
    fn a_reason_is_told_in_the_readers_language() {
        assert_eq!(in_words("user_hangup", Lang::of("en")), "Caller hung up");
        assert_eq!(
            in_words("user_hangup", Lang::of("de")),
            "Anrufer hat aufgelegt"
        );
        assert_eq!(
            in_words("inactivity", Lang::of("es")),
            "Terminada por silencio"
        );
    }

    #[test]
    fn an_unknown_reason_is_shown_as_it_is() {
        assert_eq!(
            in_words("brand_new_reason", Lang::of("de")),
            "brand new reason"
        );
    }
}
