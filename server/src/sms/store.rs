//! Messages, who wants none, and how a business sends them.

mod kept;

pub(super) use kept::KEEPS;

use api::sms::{Sms, SmsSettings, SmsState, SmsTemplateDetails};
use serde_json::json;
use sqlx::Row;
use sqlx::any::AnyRow;
use uuid::Uuid;

use super::send::{KIND, MAX_ATTEMPTS};
use super::text::{self, Said, Word};
use crate::deeds::{Author, Deed, Deeds};
use crate::jobs::{Jobs, NewJob};
use crate::listed::Listed;
use crate::phone::E164;
use crate::revisions::KeptRevisions;
use crate::store::{
    Connection, Scope, StoreError, Tenant, Write, can_be_named, from_json, older_than, to_json,
};

macro_rules! columns {
    () => {
        "id, number, body, state, segments, error, call_id, at, updated_at"
    };
}
pub(super) use columns;

impl Listed for SmsTemplateDetails {
    const KIND: &'static str = "sms_template";
    const TABLE: &'static str = "sms_templates";
    const COLUMN: &'static str = "template";
    const DEEDS: [&'static str; 3] = [
        "sms_template.added",
        "sms_template.changed",
        "sms_template.removed",
    ];

    fn name(&self) -> &str {
        &self.name
    }
}

/// A message to be queued.
#[derive(Clone)]
pub struct NewRow {
    /// To whom.
    pub number: E164,
    /// What it says.
    pub body: String,
    /// As how many it is counted.
    pub segments: u32,
    /// The call in which it is sent.
    pub call_id: Option<String>,
    /// Not before (Unix ms).
    pub at: i64,
}

impl std::fmt::Debug for NewRow {
    /// Leaves number and text out, so that neither reaches a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewRow")
            .field("segments", &self.segments)
            .finish_non_exhaustive()
    }
}

/// What became of a message that was to be queued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Added {
    /// It is.
    Queued(Box<Sms>),
    /// Whoever has the number wants none.
    OptedOut,
    /// As many were sent today as may be.
    TooMany,
}

/// A message that waits to be sent.
pub(super) struct Waiting {
    pub(super) number: String,
    pub(super) body: String,
    /// When it was to be sent (Unix ms).
    pub(super) at: i64,
    /// Whoever has the number wants none, meanwhile.
    pub(super) opted_out: bool,
    /// It answers the word by which they said so.
    pub(super) answers: bool,
    /// Since when (Unix ms) the provider may have it and did not say so.
    pub(super) tried_at: Option<i64>,
}

/// A message that came.
pub(super) struct Came {
    /// From whom.
    pub(super) number: E164,
    /// What it says.
    pub(super) text: String,
    /// What the provider calls it.
    pub(super) provider_id: Option<String>,
}

/// A state's name in the database.
fn name(state: SmsState) -> &'static str {
    match state {
        SmsState::Queued => "queued",
        SmsState::Sent => "sent",
        SmsState::Logged => "logged",
        SmsState::Delivered => "delivered",
        SmsState::Failed => "failed",
        SmsState::Unclear => "unclear",
        SmsState::Received => "received",
        SmsState::Unknown => "unknown",
    }
}

/// The state of a name, which only this module writes.
fn state(name: &str) -> SmsState {
    match name {
        "sent" => SmsState::Sent,
        "logged" => SmsState::Logged,
        "delivered" => SmsState::Delivered,
        "failed" => SmsState::Failed,
        "unclear" => SmsState::Unclear,
        "received" => SmsState::Received,
        _ => SmsState::Queued,
    }
}

crate::store::part! {
    /// The text messages of each business.
    text_messages -> TextMessages
}

/// What the revisions of how messages are sent are kept as.
pub(super) const REVISED: &str = "sms_settings";

