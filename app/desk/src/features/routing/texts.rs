//! The words of numbers and routing.

use browser::ui::i18n::Lang;

/// The words of numbers and routing in one language.
#[derive(Debug)]
pub(crate) struct Texts {
    /// Names the section.
    pub(crate) title: &'static str,
    /// What it is.
    pub(crate) hint: &'static str,
    /// Heads the rules.
    pub(crate) rules: &'static str,
    /// There are no rules.
    pub(crate) no_rules: &'static str,
    /// What happens then.
    pub(crate) no_rules_hint: &'static str,
    /// How rules are moved.
    pub(crate) order_hint: &'static str,
    /// Adds a rule.
    pub(crate) add: &'static str,
    /// Moves a rule up: `{name}`.
    pub(crate) up: &'static str,
    /// Moves a rule down: `{name}`.
    pub(crate) down: &'static str,
    /// Changes a rule: `{name}`.
    pub(crate) edit: &'static str,
    /// Removes a rule: `{name}`.
    pub(crate) remove: &'static str,
    /// What removing does.
    pub(crate) remove_text: &'static str,
    /// Says yes to it.
    pub(crate) remove_yes: &'static str,
    /// Somebody else changed the rules.
    pub(crate) changed_meanwhile: &'static str,
    /// The server does not take it.
    pub(crate) not_a_rule: &'static str,
    /// The rule does not count.
    pub(crate) switched_off: &'static str,
    /// Heads the form.
    pub(crate) new_rule: &'static str,
    /// Heads the form.
    pub(crate) change_rule: &'static str,
    /// The rule's name.
    pub(crate) name: &'static str,
    /// It has none.
    pub(crate) name_missing: &'static str,
    /// Whether it counts.
    pub(crate) enabled: &'static str,
    /// Heads the conditions.
    pub(crate) conditions: &'static str,
    /// The called number.
    pub(crate) number: &'static str,
    /// No matter which.
    pub(crate) any_number: &'static str,
    /// Who calls.
    pub(crate) caller: &'static str,
    /// No matter who.
    pub(crate) anybody: &'static str,
    /// A contact.
    pub(crate) known: &'static str,
    /// An important contact.
    pub(crate) vip: &'static str,
    /// Nobody known.
    pub(crate) unknown: &'static str,
    /// When.
    pub(crate) hours: &'static str,
    /// No matter when.
    pub(crate) any_time: &'static str,
    /// During business hours.
    pub(crate) open: &'static str,
    /// Outside of them.
    pub(crate) closed: &'static str,
    /// The caller's countries.
    pub(crate) countries: &'static str,
    /// How they are written.
    pub(crate) countries_hint: &'static str,
    /// They are not.
    pub(crate) countries_wrong: &'static str,
    /// The caller's language.
    pub(crate) language: &'static str,
    /// How it is written.
    pub(crate) language_hint: &'static str,
    /// Heads the action.
    pub(crate) then: &'static str,
    /// What happens.
    pub(crate) action: &'static str,
    /// An agent answers.
    pub(crate) to_agent: &'static str,
    /// The call is declined.
    pub(crate) rejected: &'static str,
    /// Who answers.
    pub(crate) agent: &'static str,
    /// The number's own.
    pub(crate) own_agent: &'static str,
    /// Which version.
    pub(crate) version: &'static str,
    /// How it is written.
    pub(crate) version_hint: &'static str,
    /// What the agent is told.
    pub(crate) variables: &'static str,
    /// How they are written.
    pub(crate) variables_hint: &'static str,
    /// They are not.
    pub(crate) variables_wrong: &'static str,
    /// Changes of the agent.
    pub(crate) changes: &'static str,
    /// What they are.
    pub(crate) changes_hint: &'static str,
    /// They are no JSON.
    pub(crate) changes_wrong: &'static str,
    /// A rule without conditions.
    pub(crate) every_call: &'static str,
    /// Heads the trial.
    pub(crate) trial: &'static str,
    /// Who calls.
    pub(crate) trial_from: &'static str,
    /// How it is written.
    pub(crate) trial_from_hint: &'static str,
    /// Which number is called.
    pub(crate) trial_to: &'static str,
    /// Asks.
    pub(crate) try_it: &'static str,
    /// The numbers are none.
    pub(crate) no_number: &'static str,
    /// Why: `{rule}`.
    pub(crate) by_rule: &'static str,
    /// No rule fits.
    pub(crate) by_none: &'static str,
    /// Why a rule did not fit.
    pub(crate) not_disabled: &'static str,
    /// Why a rule did not fit.
    pub(crate) not_number: &'static str,
    /// Why a rule did not fit.
    pub(crate) not_caller: &'static str,
    /// Why a rule did not fit.
    pub(crate) not_country: &'static str,
    /// Why a rule did not fit.
    pub(crate) not_hours: &'static str,
    /// Why a rule did not fit.
    pub(crate) not_language: &'static str,
    /// Heads the numbers.
    pub(crate) numbers: &'static str,
    /// There are none.
    pub(crate) no_numbers: &'static str,
    /// What to do.
    pub(crate) no_numbers_hint: &'static str,
    /// Its name at Retell.
    pub(crate) nickname: &'static str,
    /// Whether Retell asks us.
    pub(crate) asks_us: &'static str,
    /// It does.
    pub(crate) yes: &'static str,
    /// It does not.
    pub(crate) no: &'static str,
    /// Before the address.
    pub(crate) address: &'static str,
    /// Asks Retell.
    pub(crate) import: &'static str,
    /// It worked.
    pub(crate) imported: &'static str,
    /// Some are not ours: `{count}`.
    pub(crate) of_others: &'static str,
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
    title: "Numbers & routing",
    hint: "Who answers when somebody calls. Retell asks before it answers; the first rule that fits decides, and without one the number's own agent answers.",
    rules: "Rules",
    no_rules: "No rules yet",
    no_rules_hint: "Every call goes to its number's own agent.",
    order_hint: "The first that fits decides. Move a rule with its arrows, or with Alt and the arrow keys.",
    add: "Add a rule",
    up: "Move {name} up",
    down: "Move {name} down",
    edit: "Edit {name}",
    remove: "Remove {name}",
    remove_text: "Calls it was for go on to the rules below it.",
    remove_yes: "Remove",
    changed_meanwhile: "Somebody else changed the rules. Load the page again.",
    not_a_rule: "This rule cannot be saved. Check the number, the countries and the changes.",
    switched_off: "Off",
    new_rule: "New rule",
    change_rule: "Change the rule",
    name: "Name",
    name_missing: "Please give the rule a name.",
    enabled: "Switched on",
    conditions: "If all of this is true",
    number: "Called number",
    any_number: "Any number",
    caller: "Caller",
    anybody: "Anybody",
    known: "Known caller",
    vip: "VIP",
    unknown: "Unknown caller",
    hours: "Time",
    any_time: "Any time",
    open: "During business hours",
    closed: "Outside business hours",
    countries: "Countries",
    countries_hint: "Two letters each, such as DE, AT. Empty for all.",
    countries_wrong: "Please use two letters for each country.",
    language: "Language",
    language_hint: "Such as de. Of a caller nobody knows, the business's first language.",
    then: "Then",
    action: "What happens",
    to_agent: "An agent answers",
    rejected: "The call is declined",
    agent: "Agent",
    own_agent: "The number's own agent",
    version: "Version",
    version_hint: "A number, or an environment such as production. Empty for the current one.",
    variables: "Variables",
    variables_hint: "One name = value a line. {{contact.name}}, {{contact.first_name}}, {{caller.number}}, {{caller.country}}, {{business.name}} and {{business.open}} are filled in.",
    variables_wrong: "Please write one name = value a line.",
    changes: "Changes for this call (JSON)",
    changes_hint: "Retell's agent_override: agent, retell_llm, conversation_flow. Usually empty.",
    changes_wrong: "This is not JSON.",
    every_call: "Every call",
    trial: "Try it",
    trial_from: "A call from",
    trial_from_hint: "In international form, such as +49 170 1234567. Empty for a withheld number.",
    trial_to: "to",
    try_it: "Where would it go now?",
    no_number: "Please give both numbers in international form, such as +49 30 901820.",
    by_rule: "By the rule “{rule}”.",
    by_none: "No rule fits.",
    not_disabled: "is switched off",
    not_number: "is for another number",
    not_caller: "is for other callers",
    not_country: "is for other countries",
    not_hours: "is for another time",
    not_language: "is for another language",
    numbers: "Numbers",
    no_numbers: "No numbers yet",
    no_numbers_hint: "Import the numbers of the Retell account.",
    nickname: "Name",
    asks_us: "Asks the rules",
    yes: "Yes",
    no: "No",
    address: "Enter this as the number's inbound webhook at Retell, so that the rules are asked:",
    import: "Import from Retell",
    imported: "The numbers are up to date.",
    of_others: "{count} numbers of the shared account belong to other businesses.",
};

