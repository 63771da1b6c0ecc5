//! What somebody looks for while they type: words that were said, or the contact's name.
//!
//! A call is found by one or the other, and the last word may be a beginning. Each way is a filter
//! of its own, read along its own index; few words and numbers that fit are one each, many are
//! looked for along the list. The pages of all are joined.

use std::collections::HashSet;

use api::calls::Number;
use sqlx::{AssertSqlSafe, Row};

use super::CallRows;
use super::place::CallCursor;
use crate::calls::CallFilter;
use crate::store::{Connection, StoreError, Tenant};

/// How many words, and how many numbers, are read along their index, each for itself.
const MOST: usize = 12;
/// How long the beginning of a word is at least that was said (characters): with fewer, too many
/// words begin.
const BEGINNING_CHARS: usize = 3;

/// The ways in which a call may be what a filter looks for.
pub(super) async fn ways(
    db: &mut Connection,
    tenant: &Tenant,
    filter: &CallFilter,
) -> Result<Vec<CallFilter>, StoreError> {
    let plain = CallFilter {
        words: Vec::new(),
        looked_for: Vec::new(),
        ..filter.clone()
    };
    let mut ways = said(db, tenant, filter, &plain).await?;
    let numbers = numbers(db, tenant, &filter.looked_for).await?;
    if numbers.len() > MOST || filter.number.is_some() {
        ways.push(CallFilter {
            named: filter.looked_for.clone(),
            ..plain
        });
    } else {
        ways.extend(numbers.into_iter().map(|number| CallFilter {
            number: Some(Number::Whole(number)),
            ..plain.clone()
        }));
    }
    Ok(ways)
}

/// Those by what was said.
async fn said(
    db: &mut Connection,
    tenant: &Tenant,
    filter: &CallFilter,
    plain: &CallFilter,
) -> Result<Vec<CallFilter>, StoreError> {
    if filter.words.is_empty() {
        return Ok(Vec::new());
    }
    let with = |words: Vec<String>| CallFilter {
        words,
        ..plain.clone()
    };
    let last = filter.looked_for.last().filter(|last| {
        last.chars().count() >= BEGINNING_CHARS && filter.words.iter().any(|word| word == *last)
    });
    let Some(last) = last else {
        return Ok(vec![with(filter.words.clone())]);
    };
    let words = filter.words.iter().filter(|word| *word != last);
    let others: Vec<_> = words.cloned().collect();
    let begun = beginning_with(db, tenant, last).await?;
    if begun.len() > MOST {
        return Ok(vec![CallFilter {
            beginning: Some(last.clone()),
            ..with(others)
        }]);
    }
    let all = begun.into_iter().map(|word| {
        let words = others.iter().cloned().chain([word]);
        with(words.collect())
    });
    Ok(all.collect())
}

/// The words that were said and begin so: [`MOST`], and one more where there are more. From one to
/// the next, however often each was said.
async fn beginning_with(
    db: &mut Connection,
    tenant: &Tenant,
    beginning: &str,
) -> Result<Vec<String>, StoreError> {
    let chars = beginning.chars().count();
    let sql = format!(
        "WITH RECURSIVE seen (word, n) AS ( \
             SELECT (SELECT MIN(word) FROM said_words WHERE tenant_id = $1 AND word >= $2), 1 \
             UNION ALL \
             SELECT (SELECT MIN(s.word) FROM said_words s WHERE s.tenant_id = $1 \
                 AND s.word > seen.word), n + 1 \
             FROM seen WHERE SUBSTR(seen.word, 1, {chars}) = $2 AND n <= {MOST} \
         ) SELECT word FROM seen WHERE word IS NOT NULL"
    );
    let rows = sqlx::query(AssertSqlSafe(sql))
        .bind(tenant.id())
        .bind(beginning)
        .fetch_all(db)
        .await?;
    let mut words = Vec::new();
    for row in &rows {
        words.push(row.try_get::<String, _>("word")?);
    }
    words.retain(|word| word.starts_with(beginning));
    Ok(words)
}

/// The numbers of contacts of whose name each of these words begins one: [`MOST`], and one more
/// where there are more.
async fn numbers(
    db: &mut Connection,
    tenant: &Tenant,
    words: &[String],
) -> Result<Vec<String>, StoreError> {
    let tests = (2..2 + words.len()).map(|place| format!(" AND {NAME} LIKE ${place}"));
    let sql = format!(
        "SELECT n.number FROM contacts k JOIN contact_numbers n ON n.tenant_id = k.tenant_id \
             AND n.contact_id = k.id \
         WHERE k.tenant_id = $1{} LIMIT {}",
        tests.collect::<String>(),
        MOST + 1
    );
    let query = sqlx::query(AssertSqlSafe(sql)).bind(tenant.id());
    let query = words
        .iter()
        .fold(query, |query, word| query.bind(begins(word)));
    let rows = query.fetch_all(db).await?;
    let numbers = rows.iter().map(|row| row.try_get("number"));
    Ok(numbers.collect::<Result<_, _>>()?)
}

/// The name of the contact `k`, each word with a space before it.
pub(super) const NAME: &str = "(' ' || COALESCE(k.name_folded, ''))";

/// What has a word that begins so, each with a space before it. Words are letters and digits.
pub(super) fn begins(word: &str) -> String {
    format!("% {word}%")
}

impl CallRows {
    /// The pages of several filters as one of so many calls: no further than the one that came the
    /// least far.
    pub(super) fn joined(pages: Vec<Self>, limit: usize) -> Self {
        let place = |cursor: &CallCursor| (cursor.live, cursor.place.clone());
        let mut ends = pages
            .iter()
            .filter_map(|page| Some((page.next.clone()?, page.searched_to)));
        let first = ends.next();
        let end = ends.fold(first, |nearest, end| match nearest {
            Some(nearest) if place(&nearest.0) >= place(&end.0) => Some(nearest),
            _ => Some(end),
        });
        let mut calls: Vec<_> = pages.into_iter().flat_map(|page| page.calls).collect();
        calls.sort_by_key(|call| std::cmp::Reverse(place(&CallCursor::after(call))));
        let mut seen = HashSet::new();
        calls.retain(|call| {
            let is_near = end
                .as_ref()
                .is_none_or(|(end, _)| place(&CallCursor::after(call)) >= place(end));
            is_near && seen.insert(call.id.clone())
        });
        let more = calls.len() > limit;
        calls.truncate(limit);
        let (next, searched_to) = match end {
            _ if more => (calls.last().map(CallCursor::after), None),
            Some((next, searched_to)) => (Some(next), searched_to),
            None => (None, None),
        };
        Self {
            calls,
            next,
            searched_to,
        }
    }
}