impl TextMessages<'_> {
    /// How the tenant sends messages, and its secrets, sealed.
    pub(super) async fn settings(
        self,
        tenant: &Tenant,
    ) -> Result<Option<(SmsSettings, String)>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let row = sqlx::query("SELECT settings, secrets FROM sms_settings WHERE tenant_id = $1")
            .bind(tenant.id())
            .fetch_optional(db.connection())
            .await?;
        let Some(row) = row else { return Ok(None) };
        let settings = from_json(row.try_get("settings")?, "sms_settings", tenant.id())?;
        Ok(Some((settings, row.try_get("secrets")?)))
    }

    /// Says how the tenant sends messages; the settings are checked already, and a change of
    /// the revision `read`.
    pub(super) async fn set_settings(
        self,
        tenant: &Tenant,
        settings: &SmsSettings,
        sealed: &str,
        read: Option<i64>,
        author: &Author,
        now: i64,
    ) -> Result<i64, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let revision = KeptRevisions::revise(&mut write, tenant, (REVISED, ""), read).await?;
        sqlx::query(
            "INSERT INTO sms_settings (tenant_id, settings, secrets, updated_at) \
             VALUES ($1, $2, $3, $4) \
             ON CONFLICT (tenant_id) DO UPDATE SET settings = $2, secrets = $3, updated_at = $4",
        )
        .bind(tenant.id())
        .bind(to_json(settings))
        .bind(sealed)
        .bind(now)
        .execute(write.connection())
        .await?;
        let details = json!({"per_day": settings.per_day, "quiet": settings.quiet});
        let deed = Deed::of_business("sms_settings.changed", details);
        Deeds::record(&mut write, tenant, author, &deed, now).await?;
        write.commit().await?;
        Ok(revision)
    }

    /// Queues a message, unless its number wants none or so many segments were sent since
    /// then (Unix ms).
    pub(super) async fn add(
        self,
        tenant: &Tenant,
        new: &NewRow,
        most: (u32, i64),
        author: &Author,
        now: i64,
    ) -> Result<Added, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        // Two that count at the same time would both find room.
        self.0.one_at_a_time(&mut write, tenant).await?;
        if is_opted_out(write.connection(), tenant, new.number.as_str()).await? {
            return Ok(Added::OptedOut);
        }
        if !has_room(write.connection(), tenant, new.segments, most).await? {
            return Ok(Added::TooMany);
        }
        let sms = Sms {
            id: Uuid::now_v7().to_string(),
            number: new.number.to_string(),
            body: new.body.clone(),
            state: SmsState::Queued,
            segments: new.segments,
            error: None,
            call_id: new.call_id.clone(),
            at: new.at,
            updated_at: now,
        };
        queue(&mut write, tenant, (&sms, false), now).await?;
        let deed = Deed::on("sms", &sms.id, "sms.sent");
        Deeds::record(&mut write, tenant, author, &deed, now).await?;
        write.commit().await?;
        Ok(Added::Queued(Box::new(sms)))
    }

    /// A message that waits to be sent.
    pub(super) async fn to_send(
        self,
        tenant: &Tenant,
        id: &str,
    ) -> Result<Option<Waiting>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let row = sqlx::query(
            "SELECT number, body, at, answers, tried_at FROM sms_messages \
             WHERE tenant_id = $1 AND id = $2 AND state = 'queued'",
        )
        .bind(tenant.id())
        .bind(id)
        .fetch_optional(db.connection())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let number: String = row.try_get("number")?;
        let answers: Option<i64> = row.try_get("answers")?;
        Ok(Some(Waiting {
            opted_out: is_opted_out(db.connection(), tenant, &number).await?,
            answers: answers.is_some(),
            body: row.try_get("body")?,
            at: row.try_get("at")?,
            tried_at: row.try_get("tried_at")?,
            number,
        }))
    }

    /// Notes that the provider has a message. Its receipt may have come already.
    pub(super) async fn note_sent(
        self,
        tenant: &Tenant,
        id: &str,
        (provider_id, became): (Option<&str>, SmsState),
        now: i64,
    ) -> Result<(), StoreError> {
        let mut db = self.0.single(Scope::Of(tenant)).await?;
        sqlx::query(
            "UPDATE sms_messages SET provider_id = $3, updated_at = $4, \
                 state = CASE WHEN state = 'queued' THEN $5 ELSE state END \
             WHERE tenant_id = $1 AND id = $2",
        )
        .bind(tenant.id())
        .bind(id)
        .bind(provider_id.filter(|id| can_be_named(id)))
        .bind(now)
        .bind(name(became))
        .execute(db.connection())
        .await?;
        Ok(())
    }

    /// Notes since when (Unix ms) the provider may have a message, before it is handed over; none
    /// where it certainly has not.
    pub(super) async fn note_tried(
        self,
        tenant: &Tenant,
        id: &str,
        since: Option<i64>,
    ) -> Result<(), StoreError> {
        let mut db = self.0.single(Scope::Of(tenant)).await?;
        sqlx::query("UPDATE sms_messages SET tried_at = $3 WHERE tenant_id = $1 AND id = $2")
            .bind(tenant.id())
            .bind(id)
            .bind(since)
            .execute(db.connection())
            .await?;
        Ok(())
    }

    /// The first of the provider's ids that no other message has.
    pub(super) async fn of_nobody(
        self,
        tenant: &Tenant,
        ids: Vec<String>,
    ) -> Result<Option<String>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        for id in ids {
            let sql = "SELECT id FROM sms_messages WHERE tenant_id = $1 AND provider_id = $2";
            let query = sqlx::query(sql).bind(tenant.id()).bind(&id);
            if query.fetch_optional(db.connection()).await?.is_none() {
                return Ok(Some(id));
            }
        }
        Ok(None)
    }

    /// Notes that nobody knows whether a message was sent. A receipt may settle it.
    pub(super) async fn note_unclear(
        self,
        tenant: &Tenant,
        id: &str,
        now: i64,
    ) -> Result<(), StoreError> {
        self.note_receipt(tenant, id, SmsState::Unclear, None, now)
            .await?;
        Ok(())
    }

    /// Notes that a message does not arrive.
    pub(super) async fn note_failed(
        self,
        tenant: &Tenant,
        id: &str,
        why: &str,
        now: i64,
    ) -> Result<(), StoreError> {
        self.note_receipt(tenant, id, SmsState::Failed, Some(why), now)
            .await?;
        Ok(())
    }

    /// Notes what became of a message, named by our id or the provider's: once, whatever
    /// order the news comes in. Returns its number.
    pub(super) async fn note_receipt(
        self,
        tenant: &Tenant,
        id: &str,
        became: SmsState,
        why: Option<&str>,
        now: i64,
    ) -> Result<Option<String>, StoreError> {
        let mut db = self.0.single(Scope::Of(tenant)).await?;
        let row = sqlx::query(
            "UPDATE sms_messages SET state = $3, error = $4, updated_at = $5 \
             WHERE tenant_id = $1 AND (id = $2 OR provider_id = $2) \
                 AND state IN ('queued', 'sent', 'unclear') RETURNING number",
        )
        .bind(tenant.id())
        .bind(id)
        .bind(name(became))
        .bind(why.map(|why| why.chars().take(300).collect::<String>()))
        .bind(now)
        .fetch_optional(db.connection())
        .await?;
        Ok(row.map(|row| row.try_get("number")).transpose()?)
    }

    /// Keeps a message that came, with what is said by it: all or nothing, so that a STOP is not
    /// lost with the server that took it. It is answered where that changes something, so that
    /// two machines do not answer each other for ever, and where `most` segments since then
    /// (Unix ms) leave room. False when it was here before.
    pub(super) async fn receive(
        self,
        tenant: &Tenant,
        came: &Came,
        said: Option<Said<'_>>,
        most: (u32, i64),
        now: i64,
    ) -> Result<bool, StoreError> {
        let sms = Sms {
            id: Uuid::now_v7().to_string(),
            number: came.number.to_string(),
            body: came.text.clone(),
            state: SmsState::Received,
            segments: text::segments(&came.text),
            error: None,
            call_id: None,
            at: now,
            updated_at: now,
        };
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let provider_id = came.provider_id.as_deref().filter(|id| can_be_named(id));
        let is_new = insert(write.connection(), tenant, &sms, (provider_id, false), now).await?;
        if let Some(said) = said.filter(|_| is_new) {
            // What is sent to them meanwhile waits for this, and is not sent.
            self.0.one_at_a_time(&mut write, tenant).await?;
            let none = said.word == Word::Stop;
            let number = came.number.as_str();
            let changed = opt(write.connection(), tenant, (number, none), now).await?;
            if let Some(body) = said.answer.filter(|_| changed) {
                answer(&mut write, tenant, (number, body), most, now).await?;
            }
        }
        write.commit().await?;
        Ok(is_new)
    }

    /// Notes whether whoever has a number wants no messages.
    pub(super) async fn set_opted_out(
        self,
        tenant: &Tenant,
        number: &str,
        none: bool,
        now: i64,
    ) -> Result<(), StoreError> {
        let mut db = self.0.single(Scope::Of(tenant)).await?;
        opt(db.connection(), tenant, (number, none), now).await?;
        Ok(())
    }

    /// A page of the tenant's messages, the newest first; those with one number if it is
    /// named (E.164).
    pub async fn page(
        self,
        tenant: &Tenant,
        number: Option<&str>,
        before: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Sms>, StoreError> {
        let older = older_than("id", before, 2);
        let columns = columns!();
        let with = number.map_or("1 = 1", |_| "number = $4");
        let sql = format!(
            "SELECT {columns} FROM sms_messages \
             WHERE tenant_id = $1 AND {older} AND {with} ORDER BY id DESC LIMIT $3"
        );
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let query = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(tenant.id())
            .bind(before)
            .bind(i64::from(limit));
        let query = match number {
            Some(number) => query.bind(number),
            None => query,
        };
        let rows = query.fetch_all(db.connection()).await?;
        rows.iter().map(from_row).collect()
    }
}

