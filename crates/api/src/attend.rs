//! What the staff do with a call while it goes on.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::public::IceServer;

/// Who of the staff is in a call: the data of
/// [`event::ATTENDING`](crate::live::event::ATTENDING).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attending {
    /// Who listens, unheard; the longest first.
    pub listeners: Vec<Attendant>,
    /// Who has taken it over, and speaks instead of the agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_over: Option<Attendant>,
}

/// One of the staff in a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attendant {
    /// The person's id.
    pub user_id: String,
    /// The person's name.
    pub name: String,
    /// Since when (Unix ms).
    pub since: i64,
}

/// Who did something with a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DoneBy {
    /// The person's id; absent where a program did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// The person's name; empty for a program, and where they are no longer there.
    pub name: String,
    /// When (Unix ms).
    pub at: i64,
}

/// What one of the staff joins a call with, to listen.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListenAccess {
    /// Retell's call id.
    pub call_id: String,
    /// By which name they join, and take over.
    pub listener: String,
    /// Retell's token: one call, one join.
    pub access_token: String,
    /// Where to send the offer: Retell's base address, without a trailing slash.
    pub gateway_url: String,
    /// The ICE servers; most calls connect without.
    pub ice_servers: Vec<IceServer>,
}

impl std::fmt::Debug for ListenAccess {
    /// Leaves the token out, so that it reaches no log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ListenAccess")
            .field("call_id", &self.call_id)
            .field("listener", &self.listener)
            .finish_non_exhaustive()
    }
}

/// Who takes a call over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakeOver {
    /// The name they listen by: [`ListenAccess::listener`].
    pub listener: String,
}

/// Something for the agent of a call that goes on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TellAgent {
    /// What it should know, in 1 to 2000 characters. The caller does not hear it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Whether it is to speak now, interrupting itself; else it knows the next time it does.
    /// While the caller speaks, it waits.
    #[serde(default)]
    pub speak_now: bool,
}

impl TellAgent {
    /// How many characters a note may have.
    pub const NOTE_MAX: usize = 2_000;
}

/// `GET /api/v1/whispers`: what a business's staff often tell agents during calls.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Whispers {
    /// The sentences, in the order they are offered. Where there are none, the desk offers a few
    /// of its own, in the language of whoever reads it.
    pub items: Vec<String>,
    /// Which revision of them this is; a change says which one it is of.
    #[serde(default)]
    pub revision: i64,
}

impl Whispers {
    /// How many there are at most.
    pub const MOST: usize = 20;
    /// How many characters one may have.
    pub const CHARS_MAX: usize = 300;
}

/// To whom a call that goes on is handed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HandOver {
    /// The id of one of the business's transfer destinations that is active.
    pub destination: String,
}

/// Other values for the agent of a call that goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChangeVariables {
    /// Those that change, by their names, 1 to 50 of them; the others stay.
    pub variables: BTreeMap<String, String>,
}

impl ChangeVariables {
    /// How many may change at once.
    pub const MOST: usize = 50;
    /// How many characters a name may have.
    pub const NAME_MAX: usize = 100;
    /// How many characters a value may have.
    pub const VALUE_MAX: usize = 2_000;
}
