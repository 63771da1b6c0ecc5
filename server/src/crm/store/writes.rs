//! What is written, and what became of it.

use std::collections::HashMap;

use api::crm::{CrmWrite, CrmWriteState};
use serde_json::json;
use sqlx::Row;
use sqlx::any::AnyRow;
use uuid::Uuid;

use crate::crm::write::KIND;
use crate::jobs::{Jobs, NewJob, Parked};
use crate::phone::E164;
use crate::store::{
    Connection, Scope, Store, StoreError, Tenant, Write, can_be_named, from_json, older_than,
    to_json,
};

/// How often the job may fail for reasons of our own before somebody has to look at it.
const OWN_ATTEMPTS: u32 = 20;
/// So long after something changed what was about to be written is looked at once more (ms): no
/// call waits longer for its analysis.
const NEXT_MS: i64 = 10 * 60_000;

/// What a CRM is to hear of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CallNews {
    /// It is over.
    Over {
        /// When it is written, whether more is known of it by then or not (Unix ms).
        by: i64,
    },
    /// What it was about is known: it is written at once, and what is written already is
    /// brought up to date.
    Analyzed,
}

/// The calls of a transaction that are written into the CRMs of their businesses, by jobs.
#[derive(Debug, Default)]
pub(crate) struct CallsToWrite {
    /// Which businesses have a CRM, asked for once.
    connected: HashMap<String, bool>,
    /// A business, its call, and what is new of it.
    calls: Vec<(Tenant, String, CallNews)>,
}

impl CallsToWrite {
    /// Has a call written into the tenant's CRM, where it has one. Asked again, it is written
    /// once all the same.
    pub(crate) async fn add(
        &mut self,
        db: &mut Connection,
        tenant: &Tenant,
        call_id: &str,
        news: CallNews,
    ) -> Result<(), StoreError> {
        let known = self.connected.get(tenant.id()).copied();
        let connected = match known {
            Some(known) => known,
            None => is_connected(db, tenant).await?,
        };
        self.connected.insert(tenant.id().to_owned(), connected);
        if connected {
            self.calls.push((tenant.clone(), call_id.to_owned(), news));
        }
        Ok(())
    }

    /// Writes down what was added, in the transaction of what tells of the calls.
    pub(crate) async fn put_down(self, write: &mut Write, now: i64) -> Result<(), StoreError> {
        for (tenant, call_id, news) in self.calls {
            let (run_at, more) = match news {
                CallNews::Over { by } => (by, 0),
                CallNews::Analyzed => (now, 1),
            };
            let row = sqlx::query(
                "INSERT INTO crm_writes (id, tenant_id, call_id, state, attempts, created_at, \
                     updated_at) \
                 VALUES ($1, $2, $3, 'waiting', 0, $4, $4) \
                 ON CONFLICT (tenant_id, call_id) DO UPDATE \
                     SET updated_at = $4, news = crm_writes.news + $5, \
                         attempts = CASE WHEN $5 = 1 AND crm_writes.state = 'written' THEN 0 \
                             ELSE crm_writes.attempts END, \
                         state = CASE WHEN $5 = 1 AND crm_writes.state = 'written' \
                             THEN 'waiting' ELSE crm_writes.state END \
                 RETURNING id",
            )
            .bind(Uuid::now_v7().to_string())
            .bind(tenant.id())
            .bind(call_id)
            .bind(now)
            .bind(more)
            .fetch_one(write.connection())
            .await?;
            Jobs::enqueue(write, &tenant, &job(row.try_get("id")?, run_at), now).await?;
        }
        Ok(())
    }
}

async fn is_connected(db: &mut Connection, tenant: &Tenant) -> Result<bool, StoreError> {
    let row = sqlx::query("SELECT 1 FROM crm_connections WHERE tenant_id = $1")
        .bind(tenant.id())
        .fetch_optional(db)
        .await?;
    Ok(row.is_some())
}

/// What waits to be written.
pub(in crate::crm) struct Kept {
    pub(in crate::crm) id: String,
    /// The call; a contact otherwise.
    pub(in crate::crm) call_id: Option<String>,
    pub(in crate::crm) contact_id: Option<String>,
    /// By which number the contact is known there.
    pub(in crate::crm) number: Option<E164>,
    /// What changed of the contact.
    pub(in crate::crm) fields: Vec<String>,
    /// How often it failed.
    pub(in crate::crm) attempts: u32,
    /// When something was sent that may have arrived without an answer (Unix ms).
    pub(in crate::crm) begun_at: Option<i64>,
    /// Where it is already: the record, and what was written to it.
    pub(in crate::crm) there: Option<(String, String)>,
    /// How often there was more to tell of it.
    pub(in crate::crm) news: i64,
}

