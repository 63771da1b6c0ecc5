//! What the desk and the API both do with the list of calls.

use api::calls::CallQuery;
use api::desk::CallPage;

use super::paging::Page;
use super::problem::{ApiError, request_invalid};
use crate::calls::CallFilter;
use crate::state::App;
use crate::store::Tenant;

/// A page of the tenant's calls.
pub(super) async fn page(
    app: &App,
    tenant: &Tenant,
    page: &Page,
    query: &CallQuery,
) -> Result<CallPage, ApiError> {
    let filter = CallFilter::of(query, tenant.timezone())
        .map_err(|error| request_invalid(error.to_string()))?;
    let after = page
        .cursor()
        .map(str::parse)
        .transpose()
        .map_err(|()| request_invalid("The cursor is not one this list gave."))?;
    let rows = app
        .store
        .call_page(tenant, &filter, after.as_ref(), page.rows())
        .await?;
    Ok(CallPage {
        items: rows.calls,
        next_cursor: rows.next.map(|next| next.to_string()),
        searched_to: rows.searched_to,
    })
}
