//! The words of the webhook inbox.

use browser::ui::i18n::Lang;

/// What the server says, and the words for it.
type Words<const N: usize> = [(&'static str, &'static str); N];

/// The words of the webhook inbox in one language.
#[derive(Debug)]
pub(crate) struct Texts {
    /// Names the section.
    pub(crate) title: &'static str,
    /// What it is.
    pub(crate) hint: &'static str,
    /// Before the address Retell posts to.
    pub(crate) address: &'static str,
    /// Heads the card about missed calls.
    pub(crate) missed: &'static str,
    /// What asking does.
    pub(crate) missed_hint: &'static str,
    /// Asks Retell.
    pub(crate) ask: &'static str,
    /// It is being asked.
    pub(crate) asking: &'static str,
    /// The last run: `{seen}`, `{changed}`, `{when}`.
    pub(crate) asked: &'static str,
    /// A run goes on: `{seen}` of `{total}`.
    pub(crate) progress: &'static str,
    /// A run failed: `{error}`.
    pub(crate) ask_failed: &'static str,
    /// Retell signed it later than it came: `{minutes}`.
    pub(crate) clock_slow: &'static str,
    /// Retell signed it long before it came: `{minutes}`.
    pub(crate) clock_off: &'static str,
    /// No filter.
    pub(crate) all: &'static str,
    /// Filter and column: how far it is.
    pub(crate) state: &'static str,
    /// Filter: what was thought of it.
    pub(crate) verdict: &'static str,
    /// Filter and column: the event.
    pub(crate) event: &'static str,
    /// Filter and column: the call.
    pub(crate) call: &'static str,
    /// Applies the filters.
    pub(crate) filter: &'static str,
    /// Replays the selected ones.
    pub(crate) replay_selected: &'static str,
    /// Replays everything that is parked.
    pub(crate) replay_parked: &'static str,
    /// What that does.
    pub(crate) replay_parked_text: &'static str,
    /// Replays the one that is open.
    pub(crate) replay: &'static str,
    /// It will be worked on again.
    pub(crate) replayed: &'static str,
    /// Nothing could be replayed.
    pub(crate) nothing_to_replay: &'static str,
    /// Column: selects a row; `{event}`, `{when}`.
    pub(crate) select: &'static str,
    /// Column: when it came.
    pub(crate) received: &'static str,
    /// Column: how often it was worked on.
    pub(crate) attempts: &'static str,
    /// Column: from receipt until done.
    pub(crate) latency: &'static str,
    /// Opens one.
    pub(crate) details: &'static str,
    /// An event that could not be read.
    pub(crate) no_event: &'static str,
    /// Nothing fits.
    pub(crate) empty: &'static str,
    /// What will be here.
    pub(crate) empty_hint: &'static str,
    /// Back to the list.
    pub(crate) back: &'static str,
    /// Why it failed.
    pub(crate) why: &'static str,
    /// It came again so often.
    pub(crate) duplicates: &'static str,
    /// Where it came from.
    pub(crate) from: &'static str,
    /// The headers.
    pub(crate) headers: &'static str,
    /// What was answered.
    pub(crate) answered: &'static str,
    /// The body.
    pub(crate) body: &'static str,
    /// Column: how it ended.
    pub(crate) outcome: &'static str,
    /// Column: how long it took.
    pub(crate) took: &'static str,
    /// Column: who.
    pub(crate) by: &'static str,
    /// The server by itself.
    pub(crate) by_worker: &'static str,
    /// Somebody at the command line.
    pub(crate) by_operator: &'static str,
    /// It was not worked on.
    pub(crate) no_attempts: &'static str,
    /// States, and how attempts end.
    pub(crate) states: Words<6>,
    /// Verdicts.
    pub(crate) verdicts: Words<6>,
    /// Reasons.
    pub(crate) reasons: Words<8>,
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

    /// A state's name.
    pub(crate) fn state_name(&self, state: &str) -> String {
        self.states
            .iter()
            .find(|(name, _)| *name == state)
            .map_or_else(|| state.to_owned(), |(_, words)| (*words).to_owned())
    }
}

