//! The columns of a call that are read from Retell's call object. Only those that
//! changed are written: an index is touched where its column is named, and a call
//! is in a dozen.

use crate::calls::facts::{self, Facts};
use crate::calls::{Known, status};

use crate::store::{StoreError, Write};

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
pub(super) fn of(known: &Known, facts: Facts) -> [Column; 20] {
    let status = known.status();
    [
        ("live", status.is_live().into()),
        ("status", status::name(status).into()),
        ("stage", known.stage().name().into()),
        ("has_recording", facts.has_recording().into()),
        ("number_tail", facts.number_tail().map(str::to_owned).into()),
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

/// Writes columns of a call that is there.
pub(super) async fn update(
    write: &mut Write,
    id: &str,
    columns: Vec<Column>,
) -> Result<(), StoreError> {
    let places: Vec<String> = columns
        .iter()
        .zip(2..)
        .map(|((name, content), place)| match content {
            // sqlx 0.9 announces a missing `f64` to PostgreSQL as an `f32`, and the
            // connection then refuses every `f64` in that place: it goes as text.
            Content::Real(_) => format!("{name} = CAST(${place} AS DOUBLE PRECISION)"),
            Content::Text(_) | Content::Integer(_) => format!("{name} = ${place}"),
        })
        .collect();
    let sql = format!("UPDATE calls SET {} WHERE id = $1", places.join(", "));
    let mut query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id);
    for (_, content) in columns {
        query = match content {
            Content::Text(text) => query.bind(text),
            Content::Integer(number) => query.bind(number),
            Content::Real(number) => query.bind(number.map(|number| number.to_string())),
        };
    }
    query.execute(write.connection()).await?;
    Ok(())
}
