//! The webhook inbox: every entry as it came, and what became of it.

mod insert;

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use sqlx::Row;

use super::InboxEntries;
use crate::accounts::Signers;
use crate::store::{
    Connection, Scope, StoreError, Write, at_once, from_json, places, rows_of_places,
};

/// So many entries without a good signature are kept, the newest: anybody can
/// send one.
const REJECTED_KEPT: i64 = 1000;

/// What is thought of an entry.
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

/// An entry to be kept.
#[derive(Debug, Clone)]
pub struct NewEntry {
    /// A UUID whose order is that of time.
    pub id: String,
    /// When it came (Unix ms).
    pub received_at: i64,
    /// When it is due to be worked off, if it is (Unix ms).
    pub due_at: i64,
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
    /// What is in it, if its signature is good.
    pub vouched: Option<Vouched>,
    /// Whose it is, where that is known already.
    pub tenant_id: Option<String>,
    /// When it was answered (Unix ms) and with what, if it was a question: then
    /// there is nothing to work off.
    pub answered: Option<(i64, String)>,
}

/// What is in an entry whose signature is good.
#[derive(Debug, Clone)]
pub struct Vouched {
    /// The same for two entries of the same event.
    pub dedupe_key: String,
    /// When Retell signed it (Unix ms).
    pub signed_at: i64,
    /// The event's name, if it is one.
    pub event: Option<String>,
    /// The call it is about.
    pub call_id: Option<String>,
    /// Whose key signed it.
    pub signers: Signers,
}

/// What keeping an entry found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is new.
    Stored,
    /// It came before; that is noted, and nothing else done.
    Duplicate,
}

/// An entry that is due to be worked off.
#[derive(Debug, Clone)]
pub struct DueEntry {
    /// Which one.
    pub id: String,
    /// The call it is about.
    pub call_id: Option<String>,
    /// How long the body is (bytes).
    pub size: usize,
    /// When Retell signed it (Unix ms).
    pub signed_at: i64,
    /// The event's name.
    pub event: String,
    /// When it came (Unix ms).
    pub received_at: i64,
    /// When it is due (Unix ms).
    pub due_at: i64,
    /// How often it was tried before.
    pub attempts: u32,
    /// How many of those do not count for parking: they were before a replay.
    pub attempts_before: u32,
    /// Whose key signed it.
    pub signers: Signers,
    /// Who replayed it, until it is tried.
    pub replayed_by: Option<ReplayedBy>,
}

/// Who had an entry worked on again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplayedBy {
    /// `user`, `api_key` or `operator`.
    pub kind: String,
    /// That one's name.
    pub name: Option<String>,
}

/// One time an entry was worked on.
#[derive(Debug)]
pub(crate) struct InboxAttempt<'a> {
    /// What was worked on.
    pub(crate) entry: &'a DueEntry,
    /// When (Unix ms).
    pub(crate) at: i64,
    /// How long it took (µs).
    pub(crate) duration_us: i64,
    /// Whose it turned out to be.
    pub(crate) tenant_id: Option<&'a str>,
    /// What became of it.
    pub(crate) result: AttemptResult<'a>,
}

impl InboxAttempt<'_> {
    /// Which one it was, the first being 1.
    fn number(&self) -> i64 {
        i64::from(self.entry.attempts) + 1
    }

    /// Whether its entry says all there is to say of it, as of nearly every one: it was the
    /// first, and went well.
    fn goes_unlogged(&self) -> bool {
        self.number() == 1
            && matches!(self.result, AttemptResult::Done)
            && self.entry.replayed_by.is_none()
    }
}

