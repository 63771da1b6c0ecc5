//! A call while it goes on: where it stands, and its transcript as our event streams carry it.
//!
//! `GET /api/public/web-calls/{id}/events` (visitor, by ticket) and
//! `GET /api/desk/calls/{id}/events` (staff, by session) send Server-Sent
//! Events named [`event::SNAPSHOT`], [`event::ITEMS`], [`event::UNAVAILABLE`],
//! [`event::ATTENDING`], [`event::ENDED`] and [`event::CLOSING`]. Only `snapshot`, `items`
//! and `ended` have an `id` for `Last-Event-ID`. A reader that comes back with what it has
//! gets only `items`; any other gets a `snapshot` first, as soon as there is one.

use serde::{Deserialize, Serialize};

/// The names of the events on a call's stream.
pub mod event {
    /// Everything so far; replaces what the reader has. Data: [`Items`](super::Items).
    pub const SNAPSHOT: &str = "snapshot";
    /// New or changed items, to be merged by id. Data: [`Items`](super::Items).
    pub const ITEMS: &str = "items";
    /// The transcript cannot be read at Retell for now; the call itself goes on.
    /// The next `snapshot` or `items` says that it can be read again.
    /// Data: [`Unavailable`](super::Unavailable).
    pub const UNAVAILABLE: &str = "unavailable";
    /// The call is over; the stream ends. A reader that reconnects nevertheless
    /// is told by a 204 to stop. Data: [`Ended`](super::Ended).
    pub const ENDED: &str = "ended";
    /// Who of the staff listens, and who has taken the call over; staff only. Replaces what
    /// the reader has, which begins with nobody. Data: `attend::Attending`.
    pub const ATTENDING: &str = "attending";
    /// The server is going down; reconnect. Data: `{}`.
    pub const CLOSING: &str = "closing";
}

/// Where a call stands. It only moves forward.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CallStatus {
    /// Minted, not joined.
    Registered,
    /// Being held right now.
    Ongoing,
    /// The other side was never reached.
    NotConnected,
    /// Over.
    Ended,
    /// Over, by a failure.
    Error,
    /// One of a newer server's, to who does not know it.
    #[serde(other)]
    Unknown,
}

impl CallStatus {
    /// Whether the call can still change by itself.
    #[must_use]
    pub fn is_live(self) -> bool {
        matches!(self, Self::Registered | Self::Ongoing)
    }
}

/// The data of [`event::SNAPSHOT`] and [`event::ITEMS`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Items {
    /// Whole items: each replaces the one of the same id.
    pub items: Vec<Item>,
}

/// The data of [`event::UNAVAILABLE`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unavailable {
    /// A slug of [`crate::problem::slug`]: `monitor-refused`, `retell-unreachable`, or
    /// `taken-over`: what people say to each other is not written down.
    pub problem: String,
}

/// The data of [`event::ENDED`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// Retell's `disconnection_reason`, when it told one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// One entry of a transcript.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Item {
    /// Unique within the call and stable while the text grows.
    pub id: String,
    /// When it began, in ms from the start of the call.
    pub time_ms: i64,
    /// Who or what it is.
    #[serde(flatten)]
    pub kind: ItemKind,
    /// When each of its words was said, in their order. Retell tells it once the call is over.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<Word>,
}

/// A word, and when it was said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Word {
    /// As it was heard: what is written may have other punctuation.
    pub word: String,
    /// When it begins, in ms from the start of the call.
    pub start_ms: i64,
    /// When it ends.
    pub end_ms: i64,
}

/// The kinds of transcript entries (retell-protocol E and G4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "role", rename_all = "snake_case")]
pub enum ItemKind {
    /// The agent said this.
    Agent {
        /// The words so far.
        content: String,
    },
    /// The caller said this.
    User {
        /// The words so far.
        content: String,
    },
    /// The person the call was transferred to said this.
    TransferTarget {
        /// The words so far.
        content: String,
    },
    /// The agent calls a function. Visitors get its name alone.
    ToolCallInvocation {
        /// Pairs the invocation with its result.
        tool_call_id: String,
        /// The function's name.
        name: String,
        /// Its arguments, JSON as text.
        arguments: String,
    },
    /// What the function answered. Visitors learn only whether it did.
    ToolCallResult {
        /// Pairs the result with its invocation.
        tool_call_id: String,
        /// The answer as the agent reads it.
        content: String,
        /// Whether the function succeeded, when known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        successful: Option<bool>,
    },
    /// The conversation flow moved on. Staff only.
    NodeTransition {
        /// The node's name it left.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<String>,
        /// The node's name it entered.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<String>,
    },
    /// The caller pressed a key.
    Dtmf {
        /// The key.
        digit: String,
    },
    /// A text message was exchanged during the call.
    Sms {
        /// Its text.
        content: String,
    },
    /// Context given to the agent from outside. Staff only.
    Injected {
        /// Its text.
        content: String,
    },
    /// One of a newer server's, to who does not know it.
    #[serde(other)]
    Unknown,
}

impl Item {
    /// The item as its visitor gets it: whole, where it was said, typed or
    /// texted; only the name, where the agent calls a function, so that the
    /// website around the call can react; nothing else.
    #[must_use]
    pub fn for_visitor(&self) -> Option<Self> {
        let kind = match &self.kind {
            ItemKind::ToolCallInvocation {
                tool_call_id, name, ..
            } => ItemKind::ToolCallInvocation {
                tool_call_id: tool_call_id.clone(),
                name: name.clone(),
                arguments: String::new(),
            },
            ItemKind::ToolCallResult {
                tool_call_id,
                successful,
                ..
            } => ItemKind::ToolCallResult {
                tool_call_id: tool_call_id.clone(),
                content: String::new(),
                successful: *successful,
            },
            kind if kind.for_visitors() => kind.clone(),
            _ => return None,
        };
        Some(Self {
            kind,
            ..self.clone()
        })
    }
}

impl ItemKind {
    /// Whether a visitor may read it: what was said, typed or texted, but not
    /// how the agent works.
    #[must_use]
    pub fn for_visitors(&self) -> bool {
        matches!(
            self,
            Self::Agent { .. }
                | Self::User { .. }
                | Self::TransferTarget { .. }
                | Self::Dtmf { .. }
                | Self::Sms { .. }
        )
    }
}
