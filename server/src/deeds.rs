//! Who did what: the trail a business can look through afterwards.
//!
//! An entry is written in the transaction of the deed, so that neither is there
//! without the other.

mod store;

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
pub use store::Deeds;

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Doer {
    /// A person who is signed in.
    User {
        /// The person's id.
        id: String,
        /// The person's name, as it is now.
        name: String,
    },
    /// A program with a secret API key.
    ApiKey {
        /// The key's id, not the key.
        id: String,
        /// What it is called.
        name: String,
    },
    /// Somebody at the server's command line.
    Operator,
    /// The server by itself, such as retention.
    System,
}

impl Doer {
    /// Its kind, as it is stored.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::User { .. } => "user",
            Self::ApiKey { .. } => "api_key",
            Self::Operator => "operator",
            Self::System => "system",
        }
    }

    /// Its id, where it has one.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::User { id, .. } | Self::ApiKey { id, .. } => Some(id),
            Self::Operator | Self::System => None,
        }
    }

    /// Its id, where it is a person.
    #[must_use]
    pub fn person(&self) -> Option<&str> {
        match self {
            Self::User { id, .. } => Some(id),
            _ => None,
        }
    }

    /// Its name, where it has one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::User { name, .. } | Self::ApiKey { name, .. } => Some(name),
            Self::Operator | Self::System => None,
        }
    }
}

/// Who did something, and from where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// Who.
    pub actor: Doer,
    /// From where, when it came over the network.
    pub ip: Option<IpAddr>,
    /// The request's id, as in the log.
    pub request_id: Option<String>,
}

impl Author {
    /// Somebody at the command line.
    #[must_use]
    pub fn operator() -> Self {
        Self {
            actor: Doer::Operator,
            ip: None,
            request_id: None,
        }
    }

    /// The server by itself.
    #[must_use]
    pub fn system() -> Self {
        Self {
            actor: Doer::System,
            ..Self::operator()
        }
    }
}

/// What was done.
#[derive(Debug, Clone, PartialEq)]
pub struct Deed<'a> {
    /// Such as `user.invited`: one that the domain registers.
    pub action: &'static str,
    /// What it was done to, such as `user`; empty for the business itself.
    pub subject_kind: &'static str,
    /// Which one.
    pub subject_id: &'a str,
    /// What changed, as a JSON object. Never a secret.
    pub details: Value,
}

impl<'a> Deed<'a> {
    /// To one thing of a kind.
    pub(crate) fn on(kind: &'static str, id: &'a str, action: &'static str) -> Self {
        Self {
            action,
            subject_kind: kind,
            subject_id: id,
            details: Value::Object(Map::new()),
        }
    }

    /// To the business itself.
    pub(crate) fn of_business(action: &'static str, details: Value) -> Self {
        Self::on("", "", action).with(details)
    }

    /// With what changed, as a JSON object.
    pub(crate) fn with(self, details: Value) -> Self {
        Self { details, ..self }
    }
}
