//! The pages behind one-time links, where nobody is signed in yet: choosing a
//! password, and setting the first business up.

mod password_page;
mod setup_page;

pub(crate) use password_page::PasswordPage;
pub(crate) use setup_page::SetupPage;

use api::problem::slug;

use crate::words::Lang;
use crate::words::gate::Texts;
use browser::ui::http::Failure;

/// What failures mean on these pages.
fn words(failure: &Failure, lang: Lang) -> Option<&'static str> {
    let texts = Texts::of(lang);
    let Failure::Problem { slug, .. } = failure else {
        return None;
    };
    match slug.as_str() {
        slug::LINK_INVALID => Some(texts.link_invalid()),
        slug::PASSWORD_UNFIT => Some(texts.password_unfit()),
        slug::EMAIL_INVALID => Some(texts.email_invalid()),
        slug::NAME_INVALID => Some(texts.name_invalid()),
        slug::TIMEZONE_UNKNOWN => Some(texts.timezone_unknown()),
        _ => None,
    }
}
