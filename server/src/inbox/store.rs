//! The webhook inbox as people look into it, and having entries worked on
//! again.

mod alerts;
mod entries;
mod kept;
mod writer;

pub(crate) use entries::{AttemptResult, InboxAttempt};
pub use entries::{DueEntry, Entry, NewEntry, Outcome, ReplayedBy, Verdict, Vouched};
pub(crate) use kept::KEEPS;
pub use writer::InboxWriter;

use std::collections::HashMap;

use api::inbox::{EntryAttempt, EntryDetail, EntryFilter, EntrySummary};
use serde_json::json;
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, AssertSqlSafe, Row};
use work::Pace;

use super::question::Answered;
use super::turns::APART;
use crate::bus::Signal;
use crate::deeds::{Author, Deed, Deeds};
use crate::store::{Scope, Store, StoreError, Tenant, Write, from_json, older_than, to_json};
pub use alerts::Alerts;
use futures_util::future::BoxFuture;

/// How many entries are made due in one transaction.
const REPLAY_BATCH: i64 = 500;
/// What only ever fits entries whose handler may run again: they have a good
/// signature, which those of the first version do not name, are no question that
/// was answered long ago, and were not emptied when what they tell of was deleted.
const REPLAYABLE: &str = "(signers IS NOT NULL OR verdict IN ('accepted', 'wrong-key')) \
    AND state <> 'pending' AND outcome IS NULL AND LENGTH(body) > 0";

/// Whose entries.
#[derive(Debug, Clone, Copy)]
pub enum InboxScope<'a> {
    /// A tenant's.
    Of(&'a Tenant),
    /// Everybody's and nobody's: for operators.
    All,
}

/// An entry as operators see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorEntry {
    /// Whose it is, if anybody's.
    pub tenant_id: Option<String>,
    /// The row.
    pub summary: EntrySummary,
}

impl<'a> InboxScope<'a> {
    fn scope(self) -> Scope<'a> {
        match self {
            Self::Of(tenant) => Scope::Of(tenant),
            Self::All => Scope::Server,
        }
    }
}

/// The conditions of a list, and the values of their parameters.
#[derive(Debug)]
struct Conditions<'a> {
    sql: String,
    values: Vec<&'a str>,
}

impl<'a> Conditions<'a> {
    fn of(scope: InboxScope<'a>, filter: &'a EntryFilter) -> Self {
        let mut conditions = Self {
            sql: "1 = 1".to_owned(),
            values: Vec::new(),
        };
        if let InboxScope::Of(tenant) = scope {
            conditions.equal("tenant_id", tenant.id());
        }
        for (column, value) in [
            ("state", &filter.state),
            ("verdict", &filter.verdict),
            ("event", &filter.event),
            ("call_id", &filter.call_id),
        ] {
            if let Some(value) = value {
                conditions.equal(column, value);
            }
        }
        conditions
    }

    fn equal(&mut self, column: &str, value: &'a str) {
        self.values.push(value);
        let place = self.values.len();
        self.sql.push_str(&format!(" AND {column} = ${place}"));
        // What the indexes of the few others are about.
        self.sql.push_str(match (column, value) {
            ("verdict", "accepted") | ("state", "done") => "",
            ("verdict", _) => " AND verdict <> 'accepted'",
            ("state", "pending") => " AND state <> 'done' AND due_at IS NOT NULL",
            ("state", _) => " AND state <> 'done' AND due_at IS NULL",
            _ => "",
        });
    }

    /// The place of the next parameter.
    fn next(&self) -> usize {
        self.values.len() + 1
    }

    fn bind(&self, sql: String) -> Query<'a, Any, AnyArguments> {
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for value in &self.values {
            query = query.bind(*value);
        }
        query
    }
}

crate::store::part! {
    /// What Retell sent, and what became of it.
    inbox_entries -> InboxEntries
}

