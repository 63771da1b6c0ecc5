//! What the page of the functions shows: which are off, and how they fare.

use api::functions::{FunctionOutcome, FunctionRun};
use serde_json::json;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Functions, columns, from_row, outcome};
use crate::deeds::{Author, Deed, Deeds};
use crate::functions::TRIAL;
use crate::store::{Scope, StoreError, Tenant, older_than};

/// So many of what was asked lately are looked at.
const LOOKED_AT: usize = 20_000;

/// What became of a function once.
#[derive(Debug)]
pub(in crate::functions) struct Fared {
    /// The name it was asked for by.
    pub(in crate::functions) name: String,
    /// When it was asked for (Unix ms).
    pub(in crate::functions) at: i64,
    pub(in crate::functions) outcome: FunctionOutcome,
    pub(in crate::functions) latency_ms: Option<i64>,
}

impl Functions<'_> {
    /// The functions that are switched off: the agent and the name of each.
    pub(in crate::functions) async fn off(
        self,
        tenant: &Tenant,
    ) -> Result<Vec<(String, String)>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let rows = sqlx::query_as(
            "SELECT agent_id, name FROM function_switches WHERE tenant_id = $1 \
             ORDER BY agent_id, name",
        )
        .bind(tenant.id())
        .fetch_all(db.connection())
        .await?;
        Ok(rows)
    }

    /// Whether an agent may not ask for a function.
    pub(in crate::functions) async fn is_off(
        self,
        tenant: &Tenant,
        agent_id: &str,
        name: &str,
    ) -> Result<bool, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let row = sqlx::query(
            "SELECT 1 FROM function_switches WHERE tenant_id = $1 AND agent_id = $2 AND name = $3",
        )
        .bind(tenant.id())
        .bind(agent_id)
        .bind(name)
        .fetch_optional(db.connection())
        .await?;
        Ok(row.is_some())
    }

    /// Says whether an agent may ask for a function.
    pub(in crate::functions) async fn switch(
        self,
        tenant: &Tenant,
        (agent_id, name): (&str, &str),
        on: bool,
        author: &Author,
        now: i64,
    ) -> Result<(), StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let query = if on {
            sqlx::query(
                "DELETE FROM function_switches \
                 WHERE tenant_id = $1 AND agent_id = $2 AND name = $3",
            )
        } else {
            sqlx::query(
                "INSERT INTO function_switches (tenant_id, agent_id, name, off_at) \
                 VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            )
        };
        let query = query.bind(tenant.id()).bind(agent_id).bind(name);
        let query = if on { query } else { query.bind(now) };
        let done = query.execute(write.connection()).await?;
        if done.rows_affected() > 0 {
            let deed = Deed::on("function", name, "function.switched")
                .with(json!({"agent_id": agent_id, "on": on}));
            Deeds::record(&mut write, tenant, author, &deed, now).await?;
            write.commit().await?;
        }
        Ok(())
    }

    /// Notes something somebody did about functions.
    pub(in crate::functions) async fn note_of_functions(
        self,
        tenant: &Tenant,
        deed: &Deed<'_>,
        author: &Author,
        now: i64,
    ) -> Result<(), StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        Deeds::record(&mut write, tenant, author, deed, now).await?;
        write.commit().await
    }

    /// How functions fared on the last days, which begin when `days` says (Unix ms, the oldest
    /// first), the newest first; what people tried is left out. Of the days only those are given
    /// back that were looked at wholly: where too much was asked, the oldest are missing.
    pub(in crate::functions) async fn fared(
        self,
        tenant: &Tenant,
        mut days: Vec<i64>,
    ) -> Result<(Vec<Fared>, Vec<i64>), StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let rows = sqlx::query(
            "SELECT name, outcome, latency_ms, at FROM function_calls \
             WHERE tenant_id = $1 AND at >= $2 AND key NOT LIKE 'trial %' \
             ORDER BY at DESC LIMIT $3",
        )
        .bind(tenant.id())
        .bind(days.first().copied().unwrap_or_default())
        .bind(i64::try_from(LOOKED_AT).unwrap_or(i64::MAX))
        .fetch_all(db.connection())
        .await?;
        let fared = |row: &AnyRow| {
            Ok(Fared {
                name: row.try_get("name")?,
                at: row.try_get("at")?,
                outcome: outcome(row.try_get("outcome")?),
                latency_ms: row.try_get("latency_ms")?,
            })
        };
        let all: Vec<_> = rows.iter().map(fared).collect::<Result<_, StoreError>>()?;
        if let Some(oldest) = all.get(LOOKED_AT - 1) {
            days.retain(|begin| *begin > oldest.at);
        }
        Ok((all, days))
    }

    /// What a function was asked by one of its names, the newest first, before one of them.
    pub(in crate::functions) async fn runs(
        self,
        tenant: &Tenant,
        names: &[&str],
        before: Option<&str>,
        rows: u32,
    ) -> Result<Vec<FunctionRun>, StoreError> {
        let (columns, older) = (columns!(), older_than("id", before, 5));
        let sql = format!(
            "SELECT call_id, {columns} FROM function_calls \
             WHERE tenant_id = $1 AND name IN ($2, $3, $4) AND {older} ORDER BY id DESC LIMIT $6"
        );
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        // No function has more names than that.
        let name = |nth: usize| {
            names
                .get(nth)
                .or(names.first())
                .copied()
                .unwrap_or_default()
        };
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(tenant.id())
            .bind(name(0))
            .bind(name(1))
            .bind(name(2))
            .bind(before)
            .bind(i64::from(rows))
            .fetch_all(db.connection())
            .await?;
        rows.iter()
            .map(|row| {
                let call_id: String = row.try_get("call_id")?;
                let key: &str = row.try_get("key")?;
                Ok(FunctionRun {
                    call_id: Some(call_id).filter(|id| !id.is_empty()),
                    trial: key.starts_with(TRIAL),
                    call: from_row(row)?,
                })
            })
            .collect()
    }
}
