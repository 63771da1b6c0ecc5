//! Recordings: fetched from Retell for the desk, so that its addresses, which
//! need no sign-in (retell-protocol K3), never reach a browser.

use std::time::Duration;

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use futures_util::{Stream, StreamExt};
use outbound::{Answer, Checked, Failure, Limits, Rules};
use reqwest::Method;

use super::{Recording, heal};
use crate::calls::Context;
use crate::config::Config;
use crate::shares::{Share, Shares};
use crate::store::{StoreError, Tenant};

/// Two hours with a channel for each voice are 700 MB; a player that reads slowly
/// asks for the rest anew.
const LIMITS: Limits = Limits {
    time: Duration::from_secs(30 * 60),
    bytes: 1024 * 1024 * 1024,
    at_once: 64,
    redirects: 3,
};
/// Recordings of one business that are fetched at once. A player opens two.
const PER_TENANT: usize = 16;

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
    /// The business fetches as many as it may.
    #[error("too many recordings are fetched at once")]
    TooMany,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Fetches recordings. It never sends the API key along.
#[derive(Debug)]
pub struct Recordings {
    http: Checked,
    tenants: Shares<String>,
}

/// A recording that is being fetched.
#[derive(Debug)]
pub struct Fetched {
    answer: Answer,
    share: Share<String>,
}

impl Fetched {
    /// The storage's status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.answer.status()
    }

    /// The storage's headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        self.answer.headers()
    }

    /// The recording.
    pub fn into_stream(self) -> impl Stream<Item = Result<Bytes, Failure>> + Send {
        let Self { answer, share } = self;
        answer.into_stream().inspect(move |_| {
            let _counted = &share;
        })
    }
}

impl Recordings {
    /// Sets the client up. Who signs a webhook says where a recording is, so the
    /// address is checked; a Retell that the operator runs keeps its own.
    ///
    /// # Errors
    /// When the system's TLS cannot be set up.
    pub fn new(config: &Config) -> Result<Self, reqwest::Error> {
        let rules = Rules {
            origins: vec![config.retell.base_url.origin()],
            ..config.outbound.clone()
        };
        Ok(Self {
            http: Checked::new(rules, LIMITS)?,
            tenants: Shares::new(PER_TENANT),
        })
    }

    /// Opens a call's recording, or the part of it that `wanted` asks for. When
    /// the known address does not work, Retell is asked for a new one, once.
    ///
    /// # Errors
    /// When there is no such call or no recording.
    pub async fn open(
        &self,
        cx: &Context,
        tenant: &Tenant,
        call_id: &str,
        channels: Channels,
        wanted: &HeaderMap,
    ) -> Result<Fetched, RecordingError> {
        let share = self.tenants.take(tenant.id().to_owned());
        let share = share.ok_or(RecordingError::TooMany)?;
        let known = cx.store.calls().recording(tenant, call_id).await?;
        let known = address(known.ok_or(RecordingError::CallUnknown)?, channels)
            .ok_or(RecordingError::Unavailable)?;
        if let Some(answer) = self.fetch(&known, wanted).await {
            return Ok(Fetched { answer, share });
        }
        heal::ask(cx, call_id).await?;
        let fresh = cx.store.calls().recording(tenant, call_id).await?;
        let fresh = fresh.and_then(|recording| address(recording, channels));
        let fresh = fresh
            .filter(|fresh| *fresh != known)
            .ok_or(RecordingError::Unavailable)?;
        let answer = self.fetch(&fresh, wanted).await;
        let answer = answer.ok_or(RecordingError::Unavailable)?;
        Ok(Fetched { answer, share })
    }

    async fn fetch(&self, url: &str, wanted: &HeaderMap) -> Option<Answer> {
        let mut headers = HeaderMap::new();
        for name in PASSED_ON {
            if let Some(value) = wanted.get(&name) {
                headers.insert(name, value.clone());
            }
        }
        match self.http.send(Method::GET, url, headers, "").await {
            Ok(answer) if is_answer(answer.status()) => Some(answer),
            Ok(answer) => {
                tracing::info!(
                    status = answer.status().as_u16(),
                    "a recording is not there"
                );
                None
            }
            Err(error) => {
                tracing::warn!(%error, "a recording cannot be fetched");
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
