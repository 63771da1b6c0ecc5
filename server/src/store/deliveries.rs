//! The webhook inbox: every delivery as it came, and what became of it.

use sqlx::Row;

use super::{Scope, Store, StoreError, Tenant, Write};

/// So many refused deliveries are kept, the newest: anybody can send one.
const REJECTED_KEPT: i64 = 1000;

/// What is thought of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The signature is good and the body can be understood.
    Accepted,
    /// The signature is good, but the body is not JSON or not an event.
    Malformed,
    /// There is no signature.
    SignatureMissing,
    /// The signature is not one, or not of this body.
    SignatureInvalid,
    /// The signature is too old, or from the future.
    SignatureStale,
}

impl Verdict {
    fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Malformed => "malformed",
            Self::SignatureMissing => "signature-missing",
            Self::SignatureInvalid => "signature-invalid",
            Self::SignatureStale => "signature-stale",
        }
    }

    fn state(self) -> &'static str {
        match self {
            Self::Accepted => "pending",
            Self::Malformed
            | Self::SignatureMissing
            | Self::SignatureInvalid
            | Self::SignatureStale => "rejected",
        }
    }
}

/// A delivery to be kept.
#[derive(Debug, Clone)]
pub struct NewDelivery {
    /// A UUID whose order is that of time.
    pub id: String,
    /// When it came (Unix ms).
    pub received_at: i64,
    /// What came.
    pub body: Vec<u8>,
    /// SHA-256 of the body as it came, in hex.
    pub body_sha256: String,
    /// The signature header.
    pub signature: Option<String>,
    /// The content type header.
    pub content_type: Option<String>,
    /// The user agent header.
    pub user_agent: Option<String>,
    /// Where it came from.
    pub remote_ip: Option<String>,
    /// What is thought of it.
    pub verdict: Verdict,
    /// What is in it, if it is accepted: then it is worked off.
    pub accepted: Option<Accepted>,
}

/// What is in an accepted delivery.
#[derive(Debug, Clone)]
pub struct Accepted {
    /// The same for two deliveries of the same event.
    pub dedupe_key: String,
    /// When Retell signed it (Unix ms).
    pub signed_at: i64,
    /// The event's name.
    pub event: String,
    /// The call it is about.
    pub call_id: Option<String>,
}

/// What keeping a delivery found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is new.
    Stored,
    /// It came before; that is noted, and nothing else done.
    Duplicate,
}

/// A delivery that is due to be worked off.
#[derive(Debug, Clone)]
pub struct DueDelivery {
    /// Which one.
    pub id: String,
    /// The call it is about.
    pub call_id: Option<String>,
    /// What came.
    pub body: Vec<u8>,
    /// When Retell signed it (Unix ms).
    pub signed_at: i64,
    /// How often it was tried before.
    pub attempts: u32,
    /// The event's name.
    pub event: String,
    /// When it came (Unix ms).
    pub received_at: i64,
}

/// A delivery as a person looks at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Which one.
    pub id: String,
    /// Whose call it is about, once known.
    pub tenant_id: Option<String>,
    /// What came.
    pub body: Vec<u8>,
    /// What was thought of it.
    pub verdict: String,
    /// `pending`, `done`, `ignored`, `parked` or `rejected`.
    pub state: String,
    /// The event's name.
    pub event: Option<String>,
    /// How often the same came again.
    pub duplicates: i64,
    /// How often working it off was tried.
    pub attempts: i64,
    /// When that succeeded (Unix ms).
    pub processed_at: Option<i64>,
    /// Why it did not.
    pub error: Option<String>,
}

impl Store {
    /// Keeps a delivery, or notes that it came again.
    pub(super) async fn insert_delivery(
        write: &mut Write,
        new: &NewDelivery,
    ) -> Result<Outcome, StoreError> {
        let accepted = new.accepted.as_ref();
        let row = sqlx::query(
            "INSERT INTO webhook_deliveries (id, received_at, body, body_sha256, signature, \
                 content_type, user_agent, remote_ip, verdict, dedupe_key, duplicates, signed_at, \
                 event, call_id, state, attempts, due_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, $11, $12, $13, $14, 0, $15) \
             ON CONFLICT (dedupe_key) DO UPDATE SET \
                 duplicates = webhook_deliveries.duplicates + 1, \
                 duplicate_at = excluded.received_at \
             RETURNING duplicates",
        )
        .bind(&new.id)
        .bind(new.received_at)
        .bind(new.body.as_slice())
        .bind(&new.body_sha256)
        .bind(&new.signature)
        .bind(&new.content_type)
        .bind(&new.user_agent)
        .bind(&new.remote_ip)
        .bind(new.verdict.name())
        .bind(accepted.map(|accepted| accepted.dedupe_key.as_str()))
        .bind(accepted.map(|accepted| accepted.signed_at))
        .bind(accepted.map(|accepted| without_nul(&accepted.event)))
        .bind(
            accepted
                .and_then(|accepted| accepted.call_id.as_deref())
                .map(without_nul),
        )
        .bind(new.verdict.state())
        .bind(accepted.map(|_| new.received_at))
        .fetch_one(write.connection())
        .await?;
        let duplicates: i64 = row.try_get("duplicates")?;
        Ok(if duplicates == 0 {
            Outcome::Stored
        } else {
            Outcome::Duplicate
        })
    }