async fn is_opted_out(
    connection: &mut Connection,
    tenant: &Tenant,
    number: &str,
) -> Result<bool, StoreError> {
    let row = sqlx::query("SELECT number FROM sms_opt_outs WHERE tenant_id = $1 AND number = $2")
        .bind(tenant.id())
        .bind(number)
        .fetch_optional(connection)
        .await?;
    Ok(row.is_some())
}

/// Notes whether whoever has a number wants no messages. False where that was so before.
async fn opt(
    connection: &mut Connection,
    tenant: &Tenant,
    (number, none): (&str, bool),
    now: i64,
) -> Result<bool, StoreError> {
    let change = match none {
        true => {
            "INSERT INTO sms_opt_outs (tenant_id, number, at) VALUES ($1, $2, $3) \
             ON CONFLICT (tenant_id, number) DO NOTHING"
        }
        false => "DELETE FROM sms_opt_outs WHERE tenant_id = $1 AND number = $2 AND at <= $3",
    };
    let done = sqlx::query(change)
        .bind(tenant.id())
        .bind(number)
        .bind(now)
        .execute(connection)
        .await?;
    Ok(done.rows_affected() > 0)
}

/// Whether so many segments more may be sent, of so many at most since then (Unix ms).
async fn has_room(
    connection: &mut Connection,
    tenant: &Tenant,
    segments: u32,
    (most, since): (u32, i64),
) -> Result<bool, StoreError> {
    let row = sqlx::query(
        "SELECT CAST(COALESCE(SUM(segments), 0) AS BIGINT) AS n FROM sms_messages \
         WHERE tenant_id = $1 AND created_at >= $2 AND state <> 'received'",
    )
    .bind(tenant.id())
    .bind(since)
    .fetch_one(connection)
    .await?;
    let sent: i64 = row.try_get("n")?;
    Ok(sent + i64::from(segments) <= i64::from(most))
}

