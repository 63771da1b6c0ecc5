//! The languages there are, and which one is spoken.

use wasm_bindgen::JsValue;

use super::{LANGUAGES, Language, REFERENCE};

/// A language of the desk: one of the folders of words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Lang(usize);

impl Default for Lang {
    /// The choice when nothing better is known.
    fn default() -> Self {
        Self(REFERENCE)
    }
}

impl Lang {
    /// Every language, in the order a menu shows them.
    pub(crate) const ALL: [Self; LANGUAGES.len()] = {
        let mut all = [Self(0); LANGUAGES.len()];
        let mut index = 0;
        while index < all.len() {
            all[index] = Self(index);
            index += 1;
        }
        all
    };

    /// The language of a BCP 47 tag (`es-MX`, `DE`, `en_GB`), if it is ours.
    pub(crate) fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next().unwrap_or("");
        Self::ALL
            .into_iter()
            .find(|lang| primary.eq_ignore_ascii_case(lang.tag()))
    }

    /// What it says of itself.
    pub(crate) fn language(self) -> &'static Language {
        &LANGUAGES[self.0]
    }

    /// Its place among all.
    pub(super) fn index(self) -> usize {
        self.0
    }

    /// Its BCP 47 tag: what goes into the `lang` attribute.
    pub(crate) fn tag(self) -> &'static str {
        self.language().tag
    }

    /// Its own name for itself.
    pub(crate) fn endonym(self) -> &'static str {
        self.language().name
    }

    /// The language of the page, as `start.js` chose it.
    pub(crate) fn of_page() -> Self {
        document_element()
            .and_then(|root| root.get_attribute("lang"))
            .and_then(|tag| Self::from_tag(&tag))
            .unwrap_or_default()
    }

    /// The tag for formatting dates and numbers: the region of the browser's
    /// own tag for this language, if it has one (`en-GB`).
    pub(super) fn locale(self) -> String {
        preferred_tags()
            .into_iter()
            .find(|tag| Self::from_tag(tag) == Some(self) && is_well_formed(tag))
            .unwrap_or_else(|| self.tag().to_owned())
    }

    /// Says on `<html>` that the page is in this language and which way it runs, so that
    /// screen readers pronounce it and the browser lays it out and hyphenates it.
    pub(crate) fn mark_page(self) {
        if let Some(root) = document_element() {
            // Setting an attribute of a valid name cannot fail.
            let _ = root.set_attribute("lang", self.tag());
            let _ = root.set_attribute("dir", self.language().direction);
        }
    }

    /// The language of a tag.
    #[cfg(test)]
    pub(crate) fn of(tag: &str) -> Self {
        Self::from_tag(tag).unwrap()
    }
}

/// Whether a tag can be one of BCP 47. Formatting refuses what is not, and some
/// systems name the region otherwise: `en_US`, `en-US@posix`.
fn is_well_formed(tag: &str) -> bool {
    tag.split('-').all(|part| {
        (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

fn document_element() -> Option<web_sys::Element> {
    web_sys::window()?.document()?.document_element()
}

fn preferred_tags() -> Vec<String> {
    let Some(window) = web_sys::window() else {
        return Vec::new();
    };
    let navigator = window.navigator();
    navigator
        .languages()
        .iter()
        .filter_map(|tag: JsValue| tag.as_string())
        .chain(navigator.language())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Lang, is_well_formed};

    #[test]
    fn tags_are_read_by_their_primary_part_in_any_case() {
        for (tag, lang) in [
            ("en", Some("en")),
            ("en-GB", Some("en")),
            ("ES-419", Some("es")),
            ("de_AT", Some("de")),
            (" de ", Some("de")),
            ("fr-FR", None),
            ("english", None),
            ("", None),
            ("-", None),
        ] {
            assert_eq!(Lang::from_tag(tag), lang.map(Lang::of), "{tag:?}");
        }
    }

    #[test]
    fn what_formatting_refuses_is_no_tag() {
        for tag in ["en", "en-GB", "es-419", "de-DE-1996", "en-US-u-hc-h23"] {
            assert!(is_well_formed(tag), "{tag}");
        }
        for tag in ["en_US", "en-US@posix", "en-", "", "de-DE.UTF-8"] {
            assert!(!is_well_formed(tag), "{tag:?}");
        }
    }

    #[test]
    fn every_language_reads_its_own_tag() {
        for lang in Lang::ALL {
            assert_eq!(Lang::from_tag(lang.tag()), Some(lang));
        }
    }
}
