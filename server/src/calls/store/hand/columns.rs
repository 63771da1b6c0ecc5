//! The columns of a call that are read from Retell's call object. Only those that
//! changed are written: an index is touched where its column is named, and a call
//! is in a dozen.

use std::collections::BTreeMap;

use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, AssertSqlSafe};

use crate::calls::facts::{self, Facts};
use crate::calls::store::summary_columns;
use crate::calls::{Known, is_transcript, next_check, status};
use crate::config::Healing;
use crate::store::{StoreError, Write, at_once, to_json};

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

/// The columns of a call that are read from what is known of it.
pub(super) type OfFacts = [Column; 21];

/// What the columns of a call hold, of which these are the facts.
pub(super) fn of(known: &Known, facts: Facts) -> OfFacts {
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
pub(super) fn changed(before: &OfFacts, after: OfFacts) -> Vec<Column> {
    after
        .into_iter()
        .zip(before)
        .filter(|(after, before)| after != *before)
        .map(|(after, _)| after)
        .collect()
}

/// What is to be written of a call.
#[derive(Debug)]
pub(super) struct Row<'a> {
    pub(super) id: &'a str,
    pub(super) tenant_id: &'a str,
    pub(super) columns: Vec<Column>,
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

/// Writes columns of calls that are there, of as many with one statement as differ in the
/// same ones. Gives their rows of the list.
pub(super) async fn update(
    write: &mut Write,
    calls: Vec<Row<'_>>,
) -> Result<Vec<AnyRow>, StoreError> {
    let mut alike: BTreeMap<Vec<&str>, Vec<Row<'_>>> = BTreeMap::new();
    for call in calls {
        let names = call.columns.iter().map(|(name, _)| *name).collect();
        alike.entry(names).or_default().push(call);
    }
    let mut written = Vec::new();
    for (names, calls) in alike {
        let set = names.iter().zip(2..);
        let set: Vec<_> = set
            .map(|(name, place)| format!("{name} = v.column{place}"))
            .collect();
        for calls in at_once(&calls) {
            let sql = format!(
                "UPDATE calls SET {} FROM (VALUES {}) AS v WHERE calls.id = v.column1{RETURNED}",
                set.join(", "),
                values(calls, 1)
            );
            let query = sqlx::query(AssertSqlSafe(sql));
            let query = calls.iter().fold(query, |query, call| {
                bound(query.bind(call.id), &call.columns)
            });
            written.extend(query.fetch_all(write.connection()).await?);
        }
    }
    Ok(written)
}

/// Adds calls, all with the same columns; not those that are there, or were deleted. Gives
/// their rows of the list, and whether the agent is one the tenant is known to have.
pub(super) async fn insert(
    write: &mut Write,
    calls: &[Row<'_>],
) -> Result<Vec<AnyRow>, StoreError> {
    let Some(first) = calls.first() else {
        return Ok(Vec::new());
    };
    let names: Vec<_> = first.columns.iter().map(|(name, _)| *name).collect();
    let given: Vec<_> = (2..names.len() + 3)
        .map(|place| format!("v.column{place}"))
        .collect();
    let mut written = Vec::new();
    for calls in at_once(calls) {
        let sql = format!(
            "INSERT INTO calls (id, tenant_id, {}) SELECT v.column1, {} FROM (VALUES {}) AS v \
             WHERE NOT EXISTS (SELECT 1 FROM erased_calls e WHERE e.call_id = v.column1) \
             ON CONFLICT (id) DO NOTHING{RETURNED}, CAST(CASE WHEN EXISTS (SELECT 1 FROM agents a \
                 WHERE a.tenant_id = calls.tenant_id AND a.id = calls.agent_id) \
                 THEN 1 ELSE 0 END AS BIGINT) AS agent_is_known",
            names.join(", "),
            given.join(", "),
            values(calls, 2)
        );
        let query = sqlx::query(AssertSqlSafe(sql));
        let query = calls.iter().fold(query, |query, call| {
            bound(query.bind(call.id).bind(call.tenant_id), &call.columns)
        });
        written.extend(query.fetch_all(write.connection()).await?);
    }
    Ok(written)
}

/// The places of what is bound for calls: so many names of each, and then its columns.
fn values(calls: &[Row<'_>], names: usize) -> String {
    let mut place = 0;
    let mut next = || {
        place += 1;
        place
    };
    let rows: Vec<_> = calls
        .iter()
        .map(|call| {
            let mut row: Vec<_> = (0..names).map(|_| format!("${}", next())).collect();
            row.extend(
                call.columns
                    .iter()
                    .map(|(_, content)| content.place(next())),
            );
            format!("({})", row.join(", "))
        })
        .collect();
    rows.join(", ")
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
    columns: &'q [Column],
) -> Query<'q, Any, AnyArguments> {
    columns
        .iter()
        .fold(query, |query, (_, content)| match content {
            Content::Text(text) => query.bind(text.as_deref()),
            Content::Integer(number) => query.bind(*number),
            Content::Real(number) => query.bind(number.map(|number| number.to_string())),
        })
}
