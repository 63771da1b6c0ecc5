//! The words of the staff-only rows.

use crate::ui::i18n::Lang;

/// What a staff-only row says besides the agent's own data.
#[derive(Debug)]
pub struct StaffTexts {
    /// Before a function's name, for those who do not see the icon.
    pub tool_call: &'static str,
    /// Above the arguments.
    pub arguments: &'static str,
    /// Above the result.
    pub result: &'static str,
    /// There is no result yet.
    pub pending: &'static str,
    /// The function did what it should.
    pub succeeded: &'static str,
    /// The function did not.
    pub failed: &'static str,
    /// The function answered; whether well is unknown.
    pub answered: &'static str,
    /// Before the names of two conversation nodes.
    pub transition: &'static str,
    /// Before context given to the agent from outside.
    pub injected: &'static str,
}

impl StaffTexts {
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

static EN: StaffTexts = StaffTexts {
    tool_call: "Function call",
    arguments: "Arguments",
    result: "Result",
    pending: "No result yet",
    succeeded: "Succeeded",
    failed: "Failed",
    answered: "Answered",
    transition: "Conversation step",
    injected: "Note to the agent:",
};

static ES: StaffTexts = StaffTexts {
    tool_call: "Llamada a una función",
    arguments: "Argumentos",
    result: "Resultado",
    pending: "Aún sin resultado",
    succeeded: "Correcta",
    failed: "Fallida",
    answered: "Respondida",
    transition: "Paso de la conversación",
    injected: "Nota para el agente:",
};

static DE: StaffTexts = StaffTexts {
    tool_call: "Funktionsaufruf",
    arguments: "Argumente",
    result: "Ergebnis",
    pending: "Noch kein Ergebnis",
    succeeded: "Erfolgreich",
    failed: "Fehlgeschlagen",
    answered: "Beantwortet",
    transition: "Gesprächsschritt",
    injected: "Hinweis an den Agenten:",
};
