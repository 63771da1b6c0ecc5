//! The words of the kit, and those all pages share.

use browser::ui::i18n::Lang;

/// The words all pages share, in one language.
#[derive(Debug)]
pub struct Texts {
    /// Saves a form.
    pub save: &'static str,
    /// While it saves.
    pub saving: &'static str,
    /// It is saved.
    pub saved: &'static str,
    /// Leaves a dialog without doing anything.
    pub cancel: &'static str,
    /// Copies a secret.
    pub copy: &'static str,
    /// It is in the clipboard.
    pub copied: &'static str,
    /// The browser refuses its clipboard.
    pub copy_failed: &'static str,
    /// Puts a secret away for good.
    pub put_away: &'static str,
    /// The secret is shown once.
    pub shown_once: &'static str,
    /// Loads the next page.
    pub load_more: &'static str,
    /// The field must not be empty.
    pub required: &'static str,
}

impl Texts {
    /// The words in a language.
    #[must_use]
    pub fn of(lang: Lang) -> &'static Self {
        match lang {
            Lang::En => &EN,
            Lang::Es => &ES,
            Lang::De => &DE,
        }
    }
}

static EN: Texts = Texts {
    save: "Save",
    saving: "Saving…",
    saved: "Saved.",
    cancel: "Cancel",
    copy: "Copy",
    copied: "Copied.",
    copy_failed: "This browser does not allow copying. Please select the text and copy it yourself.",
    put_away: "I have copied it",
    shown_once: "This is shown only once. Keep it somewhere safe.",
    load_more: "Load more",
    required: "Please fill this in.",
};

static ES: Texts = Texts {
    save: "Guardar",
    saving: "Guardando…",
    saved: "Guardado.",
    cancel: "Cancelar",
    copy: "Copiar",
    copied: "Copiado.",
    copy_failed: "Este navegador no permite copiar. Seleccione el texto y cópielo usted.",
    put_away: "Ya lo he copiado",
    shown_once: "Solo se muestra una vez. Guárdelo en un lugar seguro.",
    load_more: "Cargar más",
    required: "Rellene este campo.",
};

static DE: Texts = Texts {
    save: "Speichern",
    saving: "Wird gespeichert…",
    saved: "Gespeichert.",
    cancel: "Abbrechen",
    copy: "Kopieren",
    copied: "Kopiert.",
    copy_failed: "Dieser Browser erlaubt das Kopieren nicht. Bitte markieren und kopieren Sie den Text selbst.",
    put_away: "Ich habe es kopiert",
    shown_once: "Dies wird nur einmal angezeigt. Bewahren Sie es sicher auf.",
    load_more: "Mehr laden",
    required: "Bitte füllen Sie dieses Feld aus.",
};
