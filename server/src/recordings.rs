//! Recordings: fetched from Retell for the desk, so that its addresses, which
//! need no sign-in (retell-protocol K3), never reach a browser.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use reqwest::Response;
use retell::Outbound;

use crate::calls::heal;
use crate::state::App;
use crate::store::{Recording, StoreError, Tenant};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long Retell's storage may pause; a whole recording may take its time.
const PAUSE_TIMEOUT: Duration = Duration::from_secs(30);
const REDIRECTS: usize = 3;

/// What of a browser's request the storage has to know.
const PASSED_ON: [HeaderName; 2] = [header::RANGE, header::IF_RANGE];

/// Which form of a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channels {
    /// Both voices mixed.
    Mono,
    /// A channel for each voice.
    Multi,
}

/// Why there is no recording to play.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// No call of the tenant has this id.
    #[error("there is no such call")]
    CallUnknown,
    /// The call has none (yet), or it cannot be fetched.
    #[error("there is no recording")]
    Unavailable,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Fetches recordings. It never sends the API key along.
#[derive(Debug, Clone)]
pub struct Recordings {
    client: Outbound,
}

impl Recordings {
    /// Sets the client up.
    ///
    /// # Errors
    /// When the system's TLS cannot be set up.
    pub fn new() -> Result<Self, reqwest::Error> {
        let client = Outbound::new(|| {
            reqwest::Client::builder()
                .connect_timeout(CONNECT_TIMEOUT)
                .read_timeout(PAUSE_TIMEOUT)
                .redirect(reqwest::redirect::Policy::limited(REDIRECTS))
        })?;
        Ok(Self { client })
    }

    /// Opens a call's recording, or the part of it that `wanted` asks for. When
    /// the known address does not work, Retell is asked for a new one, once.
    ///
    /// # Errors
    /// When there is no such call or no recording.
    pub async fn open(
        &self,
        app: &App,
        tenant: &Tenant,
        call_id: &str,
        channels: Channels,
        wanted: &HeaderMap,
    ) -> Result<Response, RecordingError> {
        let known = app.store.recording(tenant, call_id).await?;
        let known = address(known.ok_or(RecordingError::CallUnknown)?, channels)
            .ok_or(RecordingError::Unavailable)?;
        if let Some(response) = self.fetch(&known, wanted).await {
            return Ok(response);
        }
        heal::ask(app, call_id).await?;
        let fresh = app.store.recording(tenant, call_id).await?;
        let fresh = fresh.and_then(|recording| address(recording, channels));
        let fresh = fresh
            .filter(|fresh| *fresh != known)
            .ok_or(RecordingError::Unavailable)?;
        self.fetch(&fresh, wanted)
            .await
            .ok_or(RecordingError::Unavailable)
    }

    async fn fetch(&self, url: &str, wanted: &HeaderMap) -> Option<Response> {
        let mut request = self.client.to(url).get(url);
        for name in PASSED_ON {
            if let Some(value) = wanted.get(&name) {
                request = request.header(name, value);
            }
        }
        match request.send().await {
            Ok(response) if is_answer(response.status()) => Some(response),
            Ok(response) => {
                tracing::info!(
                    status = response.status().as_u16(),
                    "a recording is not there"
                );
                None
            }
            Err(error) => {
                // Without the address: it opens the recording to anybody.
                tracing::warn!(error = %error.without_url(), "a recording cannot be fetched");
                None
            }
        }
    }
}

/// All of it, a part of it, or no such part.
fn is_answer(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::OK | StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE
    )
}

fn address(recording: Recording, channels: Channels) -> Option<String> {
    match channels {
        Channels::Mono => recording.mono,
        Channels::Multi => recording.multi_channel,
    }
}
