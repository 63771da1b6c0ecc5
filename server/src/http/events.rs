//! One call as it happens: the event streams of visitors and of staff.

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::stream::{self, Stream};

use super::problem::ApiError;
use super::public::Ticket;
use super::sse;
use super::staff::Staff;
use crate::live::log::{ENDED_ID, ended_frame, final_snapshot};
use crate::live::{Audience, Frame, Viewer};
use crate::state::App;
use crate::store::Tenant;

/// The routes of this module.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/api/public/web-calls/{id}/events", get(visitor_events))
        .route("/api/desk/calls/{id}/events", get(staff_events))
}

async fn visitor_events(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(ticket): Query<Ticket>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    ticket.check(&app, &id)?;
    let tenant = app
        .store
        .tenant_of_call(&id)
        .await?
        .ok_or_else(ApiError::call_unknown)?;
    follow(
        &app,
        &tenant,
        &id,
        Audience::Visitor,
        sse::last_event_id(&headers),
    )
    .await
}

async fn staff_events(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    follow(
        &app,
        &staff.tenant,
        &id,
        Audience::Staff,
        sse::last_event_id(&headers),
    )
    .await
}

async fn follow(
    app: &App,
    tenant: &Tenant,
    id: &str,
    audience: Audience,
    last_event_id: Option<&str>,
) -> Result<Response, ApiError> {
    let summary = app
        .store
        .call_summary(tenant, id)
        .await?
        .ok_or_else(ApiError::call_unknown)?;
    // It was told that this is over: an answer without content stops it.
    if last_event_id == Some(ENDED_ID) {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    if summary.status.is_live() {
        let viewer = app.hub.watch(id, audience, last_event_id);
        // The end may have come between the question and the watching.
        let now = app.store.call_summary(tenant, id).await?;
        if let Some(now) = now.filter(|now| !now.status.is_live()) {
            app.hub.ended(id, now.disconnection_reason.as_deref());
        }
        return Ok(sse::response(frames(viewer)));
    }
    if let Some(viewer) = app.hub.join(id, audience, last_event_id) {
        return Ok(sse::response(frames(viewer)));
    }
    let call = app
        .store
        .call(tenant, id)
        .await?
        .ok_or_else(ApiError::call_unknown)?;
    let ended = api::live::Ended {
        reason: call.summary.disconnection_reason,
    };
    let all = [final_snapshot(&call.items, audience), ended_frame(&ended)];
    Ok(sse::response(stream::iter(all)))
}

fn frames(viewer: Viewer) -> impl Stream<Item = Frame> + Send {
    stream::unfold(viewer, async |mut viewer| {
        Some((viewer.next().await?, viewer))
    })
}
