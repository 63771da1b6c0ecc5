//! The words of the people section.

use browser::ui::i18n::Lang;

/// The words of the people section in one language.
#[derive(Debug)]
pub(crate) struct Texts {
    /// Names the section.
    pub(crate) title: &'static str,
    /// What the section is.
    pub(crate) hint: &'static str,
    /// Heads the invitation.
    pub(crate) invite_title: &'static str,
    /// The button.
    pub(crate) invite: &'static str,
    /// How the link gets there.
    pub(crate) invite_hint: &'static str,
    /// Column and label.
    pub(crate) name: &'static str,
    /// Column and label.
    pub(crate) role: &'static str,
    /// What the roles may do.
    pub(crate) role_hint: &'static str,
    /// Column: where the person stands.
    pub(crate) state: &'static str,
    /// Column: what can be done.
    pub(crate) actions: &'static str,
    /// Marks the reader.
    pub(crate) you: &'static str,
    /// Never came.
    pub(crate) invited: &'static str,
    /// May sign in.
    pub(crate) active: &'static str,
    /// Switched off.
    pub(crate) disabled: &'static str,
    /// Switches off.
    pub(crate) disable: &'static str,
    /// Switches on.
    pub(crate) enable: &'static str,
    /// What that does.
    pub(crate) disable_text: &'static str,
    /// Makes a link for a new password.
    pub(crate) new_link: &'static str,
    /// Labels the link of an invitation.
    pub(crate) invitation_link: &'static str,
    /// Labels the link of a reset.
    pub(crate) reset_link: &'static str,
    /// It is done.
    pub(crate) changed: &'static str,
    /// The address is none.
    pub(crate) email_invalid: &'static str,
    /// Somebody has it.
    pub(crate) email_taken: &'static str,
    /// The name cannot be used.
    pub(crate) name_invalid: &'static str,
    /// There has to be an admin.
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
    title: "People",
    hint: "Who may sign in at this desk, and what they may do.",
    invite_title: "Invite somebody",
    invite: "Make an invitation link",
    invite_hint: "You get a link to pass on yourself. It works once, for 7 days.",
    name: "Name",
    role: "Role",
    role_hint: "Agents work calls. Supervisors also read everybody's figures. Admins also change settings.",
    state: "State",
    actions: "Actions",
    you: "You",
    invited: "Invited",
    active: "Active",
    disabled: "Switched off",
    disable: "Switch off",
    enable: "Switch on",
    disable_text: "They are signed out everywhere and cannot sign in until they are switched on again.",
    new_link: "Password link",
    invitation_link: "Invitation link, works once for 7 days",
    reset_link: "Link for a new password, works once for 24 hours",
    changed: "Changed.",
    email_invalid: "This is not an e-mail address.",
    email_taken: "Somebody has this e-mail address already.",
    name_invalid: "Please enter a name of up to 100 characters.",
    last_admin: "The business needs an admin. Make somebody else an admin first, who has signed in before.",
};

static ES: Texts = Texts {
    title: "Personas",
    hint: "Quién puede entrar en este escritorio y qué puede hacer.",
    invite_title: "Invitar a alguien",
    invite: "Crear enlace de invitación",
    invite_hint: "Recibirá un enlace para entregarlo usted. Funciona una vez, durante 7 días.",
    name: "Nombre",
    role: "Rol",
    role_hint: "Los agentes atienden llamadas. Los supervisores además ven las cifras de todos. Los administradores además cambian los ajustes.",
    state: "Estado",
    actions: "Acciones",
    you: "Usted",
    invited: "Invitado",
    active: "Activo",
    disabled: "Desactivado",
    disable: "Desactivar",
    enable: "Activar",
    disable_text: "Se cierran todas sus sesiones y no podrá entrar hasta que se reactive.",
    new_link: "Enlace de contraseña",
    invitation_link: "Enlace de invitación, vale una vez durante 7 días",
    reset_link: "Enlace para una contraseña nueva, vale una vez durante 24 horas",
    changed: "Cambiado.",
    email_invalid: "Esto no es una dirección de correo.",
    email_taken: "Alguien ya tiene esta dirección de correo.",
    name_invalid: "Escriba un nombre de hasta 100 caracteres.",
    last_admin: "La empresa necesita un administrador. Nombre antes a otra persona que ya haya entrado.",
};

static DE: Texts = Texts {
    title: "Personen",
    hint: "Wer sich an diesem Arbeitsplatz anmelden darf, und was wer darf.",
    invite_title: "Jemanden einladen",
    invite: "Einladungslink erstellen",
    invite_hint: "Sie erhalten einen Link, den Sie selbst weitergeben. Er gilt einmal, 7 Tage lang.",
    name: "Name",
    role: "Rolle",
    role_hint: "Agenten bearbeiten Anrufe. Supervisoren sehen auch alle Zahlen. Admins ändern auch die Einstellungen.",
    state: "Status",
    actions: "Aktionen",
    you: "Sie",
    invited: "Eingeladen",
    active: "Aktiv",
    disabled: "Abgeschaltet",
    disable: "Abschalten",
    enable: "Einschalten",
    disable_text: "Die Person wird überall abgemeldet und kann sich erst nach dem Einschalten wieder anmelden.",
    new_link: "Passwort-Link",
    invitation_link: "Einladungslink, gilt einmal für 7 Tage",
    reset_link: "Link für ein neues Passwort, gilt einmal für 24 Stunden",
    changed: "Geändert.",
    email_invalid: "Das ist keine E-Mail-Adresse.",
    email_taken: "Jemand hat diese E-Mail-Adresse schon.",
    name_invalid: "Bitte geben Sie einen Namen mit höchstens 100 Zeichen ein.",
    last_admin: "Das Unternehmen braucht einen Admin. Machen Sie zuerst jemand anderen zum Admin, der sich schon einmal angemeldet hat.",
};
