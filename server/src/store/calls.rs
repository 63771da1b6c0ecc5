//! Reading calls and their transcripts.

use std::str::FromStr;

use api::desk::{CallDetail, CallStatus, CallSummary};
use api::live::Item;
use serde_json::{Map, Value};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Scope, Store, StoreError, Tenant, can_be_named, from_json};
use crate::calls::facts::{self, Facts};
use crate::calls::status;

/// The columns [`summary`] reads.
macro_rules! summary_columns {
    () => {
        "c.id, c.call_type, c.direction, c.from_number, c.to_number, c.agent_id, \
         COALESCE(c.agent_name, a.name) AS agent_name, c.live, c.status, c.created_at, \
         c.started_at, c.ended_at, c.duration_ms, c.disconnection_reason, c.user_sentiment, \
         c.successful, c.has_recording"
    };
}

/// A call's row of the list, for whoever knows already whose call it is.
pub(super) const SUMMARY_BY_ID: &str = concat!(
    "SELECT ",
    summary_columns!(),
    " FROM calls c LEFT JOIN agents a ON a.tenant_id = c.tenant_id AND a.id = c.agent_id \
     WHERE c.id = $1"
);

/// Where a page of the call list begins: after this row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallCursor {
    live: bool,
    created_at: i64,
    id: String,
}

impl std::fmt::Display for CallCursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", u8::from(self.live), self.created_at, self.id)
    }
}

impl FromStr for CallCursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.splitn(3, '.');
        let live = match parts.next() {
            Some("1") => true,
            Some("0") => false,
            _ => return Err(()),
        };
        let created_at = parts.next().and_then(|part| part.parse().ok()).ok_or(())?;
        let id = parts
            .next()
            .filter(|id| !id.contains('\0'))
            .ok_or(())?
            .to_owned();
        Ok(Self {
            live,
            created_at,
            id,
        })
    }
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
            dynamic_variables: facts::dynamic_variables(&self.retell),
            metadata: facts::metadata(&self.retell),
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

impl Store {
    /// A page of the tenant's calls, live ones first, then the newest first,
    /// and where the next page begins.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn call_page(
        &self,
        tenant: &Tenant,
        after: Option<&CallCursor>,
        limit: u32,
    ) -> Result<(Vec<CallSummary>, Option<CallCursor>), StoreError> {
        // Nothing sorts before this.
        const BEFORE_ALL: (i64, i64, &str) = (2, i64::MAX, "");
        let (live, created_at, id) = after.map_or(BEFORE_ALL, |after| {
            (i64::from(after.live), after.created_at, &after.id)
        });
        let mut db = self.read(Scope::Of(tenant)).await?;
        let rows = sqlx::query(concat!(
            "SELECT ",
            summary_columns!(),
            " FROM calls c LEFT JOIN agents a ON a.tenant_id = c.tenant_id AND a.id = c.agent_id \
             WHERE c.tenant_id = $1 AND (c.live, c.created_at, c.id) < ($2, $3, $4) \
             ORDER BY c.live DESC, c.created_at DESC, c.id DESC LIMIT $5"
        ))
        .bind(tenant.id())
        .bind(live)
        .bind(created_at)
        .bind(id)
        // One more than asked for tells whether there is a next page.
        .bind(i64::from(limit) + 1)
        .fetch_all(db.connection())
        .await?;
        let mut calls = rows.iter().map(summary).collect::<Result<Vec<_>, _>>()?;
        let limit = limit as usize;
        if calls.len() <= limit {
            return Ok((calls, None));
        }
        calls.truncate(limit);
        let next = calls.last().map(|call| CallCursor {
            live: call.status.is_live(),
            created_at: call.created_at,
            id: call.id.clone(),
        });
        Ok((calls, next))
    }

    /// The row of the call list for one call of the tenant.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn call_summary(
        &self,
        tenant: &Tenant,
        id: &str,
    ) -> Result<Option<CallSummary>, StoreError> {
        if !can_be_named(id) {
            return Ok(None);
        }
        let mut db = self.read(Scope::Of(tenant)).await?;
        let row = sqlx::query(concat!(
            "SELECT ",
            summary_columns!(),
            " FROM calls c LEFT JOIN agents a ON a.tenant_id = c.tenant_id AND a.id = c.agent_id \
             WHERE c.tenant_id = $1 AND c.id = $2"
        ))
        .bind(tenant.id())
        .bind(id)
        .fetch_optional(db.connection())
        .await?;
        Ok(row.as_ref().map(summary).transpose()?)
    }

    /// Everything stored of one call of the tenant.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn call(&self, tenant: &Tenant, id: &str) -> Result<Option<StoredCall>, StoreError> {
        if !can_be_named(id) {
            return Ok(None);
        }
        let mut db = self.read(Scope::Of(tenant)).await?;
        let row = sqlx::query(concat!(
            "SELECT ",
            summary_columns!(),
            ", c.retell, t.items FROM calls c \
             LEFT JOIN agents a ON a.tenant_id = c.tenant_id AND a.id = c.agent_id \
             LEFT JOIN transcripts t ON t.call_id = c.id \
             WHERE c.tenant_id = $1 AND c.id = $2"
        ))
        .bind(tenant.id())
        .bind(id)
        .fetch_optional(db.connection())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let items = row.try_get::<Option<&str>, _>("items")?.unwrap_or("[]");
        Ok(Some(StoredCall {
            summary: summary(&row)?,
            retell: from_json(row.try_get("retell")?, "calls", id)?,
            items: from_json(items, "transcripts", id)?,
        }))
    }

    /// Where the recording of one call of the tenant can be fetched.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn recording(
        &self,
        tenant: &Tenant,
        id: &str,
    ) -> Result<Option<Recording>, StoreError> {
        if !can_be_named(id) {
            return Ok(None);
        }
        let mut db = self.read(Scope::Of(tenant)).await?;
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
}

/// From the columns of `summary_columns!`.
pub(super) fn summary(row: &AnyRow) -> Result<CallSummary, sqlx::Error> {
    let status: &str = row.try_get("status")?;
    Ok(CallSummary {
        id: row.try_get("id")?,
        call_type: row.try_get("call_type")?,
        direction: row.try_get("direction")?,
        from_number: row.try_get("from_number")?,
        to_number: row.try_get("to_number")?,
        agent_id: row.try_get("agent_id")?,
        agent_name: row.try_get("agent_name")?,
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
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back() {
        let cursor = CallCursor {
            live: true,
            created_at: -5,
            id: "call.with.dots".to_owned(),
        };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for text in [
            "",
            "1",
            "1.2",
            "2.0.x",
            "1.x.y",
            "1.99999999999999999999.x",
            "1.2.\0",
        ] {
            assert_eq!(text.parse::<CallCursor>(), Err(()), "{text:?}");
        }
    }
}
