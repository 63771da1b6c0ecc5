//! What is kept of calls and of whom they were with, for how long, and deleting it.

use api::calls::ExportedCall;
use api::contacts::{CallMoment, Moment};
use api::desk::GivenConsent;
use api::privacy::Traces;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use super::{Calls, line, said, tell_changed, warnings};
use crate::bus::Signal;
use crate::calls::{is_recording, transcript, without_words, wrap_up};
use crate::clock::DAY_MS;
use crate::keeps::{
    Aging, Batch, Before, Keeps, OfCalls, Redact, count_of_calls, erase_of_calls, forget,
};
use crate::person::Person;
use crate::phone::E164;
use crate::revisions::KeptRevisions;
use crate::store::{Scope, Store, StoreError, Tenant, Write, from_json, to_json};

/// How many calls are looked through at once.
const PAGE: i64 = 500;
/// How long an import that is over is remembered, but for the last one (ms).
const IMPORTS_KEPT_MS: i64 = 30 * DAY_MS;

pub(crate) const KEEPS: Keeps = Keeps {
    aging: &[
        Aging {
            name: "transcripts",
            days: |retention| retention.transcripts_days,
            remove: |store, write, batch| Box::pin(remove_transcripts(store, write, batch)),
        },
        Aging {
            name: "recordings",
            days: |retention| retention.recordings_days,
            remove: |store, write, batch| Box::pin(forget_recordings(store, write, batch)),
        },
        Aging {
            name: "calls",
            days: |retention| retention.calls_days,
            remove: |_, write, batch| Box::pin(remove_calls(write, batch)),
        },
    ],
    expiring: &[
        |store, now, limit| Box::pin(store.imports().forget_old(now - IMPORTS_KEPT_MS, limit)),
        |store, now, limit| {
            Box::pin(forget(
                store,
                ("call_reservations", "id", "expires_at"),
                now,
                limit,
            ))
        },
        |store, now, limit| {
            let gone = now - line::GONE_MS;
            Box::pin(forget(
                store,
                ("places_in_line", "id", "seen_at"),
                gone,
                limit,
            ))
        },
    ],
    of_calls: Some(OfCalls {
        redact: Some(Redact::Calls(|write, tenant, ids, now| {
            Box::pin(redact(write, tenant, ids, now))
        })),
        count: |store, tenant, ids, traces| Box::pin(count(store, tenant, ids, traces)),
        export: |store, tenant, id, document| Box::pin(export(store, tenant, id, document)),
        erase: |write, tenant, ids, now| Box::pin(erase(write, tenant, ids, now)),
    }),
    moments: Some(|store, tenant, number, before, limit| {
        Box::pin(moments(store, tenant, number, before, limit))
    }),
    ..Keeps::NOTHING
};

/// A call with somebody, or the last one that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonCall {
    /// Which one.
    pub id: String,
    /// Whether it goes on.
    pub live: bool,
    /// When it began (Unix ms).
    pub created_at: i64,
}

impl PersonCall {
    fn from_row(row: &AnyRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: row.try_get("id")?,
            live: row.try_get::<i64, _>("live")? != 0,
            created_at: row.try_get("created_at")?,
        })
    }
}

impl Calls<'_> {
    /// When the tenant's last call that is over, from or to a number, began before then (Unix ms), and what
    /// it was about.
    pub async fn last_with(
        self,
        tenant: &Tenant,
        number: &E164,
        before: i64,
    ) -> Result<Option<(i64, Option<String>)>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let row = sqlx::query(
            "SELECT created_at, about FROM calls \
             WHERE tenant_id = $1 AND live = 0 AND number_tail = $2 \
               AND CASE direction WHEN 'outbound' THEN to_number ELSE from_number END = $3 \
               AND created_at < $4 \
             ORDER BY created_at DESC, id DESC LIMIT 1",
        )
        .bind(tenant.id())
        .bind(tail(number))
        .bind(number.as_str())
        .bind(before)
        .fetch_optional(db.connection())
        .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some((row.try_get("created_at")?, row.try_get("about")?)))
    }

    /// The tenant's calls with somebody, see [`Self::next_of_person`]. Looks through every
    /// call: for rare and deliberate use.
    pub async fn of_person(
        self,
        tenant: &Tenant,
        person: &Person,
    ) -> Result<Vec<PersonCall>, StoreError> {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let (more, last) = self.next_of_person(tenant, person, after.as_ref()).await?;
            found.extend(more);
            if last.is_none() {
                return Ok(found);
            }
            after = last;
        }
    }

    /// Some of the tenant's calls with somebody: from or to the number, or with the
    /// number or address in what Retell told of the call, such as its variables.
    /// Looks through a page of calls, those after this one. Returns the last of them, too, unless
    /// there are no more.
    pub(crate) async fn next_of_person(
        self,
        tenant: &Tenant,
        person: &Person,
        after: Option<&PersonCall>,
    ) -> Result<(Vec<PersonCall>, Option<PersonCall>), StoreError> {
        // Nothing sorts before this.
        let (live, created_at, id) = after.map_or((2, i64::MAX, ""), |call| {
            (i64::from(call.live), call.created_at, &*call.id)
        });
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let rows = sqlx::query(
            "SELECT id, live, created_at, from_number, to_number, retell \
             FROM calls WHERE tenant_id = $1 AND (live, created_at, id) < ($2, $3, $4) \
             ORDER BY live DESC, created_at DESC, id DESC LIMIT $5",
        )
        .bind(tenant.id())
        .bind(live)
        .bind(created_at)
        .bind(id)
        .bind(PAGE)
        .fetch_all(db.connection())
        .await?;
        let mut found = Vec::new();
        for row in &rows {
            if is_with(row, person)? {
                found.push(PersonCall::from_row(row)?);
            }
        }
        let last = rows.last().map(PersonCall::from_row).transpose()?;
        Ok((found, last))
    }
}

