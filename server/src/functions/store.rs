//! What functions were asked in calls, and what they answered.

mod page;

pub(super) use page::Fared;

use std::future::ready;

use api::functions::{FunctionCall, FunctionOutcome};
use serde_json::{Map, Value, json};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::request::{BY_ARGUMENTS, BY_ID};
use crate::keeps::{Aging, Keeps, OfCalls, Redact, erase_of_calls, rows_of_call};
use crate::store::{Scope, Store, StoreError, Tenant, from_json, to_json};

macro_rules! columns {
    () => {
        "id, key, name, arguments, answer, outcome, latency_ms, at"
    };
}
use columns;

/// So many of a call are shown.
const SHOWN: i64 = 500;

pub(crate) const KEEPS: Keeps = Keeps {
    aging: &[Aging {
        name: "function_calls",
        days: |retention| retention.calls_days,
        remove: |_, write, batch| Box::pin(batch.delete(write, "function_calls", "at", "TRUE")),
    }],
    of_calls: Some(OfCalls {
        redact: Some(Redact::Copies(|write, tenant, ids, _| {
            Box::pin(erase_of_calls(write, tenant, "function_calls", ids))
        })),
        count: |_, _, _, _| Box::pin(ready(Ok(()))),
        export: |store, tenant, id, document| Box::pin(export(store, tenant, id, document)),
        erase: |write, tenant, ids, _| {
            Box::pin(erase_of_calls(write, tenant, "function_calls", ids))
        },
    }),
    sealed: &[super::own::SEALED],
    ..Keeps::NOTHING
};

/// A function that begins.
#[derive(Debug)]
pub(super) struct Begun<'a> {
    /// Its id; ids sort by time.
    pub(super) id: &'a str,
    /// In which call; empty for none.
    pub(super) call_id: &'a str,
    /// What it is called.
    pub(super) name: &'a str,
    /// What tells it from others of the call.
    pub(super) key: &'a str,
    /// What it was asked.
    pub(super) arguments: &'a Map<String, Value>,
}

crate::store::part! {
    /// The functions of each business: which are on, and their runs.
    functions -> Functions
}