impl InboxEntries<'_> {
    /// A page of entries, the newest first, from before the one with the id
    /// `before`.
    pub async fn page(
        self,
        scope: InboxScope<'_>,
        filter: &EntryFilter,
        before: Option<&str>,
        limit: u32,
    ) -> Result<Vec<OperatorEntry>, StoreError> {
        let conditions = Conditions::of(scope, filter);
        let place = conditions.next();
        let sql = format!(
            "SELECT {} FROM webhook_deliveries WHERE {} AND {} \
             ORDER BY id DESC LIMIT ${}",
            columns(),
            conditions.sql,
            older_than("id", before, place),
            place + 1
        );
        let mut db = self.0.read(scope.scope()).await?;
        let rows = conditions
            .bind(sql)
            .bind(before)
            .bind(i64::from(limit))
            .fetch_all(db.connection())
            .await?;
        Ok(rows.iter().map(operator_entry).collect::<Result<_, _>>()?)
    }

    /// Everything about one entry.
    pub async fn find(
        self,
        scope: InboxScope<'_>,
        id: &str,
    ) -> Result<Option<EntryDetail>, StoreError> {
        let filter = EntryFilter::default();
        let conditions = Conditions::of(scope, &filter);
        let sql = format!(
            "SELECT {}, body, body_sha256, signature, content_type, user_agent, remote_ip, \
                 outcome, due_at \
             FROM webhook_deliveries WHERE {} AND id = ${}",
            columns(),
            conditions.sql,
            conditions.next()
        );
        let mut db = self.0.read(scope.scope()).await?;
        let row = conditions
            .bind(sql)
            .bind(id)
            .fetch_optional(db.connection())
            .await?;
        let Some(row) = row else { return Ok(None) };
        let tries = sqlx::query(
            "SELECT number, at, duration_us, outcome, error, by_kind, by_name \
             FROM webhook_attempts WHERE delivery_id = $1 \
             UNION ALL SELECT 1, processed_at, took_us, 'done', NULL, 'worker', NULL \
             FROM webhook_deliveries WHERE id = $1 AND took_us IS NOT NULL \
             ORDER BY number",
        )
        .bind(id)
        .fetch_all(db.connection())
        .await?;
        let body: Vec<u8> = row.try_get("body")?;
        Ok(Some(EntryDetail {
            summary: summary(&row)?,
            body: String::from_utf8_lossy(&body).into_owned(),
            body_sha256: row.try_get("body_sha256")?,
            signature: row.try_get("signature")?,
            content_type: row.try_get("content_type")?,
            user_agent: row.try_get("user_agent")?,
            remote_ip: row.try_get("remote_ip")?,
            answer: row.try_get("outcome")?,
            due_at: row.try_get("due_at")?,
            tries: tries.iter().map(attempt).collect::<Result<_, _>>()?,
        }))
    }

    /// What the question of this key was answered, if it was asked and answered.
    pub(super) async fn answered(self, key: &str) -> Result<Option<Answered>, StoreError> {
        let mut db = self.0.read(Scope::Server).await?;
        let row = sqlx::query(
            "SELECT id, tenant_id, outcome FROM webhook_deliveries \
             WHERE dedupe_key = $1 AND outcome IS NOT NULL",
        )
        .bind(key)
        .fetch_optional(db.connection())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let id: String = row.try_get("id")?;
        Ok(Some(Answered {
            tenant_id: row.try_get("tenant_id")?,
            answer: from_json(row.try_get("outcome")?, "webhook_deliveries", &id)?,
        }))
    }

    /// Has entries worked on again. Those that cannot be are left out.
    /// Returns how many it were.
    pub async fn replay(
        self,
        scope: InboxScope<'_>,
        ids: &[String],
        author: &Author,
        now: i64,
    ) -> Result<u64, StoreError> {
        let filter = EntryFilter::default();
        let conditions = Conditions::of(scope, &filter);
        let place = conditions.next();
        let sql = format!(
            "UPDATE webhook_deliveries SET {MADE_DUE} \
             WHERE {} AND {REPLAYABLE} AND id = ${place}",
            conditions.sql
        )
        .replace("$DUE", &format!("${}", place + 1))
        .replace("$BY", &format!("${}", place + 2));
        let mut write = self.0.write(scope.scope()).await?;
        let mut count = 0;
        for id in ids {
            count += conditions
                .bind(sql.clone())
                .bind(id)
                .bind(now)
                .bind(replayed_by(author))
                .execute(write.connection())
                .await?
                .rows_affected();
        }
        if count > 0 {
            let details = json!({"ids": ids, "count": count});
            record(&mut write, scope, author, details, now).await?;
            write.tell(Signal::WebhooksWaiting);
        }
        write.commit().await?;
        Ok(count)
    }

    /// The same for every entry that fits a filter and is there now, in
    /// several transactions: so that others get their turn. One after the other, behind
    /// all that comes meanwhile.
    ///
    /// # Errors
    /// When the database fails; what was made due before that stays due.
    pub async fn replay_matching(
        self,
        scope: InboxScope<'_>,
        filter: &EntryFilter,
        author: &Author,
        now: i64,
    ) -> Result<u64, StoreError> {
        let conditions = Conditions::of(scope, filter);
        let place = conditions.next();
        // From the newest to the oldest, so that what comes meanwhile is left out.
        let mut before: Option<String> = None;
        let mut pace = Pace::default();
        let mut total = 0;
        loop {
            let find = format!(
                "SELECT id FROM webhook_deliveries WHERE {} AND {REPLAYABLE} AND {} \
                 ORDER BY id DESC LIMIT {REPLAY_BATCH}",
                conditions.sql,
                older_than("id", before.as_deref(), place)
            );
            let mut write = self.0.write(scope.scope()).await?;
            let rows = conditions
                .bind(find)
                .bind(before.clone())
                .fetch_all(write.connection())
                .await?;
            let mut count = 0;
            for row in &rows {
                let id: String = row.try_get("id")?;
                let sql = format!(
                    "UPDATE webhook_deliveries SET {MADE_DUE} WHERE id = $1 AND {REPLAYABLE}"
                )
                .replace("$DUE", "$2")
                .replace("$BY", "$3");
                count += sqlx::query(AssertSqlSafe(sql))
                    .bind(&id)
                    .bind(pace.take(now, APART, 1))
                    .bind(replayed_by(author))
                    .execute(write.connection())
                    .await?
                    .rows_affected();
                before = Some(id);
            }
            // With what was done, so that nothing of it is missing from the trail if a server stops.
            if count > 0 {
                let details = json!({"filter": filter, "count": count});
                record(&mut write, scope, author, details, now).await?;
                write.tell(Signal::WebhooksWaiting);
            }
            write.commit().await?;
            total += count;
            if i64::try_from(rows.len()).unwrap_or(0) < REPLAY_BATCH {
                return Ok(total);
            }
        }
    }

    /// When the last event of each tenant was taken in that had its effect (Unix ms), by
    /// the tenant's id.
    pub async fn last_events(self) -> Result<HashMap<String, i64>, StoreError> {
        let mut db = self.0.read(Scope::Server).await?;
        let rows = sqlx::query(
            "SELECT t.id, (SELECT d.received_at FROM webhook_deliveries d \
                 WHERE d.tenant_id = t.id AND d.state = 'done' ORDER BY d.id DESC LIMIT 1) \
                 AS last_at \
             FROM tenants t",
        )
        .fetch_all(db.connection())
        .await?;
        let mut last = HashMap::with_capacity(rows.len());
        for row in &rows {
            if let Some(at) = row.try_get("last_at")? {
                last.insert(row.try_get("id")?, at);
            }
        }
        Ok(last)
    }

    /// When Retell last told of one of the tenant's calls (Unix ms).
    pub async fn last_webhook_at(self, tenant: &Tenant) -> Result<Option<i64>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        // Ids sort by time.
        let row = sqlx::query(
            "SELECT received_at FROM webhook_deliveries \
             WHERE tenant_id = $1 ORDER BY id DESC LIMIT 1",
        )
        .bind(tenant.id())
        .fetch_optional(db.connection())
        .await?;
        Ok(row.map(|row| row.try_get("received_at")).transpose()?)
    }

    /// When the last webhook came that was accepted (Unix ms).
    pub async fn last_entry(self) -> Result<Option<i64>, StoreError> {
        let mut db = self.0.read(Scope::Server).await?;
        let row = sqlx::query(
            "SELECT received_at FROM webhook_deliveries WHERE state = 'done' \
             ORDER BY id DESC LIMIT 1",
        )
        .fetch_optional(db.connection())
        .await?;
        Ok(row.map(|row| row.try_get("received_at")).transpose()?)
    }
}

