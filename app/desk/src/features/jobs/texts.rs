//! The words of the list of jobs.

use browser::ui::i18n::Lang;

/// The words of the list of jobs in one language.
#[derive(Debug)]
pub(crate) struct Texts {
    /// Names the section.
    pub(crate) title: &'static str,
    /// What it is.
    pub(crate) hint: &'static str,
    /// Names the table of open jobs.
    pub(crate) queue: &'static str,
    /// There are none.
    pub(crate) empty: &'static str,
    /// What that means.
    pub(crate) empty_hint: &'static str,
    /// Loads it again.
    pub(crate) refresh: &'static str,
    /// Column: which work.
    pub(crate) kind: &'static str,
    /// Column: how it stands.
    pub(crate) state: &'static str,
    /// Column: how many.
    pub(crate) count: &'static str,
    /// Column: since when the oldest is there.
    pub(crate) oldest: &'static str,
    /// Waits for its time.
    pub(crate) waiting: &'static str,
    /// Waits because whom it needs does not answer.
    pub(crate) resting: &'static str,
    /// Is being done.
    pub(crate) running: &'static str,
    /// Is left to a person.
    pub(crate) parked: &'static str,
    /// Sending an outgoing webhook.
    pub(crate) hook_deliver: &'static str,
    /// Placing a call-back.
    pub(crate) callback_place: &'static str,
    pub(crate) account_mirror: &'static str,
    pub(crate) calls_import: &'static str,
    /// Deleting the log of an endpoint.
    pub(crate) hook_forget: &'static str,
    pub(crate) privacy_retention: &'static str,
    /// Heads the parked jobs.
    pub(crate) parked_title: &'static str,
    /// What they are.
    pub(crate) parked_hint: &'static str,
    /// Column: since when it is there.
    pub(crate) added: &'static str,
    /// Column: how often it was tried.
    pub(crate) attempts: &'static str,
    /// Column: why it is parked.
    pub(crate) why: &'static str,
    /// Lets it run again.
    pub(crate) retry: &'static str,
    /// Throws it away.
    pub(crate) discard: &'static str,
    /// Asks before that.
    pub(crate) discard_title: &'static str,
    /// What it does.
    pub(crate) discard_text: &'static str,
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
    title: "Jobs",
    hint: "Work the server does in the background, such as sending webhooks. Usually this list is short.",
    queue: "Open jobs",
    empty: "Nothing is waiting",
    empty_hint: "Everything the server had to do is done.",
    refresh: "Refresh",
    kind: "Work",
    state: "State",
    count: "Number",
    oldest: "Oldest",
    waiting: "Waiting",
    resting: "Waiting: no answer there",
    running: "Running",
    parked: "Parked",
    hook_deliver: "Sending a webhook",
    callback_place: "Calling back",
    account_mirror: "Reading agents and numbers from Retell",
    calls_import: "Asking Retell for calls",
    hook_forget: "Deleting an endpoint's log",
    privacy_retention: "Deleting what is too old",
    parked_title: "Parked",
    parked_hint: "These jobs failed too often. Retry them when the cause is mended, or discard them.",
    added: "Added",
    attempts: "Attempts",
    why: "Why",
    retry: "Retry",
    discard: "Discard",
    discard_title: "Discard this job?",
    discard_text: "What it was to do is not done any more.",
};

static ES: Texts = Texts {
    title: "Tareas",
    hint: "Trabajo que el servidor hace en segundo plano, como enviar webhooks. Normalmente esta lista es corta.",
    queue: "Tareas abiertas",
    empty: "No hay nada pendiente",
    empty_hint: "Todo lo que el servidor tenía que hacer está hecho.",
    refresh: "Actualizar",
    kind: "Trabajo",
    state: "Estado",
    count: "Cantidad",
    oldest: "Más antigua",
    waiting: "En espera",
    resting: "En espera: allí nadie responde",
    running: "En curso",
    parked: "Aparcada",
    hook_deliver: "Enviar un webhook",
    callback_place: "Devolver una llamada",
    account_mirror: "Leer los agentes y números de Retell",
    calls_import: "Pedir llamadas a Retell",
    hook_forget: "Borrar el registro de un destino",
    privacy_retention: "Borrar lo que es demasiado antiguo",
    parked_title: "Aparcadas",
    parked_hint: "Estas tareas fallaron demasiadas veces. Reinténtelas cuando la causa esté arreglada, o descártelas.",
    added: "Añadida",
    attempts: "Intentos",
    why: "Por qué",
    retry: "Reintentar",
    discard: "Descartar",
    discard_title: "¿Descartar esta tarea?",
    discard_text: "Lo que debía hacer ya no se hará.",
};

static DE: Texts = Texts {
    title: "Aufgaben",
    hint: "Arbeit, die der Server im Hintergrund erledigt, etwa Webhooks senden. Meist ist diese Liste kurz.",
    queue: "Offene Aufgaben",
    empty: "Nichts wartet",
    empty_hint: "Alles, was der Server zu tun hatte, ist erledigt.",
    refresh: "Aktualisieren",
    kind: "Arbeit",
    state: "Stand",
    count: "Anzahl",
    oldest: "Älteste",
    waiting: "Wartet",
    resting: "Wartet: dort antwortet niemand",
    running: "Läuft",
    parked: "Geparkt",
    hook_deliver: "Webhook senden",
    callback_place: "Rückruf ausführen",
    account_mirror: "Agenten und Nummern von Retell lesen",
    calls_import: "Anrufe bei Retell abfragen",
    hook_forget: "Protokoll eines Ziels löschen",
    privacy_retention: "Löschen, was zu alt ist",
    parked_title: "Geparkt",
    parked_hint: "Diese Aufgaben sind zu oft fehlgeschlagen. Wiederholen Sie sie, wenn die Ursache behoben ist, oder verwerfen Sie sie.",
    added: "Hinzugefügt",
    attempts: "Versuche",
    why: "Warum",
    retry: "Wiederholen",
    discard: "Verwerfen",
    discard_title: "Diese Aufgabe verwerfen?",
    discard_text: "Was sie tun sollte, wird nicht mehr getan.",
};
