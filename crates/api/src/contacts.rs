//! Contacts: the people a business talks with.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Page;

/// What is known of a person: everything about a contact that can be changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ContactDetails {
    /// The telephone number, in international form; kept as E.164. No two
    /// contacts of a business have the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// The name.
    #[serde(default)]
    pub name: String,
    /// The e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The language they speak (IETF tag, such as `es`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Whether they are to be treated with particular care.
    #[serde(default)]
    pub vip: bool,
    /// What the staff should know.
    #[serde(default)]
    pub notes: String,
    /// The business's own fields.
    #[serde(default)]
    pub fields: Map<String, Value>,
}

/// A contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Contact {
    /// Which one.
    pub id: String,
    /// What is known.
    #[serde(flatten)]
    pub details: ContactDetails,
    /// When it was added (Unix ms).
    pub created_at: i64,
    /// When it last changed (Unix ms).
    pub updated_at: i64,
}

/// A page of contacts, the newest first.
pub type ContactPage = Page<Contact>;
