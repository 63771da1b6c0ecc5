//! Call-backs: asked for, placed once, and what became of them.

mod kept;
mod list;
mod placing;
mod queue;

pub(crate) use kept::KEEPS;
pub use list::CallbackCursor;
pub(crate) use list::after;
pub use placing::{Begun, DueCallback, Failed};
pub use queue::{Said, Task};

use std::collections::BTreeMap;

use api::callbacks::CallbackState;
use api::problem::slug;
use serde_json::{Map, Value, json};
use sqlx::Row;

use super::{KIND, MAX_ATTEMPTS, STUCK_MS};
use crate::accounts::REPEATABLE_MS;
use crate::bus::Signal;
use crate::clock::DAY_MS;
use crate::deeds::{Author, Deed, Deeds};
use crate::jobs::{Jobs, NewJob};
use crate::notify::{Event, Notifications};
use crate::phone::E164;
use crate::store::{Scope, StoreError, Tenant, Write, to_json};

/// The variable that says what it is about.
pub(super) const REASON: &str = "callback_reason";
/// How long a number that was called is not called by another request (ms).
const JUST_CALLED_MS: i64 = 10 * 60 * 1000;

/// The lists call-backs are in, as `section` says.
const WAITS: i64 = 0;
/// People see to it.
const LEFT: i64 = 1;
const OVER: i64 = 2;

/// What was asked for.
#[derive(Clone, PartialEq)]
pub struct CallbackRequest {
    /// Its id; ids sort by time.
    pub id: String,
    /// The public key it came with; none where it was asked for in a call.
    pub public_key_id: Option<String>,
    /// Whom to ask for.
    pub name: String,
    /// The number.
    pub phone: E164,
    /// The agent's id at Retell.
    pub agent_id: String,
    /// The number to call from, where the page names one.
    pub from_number: Option<E164>,
    /// The visitor's language (BCP 47).
    pub language: Option<String>,
    /// The page it was asked on.
    pub page_url: Option<String>,
    /// Dynamic variables the key allows; they fill the agent's prompt.
    pub variables: BTreeMap<String, String>,
    /// Goes along with the call; our marks are in it.
    pub metadata: Map<String, Value>,
    /// What the visitor agreed to, or how they asked.
    pub consent: String,
    /// When it is to be placed (Unix ms).
    pub due_at: i64,
}

impl std::fmt::Debug for CallbackRequest {
    /// Leaves name and number out, so that neither reaches a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CallbackRequest")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// A request that is new.
#[derive(Debug, Clone, PartialEq)]
pub struct NewCallbackRow {
    /// What is asked for.
    pub request: CallbackRequest,
    /// SHA-256 of the form it was asked with.
    pub form_hash: String,
    /// Whether it is due at a time the visitor chose.
    pub scheduled: bool,
    /// Whether a program may have filled the form in: then nobody is called until
    /// a person has looked at it.
    pub doubtful: bool,
}

impl NewCallbackRow {
    /// The time the visitor chose (Unix ms); `None` for at once.
    #[must_use]
    pub fn at(&self) -> Option<i64> {
        self.scheduled.then_some(self.request.due_at)
    }
}

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// It was taken.
    New,
    /// It was asked before.
    Before {
        /// When that call comes (Unix ms); `None` for at once.
        at: Option<i64>,
    },
    /// The number or the key was asked for too often.
    TooOften,
}

/// What became of a change by a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Nudge {
    /// It is done.
    Done,
    /// There is no such call-back.
    Unknown,
    /// It is being placed, or is over.
    NotOpen,
    /// Somebody else sees to it; their name, empty where they are no longer there.
    Claimed(String),
}

/// A state's name in the database.
fn name(state: CallbackState) -> &'static str {
    match state {
        CallbackState::Pending => "pending",
        CallbackState::Scheduled => "scheduled",
        CallbackState::Calling => "calling",
        CallbackState::Placed => "placed",
        CallbackState::Unanswered => "unanswered",
        CallbackState::Open => "open",
        CallbackState::Done => "done",
        CallbackState::Failed => "failed",
        CallbackState::Cancelled => "cancelled",
        CallbackState::Unknown => "unknown",
    }
}

/// The state of a name, which only this module writes.
fn state(name: &str) -> CallbackState {
    match name {
        "scheduled" => CallbackState::Scheduled,
        "calling" => CallbackState::Calling,
        "placed" => CallbackState::Placed,
        "unanswered" => CallbackState::Unanswered,
        "open" => CallbackState::Open,
        "done" => CallbackState::Done,
        "failed" => CallbackState::Failed,
        "cancelled" => CallbackState::Cancelled,
        _ => CallbackState::Pending,
    }
}

crate::store::part! {
    /// The call-backs that were asked for.
    callbacks -> Callbacks
}

