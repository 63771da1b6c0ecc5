//! The words of the audit trail.

use browser::ui::i18n::Lang;

/// The words of the audit trail in one language.
#[derive(Debug)]
pub(crate) struct Texts {
    /// Names the section.
    pub(crate) title: &'static str,
    /// What the list is.
    pub(crate) hint: &'static str,
    /// Nothing was done yet.
    pub(crate) empty: &'static str,
    /// What will be in it.
    pub(crate) empty_hint: &'static str,
    /// Column: when.
    pub(crate) when: &'static str,
    /// Column: who.
    pub(crate) who: &'static str,
    /// Column: what.
    pub(crate) what: &'static str,
    /// Column: the network address.
    pub(crate) from: &'static str,
    /// Somebody at the server's command line.
    pub(crate) operator: &'static str,
    /// The server by itself.
    pub(crate) system: &'static str,
    /// Before an API key's name.
    pub(crate) api_key: &'static str,
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
    title: "Audit trail",
    hint: "What people, API keys and the server's operator changed, newest first. Entries cannot be edited.",
    empty: "Nothing was changed yet",
    empty_hint: "As soon as somebody changes a setting, it appears here.",
    when: "When",
    who: "Who",
    what: "What",
    from: "From",
    operator: "Server operator",
    system: "The server",
    api_key: "API key",
};

static ES: Texts = Texts {
    title: "Registro de cambios",
    hint: "Lo que cambiaron las personas, las claves de API y el operador del servidor, lo más reciente primero. No se puede editar.",
    empty: "Todavía no se ha cambiado nada",
    empty_hint: "En cuanto alguien cambie un ajuste, aparecerá aquí.",
    when: "Cuándo",
    who: "Quién",
    what: "Qué",
    from: "Desde",
    operator: "Operador del servidor",
    system: "El servidor",
    api_key: "Clave de API",
};

static DE: Texts = Texts {
    title: "Änderungsprotokoll",
    hint: "Was Personen, API-Schlüssel und der Betreiber des Servers geändert haben, das Neueste zuerst. Einträge lassen sich nicht bearbeiten.",
    empty: "Noch wurde nichts geändert",
    empty_hint: "Sobald jemand eine Einstellung ändert, erscheint das hier.",
    when: "Wann",
    who: "Wer",
    what: "Was",
    from: "Von",
    operator: "Betreiber des Servers",
    system: "Der Server",
    api_key: "API-Schlüssel",
};
