//! Contacts: the people a business talks with.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Page;
use crate::calendar::Booking;
use crate::callbacks::Callback;
use crate::crm::CrmWrite;
use crate::desk::CallSummary;
use crate::sms::Sms;
use crate::wrap_up::CallNote;

/// What is known of a person: everything about a contact that can be changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ContactDetails {
    /// The telephone number, in international form; kept as E.164. No two
    /// contacts of a business have the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// What else they can be reached by, as `phone` is.
    #[serde(default)]
    pub more_phones: Vec<String>,
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
    /// Whether none of their numbers is called, by people, programs or planned call-backs. Their
    /// own calls are answered.
    #[serde(default)]
    pub do_not_call: bool,
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
    /// Which revision this is: a change says which one it is of.
    #[serde(default)]
    pub revision: i64,
}

impl ContactDetails {
    /// Every number of theirs, the one they are called by first.
    pub fn phones(&self) -> impl Iterator<Item = &str> {
        let all = self.phone.iter().chain(&self.more_phones);
        all.map(String::as_str)
    }
}

/// A page of contacts, the newest first.
pub type ContactPage = Page<Contact>;

/// A call with somebody, and what people say of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CallMoment {
    /// As the list has it.
    #[serde(flatten)]
    pub call: CallSummary,
    /// How it came out: the name of one of the business's dispositions.
    #[serde(default)]
    pub disposition: Option<String>,
    /// Words of the business's own.
    #[serde(default)]
    pub tags: Vec<String>,
    /// What they wrote down, the oldest first.
    #[serde(default)]
    pub notes: Vec<CallNote>,
}

/// Something that happened between a business and somebody, or will.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Moment {
    /// A call, from or to their number.
    Call(CallMoment),
    /// A text message, from or to their number.
    Sms(Sms),
    /// An appointment of theirs.
    Booking(Booking),
    /// A call they asked for.
    Callback(Callback),
    /// What was written of them into the business's CRM.
    Crm(CrmWrite),
    /// Something this version does not know.
    #[serde(other)]
    Unknown,
}

impl Moment {
    /// When (Unix ms): an appointment when it begins.
    #[must_use]
    pub fn at(&self) -> i64 {
        match self {
            Self::Call(call) => call.call.created_at,
            Self::Sms(sms) => sms.at,
            Self::Booking(booking) => booking.starts_at,
            Self::Callback(callback) => callback.created_at,
            Self::Crm(write) => write.created_at,
            Self::Unknown => 0,
        }
    }

    /// The id of the call, message, booking, call-back or entry.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Call(call) => &call.call.id,
            Self::Sms(sms) => &sms.id,
            Self::Booking(booking) => &booking.id,
            Self::Callback(callback) => &callback.id,
            Self::Crm(write) => &write.id,
            Self::Unknown => "",
        }
    }
}

/// A page of what happened with somebody, the latest first.
pub type MomentPage = Page<Moment>;

/// Contacts that seem to be one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Alike {
    /// What they have in common.
    pub by: AlikeBy,
    /// They, the oldest first; of many the first few.
    pub contacts: Vec<Contact>,
}

/// What contacts have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AlikeBy {
    /// The e-mail address.
    Email,
    /// The name, whatever its case and its accents.
    Name,
    /// One of a newer server's, to who does not know it.
    #[serde(other)]
    Unknown,
}

/// Which contacts seem to be one person.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AlikeList {
    /// They; of many the first few.
    pub items: Vec<Alike>,
}

/// Has another contact become a part of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MergeContacts {
    /// The one that goes. Its numbers, and all that happened with them, are the other's then.
    pub other: String,
    /// The revision of it that was read; whatever it is when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_revision: Option<i64>,
    /// What is known of the one that stays from then on. Numbers of either that are not in here
    /// are added.
    pub details: ContactDetails,
}
