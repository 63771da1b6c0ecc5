//! Which of our languages a page is written in, before any script runs.

/// A language of our pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    /// English.
    English,
    /// Spanish.
    Spanish,
    /// German.
    German,
}

impl Language {
    const ALL: [Self; 3] = [Self::English, Self::Spanish, Self::German];

    /// The tag for a `lang` attribute.
    #[must_use]
    pub(super) fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Spanish => "es",
            Self::German => "de",
        }
    }

    /// What the page was asked for, if it is ours; else the best of the
    /// browser's `Accept-Language`; else English.
    #[must_use]
    pub(super) fn choose(asked: Option<&str>, accept: Option<&str>) -> Self {
        asked
            .and_then(Self::of_tag)
            .or_else(|| accept.and_then(Self::negotiate))
            .unwrap_or(Self::English)
    }

    /// A BCP 47 tag's language, whatever its region.
    fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next()?;
        Self::ALL
            .into_iter()
            .find(|language| language.tag().eq_ignore_ascii_case(primary))
    }

    fn negotiate(accept: &str) -> Option<Self> {
        let mut best: Option<(f32, Self)> = None;
        for part in accept.split(',') {
            let mut parameters = part.split(';').map(str::trim);
            let Some(language) = parameters.next().and_then(Self::of_tag) else {
                continue;
            };
            let weight = parameters
                .find_map(|parameter| parameter.strip_prefix("q="))
                .map_or(1.0, |q| q.trim().parse().unwrap_or(0.0));
            // Of equals the first named wins.
            if weight > 0.0 && best.is_none_or(|(known, _)| weight > known) {
                best = Some((weight, language));
            }
        }
        best.map(|(_, language)| language)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_s_wish_comes_first_then_the_browser_s() {
        use Language::{English, German, Spanish};
        for (asked, accept, expected) in [
            (Some("de"), Some("es"), German),
            (Some("es-MX"), None, Spanish),
            (Some("DE_at"), None, German),
            (Some("fr"), Some("de-AT,de;q=0.9,en;q=0.8"), German),
            (None, Some("fr-FR,fr;q=0.9,en;q=0.5,es;q=0.7"), Spanish),
            (None, Some("es;q=0, en;q=0.1"), English),
            (None, Some("de;q=x"), English),
            (None, Some("*"), English),
            (None, None, English),
            (Some(""), Some(""), English),
        ] {
            assert_eq!(
                Language::choose(asked, accept),
                expected,
                "{asked:?} {accept:?}"
            );
        }
    }
}
