//! What the page of the call-backs says.

use api::callbacks::CallbackState;
use api::problem::slug;

use browser::ui::i18n::Lang;

/// What the page says, in one language.
#[derive(Debug)]
pub(super) struct Texts {
    /// The page's name.
    pub(super) title: &'static str,
    /// The list of what is to be done.
    pub(super) to_do: &'static str,
    /// The list of what is over.
    pub(super) over: &'static str,
    /// Nothing is to be done.
    pub(super) none: &'static str,
    /// How that changes.
    pub(super) none_hint: &'static str,
    /// Nothing is over.
    pub(super) none_over: &'static str,
    /// Who asked.
    pub(super) person: &'static str,
    /// Where it stands.
    pub(super) state: &'static str,
    /// When it is placed.
    pub(super) when: &'static str,
    /// Who calls.
    pub(super) agent: &'static str,
    /// Where it was asked.
    pub(super) page: &'static str,
    /// What can be done.
    pub(super) actions: &'static str,
    /// Has it placed at once.
    pub(super) call_now: &'static str,
    /// Takes it back.
    pub(super) cancel: &'static str,
    /// Asks whether to.
    pub(super) cancel_title: &'static str,
    /// What it would do; `{name}` is who asked.
    pub(super) cancel_text: &'static str,
    /// Leads to the call.
    pub(super) open_call: &'static str,
    /// It was placed meanwhile, or is over.
    pub(super) not_open: &'static str,
    /// A state.
    pub(super) pending: &'static str,
    /// A state.
    pub(super) scheduled: &'static str,
    /// A state.
    pub(super) calling: &'static str,
    /// A state.
    pub(super) placed: &'static str,
    /// A state.
    pub(super) failed: &'static str,
    /// A state.
    pub(super) cancelled: &'static str,
    /// Retell cannot be reached, or fails.
    pub(super) retell_away: &'static str,
    /// Retell has no line, or no money.
    pub(super) retell_refuses: &'static str,
    /// There is no number to call from.
    pub(super) no_number: &'static str,
    /// The number is not called.
    pub(super) not_dialable: &'static str,
    /// Others use the account.
    pub(super) own_account: &'static str,
    /// The key is off.
    pub(super) key_off: &'static str,
    /// There is no such agent.
    pub(super) agent_unknown: &'static str,
    /// Whether it was placed is not known.
    pub(super) doubtful: &'static str,
    /// A program may have asked for it.
    pub(super) automatic: &'static str,
    /// The business does not open.
    pub(super) closed: &'static str,
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

    /// Where a call-back stands.
    pub(super) fn name_of(&self, state: CallbackState) -> &'static str {
        match state {
            CallbackState::Pending => self.pending,
            CallbackState::Scheduled => self.scheduled,
            CallbackState::Calling => self.calling,
            CallbackState::Placed => self.placed,
            CallbackState::Failed => self.failed,
            CallbackState::Cancelled => self.cancelled,
        }
    }

    /// Why one failed.
    pub(super) fn problem(&self, problem: &str) -> &'static str {
        match problem {
            slug::RETELL_UNREACHABLE | slug::RETELL_TIMEOUT | slug::RETELL_FAILED => {
                self.retell_away
            }
            slug::NO_NUMBER => self.no_number,
            slug::NUMBER_NOT_DIALABLE => self.not_dialable,
            slug::OWN_ACCOUNT_REQUIRED => self.own_account,
            slug::KEY_DISABLED => self.key_off,
            slug::AGENT_UNKNOWN => self.agent_unknown,
            slug::INTERNAL => self.doubtful,
            slug::LOOKS_AUTOMATIC => self.automatic,
            slug::OUT_OF_HOURS => self.closed,
            _ => self.retell_refuses,
        }
    }
}