fn is_with(row: &AnyRow, person: &Person) -> Result<bool, sqlx::Error> {
    let number = |column: &str| -> Result<Option<&str>, sqlx::Error> { row.try_get(column) };
    let numbers = [number("from_number")?, number("to_number")?];
    if numbers
        .into_iter()
        .flatten()
        .any(|number| person.has_number(number))
    {
        return Ok(true);
    }
    Ok(person.is_named_in(row.try_get("retell")?))
}

/// What the index has of a number: the last four digits.
fn tail(number: &E164) -> &str {
    let digits = number.as_str();
    &digits[digits.len().saturating_sub(4)..]
}

/// The calls from or to a number, along the index of those that are over, and those that
/// go on.
async fn moments(
    store: &Store,
    tenant: &Tenant,
    number: &E164,
    before: &Before,
    limit: u32,
) -> Result<Vec<Moment>, StoreError> {
    let mut db = store.read(Scope::Of(tenant)).await?;
    let mut ids = Vec::new();
    // Spelled out: only so does an index of some rows fit.
    for state in ["c.live = 1", "c.live = 0"] {
        let sql = format!(
            "SELECT c.id FROM calls c WHERE c.tenant_id = $1 AND {state} AND c.number_tail = $2 \
               AND CASE c.direction WHEN 'outbound' THEN c.to_number ELSE c.from_number END = $3 \
               AND (c.created_at, c.id) < ($4, $5) \
             ORDER BY c.created_at DESC, c.id DESC LIMIT $6"
        );
        let rows = sqlx::query(AssertSqlSafe(sql))
            .bind(tenant.id())
            .bind(tail(number))
            .bind(number.as_str())
            .bind(before.at)
            .bind(&before.id)
            .bind(i64::from(limit))
            .fetch_all(db.connection())
            .await?;
        for row in &rows {
            ids.push(row.try_get::<String, _>("id")?);
        }
    }
    drop(db);
    let ids: Vec<_> = ids.iter().map(String::as_str).collect();
    let calls = store.wrap_ups().of_many(tenant, &ids).await?;
    let moment = |it: ExportedCall| {
        Moment::Call(CallMoment {
            call: it.call,
            disposition: it.said.disposition,
            tags: it.said.tags,
            notes: it.notes,
        })
    };
    Ok(calls.into_values().map(moment).collect())
}

async fn count(
    store: &Store,
    tenant: &Tenant,
    ids: &[String],
    traces: &mut Traces,
) -> Result<(), StoreError> {
    let mut db = store.read(Scope::Of(tenant)).await?;
    for id in ids {
        let row = sqlx::query("SELECT has_recording FROM calls WHERE tenant_id = $1 AND id = $2")
            .bind(tenant.id())
            .bind(id)
            .fetch_optional(db.connection())
            .await?;
        traces.calls += 1;
        let recorded = row.map(|row| row.try_get::<i64, _>("has_recording"));
        traces.recordings += u32::from(recorded.transpose()? == Some(1));
    }
    drop(db);
    traces.transcripts += count_of_calls(store, tenant, "transcripts", ids).await?;
    traces.consents += count_of_calls(store, tenant, "consents", ids).await?;
    traces.ratings += count_of_calls(store, tenant, "ratings", ids).await?;
    traces.wrap_ups += count_of_calls(store, tenant, "wrap_ups", ids).await?;
    traces.notes += count_of_calls(store, tenant, "call_notes", ids).await?;
    Ok(())
}

