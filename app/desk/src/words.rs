//! The words people read, in their language.
//!
//! They are files, `app/texts/desk`; a build script makes of each text a function of what is put
//! into it (`words::calls::Texts`). A browser loads the words of one language, before the first
//! page is drawn; those of the areas called `later.….json` with the first of the other pages, and
//! other languages when somebody chooses them.

pub(crate) mod ago;
pub(crate) mod format;
mod lang;
mod table;

pub(crate) use lang::Lang;
pub(crate) use table::{load, load_later};

use table::{fill, text};

include!(concat!(env!("OUT_DIR"), "/words.rs"));

/// What a language says of itself, whether its words are here or not.
#[derive(Debug)]
pub(crate) struct Language {
    /// Its BCP 47 tag.
    tag: &'static str,
    /// Its own name for itself.
    name: &'static str,
    /// Where lines begin: `ltr` or `rtl`.
    direction: &'static str,
    /// The desk cannot go on.
    pub(crate) broken: &'static str,
    /// Loads it again.
    pub(crate) load_again: &'static str,
}

/// What is put into a text.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Given<'a> {
    Word(&'a str),
    /// Written as the language writes numbers.
    Number(i64),
}

/// Words for the words of somebody else: of the server, or of Retell.
pub(crate) trait Found: Copy {
    /// For which there are some, and where.
    const NAMES: &'static [(&'static str, usize)];

    /// The language.
    fn lang(self) -> Lang;

    /// The words for one, as they stand in the file.
    fn find(self, name: &str) -> Option<&'static str> {
        let (_, index) = Self::NAMES.iter().find(|(known, _)| *known == name)?;
        Some(text(self.lang(), *index))
    }

    /// All whose names begin like this: how they go on, and the words.
    fn named(self, beginning: &str) -> Vec<(&'static str, &'static str)> {
        let named = |(name, index): &(&'static str, usize)| {
            Some((name.strip_prefix(beginning)?, text(self.lang(), *index)))
        };
        Self::NAMES.iter().filter_map(named).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_rendered_with_all_it_is_given_in_every_language() {
        for lang in Lang::ALL {
            for number in [0, 1, 2, 5, 1_000] {
                for (name, rendered) in samples(lang, number) {
                    let told = format!("{} {name}: {rendered}", lang.tag());
                    assert!(!rendered.trim().is_empty(), "{told}");
                    let is_found = name.contains('.') && name.matches('.').count() > 1;
                    // What is found is filled by who finds it.
                    assert!(is_found || !braces(&rendered), "{told}");
                }
            }
        }
    }

    /// Whether something was not filled in.
    fn braces(rendered: &str) -> bool {
        let left = rendered.replace("{{", "").replace("}}", "");
        left.contains(['{', '}'])
    }

    #[test]
    fn what_is_given_is_in_the_text() {
        let texts = inbox::Texts::of(Lang::of("en"));
        assert_eq!(
            texts.asked(2, 1, "Monday"),
            "Monday: one call looked at, 2 of them were news."
        );
        assert_eq!(
            texts.asked(0, 12, "Monday"),
            "Monday: 12 calls looked at, 0 of them were news."
        );
    }

    #[test]
    fn what_is_given_is_not_read_again() {
        let texts = inbox::Texts::of(Lang::of("en"));
        assert!(texts.select("{when}", "now").ends_with("{when}, now"));
    }

    #[test]
    fn every_language_says_which_way_it_runs() {
        for language in &LANGUAGES {
            assert!(["ltr", "rtl"].contains(&language.direction), "{language:?}");
            assert!(!language.name.is_empty() && !language.broken.is_empty());
        }
    }
}
