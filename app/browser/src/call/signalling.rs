//! The gateway's HTTP exchange (retell-protocol F2): post the offer, patch
//! candidates and renegotiations, delete the session.

use wasm_bindgen::JsValue;

use crate::ui::json;
use crate::ui::web::{Request, text};

/// What a web call's own participant calls itself.
pub const CLIENT: &str = "client";

/// How long the gateway may take to answer, in ms: on a network that just changed a
/// request may hang for minutes, and the next one would not.
const ANSWER_MS: f64 = 4_000.0;

/// Where a call is joined, and with what.
#[derive(Clone)]
pub struct Gateway {
    /// Retell's call id.
    pub call_id: String,
    /// Retell's token for this call.
    pub token: String,
    /// Retell's base address.
    pub url: String,
    /// `RTCConfiguration.iceServers`, as it came.
    pub ice_servers: JsValue,
}

impl std::fmt::Debug for Gateway {
    /// Tokens stay out of every log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.call_id)
    }
}

impl Gateway {
    /// Reads a [`api::public::CallAccess`] or a [`api::attend::ListenAccess`].
    pub(super) fn from_json(value: &JsValue) -> Option<Self> {
        Some(Self {
            call_id: json::string(value, "call_id")?,
            token: json::string(value, "access_token")?,
            url: json::string(value, "gateway_url")?,
            ice_servers: json::get(value, "ice_servers"),
        })
    }
}

/// The gateway's session, once it took the offer.
#[derive(Debug, Clone)]
pub struct Joined {
    /// Names the session in every later request.
    pub session_id: String,
    /// The answer.
    pub sdp: String,
}

impl Joined {
    pub(super) fn from_json(answer: &JsValue) -> Option<Self> {
        Some(Self {
            session_id: json::string(answer, "session_id")?,
            sdp: json::string(answer, "sdp")?,
        })
    }
}

/// Why an exchange failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The gateway refused with this status.
    Status(u16),
    /// No answer came, or one that broke off.
    Unreachable,
}

impl From<JsValue> for Failure {
    fn from(_: JsValue) -> Self {
        Self::Unreachable
    }
}

fn sessions_url(gateway: &Gateway) -> String {
    let mut url = gateway.url.clone();
    for part in ["/webrtc-proxy/", &gateway.call_id, "/v1/webrtc/sessions"] {
        url.push_str(part);
    }
    url
}

fn session_url(gateway: &Gateway, session_id: &str) -> String {
    let mut url = sessions_url(gateway);
    url.push('/');
    url.push_str(session_id);
    url
}

async fn exchange(
    gateway: &Gateway,
    method: &str,
    url: &str,
    media_type: &str,
    body: &str,
) -> Result<String, Failure> {
    let request = Request {
        method,
        url,
        token: Some(&gateway.token),
        body: Some((media_type, body)),
        keepalive: false,
    };
    let response = request.send_within(ANSWER_MS).await?;
    if !response.ok() {
        return Err(Failure::Status(response.status()));
    }
    Ok(text(&response).await?)
}

/// Sends the offer of a participant: [`CLIENT`], or the name a listener was given.
///
/// # Errors
/// When the gateway does not take it, or answers something else than a session.
pub async fn post_offer(gateway: &Gateway, identity: &str, sdp: &str) -> Result<Joined, Failure> {
    let body = json::object(&[
        ("identity", JsValue::from_str(identity)),
        ("sdp", JsValue::from_str(sdp)),
    ]);
    let body = json::stringify(&body).unwrap_or_default();
    let url = sessions_url(gateway);
    let answer = exchange(gateway, "POST", &url, "application/json", &body).await?;
    json::parse(&answer)
        .and_then(|answer| Joined::from_json(&answer))
        .ok_or(Failure::Status(502))
}

/// Tells the gateway one more candidate. A candidate that does not get through
/// is not missed as long as another works, so nothing is reported.
pub async fn send_candidate(gateway: &Gateway, session_id: &str, candidate: &JsValue) {
    let body = json::object(&[("candidate", candidate.clone())]);
    let body = json::stringify(&body).unwrap_or_default();
    let url = session_url(gateway, session_id);
    let _ = exchange(gateway, "PATCH", &url, "application/json", &body).await;
}

/// Sends a new offer within the session and returns the answer.
///
/// # Errors
/// When the gateway does not take it.
pub async fn renegotiate(
    gateway: &Gateway,
    session_id: &str,
    sdp: &str,
) -> Result<String, Failure> {
    exchange(
        gateway,
        "PATCH",
        &session_url(gateway, session_id),
        "application/sdp",
        sdp,
    )
    .await
}

/// Leaves the session, even while the page goes away. There is nothing to do
/// about a failure: the gateway notices the silence by itself, only later.
pub async fn leave(gateway: &Gateway, session_id: &str) {
    let request = Request {
        method: "DELETE",
        url: &session_url(gateway, session_id),
        token: Some(&gateway.token),
        body: None,
        keepalive: true,
    };
    let _ = request.send().await;
}
