//! The words of the staff-only rows.

use browser::ui::i18n::Lang;

/// What a staff-only row says besides the agent's own data.
#[derive(Debug)]
pub(super) struct StaffTexts {
    /// Before a function's name.
    pub(super) tool_call: &'static str,
    /// Above the arguments.
    pub(super) arguments: &'static str,
    /// Above the result.
    pub(super) result: &'static str,
    /// There is no result (yet).
    pub(super) pending: &'static str,
    /// The function did what it should.
    pub(super) succeeded: &'static str,
    /// The function did not.
    pub(super) failed: &'static str,
    /// The function answered; whether well is unknown.
    pub(super) answered: &'static str,
    /// Before the names of two conversation nodes.
    pub(super) transition: &'static str,
    /// Before context given to the agent from outside.
    pub(super) injected: &'static str,
}

impl StaffTexts {
    /// The words in a language.
    #[must_use]
    pub(super) fn of(lang: Lang) -> &'static Self {
        match lang {
            Lang::En => &EN,
            Lang::Es => &ES,
            Lang::De => &DE,
        }
    }
}

static EN: StaffTexts = StaffTexts {
    tool_call: "Function",
    arguments: "Arguments",
    result: "Result",
    pending: "No result",
    succeeded: "Succeeded",
    failed: "Failed",
    answered: "Answered",
    transition: "Step:",
    injected: "Note to the agent:",
};

static ES: StaffTexts = StaffTexts {
    tool_call: "Función",
    arguments: "Argumentos",
    result: "Resultado",
    pending: "Sin resultado",
    succeeded: "Correcta",
    failed: "Fallida",
    answered: "Respondida",
    transition: "Paso:",
    injected: "Nota para el agente:",
};

static DE: StaffTexts = StaffTexts {
    tool_call: "Funktion",
    arguments: "Argumente",
    result: "Ergebnis",
    pending: "Kein Ergebnis",
    succeeded: "Erfolgreich",
    failed: "Fehlgeschlagen",
    answered: "Beantwortet",
    transition: "Schritt:",
    injected: "Hinweis an den Agenten:",
};