impl Callbacks<'_> {
    /// Takes a request in, with its job and its event, unless it was asked
    /// before or too often: `most` for its number and for its key, or for all that
    /// came with none, in 24 hours.
    pub async fn add(
        self,
        tenant: &Tenant,
        row: &NewCallbackRow,
        told: &Event,
        most: (u32, u32),
        now: i64,
    ) -> Result<Asked, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        // Two that count at the same time would both find room.
        self.0.one_at_a_time(&mut write, tenant).await?;
        if let Some(at) = before(&mut write, tenant, row, now).await? {
            return Ok(Asked::Before { at });
        }
        let since = now - DAY_MS;
        let number = asked_since(
            &mut write,
            "SELECT COUNT(*) AS n FROM (SELECT 1 AS one FROM callbacks \
             WHERE tenant_id = $1 AND phone = $2 AND doubtful = $5 AND created_at > $3 \
             LIMIT $4) AS t",
            tenant,
            (row.request.phone.as_str(), since, most.0),
            row.doubtful,
        );
        let number = number.await?;
        let key = asked_since(
            &mut write,
            "SELECT COUNT(*) AS n FROM (SELECT 1 AS one FROM callbacks \
             WHERE tenant_id = $1 AND public_key_id = $2 AND doubtful = $5 AND created_at > $3 \
             LIMIT $4) AS t",
            tenant,
            (key_column(&row.request), since, most.1),
            row.doubtful,
        );
        let key = key.await?;
        if number >= i64::from(most.0) || key >= i64::from(most.1) {
            return Ok(Asked::TooOften);
        }
        if !insert(&mut write, tenant, row, now).await? {
            // Another server took the same at the same time.
            let at = before(&mut write, tenant, row, now).await?.flatten();
            return Ok(Asked::Before { at });
        }
        if !row.doubtful {
            let job = job(&row.request.id, 1, row.request.due_at);
            Jobs::enqueue(&mut write, tenant, &job, now).await?;
            let told = std::slice::from_ref(told);
            Notifications::tell_endpoints(&mut write, tenant, told, now).await?;
        }
        changed(&mut write, tenant);
        write.commit().await?;
        Ok(Asked::New)
    }

    /// Takes a call-back back: one that waits, or one that failed.
    pub async fn cancel(
        self,
        tenant: &Tenant,
        id: &str,
        author: &Author,
        now: i64,
    ) -> Result<Nudge, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        // Its job finds it over, and ends.
        let done = sqlx::query(
            "UPDATE callbacks SET state = 'cancelled', section = $4, updated_at = $3 \
             WHERE tenant_id = $1 AND id = $2 AND section < $4 \
                 AND (state <> 'calling' OR calling_since < $5) \
                 AND COALESCE(claimed_by, $6) = $6",
        )
        .bind(tenant.id())
        .bind(id)
        .bind(now)
        .bind(OVER)
        .bind(now - STUCK_MS)
        .bind(author.actor.person().unwrap_or_default())
        .execute(write.connection())
        .await?;
        if done.rows_affected() == 0 {
            return known(&mut write, tenant, id, author).await;
        }
        let deed = Deed::on("callback", id, "callback.cancelled");
        Deeds::record(&mut write, tenant, author, &deed, now).await?;
        changed(&mut write, tenant);
        write.commit().await?;
        Ok(Nudge::Done)
    }

    /// Has a call-back placed at once: one that waits, or one that failed.
    pub async fn call_back_now(
        self,
        tenant: &Tenant,
        id: &str,
        author: &Author,
        now: i64,
    ) -> Result<Nudge, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        // A number waits once: of two that failed, one is called. Where a call may
        // have been placed after all, Retell is asked for that one.
        let row = sqlx::query(
            "UPDATE callbacks SET state = 'pending', section = $4, due_at = $3, wanted_at = $3, \
                 updated_at = $3, round = round + 1, calling_since = NULL, problem = NULL, \
                 claimed_by = NULL, \
                 asked_at = CASE WHEN asked_at < $7 THEN NULL ELSE asked_at END \
             WHERE tenant_id = $1 AND id = $2 AND section < $6 AND phone <> '' \
                 AND COALESCE(claimed_by, $8) = $8 AND (state <> 'calling' OR calling_since < $5) \
                 AND NOT EXISTS (SELECT 1 FROM callbacks o WHERE o.tenant_id = $1 \
                     AND o.phone = callbacks.phone AND o.section = $4 AND o.id <> $2) \
             RETURNING round",
        )
        .bind(tenant.id())
        .bind(id)
        .bind(now)
        .bind(WAITS)
        .bind(now - STUCK_MS)
        .bind(OVER)
        .bind(now - REPEATABLE_MS)
        .bind(author.actor.person().unwrap_or_default())
        .fetch_optional(write.connection())
        .await?;
        let Some(row) = row else {
            return known(&mut write, tenant, id, author).await;
        };
        let round: i64 = row.try_get("round")?;
        Jobs::enqueue(&mut write, tenant, &job(id, round, now), now).await?;
        let deed = Deed::on("callback", id, "callback.called_now");
        Deeds::record(&mut write, tenant, author, &deed, now).await?;
        changed(&mut write, tenant);
        write.commit().await?;
        Ok(Nudge::Done)
    }
}

