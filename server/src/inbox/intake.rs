//! Taking an entry in.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use retell::signature::{self, SignatureError};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::sync::Notify;
use uuid::Uuid;

use super::body::{self, Body, Event, NoEvent};
use super::fresh::Fresh;
use super::keyring::{self, NotVerified, Signed, Verified};
use super::question::{self, Question};
use super::turns::{Turns, whose};
use super::{InboxWriter, NewEntry, Outcome, Verdict, Vouched};
use crate::accounts::{AccountError, Signers};
use crate::inbox::Context;
use crate::shares::Memory;
use crate::store::{NAME_BYTES, StoreError, Tenant};

/// Entries without a good signature kept a second: anybody can send them, and
/// each costs a write.
const REJECTED_PER_SECOND: NonZeroU32 = NonZeroU32::new(20).unwrap();
/// So much of their bodies is kept: enough to see what it was meant to be.
const REJECTED_BODY_BYTES: usize = 1024;
/// Memory for large bodies, in all and for those from one address: until its
/// signature is verified, anybody may have sent a body.
const MEMORY: usize = 128 * 1024 * 1024;
const MEMORY_PER_ADDRESS: usize = MEMORY / 4;

/// Takes webhooks in.
#[derive(Debug)]
pub struct Inbox {
    writer: InboxWriter,
    rejected: DefaultDirectRateLimiter,
    /// Where large bodies are until they are taken in or refused.
    pub memory: Memory,
    /// What was read in those that are not worked off yet.
    pub(super) fresh: Fresh,
    /// Wakes the worker.
    pub(super) arrived: Notify,
    /// In which order they are worked off.
    pub(super) turns: Turns,
    /// How calls were routed last.
    pub(super) routes: question::LastRoutes,
    /// Who called lately.
    pub(super) callers: question::LastCallers,
}

/// An entry as it came.
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
    /// When all of it was there.
    pub at: Instant,
}

/// What an entry is answered with.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// It is kept, or there was nothing in it.
    Taken,
    /// Who answers a call or a message that is waiting (retell-protocol B).
    Answer(Value),
}

/// Why an entry is not taken.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// There is no signature.
    #[error("the webhook is not signed")]
    SignatureMissing,
    /// The signature is not one, or not of this body.
    #[error("the webhook's signature is not valid")]
    SignatureInvalid,
    /// The signature is too old, or from the future.
    #[error("the webhook's signature is {ahead_ms} ms ahead of our clock")]
    SignatureStale {
        /// How far its time is ahead of our clock; negative when it is behind.
        ahead_ms: i64,
    },
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
    /// What is thought of the entry.
    fn verdict(&self) -> Verdict {
        match self {
            Self::SignatureMissing => Verdict::SignatureMissing,
            Self::SignatureInvalid => Verdict::SignatureInvalid,
            Self::SignatureStale { .. } => Verdict::SignatureStale,
            Self::NotJson | Self::NotAnEvent | Self::Account(_) | Self::Store(_) => {
                Verdict::Malformed
            }
        }
    }

    /// In a word, for the metrics.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::SignatureMissing => "signature-missing",
            Self::SignatureInvalid => "signature-invalid",
            Self::SignatureStale { .. } => "signature-stale",
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
            SignatureError::Stale { ahead_ms } => Self::SignatureStale { ahead_ms },
        }
    }
}

impl Inbox {
    /// An inbox that keeps entries with this writer.
    #[must_use]
    pub fn new(writer: InboxWriter) -> Self {
        Self {
            writer,
            rejected: RateLimiter::direct(Quota::per_second(REJECTED_PER_SECOND)),
            memory: Memory::new(MEMORY, MEMORY_PER_ADDRESS),
            fresh: Fresh::default(),
            arrived: Notify::new(),
            turns: Turns::default(),
            routes: question::LastRoutes::default(),
            callers: question::LastCallers::default(),
        }
    }

    /// Whether what was refused is worth a line, and its place on the disk: anybody
    /// can send more than that.
    pub fn may_write_of_refused(&self) -> bool {
        self.rejected.check().is_ok()
    }

    /// Waits until nothing came in for `quiet`, but not longer than `patience`.
    pub(super) async fn lull(&self, quiet: Duration, patience: Duration) {
        self.writer.lull(quiet, patience).await;
    }

    /// Whether an entry that came now would be kept.
    ///
    /// # Errors
    /// When it would not.
    pub async fn beat(&self) -> Result<(), StoreError> {
        self.writer.beat().await
    }
}

/// Whether a body is worth reading that has this signature header: it may be
/// genuine, if only under a clock that is off.
///
/// # Errors
/// When it cannot be.
pub fn check_header(signature: Option<&str>) -> Result<(), Refusal> {
    Ok(keyring::check_form(signature.unwrap_or_default())?)
}

