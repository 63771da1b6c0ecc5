//! The columns of a call that are read from Retell's call object. Only those that
//! changed are written: an index is touched where its column is named, and a call
//! is in a dozen.

use std::collections::BTreeMap;

use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, AssertSqlSafe};

use super::super::summary_columns;
use crate::calls::facts::{self, Facts};
use crate::calls::{Known, is_transcript, next_check, status};
use crate::config::Healing;
use crate::store::{StoreError, Tenant, Write, to_json};

/// What a column holds.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Content {
    Text(Option<String>),
    Integer(Option<i64>),
    Real(Option<f64>),
}

impl From<Option<String>> for Content {
    fn from(text: Option<String>) -> Self {
        Self::Text(text)
    }
}

impl From<String> for Content {
    fn from(text: String) -> Self {
        Self::Text(Some(text))
    }
}

impl From<&str> for Content {
    fn from(text: &str) -> Self {
        Self::Text(Some(text.to_owned()))
    }
}

impl From<Option<i64>> for Content {
    fn from(number: Option<i64>) -> Self {
        Self::Integer(number)
    }
}

impl From<i64> for Content {
    fn from(number: i64) -> Self {
        Self::Integer(Some(number))
    }
}

impl From<bool> for Content {
    fn from(yes: bool) -> Self {
        i64::from(yes).into()
    }
}

impl From<Option<f64>> for Content {
    fn from(number: Option<f64>) -> Self {
        Self::Real(number)
    }
}

/// A column and what it is to hold.
pub(super) type Column = (&'static str, Content);

/// What the columns of a call hold, of which these are the facts.
pub(super) fn of(known: &Known, facts: Facts) -> [Column; 21] {
    let status = known.status();
    [
        ("live", status.is_live().into()),
        ("status", status::name(status).into()),
        ("stage", known.stage().name().into()),
        ("has_recording", facts.has_recording().into()),
        ("number_tail", facts.number_tail().map(str::to_owned).into()),
        ("about", facts::about(known.fields()).into()),
        ("public_key_id", facts::public_key(known.fields()).into()),
        ("call_type", facts.call_type.into()),
        ("direction", facts.direction.into()),
        ("from_number", facts.from_number.into()),
        ("to_number", facts.to_number.into()),
        ("agent_id", facts.agent_id.into()),
        ("agent_name", facts.agent_name.into()),
        ("started_at", facts.started_at.into()),
        ("ended_at", facts.ended_at.into()),
        ("duration_ms", facts.duration_ms.into()),
        ("disconnection_reason", facts.disconnection_reason.into()),
        ("user_sentiment", facts.user_sentiment.into()),
        ("successful", facts.successful.map(i64::from).into()),
        ("cost_cents", facts.cost_cents.into()),
        ("latency_p50_ms", facts.latency_p50_ms.into()),
    ]
}

/// Those that hold something else now.
pub(super) fn changed<const N: usize>(before: [Column; N], after: [Column; N]) -> Vec<Column> {
    after
        .into_iter()
        .zip(before)
        .filter(|(after, before)| after != before)
        .map(|(after, _)| after)
        .collect()
}

/// What the columns of a call hold beside its facts.
pub(super) fn of_merged(known: &Known, now: i64) -> [Column; 4] {
    let fields = known.fields().iter();
    let without_transcripts: BTreeMap<_, _> =
        fields.filter(|(name, _)| !is_transcript(name)).collect();
    [
        ("retell", to_json(&without_transcripts).into()),
        ("stamps", to_json(known.stamps()).into()),
        ("updated_at", now.into()),
        // Whatever is told of a call also says that Retell knows it, so the
        // denials before it were none.
        ("denials", 0.into()),
    ]
}

/// What the columns of a call hold that moved on: Retell is asked anew.
pub(super) fn of_healing(known: &Known, now: i64, healing: &Healing) -> [Column; 3] {
    let check_at = next_check(known.stage(), 0, now, healing);
    [
        ("checks", 0.into()),
        ("failures", 0.into()),
        ("check_at", check_at.into()),
    ]
}

/// The row of the list that a statement gives of the call it wrote.
const RETURNED: &str = concat!(
    " RETURNING ",
    summary_columns!(
        "calls",
        "(SELECT a.name FROM agents a WHERE a.tenant_id = calls.tenant_id AND a.id = calls.agent_id)"
    )
);

/// Writes columns of a call that is there. Gives its row of the list.
pub(super) async fn update(
    write: &mut Write,
    id: &str,
    columns: Vec<Column>,
) -> Result<AnyRow, StoreError> {
    let set = columns.iter().zip(2..);
    let set: Vec<_> = set
        .map(|((name, content), place)| format!("{name} = {}", content.place(place)))
        .collect();
    let sql = format!(
        "UPDATE calls SET {} WHERE id = $1{RETURNED}",
        set.join(", ")
    );
    let query = sqlx::query(AssertSqlSafe(sql)).bind(id);
    Ok(bound(query, columns).fetch_one(write.connection()).await?)
}

/// Adds a call, unless it is there or was deleted. Gives its row of the list, and whether
/// its agent is one the tenant is known to have.
pub(super) async fn insert(
    write: &mut Write,
    tenant: &Tenant,
    id: &str,
    columns: Vec<Column>,
) -> Result<Option<AnyRow>, StoreError> {
    let names: Vec<_> = columns.iter().map(|(name, _)| *name).collect();
    let places = columns.iter().zip(3..);
    let places: Vec<_> = places
        .map(|((_, content), place)| content.place(place))
        .collect();
    let sql = format!(
        "INSERT INTO calls (id, tenant_id, {}) SELECT $1, $2, {} \
         WHERE NOT EXISTS (SELECT 1 FROM erased_calls e WHERE e.call_id = $1) \
         ON CONFLICT (id) DO NOTHING{RETURNED}, CAST(CASE WHEN EXISTS (SELECT 1 FROM agents a \
             WHERE a.tenant_id = calls.tenant_id AND a.id = calls.agent_id) \
             THEN 1 ELSE 0 END AS BIGINT) AS agent_is_known",
        names.join(", "),
        places.join(", ")
    );
    let query = sqlx::query(AssertSqlSafe(sql)).bind(id).bind(tenant.id());
    let added = bound(query, columns).fetch_optional(write.connection());
    Ok(added.await?)
}

impl Content {
    /// It as a parameter of a statement.
    fn place(&self, place: usize) -> String {
        match self {
            // sqlx 0.9 announces a missing `f64` to PostgreSQL as an `f32`, and the
            // connection then refuses every `f64` in that place: it goes as text.
            Self::Real(_) => format!("CAST(${place} AS DOUBLE PRECISION)"),
            Self::Text(_) | Self::Integer(_) => format!("${place}"),
        }
    }
}

fn bound<'q>(
    query: Query<'q, Any, AnyArguments>,
    columns: Vec<Column>,
) -> Query<'q, Any, AnyArguments> {
    columns
        .into_iter()
        .fold(query, |query, (_, content)| match content {
            Content::Text(text) => query.bind(text),
            Content::Integer(number) => query.bind(number),
            Content::Real(number) => query.bind(number.map(|number| number.to_string())),
        })
}
