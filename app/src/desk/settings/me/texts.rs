//! The words of the account page.

use crate::ui::i18n::Lang;

/// The words of the account page in one language.
#[derive(Debug)]
pub(crate) struct Texts {
    /// Names the section.
    pub(crate) title: &'static str,
    /// The person's name.
    pub(crate) name: &'static str,
    /// Where the person works.
    pub(crate) business: &'static str,
    /// What the person may do.
    pub(crate) role: &'static str,
}

impl Texts {
    /// The words in a language.
    pub(crate) fn of(lang: Lang) -> &'static Self {
        match lang {
            Lang::En => &EN,
            Lang::Es => &ES,
            Lang::De => &DE,
        }
    }
}

static EN: Texts = Texts {
    title: "My account",
    name: "Name",
    business: "Business",
    role: "Role",
};

static ES: Texts = Texts {
    title: "Mi cuenta",
    name: "Nombre",
    business: "Empresa",
    role: "Rol",
};

static DE: Texts = Texts {
    title: "Mein Konto",
    name: "Name",
    business: "Unternehmen",
    role: "Rolle",
};
