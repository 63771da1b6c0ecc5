//! The words of the business section.

use browser::ui::i18n::Lang;

/// The words of the business section in one language.
#[derive(Debug)]
pub(crate) struct Texts {
    /// Names the section.
    pub(crate) title: &'static str,
    /// Labels the name.
    pub(crate) name: &'static str,
    /// Labels the time zone.
    pub(crate) timezone: &'static str,
    /// Labels the languages.
    pub(crate) languages: &'static str,
    /// How they are written.
    pub(crate) languages_hint: &'static str,
    /// Labels the default agent.
    pub(crate) default_agent: &'static str,
    /// None is chosen.
    pub(crate) no_agent: &'static str,
    /// Heads the hours.
    pub(crate) hours: &'static str,
    /// No hours for the week.
    pub(crate) always_open: &'static str,
    /// It is open.
    pub(crate) open_now: &'static str,
    /// It is closed.
    pub(crate) closed_now: &'static str,
    /// Before the next opening.
    pub(crate) opens: &'static str,
    /// How they are written.
    pub(crate) hours_hint: &'static str,
    /// Labels the exceptions.
    pub(crate) exceptions: &'static str,
    /// How they are written.
    pub(crate) exceptions_hint: &'static str,
    /// A day.
    pub(crate) monday: &'static str,
    /// A day.
    pub(crate) tuesday: &'static str,
    /// A day.
    pub(crate) wednesday: &'static str,
    /// A day.
    pub(crate) thursday: &'static str,
    /// A day.
    pub(crate) friday: &'static str,
    /// A day.
    pub(crate) saturday: &'static str,
    /// A day.
    pub(crate) sunday: &'static str,
    /// The name cannot be used.
    pub(crate) name_invalid: &'static str,
    /// There is no such time zone.
    pub(crate) timezone_unknown: &'static str,
    /// A language cannot be read.
    pub(crate) language_invalid: &'static str,
    /// The hours make no sense.
    pub(crate) hours_invalid: &'static str,
    /// Heads the Retell account.
    pub(crate) account: &'static str,
    /// Its own is used.
    pub(crate) account_own: &'static str,
    /// The server's is used.
    pub(crate) account_server: &'static str,
    /// Labels the API key.
    pub(crate) retell_key: &'static str,
    /// Labels the webhook key.
    pub(crate) webhook_key: &'static str,
    /// When it is another.
    pub(crate) webhook_key_hint: &'static str,
    /// Tests and keeps the keys.
    pub(crate) use_own: &'static str,
    /// The account is changed.
    pub(crate) account_changed: &'static str,
    /// Goes back.
    pub(crate) use_server: &'static str,
    /// What that does.
    pub(crate) use_server_text: &'static str,
    /// Retell does not know the key.
    pub(crate) key_refused: &'static str,
    /// Retell does not answer.
    pub(crate) retell_unreachable: &'static str,
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
    title: "Business",
    name: "Name",
    timezone: "Time zone",
    languages: "Languages",
    languages_hint: "Tags such as en or es-MX with commas between them; the first is the default.",
    default_agent: "Default agent",
    no_agent: "None",
    hours: "Business hours",
    always_open: "Always open",
    open_now: "Open now",
    closed_now: "Closed now",
    opens: "opens",
    hours_hint: "Write 09:00-12:30, 14:00-18:00. Leave a day empty when it is closed.",
    exceptions: "Exceptions",
    exceptions_hint: "One date a line: 2026-12-24 09:00-12:00, or 2026-12-25 alone for a closed day.",
    monday: "Monday",
    tuesday: "Tuesday",
    wednesday: "Wednesday",
    thursday: "Thursday",
    friday: "Friday",
    saturday: "Saturday",
    sunday: "Sunday",
    name_invalid: "Please enter a name of up to 100 characters.",
    timezone_unknown: "There is no such time zone. One is called, for example, Europe/Madrid.",
    language_invalid: "Languages are tags such as en or es-MX, at least one.",
    hours_invalid: "These hours cannot be used: each has to end after it begins, at 24:00 at the latest, and none may overlap.",
    account: "Retell account",
    account_own: "Calls use this business's own Retell account.",
    account_server: "Calls use the Retell account of this server.",
    retell_key: "API key",
    webhook_key: "Webhook key",
    webhook_key_hint: "Only if another key has the webhook badge at Retell.",
    use_own: "Test and use these keys",
    account_changed: "Changed. It is used from now on.",
    use_server: "Go back to the server's account",
    use_server_text: "The keys of this business are deleted here.",
    key_refused: "Retell does not know this API key. Copy it again from Retell's dashboard.",
    retell_unreachable: "Retell cannot be reached right now, so the key could not be tested.",
};

