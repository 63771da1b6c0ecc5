//! What the widget sends and gets: no secret ever travels here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::keys::{CaptchaKind, Mode, OutOfHours};
use crate::live::CallStatus;

/// `POST /api/public/web-calls`: start a web call with a public key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewWebCall {
    /// The public key, `pk_…`.
    pub key: String,
    /// The nonce the panel page carries; required unless the request's `Origin`
    /// is itself on the key's list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// One of the key's agents; the key's first agent when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<String>,
    /// Dynamic variables for the agent's prompt. Only those the key allows get through.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub dynamic_variables: BTreeMap<String, String>,
    /// Stored with the call; a JSON object of at most 50 kB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Value>,
    /// What the captcha gave the page, where the key asks for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub captcha_token: Option<String>,
    /// What the visitor agreed to before the microphone was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<Consent>,
    /// The browser's offer: with it the server joins the call at once, and the answer
    /// comes with the access to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer: Option<Sdp>,
    /// Whether to be given a place in line while all lines are busy.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub wait: bool,
    /// The place in line the visitor has, [`Waiting::place`]. Neither is a captcha asked
    /// again then, nor counts it as another call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

/// A place in the line for a free call: `POST /api/public/places/{id}?key=…` keeps it,
/// `DELETE` gives it up. It is lost when it is not asked after for a minute and a half.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Waiting {
    /// Goes with the next request for a call, [`NewWebCall::place`].
    pub place: String,
    /// How many are served before.
    pub ahead: i64,
    /// Whether it is this visitor's turn: a call may be asked for now.
    pub ready: bool,
    /// How long it takes, by the calls before (ms), where there were any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait_ms: Option<i64>,
    /// When to ask after the place again (ms).
    pub again_ms: i64,
}

/// What a peer connection says of itself (RFC 8866), the addresses of its machine
/// among it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct Sdp(pub String);

impl std::fmt::Debug for Sdp {
    /// Says nothing, so that no address reaches a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sdp")
    }
}

/// What a visitor agreed to, as it was shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Consent {
    /// The text that was agreed to; at most [`Consent::TEXT_MAX`] characters.
    pub text: String,
    /// Its language (BCP 47).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

impl Consent {
    /// The longest text that is kept, in characters.
    pub const TEXT_MAX: usize = 4_000;
}

/// `POST /api/public/web-calls/{id}/messages`: what a visitor typed during the call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TypedMessage {
    /// The text; at most [`TypedMessage::TEXT_MAX`] characters.
    pub text: String,
}

impl TypedMessage {
    /// The longest message, in characters.
    pub const TEXT_MAX: usize = 1_000;
}

/// `POST /api/public/web-calls/{id}/rating`: what a visitor thought of the call.
/// A later one replaces an earlier one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Rating {
    /// One (bad) to five (good).
    pub stars: u8,
    /// In the visitor's words; at most [`Rating::COMMENT_MAX`] characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

impl Rating {
    /// The longest comment, in characters.
    pub const COMMENT_MAX: usize = 2_000;
}

/// The 201 answer to [`NewWebCall`]: everything the browser needs to join this one call.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CallAccess {
    /// Retell's call id.
    pub call_id: String,
    /// Retell's token: one call, one join.
    pub access_token: String,
    /// Where to send the offer: Retell's base address, without a trailing slash.
    pub gateway_url: String,
    /// The ICE servers; most calls connect without.
    pub ice_servers: Vec<IceServer>,
    /// When the access token dies (Unix ms).
    pub expires_at: i64,
    /// Our signed ticket for what a visitor does with this call: `Authorization: Bearer …`.
    pub ticket: String,
    /// The gateway's answer, where it took the offer that came with the request.
    /// Otherwise the offer is still to be sent there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
}

/// The gateway's session for an offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Answer {
    /// Names the session in every later request to the gateway.
    pub session_id: String,
    /// The answer to the offer.
    pub sdp: Sdp,
}

impl std::fmt::Debug for CallAccess {
    /// Leaves the token and the ticket out, so that neither reaches a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CallAccess")
            .field("call_id", &self.call_id)
            .field("gateway_url", &self.gateway_url)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// One entry of `RTCConfiguration.iceServers`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IceServer {
    /// STUN or TURN addresses.
    pub urls: Vec<String>,
    /// The TURN user name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The TURN password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
}

impl std::fmt::Debug for IceServer {
    /// Leaves the credential out, so that it reaches no log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IceServer")
            .field("urls", &self.urls)
            .finish_non_exhaustive()
    }
}

/// What the panel page tells the widget, as JSON in its
/// `<script type="application/json" id="switchboard-config">`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PanelConfig {
    /// The public key the page was made for.
    pub key: String,
    /// Binds this page to the key; goes into [`NewWebCall::nonce`].
    pub nonce: String,
    /// The business's name for its agent, shown as the panel's title.
    pub title: String,
    /// What a visitor may ask for.
    #[serde(default)]
    pub modes: Vec<Mode>,
    /// Whether a visitor is asked something before a call: the scripts that do
    /// are loaded with the page.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub gated: bool,
    /// The hours, where the key minds them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<PanelHours>,
    /// A telephone number the agent answers too, for browsers that cannot call, as people
    /// write it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub telephone: Option<String>,
    /// The captcha that is asked before a call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub captcha: Option<PanelCaptcha>,
    /// How the panel looks, as the key's settings say.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub appearance: Map<String, Value>,
    /// The language of the page: a key of [`Self::texts`].
    pub language: String,
    /// From a language (BCP 47) to the address of the widget's words in it.
    pub texts: BTreeMap<String, String>,
    /// The same for the words of the scripts that are loaded when needed.
    pub later: BTreeMap<String, String>,
    /// The address of the scripts a call may need before it begins.
    pub before_js: String,
    /// The address of their style sheet.
    pub before_css: String,
    /// The address of the scripts that are loaded when they are needed.
    pub extras_js: String,
    /// The address of their style sheet.
    pub extras_css: String,
    /// The address of the script of the call-back form and of closing times.
    pub callback_js: String,
    /// The address of its style sheet.
    pub callback_css: String,
    /// From a language (BCP 47) to the address of its words.
    pub callback_texts: BTreeMap<String, String>,
}

/// Whether the business is open, for a panel whose key minds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PanelHours {
    /// What a visitor gets while it is closed.
    pub closed: OutOfHours,
    /// Whether it was open when the page was made.
    pub open: bool,
    /// When it opens next (Unix ms), if it is closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opens_at: Option<i64>,
    /// Its IANA time zone.
    pub timezone: String,
}

/// What the panel needs to ask a captcha.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PanelCaptcha {
    /// Whose.
    pub kind: CaptchaKind,
    /// The key the page shows.
    pub site_key: String,
}

/// `GET /api/public/web-calls/{id}`: what became of a call, for its own visitor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallOutcome {
    /// Where the call stands.
    pub status: CallStatus,
    /// How long it lasted (ms).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<i64>,
    /// Retell's `disconnection_reason`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disconnection_reason: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offer_brings_no_address_into_a_log() {
        let offer = Sdp("a=candidate:1 1 udp 1 192.0.2.7 9 typ host".to_owned());
        assert_eq!(format!("{offer:?}"), "Sdp");
    }
}