/// When the tenant's last event was taken in that had its effect (Unix ms).
pub fn last_event_at<'a>(
    store: &'a Store,
    tenant: &'a Tenant,
) -> BoxFuture<'a, Result<Option<i64>, StoreError>> {
    Box::pin(async move {
        let mut db = store.read(Scope::Of(tenant)).await?;
        let row = sqlx::query(
            "SELECT received_at FROM webhook_deliveries \
             WHERE tenant_id = $1 AND state = 'done' ORDER BY id DESC LIMIT 1",
        )
        .bind(tenant.id())
        .fetch_optional(db.connection())
        .await?;
        Ok(row.map(|row| row.try_get("received_at")).transpose()?)
    })
}

/// The columns of a row.
fn columns() -> String {
    format!(
        "id, tenant_id, received_at, event, call_id, verdict, state, attempts, duplicates, \
         processed_at, error, signed_at, \
         CAST(CASE WHEN {REPLAYABLE} THEN 1 ELSE 0 END AS BIGINT) AS replayable"
    )
}

/// Due at `$DUE`, for `$BY`, with as many attempts as at first.
const MADE_DUE: &str = "state = 'pending', due_at = $DUE, replayed_by = $BY, \
    attempts_before = attempts, verdict = 'accepted'";

fn replayed_by(author: &Author) -> String {
    to_json(&ReplayedBy {
        kind: author.actor.kind().to_owned(),
        name: author.actor.name().map(str::to_owned),
    })
}

