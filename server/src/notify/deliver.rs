//! Sending: one attempt for a notification, and what follows from it.

use std::time::{Duration, Instant};

use axum::extract::FromRef;
use outbound::{Answer as Response, BadAddress, Checked, Failure, Limits, Rules};
use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

use super::policy::{Answer, Next, consequence};
use super::sign::signature;
use super::{Attempt, Sending, Sent, event};
use crate::config::Secret;
use crate::jobs::{Handler, Job, Outcome, Terms};
use crate::notify::Context;
use crate::store::{StoreError, Tenant};
use crate::vault::VaultError;
use crate::web::Shared;

/// The kind of the jobs that send.
pub const KIND: &str = "hook.deliver";
/// How long an attempt may take in all.
const TIMEOUT: Duration = Duration::from_secs(15);
/// A quarter of the places for each endpoint. One that takes a second and more holds
/// none meanwhile.
const TERMS: Terms = Terms {
    at_once: 32,
    each: 8,
    patience: Some(Duration::from_secs(1)),
    apart: None,
    limit: Duration::from_secs(60),
};
/// So much of an answer is kept.
const RESPONSE_BYTES: usize = 1024;

/// Sends to addresses that businesses name. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Sender {
    http: Checked,
}

/// Why nothing could be sent.
#[derive(Debug, thiserror::Error)]
enum Unsendable {
    #[error("{0}")]
    Address(#[from] BadAddress),
    #[error("The endpoint's secret or headers cannot be opened: {0}.")]
    Sealed(#[from] VaultError),
}

/// What an attempt brought.
struct Reply {
    answer: Answer,
    status: Option<u16>,
    error: Option<String>,
    response: Option<String>,
    /// It kept us waiting for nothing.
    hangs: bool,
}

impl Sender {
    /// Sets the client up. A redirect is an answer that is not success.
    ///
    /// # Errors
    /// When the system's TLS cannot be set up.
    pub fn new(rules: Rules) -> Result<Self, reqwest::Error> {
        let limits = Limits {
            time: TIMEOUT,
            bytes: 64 * RESPONSE_BYTES as u64,
            at_once: TERMS.at_most(),
            redirects: 0,
        };
        Ok(Self {
            http: Checked::new(rules, limits)?,
        })
    }

    /// Where this server sends to.
    #[must_use]
    pub fn rules(&self) -> &Rules {
        self.http.rules()
    }

    async fn send(&self, url: &str, headers: HeaderMap, body: String) -> Result<Reply, BadAddress> {
        let response = match self.http.send(Method::POST, url, headers, body).await {
            Ok(response) => response,
            Err(failure) => return silence(failure),
        };
        let status = response.status().as_u16();
        let asked = retry_after_ms(response.headers());
        Ok(Reply {
            answer: Answer::Status(status, asked),
            status: Some(status),
            error: None,
            response: Some(beginning(response).await),
            hangs: false,
        })
    }
}

/// No answer came; or none was asked for, because the address leads where nothing
/// may be sent.
fn silence(failure: Failure) -> Result<Reply, BadAddress> {
    let hangs = failure == Failure::Timeout;
    let text = match failure {
        // It may be found later.
        Failure::Address(bad) if bad != BadAddress::Unknown => return Err(bad),
        Failure::Timeout => "No answer came within 15 seconds.".to_owned(),
        other => other.to_string(),
    };
    Ok(Reply {
        answer: Answer::Silence,
        status: None,
        error: Some(text),
        response: None,
        hangs,
    })
}

/// The first bytes of an answer, as text.
async fn beginning(mut response: Response) -> String {
    let mut bytes = Vec::new();
    while bytes.len() < RESPONSE_BYTES {
        match response.chunk().await {
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            Ok(None) | Err(_) => break,
        }
    }
    bytes.truncate(RESPONSE_BYTES);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// `Retry-After` in milliseconds: a number of seconds, or a date.
fn retry_after_ms(headers: &HeaderMap) -> Option<i64> {
    let text = headers.get(reqwest::header::RETRY_AFTER)?.to_str().ok()?;
    if let Ok(seconds) = text.trim().parse::<i64>() {
        return Some(seconds.max(0).saturating_mul(1000));
    }
    let at = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    let wait = at.as_millisecond() - jiff::Timestamp::now().as_millisecond();
    Some(wait.max(0))
}

/// Runs the jobs that send.
#[must_use]
pub(super) fn handler<S: Shared>() -> Handler<S>
where
    Context: FromRef<S>,
{
    Handler::new(KIND, TERMS, deliver)
        .reaching_out()
        .while_switched_on()
}

async fn deliver(cx: Context, tenant: Tenant, job: Job) -> Outcome {
    let Some(id) = job.payload["delivery_id"].as_str() else {
        return Outcome::Park("The job names no notification.".to_owned());
    };
    match attempt(&cx, &tenant, id).await {
        Ok(outcome) => outcome,
        Err(error) => Outcome::Retry(error.to_string()),
    }
}

async fn attempt(cx: &Context, tenant: &Tenant, id: &str) -> Result<Outcome, StoreError> {
    let now = cx.clock.now_ms();
    // Sent already by a server that died before it could say so, or given up.
    let Some(sending) = cx.store.notifications().to_send(tenant, id).await? else {
        return Ok(Outcome::Done);
    };
    if sending.endpoint_disabled {
        cx.store.notifications().give_up(tenant, id, now).await?;
        return Ok(Outcome::Done);
    }
    if let Some(until) = sending.paused_until.filter(|until| *until > now) {
        return Ok(Outcome::Rest(until));
    }
    let begun = Instant::now();
    let reply = match send(cx, &sending, now).await {
        Ok(reply) => reply,
        Err(error) => {
            tracing::warn!(notification_id = id, endpoint_id = sending.endpoint_id, %error, "not sent");
            Reply {
                answer: Answer::Refused,
                status: None,
                error: Some(error.to_string()),
                response: None,
                hangs: false,
            }
        }
    };
    let hangs = reply.hangs;
    let duration_ms = i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX);
    let now = cx.clock.now_ms();
    let what = consequence(
        &cx.config.notify.policy,
        reply.answer,
        sending.tries.saturating_add(1),
        sending.failing_since,
        now,
        rand::random(),
    );
    tracing::info!(
        notification_id = id,
        endpoint_id = sending.endpoint_id,
        status = reply.status,
        duration_ms,
        "webhook sent"
    );
    let sent = Sent {
        attempt: Attempt {
            number: i64::from(sending.attempts) + 1,
            at: now,
            duration_ms,
            status: reply.status,
            error: reply.error,
            response: reply.response,
        },
        consequence: what,
    };
    cx.store
        .notifications()
        .note_attempt(tenant, id, &sending, &sent, now)
        .await?;
    Ok(match what.next {
        Next::RetryAt(at) if hangs => Outcome::Unanswered(at),
        Next::RetryAt(at) => Outcome::Later(at),
        Next::Delivered | Next::Failed => Outcome::Done,
    })
}

async fn send(cx: &Context, sending: &Sending, now: i64) -> Result<Reply, Unsendable> {
    let id = &sending.endpoint_id;
    let mut secrets = vec![cx.vault.open(&secret_purpose(id), &sending.secret)?];
    let previous = sending.previous_secret.as_ref();
    if let Some(previous) = previous.filter(|_| sending.previous_until > Some(now)) {
        secrets.push(cx.vault.open(&previous_purpose(id), previous)?);
    }
    let own = match &sending.headers {
        Some(sealed) => cx.vault.open(&headers_purpose(id), sealed)?,
        None => Secret::new("{}"),
    };
    let body = event::body(
        &sending.event_id,
        &sending.event_type,
        sending.happened_at,
        &sending.payload,
        |path| cx.config.url_of(path),
    );
    let timestamp = now / 1000;
    let mut headers = own_headers(&own);
    let signature = signature(&secrets, &sending.event_id, timestamp, &body);
    for (name, value) in [
        ("content-type", "application/json; charset=utf-8".to_owned()),
        ("webhook-id", sending.event_id.clone()),
        ("webhook-timestamp", timestamp.to_string()),
        ("webhook-signature", signature),
    ] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    Ok(cx.sender.send(&sending.url, headers, body).await?)
}

/// The endpoint's own headers; they were checked when they were entered.
fn own_headers(json: &Secret) -> HeaderMap {
    let fields: serde_json::Map<String, Value> =
        serde_json::from_str(json.expose()).unwrap_or_default();
    fields
        .iter()
        .filter_map(|(name, value)| {
            let mut value = HeaderValue::from_str(value.as_str()?).ok()?;
            value.set_sensitive(true);
            Some((HeaderName::try_from(name).ok()?, value))
        })
        .collect()
}

/// What an endpoint's sealed secrets are for.
pub(super) fn secret_purpose(endpoint_id: &str) -> String {
    format!("webhook_endpoints/{endpoint_id}/secret")
}

/// What an endpoint's sealed previous secret is for.
pub(super) fn previous_purpose(endpoint_id: &str) -> String {
    format!("webhook_endpoints/{endpoint_id}/previous_secret")
}

/// What an endpoint's sealed headers are for.
pub(super) fn headers_purpose(endpoint_id: &str) -> String {
    format!("webhook_endpoints/{endpoint_id}/headers")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_read_in_both_forms() {
        let wait = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("retry-after", text.parse().unwrap());
            retry_after_ms(&headers)
        };
        assert_eq!(wait("7"), Some(7000));
        assert_eq!(wait("-1"), Some(0));
        assert_eq!(wait("Wed, 21 Oct 2015 07:28:00 GMT"), Some(0));
        assert!(wait("Fri, 21 Oct 2089 07:28:00 GMT").unwrap() > 1_000_000);
        assert_eq!(wait("soon"), None);
    }
}
