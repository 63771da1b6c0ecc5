//! The people of a business: invited, changed, switched off, let in again.

use super::password::{self, PasswordError};
use super::{
    LinkPurpose, NewSession, PersonChange, Role, SessionOrigin, SignedIn, Token, User,
    begin_session,
};
use crate::clock::DAY_MS;
use crate::deeds::{Author, Doer};
use crate::ground::Ground;
use crate::invalid;
use crate::store::{StoreError, Tenant};

/// How long an invitation works (ms).
pub const INVITATION_LIFE_MS: i64 = 7 * DAY_MS;
/// How long a link for a new password works (ms).
pub const RESET_LIFE_MS: i64 = DAY_MS;

/// A password has at least so many characters: then no attempt over the network
/// finds it (NIST SP 800-63B asks for eight).
pub const PASSWORD_CHARS_MIN: usize = 10;
/// More would only cost time to hash.
const PASSWORD_CHARS_MAX: usize = 200;

/// Why something about people was not done.
#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    /// The text is no e-mail address.
    #[error("this is no e-mail address")]
    EmailInvalid,
    /// The name is empty or too long.
    #[error("a name has 1 to 100 characters")]
    NameInvalid,
    /// Somebody has this address already.
    #[error("somebody has this e-mail address already")]
    EmailTaken,
    /// The password is too short or too long.
    #[error("a password has 10 to 200 characters")]
    PasswordUnfit,
    /// The current password is another.
    #[error("the current password is another")]
    PasswordWrong,
    /// The business has no such person.
    #[error("there is no such person")]
    Unknown,
    /// The business would be left without an admin.
    #[error("the business needs an admin")]
    LastAdmin,
    /// The one-time link is unknown, used or too old.
    #[error("the link is no longer valid")]
    LinkInvalid,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A password could not be hashed or checked: a fault of ours.
    #[error("the password could not be hashed: {0}")]
    Password(#[from] PasswordError),
}

/// Somebody to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUser {
    /// The new id.
    pub id: String,
    /// The e-mail address in lower case.
    pub email: String,
    /// The name.
    pub name: String,
    /// What the person may do.
    pub role: Role,
}

impl NewUser {
    /// Somebody new, with an id of their own.
    ///
    /// # Errors
    /// When the address or the name is none.
    pub fn checked(email: &str, name: &str, role: Role) -> Result<Self, PeopleError> {
        Ok(Self {
            id: format!("user_{}", uuid::Uuid::now_v7().simple()),
            email: invalid::checked_email(email).ok_or(PeopleError::EmailInvalid)?,
            name: checked_name(name)?,
            role,
        })
    }
}

fn checked_name(name: &str) -> Result<String, PeopleError> {
    invalid::checked_name(name).ok_or(PeopleError::NameInvalid)
}

/// The hash to be stored for a new password.
///
/// # Errors
/// When the password is too short, too long, or the e-mail address.
pub async fn checked_password(password: String, email: &str) -> Result<String, PeopleError> {
    let fits = (PASSWORD_CHARS_MIN..=PASSWORD_CHARS_MAX).contains(&password.chars().count());
    if !fits || password.eq_ignore_ascii_case(email) {
        return Err(PeopleError::PasswordUnfit);
    }
    Ok(password::hash(password).await?)
}

/// Adds a person, and gives the token of the link that lets them in.
///
/// # Errors
/// When the address is taken or none, the name is none, or the database fails.
pub async fn invite(
    cx: &Ground,
    tenant: &Tenant,
    new: &NewUser,
    author: &Author,
) -> Result<Token, PeopleError> {
    let token = Token::random();
    let now = cx.clock.now_ms();
    let added = cx
        .store
        .people()
        .invite(
            tenant,
            new,
            &token.hash(),
            now + INVITATION_LIFE_MS,
            author,
            now,
        )
        .await?;
    if added {
        Ok(token)
    } else {
        Err(PeopleError::EmailTaken)
    }
}

