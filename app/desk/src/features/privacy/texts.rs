//! The words of the privacy page.

use browser::ui::i18n::Lang;

/// The words of the privacy page in one language.
#[derive(Debug)]
pub(crate) struct Texts {
    /// Names the section.
    pub(crate) title: &'static str,
    /// Heads the retention form.
    pub(crate) keeping: &'static str,
    /// How the form works.
    pub(crate) keeping_hint: &'static str,
    /// The field holds no days.
    pub(crate) days_wrong: &'static str,
    /// Days of transcripts.
    pub(crate) transcripts: &'static str,
    /// Days of recordings.
    pub(crate) recordings: &'static str,
    /// Days of calls.
    pub(crate) calls: &'static str,
    /// Days of webhooks.
    pub(crate) webhooks: &'static str,
    /// Days of the trail.
    pub(crate) audit: &'static str,
    /// Heads the search.
    pub(crate) person: &'static str,
    /// What the search does.
    pub(crate) person_hint: &'static str,
    /// Whom to search.
    pub(crate) person_field: &'static str,
    /// Searches.
    pub(crate) find: &'static str,
    /// There is nothing.
    pub(crate) nothing: &'static str,
    /// It names nobody.
    pub(crate) invalid: &'static str,
    /// Counts calls.
    pub(crate) count_calls: &'static str,
    /// Counts transcripts.
    pub(crate) count_transcripts: &'static str,
    /// Counts recordings.
    pub(crate) count_recordings: &'static str,
    /// Counts deliveries.
    pub(crate) count_deliveries: &'static str,
    /// Counts events sent out.
    pub(crate) count_events: &'static str,
    /// Counts consents.
    pub(crate) count_consents: &'static str,
    /// Counts ratings.
    pub(crate) count_ratings: &'static str,
    /// Counts contacts.
    pub(crate) count_contacts: &'static str,
    /// How many call-backs.
    pub(crate) count_callbacks: &'static str,
    /// Counts accounts.
    pub(crate) count_accounts: &'static str,
    /// Some calls go on.
    pub(crate) live: &'static str,
    /// Makes a copy.
    pub(crate) export: &'static str,
    /// The copy is made.
    pub(crate) exported: &'static str,
    /// Heads the erasing.
    pub(crate) erase_title: &'static str,
    /// What erasing does.
    pub(crate) erase_hint: &'static str,
    /// Retell deletes, too.
    pub(crate) at_retell: &'static str,
    /// Confirms by typing.
    pub(crate) confirm: &'static str,
    /// What was typed is wrong.
    pub(crate) confirm_wrong: &'static str,
    /// Erases.
    pub(crate) erase: &'static str,
    /// It is erased.
    pub(crate) erased: &'static str,
    /// Retell refused some.
    pub(crate) refused: &'static str,
    /// The last admin.
    pub(crate) last_admin: &'static str,
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
    title: "Privacy",
    keeping: "How long is kept what",
    keeping_hint: "In days. Empty keeps it for ever. What is older is deleted every hour.",
    days_wrong: "Please enter a number of days from 1 to 36500, or nothing.",
    transcripts: "Transcripts (days)",
    recordings: "Links to recordings (days)",
    calls: "Calls with everything about them (days)",
    webhooks: "Webhook deliveries (days)",
    audit: "Activity log (days)",
    person: "A person’s data",
    person_hint: "Finds calls from or to the number, and whatever names the number or address.",
    person_field: "Telephone number or e-mail address",
    find: "Find",
    nothing: "There is nothing about this person.",
    invalid: "Please enter a number such as +49 30 901820, or an e-mail address.",
    count_calls: "Calls",
    count_transcripts: "Transcripts",
    count_recordings: "Links to recordings",
    count_deliveries: "Webhook deliveries",
    count_events: "Events sent out",
    count_consents: "Consents",
    count_ratings: "Ratings",
    count_contacts: "Contacts",
    count_callbacks: "Call-backs",
    count_accounts: "Accounts at this desk",
    live: "Calls that go on are not erased before they have ended.",
    export: "Export everything",
    exported: "The file person.json has been made.",
    erase_title: "Erase",
    erase_hint: "This cannot be undone. Backups made before still hold it.",
    at_retell: "Have Retell delete the calls, too",
    confirm: "Type the number or address as shown above",
    confirm_wrong: "That is not the number or address shown above.",
    erase: "Erase for good",
    erased: "Erased:",
    refused: "Retell did not delete some calls. They are still here: try again later.",
    last_admin: "This is the last admin. Make somebody else an admin first.",
};

