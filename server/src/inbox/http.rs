//! What the desk and the API both do with the webhook inbox, and its routes.

mod desk;
pub(crate) mod intake;
mod problem;
mod v1;

use api::inbox::{DeliveryDetail, DeliveryFilter, DeliveryPage, Replay, Replayed};
use api::problem::slug;
use axum::http::StatusCode;

use super::InboxScope;
use crate::deeds::Author;
use crate::ground::Ground;
use crate::inbox::Context;
use crate::people;
use crate::store::Tenant;
use crate::web::paging::Page;
use crate::web::problem::{ApiError, body_invalid};
use crate::web::{Routes, Shared, lasting};
use axum::extract::FromRef;

/// The routes of this domain.
pub(crate) fn routes<S: Shared>() -> Routes<S>
where
    Ground: FromRef<S>,
    Context: FromRef<S>,
    people::Context: FromRef<S>,
{
    Routes::new()
        .open(intake::routes())
        .desk(desk::routes())
        .v1(v1::routes())
}

/// How many deliveries may be named at once.
const REPLAY_IDS_MAX: usize = 500;

/// A page of the tenant's deliveries.
pub(crate) async fn page(
    cx: &Context,
    tenant: &Tenant,
    page: &Page,
    filter: &DeliveryFilter,
) -> Result<DeliveryPage, ApiError> {
    let scope = InboxScope::Of(tenant);
    let mut rows = cx
        .store
        .delivery_page(scope, filter, page.cursor(), page.one_more())
        .await?;
    let next_cursor = page.cut(&mut rows, |row| &row.summary.id);
    Ok(DeliveryPage {
        items: rows.into_iter().map(|row| row.summary).collect(),
        next_cursor,
    })
}

/// One of the tenant's deliveries.
pub(crate) async fn one(
    cx: &Context,
    tenant: &Tenant,
    id: &str,
) -> Result<DeliveryDetail, ApiError> {
    let delivery = cx.store.delivery(InboxScope::Of(tenant), id).await?;
    delivery.ok_or_else(ApiError::not_found)
}

/// Has deliveries of the tenant worked on again.
pub(crate) async fn replay(
    cx: &Context,
    tenant: &Tenant,
    replay: Replay,
    author: &Author,
) -> Result<Replayed, ApiError> {
    let (scope, now) = (InboxScope::Of(tenant), cx.clock.now_ms());
    let store = &cx.store;
    let count = match (replay.ids, replay.filter) {
        (Some(ids), None) if (1..=REPLAY_IDS_MAX).contains(&ids.len()) => {
            store.replay_deliveries(scope, &ids, author, now).await?
        }
        (None, Some(filter)) => {
            let (store, tenant, author) = (store.clone(), tenant.clone(), author.clone());
            lasting::to_the_end(async move {
                let scope = InboxScope::Of(&tenant);
                store.replay_matching(scope, &filter, &author, now).await
            })
            .await?
        }
        _ => return Err(body_invalid("Name 1 to 500 deliveries, or a filter.")),
    };
    if count == 0 {
        return Err(ApiError::new(
            StatusCode::CONFLICT,
            slug::NOTHING_TO_REPLAY,
            "None of these deliveries can be worked on again.",
        )
        .detail("What was refused is never acted on, and a question is answered only once."));
    }
    Ok(Replayed { count })
}