static ES: Texts = Texts {
    title: "Números y enrutamiento",
    hint: "Quién responde cuando alguien llama. Retell pregunta antes de responder; decide la primera regla que encaja y, sin ninguna, responde el agente propio del número.",
    rules: "Reglas",
    no_rules: "Todavía no hay reglas",
    no_rules_hint: "Cada llamada va al agente propio de su número.",
    order_hint: "Decide la primera que encaja. Mueva una regla con sus flechas, o con Alt y las teclas de flecha.",
    add: "Añadir una regla",
    up: "Subir {name}",
    down: "Bajar {name}",
    edit: "Editar {name}",
    remove: "Eliminar {name}",
    remove_text: "Las llamadas a las que se aplicaba pasan a las reglas siguientes.",
    remove_yes: "Eliminar",
    changed_meanwhile: "Otra persona cambió las reglas. Vuelva a cargar la página.",
    not_a_rule: "Esta regla no se puede guardar. Revise el número, los países y los cambios.",
    switched_off: "Desactivada",
    new_rule: "Regla nueva",
    change_rule: "Cambiar la regla",
    name: "Nombre",
    name_missing: "Dé un nombre a la regla.",
    enabled: "Activada",
    conditions: "Si se cumple todo esto",
    number: "Número llamado",
    any_number: "Cualquier número",
    caller: "Quién llama",
    anybody: "Cualquiera",
    known: "Contacto conocido",
    vip: "VIP",
    unknown: "Desconocido",
    hours: "Horario",
    any_time: "A cualquier hora",
    open: "En horario de atención",
    closed: "Fuera del horario",
    countries: "Países",
    countries_hint: "Dos letras cada uno, como ES, MX. Vacío para todos.",
    countries_wrong: "Use dos letras para cada país.",
    language: "Idioma",
    language_hint: "Por ejemplo es. De quien no se conoce, el primer idioma de la empresa.",
    then: "Entonces",
    action: "Qué ocurre",
    to_agent: "Responde un agente",
    rejected: "La llamada se rechaza",
    agent: "Agente",
    own_agent: "El agente propio del número",
    version: "Versión",
    version_hint: "Un número o un entorno como production. Vacío para la actual.",
    variables: "Variables",
    variables_hint: "Una por línea: nombre = valor. Se rellenan {{contact.name}}, {{contact.first_name}}, {{caller.number}}, {{caller.country}}, {{business.name}} y {{business.open}}.",
    variables_wrong: "Escriba nombre = valor en cada línea.",
    changes: "Cambios para esta llamada (JSON)",
    changes_hint: "El agent_override de Retell: agent, retell_llm, conversation_flow. Normalmente vacío.",
    changes_wrong: "Esto no es JSON.",
    every_call: "Todas las llamadas",
    trial: "Probar",
    trial_from: "Una llamada de",
    trial_from_hint: "En formato internacional, como +34 612 34 56 78. Vacío para un número oculto.",
    trial_to: "a",
    try_it: "¿Adónde iría ahora?",
    no_number: "Indique ambos números en formato internacional, como +34 911 23 01 00.",
    by_rule: "Por la regla «{rule}».",
    by_none: "No encaja ninguna regla.",
    not_disabled: "está desactivada",
    not_number: "es para otro número",
    not_caller: "es para otras personas",
    not_country: "es para otros países",
    not_hours: "es para otro horario",
    not_language: "es para otro idioma",
    numbers: "Números",
    no_numbers: "Todavía no hay números",
    no_numbers_hint: "Importe los números de la cuenta de Retell.",
    nickname: "Nombre",
    asks_us: "Consulta las reglas",
    yes: "Sí",
    no: "No",
    address: "Indique esto en Retell como webhook de entrada del número, para que se consulten las reglas:",
    import: "Importar de Retell",
    imported: "Los números están al día.",
    of_others: "{count} números de la cuenta compartida son de otras empresas.",
};

