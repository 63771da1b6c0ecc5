//! Keeping entries, many with one statement: each statement costs a way to the
//! database and back.

use std::collections::HashSet;

use sqlx::Row;

use super::super::InboxEntries;
use super::{NewEntry, Outcome};
use crate::store::{Connection, StoreError, at_once, fit_at_once, places, to_json};

/// How many values of a row are bound; the two after them are zero.
const BOUND: usize = 19;

impl NewEntry {
    fn dedupe_key(&self) -> Option<&str> {
        Some(self.vouched.as_ref()?.dedupe_key.as_str())
    }
}

impl InboxEntries<'_> {
    /// Whether these entries go into one statement.
    pub(crate) fn fit_one_statement(new: &[&NewEntry]) -> bool {
        let mut keys = HashSet::new();
        fit_at_once(new.len())
            && new
                .iter()
                .all(|new| new.dedupe_key().is_none_or(|key| keys.insert(key)))
    }

    /// Keeps entries, or notes that they came again. Gives what became of each,
    /// in their order.
    pub(crate) async fn insert(
        connection: &mut Connection,
        new: &[&NewEntry],
    ) -> Result<Vec<Outcome>, StoreError> {
        let mut outcomes = vec![Outcome::Stored; new.len()];
        let mut left: Vec<usize> = (0..new.len()).collect();
        // Every server takes the rows that come again in the same order, so that none
        // waits for one that waits for it.
        left.sort_by_key(|index| new[*index].dedupe_key());
        while !left.is_empty() {
            // A statement may name a row once: what came twice is for the next round.
            let mut keys = HashSet::new();
            let is_first =
                |index: &usize| new[*index].dedupe_key().is_none_or(|key| keys.insert(key));
            let (these, others): (Vec<_>, Vec<_>) = left.into_iter().partition(is_first);
            left = others;
            for these in at_once(&these) {
                let rows: Vec<_> = these.iter().map(|index| new[*index]).collect();
                let repeated = insert(connection, &rows).await?;
                for index in these {
                    let key = new[*index].dedupe_key();
                    if key.is_some_and(|key| repeated.contains(key)) {
                        outcomes[*index] = Outcome::Duplicate;
                    }
                }
            }
        }
        Ok(outcomes)
    }
}

/// The statement that adds so many rows.
fn statement(rows: usize) -> String {
    let mut sql = String::from(
        "INSERT INTO webhook_deliveries (id, received_at, body, body_sha256, signature, \
             content_type, user_agent, remote_ip, verdict, dedupe_key, signed_at, event, call_id, \
             state, due_at, signers, tenant_id, processed_at, outcome, duplicates, attempts) VALUES ",
    );
    for row in 0..rows {
        sql.push_str(if row == 0 { "(" } else { ", (" });
        sql.push_str(&places(row * BOUND + 1, BOUND));
        sql.push_str(", 0, 0)");
    }
    sql.push_str(
        " ON CONFLICT (dedupe_key) DO UPDATE SET \
             duplicates = webhook_deliveries.duplicates + 1, \
             duplicate_at = excluded.received_at \
         RETURNING dedupe_key, duplicates",
    );
    sql
}

/// Adds rows of which none is named twice. Gives the keys of those that came before.
async fn insert(
    connection: &mut Connection,
    rows: &[&NewEntry],
) -> Result<HashSet<String>, StoreError> {
    let mut query = sqlx::query(sqlx::AssertSqlSafe(statement(rows.len())));
    for new in rows {
        let vouched = new.vouched.as_ref();
        let answered = new.answered.as_ref();
        let state = match answered {
            Some(_) => "done",
            None => new.verdict.state(),
        };
        let event = vouched.and_then(|vouched| vouched.event.as_deref());
        let call_id = vouched.and_then(|vouched| vouched.call_id.as_deref());
        query = query
            .bind(&new.id)
            .bind(new.received_at)
            .bind(new.body.as_slice())
            .bind(&new.body_sha256)
            .bind(&new.signature)
            .bind(&new.content_type)
            .bind(&new.user_agent)
            .bind(&new.remote_ip)
            .bind(new.verdict.name())
            .bind(new.dedupe_key())
            .bind(vouched.map(|vouched| vouched.signed_at))
            .bind(event)
            .bind(call_id)
            .bind(state)
            .bind((state == "pending").then_some(new.due_at))
            .bind(vouched.map(|vouched| to_json(&vouched.signers)))
            .bind(&new.tenant_id)
            .bind(answered.map(|(at, _)| *at))
            .bind(answered.map(|(_, answer)| answer.as_str()));
    }
    let mut repeated = HashSet::new();
    for row in query.fetch_all(connection).await? {
        let duplicates: i64 = row.try_get("duplicates")?;
        let key: Option<String> = row.try_get("dedupe_key")?;
        if duplicates > 0 {
            repeated.extend(key);
        }
    }
    Ok(repeated)
}
