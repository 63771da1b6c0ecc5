//! Looking for what there is about somebody, and making their copy: in steps, each a transaction
//! that notes in the job where the next one goes on.

use api::privacy::{PersonFound, Traces};
use serde::{Deserialize, Serialize};

use super::{count, document, head, of_person, tail, traces};
use crate::calls::PersonCall;
use crate::ground::Ground;
use crate::store::{StoreError, Tenant};

/// How many calls a step looks up and copies, when it finds as many.
const CALLS_AT_ONCE: usize = 20;

/// How far a search is: all that its job has to know. Names nobody.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Searching {
    /// Which search.
    pub(super) search: String,
    /// The last call that was looked at.
    after: Option<PersonCall>,
    /// How many pieces of the copy there are.
    pub(super) pieces: i64,
    /// How much was found.
    found: Traces,
    /// The calls that went on: once they are over they come again, further on.
    live: Vec<String>,
}

impl Searching {
    /// Searches on and makes the rest of the copy, unless that is done.
    pub(super) async fn go_on(
        mut self,
        cx: &Ground,
        tenant: &Tenant,
        job_id: &str,
    ) -> Result<(), StoreError> {
        let (keepers, store) = (&cx.keepers, &cx.store);
        let Some(person) = store.searches().open(tenant, &self.search).await? else {
            return Ok(());
        };
        let head = head(tenant, &person, cx.clock.now_ms());
        loop {
            let after = self.after.as_ref();
            let (mut calls, last) = store.calls().next_of_person(tenant, &person, after).await?;
            calls.retain(|call| !self.live.contains(&call.id));
            for calls in calls.chunks(CALLS_AT_ONCE) {
                let ids: Vec<_> = calls.iter().map(|call| call.id.clone()).collect();
                let mut piece = match self.pieces {
                    0 => head.clone(),
                    _ => ",".to_owned(),
                };
                for (index, id) in ids.iter().enumerate() {
                    piece.push_str(if index == 0 { "" } else { "," });
                    piece.push_str(&document(keepers, store, tenant, id).await?);
                }
                self.found += traces(keepers, store, tenant, &ids, &[]).await?;
                let live = calls.iter().filter(|call| call.live);
                self.live.extend(live.map(|call| call.id.clone()));
                self.after = calls.last().cloned();
                self.pieces += 1;
                let searches = store.searches();
                searches.is_at(tenant, job_id, &self, Some(&piece)).await?;
            }
            if last.is_none() {
                break;
            }
            self.after = last;
            store.searches().is_at(tenant, job_id, &self, None).await?;
        }
        let others = of_person(keepers, store, tenant, &person).await?;
        self.found += traces(keepers, store, tenant, &[], &others).await?;
        let begun = if self.pieces == 0 { &*head } else { "" };
        let piece = format!("{begun}{}", tail(&others));
        self.pieces += 1;
        let found = PersonFound {
            person: person.as_str().to_owned(),
            found: self.found,
            live_calls: count(self.live.len()),
        };
        store.searches().end(tenant, &self, &piece, &found).await
    }
}