impl Context {
    /// Whose key signed a body that is answered at once, and kept by whoever answers it.
    ///
    /// # Errors
    /// When no key did, or not just now.
    pub(crate) async fn signed_by(
        &self,
        body: &[u8],
        signature: Option<&str>,
    ) -> Result<Signers, Refusal> {
        let signed = Signed {
            body,
            header: signature.unwrap_or_default(),
            now: unsigned(self.clock.now_ms()),
        };
        match self.signers(signed).await {
            Ok(Verified {
                ahead_ms: Some(ahead_ms),
                ..
            }) => Err(Refusal::SignatureStale { ahead_ms }),
            Ok(verified) => Ok(verified.signers),
            Err(NotVerified::Signature(error)) => Err(error.into()),
            Err(NotVerified::Account(AccountError::Store(error))) => Err(error.into()),
            Err(NotVerified::Account(error)) => Err(Refusal::Account(error)),
        }
    }

    /// Verifies and keeps an entry. When this returns `Ok` it is on the disk
    /// and may be acknowledged; or there is nothing in it; or it is a question,
    /// whose answer does not wait for the disk.
    ///
    /// # Errors
    /// When it is not taken. It is kept all the same, flagged: whole where its
    /// signature is good, and then a person may have it worked on. Of the others
    /// a part, as long as there are not too many; those are never acted on.
    pub async fn receive_webhook(&self, received: Received<'_>) -> Result<Reply, Refusal> {
        // Who is told in time sends it again; it may come twice, if it was kept later.
        let patience = self.store.patience();
        tokio::time::timeout(patience, self.take_in(received))
            .await
            .unwrap_or_else(|_| Err(StoreError::Late.into()))
    }

    async fn take_in(&self, received: Received<'_>) -> Result<Reply, Refusal> {
        let now = self.clock.now_ms();
        let verified = match self.verify(&received, now).await {
            Ok(verified) => verified,
            // Testing the address from a dashboard sends nothing, perhaps
            // unsigned. There is nothing in it to distrust, or to keep.
            Err(NotVerified::Signature(SignatureError::Missing))
                if body::says_nothing(received.body) =>
            {
                return Ok(Reply::Taken);
            }
            Err(NotVerified::Signature(error)) => {
                return self.refuse(&received, now, error.into()).await;
            }
            Err(NotVerified::Account(AccountError::Store(error))) => return Err(error.into()),
            Err(NotVerified::Account(error)) => return Err(Refusal::Account(error)),
        };
        let (event, refusal) = match (verified.ahead_ms, Body::parse(received.body)) {
            (None, Ok(Body::Event(event))) => {
                return match Question::of(&event) {
                    Some(question) => {
                        Ok(self.reply(&received, now, &event, question, verified).await)
                    }
                    None => self.accept(&received, now, event, verified).await,
                };
            }
            (None, Ok(Body::Ping)) => return Ok(Reply::Taken),
            (None, Err(NoEvent::NotJson)) => (None, Refusal::NotJson),
            (None, Err(NoEvent::OtherShape)) => (None, Refusal::NotAnEvent),
            (Some(ahead_ms), body) => {
                let event = match body {
                    Ok(Body::Event(event)) => Some(event),
                    _ => None,
                };
                (event, Refusal::SignatureStale { ahead_ms })
            }
        };
        self.put_aside(&received, now, event.as_ref(), verified, refusal)
            .await
    }

    /// Whose key signed the entry.
    async fn verify(&self, received: &Received<'_>, now: i64) -> Result<Verified, NotVerified> {
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
        verified: Verified,
    ) -> Reply {
        let key = question.key(&verified.signers);
        let before = match &key {
            Some(key) => {
                let key = received.scoped(key.clone());
                question::answered_before(self, &key, received.at).await
            }
            None => None,
        };
        let answered = match before {
            Some(before) => before,
            None => question::answer(self, &question, &verified.signers, received.at).await,
        };
        let mut entry = received.vouched(now, Some(event), verified, Verdict::Accepted);
        if let (Some(key), Some(vouched)) = (key, &mut entry.vouched) {
            vouched.dedupe_key = received.scoped(key);
        }
        entry.tenant_id = answered.tenant_id;
        entry.answered = Some((self.clock.now_ms(), answered.answer.to_string()));
        let cx = self.clone();
        tokio::spawn(async move {
            if let Err(error) = cx.inbox.writer.keep(entry).await {
                tracing::warn!(%error, "an answered question could not be kept");
            }
        });
        Reply::Answer(answered.answer)
    }