/// What became of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum AttemptResult<'a> {
    /// It had its effect.
    Done,
    /// There was nothing to do, for this reason.
    Ignored(&'a str),
    /// It is about what was deleted, for this reason, and its body goes as well.
    Emptied(&'a str),
    /// It failed, and is due again then (Unix ms).
    Failed(&'a str, i64),
    /// It failed, and waits for a person.
    Parked(&'a str),
    /// It is about somebody whose key did not sign it, and waits for a person.
    WrongKey(&'a str),
}

impl<'a> AttemptResult<'a> {
    fn error(self) -> Option<&'a str> {
        match self {
            Self::Done => None,
            Self::Ignored(error)
            | Self::Emptied(error)
            | Self::Failed(error, _)
            | Self::Parked(error)
            | Self::WrongKey(error) => Some(error),
        }
    }

    fn state(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Ignored(_) | Self::Emptied(_) => "ignored",
            Self::Failed(..) => "pending",
            Self::Parked(_) | Self::WrongKey(_) => "parked",
        }
    }

    fn outcome(self) -> &'static str {
        match self {
            Self::Failed(..) => "failed",
            other => other.state(),
        }
    }
}

/// An entry as a person looks at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
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

impl InboxEntries<'_> {
    /// Forgets the oldest entries nobody signed beyond what is kept.
    pub(crate) async fn prune_rejected(write: &mut Write) -> Result<(), StoreError> {
        sqlx::query(
            "DELETE FROM webhook_deliveries \
             WHERE state = 'rejected' AND state <> 'done' AND due_at IS NULL \
                 AND signers IS NULL AND id <= \
                 (SELECT id FROM webhook_deliveries \
                  WHERE state = 'rejected' AND state <> 'done' AND due_at IS NULL \
                      AND signers IS NULL ORDER BY id DESC LIMIT 1 OFFSET $1)",
        )
        .bind(REJECTED_KEPT)
        .execute(write.connection())
        .await?;
        Ok(())
    }

    /// The entries that are due, the oldest first: up to `limit` and only as many
    /// as begin within the first `bytes` of their bodies. On PostgreSQL they stay ours
    /// until the transaction ends. And behind them, `early`, those that are not yet due only
    /// because there were so many: nothing but a turn keeps them from being worked off.
    pub(crate) async fn due(
        self,
        db: &mut Connection,
        now: i64,
        limit: u32,
        bytes: usize,
        early: bool,
    ) -> Result<Vec<DueEntry>, StoreError> {
        let when = match early {
            true => "due_at IS NOT NULL AND (due_at <= $1 OR attempts = attempts_before)",
            false => "due_at <= $1",
        };
        // The length of a body is known without reading it.
        let sql = format!(
            "SELECT d.id, d.call_id, CAST(LENGTH(d.body) AS BIGINT) AS size, d.signed_at, d.attempts, d.attempts_before, \
                 d.signers, d.replayed_by, d.event, d.received_at, d.due_at \
             FROM (SELECT id, SUM(size) OVER (ORDER BY due_at, id) - size AS ahead \
                   FROM (SELECT id, due_at, LENGTH(body) AS size FROM webhook_deliveries \
                         WHERE {when} ORDER BY due_at, id LIMIT $2{}) taken) ahead_of \
             JOIN webhook_deliveries d ON d.id = ahead_of.id \
             WHERE ahead_of.ahead < $3 ORDER BY d.due_at, d.id",
            self.0.for_update_skip_locked("webhook_deliveries")
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(now)
            .bind(i64::from(limit))
            .bind(i64::try_from(bytes).unwrap_or(i64::MAX))
            .fetch_all(db)
            .await?;
        rows.iter()
            .map(|row| {
                let count = |column: &str| -> Result<u32, sqlx::Error> {
                    let count: i64 = row.try_get(column)?;
                    Ok(u32::try_from(count).unwrap_or(u32::MAX))
                };
                let id: String = row.try_get("id")?;
                // Before there were several keys there was the server's.
                let signers = match row.try_get::<Option<&str>, _>("signers")? {
                    Some(text) => from_json(text, "webhook_deliveries", &id)?,
                    None => Signers::server(),
                };
                let replayed_by = match row.try_get::<Option<&str>, _>("replayed_by")? {
                    Some(text) => Some(from_json(text, "webhook_deliveries", &id)?),
                    None => None,
                };
                Ok(DueEntry {
                    call_id: row.try_get("call_id")?,
                    size: count("size")? as usize,
                    signed_at: row.try_get::<Option<i64>, _>("signed_at")?.unwrap_or(0),
                    attempts: count("attempts")?,
                    attempts_before: count("attempts_before")?,
                    signers,
                    replayed_by,
                    event: row
                        .try_get::<Option<String>, _>("event")?
                        .unwrap_or_default(),
                    received_at: row.try_get("received_at")?,
                    due_at: row.try_get("due_at")?,
                    id,
                })
            })
            .collect()
    }

    /// What came in these entries, by their ids.
    pub(crate) async fn bodies_of(
        db: &mut Connection,
        ids: &[&str],
    ) -> Result<HashMap<String, Vec<u8>>, StoreError> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let sql = format!(
            "SELECT id, body FROM webhook_deliveries WHERE id IN ({})",
            places(1, ids.len())
        );
        // Prepared anew each time: there are as many texts as there are numbers of ids.
        let query = sqlx::query(sqlx::AssertSqlSafe(sql)).persistent(false);
        let query = ids.iter().fold(query, |query, id| query.bind(*id));
        let rows = query.fetch_all(db).await?;
        rows.iter()
            .map(|row| Ok((row.try_get("id")?, row.try_get("body")?)))
            .collect()
    }

    /// Whether an entry that failed is still as it was then: another server may
    /// have worked it off since. If so it is ours until the transaction ends.
    pub(crate) async fn is_still_due(
        self,
        write: &mut Write,
        entry: &DueEntry,
    ) -> Result<bool, StoreError> {
        let sql = format!(
            "SELECT 1 FROM webhook_deliveries \
             WHERE id = $1 AND due_at IS NOT NULL AND attempts = $2{}",
            self.0.for_update()
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(&entry.id)
            .bind(i64::from(entry.attempts))
            .fetch_optional(write.connection())
            .await?;
        Ok(row.is_some())
    }

    /// When the next entry is due (Unix ms).
    pub async fn next_due(self) -> Result<Option<i64>, StoreError> {
        let mut db = self.0.read(Scope::Server).await?;
        let row = sqlx::query(
            "SELECT due_at FROM webhook_deliveries WHERE due_at IS NOT NULL \
             ORDER BY due_at LIMIT 1",
        )
        .fetch_optional(db.connection())
        .await?;
        Ok(row.map(|row| row.try_get("due_at")).transpose()?)
    }

    /// Makes entries due at this time (Unix ms) that are due after another one.
    pub(crate) async fn make_due(self, at: i64, after: i64) -> Result<(), StoreError> {
        let mut write = self.0.write(Scope::Server).await?;
        sqlx::query("UPDATE webhook_deliveries SET due_at = $1 WHERE due_at > $2")
            .bind(at)
            .bind(after)
            .execute(write.connection())
            .await?;
        write.commit().await
    }

    /// Notes that entries were worked on, and what became of each: many with one
    /// statement, since most of them end alike.
    pub(crate) async fn attempted(
        write: &mut Write,
        attempts: &[InboxAttempt<'_>],
    ) -> Result<(), StoreError> {
        let logged: Vec<_> = attempts.iter().filter(|one| !one.goes_unlogged()).collect();
        for attempts in at_once(&logged) {
            log(write, attempts).await?;
        }
        let mut alike: BTreeMap<_, Vec<&InboxAttempt<'_>>> = BTreeMap::new();
        for attempt in attempts {
            let how = (
                attempt.goes_unlogged(),
                attempt.tenant_id,
                attempt.result,
                attempt.at,
            );
            alike.entry(how).or_default().push(attempt);
        }
        for ((unlogged, tenant_id, result, at), attempts) in alike {
            for attempts in at_once(&attempts) {
                let took = attempts.iter().map(|attempt| attempt.duration_us);
                let took = took.sum::<i64>() / i64::try_from(attempts.len()).unwrap_or(i64::MAX);
                let took_us = unlogged.then_some(took);
                note(write, (tenant_id, result, at), took_us, attempts).await?;
            }
        }
        for attempt in attempts {
            // The attempts before its tenant was known are its tenant's too.
            let earlier = attempt.tenant_id.filter(|_| attempt.number() > 1);
            let Some(tenant_id) = earlier else { continue };
            sqlx::query(
                "UPDATE webhook_attempts SET tenant_id = $2 \
                 WHERE delivery_id = $1 AND tenant_id IS NULL",
            )
            .bind(&attempt.entry.id)
            .bind(tenant_id)
            .execute(write.connection())
            .await?;
        }
        Ok(())
    }

    /// The newest entries of the whole server, the newest first. For
    /// operators: entries nobody could assign belong to no tenant.
    pub async fn inbox_entries(self, limit: u32) -> Result<Vec<Entry>, StoreError> {
        let mut db = self.0.read(Scope::Server).await?;
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
                Ok(Entry {
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

/// Notes at entries what became of them, which is the same for all; where that is not
/// logged, how long each took (µs), of what all took together.
async fn note(
    write: &mut Write,
    (tenant_id, result, at): (Option<&str>, AttemptResult<'_>, i64),
    took_us: Option<i64>,
    attempts: &[&InboxAttempt<'_>],
) -> Result<(), StoreError> {
    let is_empty = matches!(result, AttemptResult::Emptied(_));
    let is_over = is_empty || matches!(result, AttemptResult::Done | AttemptResult::Ignored(_));
    let due_at = match result {
        AttemptResult::Failed(_, due_at) => Some(due_at),
        _ => None,
    };
    // As many places as values, and of the kind the column has.
    let body = if is_empty { ", body = $7" } else { "" };
    let verdict = match result {
        AttemptResult::WrongKey(_) => ", verdict = 'wrong-key'",
        _ => "",
    };
    let sql = format!(
        "UPDATE webhook_deliveries SET state = $1, tenant_id = COALESCE($2, tenant_id), \
             error = $3, processed_at = $4, due_at = $5, attempts = attempts + 1, \
             replayed_by = NULL, took_us = $6{verdict}{body} WHERE id IN ({})",
        places(7 + usize::from(is_empty), attempts.len())
    );
    let query = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(result.state())
        .bind(tenant_id)
        .bind(result.error())
        .bind(is_over.then_some(at))
        .bind(due_at)
        .bind(took_us);
    let query = match is_empty {
        true => query.bind(b"".as_slice()),
        false => query,
    };
    attempts
        .iter()
        .fold(query, |query, attempt| query.bind(&attempt.entry.id))
        .execute(write.connection())
        .await?;
    Ok(())
}

/// Adds attempts to the log, behind the first of their entries, where only those say it.
async fn log(write: &mut Write, attempts: &[&InboxAttempt<'_>]) -> Result<(), StoreError> {
    const COLUMNS: usize = 9;
    let again = attempts.iter().filter(|attempt| attempt.number() > 1);
    let again: Vec<_> = again.map(|attempt| attempt.entry.id.as_str()).collect();
    for ids in at_once(&again) {
        let sql = format!(
            "INSERT INTO webhook_attempts (delivery_id, number, tenant_id, at, duration_us, \
                 outcome, by_kind) \
             SELECT id, 1, tenant_id, processed_at, took_us, 'done', 'worker' \
             FROM webhook_deliveries WHERE took_us IS NOT NULL AND id IN ({})",
            places(1, ids.len())
        );
        let query = sqlx::query(sqlx::AssertSqlSafe(sql));
        let query = ids.iter().fold(query, |query, id| query.bind(*id));
        query.execute(write.connection()).await?;
    }
    let sql = format!(
        "INSERT INTO webhook_attempts (delivery_id, number, tenant_id, at, duration_us, \
             outcome, error, by_kind, by_name) VALUES {}",
        rows_of_places(attempts.len(), COLUMNS)
    );
    let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
    for attempt in attempts {
        let by = attempt.entry.replayed_by.as_ref();
        query = query
            .bind(&attempt.entry.id)
            .bind(attempt.number())
            .bind(attempt.tenant_id)
            .bind(attempt.at)
            .bind(attempt.duration_us)
            .bind(attempt.result.outcome())
            .bind(attempt.result.error())
            .bind(by.map_or("worker", |by| by.kind.as_str()))
            .bind(by.and_then(|by| by.name.as_deref()));
    }
    query.execute(write.connection()).await?;
    Ok(())
}