/// Has the answer to a word sent.
async fn answer(
    write: &mut Write,
    tenant: &Tenant,
    (number, body): (&str, &str),
    most: (u32, i64),
    now: i64,
) -> Result<(), StoreError> {
    let segments = text::segments(body);
    if !has_room(write.connection(), tenant, segments, most).await? {
        return Ok(());
    }
    let sms = Sms {
        id: Uuid::now_v7().to_string(),
        number: number.to_owned(),
        body: body.to_owned(),
        state: SmsState::Queued,
        segments,
        error: None,
        call_id: None,
        at: now,
        updated_at: now,
    };
    queue(write, tenant, (&sms, true), now).await
}

/// Queues a message; with whether it answers a word.
async fn queue(
    write: &mut Write,
    tenant: &Tenant,
    (sms, answers): (&Sms, bool),
    now: i64,
) -> Result<(), StoreError> {
    insert(write.connection(), tenant, sms, (None, answers), now).await?;
    let job = NewJob {
        kind: KIND,
        group: None,
        dedupe_key: Some(sms.id.clone()),
        payload: json!({"sms_id": sms.id}),
        run_at: sms.at,
        max_attempts: MAX_ATTEMPTS,
    };
    Jobs::enqueue(write, tenant, &job, now).await?;
    Ok(())
}

/// False when it is there already.
async fn insert(
    connection: &mut Connection,
    tenant: &Tenant,
    sms: &Sms,
    (provider_id, answers): (Option<&str>, bool),
    now: i64,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "INSERT INTO sms_messages (id, tenant_id, number, body, state, segments, call_id, at, \
             provider_id, answers, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11) ON CONFLICT DO NOTHING",
    )
    .bind(&sms.id)
    .bind(tenant.id())
    .bind(&sms.number)
    .bind(&sms.body)
    .bind(name(sms.state))
    .bind(i64::from(sms.segments))
    .bind(sms.call_id.as_deref())
    .bind(sms.at)
    .bind(provider_id)
    .bind(answers.then_some(1_i64))
    .bind(now)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

fn from_row(row: &AnyRow) -> Result<Sms, StoreError> {
    let segments: i64 = row.try_get("segments")?;
    Ok(Sms {
        id: row.try_get("id")?,
        number: row.try_get("number")?,
        body: row.try_get("body")?,
        state: state(row.try_get("state")?),
        segments: u32::try_from(segments).unwrap_or(u32::MAX),
        error: row.try_get("error")?,
        call_id: row.try_get("call_id")?,
        at: row.try_get("at")?,
        updated_at: row.try_get("updated_at")?,
    })
}
