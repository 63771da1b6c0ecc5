//! The Retell account of the business that asks, for what concerns all of it.

use std::sync::Arc;

use super::caller::ApiCaller;
use crate::http::problem::ApiError;
use crate::state::App;
use crate::tenants::Account;

/// The account, if everything in it is the business's own: others' agents and
/// numbers are not to be seen, let alone deleted.
pub(super) async fn whole_account(app: &App, caller: &ApiCaller) -> Result<Arc<Account>, ApiError> {
    if !app.has_account_to_itself(&caller.tenant).await? {
        return Err(ApiError::own_account_required());
    }
    Ok(app.account(&caller.tenant).await?)
}
