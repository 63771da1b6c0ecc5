//! Signing in elsewhere, at a provider of identities: its words.

use api::problem::slug;

use crate::texts::Texts as Common;
use browser::ui::http::Failure;
use browser::ui::i18n::Lang;

/// The words of signing in elsewhere in one language.
#[derive(Debug)]
pub(crate) struct Texts {
    /// Between the password and the other way.
    pub(crate) or: &'static str,
    /// Leads to the provider of identities: `{provider}`.
    pub(crate) with_provider: &'static str,
    unavailable: &'static str,
    refused: &'static str,
    stale: &'static str,
    untrusted: &'static str,
    email_unverified: &'static str,
    uninvited: &'static str,
    taken: &'static str,
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

    /// What went wrong there, and what to do about it; `None` for what can go
    /// wrong anywhere.
    fn problem(&self, slug: &str) -> Option<&'static str> {
        match slug {
            slug::OIDC_UNAVAILABLE => Some(self.unavailable),
            slug::OIDC_REFUSED => Some(self.refused),
            slug::OIDC_STALE => Some(self.stale),
            slug::OIDC_UNTRUSTED => Some(self.untrusted),
            slug::OIDC_EMAIL_UNVERIFIED => Some(self.email_unverified),
            slug::OIDC_UNINVITED => Some(self.uninvited),
            slug::OIDC_TAKEN => Some(self.taken),
            _ => None,
        }
    }
}

/// What became of signing in elsewhere, in words.
pub(crate) fn elsewhere(slug: &str, lang: Lang) -> &'static str {
    Texts::of(lang).problem(slug).unwrap_or_else(|| {
        Common::of(lang).failure(&Failure::Problem {
            status: 500,
            slug: slug.to_owned(),
        })
    })
}

static EN: Texts = Texts {
    or: "or",
    with_provider: "Sign in with {provider}",
    unavailable: "The sign-in service cannot be reached right now. Please use your password, or try again later.",
    refused: "You were not signed in. Please try again.",
    stale: "This sign-in took too long, or was begun in another window. Please try again.",
    untrusted: "The answer of the sign-in service could not be verified, so nobody was signed in. Please tell an admin.",
    email_unverified: "The e-mail address of your account there is not verified. Please verify it there, or use your password.",
    uninvited: "Nobody here has this account. Please ask an admin of your business to invite its e-mail address.",
    taken: "This account is linked with somebody else here, or you have linked another one, which you can unlink under “My account”. Your password works all the same.",
};

static ES: Texts = Texts {
    or: "o",
    with_provider: "Acceder con {provider}",
    unavailable: "No se puede contactar ahora con el servicio de acceso. Use su contraseña o inténtelo más tarde.",
    refused: "No se ha iniciado la sesión. Inténtelo de nuevo.",
    stale: "Este acceso tardó demasiado o se inició en otra ventana. Inténtelo de nuevo.",
    untrusted: "No se pudo verificar la respuesta del servicio de acceso, por lo que no se ha iniciado la sesión. Avise a un administrador.",
    email_unverified: "El correo de su cuenta en ese servicio no está verificado. Verifíquelo allí o use su contraseña.",
    uninvited: "Nadie tiene aquí esta cuenta. Pida a un administrador de su empresa que invite su correo.",
    taken: "Esta cuenta está vinculada aquí con otra persona, o usted ha vinculado otra, que puede desvincular en «Mi cuenta». Su contraseña sigue funcionando.",
};

static DE: Texts = Texts {
    or: "oder",
    with_provider: "Mit {provider} anmelden",
    unavailable: "Der Anmeldedienst ist gerade nicht erreichbar. Bitte nehmen Sie Ihr Passwort oder versuchen Sie es später.",
    refused: "Sie wurden nicht angemeldet. Bitte versuchen Sie es noch einmal.",
    stale: "Diese Anmeldung hat zu lange gedauert oder wurde in einem anderen Fenster begonnen. Bitte versuchen Sie es noch einmal.",
    untrusted: "Die Antwort des Anmeldedienstes ließ sich nicht prüfen, deshalb wurde niemand angemeldet. Bitte sagen Sie es einem Administrator.",
    email_unverified: "Die E-Mail-Adresse Ihres Kontos dort ist nicht bestätigt. Bitte bestätigen Sie sie dort oder nehmen Sie Ihr Passwort.",
    uninvited: "Niemand hat hier dieses Konto. Bitten Sie einen Administrator Ihres Unternehmens, dessen E-Mail-Adresse einzuladen.",
    taken: "Dieses Konto ist hier mit jemand anderem verknüpft, oder Sie haben ein anderes verknüpft, das Sie unter „Mein Konto“ trennen können. Ihr Passwort gilt weiterhin.",
};
