//! What a business keeps about people: for how long, what there is about one of
//! them, and how it is given out or erased.

mod erasing;
pub(crate) mod http;
pub mod jobs;
mod one_call;
pub mod retention;
mod searching;
mod store;

pub use erasing::{CALLS_AT_ONCE, EraseError, erase};

use api::privacy::{PersonFound, Traces};
use axum::extract::FromRef;
use futures_util::{Stream, StreamExt as _, stream};
use serde_json::{Map, Value, json};

use crate::calls::PersonCall;
use crate::deeds::{Author, Deed};
use crate::domain::{Domain, Task};
use crate::ground::Ground;
use crate::keeps::{Keepers, OfPeople};
use crate::person::Person;
use crate::store::{Store, StoreError, Tenant, to_json};
use crate::web::Shared;
use crate::{accounts, people};
pub use store::{Erasures, Retentions, Searches};

/// What others have to know of this domain.
pub(crate) const fn domain<S: Shared>() -> Domain<S>
where
    Ground: FromRef<S>,
    accounts::Context: FromRef<S>,
    people::Context: FromRef<S>,
{
    Domain {
        deeds: &[
            "call.deleted",
            "call.redacted",
            "person.erased",
            "person.exported",
            "retention.applied",
            "retention.changed",
        ],
        jobs: jobs::handlers,
        tasks: || vec![Task::new("retention", jobs::run)],
        keeps: store::KEEPS,
        ..Domain::new("privacy", http::routes)
    }
}

/// All there is about somebody, as it was when it was looked for.
struct Everything<'a> {
    calls: Vec<PersonCall>,
    /// What each domain has, besides what belongs to calls.
    others: Vec<(&'a OfPeople, Vec<Value>)>,
}

impl<'a> Everything<'a> {
    /// Looks through every call, and through whatever else may name somebody, a page at a
    /// time: it takes as long as it takes.
    async fn about(
        keepers: &'a Keepers,
        store: &Store,
        tenant: &Tenant,
        person: &Person,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            calls: store.calls().of_person(tenant, person).await?,
            others: of_person(keepers, store, tenant, person).await?,
        })
    }

    async fn counted(
        &self,
        keepers: &Keepers,
        store: &Store,
        tenant: &Tenant,
        person: &Person,
    ) -> Result<PersonFound, StoreError> {
        let live = self.calls.iter().filter(|call| call.live).count();
        let ids: Vec<_> = self.calls.iter().map(|call| call.id.clone()).collect();
        Ok(PersonFound {
            person: person.as_str().to_owned(),
            found: traces(keepers, store, tenant, &ids, &self.others).await?,
            live_calls: count(live),
        })
    }

    /// One JSON document that is written while it is read: a call at a time.
    fn written(
        self,
        keepers: &Keepers,
        store: &Store,
        tenant: &Tenant,
        person: &Person,
        now: i64,
    ) -> impl Stream<Item = Result<String, StoreError>> + Send + use<> {
        let (head, tail) = (head(tenant, person, now), tail(&self.others));
        let (keepers, store, tenant) = (keepers.clone(), store.clone(), tenant.clone());
        let calls = stream::iter(self.calls.into_iter().enumerate()).then(move |(index, call)| {
            let (keepers, store, tenant) = (keepers.clone(), store.clone(), tenant.clone());
            async move {
                let document = document(&keepers, &store, &tenant, &call.id).await?;
                let comma = if index == 0 { "" } else { "," };
                Ok(format!("{comma}{document}"))
            }
        });
        stream::iter([Ok(head)])
            .chain(calls)
            .chain(stream::iter([Ok(tail)]))
    }
}

/// What a copy begins with; the calls come next, made `now` (Unix ms).
fn head(tenant: &Tenant, person: &Person, now: i64) -> String {
    format!(
        "{{\"made_at\":{now},\"business\":{},\"person\":{},\"calls\":[",
        json!(tenant.name()),
        json!(person.as_str()),
    )
}

/// One call in a copy.
async fn document(
    keepers: &Keepers,
    store: &Store,
    tenant: &Tenant,
    call_id: &str,
) -> Result<String, StoreError> {
    let mut document = Map::new();
    for of_calls in keepers.of_calls() {
        (of_calls.export)(store, tenant, call_id, &mut document).await?;
    }
    Ok(to_json(&document))
}

/// What a copy ends with: all that does not belong to calls.
fn tail(others: &[(&OfPeople, Vec<Value>)]) -> String {
    let others = others.iter();
    let others =
        others.map(|(of_people, rows)| format!(",{}:{}", json!(of_people.name), to_json(rows)));
    format!("]{}}}", others.collect::<String>())
}

/// What there is about somebody.
pub async fn find(
    keepers: &Keepers,
    store: &Store,
    tenant: &Tenant,
    person: &Person,
) -> Result<PersonFound, StoreError> {
    let everything = Everything::about(keepers, store, tenant, person).await?;
    everything.counted(keepers, store, tenant, person).await
}

/// Everything there is about somebody, as one JSON document in pieces.
///
/// # Errors
/// When the database fails, before the first piece or in between.
pub async fn export(
    keepers: &Keepers,
    store: &Store,
    tenant: &Tenant,
    person: &Person,
    author: &Author,
    now: i64,
) -> Result<impl Stream<Item = Result<String, StoreError>> + Send + use<>, StoreError> {
    let everything = Everything::about(keepers, store, tenant, person).await?;
    let deed = exported(count(everything.calls.len()));
    store
        .deeds()
        .record_deed(tenant, author, &deed, now)
        .await?;
    Ok(everything.written(keepers, store, tenant, person, now))
}

/// That somebody's copy was given out, with so many calls.
fn exported(calls: u32) -> Deed<'static> {
    Deed::of_business("person.exported", json!({"calls": calls}))
}

/// What each domain has of somebody, besides what belongs to calls.
async fn of_person<'a>(
    keepers: &'a Keepers,
    store: &Store,
    tenant: &Tenant,
    person: &Person,
) -> Result<Vec<(&'a OfPeople, Vec<Value>)>, StoreError> {
    let mut found = Vec::new();
    for of_people in keepers.of_people() {
        let rows = (of_people.find)(store, tenant, person).await?;
        found.push((of_people, rows));
    }
    Ok(found)
}

/// How much there is of these calls, and of what was found besides.
async fn traces(
    keepers: &Keepers,
    store: &Store,
    tenant: &Tenant,
    calls: &[String],
    found: &[(&OfPeople, Vec<Value>)],
) -> Result<Traces, StoreError> {
    let mut traces = Traces::default();
    for of_calls in keepers.of_calls() {
        (of_calls.count)(store, tenant, calls, &mut traces).await?;
    }
    for (of_people, rows) in found {
        *(of_people.counter)(&mut traces) += count(rows.len());
    }
    Ok(traces)
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