/// A link with which a person chooses a password: an invitation for who was
/// never there, else a reset. Earlier ones stop working.
///
/// # Errors
/// When there is no such person, or the database fails.
pub async fn password_link(
    cx: &Ground,
    tenant: &Tenant,
    user_id: &str,
    author: &Author,
) -> Result<(Token, LinkPurpose, i64), PeopleError> {
    let person = cx.store.people().find(tenant, user_id).await?;
    let person = person.ok_or(PeopleError::Unknown)?;
    let (purpose, life) = if person.is_invited() {
        (LinkPurpose::Invitation, INVITATION_LIFE_MS)
    } else {
        (LinkPurpose::Reset, RESET_LIFE_MS)
    };
    let token = Token::random();
    let now = cx.clock.now_ms();
    cx.store
        .people()
        .replace_password_link(
            tenant,
            user_id,
            purpose,
            &token.hash(),
            now + life,
            author,
            now,
        )
        .await?;
    Ok((token, purpose, now + life))
}

/// Changes a person; who is switched off is signed out everywhere.
///
/// # Errors
/// When there is no such person, the business would be left without an admin,
/// the name is none, or the database fails.
pub async fn change(
    cx: &Ground,
    tenant: &Tenant,
    user_id: &str,
    mut change: PersonChange,
    author: &Author,
) -> Result<(), PeopleError> {
    if let Some(name) = &change.name {
        change.name = Some(checked_name(name)?);
    }
    let now = cx.clock.now_ms();
    cx.store
        .people()
        .change(tenant, user_id, &change, author, now)
        .await??;
    Ok(())
}

/// Replaces one's own password, for who knows it, and ends one's other
/// sessions. `keep` is the session this is asked from.
///
/// # Errors
/// When the current password is another, the new one is unfit, or the database
/// fails.
pub async fn change_own_password(
    cx: &Ground,
    who: &SignedIn,
    current: String,
    new: String,
    keep: &Token,
    author: &Author,
) -> Result<(), PeopleError> {
    // Who has none yet, having come by a link, sets the first.
    if who.user.password_hash.is_some()
        && !password::verify(current, who.user.password_hash.clone()).await?
    {
        return Err(PeopleError::PasswordWrong);
    }
    let hash = checked_password(new, &who.user.email).await?;
    let now = cx.clock.now_ms();
    cx.store
        .people()
        .set_own_password(&who.tenant, &who.user.id, &hash, &keep.hash(), author, now)
        .await?;
    Ok(())
}

/// Whom a link for choosing a password is for.
///
/// # Errors
/// When the link does not work, or the database fails.
pub async fn of_password_link(
    cx: &Ground,
    token: &Token,
) -> Result<(SignedIn, LinkPurpose), PeopleError> {
    let now = cx.clock.now_ms();
    let found = cx.store.people().password_link(&token.hash(), now).await?;
    let (tenant, user, purpose) = found.ok_or(PeopleError::LinkInvalid)?;
    Ok((SignedIn { tenant, user }, purpose))
}

/// Uses a link up: sets the password, ends what sessions there were, and signs
/// the person in.
///
/// # Errors
/// When the link does not work, the password is unfit, or the database fails.
pub async fn choose_password(
    cx: &Ground,
    token: &Token,
    password: String,
    mut author: Author,
    origin: &SessionOrigin,
) -> Result<NewSession, PeopleError> {
    let (SignedIn { tenant, user }, _) = of_password_link(cx, token).await?;
    let hash = checked_password(password, &user.email).await?;
    author.actor = actor(&user);
    let now = cx.clock.now_ms();
    cx.store
        .people()
        .use_password_link(&tenant, &user.id, &token.hash(), &hash, &author, now)
        .await?
        .ok_or(PeopleError::LinkInvalid)?;
    Ok(begin_session(&cx.store, tenant, user, origin, now).await?)
}

/// Where on this server a link for choosing a password leads.
#[must_use]
pub fn password_path(token: &Token, purpose: LinkPurpose) -> String {
    let page = match purpose {
        LinkPurpose::Invitation => "invitation",
        LinkPurpose::Reset | LinkPurpose::SignIn => "reset",
    };
    format!("/desk/{page}/{}", token.expose())
}

/// A person as the author of a deed.
#[must_use]
pub fn actor(user: &User) -> Doer {
    Doer::User {
        id: user.id.clone(),
        name: user.name.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_has_a_length_and_is_not_the_address() {
        for password in ["", "ninechars", &"x".repeat(201), "Emma@Example.com"] {
            let verdict = checked_password(password.to_owned(), "emma@example.com").await;
            assert!(
                matches!(verdict, Err(PeopleError::PasswordUnfit)),
                "{password}"
            );
        }
        assert!(
            checked_password("ten  chars".into(), "emma@example.com")
                .await
                .is_ok()
        );
    }
}