async fn export(
    store: &Store,
    tenant: &Tenant,
    id: &str,
    document: &mut Map<String, Value>,
) -> Result<(), StoreError> {
    let mut db = store.read(Scope::Of(tenant)).await?;
    let row = sqlx::query(
        "SELECT c.retell, c.flag_reason, c.taken_over_at, c.stopped_at, t.retell AS said \
         FROM calls c LEFT JOIN transcripts t ON t.call_id = c.id \
         WHERE c.tenant_id = $1 AND c.id = $2",
    )
    .bind(tenant.id())
    .bind(id)
    .fetch_optional(db.connection())
    .await?;
    let mut add = |name: &str, value| document.insert(name.to_owned(), value);
    add("id", id.into());
    if let Some(row) = row {
        add("retell", from_json(row.try_get("retell")?, "calls", id)?);
        if let Some(said) = row.try_get::<Option<&str>, _>("said")? {
            let items = transcript::items(&from_json(said, "transcripts", id)?);
            add("transcript", json!(items));
        }
        if let Some(reason) = row.try_get::<Option<&str>, _>("flag_reason")? {
            add("flagged_because", reason.into());
        }
        for moment in ["taken_over_at", "stopped_at"] {
            if let Some(at) = row.try_get::<Option<i64>, _>(moment)? {
                add(moment, at.into());
            }
        }
    }
    let warnings = warnings::of_call(db.connection(), tenant, id).await?;
    if !warnings.is_empty() {
        add("warnings", json!(warnings));
    }
    drop(db);
    if let Some(GivenConsent { consent, given_at }) = store.calls().consent(tenant, id).await? {
        add("consent", json!({"given_at": given_at, "consent": consent}));
    }
    if let Some(rating) = store.calls().rating(tenant, id).await? {
        add("rating", json!(rating));
    }
    let wrap_up = store.wrap_ups().of(tenant, id).await?;
    if let Some(kept) = wrap_up.filter(|kept| kept.at.is_some()) {
        add("wrap_up", json!(kept.said));
    }
    let notes = store.call_notes().of(tenant, id).await?;
    if !notes.is_empty() {
        add("notes", json!(notes));
    }
    Ok(())
}

/// With what visitors and people of the business said of them; transcripts go with their calls. A call's id
/// stays, so that nobody brings it back: Retell may know the call for ever.
async fn erase(
    write: &mut Write,
    tenant: &Tenant,
    ids: &[String],
    now: i64,
) -> Result<(), StoreError> {
    said::forget(write, tenant, ids).await?;
    for table in [
        "consents",
        "ratings",
        "wrap_ups",
        "call_notes",
        "call_tags",
        "call_warnings",
    ] {
        erase_of_calls(write, tenant, table, ids).await?;
    }
    for id in ids {
        KeptRevisions::forget(write, tenant, (wrap_up::KIND, id)).await?;
        sqlx::query("DELETE FROM calls WHERE tenant_id = $1 AND id = $2")
            .bind(tenant.id())
            .bind(id)
            .execute(write.connection())
            .await?;
        sqlx::query(
            "INSERT INTO erased_calls (call_id, tenant_id, erased_at) VALUES ($1, $2, $3) \
             ON CONFLICT (call_id) DO NOTHING",
        )
        .bind(id)
        .bind(tenant.id())
        .bind(now)
        .execute(write.connection())
        .await?;
    }
    if !ids.is_empty() {
        write.tell(Signal::CallsDeleted(tenant.id().to_owned()));
    }
    Ok(())
}

