//! The jobs as the engine takes them.

use std::fmt::Write as _;

use futures_util::stream::{self, BoxStream, StreamExt as _};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};
use uuid::Uuid;
use work::Queue;

use super::super::{Claim, End, Head, Job, Lane};
use super::Jobs;
use crate::bus::Topic;
use crate::store::{Scope, Store, StoreError, from_json};

impl Queue for Store {
    type Error = StoreError;

    async fn heads(&self) -> Result<Vec<Head>, StoreError> {
        // From one lane to the next by the index: as many steps as there are lanes,
        // however many jobs wait in them.
        let mut db = self.read(Scope::Server).await?;
        let rows = sqlx::query(
            "WITH RECURSIVE lanes (lane) AS ( \
                 SELECT MIN(lane) FROM jobs WHERE due_at IS NOT NULL \
                 UNION ALL \
                 SELECT (SELECT MIN(jobs.lane) FROM jobs \
                     WHERE jobs.due_at IS NOT NULL AND jobs.lane > lanes.lane) \
                 FROM lanes WHERE lanes.lane IS NOT NULL) \
             SELECT lane, (SELECT jobs.due_at FROM jobs \
                 WHERE jobs.lane = lanes.lane AND jobs.due_at IS NOT NULL \
                 ORDER BY jobs.due_at LIMIT 1) AS due_at \
             FROM lanes WHERE lane IS NOT NULL",
        )
        .fetch_all(db.connection())
        .await?;
        drop(db);
        let mut heads = Vec::with_capacity(rows.len());
        let mut is_complete = true;
        for row in &rows {
            // Between the two looks at a lane its last job may have gone.
            let Some(due_at) = row.try_get::<Option<i64>, _>("due_at")? else {
                continue;
            };
            match Lane::parse(row.try_get("lane")?) {
                Some(lane) => heads.push(Head { lane, due_at }),
                None => is_complete = false,
            }
        }
        if !is_complete {
            self.jobs().line_up().await?;
        }
        Ok(heads)
    }

    async fn claim(&self, claims: &[Claim], now: i64, until: i64) -> Result<Vec<Job>, StoreError> {
        let mut write = self.write(Scope::Server).await?;
        let mut query = sqlx::query(AssertSqlSafe(self.jobs().claiming(claims.len())))
            .bind(until)
            .bind(Uuid::now_v7().to_string())
            .bind(now);
        for claim in claims {
            query = query
                .bind(claim.lane.to_string())
                .bind(i64::try_from(claim.most).unwrap_or(i64::MAX));
        }
        let rows = query.fetch_all(write.connection()).await?;
        write.commit().await?;
        let mut jobs = rows
            .iter()
            .map(job)
            .collect::<Result<Vec<_>, StoreError>>()?;
        // What is returned has no order.
        jobs.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(jobs)
    }

    async fn extend(&self, job: &Job, until: i64) -> Result<bool, StoreError> {
        let mut write = self.write(Scope::Server).await?;
        let done = sqlx::query(
            "UPDATE jobs SET due_at = $3 \
             WHERE id = $1 AND leased_by = $2 AND state = 'running'",
        )
        .bind(&job.id)
        .bind(&job.claim)
        .bind(until)
        .execute(write.connection())
        .await?;
        write.commit().await?;
        Ok(done.rows_affected() > 0)
    }

    async fn finish(&self, job: &Job, end: &End, now: i64) -> Result<bool, StoreError> {
        let (state, due_at, error, attempts, finished_at) = match end {
            End::Done => ("done", None, None, job.attempts, Some(now)),
            End::Later(at) => ("waiting", Some(*at), None, 0, None),
            End::Retry { at, reason } => (
                "waiting",
                Some(*at),
                Some(reason.as_str()),
                job.attempts,
                None,
            ),
            End::Parked(reason) => ("parked", None, Some(reason.as_str()), job.attempts, None),
        };
        let mut write = self.write(Scope::Server).await?;
        let done = sqlx::query(
            "UPDATE jobs SET state = $3, due_at = $4, last_error = $5, attempts = $6, \
                 finished_at = $7, leased_by = NULL \
             WHERE id = $1 AND leased_by = $2 AND state = 'running'",
        )
        .bind(&job.id)
        .bind(&job.claim)
        .bind(state)
        .bind(due_at)
        .bind(error)
        .bind(i64::from(attempts))
        .bind(finished_at)
        .execute(write.connection())
        .await?;
        write.commit().await?;
        Ok(done.rows_affected() > 0)
    }

    fn added(&self) -> BoxStream<'static, ()> {
        let ear = self.bus().listen(Topic::Jobs);
        let next = async |mut ear: crate::bus::Ear| {
            ear.next().await;
            // Said ten times, it still means one look.
            ear.heard();
            Some(((), ear))
        };
        stream::unfold(ear, next).boxed()
    }
}

impl Jobs<'_> {
    /// The statement that claims jobs of so many lanes.
    fn claiming(self, lanes: usize) -> String {
        // MATERIALIZED, because PostgreSQL may evaluate a plain subquery once for
        // each row, and each time it would skip what it has locked: more than
        // the limit would be claimed.
        let mut sql = String::from("WITH due AS MATERIALIZED (");
        for index in 0..lanes {
            let all = if index == 0 { "" } else { " UNION ALL " };
            let (lane, most) = (4 + 2 * index, 5 + 2 * index);
            // Writing into a string cannot fail.
            let _ = write!(
                sql,
                "{all}SELECT id FROM (SELECT id FROM jobs \
                     WHERE lane = ${lane} AND due_at <= $3 ORDER BY due_at LIMIT ${most}{}) l{index}",
                self.0.for_update_skip_locked("jobs")
            );
        }
        sql.push_str(
            ") UPDATE jobs SET state = 'running', due_at = $1, leased_by = $2, \
                 attempts = attempts + 1 \
             WHERE id IN (SELECT id FROM due) \
             RETURNING id, lane, payload, attempts, max_attempts, last_error, leased_by",
        );
        sql
    }

    /// Gives jobs their lane that a server of an earlier version added.
    async fn line_up(self) -> Result<(), StoreError> {
        let mut write = self.0.write(Scope::Server).await?;
        sqlx::query(
            "UPDATE jobs SET lane = kind || '/' || tenant_id || '/' || tenant_id \
             WHERE lane = '' AND due_at IS NOT NULL",
        )
        .execute(write.connection())
        .await?;
        write.commit().await
    }
}

fn job(row: &AnyRow) -> Result<Job, StoreError> {
    let id: String = row.try_get("id")?;
    let count = |column| -> Result<u32, sqlx::Error> {
        let count: i64 = row.try_get(column)?;
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    };
    let no_lane = || sqlx::Error::Decode("a job waits in no lane".into());
    Ok(Job {
        lane: Lane::parse(row.try_get("lane")?).ok_or_else(no_lane)?,
        payload: from_json(row.try_get("payload")?, "jobs", &id)?,
        attempts: count("attempts")?,
        max_attempts: count("max_attempts")?,
        last_error: row.try_get("last_error")?,
        claim: row.try_get("leased_by")?,
        id,
    })
}
