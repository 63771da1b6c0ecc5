//! Taking a delivery in.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use retell::signature::{self, SignatureError};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::sync::{Notify, Semaphore};
use uuid::Uuid;

use super::body::{self, Body, Event, NoEvent};
use super::keyring::{NotVerified, Signed, Signers};
use super::question::{self, Question};
use crate::state::App;
use crate::store::{Accepted, DeliveryWriter, NewDelivery, Outcome, StoreError, Tenant, Verdict};
use crate::tenants::AccountError;

/// Refused deliveries kept a second: anybody can send them, and each costs a
/// write.
const REJECTED_PER_SECOND: NonZeroU32 = NonZeroU32::new(20).unwrap();
/// So much of a refused body is kept: enough to see what it was meant to be.
const REJECTED_BODY_BYTES: usize = 1024;
/// Large bodies in memory at once.
const LARGE_BODIES: usize = 16;

/// Takes webhooks in.
#[derive(Debug)]
pub struct Inbox {
    writer: DeliveryWriter,
    rejected: DefaultDirectRateLimiter,
    /// A permit for each large body that may be in memory at once: until its
    /// signature is verified, anybody may have sent it.
    pub large_bodies: Semaphore,
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
    /// The business whose own address it was posted to.
    pub tenant: Option<&'a Tenant>,
}

/// What a delivery is answered with.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// It is kept, or there was nothing in it.
    Taken,
    /// Who answers a call or a message that is waiting (retell-protocol B).
    Answer(Value),
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
    /// The key of the business it was posted to cannot be used.
    #[error(transparent)]
    Account(AccountError),
    /// It could not be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Refusal {
    /// In a word, for the metrics.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::SignatureMissing => "signature-missing",
            Self::SignatureInvalid => "signature-invalid",
            Self::SignatureStale => "signature-stale",
            Self::NotJson | Self::NotAnEvent => "malformed",
            Self::Account(_) => "account-unusable",
            Self::Store(_) => "not-stored",
        }
    }
}

impl From<SignatureError> for Refusal {
    fn from(error: SignatureError) -> Self {
        match error {
            SignatureError::Missing => Self::SignatureMissing,
            SignatureError::Malformed | SignatureError::Mismatch => Self::SignatureInvalid,
            SignatureError::Stale => Self::SignatureStale,
        }
    }
}

impl Inbox {
    /// An inbox that keeps deliveries with this writer.
    #[must_use]
    pub fn new(writer: DeliveryWriter) -> Self {
        Self {
            writer,
            rejected: RateLimiter::direct(Quota::per_second(REJECTED_PER_SECOND)),
            large_bodies: Semaphore::new(LARGE_BODIES),
            arrived: Notify::new(),
        }
    }

    /// Waits until nothing came in for `quiet`, but not longer than `patience`.
    pub(super) async fn lull(&self, quiet: Duration, patience: Duration) {
        self.writer.lull(quiet, patience).await;
    }

    /// Whether somebody waits for a delivery to be kept.
    pub(super) fn is_busy(&self) -> bool {
        self.writer.is_busy()
    }
}

impl App {
    /// Whether a body is worth reading that has this signature header: it may
    /// be genuine.
    ///
    /// # Errors
    /// When it cannot be.
    pub fn check_webhook_header(&self, signature: Option<&str>) -> Result<(), Refusal> {
        signature::check_header(signature.unwrap_or_default(), unsigned(self.clock.now_ms()))?;
        Ok(())
    }

    /// Verifies and keeps a delivery. When this returns `Ok` it is on the disk
    /// and may be acknowledged; or there is nothing in it; or it is a question,
    /// whose answer does not wait for the disk.
    ///
    /// # Errors
    /// When it is not taken. It is kept all the same, flagged, as long as there
    /// are not too many of its kind; it is never acted on.
    pub async fn receive_webhook(&self, received: Received<'_>) -> Result<Reply, Refusal> {
        let now = self.clock.now_ms();
        let signers = match self.verify(&received, now).await {
            Ok(signers) => signers,
            // Testing the address from a dashboard sends nothing, perhaps
            // unsigned. There is nothing in it to distrust, or to keep.
            Err(NotVerified::Signature(SignatureError::Missing))
                if body::says_nothing(received.body) =>
            {
                return Ok(Reply::Taken);
            }
            Err(NotVerified::Signature(error)) => {
                let verdict = match error {
                    SignatureError::Missing => Verdict::SignatureMissing,
                    SignatureError::Malformed | SignatureError::Mismatch => {
                        Verdict::SignatureInvalid
                    }
                    SignatureError::Stale => Verdict::SignatureStale,
                };
                return self.refuse(&received, now, verdict, error.into()).await;
            }
            Err(NotVerified::Account(AccountError::Store(error))) => return Err(error.into()),
            Err(NotVerified::Account(error)) => return Err(Refusal::Account(error)),
        };
        let refusal = match Body::parse(received.body) {
            Ok(Body::Event(event)) => {
                return match Question::of(&event) {
                    Some(question) => {
                        Ok(self.reply(&received, now, &event, question, signers).await)
                    }
                    None => self.accept(&received, now, &event, signers).await,
                };
            }
            Ok(Body::Ping) => return Ok(Reply::Taken),
            Err(NoEvent::NotJson) => Refusal::NotJson,
            Err(NoEvent::OtherShape) => Refusal::NotAnEvent,
        };
        self.refuse(&received, now, Verdict::Malformed, refusal)
            .await
    }

