//! Why calls end (protocol G5).

use super::CallStatus;
use crate::models::open_enum::open_enum;

open_enum! {
    /// Why a call ended.
    pub enum DisconnectionReason {
        /// The person hung up.
        UserHangup = "user_hangup",
        /// The agent hung up.
        AgentHangup = "agent_hangup",
        /// The call was transferred.
        CallTransfer = "call_transfer",
        /// A voicemail answered.
        VoicemailReached = "voicemail_reached",
        /// A phone menu answered.
        IvrReached = "ivr_reached",
        /// Nobody spoke for too long.
        Inactivity = "inactivity",
        /// The call reached its longest duration.
        MaxDurationReached = "max_duration_reached",
        /// The transfer connected.
        TransferBridged = "transfer_bridged",
        /// The transfer did not connect.
        TransferCancelled = "transfer_cancelled",
        /// Stopped through the API.
        ManualStopped = "manual_stopped",
        /// A member of staff took the call over.
        CallTakeOver = "call_take_over",
        /// The person asked not to be called again.
        UserRequestedDnc = "user_requested_dnc",
        /// The person asked to be called back.
        UserRequestedCallback = "user_requested_callback",
        /// No slot was free; the fallback number took it.
        NoConcurrencyFallback = "no_concurrency_fallback",
        /// The line was busy.
        DialBusy = "dial_busy",
        /// Dialling failed.
        DialFailed = "dial_failed",
        /// Nobody answered.
        DialNoAnswer = "dial_no_answer",
        /// The number cannot be called.
        InvalidDestination = "invalid_destination",
        /// The carrier does not allow it.
        TelephonyProviderPermissionDenied = "telephony_provider_permission_denied",
        /// The carrier is down.
        TelephonyProviderUnavailable = "telephony_provider_unavailable",
        /// SIP found no way.
        SipRoutingError = "sip_routing_error",
        /// The call was taken for spam.
        MarkedAsSpam = "marked_as_spam",
        /// The person declined.
        UserDeclined = "user_declined",
        /// The network blocked it.
        NetworkBlocked = "network_blocked",
        /// No slot was free.
        ConcurrencyLimitReached = "concurrency_limit_reached",
        /// There is no valid means of payment.
        NoValidPayment = "no_valid_payment",
        /// The credit is used up.
        CreditExhausted = "credit_exhausted",
        /// The budget is used up.
        BudgetReached = "budget_reached",
        /// Taken for a fraud.
        ScamDetected = "scam_detected",
        /// The custom LLM could not be reached.
        ErrorLlmWebsocketOpen = "error_llm_websocket_open",
        /// The connection to the custom LLM was lost.
        ErrorLlmWebsocketLostConnection = "error_llm_websocket_lost_connection",
        /// The custom LLM failed.
        ErrorLlmWebsocketRuntime = "error_llm_websocket_runtime",
        /// The custom LLM sent what is not JSON text.
        ErrorLlmWebsocketCorruptPayload = "error_llm_websocket_corrupt_payload",
        /// No audio arrived.
        ErrorNoAudioReceived = "error_no_audio_received",
        /// Speech recognition failed.
        ErrorAsr = "error_asr",
        /// Retell failed.
        ErrorRetell = "error_retell",
        /// Nobody knows.
        ErrorUnknown = "error_unknown",
        /// The web user did not join within 30 s.
        ErrorUserNotJoined = "error_user_not_joined",
        /// The SIP leg did not come within 5 min.
        RegisteredCallTimeout = "registered_call_timeout",
    }
}

impl DisconnectionReason {
    /// The status a call with this reason ends in; `None` for a reason this crate
    /// does not know. The grouping of the newest reasons is inferred.
    #[must_use]
    pub fn call_status(&self) -> Option<CallStatus> {
        let status = match self {
            Self::UserHangup
            | Self::AgentHangup
            | Self::CallTransfer
            | Self::VoicemailReached
            | Self::IvrReached
            | Self::Inactivity
            | Self::MaxDurationReached
            | Self::TransferBridged
            | Self::TransferCancelled
            | Self::ManualStopped
            | Self::CallTakeOver
            | Self::UserRequestedDnc
            | Self::UserRequestedCallback
            | Self::NoConcurrencyFallback => CallStatus::Ended,
            Self::DialBusy
            | Self::DialFailed
            | Self::DialNoAnswer
            | Self::InvalidDestination
            | Self::TelephonyProviderPermissionDenied
            | Self::TelephonyProviderUnavailable
            | Self::SipRoutingError
            | Self::MarkedAsSpam
            | Self::UserDeclined
            | Self::NetworkBlocked => CallStatus::NotConnected,
            Self::Other(_) => return None,
            _ => CallStatus::Error,
        };
        Some(status)
    }
}
