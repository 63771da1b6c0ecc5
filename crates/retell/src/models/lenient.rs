//! Readers that forgive what real answers contain: `null` for "nothing",
//! numbers as text or with a fraction, single values where a list is meant.

use serde::{Deserialize, Deserializer, de::DeserializeOwned, de::Error as _};
use serde_json::{Map, Value};

use super::DynamicVariables;

/// `null` is the type's default.
pub(super) fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// An integer that may arrive as `12`, `12.0` or `"12"`.
pub(super) fn integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Spelling {
        Integer(i64),
        Float(f64),
        Text(String),
    }
    match Option::<Spelling>::deserialize(deserializer)? {
        None => Ok(None),
        Some(Spelling::Integer(value)) => Ok(Some(value)),
        // `as` saturates, which is as good as any answer to a number this large.
        Some(Spelling::Float(value)) if value.is_finite() => Ok(Some(value.trunc() as i64)),
        Some(Spelling::Float(_)) => Err(D::Error::custom("not a finite number")),
        Some(Spelling::Text(text)) => text.trim().parse().map(Some).map_err(D::Error::custom),
    }
}

/// Variables are strings; a number or a flag that slipped in becomes its JSON text.
pub(super) fn variables<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<DynamicVariables>, D::Error> {
    let map = Option::<Map<String, Value>>::deserialize(deserializer)?;
    Ok(map.map(|map| {
        map.into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| match value {
                Value::String(text) => (name, text),
                other => (name, other.to_string()),
            })
            .collect()
    }))
}

/// One string or a list of them.
pub(super) fn one_or_many<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrMany {
        One(String),
        Many(Vec<String>),
    }
    Ok(match OneOrMany::deserialize(deserializer)? {
        OneOrMany::One(one) => vec![one],
        OneOrMany::Many(many) => many,
    })
}

/// What nothing depends on: a value of another shape counts as absent.
pub(super) fn if_readable<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned + Default,
{
    Ok(T::deserialize(Value::deserialize(deserializer)?).unwrap_or_default())
}

/// An [`integer`] nothing depends on.
pub(super) fn integer_if_readable<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<i64>, D::Error> {
    Ok(integer(Value::deserialize(deserializer)?).unwrap_or_default())
}

/// The readable elements of a list; an element of another shape is left out, so
/// that one odd element does not cost the rest, and so is what is no list.
pub(super) fn readable<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let values: Vec<Value> = if_readable(deserializer)?;
    Ok(values
        .into_iter()
        .filter_map(|value| T::deserialize(value).ok())
        .collect())
}

/// Tells "the key is there and null" (`Some(None)`) from "the key is absent" (`None`).
pub(super) fn present<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(deserializer).map(Some)
}