    /// Forgets the oldest refused deliveries beyond what is kept.
    pub(super) async fn prune_rejected(write: &mut Write) -> Result<(), StoreError> {
        sqlx::query(
            "DELETE FROM webhook_deliveries WHERE state = 'rejected' AND id <= \
                 (SELECT id FROM webhook_deliveries WHERE state = 'rejected' \
                  ORDER BY id DESC LIMIT 1 OFFSET $1)",
        )
        .bind(REJECTED_KEPT)
        .execute(write.connection())
        .await?;
        Ok(())
    }

    /// The deliveries that are due, the oldest first. On PostgreSQL they stay
    /// ours until the transaction ends.
    pub(crate) async fn due_deliveries(
        &self,
        write: &mut Write,
        now: i64,
        limit: u32,
    ) -> Result<Vec<DueDelivery>, StoreError> {
        let sql = format!(
            "SELECT id, call_id, body, signed_at, attempts, event, received_at \
             FROM webhook_deliveries \
             WHERE due_at <= $1 ORDER BY due_at, id LIMIT $2{}",
            self.for_update_skip_locked("webhook_deliveries")
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(now)
            .bind(i64::from(limit))
            .fetch_all(write.connection())
            .await?;
        rows.iter()
            .map(|row| {
                let attempts: i64 = row.try_get("attempts")?;
                Ok(DueDelivery {
                    id: row.try_get("id")?,
                    call_id: row.try_get("call_id")?,
                    body: row.try_get("body")?,
                    signed_at: row.try_get::<Option<i64>, _>("signed_at")?.unwrap_or(0),
                    attempts: u32::try_from(attempts).unwrap_or(u32::MAX),
                    event: row
                        .try_get::<Option<String>, _>("event")?
                        .unwrap_or_default(),
                    received_at: row.try_get("received_at")?,
                })
            })
            .collect()
    }

    /// When the next delivery is due (Unix ms).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next_delivery_due(&self) -> Result<Option<i64>, StoreError> {
        let mut db = self.read(Scope::Server).await?;
        let row = sqlx::query(
            "SELECT due_at FROM webhook_deliveries WHERE due_at IS NOT NULL \
             ORDER BY due_at LIMIT 1",
        )
        .fetch_optional(db.connection())
        .await?;
        Ok(row.map(|row| row.try_get("due_at")).transpose()?)
    }

    /// The delivery was worked off, for this tenant; or there was nothing to do
    /// about it, for the reason given.
    pub(crate) async fn finish_delivery(
        write: &mut Write,
        id: &str,
        result: Result<&Tenant, &str>,
        now: i64,
    ) -> Result<(), StoreError> {
        let (state, tenant_id, reason) = match result {
            Ok(tenant) => ("done", Some(tenant.id()), None),
            Err(reason) => ("ignored", None, Some(reason)),
        };
        sqlx::query(
            "UPDATE webhook_deliveries SET state = $2, tenant_id = $3, error = $4, \
                 processed_at = $5, due_at = NULL, attempts = attempts + 1 WHERE id = $1",
        )
        .bind(id)
        .bind(state)
        .bind(tenant_id)
        .bind(reason)
        .bind(now)
        .execute(write.connection())
        .await?;
        Ok(())
    }

    /// The delivery could not be worked off. It is tried again at `due_at`, or
    /// parked for a person to look at.
    pub(crate) async fn fail_delivery(
        write: &mut Write,
        id: &str,
        error: &str,
        due_at: Option<i64>,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE webhook_deliveries SET state = $2, error = $3, due_at = $4, \
                 attempts = attempts + 1 WHERE id = $1",
        )
        .bind(id)
        .bind(if due_at.is_some() {
            "pending"
        } else {
            "parked"
        })
        .bind(error)
        .bind(due_at)
        .execute(write.connection())
        .await?;
        Ok(())
    }

    /// The newest deliveries of the whole server, the newest first. For
    /// operators: deliveries nobody could assign belong to no tenant.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn deliveries(&self, limit: u32) -> Result<Vec<Delivery>, StoreError> {
        let mut db = self.read(Scope::Server).await?;
        let rows = sqlx::query(
            "SELECT id, tenant_id, body, verdict, state, event, duplicates, attempts, \
                 processed_at, error \
             FROM webhook_deliveries ORDER BY id DESC LIMIT $1",
        )
        .bind(i64::from(limit))
        .fetch_all(db.connection())
        .await?;
        rows.iter()
            .map(|row| {
                Ok(Delivery {
                    id: row.try_get("id")?,
                    tenant_id: row.try_get("tenant_id")?,
                    body: row.try_get("body")?,
                    verdict: row.try_get("verdict")?,
                    state: row.try_get("state")?,
                    event: row.try_get("event")?,
                    duplicates: row.try_get("duplicates")?,
                    attempts: row.try_get("attempts")?,
                    processed_at: row.try_get("processed_at")?,
                    error: row.try_get("error")?,
                })
            })
            .collect()
    }
}

/// PostgreSQL stores no NUL in text.
fn without_nul(text: &str) -> String {
    text.replace('\0', "")
}
