//! The languages we speak and how one is chosen.

use wasm_bindgen::JsValue;

/// A language of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Lang {
    /// English: also the choice when nothing better is known.
    #[default]
    En,
    /// Spanish.
    Es,
    /// German.
    De,
}

impl Lang {
    /// Every language, in the order a menu shows them.
    pub const ALL: [Self; 3] = [Self::En, Self::Es, Self::De];

    /// The language of a BCP 47 tag (`es-MX`, `DE`, `en_GB`), if it is ours.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next().unwrap_or("");
        Self::ALL
            .into_iter()
            .find(|lang| primary.eq_ignore_ascii_case(lang.tag()))
    }

    /// The first tag that names one of our languages decides; English otherwise.
    #[must_use]
    pub fn choose<T: AsRef<str>>(tags: impl IntoIterator<Item = T>) -> Self {
        tags.into_iter()
            .find_map(|tag| Self::from_tag(tag.as_ref()))
            .unwrap_or_default()
    }

    /// Its BCP 47 tag: what goes into the `lang` attribute and into date formatting.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Es => "es",
            Self::De => "de",
        }
    }

    /// Its own name for itself.
    #[must_use]
    pub fn endonym(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::Es => "Español",
            Self::De => "Deutsch",
        }
    }

    /// The language for this page: what the host configured, else the page's
    /// `<html lang>`, else what the browser prefers.
    #[must_use]
    pub fn of_page(configured: Option<&str>) -> Self {
        let page = document_element().and_then(|root| root.get_attribute("lang"));
        Self::choose(
            configured
                .map(str::to_owned)
                .into_iter()
                .chain(page)
                .chain(preferred_tags()),
        )
    }

    /// The language the browser prefers, whatever the page is written in.
    #[must_use]
    pub fn of_browser() -> Self {
        Self::choose(preferred_tags())
    }

    /// The tag for formatting dates and numbers: the region of the browser's
    /// own tag for this language, if it has one (`en-GB`).
    #[must_use]
    pub fn locale(self) -> String {
        preferred_tags()
            .into_iter()
            .find(|tag| Self::from_tag(tag) == Some(self) && is_well_formed(tag))
            .unwrap_or_else(|| self.tag().to_owned())
    }

    /// Says on `<html lang>` that the page is in this language, so that screen
    /// readers pronounce it and the browser hyphenates it.
    pub fn mark_page(self) {
        if let Some(root) = document_element() {
            // Setting an attribute of a valid name cannot fail.
            let _ = root.set_attribute("lang", self.tag());
        }
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
            ("en", Some(Lang::En)),
            ("en-GB", Some(Lang::En)),
            ("ES-419", Some(Lang::Es)),
            ("de_AT", Some(Lang::De)),
            (" de ", Some(Lang::De)),
            ("fr-FR", None),
            ("english", None),
            ("", None),
            ("-", None),
        ] {
            assert_eq!(Lang::from_tag(tag), lang, "{tag:?}");
        }
    }

    #[test]
    fn the_first_tag_we_speak_decides() {
        assert_eq!(Lang::choose(["fr", "de-CH", "es"]), Lang::De);
        assert_eq!(Lang::choose(["fr", "it"]), Lang::En);
        assert_eq!(Lang::choose(Vec::<String>::new()), Lang::En);
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