static DE: Texts = Texts {
    title: "Nummern & Verteilung",
    hint: "Wer abnimmt, wenn jemand anruft. Retell fragt vor dem Abnehmen; die erste passende Regel entscheidet, und ohne Regel nimmt der eigene Agent der Nummer ab.",
    rules: "Regeln",
    no_rules: "Noch keine Regeln",
    no_rules_hint: "Jeder Anruf geht an den eigenen Agenten der Nummer.",
    order_hint: "Die erste passende entscheidet. Eine Regel lässt sich mit ihren Pfeilen verschieben, oder mit Alt und den Pfeiltasten.",
    add: "Regel hinzufügen",
    up: "{name} nach oben",
    down: "{name} nach unten",
    edit: "{name} bearbeiten",
    remove: "{name} entfernen",
    remove_text: "Anrufe, für die sie galt, gehen an die Regeln darunter.",
    remove_yes: "Entfernen",
    changed_meanwhile: "Jemand anderes hat die Regeln geändert. Laden Sie die Seite neu.",
    not_a_rule: "Diese Regel lässt sich nicht speichern. Prüfen Sie Nummer, Länder und Änderungen.",
    switched_off: "Aus",
    new_rule: "Neue Regel",
    change_rule: "Regel ändern",
    name: "Name",
    name_missing: "Bitte geben Sie der Regel einen Namen.",
    enabled: "Eingeschaltet",
    conditions: "Wenn all das zutrifft",
    number: "Angerufene Nummer",
    any_number: "Jede Nummer",
    caller: "Anrufer",
    anybody: "Alle",
    known: "Bekannter Anrufer",
    vip: "VIP",
    unknown: "Unbekannter Anrufer",
    hours: "Zeit",
    any_time: "Jederzeit",
    open: "Während der Öffnungszeiten",
    closed: "Außerhalb der Öffnungszeiten",
    countries: "Länder",
    countries_hint: "Je zwei Buchstaben, wie DE, AT. Leer für alle.",
    countries_wrong: "Bitte zwei Buchstaben für jedes Land.",
    language: "Sprache",
    language_hint: "Zum Beispiel de. Bei Unbekannten die erste Sprache des Unternehmens.",
    then: "Dann",
    action: "Was geschieht",
    to_agent: "Ein Agent nimmt ab",
    rejected: "Der Anruf wird abgelehnt",
    agent: "Agent",
    own_agent: "Der eigene Agent der Nummer",
    version: "Version",
    version_hint: "Eine Zahl oder eine Umgebung wie production. Leer für die aktuelle.",
    variables: "Variablen",
    variables_hint: "Eine je Zeile: Name = Wert. Ausgefüllt werden {{contact.name}}, {{contact.first_name}}, {{caller.number}}, {{caller.country}}, {{business.name}} und {{business.open}}.",
    variables_wrong: "Bitte je Zeile Name = Wert schreiben.",
    changes: "Änderungen für diesen Anruf (JSON)",
    changes_hint: "Retells agent_override: agent, retell_llm, conversation_flow. Meist leer.",
    changes_wrong: "Das ist kein JSON.",
    every_call: "Jeder Anruf",
    trial: "Ausprobieren",
    trial_from: "Ein Anruf von",
    trial_from_hint: "International, wie +49 170 1234567. Leer für eine unterdrückte Nummer.",
    trial_to: "an",
    try_it: "Wohin ginge er jetzt?",
    no_number: "Bitte beide Nummern international angeben, wie +49 30 901820.",
    by_rule: "Durch die Regel „{rule}“.",
    by_none: "Keine Regel passt.",
    not_disabled: "ist ausgeschaltet",
    not_number: "gilt für eine andere Nummer",
    not_caller: "gilt für andere Anrufer",
    not_country: "gilt für andere Länder",
    not_hours: "gilt zu einer anderen Zeit",
    not_language: "gilt für eine andere Sprache",
    numbers: "Nummern",
    no_numbers: "Noch keine Nummern",
    no_numbers_hint: "Importieren Sie die Nummern des Retell-Kontos.",
    nickname: "Name",
    asks_us: "Fragt die Regeln",
    yes: "Ja",
    no: "Nein",
    address: "Damit die Regeln gefragt werden, bei Retell als Inbound-Webhook der Nummer eintragen:",
    import: "Von Retell importieren",
    imported: "Die Nummern sind aktuell.",
    of_others: "{count} Nummern des gemeinsamen Kontos gehören anderen Unternehmen.",
};
