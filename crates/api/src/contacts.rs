//! Contacts: the people a business talks with.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Page;
use crate::calendar::Booking;
use crate::callbacks::Callback;
use crate::desk::CallSummary;
use crate::sms::Sms;

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
    /// Whether their calls are declined, before any rule is asked.
    #[serde(default)]
    pub blocked: bool,
    /// What they are found by: words of the business's own.
    #[serde(default)]
    pub tags: Vec<String>,
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

/// Something that happened between a business and somebody, or will.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Moment {
    /// A call, from or to their number.
    Call(CallSummary),
    /// A text message, from or to their number.
    Sms(Sms),
    /// An appointment of theirs.
    Booking(Booking),
    /// A call they asked for.
    Callback(Callback),
    /// Something this version does not know.
    #[serde(other)]
    Unknown,
}

impl Moment {
    /// When (Unix ms): an appointment when it begins.
    #[must_use]
    pub fn at(&self) -> i64 {
        match self {
            Self::Call(call) => call.created_at,
            Self::Sms(sms) => sms.at,
            Self::Booking(booking) => booking.starts_at,
            Self::Callback(callback) => callback.created_at,
            Self::Unknown => 0,
        }
    }

    /// The id of the call, message, booking or call-back.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Call(call) => &call.id,
            Self::Sms(sms) => &sms.id,
            Self::Booking(booking) => &booking.id,
            Self::Callback(callback) => &callback.id,
            Self::Unknown => "",
        }
    }
}

/// A page of what happened with somebody, the latest first.
pub type MomentPage = Page<Moment>;
