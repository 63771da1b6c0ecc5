//! What our pages say when no script can: complete in every language.

use super::language::Language;

/// Why a page cannot be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// No such public key.
    KeyUnknown,
    /// The public key was switched off.
    KeyDisabled,
    /// The database does not answer.
    Unavailable,
    /// A sign-in link that was used or is too old.
    LinkInvalid,
}

/// What the index page says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Index {
    /// What this is.
    pub tagline: &'static str,
    /// The link to the demo page.
    pub demo: &'static str,
    /// The link to the desk.
    pub desk: &'static str,
}

/// The index page's texts.
#[must_use]
pub(crate) fn index(language: Language) -> Index {
    match language {
        Language::English => Index {
            tagline: "Voice agents on your website, and your team beside them.",
            demo: "A website with the call button",
            desk: "The desk for your team",
        },
        Language::Spanish => Index {
            tagline: "Agentes de voz en su sitio web, y su equipo a su lado.",
            demo: "Un sitio web con el botón de llamada",
            desk: "El escritorio para su equipo",
        },
        Language::German => Index {
            tagline: "Sprachagenten auf Ihrer Website, und Ihr Team daneben.",
            demo: "Eine Website mit der Anruftaste",
            desk: "Der Arbeitsplatz für Ihr Team",
        },
    }
}

/// A heading and a sentence.
pub(crate) type Words = (&'static str, &'static str);

/// What to tell the person.
#[must_use]
pub(crate) fn words(trouble: Trouble, language: Language) -> Words {
    match language {
        Language::English => english(trouble),
        Language::Spanish => spanish(trouble),
        Language::German => german(trouble),
    }
}

fn english(trouble: Trouble) -> Words {
    match trouble {
        Trouble::KeyUnknown => (
            "This call button does not work",
            "The website uses a key we do not know. Please contact the business in another way.",
        ),
        Trouble::KeyDisabled => (
            "This call button is switched off",
            "Calls from this website are not available right now. Please contact the business \
             in another way.",
        ),
        Trouble::Unavailable => (
            "Calls are not available right now",
            "Please try again in a minute.",
        ),
        Trouble::LinkInvalid => (
            "This sign-in link is no longer valid",
            "It was used already or is too old. Please sign in with your password or ask for a \
             new link.",
        ),
    }
}

fn spanish(trouble: Trouble) -> Words {
    match trouble {
        Trouble::KeyUnknown => (
            "Este botón de llamada no funciona",
            "El sitio web usa una clave que no conocemos. Por favor, contacte con la empresa de \
             otra manera.",
        ),
        Trouble::KeyDisabled => (
            "Este botón de llamada está desactivado",
            "Las llamadas desde este sitio web no están disponibles en este momento. Por favor, \
             contacte con la empresa de otra manera.",
        ),
        Trouble::Unavailable => (
            "Las llamadas no están disponibles en este momento",
            "Por favor, inténtelo de nuevo en un minuto.",
        ),
        Trouble::LinkInvalid => (
            "Este enlace de acceso ya no es válido",
            "Ya se usó o es demasiado antiguo. Por favor, acceda con su contraseña o pida un \
             enlace nuevo.",
        ),
    }
}

fn german(trouble: Trouble) -> Words {
    match trouble {
        Trouble::KeyUnknown => (
            "Diese Anruftaste funktioniert nicht",
            "Die Website verwendet einen Schlüssel, den wir nicht kennen. Bitte wenden Sie sich \
             auf anderem Weg an das Unternehmen.",
        ),
        Trouble::KeyDisabled => (
            "Diese Anruftaste ist abgeschaltet",
            "Anrufe von dieser Website sind zurzeit nicht möglich. Bitte wenden Sie sich auf \
             anderem Weg an das Unternehmen.",
        ),
        Trouble::Unavailable => (
            "Anrufe sind zurzeit nicht möglich",
            "Bitte versuchen Sie es in einer Minute noch einmal.",
        ),
        Trouble::LinkInvalid => (
            "Dieser Anmeldelink gilt nicht mehr",
            "Er wurde schon verwendet oder ist zu alt. Bitte melden Sie sich mit Ihrem Passwort \
             an oder fordern Sie einen neuen Link an.",
        ),
    }
}
