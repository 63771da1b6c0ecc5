//! Calls as they are shown, and their routes.

mod imports;
mod marks;
mod notes;
mod problem;
pub(crate) mod public;
mod read;
mod recording;
mod start;
mod views;
mod visitor;
mod wrap_up;

use api::calls::{CallQuery, DeeperQuery};
use api::desk::{CallDetail, CallPage, CallSummary};
use api::keys::ApiScope;

use super::CallFilter;
use crate::calls::Context;
use crate::ground::Ground;
use crate::people;
use crate::store::Tenant;
use crate::web::paging::PageQuery;
use crate::web::problem::{ApiError, request_invalid};
use crate::web::{Routes, Shared};
use axum::extract::FromRef;

/// The routes of this domain.
pub(crate) fn routes<S: Shared>() -> Routes<S>
where
    Ground: FromRef<S>,
    Context: FromRef<S>,
    people::Context: FromRef<S>,
{
    Routes::new()
        .open(public::routes())
        .open(visitor::routes())
        .and(read::routes())
        .and(wrap_up::routes())
        .and(notes::routes())
        .and(views::routes())
        .and(marks::routes())
        .desk(imports::routes())
        .and(start::routes())
}

/// One of the tenant's calls, and what its visitor said about it.
async fn detail(cx: &Context, tenant: &Tenant, id: &str) -> Result<CallDetail, ApiError> {
    let call = cx.store.calls().find(tenant, id).await?;
    let call = call.ok_or_else(ApiError::call_unknown)?;
    Ok(call.into_detail())
}

/// The call as whoever asks may see it: who its contact is, is the contacts' to tell.
fn seen_by(asks: impl FnOnce(ApiScope) -> Result<(), ApiError>, call: &mut CallSummary) {
    if asks(ApiScope::ContactsRead).is_err() {
        call.contact_name = None;
    }
}

/// Which calls are asked for.
fn wanted(
    tenant: &Tenant,
    query: &CallQuery,
    deeper: &DeeperQuery,
) -> Result<CallFilter, ApiError> {
    CallFilter::of(query, tenant.timezone())
        .and_then(|filter| filter.and(deeper))
        .map_err(|error| request_invalid(error.to_string()))
}

/// A page of the tenant's calls.
async fn page(
    cx: &Context,
    tenant: &Tenant,
    page: &PageQuery,
    filter: &CallFilter,
) -> Result<CallPage, ApiError> {
    let after = page.after()?;
    let rows = cx
        .store
        .calls()
        .page(tenant, filter, after.as_ref(), page.rows())
        .await?;
    Ok(CallPage {
        items: rows.calls,
        next_cursor: rows.next.map(|next| next.to_string()),
        searched_to: rows.searched_to,
    })
}
