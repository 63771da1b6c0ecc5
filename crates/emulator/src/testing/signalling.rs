//! The gateway's HTTP signalling, from the browser's side (retell-protocol F2).

use outbound::Trusted;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, RequestBuilder, Response};
use serde::Deserialize;
use serde_json::json;

use super::PeerError;

/// A session at the gateway.
#[derive(Debug)]
pub(super) struct Session {
    http: Trusted,
    url: String,
    access_token: String,
}

#[derive(Deserialize)]
struct Opened {
    session_id: String,
    sdp: String,
}

impl Session {
    /// Opens a session with an offer; gives the answer too.
    pub(super) async fn open(
        base_url: &str,
        access_token: &str,
        call_id: &str,
        identity: &str,
        offer: &str,
    ) -> Result<(Session, String), PeerError> {
        let http = Trusted::new(None)?;
        let base = base_url.trim_end_matches('/');
        let sessions = format!("{base}/webrtc-proxy/{call_id}/v1/webrtc/sessions");
        let request = http
            .post(&sessions)
            .json(&json!({"identity": identity, "sdp": offer}));
        let opened: Opened = send(request.bearer_auth(access_token))
            .await?
            .json()
            .await?;
        let url = format!("{sessions}/{}", opened.session_id);
        let session = Session {
            http,
            url,
            access_token: access_token.to_owned(),
        };
        Ok((session, opened.sdp))
    }

    /// Brings a further offer; gives the answer.
    pub(super) async fn renegotiate(&self, offer: String) -> Result<String, PeerError> {
        let request = self
            .http
            .request(Method::PATCH, &self.url)
            .header(CONTENT_TYPE, "application/sdp");
        let answered = send(request.body(offer).bearer_auth(&self.access_token)).await?;
        Ok(answered.text().await?)
    }

    /// Ends the session.
    pub(super) async fn close(&self) -> Result<(), PeerError> {
        let request = self.http.request(Method::DELETE, &self.url);
        send(request.bearer_auth(&self.access_token)).await?;
        Ok(())
    }
}

async fn send(request: RequestBuilder) -> Result<Response, PeerError> {
    let response = request.send().await?;
    if response.status().is_success() {
        return Ok(response);
    }
    let status = response.status().as_u16();
    Err(PeerError::Refused {
        status,
        body: response.text().await?,
    })
}
