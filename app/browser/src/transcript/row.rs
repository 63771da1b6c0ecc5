//! The words of the transcript model: what a row is, how a change is told.

use api::live::{Item, ItemKind};

/// For whom a transcript is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// What was said, typed and texted.
    Visitor,
    /// Also how the agent works: tool calls, node transitions, injected context.
    Staff,
}

/// Names a row for as long as it exists, however its index moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RowKey(pub(super) usize);

/// One line of the transcript: an item, and for a tool call what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The item itself; never a result whose invocation is known.
    pub item: Item,
    /// The `tool_call_result` that belongs to a `tool_call_invocation`.
    pub result: Option<Item>,
}

/// One step of a change; steps are to be followed in the order given, each
/// index being right at its step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// A row is new at this index.
    Inserted {
        /// Where it is.
        index: usize,
        /// Which it is.
        key: RowKey,
    },
    /// The row at this index has other contents, in the same place.
    Changed {
        /// Where it is.
        index: usize,
        /// Which it is.
        key: RowKey,
    },
    /// The row at this index is gone.
    Removed {
        /// Where it was.
        index: usize,
        /// Which it was.
        key: RowKey,
    },
}

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Speaker {
    /// The agent.
    Agent,
    /// The visitor or caller.
    User,
    /// The person the call was transferred to.
    TransferTarget,
}

/// Where words come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Somebody spoke.
    Voice(Speaker),
    /// The caller pressed a key.
    Key,
    /// A text message.
    Message,
}

/// Words a listener was not told yet and that will not change soon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// Where they come from.
    pub source: Source,
    /// The words: the whole utterance, or what it grew by since it was last told.
    pub text: String,
}

/// An item's speaker and words, if it is an utterance.
#[must_use]
pub fn utterance(kind: &ItemKind) -> Option<(Speaker, &str)> {
    match kind {
        ItemKind::Agent { content } => Some((Speaker::Agent, content)),
        ItemKind::User { content } => Some((Speaker::User, content)),
        ItemKind::TransferTarget { content } => Some((Speaker::TransferTarget, content)),
        _ => None,
    }
}

/// What a listener is told of an item, and where it comes from.
pub(super) fn telling(kind: &ItemKind) -> Option<(Source, &str)> {
    match kind {
        ItemKind::Dtmf { digit } => Some((Source::Key, digit)),
        ItemKind::Sms { content } => Some((Source::Message, content)),
        _ => utterance(kind).map(|(speaker, words)| (Source::Voice(speaker), words)),
    }
}

/// The words a listener is told, if any.
pub(super) fn told_words(kind: &ItemKind) -> &str {
    telling(kind).map_or("", |(_, words)| words)
}

/// What pairs a tool call with its result.
#[must_use]
pub fn tool_call_id(kind: &ItemKind) -> Option<&str> {
    match kind {
        ItemKind::ToolCallInvocation { tool_call_id, .. }
        | ItemKind::ToolCallResult { tool_call_id, .. } => Some(tool_call_id),
        _ => None,
    }
}

/// Whether one item may take the other's place without anything else moving.
pub(super) fn same_shape(a: &ItemKind, b: &ItemKind) -> bool {
    std::mem::discriminant(a) == std::mem::discriminant(b) && tool_call_id(a) == tool_call_id(b)
}
