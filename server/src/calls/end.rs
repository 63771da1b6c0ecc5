//! Ending a call that goes on.

use crate::accounts::AccountError;
use crate::calls::Context;
use crate::store::{StoreError, Tenant};

/// Why a call was not ended.
#[derive(Debug, thiserror::Error)]
pub enum EndError {
    /// The tenant has no such call.
    #[error("there is no such call")]
    Unknown,
    /// Retell failed.
    #[error("Retell: {0}")]
    Retell(#[from] retell::Error),
    /// The tenant's Retell account cannot be used.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Ends one of the tenant's calls. One that is over already is ended, too. Tells whether this
/// one went on.
///
/// # Errors
/// When there is no such call, or it cannot be ended.
pub async fn end(cx: &Context, tenant: &Tenant, id: &str) -> Result<bool, EndError> {
    let call = cx.store.calls().summary(tenant, id).await?;
    // A registered call may have been joined without our having heard of it.
    if !call.ok_or(EndError::Unknown)?.status.is_live() {
        return Ok(false);
    }
    match cx.account(tenant).await?.client.stop_call(id).await {
        Ok(()) => Ok(true),
        // It was not going on: what was asked for is so.
        Err(error) if error.is_unprocessable() || error.is_not_found() => Ok(false),
        Err(error) => Err(error.into()),
    }
}
