//! Signing in elsewhere, at a provider of identities: its words.

use api::problem::slug;

use crate::texts::Texts as Common;
use crate::words::Lang;
use browser::ui::http::Failure;

pub(crate) use crate::words::provider::Texts;

impl Texts {
    /// What went wrong there, and what to do about it; `None` for what can go
    /// wrong anywhere.
    fn problem(self, slug: &str) -> Option<&'static str> {
        match slug {
            slug::OIDC_UNAVAILABLE => Some(self.unavailable()),
            slug::OIDC_REFUSED => Some(self.refused()),
            slug::OIDC_STALE => Some(self.stale()),
            slug::OIDC_UNTRUSTED => Some(self.untrusted()),
            slug::OIDC_EMAIL_UNVERIFIED => Some(self.email_unverified()),
            slug::OIDC_UNINVITED => Some(self.uninvited()),
            slug::OIDC_TAKEN => Some(self.taken()),
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
            field: String::new(),
        })
    })
}