static EN: Texts = Texts {
    title: "Call-backs",
    to_do: "To be called",
    over: "Done",
    none: "Nobody waits for a call",
    none_hint: "Requests from your website appear here by themselves.",
    none_over: "No call-backs yet",
    person: "Who",
    state: "Status",
    when: "When",
    agent: "Agent",
    page: "Asked on",
    actions: "Actions",
    call_now: "Call now",
    cancel: "Cancel call-back",
    cancel_title: "Cancel this call-back?",
    cancel_text: "{name} will not be called. They are not told.",
    open_call: "Open call",
    not_open: "This call-back is being placed, or is over already.",
    pending: "Now",
    scheduled: "Scheduled",
    calling: "Calling",
    placed: "Called",
    failed: "Failed",
    cancelled: "Cancelled",
    retell_away: "Retell could not be reached.",
    retell_refuses: "Retell refused the call. An admin can see why under Settings, Jobs.",
    no_number: "The Retell account has no number to call from.",
    not_dialable: "This number is not called.",
    own_account: "The business needs a Retell account of its own.",
    key_off: "The public key is switched off.",
    agent_unknown: "The agent does not exist any more.",
    doubtful: "Whether the call was placed is not known. Look through the calls first.",
    automatic: "A program may have filled this in. Call if it looks like a person.",
    closed: "The business does not open in the coming weeks.",
};

static ES: Texts = Texts {
    title: "Llamadas solicitadas",
    to_do: "Por llamar",
    over: "Hechas",
    none: "Nadie espera una llamada",
    none_hint: "Las solicitudes de su sitio web aparecen aquí por sí solas.",
    none_over: "Todavía no hay llamadas solicitadas",
    person: "Quién",
    state: "Estado",
    when: "Cuándo",
    agent: "Agente",
    page: "Pedida en",
    actions: "Acciones",
    call_now: "Llamar ahora",
    cancel: "Cancelar la solicitud",
    cancel_title: "¿Cancelar esta solicitud?",
    cancel_text: "No se llamará a {name}. No se le avisa.",
    open_call: "Ver llamada",
    not_open: "Ya se está llamando, o la solicitud ha terminado.",
    pending: "Ahora",
    scheduled: "Programada",
    calling: "Llamando",
    placed: "Llamada",
    failed: "Fallida",
    cancelled: "Cancelada",
    retell_away: "No se pudo contactar con Retell.",
    retell_refuses: "Retell rechazó la llamada. Un administrador puede ver el motivo en Ajustes, Tareas.",
    no_number: "La cuenta de Retell no tiene ningún número desde el que llamar.",
    not_dialable: "A este número no se llama.",
    own_account: "La empresa necesita su propia cuenta de Retell.",
    key_off: "La clave pública está desactivada.",
    agent_unknown: "El agente ya no existe.",
    doubtful: "No se sabe si se llegó a llamar. Mire antes las llamadas.",
    automatic: "Puede que lo haya rellenado un programa. Llame si parece una persona.",
    closed: "La empresa no abre en las próximas semanas.",
};

static DE: Texts = Texts {
    title: "Rückrufe",
    to_do: "Anzurufen",
    over: "Erledigt",
    none: "Niemand wartet auf einen Anruf",
    none_hint: "Anfragen von Ihrer Website erscheinen hier von selbst.",
    none_over: "Noch keine Rückrufe",
    person: "Wer",
    state: "Status",
    when: "Wann",
    agent: "Agent",
    page: "Angefragt auf",
    actions: "Aktionen",
    call_now: "Jetzt anrufen",
    cancel: "Rückruf absagen",
    cancel_title: "Diesen Rückruf absagen?",
    cancel_text: "{name} wird nicht angerufen und erfährt davon nichts.",
    open_call: "Anruf öffnen",
    not_open: "Dieser Rückruf wird gerade ausgeführt oder ist schon vorbei.",
    pending: "Jetzt",
    scheduled: "Geplant",
    calling: "Wird angerufen",
    placed: "Angerufen",
    failed: "Fehlgeschlagen",
    cancelled: "Abgesagt",
    retell_away: "Retell war nicht erreichbar.",
    retell_refuses: "Retell hat den Anruf abgelehnt. Warum, sieht ein Admin unter Einstellungen, Aufgaben.",
    no_number: "Das Retell-Konto hat keine Nummer, von der angerufen werden kann.",
    not_dialable: "Diese Nummer wird nicht angerufen.",
    own_account: "Das Unternehmen braucht ein eigenes Retell-Konto.",
    key_off: "Der öffentliche Schlüssel ist abgeschaltet.",
    agent_unknown: "Den Agenten gibt es nicht mehr.",
    doubtful: "Ob angerufen wurde, ist nicht bekannt. Bitte zuerst in den Anrufen nachsehen.",
    automatic: "Das hat vielleicht ein Programm ausgefüllt. Rufen Sie an, wenn es nach einem Menschen aussieht.",
    closed: "Das Unternehmen öffnet in den nächsten Wochen nicht.",
};
