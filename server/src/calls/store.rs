//! Reading calls and their transcripts.

mod finding;
mod hand;
mod imports;
mod kept;
mod line;
mod list;
mod marks;
mod notes;
mod observe;
mod room;
mod said;
mod unsettled;
mod views;
mod visitors;
mod warnings;
mod wrap_ups;

pub(crate) use finding::{Clues, Found};
pub(crate) use hand::Hand;
pub use imports::{ClaimedImport, Follower, ImportProgress, Imports, NewImport};
pub(crate) use kept::KEEPS;
pub use kept::PersonCall;
pub use line::Place;
pub use list::{CallCursor, CallRows};
pub use marks::{Claiming, TakenFrom};
pub use notes::{CallNotes, Noting};
pub(crate) use observe::Observed;
pub use room::{Places, Room, used_with_key};
pub(super) use said::enter_some;
pub use unsettled::{Answer, Unsettled};
pub use views::CallViews;
pub use wrap_ups::WrapUps;

use api::attend::DoneBy;
use api::desk::{CallDetail, CallStatus, CallSummary, GivenConsent};
use api::live::Item;
use api::marks::{CallClaim, CallFlag};
use api::public::Rating;
use api::warnings::CallWarning;
use futures_util::future::BoxFuture;
use serde_json::{Map, Value};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use super::facts::{self, Facts};
use super::{status, transcript};
use crate::bus::CallChanged;
use crate::store::{Connection, Scope, StoreError, Tenant, Write, at_once, from_json, places};

/// The columns [`summary`] reads, of a table of calls called so; what its agent is called
/// in the tables is given too. Contacts are asked for what the other side is called, and the staff
/// for who sees to it.
macro_rules! summary_columns {
    () => {
        summary_columns!("c", "a.name")
    };
    ($calls:literal, $agent:literal) => {
        summary_columns!(
            $calls, $agent;
            "id" "call_type" "direction" "from_number" "to_number" "agent_id" "public_key_id"
            "live" "status" "created_at" "started_at" "ended_at" "duration_ms"
            "disconnection_reason" "user_sentiment" "successful" "has_recording" "about"
            "claimed_by" "flagged_at" "warning" "warning_severity" "warned_at"
        )
    };
    ($calls:literal, $agent:literal; $($column:literal)*) => {
        concat!(
            $($calls, ".", $column, ", ",)*
            "COALESCE(", $calls, ".agent_name, ", $agent, ") AS agent_name, ",
            "(SELECT NULLIF(k.name, '') FROM contact_numbers n ",
            "JOIN contacts k ON k.id = n.contact_id WHERE n.tenant_id = ", $calls,
            ".tenant_id AND n.number = CASE ", $calls, ".direction WHEN 'outbound' THEN ",
            $calls, ".to_number ELSE ", $calls, ".from_number END) AS contact_name, ",
            "(SELECT u.name FROM users u WHERE u.tenant_id = ", $calls, ".tenant_id ",
            "AND u.id = ", $calls, ".claimed_by) AS claimed_by_name"
        )
    };
}

pub(crate) use summary_columns;

/// A tenant's call's row of the list.
const SUMMARY_OF_TENANT: &str = concat!(
    "SELECT ",
    summary_columns!(),
    " FROM calls c LEFT JOIN agents a ON a.tenant_id = c.tenant_id AND a.id = c.agent_id \
     WHERE c.tenant_id = $1 AND c.id = $2"
);

/// Has every desk told what a call of the tenant is like now.
async fn tell_changed(write: &mut Write, tenant: &Tenant, id: &str) -> Result<(), StoreError> {
    let row = sqlx::query(SUMMARY_OF_TENANT)
        .bind(tenant.id())
        .bind(id)
        .fetch_one(write.connection())
        .await?;
    write.tell(CallChanged {
        tenant_id: tenant.id().to_owned(),
        call: summary(&row)?.into(),
    });
    Ok(())
}

/// A call as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredCall {
    /// The row of the call list.
    pub summary: CallSummary,
    /// Retell's call object as far as it is known, without transcripts.
    pub retell: Map<String, Value>,
    /// The transcript, final once the call has ended.
    pub items: Vec<Item>,
    /// What the visitor thought of it.
    pub rating: Option<Rating>,
    /// What the visitor agreed to before it.
    pub consent: Option<GivenConsent>,
    /// Who sees to it.
    pub claim: Option<CallClaim>,
    /// That a supervisor should look at it.
    pub flag: Option<CallFlag>,
    /// Who took it over.
    pub taken_over: Option<DoneBy>,
    /// Who ended it.
    pub stopped: Option<DoneBy>,
    /// What people were warned of in it.
    pub warnings: Vec<CallWarning>,
    /// When what was said in it was deleted for good (Unix ms).
    pub redacted_at: Option<i64>,
}

