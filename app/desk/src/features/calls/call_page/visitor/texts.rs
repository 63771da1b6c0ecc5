//! The words around what visitors said of a call.

use browser::ui::i18n::Lang;

/// The words in one language.
#[derive(Debug)]
pub(super) struct Texts {
    /// Heads the rating.
    pub(super) rating: &'static str,
    /// Says how many stars; `{n}` is the number.
    pub(super) stars: &'static str,
    /// Heads the consent.
    pub(super) consent: &'static str,
}

impl Texts {
    /// The words of this language.
    pub(super) fn of(lang: Lang) -> &'static Self {
        match lang {
            Lang::En => &EN,
            Lang::Es => &ES,
            Lang::De => &DE,
        }
    }
}

static EN: Texts = Texts {
    rating: "Rating",
    stars: "{n} of 5 stars",
    consent: "Consent",
};

static ES: Texts = Texts {
    rating: "Valoración",
    stars: "{n} de 5 estrellas",
    consent: "Consentimiento",
};

static DE: Texts = Texts {
    rating: "Bewertung",
    stars: "{n} von 5 Sternen",
    consent: "Einwilligung",
};
