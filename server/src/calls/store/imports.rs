//! Asking Retell for the calls of a time: how far it is. A run is kept with its
//! cursor, so that whoever dies at it is followed by somebody who goes on.

use api::inbox::CallImport;
use sqlx::Row;
use sqlx::any::AnyRow;
use uuid::Uuid;

use crate::jobs::{Jobs, NewJob};
use crate::store::{Scope, StoreError, Tenant, Write};

/// A run to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewImport {
    /// A UUID whose order is that of time.
    pub id: String,
    /// `start`, `desk` or `operator`.
    pub origin: &'static str,
    /// Who asked.
    pub by_name: Option<String>,
    /// From when (Unix ms).
    pub from: i64,
    /// Until when (Unix ms).
    pub to: i64,
}

/// A run that is ours for the time of its lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedImport {
    /// Which one.
    pub id: String,
    /// Whose calls.
    pub tenant: Tenant,
    /// Those who share the account, and whose calls it takes in as well.
    pub followers: Vec<Follower>,
    /// How far it is.
    pub progress: ImportProgress,
    /// From when (Unix ms).
    pub from: i64,
    /// Until when (Unix ms).
    pub to: i64,
    /// Until when it is ours (Unix ms). No two claims end at one time, so this tells
    /// whose it is.
    pub leased_until: i64,
}

/// What a run that another one does for a tenant has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Follower {
    /// Which one.
    pub id: String,
    /// Whose calls.
    pub tenant: Tenant,
    /// How many were looked at.
    pub seen: i64,
    /// How many of them were news.
    pub changed: i64,
}

/// How far a run is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportProgress {
    /// Retell's key of the next page.
    pub cursor: Option<String>,
    /// When the last call that was looked at began (Unix ms).
    pub reached_at: Option<i64>,
    /// How many calls there are, where Retell said so.
    pub total: Option<i64>,
    /// How many were looked at.
    pub seen: i64,
    /// How many of them were news.
    pub changed: i64,
    /// How many belong to other tenants.
    pub of_others: i64,
}

crate::store::part! {
    /// Fetching calls from Retell: what is to be fetched, and how far it is.
    imports -> Imports
}