static ES: Texts = Texts {
    title: "Privacidad",
    keeping: "Cuánto tiempo se guarda cada cosa",
    keeping_hint: "En días. Vacío lo guarda para siempre. Lo más antiguo se borra cada hora.",
    days_wrong: "Escriba un número de días de 1 a 36500, o nada.",
    transcripts: "Transcripciones (días)",
    recordings: "Enlaces a grabaciones (días)",
    calls: "Llamadas con todos sus datos (días)",
    webhooks: "Entregas de webhooks (días)",
    audit: "Registro de actividad (días)",
    person: "Los datos de una persona",
    person_hint: "Busca llamadas desde o hacia el número, y todo lo que nombre el número o la dirección.",
    person_field: "Número de teléfono o correo electrónico",
    find: "Buscar",
    nothing: "No hay nada sobre esta persona.",
    invalid: "Escriba un número como +34 911 23 01 00, o una dirección de correo.",
    count_calls: "Llamadas",
    count_transcripts: "Transcripciones",
    count_recordings: "Enlaces a grabaciones",
    count_deliveries: "Entregas de webhooks",
    count_events: "Eventos enviados",
    count_consents: "Consentimientos",
    count_ratings: "Valoraciones",
    count_contacts: "Contactos",
    count_callbacks: "Llamadas solicitadas",
    count_accounts: "Cuentas de este puesto",
    live: "Las llamadas en curso no se borran antes de terminar.",
    export: "Exportar todo",
    exported: "Se ha creado el archivo person.json.",
    erase_title: "Borrar",
    erase_hint: "No se puede deshacer. Las copias de seguridad anteriores lo conservan.",
    at_retell: "Que Retell borre también las llamadas",
    confirm: "Escriba el número o la dirección como aparece arriba",
    confirm_wrong: "No es el número o la dirección que aparece arriba.",
    erase: "Borrar definitivamente",
    erased: "Borrado:",
    refused: "Retell no borró algunas llamadas. Siguen aquí: inténtelo más tarde.",
    last_admin: "Es el último administrador. Nombre antes a otro.",
};

static DE: Texts = Texts {
    title: "Datenschutz",
    keeping: "Wie lange was aufbewahrt wird",
    keeping_hint: "In Tagen. Leer heißt: für immer. Älteres wird stündlich gelöscht.",
    days_wrong: "Bitte eine Zahl von 1 bis 36500 Tagen eingeben, oder nichts.",
    transcripts: "Abschriften (Tage)",
    recordings: "Verweise auf Aufnahmen (Tage)",
    calls: "Anrufe mit allem, was dazugehört (Tage)",
    webhooks: "Webhook-Zustellungen (Tage)",
    audit: "Protokoll (Tage)",
    person: "Die Daten einer Person",
    person_hint: "Findet Anrufe von oder zu der Nummer und alles, was die Nummer oder Adresse nennt.",
    person_field: "Telefonnummer oder E-Mail-Adresse",
    find: "Suchen",
    nothing: "Über diese Person gibt es nichts.",
    invalid: "Bitte eine Nummer wie +49 30 901820 oder eine E-Mail-Adresse eingeben.",
    count_calls: "Anrufe",
    count_transcripts: "Abschriften",
    count_recordings: "Verweise auf Aufnahmen",
    count_deliveries: "Webhook-Zustellungen",
    count_events: "Gesendete Ereignisse",
    count_consents: "Einwilligungen",
    count_ratings: "Bewertungen",
    count_contacts: "Kontakte",
    count_callbacks: "Rückrufe",
    count_accounts: "Konten an diesem Platz",
    live: "Laufende Anrufe werden erst gelöscht, wenn sie beendet sind.",
    export: "Alles exportieren",
    exported: "Die Datei person.json wurde erstellt.",
    erase_title: "Löschen",
    erase_hint: "Das lässt sich nicht rückgängig machen. Frühere Sicherungen enthalten es noch.",
    at_retell: "Auch bei Retell löschen lassen",
    confirm: "Nummer oder Adresse wie oben angezeigt eingeben",
    confirm_wrong: "Das ist nicht die oben angezeigte Nummer oder Adresse.",
    erase: "Endgültig löschen",
    erased: "Gelöscht:",
    refused: "Retell hat einige Anrufe nicht gelöscht. Sie sind noch hier: Bitte später erneut versuchen.",
    last_admin: "Das ist der letzte Admin. Bitte zuerst jemand anderen zum Admin machen.",
};
