//! The archive: gzip of JSON lines. The first says what it is; then each table
//! is a line with its name and columns, and a line for every row; the last
//! counts and sums up everything before it, so that half an archive is none.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::store::Cell;

/// Stands in the first line.
pub(super) const FORMAT: &str = "switchboard-backup";
/// Of this text; not of the schema.
pub(super) const FORMAT_VERSION: u32 = 1;

/// The first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// [`FORMAT`].
    pub format: String,
    /// [`FORMAT_VERSION`].
    pub format_version: u32,
    /// The version of the schema: the newest migration that had run.
    pub migration: i64,
    /// When it was made (Unix ms).
    pub made_at: i64,
    /// Switchboard's version.
    pub made_by: String,
}

/// Before a table's rows.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct TableLine {
    pub(super) table: String,
    pub(super) columns: Vec<String>,
}

/// What is said of a table at the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableCount {
    /// Its name.
    pub table: String,
    /// How many rows it has.
    pub rows: u64,
}

/// The last line.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Footer {
    pub(super) end: Vec<TableCount>,
    /// SHA-256 of every line before, in hex.
    pub(super) sha256: String,
}

/// Sums lines up.
#[derive(Default)]
pub(super) struct Sum(Sha256);

impl Sum {
    pub(super) fn add(&mut self, line: &[u8]) {
        self.0.update(line);
    }

    pub(super) fn hex(&self) -> String {
        hex::encode(self.0.clone().finalize())
    }
}

/// A row as its line holds it. What JSON cannot say exactly is an object.
pub(super) fn to_json(row: Vec<Cell>) -> Value {
    row.into_iter()
        .map(|cell| match cell {
            Cell::Null => Value::Null,
            Cell::Integer(value) => value.into(),
            Cell::Real(value) => json!({"real": value.to_string()}),
            Cell::Text(value) => value.into(),
            Cell::Bytes(value) => json!({"base64": STANDARD.encode(value)}),
        })
        .collect()
}

/// What [`to_json`] made; `None` for anything else.
pub(super) fn from_json(row: Value) -> Option<Vec<Cell>> {
    let Value::Array(row) = row else { return None };
    row.into_iter()
        .map(|value| match value {
            Value::Null => Some(Cell::Null),
            Value::Number(value) => value.as_i64().map(Cell::Integer),
            Value::String(value) => Some(Cell::Text(value)),
            Value::Object(value) => match (value.get("real"), value.get("base64")) {
                (Some(real), None) => real.as_str()?.parse().ok().map(Cell::Real),
                (None, Some(bytes)) => STANDARD.decode(bytes.as_str()?).ok().map(Cell::Bytes),
                _ => None,
            },
            Value::Bool(_) | Value::Array(_) => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_value_reads_back_as_it_was() {
        let row = vec![
            Cell::Null,
            Cell::Integer(i64::MIN),
            Cell::Integer(i64::MAX),
            Cell::Real(0.1 + 0.2),
            Cell::Real(-1e-300),
            Cell::Real(7.0),
            Cell::Text("Zoë \"said\"\n\u{1F600}".to_owned()),
            Cell::Bytes(vec![0, 255, 10]),
            Cell::Bytes(Vec::new()),
        ];
        let line = to_json(row.clone()).to_string();
        assert!(!line.contains('\n'));
        let back = from_json(serde_json::from_str(&line).unwrap());
        assert_eq!(back, Some(row));
    }

    #[test]
    fn what_is_no_row_is_refused() {
        for text in ["{}", "[true]", "[1.5]", "[{\"base64\": \"!\"}]", "[[]]"] {
            assert_eq!(
                from_json(serde_json::from_str(text).unwrap()),
                None,
                "{text}"
            );
        }
    }
}
