//! The words of the alerts.

use browser::ui::i18n::Lang;

/// The words of the alerts in one language.
#[derive(Debug)]
pub(super) struct Texts {
    /// Names them.
    pub(super) title: &'static str,
    /// One that goes on: `{when}`.
    pub(super) fired: &'static str,
    /// One that is over: `{when}`.
    pub(super) over: &'static str,
    /// Takes one off the screens.
    pub(super) dismiss: &'static str,
    /// The same, for screen readers: `{name}`.
    pub(super) dismiss_named: &'static str,
}

impl Texts {
    /// The words in a language.
    pub(super) fn of(lang: Lang) -> &'static Self {
        match lang {
            Lang::En => &EN,
            Lang::Es => &ES,
            Lang::De => &DE,
        }
    }
}

static EN: Texts = Texts {
    title: "Alerts",
    fired: "Retell raised this alert {when}.",
    over: "This alert was over {when}.",
    dismiss: "Dismiss",
    dismiss_named: "Dismiss the alert {name}",
};

static ES: Texts = Texts {
    title: "Alertas",
    fired: "Retell lanzó esta alerta: {when}.",
    over: "Esta alerta terminó: {when}.",
    dismiss: "Descartar",
    dismiss_named: "Descartar la alerta {name}",
};

static DE: Texts = Texts {
    title: "Warnungen",
    fired: "Retell hat diese Warnung ausgelöst: {when}.",
    over: "Diese Warnung ist vorbei: {when}.",
    dismiss: "Ausblenden",
    dismiss_named: "Die Warnung {name} ausblenden",
};