static EN: Texts = Texts {
    title: "Webhook inbox",
    hint: "Everything Retell posted, newest first. What could not be worked on waits here until somebody has it tried again.",
    address: "The address to enter at Retell:",
    missed: "Missed calls",
    missed_hint: "Asks Retell for every call since the last event that arrived, and adds what is missing.",
    ask: "Ask Retell for missed calls",
    asking: "Asking…",
    asked: "{when}: {seen} calls looked at, {changed} of them were news.",
    progress: "{seen} of {total} calls looked at…",
    ask_failed: "The last attempt failed: {error}",
    clock_slow: "The server's clock is off by about {minutes} minutes: Retell signed this after it came. Have the clock set, then replay it.",
    clock_off: "The server's clock is off by about {minutes} minutes, or this was held up or sent again. It can be replayed.",
    all: "All",
    state: "State",
    verdict: "Signature",
    event: "Event",
    call: "Call",
    filter: "Filter",
    replay_selected: "Replay selected",
    replay_parked: "Replay all parked",
    replay_parked_text: "Every parked delivery is worked on again. What already had its effect has no second one.",
    replay: "Replay",
    replayed: "It is being worked on again.",
    nothing_to_replay: "None of these can be worked on again. What was refused is never acted on.",
    select: "Select {event}, {when}",
    received: "Received",
    attempts: "Attempts",
    latency: "Done after",
    details: "Details",
    no_event: "Unreadable",
    empty: "Nothing here",
    empty_hint: "As soon as Retell posts something that fits, it appears here.",
    back: "Back to the inbox",
    why: "Why",
    duplicates: "Came again",
    from: "From",
    headers: "Headers",
    answered: "What was answered",
    body: "Body",
    outcome: "Outcome",
    took: "Took",
    by: "By",
    by_worker: "The server",
    by_operator: "Server operator",
    no_attempts: "It was not worked on.",
    states: [
        ("pending", "Waiting"),
        ("done", "Done"),
        ("ignored", "Nothing to do"),
        ("parked", "Parked"),
        ("rejected", "Refused"),
        ("failed", "Failed"),
    ],
    verdicts: [
        ("accepted", "Good"),
        (
            "wrong-key",
            "Signed with this business's key, but about another business's call. It was not acted on.",
        ),
        (
            "malformed",
            "The signature is good, but the body is no event. It is kept whole, and can be replayed after an update.",
        ),
        ("signature-missing", "There is no signature."),
        (
            "signature-invalid",
            "The signature does not match. Check the API key with the webhook badge in the account settings.",
        ),
        (
            "signature-stale",
            "The signature is more than five minutes old or ahead. Check the clocks, or somebody repeated an old delivery.",
        ),
    ],
    reasons: [
        (
            "no tenant is known for its call",
            "It could not be told which business the call belongs to. Add its agent or its number, then replay.",
        ),
        (
            "it is about another business's call",
            "It is about another business's call.",
        ),
        (
            "it is about a chat, not about a call",
            "It is about a chat, not about a call.",
        ),
        ("it is not about a call", "It is not about a call."),
        ("it is not an event", "It is not an event."),
        ("its call has no usable id", "Its call has no usable id."),
        ("the alert has no id", "The alert has no id."),
        (
            "it is about an account that several businesses share",
            "It is about an account that several businesses share.",
        ),
    ],
};

