//! Sending what Retell sends: signed requests, written down in the journal.

use std::time::Duration;

use bytes::Bytes;
use http::Method;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use retell::signature;
use tokio::time::Instant;

use crate::agents::Agent;
use crate::app::App;
use crate::journal::{Attempt, Delivery};
use crate::workspaces::Workspace;

/// What something is sent about: a call or a chat.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) id: &'a str,
    pub(crate) workspace: &'a Workspace,
    pub(crate) agent: &'a Agent,
}

/// A request to be sent, possibly several times.
#[derive(Debug, Clone)]
pub(crate) struct Outgoing {
    /// Its entry in the journal.
    journal: u64,
    /// The key it is signed with.
    key: String,
    method: Method,
    url: String,
    headers: HeaderMap,
    body: Bytes,
    timeout: Duration,
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

/// What is to be sent.
#[derive(Debug)]
pub(crate) struct Sending<'a> {
    /// `webhook` or `function`.
    pub(crate) kind: &'static str,
    /// The event, or the function's name.
    pub(crate) name: &'a str,
    /// What it is about.
    pub(crate) about: &'a str,
    pub(crate) method: Method,
    pub(crate) url: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) timeout: Duration,
    /// It is written down, but will not be sent.
    pub(crate) lost: bool,
}

impl Outgoing {
    /// A request of a workspace's, written down in the journal.
    pub(crate) fn new(app: &App, workspace: &Workspace, sending: Sending<'_>) -> Self {
        let journal = app.journal.send(Delivery {
            id: 0,
            kind: sending.kind,
            name: sending.name.to_owned(),
            call_id: sending.about.to_owned(),
            url: sending.url.clone(),
            method: sending.method.to_string(),
            body: String::from_utf8_lossy(&sending.body).into_owned(),
            attempts: Vec::new(),
            delivered: false,
            lost: sending.lost,
        });
        Self {
            journal,
            key: workspace.key().to_owned(),
            method: sending.method,
            url: sending.url,
            headers: sending.headers,
            body: sending.body,
            timeout: sending.timeout,
        }
    }

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
        let signature = signature::sign(&self.body, &self.key, now_ms);
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
