//! Starting a web call: `POST /v3/create-web-call` (protocol F1).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::lenient;
use super::open_enum::open_enum;
use super::{DynamicVariables, VersionRef};

/// The body of `POST /v3/create-web-call`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct CreateWebCall {
    /// The agent to talk to.
    pub agent_id: String,
    /// Which of its versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_version: Option<VersionRef>,
    /// Changes to the agent for this call alone (protocol B).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_override: Option<Value>,
    /// Stored with the call; at most 50 kB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Value>,
    /// Fills the agent's prompt.
    #[serde(
        default,
        deserialize_with = "lenient::variables",
        skip_serializing_if = "Option::is_none"
    )]
    pub retell_llm_dynamic_variables: Option<DynamicVariables>,
    /// The conversation-flow node to start at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current_node_id: Option<String>,
    /// The LLM state to start in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current_state: Option<String>,
}

/// The 201 answer: what one browser needs to join this one call.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebCallAccess {
    /// The call's id.
    pub call_id: String,
    /// The token: one call, one join. Secret.
    pub access_token: String,
    /// The media stack that issued the token; absent means [`Transport::Livekit`].
    #[serde(
        default,
        deserialize_with = "lenient::if_readable",
        skip_serializing_if = "Option::is_none"
    )]
    pub transport: Option<Transport>,
    /// The ICE servers, to be set before the peer connection gathers; most calls
    /// connect without.
    #[serde(default, deserialize_with = "lenient::readable")]
    pub ice_servers: Vec<IceServer>,
    /// When the token dies (Unix ms); the lifetime itself is not published.
    #[serde(
        default,
        deserialize_with = "lenient::integer_if_readable",
        skip_serializing_if = "Option::is_none"
    )]
    pub expires_at: Option<i64>,
}

impl std::fmt::Debug for WebCallAccess {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WebCallAccess")
            .field("call_id", &self.call_id)
            .field("transport", &self.transport)
            .field("ice_servers", &self.ice_servers)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

open_enum! {
    /// The media stack a token is for.
    pub enum Transport {
        /// Plain WebRTC with HTTP signalling (protocol F2).
        Gateway = "gateway",
        /// The retired one.
        Livekit = "livekit",
    }
}

/// One entry of `RTCConfiguration.iceServers`.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct IceServer {
    /// STUN or TURN addresses; the wire also knows a single string.
    #[serde(deserialize_with = "lenient::one_or_many")]
    pub urls: Vec<String>,
    /// The TURN user name. Secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The TURN password. Secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
}

impl std::fmt::Debug for IceServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IceServer")
            .field("urls", &self.urls)
            .finish_non_exhaustive()
    }
}

/// The body of the request that joins a web call (protocol F2).
#[derive(Clone, Copy, Serialize)]
pub struct WebCallOffer<'a> {
    /// What the call's participant calls itself: `client`.
    pub identity: &'a str,
    /// The browser's offer.
    pub sdp: &'a str,
}

impl std::fmt::Debug for WebCallOffer<'_> {
    /// Leaves the offer out: the addresses in it are a person's.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WebCallOffer")
            .field("identity", &self.identity)
            .finish_non_exhaustive()
    }
}

/// The gateway's 201 answer to it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebCallSession {
    /// Names the session in every later request.
    pub session_id: String,
    /// The answer.
    pub sdp: String,
}

impl std::fmt::Debug for WebCallSession {
    /// Leaves the answer out.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WebCallSession")
            .field("session_id", &self.session_id)
            .finish_non_exhaustive()
    }
}