/// A replay by an operator of everybody's entries is in nobody's trail.
async fn record(
    write: &mut Write,
    scope: InboxScope<'_>,
    author: &Author,
    details: serde_json::Value,
    now: i64,
) -> Result<(), StoreError> {
    let InboxScope::Of(tenant) = scope else {
        return Ok(());
    };
    let deed = Deed::on("webhook", "", "webhook.replayed").with(details);
    Deeds::record(write, tenant, author, &deed, now).await
}

fn operator_entry(row: &AnyRow) -> Result<OperatorEntry, sqlx::Error> {
    Ok(OperatorEntry {
        tenant_id: row.try_get("tenant_id")?,
        summary: summary(row)?,
    })
}

fn summary(row: &AnyRow) -> Result<EntrySummary, sqlx::Error> {
    let received_at: i64 = row.try_get("received_at")?;
    let processed_at: Option<i64> = row.try_get("processed_at")?;
    let verdict: String = row.try_get("verdict")?;
    let signed_at: Option<i64> = row.try_get("signed_at")?;
    Ok(EntrySummary {
        id: row.try_get("id")?,
        received_at,
        event: row.try_get("event")?,
        call_id: row.try_get("call_id")?,
        replayable: row.try_get::<i64, _>("replayable")? == 1,
        ahead_ms: signed_at
            .filter(|_| verdict == "signature-stale")
            .map(|at| at.saturating_sub(received_at)),
        verdict,
        state: row.try_get("state")?,
        attempts: row.try_get("attempts")?,
        duplicates: row.try_get("duplicates")?,
        latency_ms: processed_at.map(|at| at.saturating_sub(received_at)),
        error: row.try_get("error")?,
    })
}

fn attempt(row: &AnyRow) -> Result<EntryAttempt, sqlx::Error> {
    Ok(EntryAttempt {
        number: row.try_get("number")?,
        at: row.try_get("at")?,
        duration_us: row.try_get("duration_us")?,
        outcome: row.try_get("outcome")?,
        error: row.try_get("error")?,
        by_kind: row.try_get("by_kind")?,
        by_name: row.try_get("by_name")?,
    })
}
