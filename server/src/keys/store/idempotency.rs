//! Answers that are given again to the same request under the same
//! `Idempotency-Key`.

use sqlx::Row;
use uuid::Uuid;

use crate::accounts::REPEATABLE_MS;
use crate::clock::DAY_MS;
use crate::keeps::{Keeps, forget};
use crate::store::{Scope, SealedColumn, StoreError, Tenant};

pub(crate) const KEEPS: Keeps = Keeps {
    // A business that asks nothing more has nobody else to forget its answers.
    expiring: &[|store, now, limit| {
        let answers = ("idempotent_answers", "tenant_id, key", "expires_at");
        Box::pin(forget(store, answers, now, limit))
    }],
    sealed: &[
        SealedColumn::new("public_keys", "id", "captcha_secret"),
        SealedColumn::new("idempotent_answers", "attempt", "answer"),
    ],
    ..Keeps::NOTHING
};

/// How long an answer is kept (ms).
const KEPT_MS: i64 = DAY_MS;
/// How long a request is believed to be worked on (ms): its server may have died.
const LOCKED_MS: i64 = 150_000;

/// The status of a request whose server died.
const ABANDONED: i64 = 500;

/// How a request with an `Idempotency-Key` stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Repeat {
    /// It is to be done. Its answer is kept under this attempt.
    First(String),
    /// It was done: with this status, and this answer as it was sealed for this
    /// attempt.
    Answered(u16, String, String),
    /// It is being done.
    InProgress,
    /// Another request came with the same key.
    OtherRequest,
    /// It may have been done, too long ago to be tried again.
    OutcomeUnknown,
}

crate::store::part! {
    /// The keys under which programs repeat a request, with what was answered.
    idempotency_keys -> IdempotencyKeys
}

impl IdempotencyKeys<'_> {
    /// Begins a request, unless it was begun before.
    pub async fn begin(
        self,
        tenant: &Tenant,
        key: &str,
        request_hash: &str,
        now: i64,
    ) -> Result<Repeat, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        sqlx::query("DELETE FROM idempotent_answers WHERE tenant_id = $1 AND expires_at <= $2")
            .bind(tenant.id())
            .bind(now)
            .execute(write.connection())
            .await?;
        let attempt = Uuid::now_v7().to_string();
        let inserted = sqlx::query(
            "INSERT INTO idempotent_answers (tenant_id, key, request_hash, attempt, \
                 locked_until, expires_at) VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT (tenant_id, key) DO NOTHING",
        )
        .bind(tenant.id())
        .bind(key)
        .bind(request_hash)
        .bind(&attempt)
        .bind(now + LOCKED_MS)
        .bind(now + KEPT_MS)
        .execute(write.connection())
        .await?;
        if inserted.rows_affected() > 0 {
            write.commit().await?;
            return Ok(Repeat::First(attempt));
        }
        let sql = format!(
            "SELECT request_hash, attempt, locked_until, status, answer, expires_at \
             FROM idempotent_answers \
             WHERE tenant_id = $1 AND key = $2{}",
            self.0.for_update()
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(tenant.id())
            .bind(key)
            .fetch_one(write.connection())
            .await?;
        if row.try_get::<&str, _>("request_hash")? != request_hash {
            return Ok(Repeat::OtherRequest);
        }
        let status: Option<i64> = row.try_get("status")?;
        let answer: Option<String> = row.try_get("answer")?;
        if let (Some(status), Some(answer)) = (status, answer) {
            let status = u16::try_from(status).unwrap_or(500);
            return Ok(Repeat::Answered(status, answer, row.try_get("attempt")?));
        }
        if row.try_get::<i64, _>("locked_until")? > now {
            return Ok(Repeat::InProgress);
        }
        // Nobody knows what became of it, or whoever worked on it is gone.
        let begun_at = row.try_get::<i64, _>("expires_at")? - KEPT_MS;
        if now - begun_at > REPEATABLE_MS {
            return Ok(Repeat::OutcomeUnknown);
        }
        sqlx::query(
            "UPDATE idempotent_answers SET attempt = $3, locked_until = $4, \
                 status = COALESCE(status, $5) \
             WHERE tenant_id = $1 AND key = $2",
        )
        .bind(tenant.id())
        .bind(key)
        .bind(&attempt)
        .bind(now + LOCKED_MS)
        .bind(ABANDONED)
        .execute(write.connection())
        .await?;
        write.commit().await?;
        Ok(Repeat::First(attempt))
    }

    /// Keeps the answer of an attempt.
    pub async fn keep_answer(
        self,
        tenant: &Tenant,
        key: &str,
        attempt: &str,
        status: u16,
        sealed: &str,
    ) -> Result<(), StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        sqlx::query(
            "UPDATE idempotent_answers SET status = $4, answer = $5 \
             WHERE tenant_id = $1 AND key = $2 AND attempt = $3",
        )
        .bind(tenant.id())
        .bind(key)
        .bind(attempt)
        .bind(i64::from(status))
        .bind(sealed)
        .execute(write.connection())
        .await?;
        write.commit().await
    }

    /// Ends an attempt without an answer to keep: the request may be sent again.
    /// It is forgotten, unless this attempt or an earlier one may have done what
    /// was asked for, which ended in the status `doubtful`.
    pub async fn end_attempt(
        self,
        tenant: &Tenant,
        key: &str,
        attempt: &str,
        doubtful: Option<u16>,
    ) -> Result<(), StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        sqlx::query(
            "UPDATE idempotent_answers SET locked_until = 0, status = COALESCE(status, $4) \
             WHERE tenant_id = $1 AND key = $2 AND attempt = $3",
        )
        .bind(tenant.id())
        .bind(key)
        .bind(attempt)
        .bind(doubtful.map(i64::from))
        .execute(write.connection())
        .await?;
        sqlx::query(
            "DELETE FROM idempotent_answers \
             WHERE tenant_id = $1 AND key = $2 AND attempt = $3 AND status IS NULL",
        )
        .bind(tenant.id())
        .bind(key)
        .bind(attempt)
        .execute(write.connection())
        .await?;
        write.commit().await
    }
}