impl StoredCall {
    /// The call as its page shows it.
    #[must_use]
    pub fn into_detail(self) -> CallDetail {
        let facts = Facts::of(&self.retell);
        CallDetail {
            summary: self.summary,
            transcript: self.items,
            analysis_summary: facts::analysis_summary(&self.retell),
            analysis_data: facts::analysis_data(&self.retell),
            cost_cents: facts.cost_cents,
            latency_p50_ms: facts.latency_p50_ms,
            costs: facts::costs(&self.retell),
            latencies: facts::latencies(&self.retell),
            dynamic_variables: facts::dynamic_variables(&self.retell),
            metadata: facts::metadata(&self.retell),
            tested_by: facts::tested_by(&self.retell),
            rating: self.rating,
            consent: self.consent,
            claim: self.claim,
            flag: self.flag,
            taken_over: self.taken_over,
            stopped: self.stopped,
            warnings: self.warnings,
            redacted_at: self.redacted_at,
        }
    }
}

/// Where a call's recording can be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recording {
    /// Both voices mixed.
    pub mono: Option<String>,
    /// One channel for each voice.
    pub multi_channel: Option<String>,
}

crate::store::part! {
    /// The calls, with what was said in them.
    calls -> Calls
}

impl Calls<'_> {
    /// The row of the call list for one call of the tenant.
    pub async fn summary(
        self,
        tenant: &Tenant,
        id: &str,
    ) -> Result<Option<CallSummary>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let row = sqlx::query(SUMMARY_OF_TENANT)
            .bind(tenant.id())
            .bind(id)
            .fetch_optional(db.connection())
            .await?;
        Ok(row.as_ref().map(summary).transpose()?)
    }

    /// Everything stored of one call of the tenant, by one statement; by another one, what
    /// people were warned of in it, if they were.
    pub async fn find(self, tenant: &Tenant, id: &str) -> Result<Option<StoredCall>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let row = sqlx::query(concat!(
            "SELECT ",
            summary_columns!(),
            ", c.retell, c.redacted_at, t.retell AS said, r.stars, r.comment, s.words, s.language, s.given_at, ",
            marks::columns!(),
            " FROM calls c \
             LEFT JOIN agents a ON a.tenant_id = c.tenant_id AND a.id = c.agent_id \
             LEFT JOIN transcripts t ON t.call_id = c.id \
             LEFT JOIN ratings r ON r.call_id = c.id AND r.tenant_id = c.tenant_id \
             LEFT JOIN consents s ON s.call_id = c.id AND s.tenant_id = c.tenant_id \
             LEFT JOIN users ug ON ug.tenant_id = c.tenant_id AND ug.id = c.claim_given_by \
             LEFT JOIN users uf ON uf.tenant_id = c.tenant_id AND uf.id = c.flagged_by \
             LEFT JOIN users ut ON ut.tenant_id = c.tenant_id AND ut.id = c.taken_over_by \
             LEFT JOIN users us ON us.tenant_id = c.tenant_id AND us.id = c.stopped_by \
             WHERE c.tenant_id = $1 AND c.id = $2"
        ))
        .bind(tenant.id())
        .bind(id)
        .fetch_optional(db.connection())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let said = row.try_get::<Option<&str>, _>("said")?.unwrap_or("{}");
        let summary = summary(&row)?;
        let warnings = match summary.warning {
            Some(_) => warnings::of_call(db.connection(), tenant, id).await?,
            None => Vec::new(),
        };
        Ok(Some(StoredCall {
            summary,
            warnings,
            retell: from_json(row.try_get("retell")?, "calls", id)?,
            items: transcript::items(&from_json(said, "transcripts", id)?),
            rating: visitors::rating(&row)?,
            consent: visitors::consent(&row)?,
            claim: marks::claim(&row)?,
            flag: marks::flag(&row)?,
            taken_over: marks::taken_over(&row)?,
            stopped: marks::stopped(&row)?,
            redacted_at: row.try_get("redacted_at")?,
        }))
    }

    /// Where the recording of one call of the tenant can be fetched.
    pub async fn recording(
        self,
        tenant: &Tenant,
        id: &str,
    ) -> Result<Option<Recording>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let row = sqlx::query("SELECT retell FROM calls WHERE tenant_id = $1 AND id = $2")
            .bind(tenant.id())
            .bind(id)
            .fetch_optional(db.connection())
            .await?;
        let Some(row) = row else { return Ok(None) };
        let call: Map<String, Value> = from_json(row.try_get("retell")?, "calls", id)?;
        let facts = Facts::of(&call);
        Ok(Some(Recording {
            mono: facts.recording_url,
            multi_channel: facts.recording_multi_channel_url,
        }))
    }

    /// The calls of all businesses that go on: whose each is, and its id.
    pub(crate) async fn going_on(self) -> Result<Vec<(String, String)>, StoreError> {
        let mut db = self.0.read(Scope::Server).await?;
        let rows =
            sqlx::query("SELECT tenant_id, id FROM calls WHERE live = 1 AND status = 'ongoing'")
                .fetch_all(db.connection())
                .await?;
        rows.iter()
            .map(|row| Ok((row.try_get("tenant_id")?, row.try_get("id")?)))
            .collect()
    }

    /// The tenant a stored call belongs to.
    pub async fn tenant_of(self, call_id: &str) -> Result<Option<Tenant>, StoreError> {
        let mut db = self.0.read(Scope::Server).await?;
        let row = sqlx::query(
            "SELECT t.id AS tenant_id, t.name AS tenant_name, t.timezone AS tenant_timezone \
             FROM calls c JOIN tenants t ON t.id = c.tenant_id WHERE c.id = $1",
        )
        .bind(call_id)
        .fetch_optional(db.connection())
        .await?;
        Ok(row.as_ref().map(Tenant::from_row).transpose()?)
    }

    /// How many of the tenant's calls go on.
    pub async fn count_live(self, tenant: &Tenant) -> Result<i64, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let row = sqlx::query("SELECT COUNT(*) AS n FROM calls WHERE tenant_id = $1 AND live = 1")
            .bind(tenant.id())
            .fetch_one(db.connection())
            .await?;
        Ok(row.try_get("n")?)
    }
}

