//! The words of the account page.

use browser::ui::i18n::Lang;

/// The words of the account page in one language.
#[derive(Debug)]
pub(crate) struct Texts {
    /// Names the section.
    pub(crate) title: &'static str,
    /// The person's name.
    pub(crate) name: &'static str,
    /// Where the person works.
    pub(crate) business: &'static str,
    /// What the person may do.
    pub(crate) role: &'static str,
    /// Heads the password form.
    pub(crate) password_title: &'static str,
    /// What changing it does.
    pub(crate) password_hint: &'static str,
    /// Labels the current password.
    pub(crate) current: &'static str,
    /// Who has no password yet.
    pub(crate) current_hint: &'static str,
    /// Labels the new password.
    pub(crate) new: &'static str,
    /// What a password needs.
    pub(crate) new_hint: &'static str,
    /// The button.
    pub(crate) change_password: &'static str,
    /// It is changed.
    pub(crate) password_changed: &'static str,
    /// The current password is another.
    pub(crate) password_wrong: &'static str,
    /// The new password cannot be used.
    pub(crate) password_unfit: &'static str,
    /// The name cannot be used.
    pub(crate) name_invalid: &'static str,
    /// Heads the accounts elsewhere.
    pub(crate) identities: &'static str,
    /// What linking one is for: `{provider}`.
    pub(crate) identities_hint: &'static str,
    /// Column: where the account is.
    pub(crate) provider: &'static str,
    /// Column: the account's address.
    pub(crate) account: &'static str,
    /// Column: since when.
    pub(crate) linked: &'static str,
    /// Links one: `{provider}`.
    pub(crate) link: &'static str,
    /// Takes one away.
    pub(crate) unlink: &'static str,
    /// What that does.
    pub(crate) unlink_text: &'static str,
    /// It is done.
    pub(crate) unlinked: &'static str,
    /// Heads the sessions.
    pub(crate) sessions: &'static str,
    /// Column: which browser.
    pub(crate) device: &'static str,
    /// Column: from where.
    pub(crate) address: &'static str,
    /// Column: when it was used.
    pub(crate) last_seen: &'static str,
    /// Marks the session that asks.
    pub(crate) this_one: &'static str,
    /// The browser did not say.
    pub(crate) unknown_device: &'static str,
    /// Ends a session.
    pub(crate) revoke: &'static str,
    /// Ends all the others.
    pub(crate) revoke_others: &'static str,
    /// What that does.
    pub(crate) revoke_others_text: &'static str,
    /// It is done.
    pub(crate) revoked: &'static str,
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
    title: "My account",
    name: "Name",
    business: "Business",
    role: "Role",
    password_title: "Password",
    password_hint: "Changing it signs you out everywhere else.",
    current: "Current password",
    current_hint: "Leave this empty if you have no password yet.",
    new: "New password",
    new_hint: "At least 10 characters.",
    change_password: "Change password",
    password_changed: "Your password is changed.",
    password_wrong: "The current password is not right.",
    password_unfit: "A password needs at least 10 characters and must not be your e-mail address.",
    name_invalid: "Please enter a name of up to 100 characters.",
    identities: "Signing in without a password",
    identities_hint: "Link your account at {provider}, and sign in with it instead of your password.",
    provider: "With",
    account: "Account",
    linked: "Linked",
    link: "Link with {provider}",
    unlink: "Unlink",
    unlink_text: "You stay signed in. When you sign in with this account again, it is linked anew only if its verified e-mail address is yours here.",
    unlinked: "The account is unlinked.",
    sessions: "Where you are signed in",
    device: "Browser",
    address: "Address",
    last_seen: "Last used",
    this_one: "This session",
    unknown_device: "Unknown browser",
    revoke: "Sign out",
    revoke_others: "Sign out everywhere else",
    revoke_others_text: "Every other browser has to sign in again.",
    revoked: "Signed out.",
};

static ES: Texts = Texts {
    title: "Mi cuenta",
    name: "Nombre",
    business: "Empresa",
    role: "Rol",
    password_title: "Contraseña",
    password_hint: "Al cambiarla se cierran sus demás sesiones.",
    current: "Contraseña actual",
    current_hint: "Déjelo vacío si aún no tiene contraseña.",
    new: "Contraseña nueva",
    new_hint: "Al menos 10 caracteres.",
    change_password: "Cambiar contraseña",
    password_changed: "Su contraseña ha cambiado.",
    password_wrong: "La contraseña actual no es correcta.",
    password_unfit: "La contraseña necesita al menos 10 caracteres y no puede ser su correo.",
    name_invalid: "Escriba un nombre de hasta 100 caracteres.",
    identities: "Acceso sin contraseña",
    identities_hint: "Vincule su cuenta de {provider} y acceda con ella en lugar de su contraseña.",
    provider: "Con",
    account: "Cuenta",
    linked: "Vinculada",
    link: "Vincular con {provider}",
    unlink: "Desvincular",
    unlink_text: "Su sesión sigue abierta. Si vuelve a acceder con esta cuenta, solo se vincula de nuevo si su correo verificado es el que usted tiene aquí.",
    unlinked: "La cuenta está desvinculada.",
    sessions: "Dónde tiene la sesión abierta",
    device: "Navegador",
    address: "Dirección",
    last_seen: "Último uso",
    this_one: "Esta sesión",
    unknown_device: "Navegador desconocido",
    revoke: "Cerrar sesión",
    revoke_others: "Cerrar las demás sesiones",
    revoke_others_text: "Los demás navegadores tendrán que iniciar sesión de nuevo.",
    revoked: "Sesión cerrada.",
};

static DE: Texts = Texts {
    title: "Mein Konto",
    name: "Name",
    business: "Unternehmen",
    role: "Rolle",
    password_title: "Passwort",
    password_hint: "Eine Änderung meldet Sie überall sonst ab.",
    current: "Bisheriges Passwort",
    current_hint: "Lassen Sie dies leer, wenn Sie noch kein Passwort haben.",
    new: "Neues Passwort",
    new_hint: "Mindestens 10 Zeichen.",
    change_password: "Passwort ändern",
    password_changed: "Ihr Passwort ist geändert.",
    password_wrong: "Das bisherige Passwort stimmt nicht.",
    password_unfit: "Ein Passwort braucht mindestens 10 Zeichen und darf nicht Ihre E-Mail-Adresse sein.",
    name_invalid: "Bitte geben Sie einen Namen mit höchstens 100 Zeichen ein.",
    identities: "Anmelden ohne Passwort",
    identities_hint: "Verknüpfen Sie Ihr Konto bei {provider} und melden Sie sich damit statt mit Ihrem Passwort an.",
    provider: "Mit",
    account: "Konto",
    linked: "Verknüpft",
    link: "Mit {provider} verknüpfen",
    unlink: "Trennen",
    unlink_text: "Sie bleiben angemeldet. Wenn Sie sich wieder mit diesem Konto anmelden, wird es nur dann neu verknüpft, wenn seine bestätigte E-Mail-Adresse hier Ihre ist.",
    unlinked: "Das Konto ist getrennt.",
    sessions: "Wo Sie angemeldet sind",
    device: "Browser",
    address: "Adresse",
    last_seen: "Zuletzt benutzt",
    this_one: "Diese Sitzung",
    unknown_device: "Unbekannter Browser",
    revoke: "Abmelden",
    revoke_others: "Überall sonst abmelden",
    revoke_others_text: "Alle anderen Browser müssen sich neu anmelden.",
    revoked: "Abgemeldet.",
};
