//! The gateway's HTTP exchange (retell-protocol F2): post the offer, patch
//! candidates and renegotiations, delete the session.

use wasm_bindgen::JsValue;

use super::mint::Access;
use crate::ui::json;
use crate::ui::web::{Request, text};

/// What a web call's own participant calls itself.
const IDENTITY: &str = "client";

/// How long the gateway may take to answer, in ms: on a network that just changed a
/// request may hang for minutes, and the next one would not.
const ANSWER_MS: f64 = 4_000.0;

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

fn sessions_url(access: &Access) -> String {
    let mut url = access.gateway_url.clone();
    for part in ["/webrtc-proxy/", &access.call_id, "/v1/webrtc/sessions"] {
        url.push_str(part);
    }
    url
}

fn session_url(access: &Access, session_id: &str) -> String {
    let mut url = sessions_url(access);
    url.push('/');
    url.push_str(session_id);
    url
}

async fn exchange(
    access: &Access,
    method: &str,
    url: &str,
    media_type: &str,
    body: &str,
) -> Result<String, Failure> {
    let request = Request {
        method,
        url,
        token: Some(&access.token),
        body: Some((media_type, body)),
        keepalive: false,
    };
    let response = request.send_within(ANSWER_MS).await?;
    if !response.ok() {
        return Err(Failure::Status(response.status()));
    }
    Ok(text(&response).await?)
}

/// Sends the offer.
///
/// # Errors
/// When the gateway does not take it, or answers something else than a session.
pub async fn post_offer(access: &Access, sdp: &str) -> Result<Joined, Failure> {
    let body = json::object(&[
        ("identity", JsValue::from_str(IDENTITY)),
        ("sdp", JsValue::from_str(sdp)),
    ]);
    let body = json::stringify(&body).unwrap_or_default();
    let url = sessions_url(access);
    let answer = exchange(access, "POST", &url, "application/json", &body).await?;
    json::parse(&answer)
        .and_then(|answer| Joined::from_json(&answer))
        .ok_or(Failure::Status(502))
}

/// Tells the gateway one more candidate. A candidate that does not get through
/// is not missed as long as another works, so nothing is reported.
pub async fn send_candidate(access: &Access, session_id: &str, candidate: &JsValue) {
    let body = json::object(&[("candidate", candidate.clone())]);
    let body = json::stringify(&body).unwrap_or_default();
    let url = session_url(access, session_id);
    let _ = exchange(access, "PATCH", &url, "application/json", &body).await;
}

/// Sends a new offer within the session and returns the answer.
///
/// # Errors
/// When the gateway does not take it.
pub async fn renegotiate(access: &Access, session_id: &str, sdp: &str) -> Result<String, Failure> {
    exchange(
        access,
        "PATCH",
        &session_url(access, session_id),
        "application/sdp",
        sdp,
    )
    .await
}

/// Leaves the session, even while the page goes away. There is nothing to do
/// about a failure: the gateway notices the silence by itself, only later.
pub async fn leave(access: &Access, session_id: &str) {
    let request = Request {
        method: "DELETE",
        url: &session_url(access, session_id),
        token: Some(&access.token),
        body: None,
        keepalive: true,
    };
    let _ = request.send().await;
}
