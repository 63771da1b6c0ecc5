//! What people say of a call: how it came out, tags, and a note.

use serde::{Deserialize, Serialize};

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
    /// What somebody wrote down.
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
