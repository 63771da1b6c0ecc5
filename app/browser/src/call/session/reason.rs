//! Why a call ended.

use crate::call::problem::Problem;

/// Why a call ended, or never began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndReason {
    /// The visitor hung up.
    HungUp,
    /// The page went away.
    PageLeft,
    /// The far end says the call is over: the agent hung up, or a limit was reached.
    RemoteEnded,
    /// The call goes on in another window.
    Replaced,
    /// There is no microphone to talk into.
    Microphone(MicrophoneFault),
    /// Our server gave no call.
    Refused(Problem),
    /// The gateway never had the call's room.
    RoomMissing,
    /// The gateway refused the token, and that of a fresh call too.
    TokenExpired,
    /// The gateway refused the offer, or the browser its answer.
    Rejected,
    /// The gateway could not be reached.
    GatewayUnreachable,
    /// Signalling worked, but no media path was found: a firewall, most often.
    MediaBlocked,
    /// The connection was lost and did not come back.
    ConnectionLost,
    /// The browser cannot do WebRTC, or refused to.
    BrowserUnable,
}

impl EndReason {
    /// The reason's name in the `data-reason` attribute.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::HungUp => "hung-up",
            Self::PageLeft => "page-left",
            Self::RemoteEnded => "remote-ended",
            Self::Replaced => "replaced",
            Self::Microphone(fault) => fault.name(),
            Self::Refused(problem) => problem.slug(),
            Self::RoomMissing => "room-missing",
            Self::TokenExpired => "token-expired",
            Self::Rejected => "rejected",
            Self::GatewayUnreachable => "gateway-unreachable",
            Self::MediaBlocked => "media-blocked",
            Self::ConnectionLost => "connection-lost",
            Self::BrowserUnable => "browser-unable",
        }
    }

    /// Whether something went wrong, as opposed to somebody ending the call.
    #[must_use]
    pub fn is_fault(self) -> bool {
        !matches!(
            self,
            Self::HungUp | Self::PageLeft | Self::RemoteEnded | Self::Replaced
        )
    }
}

/// Why the microphone cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MicrophoneFault {
    /// The visitor or the browser said no.
    Denied,
    /// The policy of the page around us said no.
    Forbidden,
    /// There is none.
    Missing,
    /// Another program holds it, or the system failed to open it.
    Busy,
    /// It was allowed, and neither opened nor failed.
    Unanswering,
    /// The browser offers none here: too old, or the page is not secure.
    Unsupported,
}

impl MicrophoneFault {
    /// The fault's name in the `data-reason` attribute.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Denied => "microphone-denied",
            Self::Forbidden => "microphone-forbidden",
            Self::Missing => "microphone-missing",
            Self::Busy => "microphone-busy",
            Self::Unanswering => "microphone-unanswering",
            Self::Unsupported => "microphone-unsupported",
        }
    }

    /// Reads the `name` of the error `getUserMedia` rejects with.
    #[must_use]
    pub fn from_error_name(name: &str) -> Self {
        match name {
            "NotAllowedError" | "SecurityError" => Self::Denied,
            "NotFoundError" | "OverconstrainedError" => Self::Missing,
            "TypeError" => Self::Unsupported,
            _ => Self::Busy,
        }
    }
}