static ES: Texts = Texts {
    title: "Buzón de webhooks",
    hint: "Todo lo que Retell ha enviado, lo más reciente primero. Lo que no se pudo procesar espera aquí hasta que alguien lo reintente.",
    address: "La dirección que hay que indicar en Retell:",
    missed: "Llamadas perdidas",
    missed_hint: "Pide a Retell todas las llamadas desde el último evento recibido y añade lo que falta.",
    ask: "Pedir a Retell las llamadas perdidas",
    asking: "Preguntando…",
    asked: "{when}: {seen} llamadas revisadas, {changed} con novedades.",
    progress: "{seen} de {total} llamadas revisadas…",
    ask_failed: "El último intento falló: {error}",
    clock_slow: "El reloj del servidor se desvía unos {minutes} minutos: Retell lo firmó después de que llegara. Haga que lo ajusten y reinténtelo.",
    clock_off: "El reloj del servidor se desvía unos {minutes} minutos, o el envío se retrasó o se repitió. Se puede reintentar.",
    all: "Todos",
    state: "Estado",
    verdict: "Firma",
    event: "Evento",
    call: "Llamada",
    filter: "Filtrar",
    replay_selected: "Reintentar los seleccionados",
    replay_parked: "Reintentar todos los aparcados",
    replay_parked_text: "Se vuelve a procesar todo lo aparcado. Lo que ya tuvo efecto no lo tiene dos veces.",
    replay: "Reintentar",
    replayed: "Se está procesando de nuevo.",
    nothing_to_replay: "Nada de esto se puede procesar de nuevo. Lo rechazado nunca tiene efecto.",
    select: "Seleccionar {event}, {when}",
    received: "Recibido",
    attempts: "Intentos",
    latency: "Listo tras",
    details: "Detalles",
    no_event: "Ilegible",
    empty: "No hay nada",
    empty_hint: "En cuanto Retell envíe algo que coincida, aparecerá aquí.",
    back: "Volver al buzón",
    why: "Por qué",
    duplicates: "Repeticiones",
    from: "Desde",
    headers: "Cabeceras",
    answered: "Lo que se respondió",
    body: "Cuerpo",
    outcome: "Resultado",
    took: "Duró",
    by: "Por",
    by_worker: "El servidor",
    by_operator: "Operador del servidor",
    no_attempts: "No se procesó.",
    states: [
        ("pending", "En espera"),
        ("done", "Hecho"),
        ("ignored", "Nada que hacer"),
        ("parked", "Aparcado"),
        ("rejected", "Rechazado"),
        ("failed", "Falló"),
    ],
    verdicts: [
        ("accepted", "Correcta"),
        (
            "wrong-key",
            "Firmado con la clave de esta empresa, pero sobre una llamada de otra. No tuvo efecto.",
        ),
        (
            "malformed",
            "La firma es correcta, pero el cuerpo no es un evento. Se guarda entero y se puede reintentar tras una actualización.",
        ),
        ("signature-missing", "No hay firma."),
        (
            "signature-invalid",
            "La firma no coincide. Revise la clave de API con la insignia de webhook en los ajustes de la cuenta.",
        ),
        (
            "signature-stale",
            "La firma tiene más de cinco minutos de diferencia. Revise los relojes, o alguien repitió un envío antiguo.",
        ),
    ],
    reasons: [
        (
            "no tenant is known for its call",
            "No se sabe a qué empresa pertenece la llamada. Añada su agente o su número y reinténtelo.",
        ),
        (
            "it is about another business's call",
            "Trata de una llamada de otra empresa.",
        ),
        (
            "it is about a chat, not about a call",
            "Trata de un chat, no de una llamada.",
        ),
        ("it is not about a call", "No trata de una llamada."),
        ("it is not an event", "No es un evento."),
        (
            "its call has no usable id",
            "Su llamada no tiene un identificador válido.",
        ),
        ("the alert has no id", "La alerta no tiene identificador."),
        (
            "it is about an account that several businesses share",
            "Trata de una cuenta que comparten varias empresas.",
        ),
    ],
};