    async fn accept(
        &self,
        received: &Received<'_>,
        now: i64,
        event: Event,
        verified: Verified,
    ) -> Result<Reply, Refusal> {
        let whose = whose(&verified.signers, &event);
        let mut entry = received.vouched(now, Some(&event), verified, Verdict::Accepted);
        entry.due_at = self.inbox.turns.take(whose, now);
        let id = entry.id.clone();
        // The work is on what is kept: of some bodies that is less than was read.
        if entry.body == received.body {
            let bytes = received.body.len();
            self.inbox.fresh.put(received.at, &id, event, bytes);
        }
        let kept = self.inbox.writer.keep(entry).await;
        match &kept {
            Ok(Outcome::Stored) => self.inbox.arrived.notify_one(),
            Ok(Outcome::Duplicate) | Err(_) => drop(self.inbox.fresh.take(&id)),
        }
        if kept? == Outcome::Duplicate {
            tracing::debug!("webhook came again");
        }
        Ok(Reply::Taken)
    }

    /// Keeps what cannot be taken although its signature is good, for a person to
    /// have it worked on once it can be.
    async fn put_aside(
        &self,
        received: &Received<'_>,
        now: i64,
        event: Option<&Event>,
        verified: Verified,
        refusal: Refusal,
    ) -> Result<Reply, Refusal> {
        let owner = match verified.signers.tenants.as_slice() {
            [only] if !verified.signers.server => Some(only.clone()),
            _ => self.only_tenant().await?,
        };
        let mut entry = received.vouched(now, event, verified, refusal.verdict());
        entry.tenant_id = owner;
        self.inbox.writer.keep(entry).await?;
        tracing::warn!(reason = %refusal, bytes = received.body.len(), "webhook put aside");
        Err(refusal)
    }

    async fn refuse(
        &self,
        received: &Received<'_>,
        now: i64,
        refusal: Refusal,
    ) -> Result<Reply, Refusal> {
        // Beyond that there are too many to keep, or to write about.
        if self.inbox.may_write_of_refused() {
            let beginning = &received.body[..received.body.len().min(REJECTED_BODY_BYTES)];
            let body = body::without_access_tokens(beginning);
            let mut entry = received.to_keep(now, body, refusal.verdict());
            // So that its admin sees why nothing arrives.
            entry.tenant_id = match received.tenant {
                Some(tenant) => Some(tenant.id().to_owned()),
                None => self.only_tenant().await?,
            };
            self.inbox.writer.keep(entry).await?;
            tracing::warn!(reason = %refusal, bytes = received.body.len(), "webhook refused");
        }
        Err(refusal)
    }
}

impl Received<'_> {
    /// The entry whole, its signature being good.
    fn vouched(
        &self,
        now: i64,
        event: Option<&Event>,
        verified: Verified,
        verdict: Verdict,
    ) -> NewEntry {
        let mut body = body::without_access_tokens(self.body);
        // It may stand elsewhere too.
        if let Some(token) = event.and_then(Event::access_token) {
            body = body::without(token, &body);
        }
        let mut entry = self.to_keep(now, body, verdict);
        let header = self.signature.unwrap_or_default();
        let signed_at = signature::signed_at(header)
            .and_then(|at| i64::try_from(at).ok())
            .unwrap_or(now);
        // The same bytes are the same entry. A second `call_analyzed`
        // that says something new is news; merging it twice is harmless.
        let mut dedupe_key = entry.body_sha256.clone();
        if event.is_some_and(|event| !event.is_unmistakable()) {
            dedupe_key = format!("{dedupe_key}:{signed_at}");
        }
        dedupe_key = self.scoped(dedupe_key);
        // What was put aside does not stand for one that comes and is taken.
        if verdict != Verdict::Accepted {
            dedupe_key = format!("refused:{dedupe_key}");
        }
        entry.vouched = Some(Vouched {
            dedupe_key,
            signed_at,
            event: event.map(|event| beginning(&event.name).to_owned()),
            call_id: event
                .and_then(Event::call_id)
                .filter(|id| id.len() <= NAME_BYTES)
                .map(str::to_owned),
            signers: verified.signers,
        });
        entry
    }

    /// What is told from others by this key. At the address of a business it is another entry:
    /// there it may touch that business only.
    fn scoped(&self, key: String) -> String {
        match self.tenant {
            Some(tenant) => format!("{}:{key}", tenant.id()),
            None => key,
        }
    }

    /// The entry with as much of its body as may be kept.
    fn to_keep(&self, now: i64, body: Vec<u8>, verdict: Verdict) -> NewEntry {
        NewEntry {
            id: Uuid::now_v7().to_string(),
            received_at: now,
            due_at: now,
            body,
            body_sha256: hex::encode(Sha256::digest(self.body)),
            signature: self.signature.map(str::to_owned),
            content_type: self.content_type.map(str::to_owned),
            user_agent: self.user_agent.map(str::to_owned),
            remote_ip: Some(self.ip.to_string()),
            verdict,
            vouched: None,
            tenant_id: None,
            answered: None,
        }
    }
}

/// As much of an event's name as can be looked for.
fn beginning(name: &str) -> &str {
    &name[..name.floor_char_boundary(NAME_BYTES)]
}

fn unsigned(ms: i64) -> u64 {
    u64::try_from(ms).unwrap_or_default()
}
