//! Who of the staff takes calls.

use serde::{Deserialize, Serialize};

/// Whether somebody takes calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Availability {
    /// They do: calls may be handed to them.
    Ready,
    /// They are there, and do not.
    Busy,
    /// They are not there.
    Away,
    /// One of a newer server's, to who does not know it.
    #[serde(other)]
    Unknown,
}

impl Availability {
    /// All that are known, who takes calls first.
    pub const ALL: [Self; 3] = [Self::Ready, Self::Busy, Self::Away];

    /// As it is sent and stored.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Busy => "busy",
            Self::Away => "away",
            Self::Unknown => "unknown",
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }
}

/// `PUT /api/desk/me/availability`: says whether one takes calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SayAvailability {
    /// Whether.
    pub availability: Availability,
}

/// One of the staff, as colleagues see them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Colleague {
    /// The person's id.
    pub user_id: String,
    /// The person's name.
    pub name: String,
    /// Whether they take calls now.
    pub availability: Availability,
    /// What they said themselves; absent for who never did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<Availability>,
    /// Whether they speak in a call they have taken over.
    pub in_call: bool,
    /// Since when (Unix ms), where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<i64>,
}

/// `GET /api/desk/availability`: everybody who works at the desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Colleagues {
    /// By their names.
    pub items: Vec<Colleague>,
}