static DE: Texts = Texts {
    title: "Webhook-Eingang",
    hint: "Alles, was Retell geschickt hat, das Neueste zuerst. Was nicht verarbeitet werden konnte, wartet hier, bis jemand es erneut versuchen lässt.",
    address: "Diese Adresse gehört bei Retell eingetragen:",
    missed: "Verpasste Anrufe",
    missed_hint: "Fragt Retell nach allen Anrufen seit dem letzten eingetroffenen Ereignis und ergänzt, was fehlt.",
    ask: "Retell nach verpassten Anrufen fragen",
    asking: "Wird gefragt…",
    asked: "{when}: {seen} Anrufe angesehen, {changed} brachten Neues.",
    progress: "{seen} von {total} Anrufen angesehen…",
    ask_failed: "Der letzte Versuch ist gescheitert: {error}",
    clock_slow: "Die Uhr des Servers geht um etwa {minutes} Minuten falsch: Retell hat dies nach seinem Eintreffen signiert. Lassen Sie sie stellen und verarbeiten Sie es dann erneut.",
    clock_off: "Die Uhr des Servers geht um etwa {minutes} Minuten falsch, oder die Sendung wurde aufgehalten oder wiederholt. Sie kann erneut verarbeitet werden.",
    all: "Alle",
    state: "Stand",
    verdict: "Signatur",
    event: "Ereignis",
    call: "Anruf",
    filter: "Filtern",
    replay_selected: "Ausgewählte erneut verarbeiten",
    replay_parked: "Alle geparkten erneut verarbeiten",
    replay_parked_text: "Alles Geparkte wird noch einmal verarbeitet. Was schon gewirkt hat, wirkt kein zweites Mal.",
    replay: "Erneut verarbeiten",
    replayed: "Es wird erneut verarbeitet.",
    nothing_to_replay: "Davon lässt sich nichts erneut verarbeiten. Abgewiesenes wirkt nie.",
    select: "{event}, {when} auswählen",
    received: "Empfangen",
    attempts: "Versuche",
    latency: "Fertig nach",
    details: "Einzelheiten",
    no_event: "Unlesbar",
    empty: "Hier ist nichts",
    empty_hint: "Sobald Retell etwas Passendes schickt, erscheint es hier.",
    back: "Zurück zum Eingang",
    why: "Warum",
    duplicates: "Kam erneut",
    from: "Von",
    headers: "Kopfzeilen",
    answered: "Was geantwortet wurde",
    body: "Inhalt",
    outcome: "Ergebnis",
    took: "Dauer",
    by: "Durch",
    by_worker: "Der Server",
    by_operator: "Betreiber des Servers",
    no_attempts: "Es wurde nicht verarbeitet.",
    states: [
        ("pending", "Wartet"),
        ("done", "Erledigt"),
        ("ignored", "Nichts zu tun"),
        ("parked", "Geparkt"),
        ("rejected", "Abgewiesen"),
        ("failed", "Gescheitert"),
    ],
    verdicts: [
        ("accepted", "Gültig"),
        (
            "wrong-key",
            "Mit dem Schlüssel dieses Unternehmens signiert, aber über den Anruf eines anderen. Es hatte keine Wirkung.",
        ),
        (
            "malformed",
            "Die Signatur ist gültig, aber der Inhalt ist kein Ereignis. Er bleibt ganz erhalten und kann nach einer Aktualisierung erneut verarbeitet werden.",
        ),
        ("signature-missing", "Es gibt keine Signatur."),
        (
            "signature-invalid",
            "Die Signatur stimmt nicht. Prüfen Sie in den Kontoeinstellungen den API-Schlüssel mit dem Webhook-Zeichen.",
        ),
        (
            "signature-stale",
            "Die Signatur weicht um mehr als fünf Minuten ab. Prüfen Sie die Uhren, oder jemand hat eine alte Sendung wiederholt.",
        ),
    ],
    reasons: [
        (
            "no tenant is known for its call",
            "Zu welchem Unternehmen der Anruf gehört, ist nicht bekannt. Ergänzen Sie Agent oder Nummer und verarbeiten Sie es erneut.",
        ),
        (
            "it is about another business's call",
            "Es geht um den Anruf eines anderen Unternehmens.",
        ),
        (
            "it is about a chat, not about a call",
            "Es geht um einen Chat, nicht um einen Anruf.",
        ),
        ("it is not about a call", "Es geht nicht um einen Anruf."),
        ("it is not an event", "Es ist kein Ereignis."),
        (
            "its call has no usable id",
            "Der Anruf hat keine brauchbare Kennung.",
        ),
        ("the alert has no id", "Die Warnung hat keine Kennung."),
        (
            "it is about an account that several businesses share",
            "Es geht um ein Konto, das mehrere Unternehmen teilen.",
        ),
    ],
};
