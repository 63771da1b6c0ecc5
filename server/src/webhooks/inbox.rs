//! Taking a delivery in.

use std::net::IpAddr;
use std::num::NonZeroU32;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use retell::signature::{self, SignatureError};
use sha2::{Digest, Sha256};
use tokio::sync::Notify;
use uuid::Uuid;

use super::body::{self, Body, NoEvent};
use crate::state::App;
use crate::store::{Accepted, DeliveryWriter, NewDelivery, Outcome, StoreError, Verdict};

/// Refused deliveries kept a second: anybody can send them, and each costs a
/// write.
const REJECTED_PER_SECOND: NonZeroU32 = NonZeroU32::new(20).unwrap();
/// So much of a refused body is kept.
const REJECTED_BODY_BYTES: usize = 16 * 1024;

/// Takes webhooks in.
#[derive(Debug)]
pub struct Inbox {
    writer: DeliveryWriter,
    rejected: DefaultDirectRateLimiter,
    /// Wakes the worker.
    pub(super) arrived: Notify,
}

/// A delivery as it came.
#[derive(Debug)]
pub struct Received<'a> {
    /// The raw bytes.
    pub body: &'a [u8],
    /// The signature header.
    pub signature: Option<&'a str>,
    /// The content type header.
    pub content_type: Option<&'a str>,
    /// The user agent header.
    pub user_agent: Option<&'a str>,
    /// Where it came from.
    pub ip: IpAddr,
}

/// Why a delivery is not taken.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// There is no signature.
    #[error("the webhook is not signed")]
    SignatureMissing,
    /// The signature is not one, or not of this body.
    #[error("the webhook's signature is not valid")]
    SignatureInvalid,
    /// The signature is too old, or from the future.
    #[error("the webhook's signature is stale")]
    SignatureStale,
    /// The body is not JSON.
    #[error("the webhook is not JSON")]
    NotJson,
    /// The body is JSON, but no event.
    #[error("the webhook is not an event")]
    NotAnEvent,
    /// It could not be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Inbox {
    /// An inbox that keeps deliveries with this writer.
    #[must_use]
    pub fn new(writer: DeliveryWriter) -> Self {
        Self {
            writer,
            rejected: RateLimiter::direct(Quota::per_second(REJECTED_PER_SECOND)),
            arrived: Notify::new(),
        }
    }
}

impl App {
    /// Verifies and keeps a delivery. When this returns `Ok` it is on the disk
    /// and may be acknowledged.
    ///
    /// # Errors
    /// When it is not taken. It is kept all the same, flagged, as long as there
    /// are not too many of its kind; it is never acted on.
    pub async fn receive_webhook(&self, received: Received<'_>) -> Result<(), Refusal> {
        let now = self.clock.now_ms();
        let parsed = Body::parse(received.body);
        let header = received.signature.unwrap_or_default();
        let key = self.config.retell.webhook_key.expose();
        let verified = signature::verify(
            received.body,
            key,
            header,
            u64::try_from(now).unwrap_or_default(),
        );
        let (verdict, refusal) = match (verified, &parsed) {
            (Ok(()), Ok(Body::Event(_))) => (Verdict::Accepted, None),
            (Ok(()), Err(NoEvent::NotJson)) => (Verdict::Malformed, Some(Refusal::NotJson)),
            (Ok(()), Err(NoEvent::OtherShape)) => (Verdict::Malformed, Some(Refusal::NotAnEvent)),
            // Testing the address from a dashboard sends nothing, perhaps
            // unsigned. There is nothing in it to distrust.
            (Ok(()) | Err(SignatureError::Missing), Ok(Body::Ping)) => (Verdict::Ping, None),
            (Err(SignatureError::Missing), _) => {
                (Verdict::SignatureMissing, Some(Refusal::SignatureMissing))
            }
            (Err(SignatureError::Malformed | SignatureError::Mismatch), _) => {
                (Verdict::SignatureInvalid, Some(Refusal::SignatureInvalid))
            }
            (Err(SignatureError::Stale), _) => {
                (Verdict::SignatureStale, Some(Refusal::SignatureStale))
            }
        };
        let accepted = match &parsed {
            Ok(Body::Event(event)) if verdict == Verdict::Accepted => Some(event),
            _ => None,
        };
        if accepted.is_none() && self.inbox.rejected.check().is_err() {
            // Too many to keep, and nothing to act on.
            return refusal.map_or(Ok(()), Err);
        }
        let sha256 = hex::encode(Sha256::digest(received.body));
        let delivery = NewDelivery {
            id: Uuid::now_v7().to_string(),
            received_at: now,
            body: match accepted {
                Some(event) => match event.access_token() {
                    Some(token) => body::without(token, received.body),
                    None => received.body.to_vec(),
                },
                None => received.body[..received.body.len().min(REJECTED_BODY_BYTES)].to_vec(),
            },
            signature: received.signature.map(str::to_owned),
            content_type: received.content_type.map(str::to_owned),
            user_agent: received.user_agent.map(str::to_owned),
            remote_ip: Some(received.ip.to_string()),
            verdict,
            accepted: accepted.map(|event| Accepted {
                // The same bytes are the same delivery. A second `call_analyzed`
                // that says something new is news; merging it twice is harmless.
                dedupe_key: sha256.clone(),
                signed_at: signed_at(header).unwrap_or(now),
                event: event.name.clone(),
                call_id: event.call_id().map(str::to_owned),
            }),
            body_sha256: sha256,
        };
        let outcome = self.inbox.writer.keep(delivery).await?;
        if let Some(refusal) = refusal {
            tracing::warn!(reason = %refusal, "webhook refused");
            return Err(refusal);
        }
        match (outcome, accepted) {
            (Outcome::Stored, Some(_)) => self.inbox.arrived.notify_one(),
            (Outcome::Stored, None) => {}
            (Outcome::Duplicate, _) => tracing::debug!("webhook came again"),
        }
        Ok(())
    }
}

/// The time in a signature that was verified.
fn signed_at(header: &str) -> Option<i64> {
    header.strip_prefix("v=")?.split_once(',')?.0.parse().ok()
}
