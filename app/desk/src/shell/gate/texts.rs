//! The words of the pages behind one-time links.

use browser::ui::i18n::Lang;

/// The words of these pages in one language.
#[derive(Debug)]
pub(crate) struct Texts {
    /// Heads the setup.
    pub(crate) setup_title: &'static str,
    /// What the setup does.
    pub(crate) setup_hint: &'static str,
    /// Heads the page of an invitation.
    pub(crate) invitation_title: &'static str,
    /// Heads the page of a reset.
    pub(crate) password_title: &'static str,
    /// The business's name.
    pub(crate) business: &'static str,
    /// The person's name.
    pub(crate) name: &'static str,
    /// Labels the admin's name.
    pub(crate) your_name: &'static str,
    /// Labels the time zone.
    pub(crate) timezone: &'static str,
    /// Labels the new password.
    pub(crate) new_password: &'static str,
    /// Labels its repetition.
    pub(crate) password_again: &'static str,
    /// What a password needs.
    pub(crate) password_hint: &'static str,
    /// The repetition differs.
    pub(crate) passwords_differ: &'static str,
    /// Sets the password.
    pub(crate) choose: &'static str,
    /// Creates business and admin.
    pub(crate) create: &'static str,
    /// The link does not work.
    pub(crate) link_invalid: &'static str,
    /// The password cannot be used.
    pub(crate) password_unfit: &'static str,
    /// The address is none.
    pub(crate) email_invalid: &'static str,
    /// A name is empty or too long.
    pub(crate) name_invalid: &'static str,
    /// There is no such time zone.
    pub(crate) timezone_unknown: &'static str,
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
    setup_title: "Set up your business",
    setup_hint: "This creates the first business on this server and you as its admin.",
    invitation_title: "Welcome. Choose a password",
    password_title: "Choose a new password",
    business: "Business",
    name: "Name",
    your_name: "Your name",
    timezone: "Time zone",
    new_password: "New password",
    password_again: "New password again",
    password_hint: "At least 10 characters. A few words in a row are easy to remember.",
    passwords_differ: "The two passwords are not the same.",
    choose: "Save and sign in",
    create: "Create",
    link_invalid: "This link was used already or is too old. Please ask for a new one.",
    password_unfit: "A password needs at least 10 characters and must not be your e-mail address.",
    email_invalid: "This is not an e-mail address.",
    name_invalid: "Please enter a name of up to 100 characters.",
    timezone_unknown: "There is no such time zone. One is called, for example, Europe/Madrid.",
};

static ES: Texts = Texts {
    setup_title: "Configure su empresa",
    setup_hint: "Esto crea la primera empresa en este servidor y a usted como su administrador.",
    invitation_title: "Le damos la bienvenida. Elija una contraseña",
    password_title: "Elija una contraseña nueva",
    business: "Empresa",
    name: "Nombre",
    your_name: "Su nombre",
    timezone: "Zona horaria",
    new_password: "Contraseña nueva",
    password_again: "Repita la contraseña nueva",
    password_hint: "Al menos 10 caracteres. Unas cuantas palabras seguidas se recuerdan bien.",
    passwords_differ: "Las dos contraseñas no coinciden.",
    choose: "Guardar e iniciar sesión",
    create: "Crear",
    link_invalid: "Este enlace ya se usó o ha caducado. Pida uno nuevo.",
    password_unfit: "La contraseña necesita al menos 10 caracteres y no puede ser su correo.",
    email_invalid: "Esto no es una dirección de correo.",
    name_invalid: "Escriba un nombre de hasta 100 caracteres.",
    timezone_unknown: "No existe esa zona horaria. Una se llama, por ejemplo, Europe/Madrid.",
};

static DE: Texts = Texts {
    setup_title: "Richten Sie Ihr Unternehmen ein",
    setup_hint: "Damit entsteht das erste Unternehmen auf diesem Server, mit Ihnen als Admin.",
    invitation_title: "Willkommen. Wählen Sie ein Passwort",
    password_title: "Wählen Sie ein neues Passwort",
    business: "Unternehmen",
    name: "Name",
    your_name: "Ihr Name",
    timezone: "Zeitzone",
    new_password: "Neues Passwort",
    password_again: "Neues Passwort wiederholen",
    password_hint: "Mindestens 10 Zeichen. Ein paar Wörter hintereinander merken sich leicht.",
    passwords_differ: "Die beiden Passwörter stimmen nicht überein.",
    choose: "Speichern und anmelden",
    create: "Anlegen",
    link_invalid: "Dieser Link wurde schon benutzt oder ist zu alt. Bitte lassen Sie sich einen neuen geben.",
    password_unfit: "Ein Passwort braucht mindestens 10 Zeichen und darf nicht Ihre E-Mail-Adresse sein.",
    email_invalid: "Das ist keine E-Mail-Adresse.",
    name_invalid: "Bitte geben Sie einen Namen mit höchstens 100 Zeichen ein.",
    timezone_unknown: "Diese Zeitzone gibt es nicht. Eine heißt zum Beispiel Europe/Madrid.",
};
