//! What people do with a call-back: whose it is, when it is due, what came of it, and one they
//! see to from the beginning.

use api::callbacks::{CallbackChange, CallbackOutcome, CallbackState};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Callbacks, LEFT, Nudge, OVER, WAITS, changed, job, known, name, state};
use crate::callbacks::{MAX_TRIES, STUCK_MS};
use crate::clock::DAY_MS;
use crate::deeds::{Author, Deed, Deeds};
use crate::jobs::Jobs;
use crate::phone::E164;
use crate::store::{Scope, StoreError, Tenant, Write};

/// How what tells one from another begins where it was promised in a call.
const OF_CALL: &str = "call:";
/// What a call-back is called in the trail.
const KIND: &str = "callback";

/// A call-back that people see to: nobody is called by itself.
#[derive(Clone, PartialEq)]
pub struct Task {
    /// Its id; ids sort by time.
    pub id: String,
    /// Whom to ask for; empty where nobody knows.
    pub name: String,
    /// The number; none where it is withheld.
    pub phone: Option<E164>,
    /// The agent that calls where somebody has it call, by its id at Retell; empty for whichever
    /// calls from the number.
    pub agent_id: String,
    /// Their language (BCP 47).
    pub language: Option<String>,
    /// What it is about.
    pub note: String,
    /// How it came to be, in words for people.
    pub consent: String,
    /// When it is due (Unix ms).
    pub due_at: i64,
    /// The call it was promised in, by Retell's id; empty where it was not in one.
    pub call_id: String,
}

impl std::fmt::Debug for Task {
    /// Leaves name and number out, so that neither reaches a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Task")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// What somebody says of a call-back; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// What came of it.
    pub outcome: Option<CallbackOutcome>,
    /// When it is due from now on (Unix ms).
    pub due_at: Option<i64>,
    /// What the staff should know.
    pub note: Option<String>,
}

/// What a call-back is about to become.
struct Next {
    state: CallbackState,
    section: i64,
    outcome: Option<CallbackOutcome>,
    tries: i64,
    due_at: i64,
    round: i64,
}

impl Next {
    /// As it is.
    fn of(row: &AnyRow) -> Result<Self, StoreError> {
        Ok(Self {
            state: state(row.try_get("state")?),
            section: row.try_get("section")?,
            outcome: row
                .try_get::<Option<&str>, _>("outcome")?
                .map(CallbackOutcome::named),
            tries: row.try_get("tries")?,
            due_at: row.try_get("due_at")?,
            round: row.try_get("round")?,
        })
    }

    /// People see to it.
    fn leave(self, state: CallbackState) -> Self {
        Self {
            state,
            section: LEFT,
            ..self
        }
    }

    /// It is placed by a job, under a key of its own.
    fn schedule(self, due_at: i64) -> Self {
        Self {
            state: CallbackState::Scheduled,
            section: WAITS,
            round: self.round + 1,
            due_at,
            ..self
        }
    }

    /// What somebody says of it, with when it is due again where they were not reached.
    fn with(self, said: &Said, again: i64) -> Self {
        let due_at = said.due_at;
        match said.outcome {
            Some(outcome) if outcome.is_last() => Self {
                state: CallbackState::Done,
                section: OVER,
                outcome: Some(outcome),
                ..self
            },
            // Who says so has called themselves, and calls again.
            Some(outcome) => Self {
                outcome: Some(outcome),
                tries: self.tries + 1,
                due_at: due_at.unwrap_or(again),
                ..self
            }
            .leave(CallbackState::Open),
            None => match (due_at, self.state) {
                (None, _) => self,
                (Some(at), CallbackState::Pending | CallbackState::Scheduled) => self.schedule(at),
                (Some(at), _) => Self { due_at: at, ..self }.leave(CallbackState::Open),
            },
        }
    }
}

