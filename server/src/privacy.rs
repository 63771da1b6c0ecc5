//! What a business keeps about people: for how long, what there is about one of
//! them, and how it is given out or erased.

pub(crate) mod http;
pub mod retention;
mod store;

use api::privacy::{Erased, PersonFound};
use serde_json::{Value, json};

pub use store::{Kept, PersonCall, PersonElsewhere};

use crate::contacts::Person;
use crate::deeds::{Author, Deed};
use crate::store::{Store, StoreError, Tenant};

/// Why somebody was not erased.
#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    /// Nobody could administer the business any more.
    #[error("this is the business's last admin")]
    LastAdmin,
    /// The database failed. Here nothing is gone.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What there is about somebody.
pub async fn find(
    store: &Store,
    tenant: &Tenant,
    person: &Person,
) -> Result<PersonFound, StoreError> {
    let calls = store.calls_of_person(tenant, person).await?;
    let live = calls.iter().filter(|call| call.live).count();
    Ok(PersonFound {
        person: person.as_str().to_owned(),
        found: store.traces(tenant, person, &calls).await?,
        live_calls: count(live),
    })
}

/// Everything there is about somebody, as one JSON document.
pub async fn export(
    store: &Store,
    tenant: &Tenant,
    person: &Person,
    author: &Author,
    now: i64,
) -> Result<Value, StoreError> {
    let calls = store.calls_of_person(tenant, person).await?;
    let mut documents = Vec::new();
    for call in &calls {
        let mut document = store.everything_about_call(tenant, &call.id).await?;
        document["id"] = call.id.as_str().into();
        documents.push(document);
    }
    let others = store.everything_but_calls(tenant, person).await?;
    let deed = Deed {
        action: "person.exported",
        subject_kind: "",
        subject_id: "",
        details: json!({"calls": documents.len()}),
    };
    store.record_deed(tenant, author, &deed, now).await?;
    Ok(json!({
        "made_at": now,
        "business": tenant.name(),
        "person": person.as_str(),
        "calls": documents,
        "contacts": others.contacts,
        "callbacks": others.callbacks,
        "accounts": others.accounts,
        "other_webhooks": others.deliveries,
    }))
}

/// Erases somebody here; with `retell`, Retell deletes the calls first. A call
/// that goes on, or that Retell does not delete, is left.
///
/// # Errors
/// When that fails, or the business would be without an admin.
pub async fn erase(
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
    let mut gone: Vec<PersonCall> = Vec::new();
    let mut refused_by_retell = Vec::new();
    for call in over {
        let deleted = match retell {
            Some(retell) => deleted_at_retell(retell, &call.id).await,
            None => true,
        };
        if deleted {
            gone.push(call);
        } else {
            refused_by_retell.push(call.id);
        }
    }
    let at_retell = retell.is_some();
    let erased = store
        .erase(tenant, person, &gone, at_retell, author, now)
        .await?
        .ok_or(EraseError::LastAdmin)?;
    Ok(Erased {
        erased,
        live_calls: count(live.len()),
        refused_by_retell,
    })
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
