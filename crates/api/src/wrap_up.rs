//! What people say of a call: how it came out, tags, and notes.

use serde::{Deserialize, Serialize};

use crate::attend::DoneBy;

/// Whether a disposition is good news.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// It is.
    Good,
    /// Neither good nor bad.
    #[default]
    Neutral,
    /// It is bad.
    Bad,
    /// One of a newer server's, to who does not know it.
    #[serde(other)]
    Unknown,
}

/// How a call can come out, in the business's words.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Disposition {
    /// What it is called. A call keeps the name it was given, whatever becomes of the list.
    pub name: String,
    /// Its colour.
    #[serde(default)]
    pub tone: Tone,
}

/// How a business's calls can come out.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Dispositions {
    /// All of them, in the order they are offered.
    pub items: Vec<Disposition>,
    /// Whether of a call that is over nothing can be said without one.
    #[serde(default)]
    pub required: bool,
    /// Which revision of them this is; a change says which one it is of.
    #[serde(default)]
    pub revision: i64,
}

/// What is said of a call, all of it.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WrapUp {
    /// How it came out: the name of one of the business's dispositions.
    #[serde(default)]
    pub disposition: Option<String>,
    /// Words of the business's own.
    #[serde(default)]
    pub tags: Vec<String>,
    /// The last note. Saying one adds it, unless it is the last one already; saying none leaves
    /// the notes as they are.
    #[serde(default)]
    pub note: String,
}

// What is written of people stays out of logs.
impl std::fmt::Debug for WrapUp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WrapUp")
            .field("disposition", &self.disposition)
            .finish_non_exhaustive()
    }
}

/// `GET /api/v1/calls/{id}/wrap-up`: what was said of a call.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeptWrapUp {
    /// See there.
    #[serde(flatten)]
    pub said: WrapUp,
    /// When (Unix ms); nothing where nobody has said anything.
    #[serde(default)]
    pub at: Option<i64>,
    /// Which revision of it this is; a change says which one it is of.
    #[serde(default)]
    pub revision: i64,
}

/// What somebody wrote down of a call.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CallNote {
    /// Its id.
    pub id: String,
    /// As it was typed.
    pub text: String,
    /// Who wrote it, and when.
    pub written: DoneBy,
    /// When they last changed it (Unix ms).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<i64>,
}

// What is written of people stays out of logs.
impl std::fmt::Debug for CallNote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CallNote")
            .field("id", &self.id)
            .field("written", &self.written)
            .finish_non_exhaustive()
    }
}

/// `GET /api/v1/calls/{id}/notes`: the notes of a call, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CallNotes {
    /// All of them.
    pub items: Vec<CallNote>,
}

/// What is to be written down of a call.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewCallNote {
    /// The text, of up to 10,000 characters.
    pub text: String,
}

// What is written of people stays out of logs.
impl std::fmt::Debug for NewCallNote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewCallNote").finish_non_exhaustive()
    }
}
