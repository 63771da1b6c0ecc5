//! What was said and done in a call, in order, and what of it changed.

use std::collections::BTreeSet;

/// One entry. It keeps its id while its text grows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Unique within the call.
    pub id: String,
    /// When it began, in ms since the conversation began.
    pub at_ms: u64,
    /// Who or what it is.
    pub kind: Kind,
}

/// The kinds of entries (retell-protocol E and G4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Somebody speaks.
    Said {
        /// Who.
        by: Speaker,
        /// The words so far.
        words: Vec<Word>,
    },
    /// The agent calls a function.
    ToolInvocation {
        /// Pairs it with its result.
        tool_call_id: String,
        /// The function.
        name: String,
        /// JSON as text.
        arguments: String,
        /// `custom`, `end_call`, `transfer_call` …
        tool_type: &'static str,
    },
    /// What the function answered.
    ToolResult {
        /// Pairs it with its invocation.
        tool_call_id: String,
        /// The answer as text.
        content: String,
        /// Whether it succeeded, if that is known.
        successful: Option<bool>,
    },
    /// The flow moved on to another node.
    NodeTransition {
        /// The node it left.
        from: String,
        /// The node it entered.
        to: String,
    },
    /// The caller pressed a key.
    Dtmf(String),
    /// A text message was sent.
    Sms(String),
    /// Context was given to the agent from outside.
    Injected(String),
}

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker {
    /// The agent.
    Agent,
    /// The visitor or caller.
    User,
    /// The person the call was transferred to.
    TransferTarget,
}

/// A word and when it was said, in ms since the conversation began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// The word with its punctuation.
    pub text: String,
    /// Its begin.
    pub start_ms: u64,
    /// Its end.
    pub end_ms: u64,
}

impl Item {
    /// What was said, for entries that are speech.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        match &self.kind {
            Kind::Said { words, .. } => Some(join(words)),
            _ => None,
        }
    }
}

/// The words as one text.
#[must_use]
pub fn join(words: &[Word]) -> String {
    words
        .iter()
        .map(|word| word.text.as_str())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The entries of one call.
#[derive(Debug, Default)]
pub(super) struct Transcript {
    items: Vec<Item>,
    changed: BTreeSet<usize>,
}

impl Transcript {
    pub(super) fn items(&self) -> &[Item] {
        &self.items
    }

    /// Adds an entry and gives its place.
    pub(super) fn add(&mut self, at_ms: u64, kind: Kind) -> usize {
        let place = self.items.len();
        self.items.push(Item {
            id: format!("item_{}", place + 1),
            at_ms,
            kind,
        });
        self.changed.insert(place);
        place
    }

    /// Sets the words of the speech at a place, if they are others.
    pub(super) fn set_words(&mut self, place: usize, new: &[Word]) {
        if let Some(Item {
            kind: Kind::Said { words, .. },
            ..
        }) = self.items.get_mut(place)
            && words != new
        {
            words.clear();
            words.extend_from_slice(new);
            self.changed.insert(place);
        }
    }

    /// The entries that are new or changed since this was last asked.
    pub(super) fn take_changed(&mut self) -> Vec<Item> {
        let changed = std::mem::take(&mut self.changed);
        changed
            .into_iter()
            .filter_map(|place| self.items.get(place).cloned())
            .collect()
    }
}
