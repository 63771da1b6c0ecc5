//! People and their accounts: what the desk's settings and the pages behind
//! one-time links read and write.

use serde::{Deserialize, Serialize};

use crate::Page;

/// Leaves a secret out of the log.
macro_rules! quiet {
    ($name:ident) => {
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    };
}

/// `PATCH /api/desk/me`: changes one's own account. Answered with the session.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ChangeMe {
    /// Another name.
    pub name: String,
}

/// `PUT /api/desk/me/password`: replaces one's own password.
#[derive(Clone, Serialize, Deserialize)]
pub struct ChangePassword {
    /// The password so far; empty for who has none yet.
    pub current: String,
    /// The new one.
    pub new: String,
}
quiet!(ChangePassword);

/// `GET /api/desk/me/sessions`: where one is signed in, the last used first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenSessions {
    /// The sessions.
    pub items: Vec<OpenSession>,
}

/// A place where one is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenSession {
    /// Names it; `DELETE /api/desk/me/sessions/{id}` ends it.
    pub id: String,
    /// Whether it is the one that asks.
    pub this_one: bool,
    /// When it began (Unix ms).
    pub created_at: i64,
    /// When it was used last (Unix ms), to ten minutes.
    pub last_seen_at: i64,
    /// The address it began at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remote_ip: Option<String>,
    /// What the browser said it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
}

/// `GET /api/desk/sign-in`: how one can sign in, besides by password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInWays {
    /// What the provider of identities is called; absent without one. Signing in
    /// there begins at `/desk/oidc?to=…`, a page and not a request for data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
}

/// `GET /api/desk/me/identities`: the accounts elsewhere one signs in with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identities {
    /// What the provider of identities is called whose account can be linked;
    /// absent when the server has none, or its account is linked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub can_link: Option<String>,
    /// The accounts.
    pub items: Vec<Identity>,
}

/// An account at a provider of identities.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Names it; `DELETE /api/desk/me/identities/{id}` unlinks it.
    pub id: String,
    /// What the provider is called.
    pub provider: String,
    /// The account's e-mail address when it was linked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// When it was linked (Unix ms).
    pub linked_at: i64,
}

/// `POST /api/desk/me/identities`: begins to link an account. Answered with
/// where to go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkIdentity {
    /// The provider's page.
    pub url: String,
}

/// `GET /api/desk/people`: a page of the business's people.
pub type PeoplePage = Page<Person>;

/// A person of the business.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The person's id.
    pub id: String,
    /// The e-mail address.
    pub email: String,
    /// The name.
    pub name: String,
    /// `agent`, `supervisor` or `admin`.
    pub role: String,
    /// Whether they were invited and never came.
    pub invited: bool,
    /// Whether they were switched off.
    pub disabled: bool,
    /// When they last signed in (Unix ms).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_sign_in_at: Option<i64>,
}

/// `POST /api/desk/people`: adds a person. Answered with a [`PasswordLink`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Invite {
    /// The e-mail address.
    pub email: String,
    /// The name.
    pub name: String,
    /// `agent`, `supervisor` or `admin`.
    pub role: String,
}

/// `PATCH /api/desk/people/{id}`: changes a person; what is absent stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct ChangePerson {
    /// Another name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Another role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Switched off, or on again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled: Option<bool>,
}

/// A link with which a person chooses a password. It is shown once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordLink {
    /// The whole address.
    pub url: String,
    /// `invitation` or `reset`.
    pub kind: String,
    /// Until when it works (Unix ms).
    pub expires_at: i64,
}
quiet!(PasswordLink);

/// `GET /api/desk/invitations/{token}`: whom a link is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// `invitation` or `reset`.
    pub kind: String,
    /// The business's name.
    pub tenant: String,
    /// The person's name.
    pub name: String,
    /// The person's e-mail address.
    pub email: String,
}

/// `POST /api/desk/invitations/{token}`: chooses a password, and signs in.
#[derive(Clone, Serialize, Deserialize)]
pub struct ChoosePassword {
    /// The password.
    pub password: String,
}
quiet!(ChoosePassword);

/// `POST /api/desk/setup/{token}`: creates the first business and its first
/// admin, and signs in.
#[derive(Clone, Serialize, Deserialize)]
pub struct SetUp {
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
quiet!(SetUp);
