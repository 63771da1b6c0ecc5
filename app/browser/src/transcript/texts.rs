//! The words a transcript shows besides its own.

use super::model::Speaker;

/// What the caller's language calls things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TranscriptTexts {
    /// The list's name: "Transcript".
    pub label: &'static str,
    /// Shown while nothing was said.
    pub empty: &'static str,
    /// Brings a reader who scrolled up back to the newest.
    pub jump_to_latest: &'static str,
    /// The agent's name.
    pub agent: String,
    /// The visitor, as the reader calls them.
    pub user: &'static str,
    /// The person the call was transferred to.
    pub transfer_target: &'static str,
    /// Before the key the caller pressed.
    pub key_pressed: &'static str,
    /// Before a text message.
    pub text_message: &'static str,
}

impl TranscriptTexts {
    /// What a speaker is called.
    #[must_use]
    pub fn speaker(&self, speaker: Speaker) -> &str {
        match speaker {
            Speaker::Agent => &self.agent,
            Speaker::User => self.user,
            Speaker::TransferTarget => self.transfer_target,
        }
    }
}