impl Functions<'_> {
    /// Notes that a function begins. False when the same was begun before.
    pub(super) async fn begin(
        self,
        tenant: &Tenant,
        begun: &Begun<'_>,
        now: i64,
    ) -> Result<bool, StoreError> {
        let mut db = self.0.single(Scope::Of(tenant)).await?;
        let done = sqlx::query(
            "INSERT INTO function_calls (id, tenant_id, call_id, name, key, arguments, outcome, at) \
             VALUES ($1, $2, $3, $4, $5, $6, 'running', $7) \
             ON CONFLICT (tenant_id, call_id, key) DO NOTHING",
        )
        .bind(begun.id)
        .bind(tenant.id())
        .bind(begun.call_id)
        .bind(begun.name)
        .bind(begun.key)
        .bind(to_json(begun.arguments))
        .bind(now)
        .execute(db.connection())
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Begins one anew that is as it was `seen`. False when somebody else did.
    pub(super) async fn begin_anew(
        self,
        tenant: &Tenant,
        seen: &FunctionCall,
        now: i64,
    ) -> Result<bool, StoreError> {
        let mut db = self.0.single(Scope::Of(tenant)).await?;
        let done = sqlx::query(
            "UPDATE function_calls SET outcome = 'running', answer = NULL, at = $5 \
             WHERE tenant_id = $1 AND id = $2 AND outcome = $3 AND at = $4",
        )
        .bind(tenant.id())
        .bind(&seen.id)
        .bind(name(seen.outcome))
        .bind(seen.at)
        .bind(now)
        .execute(db.connection())
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Notes what a function answered.
    pub(super) async fn end(
        self,
        tenant: &Tenant,
        id: &str,
        answer: &Value,
        outcome: FunctionOutcome,
        latency_ms: i64,
    ) -> Result<(), StoreError> {
        let mut db = self.0.single(Scope::Of(tenant)).await?;
        sqlx::query(
            "UPDATE function_calls SET answer = $3, outcome = $4, latency_ms = $5 \
             WHERE tenant_id = $1 AND id = $2",
        )
        .bind(tenant.id())
        .bind(id)
        .bind(to_json(answer))
        .bind(name(outcome))
        .bind(latency_ms)
        .execute(db.connection())
        .await?;
        Ok(())
    }

    /// The function of a call that was begun under this key.
    pub(super) async fn begun(
        self,
        tenant: &Tenant,
        call_id: &str,
        key: &str,
    ) -> Result<Option<FunctionCall>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let row = sqlx::query(concat!(
            "SELECT ",
            columns!(),
            " FROM function_calls WHERE tenant_id = $1 AND call_id = $2 AND key = $3"
        ))
        .bind(tenant.id())
        .bind(call_id)
        .bind(key)
        .fetch_optional(db.connection())
        .await?;
        row.as_ref().map(from_row).transpose()
    }

    /// Whether another one was done in the call since, that changes something and has no id of
    /// its own.
    pub(super) async fn done_since(
        self,
        tenant: &Tenant,
        call_id: &str,
        first: &FunctionCall,
    ) -> Result<bool, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let row = sqlx::query(
            "SELECT 1 AS one FROM function_calls \
             WHERE tenant_id = $1 AND call_id = $2 AND id <> $3 AND at > $4 \
                 AND outcome = 'done' AND key LIKE $5 LIMIT 1",
        )
        .bind(tenant.id())
        .bind(call_id)
        .bind(&first.id)
        .bind(first.at)
        .bind(format!("{BY_ARGUMENTS}%"))
        .fetch_optional(db.connection())
        .await?;
        Ok(row.is_some())
    }

    /// What functions were asked in a call, in the order they were.
    pub async fn of_call(
        self,
        tenant: &Tenant,
        call_id: &str,
    ) -> Result<Vec<FunctionCall>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let rows = sqlx::query(concat!(
            "SELECT ",
            columns!(),
            " FROM function_calls WHERE tenant_id = $1 AND call_id = $2 ORDER BY id LIMIT $3"
        ))
        .bind(tenant.id())
        .bind(call_id)
        .bind(SHOWN)
        .fetch_all(db.connection())
        .await?;
        rows.iter().map(from_row).collect()
    }
}

/// An outcome's name in the database.
fn name(outcome: FunctionOutcome) -> &'static str {
    match outcome {
        FunctionOutcome::Running => "running",
        FunctionOutcome::Done => "done",
        FunctionOutcome::Refused => "refused",
        FunctionOutcome::Failed => "failed",
        FunctionOutcome::Late => "late",
        FunctionOutcome::Unknown => "unknown",
    }
}

/// The outcome of a name, which only this module writes.
fn outcome(name: &str) -> FunctionOutcome {
    match name {
        "done" => FunctionOutcome::Done,
        "refused" => FunctionOutcome::Refused,
        "failed" => FunctionOutcome::Failed,
        "late" => FunctionOutcome::Late,
        _ => FunctionOutcome::Running,
    }
}

fn from_row(row: &AnyRow) -> Result<FunctionCall, StoreError> {
    let id: String = row.try_get("id")?;
    let answer: Option<&str> = row.try_get("answer")?;
    let key: &str = row.try_get("key")?;
    Ok(FunctionCall {
        tool_call_id: key.strip_prefix(BY_ID).map(str::to_owned),
        name: row.try_get("name")?,
        arguments: from_json(row.try_get("arguments")?, "function_calls", &id)?,
        answer: answer
            .map(|answer| from_json(answer, "function_calls", &id))
            .transpose()?,
        outcome: outcome(row.try_get("outcome")?),
        latency_ms: row.try_get("latency_ms")?,
        at: row.try_get("at")?,
        id,
    })
}

async fn export(
    store: &Store,
    tenant: &Tenant,
    call_id: &str,
    document: &mut Map<String, Value>,
) -> Result<(), StoreError> {
    let rows = rows_of_call(store, tenant, "function_calls", columns!(), call_id).await?;
    let rows: Result<Vec<_>, StoreError> =
        rows.iter().map(|row| Ok(json!(from_row(row)?))).collect();
    document.insert("functions".to_owned(), rows?.into());
    Ok(())
}
