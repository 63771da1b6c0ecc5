//! The words of the filters.

use browser::ui::i18n::Lang;

/// The words of the filters in one language.
#[derive(Debug)]
pub(super) struct Texts {
    /// Names the bar and the button that shows it.
    pub(super) filters: &'static str,
    /// One filter is set.
    pub(super) one: &'static str,
    /// After how many are set, from two on.
    pub(super) many: &'static str,
    /// Takes all filters away.
    pub(super) clear: &'static str,
    /// Before a filter that a click takes away.
    pub(super) remove: &'static str,
    /// Any value will do.
    pub(super) any: &'static str,
    /// What kind of call.
    pub(super) kind: &'static str,
    /// Calls by telephone, in either direction.
    pub(super) phone_call: &'static str,
    /// Which public key started it.
    pub(super) public_key: &'static str,
    /// The other side's number.
    pub(super) number: &'static str,
    /// What can be written there.
    pub(super) number_hint: &'static str,
    /// What is wrong with it.
    pub(super) number_wrong: &'static str,
    /// Whether the call reached its aim.
    pub(super) goal: &'static str,
    /// There is a recording.
    pub(super) recorded: &'static str,
    /// There is none.
    pub(super) not_recorded: &'static str,
    /// The first day.
    pub(super) from: &'static str,
    /// The last day.
    pub(super) until: &'static str,
    /// The shortest duration.
    pub(super) at_least: &'static str,
    /// The longest duration.
    pub(super) at_most: &'static str,
    /// No call passes.
    pub(super) nothing: &'static str,
    /// None that was looked at.
    pub(super) nothing_yet: &'static str,
    /// Before the date down to which calls were looked at.
    pub(super) searched_to: &'static str,
    /// Looks at earlier ones.
    pub(super) search_on: &'static str,
}

impl Texts {
    /// The words in a language.
    #[must_use]
    pub(super) fn of(lang: Lang) -> &'static Self {
        match lang {
            Lang::En => &EN,
            Lang::Es => &ES,
            Lang::De => &DE,
        }
    }

    /// How many filters are set.
    #[must_use]
    pub(super) fn count(&self, count: usize) -> String {
        match count {
            0 => self.filters.to_owned(),
            1 => self.one.to_owned(),
            _ => format!("{count} {}", self.many),
        }
    }
}

static EN: Texts = Texts {
    filters: "Filters",
    one: "1 filter",
    many: "filters",
    clear: "Clear all",
    remove: "Remove filter:",
    any: "Any",
    kind: "Kind",
    phone_call: "Phone call",
    public_key: "Public key",
    number: "Number",
    number_hint: "All of it, or the last 4 digits or more",
    number_wrong: "Please enter a whole number or at least its last 4 digits.",
    goal: "Goal",
    recorded: "With recording",
    not_recorded: "Without recording",
    from: "From",
    until: "Until",
    at_least: "At least",
    at_most: "At most",
    nothing: "No calls match these filters",
    nothing_yet: "No matching calls so far",
    searched_to: "Searched back to",
    search_on: "Search further back",
};

static ES: Texts = Texts {
    filters: "Filtros",
    one: "1 filtro",
    many: "filtros",
    clear: "Quitar todos",
    remove: "Quitar filtro:",
    any: "Todo",
    kind: "Tipo",
    phone_call: "Llamada telefónica",
    public_key: "Clave pública",
    number: "Número",
    number_hint: "Completo, o al menos las 4 últimas cifras",
    number_wrong: "Introduzca un número completo o al menos sus 4 últimas cifras.",
    goal: "Objetivo",
    recorded: "Con grabación",
    not_recorded: "Sin grabación",
    from: "Desde",
    until: "Hasta",
    at_least: "Mínimo",
    at_most: "Máximo",
    nothing: "Ninguna llamada cumple estos filtros",
    nothing_yet: "De momento, ninguna llamada los cumple",
    searched_to: "Se ha buscado hasta el",
    search_on: "Buscar más atrás",
};

static DE: Texts = Texts {
    filters: "Filter",
    one: "1 Filter",
    many: "Filter",
    clear: "Alle entfernen",
    remove: "Filter entfernen:",
    any: "Alle",
    kind: "Art",
    phone_call: "Telefonanruf",
    public_key: "Öffentlicher Schlüssel",
    number: "Nummer",
    number_hint: "Ganz, oder mindestens die letzten 4 Ziffern",
    number_wrong: "Bitte eine ganze Nummer oder mindestens ihre letzten 4 Ziffern eingeben.",
    goal: "Ziel",
    recorded: "Mit Aufnahme",
    not_recorded: "Ohne Aufnahme",
    from: "Von",
    until: "Bis",
    at_least: "Mindestens",
    at_most: "Höchstens",
    nothing: "Kein Anruf passt zu diesen Filtern",
    nothing_yet: "Bisher kein passender Anruf",
    searched_to: "Durchsucht bis",
    search_on: "Weiter zurück suchen",
};