/// Their figures stay, with what the business's people wrote down. A call is locked before its
/// transcript goes, as by everybody who writes one, and Retell is not asked about it any more.
async fn redact(
    write: &mut Write,
    tenant: &Tenant,
    ids: &[String],
    now: i64,
) -> Result<(), StoreError> {
    for id in ids {
        let row = sqlx::query(
            "UPDATE calls SET redacted_at = $3, transcript_deleted_at = $3, \
                 recording_deleted_at = $3, has_recording = 0, about = NULL, check_at = NULL \
             WHERE tenant_id = $1 AND id = $2 AND live = 0 RETURNING retell",
        )
        .bind(tenant.id())
        .bind(id)
        .bind(now)
        .fetch_optional(write.connection())
        .await?;
        let Some(row) = row else { continue };
        let call: Map<String, Value> = from_json(row.try_get("retell")?, "calls", id)?;
        let figures = call.into_iter().filter_map(|(name, value)| {
            let kept = without_words(&name, value)?;
            Some((name, kept))
        });
        sqlx::query("UPDATE calls SET retell = $3 WHERE tenant_id = $1 AND id = $2")
            .bind(tenant.id())
            .bind(id)
            .bind(to_json(&figures.collect::<Map<_, _>>()))
            .execute(write.connection())
            .await?;
        said::forget(write, tenant, std::slice::from_ref(id)).await?;
        for statement in [
            "DELETE FROM transcripts WHERE tenant_id = $1 AND call_id = $2",
            "UPDATE ratings SET comment = NULL WHERE tenant_id = $1 AND call_id = $2",
        ] {
            sqlx::query(statement)
                .bind(tenant.id())
                .bind(id)
                .execute(write.connection())
                .await?;
        }
        tell_changed(write, tenant, id).await?;
    }
    Ok(())
}

/// With everything there is about them, whoever has it.
async fn remove_calls(write: &mut Write, batch: &Batch<'_>) -> Result<u64, StoreError> {
    let rows = sqlx::query(
        "SELECT id FROM calls WHERE tenant_id = $1 AND live = 0 AND created_at < $2 \
         ORDER BY created_at LIMIT $3",
    )
    .bind(batch.tenant.id())
    .bind(batch.before)
    .bind(i64::from(batch.limit))
    .fetch_all(write.connection())
    .await?;
    let ids = rows.iter().map(|row| row.try_get("id"));
    let ids: Vec<String> = ids.collect::<Result<_, _>>()?;
    let keepers = batch.keepers;
    keepers
        .erase_calls(write, batch.tenant, &ids, batch.now)
        .await?;
    Ok(ids.len() as u64)
}

/// The links only: the recordings are Retell's.
async fn forget_recordings(
    store: &Store,
    write: &mut Write,
    batch: &Batch<'_>,
) -> Result<u64, StoreError> {
    let sql = format!(
        "SELECT id, retell FROM calls WHERE tenant_id = $1 AND has_recording = 1 AND live = 0 \
         AND created_at < $2 ORDER BY created_at LIMIT $3{}",
        store.for_update_skip_locked("calls")
    );
    let rows = sqlx::query(AssertSqlSafe(sql))
        .bind(batch.tenant.id())
        .bind(batch.before)
        .bind(i64::from(batch.limit))
        .fetch_all(write.connection())
        .await?;
    for row in &rows {
        let id: String = row.try_get("id")?;
        let mut call: Map<String, Value> = from_json(row.try_get("retell")?, "calls", &id)?;
        call.retain(|field, _| !is_recording(field));
        sqlx::query(
            "UPDATE calls SET has_recording = 0, recording_deleted_at = $4, retell = $3 \
             WHERE tenant_id = $1 AND id = $2",
        )
        .bind(batch.tenant.id())
        .bind(&id)
        .bind(to_json(&call))
        .bind(batch.now)
        .execute(write.connection())
        .await?;
    }
    Ok(rows.len() as u64)
}

/// The call is locked before its transcript goes, as by everybody who writes one.
async fn remove_transcripts(
    store: &Store,
    write: &mut Write,
    batch: &Batch<'_>,
) -> Result<u64, StoreError> {
    let sql = format!(
        "SELECT c.id FROM calls c JOIN transcripts t ON t.call_id = c.id \
         WHERE t.tenant_id = $1 AND t.updated_at < $2 AND c.live = 0 \
         ORDER BY t.updated_at LIMIT $3{}",
        store.for_update_skip_locked("c")
    );
    let rows = sqlx::query(AssertSqlSafe(sql))
        .bind(batch.tenant.id())
        .bind(batch.before)
        .bind(i64::from(batch.limit))
        .fetch_all(write.connection())
        .await?;
    let ids = rows.iter().map(|row| row.try_get("id"));
    let ids: Vec<String> = ids.collect::<Result<_, _>>()?;
    said::forget(write, batch.tenant, &ids).await?;
    let keepers = batch.keepers;
    keepers
        .forget_copies(write, batch.tenant, &ids, batch.now)
        .await?;
    for id in &ids {
        sqlx::query("DELETE FROM transcripts WHERE call_id = $1")
            .bind(id)
            .execute(write.connection())
            .await?;
        sqlx::query("UPDATE calls SET transcript_deleted_at = $2 WHERE id = $1")
            .bind(id)
            .bind(batch.now)
            .execute(write.connection())
            .await?;
    }
    Ok(ids.len() as u64)
}
