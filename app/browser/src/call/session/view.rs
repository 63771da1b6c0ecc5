//! What the session machine shows.

use super::EndReason;

/// Where a call stands, for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Phase {
    /// Nothing yet.
    #[default]
    Idle,
    /// The browser asks the visitor for the microphone.
    AskingMicrophone,
    /// Our server prepares a call.
    Minting,
    /// The gateway and the media are being joined.
    Connecting,
    /// Talking.
    Live,
    /// The connection is lost and being got back.
    Reconnecting,
    /// Over.
    Ended(EndReason),
}

impl Phase {
    /// The phase's name in the `data-state` attribute.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::AskingMicrophone => "asking-microphone",
            Self::Minting => "minting",
            Self::Connecting => "connecting",
            Self::Live => "live",
            Self::Reconnecting => "reconnecting",
            Self::Ended(_) => "ended",
        }
    }

    /// Whether a call is being made or held.
    #[must_use]
    pub fn is_active(self) -> bool {
        !matches!(self, Self::Idle | Self::Ended(_))
    }
}

/// Why nothing is heard of a visitor who has a microphone open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unheard {
    /// The system keeps it silent.
    Silenced,
    /// It went away, and there is no other so far.
    Lost,
}

/// What there is to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct View {
    /// Where the call stands.
    pub phase: Phase,
    /// Whether the visitor is muted.
    pub muted: bool,
    /// Whether the microphone is gone, or silenced.
    pub unheard: Option<Unheard>,
    /// When the talk began, on the clock given to [`Session::handle`].
    pub live_since: Option<u64>,
    /// When the talk was over, on the same clock.
    pub ended_at: Option<u64>,
}

impl View {
    /// How long the talk has lasted (ms), if there was one.
    #[must_use]
    pub fn duration_ms(&self, now: u64) -> Option<u64> {
        let since = self.live_since?;
        Some(self.ended_at.unwrap_or(now).saturating_sub(since))
    }
}
