//! Two contacts that are one person.

use api::contacts::{Contact, ContactDetails, MergeContacts};

use super::{Written, Wrong, checked};
use crate::deeds::Author;
use crate::ground::Ground;
use crate::store::{StoreError, Tenant};

/// Why two contacts are not made one.
#[derive(Debug, thiserror::Error)]
pub(super) enum MergeError {
    /// There are not two.
    #[error("There is no such contact, or it is the same.")]
    NotTwo,
    /// What is to be known of them cannot be.
    #[error(transparent)]
    Wrong(#[from] Wrong),
    /// The database failed, or somebody else changed one of them.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes two contacts one: the first stays, a change of the revision `read`.
pub(super) async fn merge(
    cx: &Ground,
    tenant: &Tenant,
    id: &str,
    merge: &MergeContacts,
    read: Option<i64>,
    author: &Author,
) -> Result<Written, MergeError> {
    let contacts = cx.store.contacts();
    let stays = contacts.find(tenant, id).await?;
    let goes = contacts.find(tenant, &merge.other).await?;
    let (Some(stays), Some(goes)) = (stays, goes) else {
        return Err(MergeError::NotTwo);
    };
    if stays.id == goes.id {
        return Err(MergeError::NotTwo);
    }
    let details = checked(with_numbers(&merge.details, &stays, &goes))?;
    let both = ((id, read), (merge.other.as_str(), merge.other_revision));
    let now = cx.clock.now_ms();
    let merged = contacts.merge(&cx.keepers, tenant, both, &details, author, now);
    Ok(merged.await?)
}

/// With every number of both: what happened with a number is found by it.
fn with_numbers(details: &ContactDetails, stays: &Contact, goes: &Contact) -> ContactDetails {
    let of_both = stays.details.phones().chain(goes.details.phones());
    let mut details = details.clone();
    details.more_phones.extend(of_both.map(str::to_owned));
    details
}
