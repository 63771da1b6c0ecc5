//! A call-back's way from its job to its call.

use serde_json::Value;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{CallbackRequest, Callbacks, LEFT, OVER, WAITS, changed};
use crate::accounts::REPEATABLE_MS;
use crate::phone::E164;
use crate::store::{Scope, StoreError, Tenant, from_json};

/// What waits no longer than this is still "now" (ms).
const SOON_MS: i64 = 5 * 60 * 1000;

/// A call-back that is being placed.
#[derive(Debug, Clone, PartialEq)]
pub struct DueCallback {
    /// What was asked for.
    pub request: CallbackRequest,
    /// How often it was begun.
    pub round: i64,
    /// When somebody wants to be called (Unix ms).
    pub wanted_at: i64,
    /// When it was asked for (Unix ms).
    pub created_at: i64,
}

/// Whether a job has anything to place.
#[derive(Debug, Clone, PartialEq)]
pub enum Begun {
    /// This one.
    Due(Box<DueCallback>),
    /// It was begun too long ago to be repeated without calling twice.
    Doubtful,
    /// It is over, or another job's.
    Over,
}

/// How a call-back failed, with the problem's slug.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failed {
    /// No call was placed.
    Surely(&'static str),
    /// Retell gave no answer that says so.
    Perhaps(&'static str),
}

impl Callbacks<'_> {
    /// Begins to place a call-back: nobody changes it from now on.
    pub async fn begin(
        self,
        tenant: &Tenant,
        id: &str,
        round: i64,
        now: i64,
    ) -> Result<Begun, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let row = sqlx::query(
            "UPDATE callbacks SET state = 'calling', section = $5, updated_at = $4, \
                 calling_since = $4, problem = NULL \
             WHERE tenant_id = $1 AND id = $2 AND round = $3 AND section < $6 \
                 AND claimed_by IS NULL AND NOT EXISTS (SELECT 1 FROM callbacks o WHERE o.tenant_id = $1 \
                     AND o.phone = callbacks.phone AND o.section = $5 AND o.id <> $2) \
             RETURNING id, round, public_key_id, name, phone, agent_id, from_number, language, \
                 page_url, variables, metadata, consent, due_at, wanted_at, created_at, asked_at",
        )
        .bind(tenant.id())
        .bind(id)
        .bind(round)
        .bind(now)
        .bind(WAITS)
        .bind(OVER)
        .fetch_optional(write.connection())
        .await?;
        let Some(row) = row else {
            return Ok(Begun::Over);
        };
        let asked_at: Option<i64> = row.try_get("asked_at")?;
        let due = due(&row)?;
        changed(&mut write, tenant);
        write.commit().await?;
        Ok(match asked_at {
            Some(asked_at) if now - asked_at > REPEATABLE_MS => Begun::Doubtful,
            _ => Begun::Due(Box::new(due)),
        })
    }

    /// Notes that Retell is asked to call now. Returns the round under whose key
    /// it is asked: an earlier one's while that may have placed the call; `None`
    /// when it is not being placed any more.
    pub async fn asking(
        self,
        tenant: &Tenant,
        id: &str,
        round: i64,
        now: i64,
    ) -> Result<Option<i64>, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let row = sqlx::query(
            "UPDATE callbacks SET asked_at = COALESCE(asked_at, $4), \
                 asked_round = CASE WHEN asked_at IS NULL THEN $3 ELSE asked_round END \
             WHERE tenant_id = $1 AND id = $2 AND round = $3 AND state = 'calling' \
             RETURNING asked_round",
        )
        .bind(tenant.id())
        .bind(id)
        .bind(round)
        .bind(now)
        .fetch_optional(write.connection())
        .await?;
        write.commit().await?;
        Ok(row.map(|row| row.try_get("asked_round")).transpose()?)
    }

    /// It was not placed, and is tried again.
    pub async fn let_wait(
        self,
        tenant: &Tenant,
        id: &str,
        round: i64,
        now: i64,
    ) -> Result<(), StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        sqlx::query(
            "UPDATE callbacks SET state = 'pending', updated_at = $4 \
             WHERE tenant_id = $1 AND id = $2 AND round = $3 AND state = 'calling'",
        )
        .bind(tenant.id())
        .bind(id)
        .bind(round)
        .bind(now)
        .execute(write.connection())
        .await?;
        changed(&mut write, tenant);
        write.commit().await
    }

    /// It is to be placed at another time (Unix ms).
    pub async fn postpone(
        self,
        tenant: &Tenant,
        id: &str,
        round: i64,
        at: i64,
        now: i64,
    ) -> Result<(), StoreError> {
        let state = if at - now > SOON_MS {
            "scheduled"
        } else {
            "pending"
        };
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        sqlx::query(
            "UPDATE callbacks SET state = $4, due_at = $5, calling_since = NULL, updated_at = $6 \
             WHERE tenant_id = $1 AND id = $2 AND round = $3 AND state = 'calling'",
        )
        .bind(tenant.id())
        .bind(id)
        .bind(round)
        .bind(state)
        .bind(at)
        .bind(now)
        .execute(write.connection())
        .await?;
        changed(&mut write, tenant);
        write.commit().await
    }

    /// It was not placed, as far as anybody knows.
    pub async fn fail(
        self,
        tenant: &Tenant,
        id: &str,
        round: i64,
        failed: Failed,
        now: i64,
    ) -> Result<(), StoreError> {
        let (problem, certain) = match failed {
            Failed::Surely(problem) => (problem, 1_i64),
            Failed::Perhaps(problem) => (problem, 0),
        };
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        sqlx::query(
            "UPDATE callbacks SET state = 'failed', section = $4, problem = $5, updated_at = $6, \
                 calling_since = NULL, \
                 asked_at = CASE WHEN $7 = 1 THEN NULL ELSE asked_at END \
             WHERE tenant_id = $1 AND id = $2 AND round = $3 AND state = 'calling'",
        )
        .bind(tenant.id())
        .bind(id)
        .bind(round)
        .bind(LEFT)
        .bind(problem)
        .bind(now)
        .bind(certain)
        .execute(write.connection())
        .await?;
        changed(&mut write, tenant);
        write.commit().await
    }

    /// Its call was placed.
    pub async fn placed(
        self,
        tenant: &Tenant,
        id: &str,
        round: i64,
        call_id: &str,
        now: i64,
    ) -> Result<(), StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        sqlx::query(
            "UPDATE callbacks SET state = 'placed', section = $4, call_id = $5, updated_at = $6, \
                 outcome = NULL, asked_at = NULL \
             WHERE tenant_id = $1 AND id = $2 AND round = $3",
        )
        .bind(tenant.id())
        .bind(id)
        .bind(round)
        .bind(OVER)
        .bind(call_id)
        .bind(now)
        .execute(write.connection())
        .await?;
        changed(&mut write, tenant);
        write.commit().await
    }
}

fn due(row: &AnyRow) -> Result<DueCallback, StoreError> {
    const TABLE: &str = "callbacks";
    let id: String = row.try_get("id")?;
    let number = |text: &str| -> Result<E164, StoreError> {
        from_json(&Value::from(text).to_string(), TABLE, &id)
    };
    let from_number: Option<&str> = row.try_get("from_number")?;
    let key: String = row.try_get("public_key_id")?;
    let request = CallbackRequest {
        public_key_id: Some(key).filter(|key| !key.is_empty()),
        name: row.try_get("name")?,
        phone: number(row.try_get("phone")?)?,
        agent_id: row.try_get("agent_id")?,
        from_number: from_number.map(number).transpose()?,
        language: row.try_get("language")?,
        page_url: row.try_get("page_url")?,
        variables: from_json(row.try_get("variables")?, TABLE, &id)?,
        metadata: from_json(row.try_get("metadata")?, TABLE, &id)?,
        consent: row.try_get("consent")?,
        due_at: row.try_get("due_at")?,
        id,
    };
    Ok(DueCallback {
        request,
        round: row.try_get("round")?,
        wanted_at: row.try_get("wanted_at")?,
        created_at: row.try_get("created_at")?,
    })
}
