//! Sending what Retell sends: signed requests, written down in the journal.

use std::time::Duration;

use bytes::Bytes;
use http::Method;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use retell::signature;
use tokio::time::Instant;

use crate::app::App;
use crate::journal::Attempt;

/// A request to be sent, possibly several times.
#[derive(Debug, Clone)]
pub(crate) struct Outgoing {
    /// Its entry in the journal.
    pub(crate) journal: u64,
    pub(crate) method: Method,
    pub(crate) url: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) timeout: Duration,
}

/// What a request was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn is_success(&self) -> bool {
        self.status / 100 == 2
    }
}

impl Outgoing {
    /// Sends it once, signed now. `Err` says why there was no answer.
    pub(crate) async fn send(&self, app: &App) -> Result<Answer, String> {
        let at_ms = app.clock.now_ms();
        let begun = Instant::now();
        let result = self.exchange(app, at_ms).await;
        app.journal.attempt(
            self.journal,
            Attempt {
                at_ms,
                status: result.as_ref().ok().map(|answer| answer.status),
                error: result.as_ref().err().cloned(),
                duration_ms: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
            },
        );
        result
    }

    async fn exchange(&self, app: &App, now_ms: u64) -> Result<Answer, String> {
        let signature = signature::sign(&self.body, &app.config.api_key, now_ms);
        let mut headers = self.headers.clone();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let signature = HeaderValue::from_str(&signature).map_err(|error| error.to_string())?;
        headers.insert(signature::HEADER, signature);
        let request = app
            .http
            .request(self.method.clone(), &self.url)
            .headers(headers)
            .timeout(self.timeout)
            .body(self.body.clone());
        let why = |error: reqwest::Error| {
            if error.is_timeout() {
                "timed out".to_owned()
            } else {
                // Its address may hold what variables filled in.
                error.without_url().to_string()
            }
        };
        let response = request.send().await.map_err(why)?;
        let status = response.status().as_u16();
        let body = response.bytes().await.map_err(why)?;
        Ok(Answer { status, body })
    }
}