impl Callbacks<'_> {
    /// Adds one that people see to, unless there were so many from calls in 24 hours (`most`). What
    /// is promised several times in a call is one: it is to be done again, with all of the notes.
    /// Returns whether it is there.
    pub async fn enter(
        self,
        tenant: &Tenant,
        task: &Task,
        most: u32,
        author: &Author,
        now: i64,
    ) -> Result<bool, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let of_call = match task.call_id.as_str() {
            "" => task.id.clone(),
            call_id => format!("{OF_CALL}{call_id}"),
        };
        if !task.call_id.is_empty() {
            let row = sqlx::query(
                "SELECT COUNT(*) AS n FROM (SELECT 1 AS one FROM callbacks WHERE tenant_id = $1 \
                     AND public_key_id = '' AND doubtful = 0 AND created_at > $2 \
                     AND form_hash <> $3 LIMIT $4) AS t",
            )
            .bind(tenant.id())
            .bind(now - DAY_MS)
            .bind(&of_call)
            .bind(i64::from(most))
            .fetch_one(write.connection())
            .await?;
            if row.try_get::<i64, _>("n")? >= i64::from(most) {
                return Ok(false);
            }
        }
        let row = sqlx::query(
            "INSERT INTO callbacks (id, tenant_id, public_key_id, form_hash, state, section, name, \
                 phone, agent_id, language, variables, metadata, consent, due_at, wanted_at, \
                 round, created_at, updated_at, note) \
             VALUES ($1, $2, '', $13, $3, $4, $5, $6, $7, $8, '{}', '{}', $9, $10, $10, 1, $11, $11, \
                 $12) \
             ON CONFLICT (tenant_id, form_hash) DO UPDATE SET state = excluded.state, \
                 section = excluded.section, due_at = excluded.due_at, outcome = NULL, \
                 updated_at = excluded.updated_at, note = CASE callbacks.note \
                     WHEN excluded.note THEN callbacks.note \
                     ELSE SUBSTR(callbacks.note || $14 || excluded.note, 1, \
                         CAST($15 AS INTEGER)) END RETURNING id",
        )
        .bind(&task.id)
        .bind(tenant.id())
        .bind(name(CallbackState::Open))
        .bind(LEFT)
        .bind(&task.name)
        .bind(task.phone.as_ref().map_or("", E164::as_str))
        .bind(&task.agent_id)
        .bind(task.language.as_deref())
        .bind(&task.consent)
        .bind(task.due_at)
        .bind(now)
        .bind(&task.note)
        .bind(&of_call)
        .bind("\n")
        .bind(CallbackChange::NOTE_MAX as i64)
        .fetch_one(write.connection())
        .await?;
        let deed = Deed::on(KIND, row.try_get("id")?, "callback.entered");
        Deeds::record(&mut write, tenant, author, &deed, now).await?;
        changed(&mut write, tenant);
        write.commit().await?;
        Ok(true)
    }

    /// Makes one somebody's that is to be done and nobody's: of two who want it at once, one gets
    /// it. Nobody is called by itself as long as it is.
    pub async fn claim(
        self,
        tenant: &Tenant,
        id: &str,
        person: &str,
        author: &Author,
        now: i64,
    ) -> Result<Nudge, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let done = sqlx::query(
            "UPDATE callbacks SET claimed_by = $3, updated_at = $4 \
             WHERE tenant_id = $1 AND id = $2 AND section < $5 \
                 AND (state <> 'calling' OR calling_since < $6) \
                 AND COALESCE(claimed_by, $3) = $3",
        )
        .bind(tenant.id())
        .bind(id)
        .bind(person)
        .bind(now)
        .bind(OVER)
        .bind(now - STUCK_MS)
        .execute(write.connection())
        .await?;
        if done.rows_affected() == 0 {
            return known(&mut write, tenant, id, author).await;
        }
        let deed = Deed::on(KIND, id, "callback.claimed");
        Deeds::record(&mut write, tenant, author, &deed, now).await?;
        changed(&mut write, tenant);
        write.commit().await?;
        Ok(Nudge::Done)
    }

    /// Makes one nobody's, if it is this person's, or anybody's where none is named: what was to
    /// be placed by itself is.
    pub async fn release(
        self,
        tenant: &Tenant,
        id: &str,
        only_of: Option<&str>,
        author: &Author,
        now: i64,
    ) -> Result<Nudge, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let row = sqlx::query(
            "UPDATE callbacks SET claimed_by = NULL, updated_at = $4, round = round + 1 \
             WHERE tenant_id = $1 AND id = $2 AND claimed_by = COALESCE($3, claimed_by) \
                 AND section < $5 \
             RETURNING round, section, due_at",
        )
        .bind(tenant.id())
        .bind(id)
        .bind(only_of)
        .bind(now)
        .bind(OVER)
        .fetch_optional(write.connection())
        .await?;
        let Some(row) = row else {
            return known(&mut write, tenant, id, author).await;
        };
        if row.try_get::<i64, _>("section")? == WAITS {
            let due_at: i64 = row.try_get("due_at")?;
            let job = job(id, row.try_get("round")?, due_at.max(now));
            Jobs::enqueue(&mut write, tenant, &job, now).await?;
        }
        let deed = Deed::on(KIND, id, "callback.released");
        Deeds::record(&mut write, tenant, author, &deed, now).await?;
        changed(&mut write, tenant);
        write.commit().await?;
        Ok(Nudge::Done)
    }

    /// Writes what somebody says of one, unless it is being placed, was taken back, or is somebody
    /// else's. `again` is when it is due where nobody was reached (Unix ms).
    pub async fn say(
        self,
        tenant: &Tenant,
        id: &str,
        said: &Said,
        again: i64,
        author: &Author,
        now: i64,
    ) -> Result<Nudge, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let Some(row) = self.read(&mut write, tenant, id).await? else {
            return Ok(Nudge::Unknown);
        };
        let before = Next::of(&row)?;
        let since: Option<i64> = row.try_get("calling_since")?;
        let is_placed = before.state == CallbackState::Calling
            && since.is_some_and(|since| since >= now - STUCK_MS);
        if is_placed || before.state == CallbackState::Cancelled {
            return Ok(Nudge::NotOpen);
        }
        let claimed_by: Option<String> = row.try_get("claimed_by")?;
        let is_open = before.section < OVER;
        if is_open && claimed_by.is_some() && claimed_by.as_deref() != author.actor.person() {
            return known(&mut write, tenant, id, author).await;
        }
        let note = match &said.note {
            Some(note) => note.clone(),
            None => row.try_get("note")?,
        };
        let (round, next) = (before.round, before.with(said, again));
        put(&mut write, tenant, id, (&next, &note), now).await?;
        if next.round > round {
            let job = job(id, next.round, next.due_at);
            Jobs::enqueue(&mut write, tenant, &job, now).await?;
        }
        let outcome = said.outcome.map(CallbackOutcome::name);
        let deed = Deed::on(KIND, id, "callback.changed");
        let deed = deed.with(serde_json::json!({"outcome": outcome}));
        Deeds::record(&mut write, tenant, author, &deed, now).await?;
        changed(&mut write, tenant);
        write.commit().await?;
        Ok(Nudge::Done)
    }

    /// The call that was placed is over. Where nobody was reached it is due again at the time
    /// `again` says for so many tries (Unix ms), or left to people. False while it is not known
    /// yet that the call was placed.
    pub(crate) async fn ended(
        self,
        tenant: &Tenant,
        (id, call_id): (&str, &str),
        outcome: CallbackOutcome,
        again: impl Fn(i64) -> Option<i64>,
        now: i64,
    ) -> Result<bool, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        // Erased meanwhile, nothing is to be said of it.
        let Some(row) = self.read(&mut write, tenant, id).await? else {
            return Ok(true);
        };
        let before = Next::of(&row)?;
        let is_of_call = row.try_get::<Option<&str>, _>("call_id")? == Some(call_id);
        if before.state == CallbackState::Calling && !is_of_call {
            return Ok(false);
        }
        if before.state != CallbackState::Placed || !is_of_call || before.outcome.is_some() {
            return Ok(true);
        }
        let tries = before.tries + i64::from(!outcome.is_last());
        let tried = Next {
            outcome: Some(outcome),
            tries,
            ..before
        };
        let again = again(tries).filter(|_| tries < MAX_TRIES);
        let waits = sqlx::query(
            "SELECT o.id FROM callbacks o, callbacks c WHERE o.tenant_id = $1 \
                 AND c.tenant_id = $1 AND c.id = $2 AND o.phone = c.phone AND o.section = $3",
        )
        .bind(tenant.id())
        .bind(id)
        .bind(WAITS)
        .fetch_optional(write.connection())
        .await?;
        let next = match again {
            _ if outcome.is_last() || waits.is_some() => tried,
            Some(at) => tried.schedule(at),
            None => tried.leave(CallbackState::Unanswered),
        };
        let note: String = row.try_get("note")?;
        put(&mut write, tenant, id, (&next, &note), now).await?;
        if next.section == WAITS {
            let job = job(id, next.round, next.due_at);
            Jobs::enqueue(&mut write, tenant, &job, now).await?;
        }
        changed(&mut write, tenant);
        write.commit().await?;
        Ok(true)
    }

    /// One of the tenant's, ours until the transaction ends.
    async fn read(
        self,
        write: &mut Write,
        tenant: &Tenant,
        id: &str,
    ) -> Result<Option<AnyRow>, StoreError> {
        let sql = format!(
            "SELECT state, section, outcome, tries, due_at, round, note, call_id, claimed_by, \
                 calling_since \
             FROM callbacks WHERE tenant_id = $1 AND id = $2{}",
            self.0.for_update()
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(tenant.id())
            .bind(id)
            .fetch_optional(write.connection())
            .await?;
        Ok(row)
    }
}

/// Writes what one has become: of an earlier attempt nothing is known any more.
async fn put(
    write: &mut Write,
    tenant: &Tenant,
    id: &str,
    (next, note): (&Next, &str),
    now: i64,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE callbacks SET state = $3, section = $4, outcome = $5, tries = $6, due_at = $7, \
             wanted_at = $7, round = $8, note = $9, updated_at = $10, \
             problem = CASE WHEN state = $3 THEN problem ELSE NULL END, \
             asked_at = CASE WHEN round = $8 THEN asked_at ELSE NULL END \
         WHERE tenant_id = $1 AND id = $2",
    )
    .bind(tenant.id())
    .bind(id)
    .bind(name(next.state))
    .bind(next.section)
    .bind(next.outcome.map(CallbackOutcome::name))
    .bind(next.tries)
    .bind(next.due_at)
    .bind(next.round)
    .bind(note)
    .bind(now)
    .execute(write.connection())
    .await?;
    Ok(())
}