/// The same request, or one for the same number that waits or was just placed:
/// when its call comes.
async fn before(
    write: &mut Write,
    tenant: &Tenant,
    row: &NewCallbackRow,
    now: i64,
) -> Result<Option<Option<i64>>, StoreError> {
    let found = sqlx::query(
        "SELECT state, due_at FROM callbacks \
         WHERE tenant_id = $1 AND (form_hash = $2 OR (phone = $3 \
             AND (section = $4 OR (state = 'placed' AND updated_at > $5)))) \
         ORDER BY section, created_at DESC LIMIT 1",
    )
    .bind(tenant.id())
    .bind(&row.form_hash)
    .bind(row.request.phone.as_str())
    .bind(WAITS)
    .bind(now - JUST_CALLED_MS)
    .fetch_optional(write.connection())
    .await?;
    let Some(found) = found else { return Ok(None) };
    let due_at: i64 = found.try_get("due_at")?;
    let scheduled = state(found.try_get("state")?) == CallbackState::Scheduled;
    Ok(Some(scheduled.then_some(due_at)))
}

/// How many there are since then, counted as far as it matters.
async fn asked_since(
    write: &mut Write,
    sql: &'static str,
    tenant: &Tenant,
    (of, since, most): (&str, i64, u32),
    doubtful: bool,
) -> Result<i64, StoreError> {
    let row = sqlx::query(sql)
        .bind(tenant.id())
        .bind(of)
        .bind(since)
        .bind(i64::from(most))
        .bind(i64::from(doubtful))
        .fetch_one(write.connection())
        .await?;
    Ok(row.try_get("n")?)
}

/// How the database has the key: empty for none.
fn key_column(request: &CallbackRequest) -> &str {
    request.public_key_id.as_deref().unwrap_or_default()
}

/// False when it is there already.
async fn insert(
    write: &mut Write,
    tenant: &Tenant,
    row: &NewCallbackRow,
    now: i64,
) -> Result<bool, StoreError> {
    let (state, section, problem) = match row.scheduled {
        _ if row.doubtful => (CallbackState::Failed, LEFT, Some(slug::LOOKS_AUTOMATIC)),
        true => (CallbackState::Scheduled, WAITS, None),
        false => (CallbackState::Pending, WAITS, None),
    };
    let done = sqlx::query(
        "INSERT INTO callbacks (id, tenant_id, public_key_id, form_hash, state, section, name, \
             phone, agent_id, from_number, language, page_url, variables, metadata, consent, \
             due_at, wanted_at, round, created_at, updated_at, doubtful, problem, note) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $16, 1, \
             $17, $17, $18, $19, $20) \
         ON CONFLICT DO NOTHING",
    )
    .bind(&row.request.id)
    .bind(tenant.id())
    .bind(key_column(&row.request))
    .bind(&row.form_hash)
    .bind(name(state))
    .bind(section)
    .bind(&row.request.name)
    .bind(row.request.phone.as_str())
    .bind(&row.request.agent_id)
    .bind(row.request.from_number.as_ref().map(E164::as_str))
    .bind(row.request.language.as_deref())
    .bind(row.request.page_url.as_deref())
    .bind(to_json(&row.request.variables))
    .bind(to_json(&row.request.metadata))
    .bind(&row.request.consent)
    .bind(row.request.due_at)
    .bind(now)
    .bind(i64::from(row.doubtful))
    .bind(problem)
    .bind(row.request.variables.get(REASON).map_or("", String::as_str))
    .execute(write.connection())
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Why one was not changed.
async fn known(
    write: &mut Write,
    tenant: &Tenant,
    id: &str,
    author: &Author,
) -> Result<Nudge, StoreError> {
    let row = sqlx::query(
        "SELECT c.section, c.claimed_by, (SELECT u.name FROM users u \
             WHERE u.tenant_id = c.tenant_id AND u.id = c.claimed_by) AS name \
         FROM callbacks c WHERE c.tenant_id = $1 AND c.id = $2",
    )
    .bind(tenant.id())
    .bind(id)
    .fetch_optional(write.connection())
    .await?;
    let Some(row) = row else {
        return Ok(Nudge::Unknown);
    };
    let is_over = row.try_get::<i64, _>("section")? == OVER;
    let holder: Option<&str> = row.try_get("claimed_by")?;
    Ok(match holder {
        Some(holder) if !is_over && author.actor.person() != Some(holder) => {
            let name: Option<String> = row.try_get("name")?;
            Nudge::Claimed(name.unwrap_or_default())
        }
        _ => Nudge::NotOpen,
    })
}

/// The job that places a call-back's call.
fn job(id: &str, round: i64, run_at: i64) -> NewJob {
    NewJob {
        kind: KIND,
        group: None,
        dedupe_key: Some(format!("{id}:{round}")),
        payload: json!({"callback_id": id, "round": round}),
        run_at,
        max_attempts: MAX_ATTEMPTS,
    }
}

/// Has every desk of the tenant told, once this is committed.
fn changed(write: &mut Write, tenant: &Tenant) {
    write.tell(Signal::CallbacksChanged(tenant.id().to_owned()));
}