    /// Whose key signed the delivery.
    async fn verify(&self, received: &Received<'_>, now: i64) -> Result<Signers, NotVerified> {
        let signed = Signed {
            body: received.body,
            header: received.signature.unwrap_or_default(),
            now: unsigned(now),
        };
        match received.tenant {
            Some(tenant) => self.signer(signed, tenant).await,
            None => self.signers(signed).await,
        }
    }

    /// Answers a question, and keeps it with its answer for people to see. The
    /// caller is waiting: what can be had in time decides, not the disk.
    async fn reply(
        &self,
        received: &Received<'_>,
        now: i64,
        event: &Event,
        question: Question,
        signers: Signers,
    ) -> Reply {
        let answered = question::answer(self, &question, &signers).await;
        let mut delivery = self.accepted(received, now, event, signers);
        delivery.tenant_id = answered.tenant_id;
        delivery.answered = Some((self.clock.now_ms(), answered.answer.to_string()));
        let app = self.clone();
        tokio::spawn(async move {
            if let Err(error) = app.inbox.writer.keep(delivery).await {
                tracing::warn!(%error, "an answered question could not be kept");
            }
        });
        Reply::Answer(answered.answer)
    }

    async fn accept(
        &self,
        received: &Received<'_>,
        now: i64,
        event: &Event,
        signers: Signers,
    ) -> Result<Reply, Refusal> {
        let delivery = self.accepted(received, now, event, signers);
        match self.inbox.writer.keep(delivery).await? {
            Outcome::Stored => self.inbox.arrived.notify_one(),
            Outcome::Duplicate => tracing::debug!("webhook came again"),
        }
        Ok(Reply::Taken)
    }

    fn accepted(
        &self,
        received: &Received<'_>,
        now: i64,
        event: &Event,
        signers: Signers,
    ) -> NewDelivery {
        let mut body = body::without_access_tokens(received.body);
        // It may stand elsewhere too.
        if let Some(token) = event.access_token() {
            body = body::without(token, &body);
        }
        let mut delivery = received.to_keep(now, body, Verdict::Accepted);
        let header = received.signature.unwrap_or_default();
        let signed_at = signature::check_header(header, unsigned(now)).ok();
        delivery.accepted = Some(Accepted {
            // The same bytes are the same delivery. A second `call_analyzed`
            // that says something new is news; merging it twice is harmless.
            // At the address of a business it is another delivery: there it may
            // touch that business only.
            dedupe_key: match received.tenant {
                Some(tenant) => format!("{}:{}", tenant.id(), delivery.body_sha256),
                None => delivery.body_sha256.clone(),
            },
            signed_at: signed_at
                .and_then(|at| i64::try_from(at).ok())
                .unwrap_or(now),
            event: event.name.clone(),
            call_id: event.call_id().map(str::to_owned),
        });
        delivery.signers = Some(signers);
        delivery
    }

    async fn refuse(
        &self,
        received: &Received<'_>,
        now: i64,
        verdict: Verdict,
        refusal: Refusal,
    ) -> Result<Reply, Refusal> {
        // Beyond that there are too many to keep, or to write about.
        if self.inbox.rejected.check().is_ok() {
            let beginning = &received.body[..received.body.len().min(REJECTED_BODY_BYTES)];
            let body = body::without_access_tokens(beginning);
            let mut delivery = received.to_keep(now, body, verdict);
            // So that its admin sees why nothing arrives.
            delivery.tenant_id = match received.tenant {
                Some(tenant) => Some(tenant.id().to_owned()),
                None => self.only_tenant().await?,
            };
            self.inbox.writer.keep(delivery).await?;
            tracing::warn!(reason = %refusal, bytes = received.body.len(), "webhook refused");
        }
        Err(refusal)
    }
}

impl Received<'_> {
    /// The delivery with as much of its body as may be kept.
    fn to_keep(&self, now: i64, body: Vec<u8>, verdict: Verdict) -> NewDelivery {
        NewDelivery {
            id: Uuid::now_v7().to_string(),
            received_at: now,
            body,
            body_sha256: hex::encode(Sha256::digest(self.body)),
            signature: self.signature.map(str::to_owned),
            content_type: self.content_type.map(str::to_owned),
            user_agent: self.user_agent.map(str::to_owned),
            remote_ip: Some(self.ip.to_string()),
            verdict,
            accepted: None,
            signers: None,
            tenant_id: None,
            answered: None,
        }
    }
}

fn unsigned(ms: i64) -> u64 {
    u64::try_from(ms).unwrap_or_default()
}
