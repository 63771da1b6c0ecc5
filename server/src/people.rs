//! The people who work at the desk: how they prove who they are, and how long
//! that lasts.

pub(crate) mod http;
pub mod oidc;
mod password;
mod role;
mod sessions;
mod store;
mod team;
mod throttle;
mod token;

use std::net::Ipv4Addr;
use std::ops::Deref;
use std::sync::Arc;

use axum::extract::FromRef;

use crate::clock::{Clock, DAY_MS, MINUTE_MS};
use crate::domain::Domain;
use crate::ground::Ground;
use crate::site;
use crate::store::{Store, StoreError, Tenant};
use crate::web::Shared;

pub use oidc::{OidcError, Provider, ProviderAccount};
pub use password::hash as hash_password;
pub use role::{NoSuchRole, Role};
pub use sessions::Sessions;
pub use store::{
    Identities, Identity, LinkPurpose, Linking, OpenSession, People, Person, PersonChange,
    SessionOrigin, SignIns, StoredSession, User,
};
pub(crate) use store::{end_every_session, has_admin, insert_user};
pub use team::{
    INVITATION_LIFE_MS, NewUser, PASSWORD_CHARS_MIN, PeopleError, RESET_LIFE_MS, actor, change,
    change_own_password, checked_password, choose_password, invite, of_password_link,
    password_link, password_path,
};
pub use throttle::Throttle;
pub use token::Token;

/// What others have to know of this domain.
pub(crate) const fn domain<S: Shared>() -> Domain<S>
where
    Ground: FromRef<S>,
    Context: FromRef<S>,
{
    Domain {
        deeds: &[
            "session.others_revoked",
            "session.revoked",
            "user.disabled",
            "user.enabled",
            "user.identity_linked",
            "user.identity_unlinked",
            "user.invited",
            "user.joined",
            "user.link_made",
            "user.password_changed",
            "user.password_reset",
            "user.renamed",
            "user.role_changed",
        ],
        keeps: store::KEEPS,
        ..Domain::new("people", http::routes)
    }
}

/// What the people of a business sign in with. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Context {
    /// Our pages, and what they stand on.
    pub pages: site::Context,
    /// How fast passwords may be tried.
    pub throttle: Arc<Throttle>,
    /// Where people may sign in besides here.
    pub oidc: Option<Arc<Provider>>,
    /// Tells what is open under a session that it is over.
    pub sessions: Sessions,
}

impl Deref for Context {
    type Target = site::Context;

    fn deref(&self) -> &site::Context {
        &self.pages
    }
}

/// How long a one-time sign-in link works (ms).
const LINK_LIFE_MS: i64 = DAY_MS;

/// How long a session outlives its last use (ms).
pub const SESSION_LIFE_MS: i64 = 14 * DAY_MS;

/// How often a session in use is written down (ms): not with every request.
const SESSION_STEP_MS: i64 = 10 * MINUTE_MS;

/// Who is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The business.
    pub tenant: Tenant,
    /// The person.
    pub user: User,
}

/// A session that has just begun: its token goes into the cookie.
#[derive(Debug)]
pub struct NewSession {
    /// Who signed in.
    pub who: SignedIn,
    /// Proves it from now on.
    pub token: Token,
}

/// Why somebody was not signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Address or password: we do not say which.
    #[error("the e-mail address or the password is wrong")]
    CredentialsWrong,
    /// Too many attempts from this address or for this account.
    #[error("too many attempts; the next one is possible in {retry_after_s} s")]
    TooManyAttempts {
        /// After how many seconds another attempt is heard.
        retry_after_s: u64,
    },
    /// The one-time link is unknown, used or too old.
    #[error("the sign-in link is no longer valid")]
    LinkInvalid,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A password hash in the database that cannot be read, or no thread to
    /// hash on: a fault of ours.
    #[error("the password could not be checked: {0}")]
    Password(#[from] password::PasswordError),
}

