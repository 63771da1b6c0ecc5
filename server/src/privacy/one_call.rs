//! Deleting one call, or what was said in it: at Retell first, so that nothing is promised here that
//! is still there.

use crate::accounts::{self, AccountError};
use crate::deeds::{Author, Deed, Deeds};
use crate::store::{Scope, StoreError, Tenant};

/// How much of a call is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// All of it; its id stays, so that nobody brings it back.
    All,
    /// What was said, and what was made of it in words; its figures stay.
    Words,
}

/// Why nothing of a call was deleted.
#[derive(Debug, thiserror::Error)]
pub(super) enum OneCallError {
    /// The tenant has no such call.
    #[error("there is no such call")]
    Unknown,
    /// It goes on.
    #[error("the call is not over")]
    NotOver,
    /// The business's account cannot be used.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// Retell did not delete it.
    #[error(transparent)]
    Retell(#[from] retell::Error),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Deletes so much of a call, and all of it at Retell, which deletes nothing less.
///
/// # Errors
/// When there is no such call, it goes on, or that fails: then nothing was deleted here.
pub(super) async fn delete(
    cx: &accounts::Context,
    tenant: &Tenant,
    id: &str,
    extent: Extent,
    author: &Author,
) -> Result<(), OneCallError> {
    let call = cx.store.calls().find(tenant, id).await?;
    let call = call.ok_or(OneCallError::Unknown)?;
    if call.summary.status.is_live() {
        return Err(OneCallError::NotOver);
    }
    if extent == Extent::Words && call.redacted_at.is_some() {
        return Ok(());
    }
    match cx.account(tenant).await?.client.delete_call(id).await {
        Err(error) if !error.is_not_found() => return Err(error.into()),
        _ => {}
    }
    let (ids, now) = ([id.to_owned()], cx.clock.now_ms());
    let mut write = cx.store.write(Scope::Of(tenant)).await?;
    let deed = match extent {
        Extent::All => {
            cx.keepers
                .erase_calls(&mut write, tenant, &ids, now)
                .await?;
            "call.deleted"
        }
        Extent::Words => {
            cx.keepers
                .redact_calls(&mut write, tenant, &ids, now)
                .await?;
            "call.redacted"
        }
    };
    let deed = Deed::on("call", id, deed);
    Deeds::record(&mut write, tenant, author, &deed, now).await?;
    Ok(write.commit().await?)
}
