//! Which of our languages a page is written in, before any script runs.

/// A language of our pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
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
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Spanish => "es",
            Self::German => "de",
        }
    }

    /// What the page was asked for, if it is ours; else the best of the
    /// browser's `Accept-Language`; else English.
    #[must_use]
    pub(crate) fn choose(asked: Option<&str>, accept: Option<&str>) -> Self {
        let tag = choose(&Self::ALL.map(Self::tag), asked, accept);
        Self::ALL
            .into_iter()
            .find(|language| language.tag() == tag)
            .unwrap_or(Self::English)
    }
}

/// Of the languages `ours` (primary tags), the one that was asked for; else the
/// best of the browser's `Accept-Language`; else English.
#[must_use]
pub(crate) fn choose<'a>(ours: &[&'a str], asked: Option<&str>, accept: Option<&str>) -> &'a str {
    asked
        .and_then(|tag| of_tag(ours, tag))
        .or_else(|| accept.and_then(|accept| negotiate(ours, accept)))
        .unwrap_or("en")
}

/// A BCP 47 tag's language, whatever its region.
fn of_tag<'a>(ours: &[&'a str], tag: &str) -> Option<&'a str> {
    let primary = tag.trim().split(['-', '_']).next()?;
    let is_ours = |our: &&'a str| our.eq_ignore_ascii_case(primary);
    ours.iter().copied().find(is_ours)
}

fn negotiate<'a>(ours: &[&'a str], accept: &str) -> Option<&'a str> {
    let mut best: Option<(f32, &'a str)> = None;
    for part in accept.split(',') {
        let mut parameters = part.split(';').map(str::trim);
        let Some(language) = parameters.next().and_then(|tag| of_tag(ours, tag)) else {
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

    #[test]
    fn a_language_that_only_the_widget_speaks_is_chosen_there() {
        let ours = ["ar", "de", "en"];
        assert_eq!(choose(&ours, Some("ar-EG"), Some("de")), "ar");
        assert_eq!(choose(&ours, Some("fr"), Some("fr, ar;q=0.5")), "ar");
        assert_eq!(choose(&ours, None, None), "en");
    }
}