/// Signs in by e-mail address and password.
///
/// An unknown address takes the same work and gives the same answer as a wrong
/// password.
///
/// # Errors
/// When the credentials are wrong, were tried too often, or cannot be checked.
pub async fn sign_in(
    store: &Store,
    throttle: &Throttle,
    email: &str,
    password: &str,
    origin: &SessionOrigin,
    now: i64,
) -> Result<NewSession, SignInError> {
    let email = normal_email(email);
    let from = origin.ip.unwrap_or(Ipv4Addr::UNSPECIFIED.into());
    throttle.attempt(from, &email)?;
    throttle::attempt_anywhere(store, from, &email, now).await?;
    let found = store.people().by_email(&email).await?;
    let hash = found
        .as_ref()
        .and_then(|(_, user)| user.password_hash.clone());
    let right = password::verify(password.to_owned(), hash).await?;
    let (tenant, user) = found
        .filter(|_| right)
        .ok_or(SignInError::CredentialsWrong)?;
    Ok(begin_session(store, tenant, user, origin, now).await?)
}

/// Signs in by a one-time link, which is used up by it.
///
/// # Errors
/// When the link is unknown, used or too old, or the database fails.
pub async fn sign_in_by_link(
    store: &Store,
    token: &Token,
    origin: &SessionOrigin,
    now: i64,
) -> Result<NewSession, SignInError> {
    let found = store
        .sign_ins()
        .use_sign_in_link(&token.hash(), now)
        .await?;
    let (tenant, user) = found.ok_or(SignInError::LinkInvalid)?;
    Ok(begin_session(store, tenant, user, origin, now).await?)
}

/// Begins a session of a person who has proved who they are.
pub(crate) async fn begin_session(
    store: &Store,
    tenant: Tenant,
    user: User,
    origin: &SessionOrigin,
    now: i64,
) -> Result<NewSession, StoreError> {
    let token = Token::random();
    store
        .sign_ins()
        .create_session(
            &tenant,
            &user.id,
            &token.hash(),
            origin,
            now,
            now + SESSION_LIFE_MS,
        )
        .await?;
    Ok(NewSession {
        who: SignedIn { tenant, user },
        token,
    })
}

/// Whose session a token is, if it is one. A session in use lives on.
pub async fn signed_in(
    store: &Store,
    token: &Token,
    now: i64,
) -> Result<Option<SignedIn>, StoreError> {
    let hash = token.hash();
    let Some(session) = store.sign_ins().session(&hash, now).await? else {
        return Ok(None);
    };
    if now - session.last_seen_at >= SESSION_STEP_MS {
        let extended = store
            .sign_ins()
            .extend_session(&hash, now, now + SESSION_LIFE_MS);
        // A database that cannot write just now is no reason not to let read.
        if let Err(error) = extended.await {
            tracing::warn!(%error, "a session in use cannot be extended");
        }
    }
    Ok(Some(SignedIn {
        tenant: session.tenant,
        user: session.user,
    }))
}

/// Whose session a token is, if it is one, when nobody uses it: it ends when it would.
pub async fn whose_session(
    store: &Store,
    token: &Token,
    now: i64,
) -> Result<Option<SignedIn>, StoreError> {
    let session = store.sign_ins().session(&token.hash(), now).await?;
    Ok(session.map(|session| SignedIn {
        tenant: session.tenant,
        user: session.user,
    }))
}

/// Ends a session, and what is open under it; a token that is none does no harm.
pub async fn sign_out(store: &Store, token: &Token) -> Result<(), StoreError> {
    store.sign_ins().end_session(&token.hash()).await
}

/// Waits until a session is over, however that comes about. Waiting does not
/// make it live on.
pub async fn session_over(store: &Store, sessions: &Sessions, token: &Token, clock: &Clock) {
    let hash = token.hash();
    sessions
        .over(&hash, || async {
            match store.sign_ins().session(&hash, clock.now_ms()).await {
                Ok(session) => session.is_some(),
                // Not knowing is no reason to cut somebody off.
                Err(error) => {
                    tracing::warn!(%error, "a session cannot be checked");
                    true
                }
            }
        })
        .await;
}

/// Makes a one-time sign-in link for a person and gives its token.
pub async fn new_sign_in_link(
    store: &Store,
    tenant: &Tenant,
    user: &User,
    now: i64,
) -> Result<Token, StoreError> {
    let token = Token::random();
    store
        .sign_ins()
        .create_sign_in_link(tenant, &user.id, &token.hash(), now, now + LINK_LIFE_MS)
        .await?;
    Ok(token)
}

/// The form in which e-mail addresses are stored and compared.
#[must_use]
pub fn normal_email(email: &str) -> String {
    email.trim().to_lowercase()
}
