//! What the desk and the API both do with the webhook inbox.

use api::inbox::{DeliveryDetail, DeliveryFilter, DeliveryPage, Replay, Replayed};
use api::problem::slug;
use axum::http::StatusCode;

use super::lasting;
use super::paging::Page;
use super::problem::{ApiError, body_invalid};
use crate::audit::Author;
use crate::state::App;
use crate::store::{DeliveryScope, Tenant};

/// How many deliveries may be named at once.
const REPLAY_IDS_MAX: usize = 500;

/// A page of the tenant's deliveries.
pub(super) async fn page(
    app: &App,
    tenant: &Tenant,
    page: &Page,
    filter: &DeliveryFilter,
) -> Result<DeliveryPage, ApiError> {
    let scope = DeliveryScope::Of(tenant);
    let mut rows = app
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
pub(super) async fn one(app: &App, tenant: &Tenant, id: &str) -> Result<DeliveryDetail, ApiError> {
    let delivery = app.store.delivery(DeliveryScope::Of(tenant), id).await?;
    delivery.ok_or_else(ApiError::not_found)
}

/// Has deliveries of the tenant worked on again.
pub(super) async fn replay(
    app: &App,
    tenant: &Tenant,
    replay: Replay,
    author: &Author,
) -> Result<Replayed, ApiError> {
    let (scope, now) = (DeliveryScope::Of(tenant), app.clock.now_ms());
    let store = &app.store;
    let count = match (replay.ids, replay.filter) {
        (Some(ids), None) if (1..=REPLAY_IDS_MAX).contains(&ids.len()) => {
            store.replay_deliveries(scope, &ids, author, now).await?
        }
        (None, Some(filter)) => {
            let (store, tenant, author) = (store.clone(), tenant.clone(), author.clone());
            lasting::to_the_end(async move {
                let scope = DeliveryScope::Of(&tenant);
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
