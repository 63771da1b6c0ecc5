//! Acting on a call while it is held (protocol F4).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::lenient;
use super::{DataStorageSetting, DynamicVariables, IceServer, Transport};

/// The answer of `POST /v2/listen-live-call/{call_id}`: what a listener joins with.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListenLiveCall {
    /// A subscribe-only token. Secret.
    pub access_token: String,
    /// When the token dies (Unix ms).
    #[serde(
        default,
        deserialize_with = "lenient::integer",
        skip_serializing_if = "Option::is_none"
    )]
    pub expires_at: Option<i64>,
    /// The identity to join as, and what [`TakeOverLiveCall`] wants back.
    pub participant_id: String,
    /// The call's original room; it does not follow a warm transfer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room_name: Option<String>,
    /// The media stack; absent means [`Transport::Livekit`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transport: Option<Transport>,
    /// The server to connect to; LiveKit only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The ICE servers, to be set before the peer connection gathers; gateway only.
    #[serde(
        default,
        deserialize_with = "lenient::readable",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub ice_servers: Vec<IceServer>,
    /// The gateway's public address, for diagnostics only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gateway_ip: Option<String>,
}

impl std::fmt::Debug for ListenLiveCall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ListenLiveCall")
            .field("participant_id", &self.participant_id)
            .field("transport", &self.transport)
            .field("ice_servers", &self.ice_servers)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// The body of `POST /v2/take-over-live-call/{call_id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakeOverLiveCall {
    /// The listener's identity from [`ListenLiveCall`].
    pub participant_id: String,
}

/// The answer of take-over and update.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Success {
    /// Whether it was done.
    pub success: bool,
}

/// The body of `PATCH /v2/update-live-call/{call_id}`. Retell refuses unknown
/// keys, and so does this type when read.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpdateLiveCall {
    /// What to change of the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fields_to_override: Option<FieldsToOverride>,
    /// What to make the agent do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_control: Option<CallControl>,
}

/// What to change of a live call; what is absent stays.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldsToOverride {
    /// Merged over the call's variables; `Some(None)` (JSON `null`) removes earlier overrides.
    #[serde(
        default,
        deserialize_with = "lenient::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub override_dynamic_variables: Option<Option<DynamicVariables>>,
    /// Replaces the call's metadata; at most 50 kB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Value>,
    /// Only towards stricter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_storage_setting: Option<DataStorageSetting>,
}

/// What to make the agent do.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallControl {
    /// Becomes an `injected` transcript item and part of the agent's next context. Not empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub additional_context: Option<String>,
    /// `true` makes the agent speak anew, unless the person is speaking.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trigger_response: Option<bool>,
}
