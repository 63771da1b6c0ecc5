//! What a business keeps about people: for how long, what there is about one of
//! them, and how it is given out or erased.

pub(crate) mod http;
pub mod jobs;
pub mod retention;
mod store;

use api::privacy::{Erased, PersonFound, Traces};
use axum::extract::FromRef;
use serde_json::{Map, Value, json};

use crate::deeds::{Author, Deed};
use crate::domain::{Domain, Task};
use crate::ground::Ground;
use crate::keeps::{Keepers, OfPeople};
use crate::person::Person;
use crate::store::{Scope, Store, StoreError, Tenant};
use crate::web::Shared;
use crate::{accounts, people};

/// What others have to know of this domain.
pub(crate) const fn domain<S: Shared>() -> Domain<S>
where
    Ground: FromRef<S>,
    accounts::Context: FromRef<S>,
    people::Context: FromRef<S>,
{
    Domain {
        deeds: &[
            "person.erased",
            "person.exported",
            "retention.applied",
            "retention.changed",
        ],
        jobs: || vec![jobs::handler()],
        tasks: || vec![Task::new("retention", jobs::run)],
        ..Domain::new("privacy", http::routes)
    }
}

/// How many calls are erased with one transaction.
pub const CALLS_AT_ONCE: usize = 100;

/// Why somebody was not erased.
#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    /// Nobody could administer the business any more.
    #[error("this is the business's last admin")]
    LastAdmin,
    /// The database failed. What is gone by then is in the trail.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What there is about somebody.
pub async fn find(
    keepers: &Keepers,
    store: &Store,
    tenant: &Tenant,
    person: &Person,
) -> Result<PersonFound, StoreError> {
    let calls = store.calls_of_person(tenant, person).await?;
    let live = calls.iter().filter(|call| call.live).count();
    let ids: Vec<_> = calls.into_iter().map(|call| call.id).collect();
    let found = of_person(keepers, store, tenant, person).await?;
    Ok(PersonFound {
        person: person.as_str().to_owned(),
        found: traces(keepers, store, tenant, &ids, &found).await?,
        live_calls: count(live),
    })
}

/// Everything there is about somebody, as one JSON document.
pub async fn export(
    keepers: &Keepers,
    store: &Store,
    tenant: &Tenant,
    person: &Person,
    author: &Author,
    now: i64,
) -> Result<Value, StoreError> {
    let calls = store.calls_of_person(tenant, person).await?;
    let mut documents = Vec::new();
    for call in &calls {
        let mut document = Map::new();
        for of_calls in keepers.of_calls() {
            (of_calls.export)(store, tenant, &call.id, &mut document).await?;
        }
        documents.push(document);
    }
    let others = of_person(keepers, store, tenant, person).await?;
    let deed = Deed::of_business("person.exported", json!({"calls": documents.len()}));
    store.record_deed(tenant, author, &deed, now).await?;
    let mut everything = json!({
        "made_at": now,
        "business": tenant.name(),
        "person": person.as_str(),
        "calls": documents,
    });
    for (of_people, rows) in others {
        everything[of_people.name] = rows.into();
    }
    Ok(everything)
}

/// Erases somebody here; with `retell`, Retell deletes the calls first. A call
/// that goes on, or that Retell does not delete, is left.
///
/// # Errors
/// When that fails, or the business would be without an admin.
pub async fn erase(
    keepers: &Keepers,
    store: &Store,
    tenant: &Tenant,
    person: &Person,
    retell: Option<&retell::Client>,
    author: &Author,
    now: i64,
) -> Result<Erased, EraseError> {
    // Asked first, so that Retell deletes nothing in vain; and again with what is
    // deleted here, because another admin may go meanwhile.
    if store.is_last_admin(tenant, person).await? {
        return Err(EraseError::LastAdmin);
    }
    let calls = store.calls_of_person(tenant, person).await?;
    let (live, over): (Vec<_>, Vec<_>) = calls.into_iter().partition(|call| call.live);
    let mut gone = Vec::new();
    let mut refused_by_retell = Vec::new();
    for call in over {
        let deleted = match retell {
            Some(retell) => deleted_at_retell(retell, &call.id).await,
            None => true,
        };
        if deleted {
            gone.push(call.id);
        } else {
            refused_by_retell.push(call.id);
        }
    }
    let step = Step {
        keepers,
        store,
        tenant,
        person,
        at_retell: retell.is_some(),
        author,
        now,
    };
    let mut erased = Traces::default();
    let mut gone = gone.as_slice();
    while gone.len() > CALLS_AT_ONCE {
        let (calls, others) = gone.split_at(CALLS_AT_ONCE);
        erased += step.erase(calls, &[]).await?;
        gone = others;
    }
    let found = of_person(keepers, store, tenant, person).await?;
    erased += step.erase(gone, &found).await?;
    Ok(Erased {
        erased,
        live_calls: count(live.len()),
        refused_by_retell,
    })
}

/// A part of an erasure: what is erased with one transaction, which tells the trail of
/// it, so that nobody else waits for the whole.
struct Step<'a> {
    keepers: &'a Keepers,
    store: &'a Store,
    tenant: &'a Tenant,
    person: &'a Person,
    at_retell: bool,
    author: &'a Author,
    now: i64,
}

impl Step<'_> {
    /// Erases these calls and what was found besides. Gives how much it was.
    async fn erase(
        &self,
        calls: &[String],
        found: &[(&OfPeople, Vec<Value>)],
    ) -> Result<Traces, EraseError> {
        let Self {
            keepers,
            store,
            tenant,
            person,
            at_retell,
            author,
            now,
        } = *self;
        let erased = traces(keepers, store, tenant, calls, found).await?;
        let mut write = store.write(Scope::Of(tenant)).await?;
        // Before anything else is held, which others may wait for.
        if person.email().is_some() {
            store.one_change_of_people(&mut write, tenant).await?;
        }
        let had_admin = people::has_admin(&mut write, tenant).await?;
        keepers.erase_calls(&mut write, tenant, calls, now).await?;
        for (of_people, rows) in found {
            (of_people.erase)(&mut write, tenant, person, rows).await?;
        }
        if had_admin && !people::has_admin(&mut write, tenant).await? {
            return Err(EraseError::LastAdmin);
        }
        // That it was done, but not about whom.
        let details = json!({"erased": erased, "at_retell": at_retell});
        let deed = Deed::of_business("person.erased", details);
        Store::record(&mut write, tenant, author, &deed, now).await?;
        write.commit().await?;
        Ok(erased)
    }
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

async fn deleted_at_retell(retell: &retell::Client, call_id: &str) -> bool {
    match retell.delete_call(call_id).await {
        Ok(()) => true,
        Err(error) if error.is_not_found() => true,
        Err(error) => {
            let route = error.route().unwrap_or_default();
            tracing::warn!(
                call_id,
                route,
                status = error.status(),
                "not deleted at Retell"
            );
            false
        }
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
