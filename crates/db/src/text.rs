//! What texts are to a database.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Error;

/// How long a name may be (bytes). An entry of an index has room for a few of them,
/// and so has what is told between servers.
pub const NAME_BYTES: usize = 512;

/// Whether a new row can be named so: PostgreSQL refuses a text that no index has room for.
#[must_use]
pub fn can_be_named(text: &str) -> bool {
    text.len() <= NAME_BYTES
}

/// What a page of a list holds, the newest first: the rows before the one whose
/// id is the statement's parameter in this place, or all of them. There is no
/// text to begin with that sorts after every id: databases sort by their own
/// collation.
#[must_use]
pub fn older_than(id: &str, before: Option<&str>, place: usize) -> String {
    match before {
        Some(_) => format!("{id} < ${place}"),
        None => format!("${place} IS NULL"),
    }
}

/// JSON of our own types, for a TEXT column.
#[must_use]
pub fn to_json<T: Serialize>(value: &T) -> String {
    #[expect(
        clippy::expect_used,
        reason = "maps with text keys and plain values always serialise"
    )]
    serde_json::to_string(value).expect("our own types serialise")
}

/// What [`to_json`] wrote.
///
/// # Errors
/// [`Error::Corrupt`] when it did not write that.
pub fn from_json<T: DeserializeOwned>(
    text: &str,
    table: &'static str,
    id: &str,
) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|source| Error::Corrupt {
        table,
        id: id.to_owned(),
        source,
    })
}
