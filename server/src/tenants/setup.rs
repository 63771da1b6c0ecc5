//! The first business of an empty store, and its first admin.

use crate::ground::Ground;
use crate::people::{self, NewUser, PeopleError, SessionOrigin, Token};
use crate::store::StoreError;

use super::settings;
use crate::invalid::checked_name;

/// What the first admin says.
#[derive(Debug, Clone)]
pub struct FirstBusiness {
    /// The business's name.
    pub business: String,
    /// Its IANA time zone.
    pub timezone: String,
    /// Its language, an IETF tag.
    pub language: String,
    /// The admin's name.
    pub name: String,
    /// The admin's e-mail address.
    pub email: String,
    /// The admin's password.
    pub password: String,
}

/// Why the first business was not created.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The link is not ours, is too old, or there is a business already.
    #[error("the setup link is no longer valid")]
    LinkInvalid,
    /// The business's name is empty or too long.
    #[error("a name has 1 to 100 characters")]
    Name,
    /// There is no such time zone.
    #[error("there is no time zone of this name")]
    Timezone,
    /// It is no language tag.
    #[error("a language is given as a tag such as en or es-MX")]
    Language,
    /// The admin is refused.
    #[error(transparent)]
    Admin(#[from] PeopleError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Whether a setup link still works: it is ours, and there is no business.
///
/// # Errors
/// When it does not, or the database fails.
pub(crate) async fn check(cx: &Ground, token: &str) -> Result<(), SetupError> {
    cx.signer
        .verify_setup_token(token, cx.clock.now_ms())
        .map_err(|_| SetupError::LinkInvalid)?;
    if cx.store.tenants().any().await? {
        return Err(SetupError::LinkInvalid);
    }
    Ok(())
}

/// Creates the first business and its first admin, and signs the admin in.
///
/// # Errors
/// When the link does not work, something is refused, or the database fails.
pub async fn set_up(
    cx: &Ground,
    token: &str,
    first: FirstBusiness,
    origin: &SessionOrigin,
) -> Result<Token, SetupError> {
    check(cx, token).await?;
    let business = checked_name(&first.business).ok_or(SetupError::Name)?;
    let timezone = settings::checked_timezone(&first.timezone).ok_or(SetupError::Timezone)?;
    let languages = settings::checked_languages(&[first.language]).ok_or(SetupError::Language)?;
    let admin = NewUser::checked(&first.email, &first.name, people::Role::Admin)?;
    let password_hash = people::checked_password(first.password, &admin.email).await?;
    let now = cx.clock.now_ms();
    let created = cx
        .store
        .tenants()
        .create_first(
            &business,
            &timezone,
            &languages,
            &admin,
            &password_hash,
            now,
        )
        .await?;
    let (tenant, user) = created.ok_or(SetupError::LinkInvalid)?;
    let begun = people::begin_session(&cx.store, tenant, user, origin, now).await?;
    Ok(begun.token)
}

/// The link that sets the first business up; `None` once there is one.
pub async fn setup_url(ground: &Ground) -> Result<Option<String>, StoreError> {
    if ground.store.tenants().any().await? {
        return Ok(None);
    }
    let token = ground.signer.setup_token(ground.clock.now_ms());
    Ok(Some(ground.config.url_of(&format!("/setup/{token}"))))
}
