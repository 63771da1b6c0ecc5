//! Lists by pages (retell-protocol H). A page's key tells a place, not a row:
//! it survives that the row is deleted.

use serde_json::{Value, json};

use super::Fields;
use crate::error::ApiError;

/// Rows of a page if nothing is said.
const USUAL_LIMIT: u64 = 50;

/// One page of rows that are given oldest first, each with its place, which
/// no other has. Newest first, unless the request says otherwise; `name` is
/// the list's, and its keys are none for others.
///
/// # Errors
/// When the request's key is none of this list's, or stands beside `skip`.
pub(crate) fn page<P: Ord + Clone + serde::Serialize + serde::de::DeserializeOwned>(
    name: &str,
    mut rows: Vec<(P, Value)>,
    asked: &Fields,
) -> Result<Value, ApiError> {
    let order = asked.get("sort_order").and_then(Value::as_str);
    let ascending = order.is_some_and(|order| order.starts_with("asc"));
    if !ascending {
        rows.reverse();
    }
    let total = rows.len();
    if let Some(key) = asked.get("pagination_key").and_then(Value::as_str) {
        if asked.contains_key("skip") {
            let message = "skip and pagination_key exclude each other".to_owned();
            return Err(ApiError::bad_request(message));
        }
        let place = read_key::<P>(name, key)
            .ok_or_else(|| ApiError::bad_request("pagination_key is not valid".to_owned()))?;
        rows.retain(|(at, _)| if ascending { *at > place } else { *at < place });
    }
    let number = |name: &str| asked.get(name).and_then(Value::as_u64);
    let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let limit = count(number("limit").unwrap_or(USUAL_LIMIT));
    let mut rows = rows.into_iter().skip(count(number("skip").unwrap_or(0)));
    let items: Vec<(P, Value)> = rows.by_ref().take(limit).collect();
    let has_more = rows.next().is_some();
    let last = items.last().map(|(place, _)| place.clone());
    let items: Vec<Value> = items.into_iter().map(|(_, row)| row).collect();
    let mut page = json!({ "items": items, "has_more": has_more });
    if let Some(last) = last.filter(|_| has_more) {
        page["pagination_key"] = key(name, &last).into();
    }
    if asked.get("include_total") == Some(&Value::Bool(true)) {
        page["total"] = total.into();
    }
    Ok(page)
}

fn key<P: serde::Serialize>(name: &str, place: &P) -> String {
    hex::encode(json!([name, place]).to_string())
}

fn read_key<P: serde::de::DeserializeOwned>(name: &str, key: &str) -> Option<P> {
    let bytes = hex::decode(key).ok()?;
    let (of, place): (String, P) = serde_json::from_slice(&bytes).ok()?;
    (of == name).then_some(place)
}