/// What became of it.
pub(in crate::crm) enum Outcome<'a> {
    /// It is there: the record, where people look at it, what was written to it, and by which
    /// number they are known there.
    Written {
        record: &'a str,
        url: Option<&'a str>,
        activity: Option<&'a str>,
        number: Option<&'a E164>,
    },
    /// There is nothing to write.
    Skipped(&'a str),
    /// Somebody has to look at it.
    Parked(&'a str),
    /// It is tried again; whether something was sent that may have arrived.
    Waits {
        why: &'a str,
        failed: bool,
        unsure: bool,
    },
}

macro_rules! columns {
    () => {
        "id, call_id, contact_id, state, reason, attempts, record_id, record_url, created_at, \
         updated_at"
    };
}
pub(super) use columns;

fn state(name: &str) -> CrmWriteState {
    match name {
        "written" => CrmWriteState::Written,
        "skipped" => CrmWriteState::Skipped,
        "parked" => CrmWriteState::Parked,
        _ => CrmWriteState::Waiting,
    }
}

fn job(id: &str, run_at: i64) -> NewJob {
    NewJob {
        kind: KIND,
        group: None,
        dedupe_key: None,
        payload: json!({"write_id": id}),
        run_at,
        max_attempts: OWN_ATTEMPTS,
    }
}

crate::store::part! {
    /// What is written into the CRM of a business, and what became of it.
    crm_writes -> CrmWrites
}

impl CrmWrites<'_> {
    /// Has what changed of a contact written into the tenant's CRM, where it has one, which knows
    /// them by a number.
    pub(crate) async fn write_contact(
        write: &mut Write,
        tenant: &Tenant,
        contact_id: &str,
        number: Option<&E164>,
        fields: &[&str],
        now: i64,
    ) -> Result<(), StoreError> {
        if !is_connected(write.connection(), tenant).await? {
            return Ok(());
        }
        let id = Uuid::now_v7().to_string();
        sqlx::query(
            "INSERT INTO crm_writes (id, tenant_id, contact_id, number, fields, state, attempts, \
                 created_at, updated_at) \
             VALUES ($1, $2, $3, $4, $5, 'waiting', 0, $6, $6)",
        )
        .bind(&id)
        .bind(tenant.id())
        .bind(contact_id)
        .bind(number.map(E164::as_str))
        .bind(to_json(&fields))
        .bind(now)
        .execute(write.connection())
        .await?;
        Jobs::enqueue(write, tenant, &job(&id, now), now).await
    }

    /// What waits to be written under this id.
    pub(in crate::crm) async fn to_write(
        self,
        tenant: &Tenant,
        id: &str,
    ) -> Result<Option<Kept>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let row = sqlx::query(
            "SELECT id, call_id, contact_id, number, fields, attempts, begun_at, record_id, \
                 activity_id, news \
             FROM crm_writes WHERE tenant_id = $1 AND id = $2 AND state = 'waiting'",
        )
        .bind(tenant.id())
        .bind(id)
        .fetch_optional(db.connection())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let number: Option<String> = row.try_get("number")?;
        let fields: Option<&str> = row.try_get("fields")?;
        let record: Option<String> = row.try_get("record_id")?;
        Ok(Some(Kept {
            id: row.try_get("id")?,
            call_id: row.try_get("call_id")?,
            contact_id: row.try_get("contact_id")?,
            number: number.and_then(|number| E164::parse(&number).ok()),
            fields: from_json(fields.unwrap_or("[]"), "crm_writes", id)?,
            attempts: attempts(&row)?,
            begun_at: row.try_get("begun_at")?,
            there: record.zip(row.try_get("activity_id")?),
            news: row.try_get("news")?,
        }))
    }

    /// Notes that something is about to be sent, of which nobody may hear whether it arrived.
    pub(in crate::crm) async fn begin(
        self,
        tenant: &Tenant,
        id: &str,
        now: i64,
    ) -> Result<(), StoreError> {
        let mut db = self.0.single(Scope::Of(tenant)).await?;
        sqlx::query("UPDATE crm_writes SET begun_at = $3 WHERE tenant_id = $1 AND id = $2")
            .bind(tenant.id())
            .bind(id)
            .bind(now)
            .execute(db.connection())
            .await?;
        Ok(())
    }

    /// Notes what became of what waited. Of which there was more to tell meanwhile goes on
    /// waiting: whoever tells it next has its job already.
    pub(in crate::crm) async fn note(
        self,
        tenant: &Tenant,
        kept: &Kept,
        outcome: &Outcome<'_>,
        now: i64,
    ) -> Result<(), StoreError> {
        let (mut record, mut url, mut activity, mut number) = (None, None, None, None);
        let (state, reason, failed, unsure) = match *outcome {
            Outcome::Written {
                record: to,
                url: at,
                activity: as_,
                number: of,
            } => {
                (record, url, activity, number) = (Some(to), at, as_, of);
                ("written", None, false, false)
            }
            Outcome::Skipped(why) => ("skipped", Some(why), false, false),
            Outcome::Parked(why) => ("parked", Some(why), true, false),
            Outcome::Waits {
                why,
                failed,
                unsure,
            } => ("waiting", Some(why), failed, unsure),
        };
        let mut db = self.0.single(Scope::Of(tenant)).await?;
        sqlx::query(
            "UPDATE crm_writes SET reason = $4, attempts = attempts + $5, \
                 state = CASE WHEN news <> $12 AND $3 IN ('written', 'skipped') THEN 'waiting' \
                     ELSE $3 END, \
                 begun_at = CASE WHEN $6 = 1 THEN begun_at ELSE NULL END, \
                 record_id = COALESCE($7, record_id), activity_id = COALESCE($8, activity_id), \
                 updated_at = $9, record_url = COALESCE($10, record_url), \
                 number = COALESCE(number, $11) \
             WHERE tenant_id = $1 AND id = $2 AND state = 'waiting'",
        )
        .bind(tenant.id())
        .bind(&kept.id)
        .bind(state)
        .bind(reason)
        .bind(i64::from(failed))
        .bind(i64::from(unsure))
        .bind(record.filter(|id| can_be_named(id)))
        .bind(activity.filter(|id| can_be_named(id)))
        .bind(now)
        .bind(url)
        .bind(number.map(E164::as_str))
        .bind(kept.news)
        .execute(db.connection())
        .await?;
        Ok(())
    }

    /// Has a call of which something changed since it was written brought up to date, where it
    /// was, or is about to be.
    pub(in crate::crm) async fn renew_call(
        self,
        tenant: &Tenant,
        call_id: &str,
        now: i64,
    ) -> Result<(), StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let row = sqlx::query(
            "UPDATE crm_writes SET updated_at = $3, news = news + 1, state = 'waiting', \
                 attempts = CASE WHEN state = 'written' THEN 0 ELSE attempts END \
             WHERE tenant_id = $1 AND call_id = $2 AND state IN ('written', 'waiting') \
             RETURNING id, activity_id",
        )
        .bind(tenant.id())
        .bind(call_id)
        .bind(now)
        .fetch_optional(write.connection())
        .await?;
        if let Some(row) = row {
            // One that waits for its analysis goes on waiting; one that is being written as it
            // was is written anew.
            let is_there = row.try_get::<Option<&str>, _>("activity_id")?.is_some();
            let run_at = if is_there { now } else { now + NEXT_MS };
            Jobs::enqueue(&mut write, tenant, &job(row.try_get("id")?, run_at), now).await?;
        }
        write.commit().await
    }

    /// Forgets what was written where: it is another CRM now.
    pub(in crate::crm) async fn forget_activities(
        write: &mut Write,
        tenant: &Tenant,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE crm_writes SET activity_id = NULL \
             WHERE tenant_id = $1 AND activity_id IS NOT NULL",
        )
        .bind(tenant.id())
        .execute(write.connection())
        .await?;
        Ok(())
    }

    /// A page of what was to be written for the tenant, the newest first.
    pub(in crate::crm) async fn page(
        self,
        tenant: &Tenant,
        before: Option<&str>,
        limit: u32,
    ) -> Result<Vec<CrmWrite>, StoreError> {
        let older = older_than("id", before, 2);
        let sql = format!(
            "SELECT {} FROM crm_writes WHERE tenant_id = $1 AND {older} \
             ORDER BY id DESC LIMIT $3",
            columns!()
        );
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(tenant.id())
            .bind(before)
            .bind(i64::from(limit))
            .fetch_all(db.connection())
            .await?;
        rows.iter().map(from_row).collect()
    }
}

