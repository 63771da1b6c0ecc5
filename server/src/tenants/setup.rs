//! The first business of an empty store, and its first admin.

use crate::staff::{self, NewUser, PeopleError, Token};
use crate::state::App;
use crate::store::{SessionOrigin, StoreError};

use super::settings;

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
pub(crate) async fn check(app: &App, token: &str) -> Result<(), SetupError> {
    app.signer
        .verify_setup_token(token, app.clock.now_ms())
        .map_err(|_| SetupError::LinkInvalid)?;
    if app.store.has_tenants().await? {
        return Err(SetupError::LinkInvalid);
    }
    Ok(())
}

/// Creates the first business and its first admin, and signs the admin in.
///
/// # Errors
/// When the link does not work, something is refused, or the database fails.
pub async fn set_up(
    app: &App,
    token: &str,
    first: FirstBusiness,
    origin: &SessionOrigin,
) -> Result<Token, SetupError> {
    check(app, token).await?;
    let business = settings::checked_name(&first.business).ok_or(SetupError::Name)?;
    let timezone = settings::checked_timezone(&first.timezone).ok_or(SetupError::Timezone)?;
    let languages = settings::checked_languages(&[first.language]).ok_or(SetupError::Language)?;
    let admin = NewUser::checked(&first.email, &first.name, staff::Role::Admin)?;
    let password_hash = staff::checked_password(first.password, &admin.email).await?;
    let now = app.clock.now_ms();
    let created = app
        .store
        .create_first_tenant(
            &business,
            &timezone,
            &languages,
            &admin,
            &password_hash,
            now,
        )
        .await?;
    let (tenant, user) = created.ok_or(SetupError::LinkInvalid)?;
    let begun = staff::begin_session(&app.store, tenant, user, origin, now).await?;
    Ok(begun.token)
}

impl App {
    /// The link that sets the first business up; `None` once there is one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn setup_url(&self) -> Result<Option<String>, StoreError> {
        if self.store.has_tenants().await? {
            return Ok(None);
        }
        let token = self.signer.setup_token(self.clock.now_ms());
        Ok(Some(self.config.url_of(&format!("/setup/{token}"))))
    }
}