/// Reads the rows of calls, as lists show them, and whose each is: what another server
/// told of. Those that are gone have none.
pub fn read_summaries<'a>(
    db: &'a mut Connection,
    ids: &'a [&'a str],
) -> BoxFuture<'a, Result<Vec<CallChanged>, StoreError>> {
    Box::pin(async move {
        let mut calls = Vec::with_capacity(ids.len());
        for ids in at_once(ids) {
            let sql = format!(
                concat!(
                    "SELECT ",
                    summary_columns!(),
                    ", c.tenant_id FROM calls c \
                     LEFT JOIN agents a ON a.tenant_id = c.tenant_id AND a.id = c.agent_id \
                     WHERE c.id IN ({})"
                ),
                places(1, ids.len())
            );
            let query = sqlx::query(AssertSqlSafe(sql));
            let query = ids.iter().fold(query, |query, id| query.bind(*id));
            for row in query.fetch_all(&mut *db).await? {
                calls.push(CallChanged {
                    tenant_id: row.try_get("tenant_id")?,
                    call: summary(&row)?.into(),
                });
            }
        }
        Ok(calls)
    })
}

/// From the columns of `summary_columns!`.
pub(crate) fn summary(row: &AnyRow) -> Result<CallSummary, sqlx::Error> {
    let status: &str = row.try_get("status")?;
    Ok(CallSummary {
        id: row.try_get("id")?,
        call_type: row.try_get("call_type")?,
        direction: row.try_get("direction")?,
        from_number: row.try_get("from_number")?,
        to_number: row.try_get("to_number")?,
        contact_name: row.try_get("contact_name")?,
        about: row.try_get("about")?,
        agent_id: row.try_get("agent_id")?,
        agent_name: row.try_get("agent_name")?,
        public_key_id: row.try_get("public_key_id")?,
        status: status::parse(status).unwrap_or(CallStatus::Registered),
        created_at: row.try_get("created_at")?,
        started_at: row.try_get("started_at")?,
        ended_at: row.try_get("ended_at")?,
        duration_ms: row.try_get("duration_ms")?,
        disconnection_reason: row.try_get("disconnection_reason")?,
        user_sentiment: row.try_get("user_sentiment")?,
        successful: row
            .try_get::<Option<i64>, _>("successful")?
            .map(|yes| yes != 0),
        has_recording: row.try_get::<i64, _>("has_recording")? != 0,
        claimed_by: row.try_get("claimed_by")?,
        claimed_by_name: row.try_get("claimed_by_name")?,
        flagged_at: row.try_get("flagged_at")?,
        warning: row.try_get("warning")?,
        warning_severity: warnings::severity(row.try_get("warning_severity")?),
        warned_at: row.try_get("warned_at")?,
    })
}
