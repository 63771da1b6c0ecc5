//! Signing in with an account elsewhere: OpenID Connect, the authorization code
//! flow with PKCE (OpenID Connect Core 1.0, 3.1; RFC 7636).
//!
//! What a sign-in needs to remember between its two requests travels sealed in
//! a cookie of the browser, so that whichever server answers the second one can
//! go on. Nobody is let in by coming from the provider: a person has to have
//! been invited.

mod pending;
mod provider;

use std::net::{IpAddr, Ipv4Addr};

use openidconnect::{CsrfToken, Nonce, PkceCodeChallenge};

use super::{Linking, SessionOrigin, User};
use crate::deeds::Author;
use crate::people::Context;
use crate::store::{StoreError, Tenant};
use crate::vault::VaultError;

use super::{SignInError, SignedIn, Token, actor, begin_session, throttle};

pub use pending::{PENDING_LIFE_MS, safe_path};
pub use provider::{Provider, ProviderError};

use pending::Pending;

/// Where on this server the provider sends people back to.
pub const CALLBACK_PATH: &str = "/desk/oidc/callback";

/// An account at the provider whose owner has just proved that it is theirs.
#[derive(Clone, PartialEq, Eq)]
pub struct ProviderAccount {
    /// The provider.
    pub issuer: String,
    /// Names the account at the provider, for ever.
    pub subject: String,
    /// The e-mail address (in lower case) the provider has of it.
    pub email: Option<String>,
    /// Whether the provider knows that the address is its owner's.
    pub email_verified: bool,
}

impl std::fmt::Debug for ProviderAccount {
    /// Leaves everything about the person out, so that it reaches no log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProviderAccount")
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}

/// A sign-in that has begun.
#[derive(Debug)]
pub struct Begun {
    /// Where the browser goes: a page of the provider.
    pub url: String,
    /// What it brings back, for the cookie.
    pub pending: String,
}

/// What the provider says by way of the browser.
#[derive(Debug, Default, Clone, serde::Deserialize)]
pub struct Callback {
    /// Opens the ID token, once.
    pub code: Option<String>,
    /// What we sent along.
    pub state: Option<String>,
    /// Why there is no code.
    pub error: Option<String>,
    /// Who says so (RFC 9207).
    pub iss: Option<String>,
}

/// How a sign-in ended.
#[derive(Debug)]
pub enum Finished {
    /// Somebody is signed in; this is their session's token.
    SignedIn(Token),
    /// Who was signed in already has linked the account.
    Linked,
    /// Nothing is open, and who asks is signed in: somebody went back to an
    /// answer that was heard.
    Before,
}

/// Why somebody was not signed in by way of the provider.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    /// The server has no provider.
    #[error("there is no provider")]
    NotSetUp,
    /// The provider cannot be asked, or does not answer as one.
    #[error("the provider cannot be asked: {0}")]
    Unavailable(String),
    /// The provider says no, or its page was left.
    #[error("the provider did not sign anybody in")]
    Refused,
    /// It began too long ago, in another browser, or was finished before.
    #[error("this sign-in is over")]
    Stale,
    /// What the provider says cannot be believed.
    #[error("what the provider says cannot be believed: {0}")]
    Untrusted(String),
    /// The provider does not vouch for the e-mail address.
    #[error("the provider has no verified e-mail address of the account")]
    EmailUnverified,
    /// Nobody was invited with this address, or they were switched off.
    #[error("nobody here has this account")]
    Uninvited,
    /// Somebody else has the account, or the person another one.
    #[error("the account, or the person, is linked already")]
    Taken,
    /// Too many attempts.
    #[error(transparent)]
    TooManyAttempts(SignInError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The cookie could not be sealed: a fault of ours.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl From<ProviderError> for OidcError {
    fn from(error: ProviderError) -> Self {
        match error {
            ProviderError::Unavailable(why) => Self::Unavailable(why),
            ProviderError::Refused(_) => Self::Refused,
            ProviderError::Untrusted(why) => Self::Untrusted(why),
        }
    }
}

impl From<SignInError> for OidcError {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Store(error) => Self::Store(error),
            other => Self::TooManyAttempts(other),
        }
    }
}

