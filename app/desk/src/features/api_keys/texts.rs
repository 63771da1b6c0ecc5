//! What the section of the API keys says.

use browser::ui::i18n::Lang;

/// What the section says, in one language.
#[derive(Debug)]
pub struct Texts {
    /// The section's name.
    pub title: &'static str,
    /// What they are for.
    pub hint: &'static str,
    /// Leads to the API's documentation.
    pub documentation: &'static str,
    /// There are none.
    pub empty: &'static str,
    /// What to do about it.
    pub empty_hint: &'static str,
    /// Names the secret that is shown.
    pub secret: &'static str,
    /// Makes a key.
    pub create: &'static str,
    /// What it is called.
    pub name: &'static str,
    /// What it may do.
    pub scopes: &'static str,
    /// The form is not complete.
    pub incomplete: &'static str,
    /// When it was last used.
    pub used: &'static str,
    /// It was not used.
    pub never: &'static str,
    /// Whether it works.
    pub state: &'static str,
    /// It works.
    pub works: &'static str,
    /// It works until a time.
    pub until: &'static str,
    /// Its time is over.
    pub expired: &'static str,
    /// It was revoked.
    pub revoked: &'static str,
    /// What can be done.
    pub actions: &'static str,
    /// Replaces it by a new one; the old one works for a week.
    pub rotate: &'static str,
    /// Takes it back.
    pub revoke: &'static str,
    /// Asks whether to.
    pub revoke_title: &'static str,
    /// What it would do.
    pub revoke_text: &'static str,
}

impl Texts {
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

static EN: Texts = Texts {
    title: "API keys",
    hint: "A secret key lets a program, such as your CRM, Make or n8n, use this server.",
    documentation: "API documentation",
    empty: "No API keys yet",
    empty_hint: "Create one below.",
    secret: "The new API key",
    create: "Create API key",
    name: "Name",
    scopes: "Permissions",
    incomplete: "Please give a name and choose at least one permission.",
    used: "Last used",
    never: "Never",
    state: "State",
    works: "Active",
    until: "Active until",
    expired: "Expired",
    revoked: "Revoked",
    actions: "Actions",
    rotate: "Replace",
    revoke: "Revoke",
    revoke_title: "Revoke this key?",
    revoke_text: "Programs that use it stop working at once. This cannot be undone.",
};

static ES: Texts = Texts {
    title: "Claves de API",
    hint: "Una clave secreta permite que un programa, como su CRM, Make o n8n, use este servidor.",
    documentation: "Documentación de la API",
    empty: "Aún no hay claves de API",
    empty_hint: "Cree una más abajo.",
    secret: "La nueva clave de API",
    create: "Crear clave de API",
    name: "Nombre",
    scopes: "Permisos",
    incomplete: "Indique un nombre y elija al menos un permiso.",
    used: "Último uso",
    never: "Nunca",
    state: "Estado",
    works: "Activa",
    until: "Activa hasta",
    expired: "Caducada",
    revoked: "Revocada",
    actions: "Acciones",
    rotate: "Sustituir",
    revoke: "Revocar",
    revoke_title: "¿Revocar esta clave?",
    revoke_text: "Los programas que la usan dejarán de funcionar de inmediato. No se puede deshacer.",
};

static DE: Texts = Texts {
    title: "API-Schlüssel",
    hint: "Mit einem geheimen Schlüssel kann ein Programm wie Ihr CRM, Make oder n8n diesen Server benutzen.",
    documentation: "API-Dokumentation",
    empty: "Noch keine API-Schlüssel",
    empty_hint: "Erstellen Sie unten einen.",
    secret: "Der neue API-Schlüssel",
    create: "API-Schlüssel erstellen",
    name: "Name",
    scopes: "Berechtigungen",
    incomplete: "Bitte geben Sie einen Namen an und wählen Sie mindestens eine Berechtigung.",
    used: "Zuletzt benutzt",
    never: "Nie",
    state: "Zustand",
    works: "Aktiv",
    until: "Aktiv bis",
    expired: "Abgelaufen",
    revoked: "Widerrufen",
    actions: "Aktionen",
    rotate: "Ersetzen",
    revoke: "Widerrufen",
    revoke_title: "Diesen Schlüssel widerrufen?",
    revoke_text: "Programme, die ihn benutzen, hören sofort auf zu funktionieren. Das kann nicht rückgängig gemacht werden.",
};