impl Imports<'_> {
    /// Begins a run, or finds the one that was begun for the same and not finished; with
    /// it those of the `followers`, who share the account: their calls are taken in by
    /// this run. Its job is added in the same transaction. Returns its id.
    pub async fn begin(
        self,
        tenant: &Tenant,
        new: &NewImport,
        followers: &[Tenant],
        job: Option<&(impl Fn(&str, i64) -> NewJob + Sync)>,
        now: i64,
    ) -> Result<String, StoreError> {
        let mut write = self.0.write(Scope::Server).await?;
        let id = begin(&mut write, tenant, new, None, now).await?;
        for follower in followers {
            let run = NewImport {
                id: Uuid::now_v7().to_string(),
                ..new.clone()
            };
            begin(&mut write, follower, &run, Some(&id), now).await?;
        }
        if let Some(job) = job {
            Jobs::enqueue(&mut write, tenant, &job(&id, now), now).await?;
        }
        write.commit().await?;
        Ok(id)
    }

    /// The runs that the server itself has to go on with, and whose they are.
    pub async fn unfinished(self) -> Result<Vec<(Tenant, String)>, StoreError> {
        let mut db = self.0.read(Scope::Server).await?;
        let rows = sqlx::query(
            "SELECT i.id, t.id AS tenant_id, t.name AS tenant_name, \
                 t.timezone AS tenant_timezone \
             FROM call_imports i JOIN tenants t ON t.id = i.tenant_id \
             WHERE i.state = 'running' AND i.origin <> 'operator' AND i.led_by IS NULL",
        )
        .fetch_all(db.connection())
        .await?;
        rows.iter()
            .map(|row| Ok((Tenant::from_row(row)?, row.try_get("id")?)))
            .collect()
    }

    /// Whether a run is not over.
    pub async fn is_importing(self, id: &str) -> Result<bool, StoreError> {
        let mut db = self.0.read(Scope::Server).await?;
        let row = sqlx::query("SELECT 1 FROM call_imports WHERE id = $1 AND state = 'running'")
            .bind(id)
            .fetch_optional(db.connection())
            .await?;
        Ok(row.is_some())
    }

    /// Takes a run nobody works on until `until` (Unix ms).
    pub async fn claim(
        self,
        id: &str,
        now: i64,
        until: i64,
    ) -> Result<Option<ClaimedImport>, StoreError> {
        let sql = format!(
            "SELECT i.id, i.from_at, i.to_at, i.cursor, i.reached_at, i.total, i.seen, i.changed, \
                 i.foreign_calls, t.id AS tenant_id, t.name AS tenant_name, \
                 t.timezone AS tenant_timezone \
             FROM call_imports i JOIN tenants t ON t.id = i.tenant_id \
             WHERE i.id = $2 AND i.state = 'running' AND i.leased_until <= $1{}",
            self.0.for_update_skip_locked("i")
        );
        let mut write = self.0.write(Scope::Server).await?;
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(now)
            .bind(id)
            .fetch_optional(write.connection())
            .await?;
        let Some(row) = row else { return Ok(None) };
        let claimed = ClaimedImport {
            id: row.try_get("id")?,
            tenant: Tenant::from_row(&row)?,
            followers: followers(&mut write, id).await?,
            from: row.try_get("from_at")?,
            to: row.try_get("to_at")?,
            leased_until: until,
            progress: ImportProgress {
                cursor: row.try_get("cursor")?,
                reached_at: row.try_get("reached_at")?,
                total: row.try_get("total")?,
                seen: row.try_get("seen")?,
                changed: row.try_get("changed")?,
                of_others: row.try_get("foreign_calls")?,
            },
        };
        sqlx::query("UPDATE call_imports SET leased_until = $2 WHERE id = $1")
            .bind(&claimed.id)
            .bind(until)
            .execute(write.connection())
            .await?;
        write.commit().await?;
        Ok(Some(claimed))
    }

    /// Notes how far a run is, and keeps it until `until` (Unix ms); with an
    /// error it waits so long for the next try. Returns false, with nothing noted,
    /// where somebody else took it over.
    pub async fn keep(
        self,
        run: &mut ClaimedImport,
        error: Option<&str>,
        until: i64,
    ) -> Result<bool, StoreError> {
        let ours = self.write(run, "running", error, until, None).await?;
        if ours {
            run.leased_until = until;
        }
        Ok(ours)
    }

    /// Ends a run, with an error when it failed. Returns false, with nothing noted,
    /// where somebody else took it over.
    pub async fn finish(
        self,
        run: &ClaimedImport,
        error: Option<&str>,
        now: i64,
    ) -> Result<bool, StoreError> {
        let state = if error.is_some() { "failed" } else { "done" };
        self.write(run, state, error, 0, Some(now)).await
    }

    async fn write(
        self,
        run: &ClaimedImport,
        state: &str,
        error: Option<&str>,
        leased_until: i64,
        finished_at: Option<i64>,
    ) -> Result<bool, StoreError> {
        let progress = &run.progress;
        let mut write = self.0.write(Scope::Server).await?;
        let done = sqlx::query(
            "UPDATE call_imports SET state = $3, cursor = $4, reached_at = $5, total = $6, \
                 seen = $7, changed = $8, foreign_calls = $9, error = $10, leased_until = $11, \
                 finished_at = $12 \
             WHERE tenant_id = $1 AND id = $2 AND state = 'running' AND leased_until = $13",
        )
        .bind(run.tenant.id())
        .bind(&run.id)
        .bind(state)
        .bind(&progress.cursor)
        .bind(progress.reached_at)
        .bind(progress.total)
        .bind(progress.seen)
        .bind(progress.changed)
        .bind(progress.of_others)
        .bind(error)
        .bind(leased_until)
        .bind(finished_at)
        .bind(run.leased_until)
        .execute(write.connection())
        .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        for follower in &run.followers {
            sqlx::query(
                "UPDATE call_imports SET state = $3, seen = $4, changed = $5, error = $6, \
                     finished_at = $7 \
                 WHERE tenant_id = $1 AND id = $2",
            )
            .bind(follower.tenant.id())
            .bind(&follower.id)
            .bind(state)
            .bind(follower.seen)
            .bind(follower.changed)
            .bind(error)
            .bind(finished_at)
            .execute(write.connection())
            .await?;
        }
        write.commit().await?;
        Ok(true)
    }

    /// Forgets up to `limit` runs that were over before then (Unix ms), or found nothing of
    /// what might have been missed, and were followed by another one: that says until when
    /// nothing was missed. Returns how many.
    pub async fn forget_old(self, before: i64, limit: u32) -> Result<u64, StoreError> {
        let mut write = self.0.write(Scope::Server).await?;
        let done = sqlx::query(
            "DELETE FROM call_imports WHERE id IN (SELECT i.id FROM call_imports i \
                 WHERE (i.finished_at < $1 OR i.origin = 'start' AND i.state = 'done' \
                         AND i.changed = 0) \
                     AND EXISTS (SELECT 1 FROM call_imports n \
                     WHERE n.tenant_id = i.tenant_id AND n.id > i.id \
                         AND n.origin = i.origin AND n.state = 'done') \
                 ORDER BY i.id LIMIT $2)",
        )
        .bind(before)
        .bind(i64::from(limit))
        .execute(write.connection())
        .await?;
        write.commit().await?;
        Ok(done.rows_affected())
    }

    /// Every tenant, whether it has an account of its own, and until when its calls were
    /// asked for after a downtime (Unix ms).
    pub async fn reconciled(self) -> Result<Vec<(Tenant, bool, Option<i64>)>, StoreError> {
        let mut db = self.0.read(Scope::Server).await?;
        let rows = sqlx::query(
            "SELECT t.id AS tenant_id, t.name AS tenant_name, t.timezone AS tenant_timezone, \
                 CAST(CASE WHEN t.retell_key IS NULL THEN 0 ELSE 1 END AS BIGINT) AS own, \
                 (SELECT i.to_at FROM call_imports i WHERE i.tenant_id = t.id \
                      AND i.origin = 'start' AND i.state = 'done' ORDER BY i.id DESC LIMIT 1) \
                     AS until \
             FROM tenants t ORDER BY t.id",
        )
        .fetch_all(db.connection())
        .await?;
        rows.iter()
            .map(|row| {
                let own = row.try_get::<i64, _>("own")? != 0;
                Ok((Tenant::from_row(row)?, own, row.try_get("until")?))
            })
            .collect()
    }

    /// The tenant's newest runs, the newest first.
    pub async fn list(self, tenant: &Tenant, limit: u32) -> Result<Vec<CallImport>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let rows = sqlx::query(
            "SELECT id, origin, by_name, from_at, to_at, state, total, seen, changed, \
                 foreign_calls, error, created_at, finished_at \
             FROM call_imports WHERE tenant_id = $1 ORDER BY id DESC LIMIT $2",
        )
        .bind(tenant.id())
        .bind(i64::from(limit))
        .fetch_all(db.connection())
        .await?;
        Ok(rows.iter().map(import).collect::<Result<_, _>>()?)
    }

    /// Until when the tenant's calls were asked for after a downtime (Unix ms).
    pub async fn reconciled_until(self, tenant: &Tenant) -> Result<Option<i64>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let row = sqlx::query(
            "SELECT to_at FROM call_imports WHERE tenant_id = $1 AND origin = 'start' \
                 AND state = 'done' ORDER BY id DESC LIMIT 1",
        )
        .bind(tenant.id())
        .fetch_optional(db.connection())
        .await?;
        Ok(row.map(|row| row.try_get("to_at")).transpose()?)
    }
}