/// Begins a sign-in. `to` is the page of ours it is to end at; anything else
/// ends at the desk. With `link_to` the account is linked with that person, who
/// is signed in, instead.
///
/// # Errors
/// When there is no provider, it cannot be asked, or there were too many
/// attempts.
pub async fn begin(
    cx: &Context,
    to: &str,
    link_to: Option<&User>,
    from: Option<IpAddr>,
) -> Result<Begun, OidcError> {
    let provider = cx.oidc.as_ref().ok_or(OidcError::NotSetUp)?;
    count(cx, from).await?;
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (state, nonce) = (CsrfToken::new_random(), Nonce::new_random());
    let url = provider
        .authorization_url(cx.config.url_of(CALLBACK_PATH), &state, &nonce, challenge)
        .await?;
    let pending = Pending {
        state: state.into_secret(),
        nonce: nonce.secret().clone(),
        verifier: verifier.into_secret(),
        to: safe_path(to).unwrap_or_else(|| "/desk".to_owned()),
        link_to: link_to.map(|user| user.id.clone()),
        expires_at: cx.clock.now_ms() + PENDING_LIFE_MS,
    };
    Ok(Begun {
        url,
        pending: pending.seal(&cx.vault)?,
    })
}

/// Finishes a sign-in. Gives the page of ours it ends at, however it ends.
///
/// `cookie` is what the browser kept, and `signed_in` who was signed in before.
/// `author` becomes the person.
pub async fn finish(
    cx: &Context,
    callback: Callback,
    cookie: Option<&str>,
    signed_in: Option<SignedIn>,
    author: Author,
    origin: &SessionOrigin,
) -> (String, Result<Finished, OidcError>) {
    let pending = cookie
        .and_then(|sealed| Pending::open(&cx.vault, sealed))
        .filter(|pending| pending.is_answered_by(&callback, cx.clock.now_ms()));
    match pending {
        Some(pending) => {
            let to = pending.to.clone();
            let end = finish_pending(cx, callback, pending, signed_in, author, origin).await;
            (to, end)
        }
        None => {
            let end = signed_in.map(|_| Finished::Before);
            ("/desk".to_owned(), end.ok_or(OidcError::Stale))
        }
    }
}

async fn finish_pending(
    cx: &Context,
    callback: Callback,
    pending: Pending,
    signed_in: Option<SignedIn>,
    mut author: Author,
    origin: &SessionOrigin,
) -> Result<Finished, OidcError> {
    let provider = cx.oidc.as_ref().ok_or(OidcError::NotSetUp)?;
    if callback.iss.is_some_and(|iss| iss != provider.issuer()) {
        return Err(OidcError::Untrusted("another provider answers".to_owned()));
    }
    let code = match (callback.error, callback.code) {
        (None, Some(code)) => code,
        _ => return Err(OidcError::Refused),
    };
    count(cx, origin.ip).await?;
    let account = provider
        .account(
            cx.config.url_of(CALLBACK_PATH),
            code,
            pending.verifier,
            &Nonce::new(pending.nonce),
        )
        .await?;
    let now = cx.clock.now_ms();
    if let Some(id) = pending.link_to {
        let who = signed_in.filter(|who| who.user.id == id);
        let SignedIn { tenant, user } = who.ok_or(OidcError::Stale)?;
        author.actor = actor(&user);
        link(cx, &tenant, &user, &account, &author).await?;
        return Ok(Finished::Linked);
    }
    let (tenant, user) = match cx.store.identities().user_by_identity(&account).await? {
        Some(found) => found,
        None => link_by_email(cx, &account, author).await?,
    };
    let session = begin_session(&cx.store, tenant, user, origin, now).await?;
    Ok(Finished::SignedIn(session.token))
}

/// Finds the person with the account's address, and links both.
async fn link_by_email(
    cx: &Context,
    account: &ProviderAccount,
    mut author: Author,
) -> Result<(Tenant, User), OidcError> {
    let email = account.email.as_deref().filter(|_| account.email_verified);
    let email = email.ok_or(OidcError::EmailUnverified)?;
    let found = cx.store.people().by_email(email).await?;
    let (tenant, user) = found.ok_or(OidcError::Uninvited)?;
    author.actor = actor(&user);
    link(cx, &tenant, &user, account, &author).await?;
    Ok((tenant, user))
}

async fn link(
    cx: &Context,
    tenant: &Tenant,
    user: &User,
    account: &ProviderAccount,
    author: &Author,
) -> Result<(), OidcError> {
    let now = cx.clock.now_ms();
    let linking = cx
        .store
        .identities()
        .link(tenant, &user.id, account, author, now)
        .await?;
    match linking {
        Linking::Done => Ok(()),
        Linking::Taken => Err(OidcError::Taken),
    }
}

/// Counts an attempt with those by password.
async fn count(cx: &Context, from: Option<IpAddr>) -> Result<(), OidcError> {
    let from = from.unwrap_or(Ipv4Addr::UNSPECIFIED.into());
    cx.throttle.attempt_from(from)?;
    throttle::attempt_anywhere_from(&cx.store, from, cx.clock.now_ms()).await?;
    Ok(())
}