static ES: Texts = Texts {
    title: "Empresa",
    name: "Nombre",
    timezone: "Zona horaria",
    languages: "Idiomas",
    languages_hint: "Etiquetas como en o es-MX separadas por comas; la primera es la predeterminada.",
    default_agent: "Agente predeterminado",
    no_agent: "Ninguno",
    hours: "Horario de atención",
    always_open: "Siempre abierto",
    open_now: "Abierto ahora",
    closed_now: "Cerrado ahora",
    opens: "abre",
    hours_hint: "Escriba 09:00-12:30, 14:00-18:00. Deje vacío el día cerrado.",
    exceptions: "Excepciones",
    exceptions_hint: "Una fecha por línea: 2026-12-24 09:00-12:00, o solo 2026-12-25 si está cerrado.",
    monday: "Lunes",
    tuesday: "Martes",
    wednesday: "Miércoles",
    thursday: "Jueves",
    friday: "Viernes",
    saturday: "Sábado",
    sunday: "Domingo",
    name_invalid: "Escriba un nombre de hasta 100 caracteres.",
    timezone_unknown: "No existe esa zona horaria. Una se llama, por ejemplo, Europe/Madrid.",
    language_invalid: "Los idiomas son etiquetas como en o es-MX, al menos una.",
    hours_invalid: "Este horario no es válido: cada tramo debe terminar después de empezar, a las 24:00 como tarde, sin solaparse.",
    account: "Cuenta de Retell",
    account_own: "Las llamadas usan la cuenta de Retell de esta empresa.",
    account_server: "Las llamadas usan la cuenta de Retell de este servidor.",
    retell_key: "Clave de API",
    webhook_key: "Clave de webhook",
    webhook_key_hint: "Solo si en Retell otra clave lleva la marca de webhook.",
    use_own: "Probar y usar estas claves",
    account_changed: "Cambiado. Se usa desde ahora.",
    use_server: "Volver a la cuenta del servidor",
    use_server_text: "Las claves de esta empresa se borran aquí.",
    key_refused: "Retell no conoce esta clave. Cópiela de nuevo desde el panel de Retell.",
    retell_unreachable: "Ahora no se puede contactar con Retell, así que no se pudo probar la clave.",
};

static DE: Texts = Texts {
    title: "Unternehmen",
    name: "Name",
    timezone: "Zeitzone",
    languages: "Sprachen",
    languages_hint: "Kürzel wie en oder es-MX, mit Kommas dazwischen; das erste ist die Vorgabe.",
    default_agent: "Standard-Agent",
    no_agent: "Keiner",
    hours: "Öffnungszeiten",
    always_open: "Immer geöffnet",
    open_now: "Jetzt geöffnet",
    closed_now: "Jetzt geschlossen",
    opens: "öffnet",
    hours_hint: "Schreiben Sie 09:00-12:30, 14:00-18:00. Lassen Sie einen geschlossenen Tag leer.",
    exceptions: "Ausnahmen",
    exceptions_hint: "Ein Datum je Zeile: 2026-12-24 09:00-12:00, oder nur 2026-12-25 für einen geschlossenen Tag.",
    monday: "Montag",
    tuesday: "Dienstag",
    wednesday: "Mittwoch",
    thursday: "Donnerstag",
    friday: "Freitag",
    saturday: "Samstag",
    sunday: "Sonntag",
    name_invalid: "Bitte geben Sie einen Namen mit höchstens 100 Zeichen ein.",
    timezone_unknown: "Diese Zeitzone gibt es nicht. Eine heißt zum Beispiel Europe/Madrid.",
    language_invalid: "Sprachen sind Kürzel wie en oder es-MX, mindestens eine.",
    hours_invalid: "Diese Zeiten gehen nicht: jede muss nach ihrem Anfang enden, spätestens um 24:00, und keine darf eine andere überschneiden.",
    account: "Retell-Konto",
    account_own: "Anrufe laufen über das eigene Retell-Konto dieses Unternehmens.",
    account_server: "Anrufe laufen über das Retell-Konto dieses Servers.",
    retell_key: "API-Schlüssel",
    webhook_key: "Webhook-Schlüssel",
    webhook_key_hint: "Nur wenn bei Retell ein anderer Schlüssel das Webhook-Zeichen trägt.",
    use_own: "Prüfen und verwenden",
    account_changed: "Geändert. Ab jetzt wird es verwendet.",
    use_server: "Zum Konto des Servers zurück",
    use_server_text: "Die Schlüssel dieses Unternehmens werden hier gelöscht.",
    key_refused: "Retell kennt diesen API-Schlüssel nicht. Kopieren Sie ihn erneut aus dem Retell-Dashboard.",
    retell_unreachable: "Retell ist gerade nicht erreichbar, der Schlüssel konnte nicht geprüft werden.",
};