async fn begin(
    write: &mut Write,
    tenant: &Tenant,
    new: &NewImport,
    led_by: Option<&str>,
    now: i64,
) -> Result<String, StoreError> {
    let known = sqlx::query(
        "SELECT id FROM call_imports WHERE tenant_id = $1 AND origin = $2 \
             AND from_at = $3 AND state = 'running' ORDER BY id DESC LIMIT 1",
    )
    .bind(tenant.id())
    .bind(new.origin)
    .bind(new.from)
    .fetch_optional(write.connection())
    .await?;
    if let Some(row) = known {
        return Ok(row.try_get("id")?);
    }
    sqlx::query(
        "INSERT INTO call_imports (id, tenant_id, origin, by_name, from_at, to_at, state, \
             seen, changed, foreign_calls, leased_until, created_at, led_by) \
         VALUES ($1, $2, $3, $4, $5, $6, 'running', 0, 0, 0, 0, $7, $8)",
    )
    .bind(&new.id)
    .bind(tenant.id())
    .bind(new.origin)
    .bind(&new.by_name)
    .bind(new.from)
    .bind(new.to)
    .bind(now)
    .bind(led_by)
    .execute(write.connection())
    .await?;
    Ok(new.id.clone())
}

async fn followers(write: &mut Write, id: &str) -> Result<Vec<Follower>, StoreError> {
    let rows = sqlx::query(
        "SELECT i.id, i.seen, i.changed, t.id AS tenant_id, t.name AS tenant_name, \
             t.timezone AS tenant_timezone \
         FROM call_imports i JOIN tenants t ON t.id = i.tenant_id \
         WHERE i.led_by = $1 AND i.state = 'running'",
    )
    .bind(id)
    .fetch_all(write.connection())
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Follower {
                id: row.try_get("id")?,
                tenant: Tenant::from_row(row)?,
                seen: row.try_get("seen")?,
                changed: row.try_get("changed")?,
            })
        })
        .collect()
}

fn import(row: &AnyRow) -> Result<CallImport, sqlx::Error> {
    Ok(CallImport {
        id: row.try_get("id")?,
        origin: row.try_get("origin")?,
        by_name: row.try_get("by_name")?,
        from: row.try_get("from_at")?,
        to: row.try_get("to_at")?,
        state: row.try_get("state")?,
        total: row.try_get("total")?,
        seen: row.try_get("seen")?,
        changed: row.try_get("changed")?,
        of_others: row.try_get("foreign_calls")?,
        error: row.try_get("error")?,
        created_at: row.try_get("created_at")?,
        finished_at: row.try_get("finished_at")?,
    })
}