impl Parked for CrmWrites<'_> {
    const KIND: &'static str = "crm_write";
    const DEEDS: [&'static str; 2] = ["crm_write.replayed", "crm_writes.replayed"];

    fn store(&self) -> &Store {
        self.0
    }

    async fn oldest(
        write: &mut Write,
        tenant: &Tenant,
        most: i64,
    ) -> Result<Vec<String>, StoreError> {
        let parked = sqlx::query_scalar(
            "SELECT id FROM crm_writes WHERE tenant_id = $1 AND state = 'parked' \
             ORDER BY id LIMIT $2",
        )
        .bind(tenant.id())
        .bind(most)
        .fetch_all(write.connection());
        Ok(parked.await?)
    }

    /// What was skipped, too.
    async fn again(
        write: &mut Write,
        tenant: &Tenant,
        id: &str,
        now: i64,
    ) -> Result<Option<NewJob>, StoreError> {
        // Whether it arrived the last time is looked for: nobody has to know.
        let done = sqlx::query(
            "UPDATE crm_writes SET state = 'waiting', attempts = 0, begun_at = 0, updated_at = $3 \
             WHERE tenant_id = $1 AND id = $2 AND state IN ('parked', 'skipped')",
        )
        .bind(tenant.id())
        .bind(id)
        .bind(now)
        .execute(write.connection())
        .await?;
        Ok((done.rows_affected() > 0).then(|| job(id, now)))
    }
}

fn attempts(row: &AnyRow) -> Result<u32, sqlx::Error> {
    Ok(u32::try_from(row.try_get::<i64, _>("attempts")?).unwrap_or(u32::MAX))
}

pub(super) fn from_row(row: &AnyRow) -> Result<CrmWrite, StoreError> {
    Ok(CrmWrite {
        id: row.try_get("id")?,
        call_id: row.try_get("call_id")?,
        contact_id: row.try_get("contact_id")?,
        state: state(row.try_get("state")?),
        reason: row.try_get("reason")?,
        attempts: attempts(row)?,
        record_id: row.try_get("record_id")?,
        record_url: row.try_get("record_url")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}
