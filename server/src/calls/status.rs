//! How far a call has come.

use api::desk::CallStatus;
use retell::models::DisconnectionReason;
use serde::{Deserialize, Serialize};

/// How late in a call's life something was said about it. Later beats earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Minted, not joined.
    Registered,
    /// Being held.
    Ongoing,
    /// Over, in one way or another.
    Ended,
    /// Over, and the analysis is there.
    Analyzed,
}

impl Stage {
    /// The name in the store.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::Ongoing => "ongoing",
            Self::Ended => "ended",
            Self::Analyzed => "analyzed",
        }
    }

    /// The stage of a name in the store.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Registered, Self::Ongoing, Self::Ended, Self::Analyzed]
            .into_iter()
            .find(|stage| stage.name() == name)
    }
}

/// Retell's name of a status.
#[must_use]
pub fn name(status: CallStatus) -> &'static str {
    match status {
        CallStatus::Registered => "registered",
        CallStatus::Ongoing => "ongoing",
        CallStatus::NotConnected => "not_connected",
        CallStatus::Ended => "ended",
        CallStatus::Error => "error",
        CallStatus::Unknown => "unknown",
    }
}

/// The status of Retell's name; `None` for one that is newer than this code.
#[must_use]
pub fn parse(name_at_retell: &str) -> Option<CallStatus> {
    [
        CallStatus::Registered,
        CallStatus::Ongoing,
        CallStatus::NotConnected,
        CallStatus::Ended,
        CallStatus::Error,
    ]
    .into_iter()
    .find(|status| name(*status) == name_at_retell)
}

/// How a call ended, for when only its `disconnection_reason` was told.
#[must_use]
pub fn from_reason(reason: Option<&str>) -> CallStatus {
    reason
        .and_then(|reason| DisconnectionReason::from(reason).call_status())
        .and_then(|status| parse(status.as_str()))
        .unwrap_or(CallStatus::Ended)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_tells_how_a_call_ended() {
        for (reason, status) in [
            (None, CallStatus::Ended),
            (Some("user_hangup"), CallStatus::Ended),
            (Some("a reason from next year"), CallStatus::Ended),
            (Some("dial_busy"), CallStatus::NotConnected),
            (Some("user_declined"), CallStatus::NotConnected),
            (Some("error_user_not_joined"), CallStatus::Error),
            (Some("credit_exhausted"), CallStatus::Error),
        ] {
            assert_eq!(from_reason(reason), status, "{reason:?}");
        }
    }

    #[test]
    fn names_read_back() {
        for stage in [
            Stage::Registered,
            Stage::Ongoing,
            Stage::Ended,
            Stage::Analyzed,
        ] {
            assert_eq!(Stage::parse(stage.name()), Some(stage));
        }
        assert_eq!(parse("not_connected"), Some(CallStatus::NotConnected));
        assert_eq!(parse("dreaming"), None);
    }
}
